# SPDX-License-Identifier: GPL-2.0
#
# Records of test runs, and the table of what is known to work.

def is_record:
	type == "object" and (.date | type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")) and
	(.host, .qemu, .suite | type == "string" and length > 0) and
	(.kernels | type == "array" and length > 0 and all(.[]; type == "string" and length > 0)) and
	(.passed, .failed, .skipped, .bugs // 0 | type == "number" and . >= 0);

# The release; of an image that is a package's (scripts/kernels), behind the version of that,
# for Debian calls all of 6.1 "6.1.0".
def linux:
	.release as $r |
	((.kernel // "" | split("/") | map(select(startswith("\($r)_"))) | first) // "" |
		ltrimstr("\($r)_") | capture("^(?<v>[0-9]+[.][0-9.]+)").v + "-") // "" | . + $r;

# of_lab($results; $host): of the lab's run.json, if each of its cases has a result
def of_lab($results; $host):
	def count(f): [$results[].verdict | select(f)] | length;
	if .filters != [] or .sample or .shard != "1/1" or .tables != "tests/lab" or
		([$results[].case] | unique | length) != .cases then error("not all")
	else {date: (.began | todate[:10]), suite: "scripts/lab run", $host,
		qemu: (.qemu | capture("version (?<v>[0-9.]+)").v), kernels: [linux],
		passed: count(. == "pass"), bugs: count(. == "known bug"), skipped: count(. == "unsupported"),
		failed: count(IN("pass", "known bug", "unsupported") | not)} end;

# "7.2.22 (Debian ...)" -> [7, 2, 22]
def numbers: [scan("[0-9]+") | tonumber][:3];

# "6.1.192-poisonctl-ours" -> "6.1"
def series: capture("^(?<s>[0-9]+\\.[0-9]+)").s;

# "6.1.192-poisonctl-ours" -> "kernel/dax": whose DAX core or whose build it is, as a person reads it
def core:
	if endswith("-poisonctl-ours") then "kernel/dax"
	elif endswith("-poisonctl-stock") then "its own DAX core"
	elif endswith("-amd64") then "as Debian has it"
	else "another build" end;

def key: [.host, (.qemu | numbers | join(".")), (.kernels[0] | series, core), .suite];

def order: [(.host | split(" ")[0]), (.host | numbers), (.qemu | numbers), (.kernels[0] | numbers, core), .suite];

def merged: reduce .[] as $r ([]; map(select(key != ($r | key))) + [$r]) | sort_by(order) | .[];

def kernels:
	group_by(sub("-.*"; "")) |
	map("\(.[0] | sub("-.*"; "")), \(map(core) | join("; "))") | join("; ");

def row: "| \(.host) | \(.qemu | sub(" .*"; "")) | \(.kernels | kernels) | `\(.suite)` | \(.passed) | \(.failed)\(if (.bugs // 0) > 0 then " and \(.bugs) known bug\(if .bugs == 1 then "" else "s" end)" else "" end) | \(.skipped) | \(.date) |";

def table:
	"| host | QEMU | Linux in the guest | by | passed | failed | skipped | on |",
	"|---|---|---|---|---|---|---|---|",
	([.[]] | sort_by(order)[] | row);
