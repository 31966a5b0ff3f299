# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What guests with CXL memory want where nothing else is named: a QEMU whose CXL devices
# bite, and a kernel that has the drivers.  Both come from Debian, into the cache.  Sourced
# after common.bash and guest.bash.
#
#   cxl_guest KERNEL   where GUEST_PROGRAM names no QEMU, and the installed one is not such, it
#                      names one from then on (of one that is named, guest_can_cxl() judges);
#                      CXL_KERNEL is KERNEL, or Debian's of the series below.
#                      Return: 0, or 1 and why in CXL_WHY

# Debian 13's; that of Debian 12 has no regions of volatile memory (cxl_region in 6.3).
readonly CXL_LINUX=6.12

CXL_KERNEL=
CXL_WHY=

# cxl_get SCRIPT SERIES: CXL_GOT, a path in the cache, or why not in CXL_WHY
# shellcheck disable=SC2034 # for the caller
cxl_get()
{
	CXL_GOT=$("$PC_TOP/scripts/$1" get "$2" 2>&1) || {
		CXL_WHY=$(last_said "$CXL_GOT")
		return 1
	}
	CXL_GOT=${CXL_GOT##*$'\n'}
}

# shellcheck disable=SC2034 # for guest_find and the caller
cxl_guest()
{
	if [[ -z $GUEST_PROGRAM ]] && ! qemu_has_cxl qemu-system-x86_64; then
		cxl_get qemus "$QEMU_CXL_SERIES" || return
		GUEST_PROGRAM=$CXL_GOT
	fi
	CXL_KERNEL=$1
	if [[ -z $CXL_KERNEL ]]; then
		cxl_get kernels "$CXL_LINUX" || return
		CXL_KERNEL=$CXL_GOT
	fi
}
