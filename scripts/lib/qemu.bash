# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Which QEMU runs guests, and which poison device it loads.  Sourced after
# common.bash; guest.bash does.

# What a run is said to be of before qemu_find() has looked.
QEMU_PROGRAM=${QEMU:-qemu-system-x86_64}

# The series whose CXL devices bite, as tests/harness/040-cxl-access shows: their windows are
# I/O that the poison device can replace.
# shellcheck disable=SC2034 # used by those who source this file
readonly QEMU_CXL_SERIES="10.0"

# qemu_says PROGRAM: what a QEMU says of its version, "10.0.13 (Debian ...)".
# Return: 1 if PROGRAM is none.
qemu_says()
{
	"$1" --version 2>/dev/null </dev/null | sed -n '1s/^QEMU emulator version //p' | grep .
}

# qemu_series PROGRAM: "10.0"
qemu_series()
{
	qemu_says "$1" | grep -oE '^[0-9]+\.[0-9]+'
}

# qemu_has_cxl PROGRAM: it is of such a series.
qemu_has_cxl()
{
	[[ " $QEMU_CXL_SERIES " == *" $(qemu_series "$1" || echo none) "* ]]
}

# qemu_key: of all that is the machine of guests, after guest_find(): QEMU, the poison
# device, the ACPI tables.
qemu_key()
{
	{
		cat -- "$(command -v "$QEMU_PROGRAM")" ${QEMU_DEVICE:+"$QEMU_DEVICE"} "$GUEST_BUILD"/qemu-configs/acpi/*.aml
		"$QEMU_PROGRAM" --version
	} | key_of
}

# qemu_find BUILD [PATH]: sets QEMU_PROGRAM, and QEMU_DEVICE, the device's object for it.
# Without PATH these are the QEMU that is installed and what was built in BUILD; for
# another QEMU, the device is built if it is not in the cache.  Where there is none
# for it, QEMU_DEVICE is empty and QEMU_WHY says why: the overlay does without.
# Return: 1 if there is no such QEMU.
# shellcheck disable=SC2034 # used by those who source this file
qemu_find()
{
	local build=$1 key

	QEMU_PROGRAM=${2:-qemu-system-x86_64}
	QEMU_DEVICE=$build/qemu-configs/nvdimm-poison.so
	QEMU_WHY=
	if [[ -z ${2-} ]]; then
		if [[ ! -e $QEMU_DEVICE && -r $QEMU_DEVICE.none ]]; then
			QEMU_WHY=$(<"$QEMU_DEVICE.none")
			QEMU_DEVICE=
		fi
		command -v qemu-system-x86_64 >/dev/null
		return
	fi
	QEMU_PROGRAM=$(realpath -m -- "$2")
	[[ -f $QEMU_PROGRAM && -x $QEMU_PROGRAM ]] || return 1
	qemu_says "$QEMU_PROGRAM" >/dev/null || return 1
	key=$({ echo "$QEMU_PROGRAM"; stat -L -c '%s %Y' -- "$QEMU_PROGRAM"; } | key_of)
	QEMU_DEVICE=$build/qemu-configs/nvdimm-poison-$key.so
	QEMU_WHY=$("$PC_TOP/scripts/build-device" --qemu "$QEMU_PROGRAM" "$QEMU_DEVICE" 2>&1) || {
		QEMU_DEVICE=
		QEMU_WHY=$(last_said "$QEMU_WHY")
	}
}
