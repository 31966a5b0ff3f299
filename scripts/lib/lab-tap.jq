# SPDX-License-Identifier: GPL-2.0
#
# A run as TAP 13, in the order of its plan.  Arguments: $run, $plan, $results.

($results | map({key: .case, value: .}) | from_entries) as $by |
"TAP version 13", "1..\($plan | length)",
"# Linux \($run[0].release), judged as \($run[0].family)",
($plan | to_entries[] | (.key + 1) as $n | .value as $p | $by[$p.case] as $r |
	if $r == null then "not ok \($n) - \($p.case)", "# no result"
	elif $r.verdict == "pass" then "ok \($n) - \($p.case)"
	elif $r.verdict == "unsupported" and ($r.allowed != null or ($run[0].require_supported | not)) then "ok \($n) - \($p.case) # SKIP \($r.reason)"
	elif $r.verdict == "known bug" then "ok \($n) - \($p.case) # SKIP known bug: \($r.reason)"
	elif $r.verdict == "fixed" then "ok \($n) - \($p.case)", "# fixed, \($r.reason)"
	else "not ok \($n) - \($p.case)", "# \($r.verdict): \($r.reason)", "# expected: \($r.expected)",
		"# actual:   \($r.actual // "nothing")"
	end)
