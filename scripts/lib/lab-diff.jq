# SPDX-License-Identifier: GPL-2.0
#
# What changed from the first of several runs of the lab to each of the others:
#
#   jq -n -L scripts/lib -f lab-diff.jq SIDE.json...
#
# where each SIDE.json is what side_run() or side_baseline() of lab-diff.bash prints:
# {about, plan: [case], results: [result]}.  One object comes out, whose keys are those of
# "lab diff --json" (tests/lab/README.md).

include "lab-outcome";

# The name of a change, null if there is none. "as expected": both are right, and the
# tables say different things of the two kernels.
def change($a; $b):
	[$a, $b | kind] as [$p, $q] |
	if [$p, $q] == ["right", "right"] then
		if ($a | fact) == ($b | fact) then null
		elif $a.expected != $b.expected then "as expected"
		else "other outcome" end
	elif $p == "right" and $a.verdict == "pass" and $b != null and $b.verdict == "known bug" then "known bug"
	elif $p == "right" and $q == "wrong" then "regression"
	elif $p == "right" then "lost"
	elif $p == "wrong" and $q == "right" then "mended"
	elif $a.verdict? != $b.verdict? then "other verdict"
	elif ($a | fact) != ($b | fact) then "other outcome"
	else null end;

# The changes that are shown, the worst first, and what each makes of the whole.
def shown: [
	["regression", "regression"], ["lost", "regression"], ["known bug", null],
	["mended", "other"], ["other verdict", "other"], ["other outcome", "other"]];

def rank: . as $c | (shown | map(.[0]) | index($c)) // (shown | length);

# Two columns never have one name: the release tells most apart, the folder the rest.
def heading($all): . as $a |
	if [$all[] | select(.release == $a.release)] | length == 1 then $a.release
	elif [$all[] | select(.short == $a.short)] | length == 1 then $a.short
	else $a.from end;

[inputs] as $sides | [$sides[].about] as $abouts |
[$sides[] | INDEX(.results[]; .case)] as $by |
[$sides[] | INDEX(.plan[]; .)] as $planned |
[$sides[0].plan[] | . as $c | select(any($planned[1:][]; has($c)))] as $common |
[$common[] | . as $c |
	[range(1; $sides | length) as $i |
		if $planned[$i] | has($c) then change($by[0][$c]; $by[$i][$c]) else "not run" end] as $changes |
	{case: $c, $changes,
	 results: [range($sides | length) as $i | $by[$i][$c] |
		if . == null then null else {verdict, expected, actual, reason} end]}] as $all |
[range(1; $sides | length) as $i | {
	title: ($abouts[$i] | heading($abouts)),
	changes: ([$all[].changes[$i - 1] | select(. != null and . != "not run")] | group_by(.) |
		sort_by(.[0] | rank) | map({key: .[0], value: length}) | from_entries),
	alike: ([$all[] | select(.changes[$i - 1] == null)] | length),
	apart: (([$sides[0].plan[] | select(. as $c | $planned[$i] | has($c) | not)] | length) +
		([$sides[$i].plan[] | select(. as $c | $planned[0] | has($c) | not)] | length))}] as $sums |
{
	format: 1,
	worst: ([$sums[].changes | keys[] | rank] | sort | map(shown[.][1] // empty) | .[0]),
	compared: ($common | length),
	runs: [$abouts[] | . + {title: heading($abouts)} | del(.short)],
	sums: $sums,
	cases: ([$all[] | select(any(.changes[]; rank < (shown | length)))] |
		sort_by([.changes[] | rank] | min))
}
