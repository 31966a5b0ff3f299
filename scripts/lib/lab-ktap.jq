# SPDX-License-Identifier: GPL-2.0
#
# A run as KTAP 1 (Documentation/dev-tools/ktap.rst), in the order of its plan: what there is
# to say of a case comes before its result, and why it is no plain one in a directive.
# Arguments: $run, $plan, $results.

# no line, and no directive, ends within a text
def text: gsub("[\n#]"; " ");

def result:
	if . == null then ["not ok", "ERROR no result"]
	elif .verdict | IN("pass", "fixed") then ["ok", null]
	elif .verdict == "unsupported" and (.allowed != null or ($run[0].require_supported | not)) then ["ok", "SKIP \(.reason | text)"]
	elif .verdict == "known bug" then ["ok", "XFAIL \(.reason | text)"]
	elif .verdict == "timeout" then ["not ok", "TIMEOUT"]
	elif .verdict | IN("wrong outcome", "new behaviour", "flaky") then ["not ok", null]
	else ["not ok", "ERROR \(.verdict)"] end;

($results | map({key: .case, value: .}) | from_entries) as $by |
"KTAP version 1", "1..\($plan | length)",
"# Linux \($run[0].release), judged as \($run[0].family)",
($plan | to_entries[] | .key as $n | .value.case as $case | $by[$case] |
	result as [$word, $directive] |
	(if . != null and ($word == "not ok" or .verdict == "fixed") then
		"# \(.verdict): \(.reason | text)", "# expected: \(.expected | text)", "# actual: \(.actual // "nothing" | text)"
	 else empty end),
	"\($word) \($n + 1) - \($case)\(if $directive == null then "" else " # \($directive)" end)")
