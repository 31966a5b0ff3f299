# SPDX-License-Identifier: GPL-2.0
#
# What 'lab bisect' makes of the commits that it has tried, lines of commits.jsonl.

include "lab-outcome";

# the line of a commit, of all of them
def of($commit): map(select(.commit == $commit))[0];

# the outcome of a result in words
def words: "\(.verdict): \(.actual // .reason // "nothing")";

# those of a line, each with the name of its case if there are several
def outcomes: if .skipped then .skipped
	elif .results | length == 1 then .results[0] | words
	else .results | map("\(.case) \(words)") | join("; ") end;

# what a person is told of a line
def line($word; $a): "\($word | . + "     " | .[:4]) \($a.commit[:12]) \($a.subject): \($a | outcomes)";

# a case of a line that does not agree with itself
def flaky: [.results[] | select(.verdict == "flaky") | .case][0];

# what two results are compared by
def key: [.verdict, fact];

def by_case: INDEX(.results[]; .case);

# A commit is bad if any case comes out otherwise than at the good end.
def word($good; $a):
	($good | by_case) as $want |
	if $a.skipped then "skip"
	elif all($a.results[]; key == ($want[.case] | key)) then "good"
	else "bad" end;

# a case that does not tell the ends apart, and its outcome
def alike($good; $bad):
	($good | by_case) as $want |
	[$bad.results[] | select(key == ($want[.case] | key)) | "\(.case) \(words)"][0];

# Each case before and since; what is another thing again at the bad end is said, too.
def found($good; $first; $bad):
	($first | by_case) as $since | ($bad | by_case) as $last | $good.results[] |
	.case, "  good   \(words)", "  bad    \($since[.case] | words)",
	(select($last[.case] | key != ($since[.case] | key)) | "  at the bad end   \($last[.case] | words)");
