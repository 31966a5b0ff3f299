# SPDX-License-Identifier: GPL-2.0
#
# The results of one case that was run several times, one object a line, to one line of
# results.jsonl: the first of them if they agree, else one that is "flaky", a verdict of
# its own, with the log of the first that was not right.
#
#   jq -cn -L scripts/lib -f lab-repeat.jq RECORDS

include "lab-outcome";

# each outcome with how often it came, the most frequent first
def tries: group_by([.verdict, fact]) | sort_by(-length) |
	map((.[0] | {verdict, actual, reason}) + {count: length});

[inputs] as $all | ($all | tries) as $tries |
([$all[] | select(kind != "right")] + $all)[0] +
{seconds: ([$all[].seconds] | add * 1000 | round / 1000), time: $all[-1].time, tries: $tries} +
if $tries | length == 1 then {}
else {
	verdict: "flaky",
	actual: ($tries | map(.actual // empty) | unique_by(.) | if . == [] then null else join(" || ") end),
	reason: "of \($all | length) times: \($tries | map("\(.count) \(.verdict)\(if .reason then ", \(.reason)" elif .actual then ", \(.actual)" else "" end)") | join("; "))"
} end
