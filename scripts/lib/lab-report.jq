# SPDX-License-Identifier: GPL-2.0
#
# The document that scripts/lib/lab-report.html draws, from runs of the lab:
#
#   jq -n --arg about TEXT -f lab-report.jq RUN.json...
#
# where each RUN.json is {run: run.json, plan: [lines], results: [lines]} of one
# folder (tests/lab/README.md).

# The words of a case's run as attributes: "trial -m dsm -a load" is
# {kind: "trial", mechanism: "dsm", access: "load"}; "--threads=3" is {threads: "3"}, and
# "--fork" {fork: "yes"}.
def titles: {"-m": "mechanism", "-a": "access", "-s": "policy", "-w": "when", "-M": "mapping",
	"-p": "page"};

def words: [splits(" +")];

def attributes:
	words as $w | titles as $t |
	reduce range(1; $w | length) as $i ({kind: $w[0]};
		if $t[$w[$i]] and $w[$i + 1] then .[$t[$w[$i]]] = $w[$i + 1]
		elif $w[$i] | startswith("--") then
			($w[$i][2:] | split("=")) as $p | .[$p[0]] = ($p[1] // "yes")
		else . end);

# Two columns never have one name.
def labelled:
	reduce .[] as $r ([];
		([.[].run.name] | map(select(. == $r.run.name)) | length) as $n |
		. + [$r | .column = if $n > 0 then "\(.run.name) (\($n + 1))" else .run.name end]);

def result_of($run):
	if . == null then null else
		{verdict, expected, actual, seconds,
		 reason: (if .allowed then "\(.reason) (allowed: \(.allowed))" else .reason end), kernel_log: (.kernel_log // []),
		 tries: [.tries // [] | .[] | "\(.count) \(.verdict)\(if .actual then ", \(.actual)" else "" end)"],
		 witness: (if .witness then "\(.witness.verdict), by \(.witness.rule)" else null end),
		 repeat: "scripts/lab run --kernel \($run.name | @sh)\(if ($run.repeat // 1) > 1 then " --repeat \($run.repeat)" else "" end) \(.case | @sh)"}
	end;

[inputs] | labelled as $runs |
[$runs[] | INDEX(.results[]; .case)] as $found |
# in the order of the plans; a case that only one run planned is in it too
(reduce $runs[].plan[] as $c ({}; if has($c.case) then . else .[$c.case] = $c end)) as $plan |
["setup", "kind", "mechanism", "access", "policy", "when", "mapping", "page", "dirty",
	"processes", "threads", "fork", "other", "error"] as $attributes |
{
	about: $about,
	attributes: $attributes,
	runs: [$runs[] | {name: .column, release: .run.release, family: .run.family}],
	cases: [$plan[] | . as $c | ($c.run | attributes) as $a |
		{id: $c.case, setup: $c.setup, row: $c.row} + $a +
		{group: "\($c.setup), \($a.mechanism // $a.kind)",
		 results: [range($runs | length) as $i |
			$found[$i][$c.case] | result_of($runs[$i].run)]}]
}
