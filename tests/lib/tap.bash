# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# How a test says what it found: TAP, on stdout.  Sourced by tests, on the host
# and in the guest.
#
#   plan N                       first; a test that ends before its N points is
#                                broken, not passed
#   ok TEXT COMMAND...           COMMAND succeeds
#   refuses STATUS TEXT COMMAND...   COMMAND exits with STATUS
#   is TEXT GOT WANT             two strings are equal
#   like TEXT GOT REGEX          GOT matches REGEX
#   says_nothing TEXT COMMAND... COMMAND succeeds, with nothing on stdout; what fails has not
#                                said that there is nothing
#   skip TEXT REASON             a point that cannot be tried here
#   skip_all N TEXT REASON       the plan of a test none of whose N points can be tried
#   bail REASON                  the set-up is broken: no point after it counts
#   until_ok SECONDS COMMAND...  polls COMMAND until it succeeds or the deadline
#                                is over; for use as the COMMAND of ok
#   nobody_in DIR                no process has DIR in its command line
#
# TEXT says in one line what must be true.

TAP_POINTS=0

plan()
{
	echo "1..$1"
}

# tap_point WORD TEXT: one point; WORD is "ok" or "not ok".
tap_point()
{
	TAP_POINTS=$((TAP_POINTS + 1))
	echo "$1 $TAP_POINTS - $2"
}

# tap_note TEXT: what a person needs to see why, as comments.
tap_note()
{
	printf '# %s\n' "${1//$'\n'/$'\n'# }"
}

ok()
{
	local text=$1 out rc=0

	shift
	out=$("$@" 2>&1) || rc=$?
	if (( rc == 0 )); then
		tap_point ok "$text"
	else
		tap_point "not ok" "$text"
		tap_note "exit status $rc: $*"
		[[ -z $out ]] || tap_note "$out"
	fi
}

refuses()
{
	local want=$1 text=$2 out rc=0

	shift 2
	out=$("$@" 2>&1) || rc=$?
	if (( rc == want )); then
		tap_point ok "$text"
	else
		tap_point "not ok" "$text"
		tap_note "exit status $rc where $want was expected: $*"
		[[ -z $out ]] || tap_note "$out"
	fi
}

is()
{
	if [[ $2 == "$3" ]]; then
		tap_point ok "$1"
	else
		tap_point "not ok" "$1"
		tap_note "got      '$2'"
		tap_note "expected '$3'"
	fi
}

like()
{
	if [[ $2 =~ $3 ]]; then
		tap_point ok "$1"
	else
		tap_point "not ok" "$1"
		tap_note "got                '$2'"
		tap_note "expected to match  '$3'"
	fi
}

says_nothing()
{
	# names that no COMMAND has
	local tap_text=$1 tap_out tap_rc=0

	shift
	tap_out=$("$@") || tap_rc=$?
	if (( tap_rc == 0 )) && [[ -z $tap_out ]]; then
		tap_point ok "$tap_text"
	else
		tap_point "not ok" "$tap_text"
		tap_note "exit status $tap_rc: $*"
		[[ -z $tap_out ]] || tap_note "$tap_out"
	fi
}

skip()
{
	tap_point ok "$1 # SKIP $2"
}

skip_all()
{
	local n

	plan "$1"
	for ((n = 0; n < $1; n++)); do
		skip "$2" "$3"
	done
}

bail()
{
	echo "Bail out! $*"
	exit 99
}

until_ok()
{
	local deadline=$((SECONDS + $1))

	shift
	until "$@"; do
		(( SECONDS < deadline )) || return 1
		sleep 0.1
	done
}

nobody_in()
{
	# the pattern does not match itself in the command line of grep
	[[ -z $(grep -lsz "[${1:0:1}]${1:1}" /proc/[0-9]*/cmdline) ]]
}
