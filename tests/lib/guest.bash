# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tests in the guest share.  Sourced after tap.bash; refuses to be used
# anywhere but in a guest, because what it does destroys data.
#
#   split_case LINE        "WHAT : OUTCOME [: WITH kernel/dax [: SINCE LINUX 6.5]]" becomes
#                          CASE_WHAT and, for the kernel that runs, CASE_WANT; "=" is the
#                          one to the left, "-" that none is known, what is not there the
#                          first
#   wait_scrub             until no ARS runs, also the one after boot
#   make_fsdax NAMESPACE|REGION   /dev/pmemN of it, or of a new one in the region, in $PMEM
#   mount_dax DEVICE TYPE  makes and mounts ext4, xfs or xfs-rmapbt on /mnt/TYPE
#   make_file PATH PAGES   known data: page N is full of the byte N mod 251 + 1
#   badblocks_of PMEM      its list, one "SECTOR COUNT" a line
#   page_is PATH PAGE BYTE the page is full of BYTE, by read(2)

[[ -e /run/poisonctl-guest ]] || { echo "guest.bash: not in a guest" >&2; exit 125; }

# shellcheck disable=SC2034 # for the caller
split_case()
{
	local stock ours later major minor

	CASE_WHAT=${1%% : *}
	awk -v line="$1" 'BEGIN {
		n = split(line, f, / : /)
		for (i = 2; i <= 4; i++)
			print (i > n ? f[2] : f[i] == "=" ? f[i - 1] : f[i])
	}' >/run/split
	{ read -r stock; read -r ours; read -r later; } </run/split
	IFS=.- read -r major minor _ < <(uname -r)
	if [[ $(uname -r) == *-poisonctl-ours ]]; then
		CASE_WANT=$ours
	elif (( major > 6 || (major == 6 && minor >= 5) )); then
		CASE_WANT=$later
	else
		CASE_WANT=$stock
	fi
}

wait_scrub()
{
	until_ok 60 scrub_idle
}

# The kernel shows "N+" while an ARS runs (drivers/acpi/nfit/core.c, scrub_show).
scrub_idle()
{
	local count

	for count in /sys/bus/nd/devices/ndbus*/nfit/scrub; do
		[[ $(cat "$count") != *+ ]] || return 1
	done
}

make_fsdax()
{
	local dev of=(-f -e "$1")

	if [[ $1 == region* ]]; then
		of=(-r "$1")
		until_ok 20 test -e "/sys/bus/nd/devices/$1" || bail "no region '$1'"
	fi
	dev=$(ndctl create-namespace "${of[@]}" -m fsdax -M mem 2>/run/ndctl.err |
		sed -n 's/.*"blockdev":"\([a-z0-9.]*\)".*/\1/p') || bail "no fsdax namespace: $(tail -n 1 /run/ndctl.err)"
	PMEM=/dev/$dev
	[[ -b $PMEM ]] || bail "no block device '$PMEM'"
}

mount_dax()
{
	local dev=$1 type=$2

	mkdir -p "/mnt/$type"
	case $type in
	ext4)       mkfs.ext4 -q -F -b 4096 "$dev" ;;
	xfs)        mkfs.xfs -q -f -m reflink=0 "$dev" ;;
	xfs-rmapbt) mkfs.xfs -q -f -m reflink=1,rmapbt=1 "$dev" ;;
	xfs-default) mkfs.xfs -q -f -m reflink=1,rmapbt=0 "$dev" ;;
	esac >/run/mkfs.log 2>&1 || bail "mkfs of $type: $(tail -n 1 /run/mkfs.log)"
	mount -t "${type%%-*}" -o dax=always "$dev" "/mnt/$type" || bail "mount of $type"
}

make_file()
{
	LC_ALL=C awk -v pages="$2" 'BEGIN {
		for (n = 0; n < pages; n++) {
			page = sprintf("%c", n % 251 + 1)
			while (length(page) < 4096)
				page = page page
			printf "%s", page
		}
	}' >"$1"
	sync "$1"
}

badblocks_of()
{
	cat "/sys/block/${1#/dev/}/badblocks"
}

page_is()
{
	local want

	want=$(head -c 4096 /dev/zero | tr '\0' "$(printf '\\%03o' "$3")" | sha256sum)
	[[ $(dd if="$1" bs=4096 skip="$2" count=1 2>/dev/null | sha256sum) == "$want" ]]
}
