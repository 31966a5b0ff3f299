# SPDX-License-Identifier: GPL-2.0
#
# A run as JUnit XML: a failure is a wrong outcome or a new behaviour, an error whatever else is no verdict
# on the kernel.  Arguments: $run, $plan, $results.

# XML 1.0 knows no control characters, not even escaped
def xml: tostring | gsub("[\u0000-\u0008\u000b\u000c\u000e-\u001f]"; "?") | @html;

def element($p):
	"    <testcase classname=\"\($run[0].release | xml).\($p.setup | xml)\" name=\"\($p.case | xml)\"" +
	" time=\"\(.seconds // 0)\">",
	(if . == null then "      <error message=\"no result\"/>"
	 elif .verdict == "pass" or .verdict == "fixed" then empty
	 elif .verdict == "unsupported" then "      <skipped message=\"\(.reason | xml)\"/>"
	 elif .verdict == "known bug" then "      <skipped message=\"known bug: \(.reason | xml)\"/>"
	 else (if .verdict | IN("wrong outcome", "new behaviour") then "failure" else "error" end) as $e |
		"      <\($e) type=\"\(.verdict)\" message=\"\(.reason | xml)\">expected: \(.expected | xml)\n" +
		"actual: \(.actual // "nothing" | xml)</\($e)>"
	 end),
	(if . != null and .verdict != "pass" then
		"      <system-out>\(.kernel_log | join("\n") | xml)</system-out>" else empty end),
	"    </testcase>";

($results | map({key: .case, value: .}) | from_entries) as $by |
($plan | map($by[.case])) as $all |
def count(f): [$all[] | select(f)] | length;
"<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>",
"  <testsuite name=\"poisonctl lab, Linux \($run[0].release | xml)\" tests=\"\($plan | length)\"" +
" failures=\"\(count(.verdict? | IN("wrong outcome", "new behaviour")))\"" +
" errors=\"\(count(. == null or (.verdict | IN("set-up failed", "lost guest", "timeout"))))\"" +
" skipped=\"\(count(.verdict? | IN("unsupported", "known bug")))\" time=\"\([$all[].seconds? // 0] | add)\">",
($plan[] | . as $p | $by[$p.case] | element($p)),
"  </testsuite>", "</testsuites>"
