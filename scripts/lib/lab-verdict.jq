# SPDX-License-Identifier: GPL-2.0
#
# What came out of a guest to a line of results.jsonl (tests/lab/README.md has its
# fields).  No input; arguments:
#
#   $id $setup $boot $run $expected $log   the case
#   $bug $why  what a known bug of the kernel makes of it, and the reason, or "-"
#   $may $because  the skip of it that is allowed, as what it says, and the reason, or "-"
#   $new       not empty: the kernel is newer than any that is known
#   $family $release   of the kernel
#   $bad       scripts/lib/complaints as one regular expression
#   $ended     how the guest ended: its exit status, or lost, timeout, no-qemu
#   $ms $time   from the start of QEMU to the verdict; when it was
#   $out $err $console $qemu   what the case, the guest's kernel and QEMU said

def complaint: test($bad);

def lines: split("\n") | map(rtrimstr("\r") | select(length > 0));

# the kernel's lines, without time stamps
def kernel_lines: $console | lines | map(sub("^\\[ *[0-9]+\\.[0-9]+\\] "; ""));

def last_said: ($err | lines | last) // ($out | lines | last) // "it said nothing, status \($ended)";

def report: ($out | try fromjson catch null) | if type == "object" then . else null end;

# the outcome's statements, the text first
def statements:
	if .actual | type == "string" then .actual | split(" | ")
	elif .actual | type == "object" then
		[.actual.text,
		 (if .actual | has("badblock") then (if .actual.badblock then "badblock" else "no badblock" end) else empty end),
		 (if .actual | has("firmware_record") then (if .actual.firmware_record then "record" else "no record" end) else empty end)]
	else [] end;

def differs($have; $expected):
	($expected | split(" | ")) as $want |
	if ($want[0] | split(" || ") | index($have[0])) == null then "expected \($want[0]), got \($have[0])"
	else ($want[1:] - $have) | if length > 0 then "not true: \(join(", "))" else null end end;

# what it is called if it is not as the tables say
def unexpected: if $new == "" then "wrong outcome" else "new behaviour" end;

# the other witness: poisonctl's own table
def witness: if .expected then {expected: .expected.text, verdict, rule} else null end;

def panic: [kernel_lines[] | select(test("Kernel panic|no virtio ports"))][0];

def complaints: [kernel_lines[] | select(complaint) |
	select(($log == "-") or (test($log) | not))];

# verdict, reason and actual of a case that came to its end
def judged:
	statements as $have | witness as $w | differs($have; $expected) as $differs | complaints as $bad |
	{actual: ($have | join(" | "))} +
	if $differs != null and $bug != "-" and differs($have; $bug) == null then {verdict: "known bug", reason: $why}
	elif $differs != null then {verdict: unexpected, reason: $differs}
	elif $w != null and $w.verdict != "pass" then {verdict: unexpected,
		reason: "poisonctl's table expects \($w.expected): \(.difference // "no reason given")"}
	elif $bad | length > 0 then {verdict: "wrong outcome", reason: "the kernel said: \($bad[0])"}
	elif ($log != "-") and ([kernel_lines[] | select(test($log))] == []) then
		{verdict: "wrong outcome", reason: "the kernel did not say '\($log)'"}
	elif $bug != "-" then {verdict: "fixed", reason: "not seen: \($why)"}
	else {verdict: "pass"} end;

def lost:
	("panic: " + ((panic // "") | sub("^Kernel panic - not syncing: "; ""))) as $p |
	($bug | ltrimstr("lost guest: ")) as $regex |
	if $expected == $p then {verdict: "pass", actual: $p}
	elif $regex != $bug and any(kernel_lines[]; test($regex)) then {verdict: "known bug", actual: "the guest is lost", reason: $why}
	else {verdict: "lost guest", actual: null, reason: (panic // "it ended without a word")} end;

# no outcome at all; a bug can be that, its text is "set-up failed: REGEX"
def no_outcome($verdict): (report | .error.message? // last_said) as $said |
	($bug | ltrimstr("\($verdict): ")) as $regex |
	if $regex != $bug and ($said | test($regex)) then {verdict: "known bug", actual: $said, reason: $why}
	else {verdict: $verdict, actual: null, reason: $said} end;

# what cannot be done here, or what poisonctl's table says nothing of: no pass, either
def skipped: (report | .error.message? // last_said) as $said |
	if $said | test("^the truth table (has no row|knows nothing)") then no_outcome("no row")
	else no_outcome("unsupported") |
		if .verdict == "unsupported" then
			. + {allowed: (if $may != "-" and (.reason | test($may)) then $because else null end)}
		else . end
	end;

(if $ended == "lost" then lost
 elif $ended == "timeout" then {verdict: "timeout", actual: null,
	reason: ([kernel_lines[] | select(complaint)][0] // "no answer within its time; \($qemu | lines | last // "QEMU said nothing")")}
 elif $ended == "no-qemu" then {verdict: "set-up failed", actual: null,
	reason: (($qemu | lines | last) // "QEMU said nothing")}
 elif $ended == "3" then skipped
 elif ($ended == "0" or $ended == "1") and (report | .actual?) then report | judged
 else no_outcome("set-up failed") + {status: $ended}
 end) as $v |
{case: $id, setup: $setup, boot: $boot, run: $run,
 family: $family, release: $release,
 verdict: $v.verdict, reason: $v.reason, expected: $expected, actual: $v.actual}
+ ($v | if has("allowed") then {allowed} else {} end) + {
 witness: (report | witness? // null),
 seconds: ($ms / 1000), time: $time,
 kernel_log: kernel_lines[-60:], stderr: ($err | lines | .[-5:]), trial: report}
