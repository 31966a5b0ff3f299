# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # PMEM is of guest.bash
#
# Witnesses in the guest that know nothing of poisonctl.  Sourced after guest.bash;
# $PMEM is the device that files lie on.
#
#   frame_of FILE PAGE      page frame of a page of a DAX file, in hexadecimal
#   block_of FILE PAGE      its first 512-byte block of the namespace
#   corrupted               HardwareCorrupted, kB
#   flagged PFN             PG_hwpoison in /proc/kpageflags
#   logged TEXT             the kernel's log has it
#   runs_now PID NAME       polls until PID has executed NAME: before, it is a copy of
#                           the shell, at other addresses
#   stack_of PID            address of the page of its stack that its arguments are on
#   ndctl_bad NS            badblocks by ndctl, one "BLOCK COUNT" a line
#   ndctl_injected NS       what the firmware holds by ndctl
#   poison_left NS          what the firmware and the kernel hold of NS, which is $PMEM
#   load_page FILE PAGE     one byte of it, by a mapping

block_of()
{
	local extents logical physical length

	extents=$(filefrag -b4096 -v "$1" | sed -n 's/^ *[0-9]*: *\([0-9]*\)\.\. *[0-9]*: *\([0-9]*\)\.\. *[0-9]*: *\([0-9]*\):.*/\1 \2 \3/p')
	while read -r logical physical length; do
		if (($2 >= logical && $2 < logical + length)); then
			echo $(((physical + $2 - logical) * 8))
			return
		fi
	done <<<"$extents"
	return 1
}

# The data area of the pfn device that an fsdax namespace is.
frame_of()
{
	local base

	base=$(cat "/sys/block/${PMEM#/dev/}/device/resource")
	printf '0x%x\n' $(((base + $(block_of "$1" "$2") * 512) / 4096))
}

corrupted()
{
	sed -n 's/^HardwareCorrupted: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

# KPF_HWPOISON is bit 19: byte 2, bit 3.
flagged()
{
	local byte

	byte=$(dd if=/proc/kpageflags bs=8 skip="$(($1))" count=1 2>/dev/null | od -An -tu1 -j2 -N1)
	((byte & 8))
}

logged()
{
	dmesg | grep -qF "$1"
}

# By its words, not by its name: create_elf_tables() sets mm->arg_end after
# setup_arg_pages() has moved the stack, begin_new_exec() the name before.
runs_now()
{
	until_ok 30 words_begin "$1" "$2"
}

words_begin()
{
	local word

	IFS= read -r -d "" word <"/proc/$1/cmdline" && [[ ${word##*/} == "$2" ]]
}

stack_of()
{
	local end

	end=$(sed -n 's/^[0-9a-f]*-\([0-9a-f]*\) .*\[stack\]$/\1/p' "/proc/$1/maps")
	printf '0x%x\n' $((16#$end - 4096))
}

ndctl_bad()
{
	ndctl list -N -M -n "$1" | jq -r '.[].badblocks[]? | "\(.offset) \(.length)"'
}

ndctl_injected()
{
	ndctl inject-error "$1" --status | jq -r '.badblocks[]? | "\(.block) \(.count)"'
}

poison_left()
{
	ndctl_injected "$1" && badblocks_of "$PMEM"
}

load_page()
{
	xfs_io -r -c "mmap -r $(($2 * 4096)) 4096" -c "mread $(($2 * 4096)) 8" "$1" >/dev/null
}
