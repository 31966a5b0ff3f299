# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of target.sh and place.bash
#
# repair HOW STATE: poisons a page, repairs it, says what it reads as, and in which
# lists its first place still is.
# shellcheck disable=SC2317 # step calls functions

# write_pages FIRST COUNT: full of 0x77 (119)
write_pages()
{
	head -c $(($2 * page)) /dev/zero | tr '\0' '\167' |
		dd of="$target" bs=$(($2 * page)) seek="$1" count=1 iflag=fullblock \
			oflag=seek_bytes conv=notrunc,fsync status=none 2>&1
}

remount()
{
	if [[ $setup == devdax* ]]; then
		"$@"
		return
	fi
	step umount "$dir"
	"$@"
	step mount -t "$fstype" -o dax=always "$dev" "$dir"
}

# rewrite COMMAND...: by dd; ends the case if the write is refused
rewrite()
{
	"$@" >/run/rewrite 2>&1 || outcome "$(sed -n 's/^dd: error writing .*: //p' /run/rewrite)"
}

# readable: ends the case; what is there then is not defined (ACPI 6.2, 9.20.7.4)
readable()
{
	outcome "$(page_reads | sed "s/^full of .*/readable/")"
}

plant "$2"
case $1 in
write)     # the page, and no more
	   rewrite write_pages "$at" 1 ;;
write-3)   # one write(2) of the page and its neighbours
	   rewrite write_pages $((at - page)) 3 ;;
punch)     step xfs_io -c "fpunch $at $page" "$target"
	   step write_pages "$at" 1 ;;
truncate)  step truncate -s "$at" "$target"
	   step write_pages "$at" 1 ;;
zero)      # the filesystem zeroes the range
	   step xfs_io -c "fzero $at $page" -c fsync "$target"
	   step write_pages "$at" 1 ;;
direct)    head -c "$page" /dev/zero | tr '\0' '\167' >/run/data
	   rewrite dd if=/run/data of="$target" bs="$page" seek=$((at / page)) oflag=direct conv=notrunc ;;
clear)     step poisonctl clear --zero "$target" -o "$at" -l "$page" ;;
clear-flag) step poisonctl clear --zero --hwpoison "$target" -o "$at" -l "$page" ;;
clear-all) step poisonctl clear --all --zero ;;
block)     # one block of the page
	   step dd if=/dev/zero of="$target" bs=512 seek=$(((at + 1024) / 512)) count=1 oflag=direct ;;
busy)      # on a mounted namespace ndctl refuses
	   if ndctl clear-errors namespace0.0 >/run/ndctl 2>&1; then
		   outcome "not refused"
	   fi
	   outcome "$(grep -o 'resource busy' /run/ndctl | head -n 1)" ;;
offline)   # on one that is not, the firmware is told to clear
	   remount step ndctl clear-errors -s namespace0.0
	   readable ;;
uninject)  step ndctl inject-error namespace0.0 --uninject --saturate \
		   --block=$((block + 2)) --count=1
	   [[ $setup != devdax* ]] || readable ;;
*)         echo "repair: unknown word '$1'" >&2; exit 2 ;;
esac
outcome "$(page_reads)"
