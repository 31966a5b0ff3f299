# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Packages bring services, and Debian starts what is installed.  The project wants
# programs: no service of a package that it installs starts, neither now nor with the
# machine.  What was there before goes on as it was, also if it is upgraded.  As root;
# sourced after common.bash.
#
#   services_hold        from now on no service that is not there yet is started
#   services_let_go      the machine's own policy holds again
#   services_off NAME... the services of these packages do not start with the machine;
#                        says which
#
# Who starts a service for a package, invoke-rc.d(8) or deb-systemd-invoke(1p), asks
# /usr/sbin/policy-rc.d first (Debian Policy, 9.3.3.1), with or without systemd.

POLICY=/usr/sbin/policy-rc.d
POLICY_KEPT=$POLICY.before-poisonctl
POLICY_MARK="# made by poisonctl's scripts/deps"

# services_there: the names of all services on this machine, without a suffix.
services_there()
{
	find /etc/init.d /etc/systemd/system /lib/systemd/system /usr/lib/systemd/system \
		-maxdepth 1 ! -type d -printf '%f\n' 2>/dev/null |
		sed 's/\.[a-z]*$//' | sort -u
}

# services_hold: a policy of ours, in front of the machine's.  It knows this process by
# its number and its start, so that it stands in nobody's way if this one is killed.
services_hold()
{
	local start

	services_let_go
	start=$(cut -d ' ' -f 22 "/proc/$$/stat")
	[[ ! -e $POLICY ]] || mv -- "$POLICY" "$POLICY_KEPT"
	{
		printf '%s\n' '#!/bin/sh' "$POLICY_MARK, while that runs"
		printf '%s\n' "own=$POLICY_KEPT" 'id='
		# shellcheck disable=SC2016 # the policy's variables
		printf '%s\n' 'for word; do' '	case $word in' '	-*) ;;' \
			'	*) id=${word%.*}; break ;;' '	esac' 'done' \
			'case $id in' "$(services_there | paste -s -d '|'))" ';;' '*)' \
			"	[ \"\$(cut -d ' ' -f 22 /proc/$$/stat 2>/dev/null)\" != $start ] || exit 101 ;;" \
			'esac' '[ ! -x $own ] || exec $own "$@"' 'exit 0'
	} >"$POLICY.new"
	chmod 755 "$POLICY.new"
	mv -- "$POLICY.new" "$POLICY"
}

services_let_go()
{
	if [[ $(sed -n 2p "$POLICY" 2>/dev/null) == "$POLICY_MARK"* ]]; then
		rm -f -- "$POLICY"
	fi
	[[ -e $POLICY || ! -e $POLICY_KEPT ]] || mv -- "$POLICY_KEPT" "$POLICY"
}

# units_of PACKAGE...: what of them starts with the machine: units where there is
# systemctl, which needs no systemd for this question, else init scripts.
units_of()
{
	local files name

	files=$(dpkg-query -L "$@" 2>/dev/null) || true
	if command -v systemctl >/dev/null; then
		sed -nE 's|^(/usr)?/lib/systemd/system/([^/@]*\.(service\|socket\|timer\|path))$|\2|p' <<<"$files" |
			sort -u | while read -r name; do
			[[ $(systemctl is-enabled "$name" 2>/dev/null) != enabled ]] || echo "$name"
		done
	else
		sed -n 's|^/etc/init\.d/\([^/]*\)$|\1|p' <<<"$files" | sort -u
	fi
}

services_off()
{
	local units name off=(systemctl disable --quiet)

	(( $# )) || return 0
	mapfile -t units < <(units_of "$@")
	(( ${#units[@]} )) || return 0
	command -v systemctl >/dev/null || off=(update-rc.d)
	say "services that came with them stay off: ${units[*]}"
	for name in "${units[@]}"; do
		if [[ ${off[0]} == systemctl ]]; then
			"${off[@]}" "$name" >/dev/null 2>&1
		else
			update-rc.d "$name" disable >/dev/null 2>&1
		fi || die "$EX_MISSING" "cannot keep '$name' from starting with the machine"
	done
}
