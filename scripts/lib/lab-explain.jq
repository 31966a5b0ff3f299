# SPDX-License-Identifier: GPL-2.0
#
# A case of the lab in words.  Input: an object of the plan; arguments:
#
#   $family $release    of the kernel
#   $profile            of the guest
#   $text               the row as it stands in its table
#   $about $because $bug_why   the comments on the row, its outcome and its bug, paragraphs
#                       apart by a blank line
#   $verb               what a verb other than trial says of itself
#
# Words for signals are those of sigaction(2), words for options those of
# "poisonctl trial --help".

def accesses: {load: "a load", copy: "a string copy", atomic: "an atomic operation", exec: "running it", store: "a store",
	read: "read(2)", "read-direct": "read(2) with O_DIRECT", write: "write(2) of a whole page",
	"write-direct": "write(2) with O_DIRECT of a whole page", "write-part": "write(2) of a part of the page",
	"write-from": "write(2) from the mapping to a pipe", "direct-from": "write(2) from the mapping to a file, with O_DIRECT",
	msync: "msync(2)", fsync: "fsync(2)", none: "nobody"};

def policies: {handler: "a handler", default: "nothing: the default action", ignore: "SIG_IGN",
	early: "a handler, and asks for early kill (PR_MCE_KILL)", late: "a handler, and asks for late kill (PR_MCE_KILL)"};

# an option and its value, as a phrase
def option($o; $v):
	if $o == "-m" then "poison is planted by \($v)"
	elif $o == "-a" then "met by \(accesses[$v] // $v)"
	elif $o == "-s" then "about SIGBUS a process has \(policies[$v] // $v)"
	elif $o == "-w" then "the page is mapped \($v) the planting"
	elif $o == "-M" then {shared: "shared mapping", private: "private mapping", copied: "private mapping, copied before the planting"}[$v] // $v
	elif $o == "-p" then "pages of \($v)"
	elif $o == "--sync" then "mapped with MAP_SYNC"
	elif $o == "--dirty" then "the page was stored to before"
	elif $o == "--fork" then "a child of the consumer makes the access"
	elif $o == "--processes" then if $v == "1" then "one process maps it" else "\($v) processes map it" end
	elif $o == "--threads" then "\($v) threads in each process"
	elif $o == "--other" then "the others map the file '\($v)', which has the same page"
	else "\($o) \($v // "")" end;

def trial:
	(.run | [splits(" +")]) as $w |
	reduce range(1; $w | length) as $k ([];
		if $w[$k] | startswith("--") then ($w[$k] | split("=")) as $p | . + [option($p[0]; $p[1])]
		elif $w[$k] | startswith("-") then . + [option($w[$k]; $w[$k + 1])]
		else . end) | join("; ");

def place:
	if . == "page" then "the start of the page"
	elif . == "page-0x10000" then "64 KiB in front of the page, where its folio is mapped"
	elif . == "page+0x400" then "the byte that was meant"
	else . end;

def codes: {
	BUS_MCEERR_AR: "hardware memory error consumed on a machine check; action required",
	BUS_MCEERR_AO: "hardware memory error detected in process but not consumed; action optional",
	BUS_ADRERR: "nonexistent physical address"};

# a signal, wherever it stands in a text
def signals:
	sub("SIGBUS (?<code>BUS_[A-Z_]+) lsb (?<lsb>[0-9]+)( at (?<at>[^ ]+))?";
		"SIGBUS, \(.code) (\(codes[.code] // "?"))" +
		(if .lsb == "0" then "" else ", of \(pow(2; .lsb | tonumber)) bytes" end) +
		(if .at then ", si_addr is \(.at | place)" else "" end));

def clause:
	(capture("^(?<who>last bystander|bystander|then) (?<rest>.*)$") // {who: "", rest: .}) |
	{"": "", "then": "then, as it goes on: ", "bystander": "a process that only maps the page: ",
		"last bystander": "the last of the processes that only map the page: "}[.who] +
	(.rest | signals | sub("^full of (?<bytes>[0-9,]+)$"; "each byte of the page reads as \(.bytes | gsub(","; " or "))"));

def statement:
	{"badblock": "the kernel lists the place in its badblocks", "no badblock": "the kernel does not list the place in its badblocks",
	 "record": "the firmware has a record of it", "no record": "the firmware has no record of it"}[.] // .;

# an outcome, its text first
def in_words:
	split(" | ") | (.[0] | split(" || ") | join("; or; ") | split("; ") | map(if . == "or" then . else clause end))[],
		(.[1:][] | statement);

def functions: [scan("[A-Za-z_][A-Za-z0-9_]*\\(\\)")] | reduce .[] as $f ([]; if index($f) then . else . + [$f] end);

# a heading and its lines
def part($head): to_entries[] | (if .key == 0 then $head + " " * (11 - ($head | length)) else " " * 11 end) + .value;

def lines: split("\n") | map(select(length > 0));

def known_functions: ($because + "\n" + $bug_why) | functions;

([.case] | part("case")),
(["Linux \($release), judged as \($family)"] | part("kernel")),
([.row, $text] | part("row")),
($about | lines | part("about")),
(["the set-up '\(.setup)', in a guest of the profile '\($profile)'" + {clone: "", fresh: ", booted for it",
	reset: "; judged after a reset of the machine", restart: "; judged in the next QEMU on the same NVDIMM"}[.boot]] | part("begins")),
((if .run | startswith("trial ") then [trial] else ($verb | lines) + ["here: \(.run)"] end) | part("does")),
(["\(.outcome): \(.expected)"] | part("expected")),
([.expected | in_words] | part("in words")),
(.log // empty | ["the kernel says: \(.)"] | part("log")),
($because | lines | part("because")),
(.bug // empty | ["\(.name): \(.actual)", .reason] | part("known bug")),
($bug_why | lines | part("")),
(.skip // empty | ["allowed if it says '\(.said)': \(.reason)"] | part("skip")),
(if known_functions | length > 0 then [known_functions | join(", ")]
 else ["none: the tables name no code of the kernel here"] end | part("functions"))
