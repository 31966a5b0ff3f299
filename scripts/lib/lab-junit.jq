# SPDX-License-Identifier: GPL-2.0
#
# A run as JUnit XML: a failure is a wrong outcome, a new behaviour or several of them in one case, an error
# whatever else is no verdict on the kernel.  Arguments: $run, $plan, $results.

# XML 1.0 knows no control characters, not even escaped
def xml: tostring | gsub("[\u0000-\u0008\u000b\u000c\u000e-\u001f]"; "?") | @html;

# What a result, or none, is to JUnit.
def class:
	if . == null then "error"
	elif .verdict | IN("pass", "fixed") then "passed"
	elif .verdict == "known bug" then "skipped"
	elif .verdict == "unsupported" and (.allowed != null or ($run[0].require_supported | not)) then "skipped"
	elif .verdict | IN("wrong outcome", "new behaviour", "flaky") then "failure"
	else "error" end;

def element($p):
	"    <testcase classname=\"\($run[0].release | xml).\($p.setup | xml)\" name=\"\($p.case | xml)\"" +
	" time=\"\(.seconds // 0)\">",
	(class as $class |
	 if . == null then "      <error message=\"no result\"/>"
	 elif $class == "passed" then empty
	 elif $class == "skipped" then
		"      <skipped message=\"\(if .verdict == "known bug" then "known bug: " else "" end)\(.reason | xml)\"/>"
	 else
		"      <\($class) type=\"\(.verdict)\" message=\"\(.reason | xml)\">expected: \(.expected | xml)\n" +
		"actual: \(.actual // "nothing" | xml)</\($class)>"
	 end),
	(if . != null and .verdict != "pass" then
		"      <system-out>\(.kernel_log | join("\n") | xml)</system-out>" else empty end),
	"    </testcase>";

($results | map({key: .case, value: .}) | from_entries) as $by |
($plan | map($by[.case])) as $all |
def count($what): [$all[] | select(class == $what)] | length;
"<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>",
"  <testsuite name=\"poisonctl lab, Linux \($run[0].release | xml)\" tests=\"\($plan | length)\"" +
" failures=\"\(count("failure"))\" errors=\"\(count("error"))\"" +
" skipped=\"\(count("skipped"))\" time=\"\([$all[].seconds? // 0] | add)\">",
($plan[] | . as $p | $by[$p.case] | element($p)),
"  </testsuite>", "</testsuites>"
