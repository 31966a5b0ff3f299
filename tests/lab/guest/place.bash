# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Where a case poisons, and what it looks at.  Sourced by case and its verbs, after
# tap.bash and guest.bash.
#
#   setup target dir dev   the set-up; what is poisoned, its mount, its block device
#   at page                byte offset of the poisoned page in target
#   outcome TEXT           ends the case: TEXT, and whether the kernel and the firmware
#                          list the page
#   plant STATE            poisons a 512-byte block of the page: latent, listed (by
#                          notification), scrubbed (by a scrub that was asked for) or
#                          consumed (a load met it)
#   page_reads             what read(2) of the page gives
#   broken TEXT            ends the case: it did not get to an outcome
#
# What is listed is looked up at the block where the page was at the time of plant,
# wherever the file has its page later.
# shellcheck disable=SC2034 # who sources this uses them

setup=$(cat /run/lab-setup)
page=4096
# in the middle of the second 2 MiB, so that a PMD's start and the page are told apart
at=$(((2 << 20) + 16 * page))
dir=/mnt/$setup
dev=/dev/pmem0
case $setup in
ext4|xfs*) target=$dir/data ;;
devdax*)   target=/dev/dax0.0 ;;
*)         target=$dev ;;
esac

broken()
{
	echo "$*" >&2
	exit 4
}

# step COMMAND...: it succeeds, or the case is broken
step()
{
	"$@" >/run/step 2>&1 || broken "$1: $(tail -n 1 /run/step)"
}

# block: where the page is now, in 512-byte blocks of the namespace
block_of()
{
	poisonctl inject --dry-run --json -m dsm-latent "$target" -o "$at" -l $page |
		jq -r '.extents[0].block'
}

plant()
{
	block=$(block_of)
	echo "$block" >/run/lab-block
	case $1 in
	latent)   step poisonctl inject -m dsm-latent "$target" -o $((at + 1024)) ;;
	listed)   step poisonctl inject -m dsm "$target" -o $((at + 1024)) ;;
	scrubbed) step poisonctl inject -m dsm-latent "$target" -o $((at + 1024))
		  step ndctl start-scrub
		  step wait_scrub ;;
	consumed) step poisonctl trial -m dsm-latent -a load "$target" -o $((at + 1024)) ;;
	flagged)  step poisonctl trial -m madvise -a none "$target" -o "$at" -l $page ;;
	esac
}

# lists: two statements, by sysfs and by ndctl
lists()
{
	local region=/sys/bus/nd/devices/region0

	ndctl list -M -N 2>/dev/null | jq -r --argjson b "$block" '
		if [.[].badblocks[]? | select(.offset < $b + 8 and .offset + .length > $b)] == []
		then "no badblock" else "badblock" end'
	ndctl inject-error namespace0.0 --status 2>/dev/null | jq -rs --argjson b "$block" '
		if [.[].badblocks[]? | select(.block < $b + 8 and .block + .count > $b)] == []
		then "no record" else "record" end'
}

outcome()
{
	{ echo "$1"; lists; } | jq -Rcn '{actual: ([inputs] | join(" | "))}'
	exit 0
}

# page_reads: by read(2) of the page alone: the byte it is full of, or the error; devices
# of device-dax have no read(2)
page_reads()
{
	local err rc=0 flag=()

	if [[ $target == /dev/dax* ]]; then
		echo "no read(2)"
		return
	fi
	[[ $target != /dev/pmem* ]] || flag=(iflag=direct)
	err=$(dd if="$target" bs=$page skip=$((at / page)) count=1 "${flag[@]}" 2>&1 >/run/page) || rc=$?
	if (( rc )); then
		sed -n 's/.*: //; 1p' <<<"$err"
	else
		od -An -v -tu1 -w1 /run/page | sort -u | tr -d ' ' | paste -s -d , | sed 's/^/full of /'
	fi
}
