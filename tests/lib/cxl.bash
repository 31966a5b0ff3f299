# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # tmp is the test's
#
# Guests with CXL memory, for tests on the host.  Sourced after tap.bash and host.bash.
#
#   cxl_setup POINTS TEXT  host_setup, with a QEMU whose CXL devices bite (the one that is
#                          tried, or 10.0 in the cache) and Debian's kernel 6.12; where one
#                          of them cannot be had, the test ends, all its points skipped
#   cxl_start PROFILE [CPUS]   boots such a guest, in place of the one before; with CPUS, the
#                          profile's one vCPU is as many
#   cxl_small_pages        from now on the guest's dax0.0 has pages of 4 KiB
#   cxl_qmp COMMAND [JSON] what QMP returns, or its error's words
#   cxl_xp ADDRESS         a byte as a device would read it; "error" if it cannot
#   cxl_bad BASE LENGTH    the offsets of lines in a window that a device cannot read, in
#                          hexadecimal, joined by commas

# shellcheck source=../../scripts/lib/cxl-guest.bash
. "$PC_TESTS/../scripts/lib/cxl-guest.bash"

cxl_setup()
{
	qemu_has_cxl "$GUEST_PROGRAM" || GUEST_PROGRAM=
	if ! cxl_guest ""; then
		skip_all "$1" "$2" "$CXL_WHY"
		exit 0
	fi
	# shellcheck disable=SC2034 # host_setup reads it
	KERNEL=$CXL_KERNEL
	host_setup
	if [[ -z $QEMU_DEVICE ]]; then
		skip_all "$1" "$2" "$QEMU_WHY"
		exit 0
	fi
	plan "$1"
}

cxl_start()
{
	local profile=$1

	if [[ -n ${2-} ]]; then
		profile=$tmp/$1-$2.cfg
		sed "s/cpus = \"1\"/cpus = \"$2\"/" "$PC_TESTS/../qemu-configs/machines/$1.cfg" >"$profile"
	fi
	guest_stop
	guest_start "$profile" "$(scaled 600)" || bail "no guest of profile '$profile': $(tail -n 3 "$GUEST_DIR/console")"
	guest_qmp '{"execute":"qmp_capabilities"}' || bail "no QMP"
}

cxl_small_pages()
{
	in_guest 'cd /sys/bus/dax/drivers/device_dax && echo dax0.0 >unbind &&
		echo 4096 >/sys/bus/dax/devices/dax0.0/align && echo dax0.0 >bind'
}

cxl_qmp()
{
	guest_qmp "{\"execute\":\"$1\"${2:+,\"arguments\":$2}}" || true
	jq -r 'if has("error") then .error.desc else .return | if type == "string" then . else tojson end end' <<<"$GUEST_ANSWER"
}

cxl_xp()
{
	local said

	said=$(cxl_qmp human-monitor-command "{\"command-line\":\"xp /1bx $1\"}")
	case $said in
	*'Cannot access memory'*) echo error ;;
	*) sed -n 's/.*: \(0x[0-9a-f][0-9a-f]\).*/\1/p' <<<"$said" ;;
	esac
}

cxl_bad()
{
	local at bad=

	for ((at = 0; at < $2; at += 64)); do
		[[ $(cxl_xp $(($1 + at))) != error ]] || printf -v bad '%s%s0x%x' "$bad" "${bad:+,}" "$at"
	done
	echo "$bad"
}
