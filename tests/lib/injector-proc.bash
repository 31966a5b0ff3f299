# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # root and top are of injector.bash and the test
#
# The captured /proc of a guest (tests/host/injector-machine) for tests of
# poisonctl's command line.  Sourced after injector.bash.
#
#   captured_proc             lay it below $root
#   put_word FILE INDEX N     a 64-bit word of a file, least significant byte first
#   put_flags PFN N           the flags of a page frame

put_word()
{
	local hex i bytes=''

	printf -v hex %016x "$3"
	for ((i = 14; i >= 0; i -= 2)); do
		bytes+="\\x${hex:i:2}"
	done
	printf %b "$bytes" | dd of="$1" bs=8 seek="$2" conv=notrunc status=none
}

put_flags()
{
	put_word "$root/proc/kpageflags" "$1" "$2"
}

# The captured lines "KIND ADDRESS PFN FLAGS" as the kernel's own files; it shows
# no flags of persistent memory.
captured_proc()
{
	local machine=$top/tests/host/injector-machine va pfn flags

	cp -r "$machine/proc" "$root/"
	while read -r _ va pfn flags; do
		(( pfn )) || continue
		put_word "$root/proc/119/pagemap" $((va / 4096)) $((1 << 63 | pfn))
		(( flags == 0 )) || put_flags "$pfn" "$flags"
	done <"$machine/pages"
	mkdir "$root/proc/119/map_files"
	ln -s /mnt/xfs-rmapbt/data "$root/proc/119/map_files/7f71711a9000-7f71711ab000"
}
