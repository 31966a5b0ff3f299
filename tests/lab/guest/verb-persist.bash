# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of target.sh and place.bash
#
# persist STATE: poisons a page, and leaves it; after the reset, or in the next QEMU on
# the same file (case --again), says what has become of it. The mark in the guest's
# memory tells the two boots apart.

if [[ -e /run/lab-made ]]; then
	plant "$1"
	sync
	echo '{"actual": "planted"}'
	exit 0
fi
# the scrub after boot is over: what the firmware has, the kernel has
block=$(block_of)
outcome "$(page_reads)"
