# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of target.sh and place.bash
#
# metadata WHAT: poisons what a filesystem or a namespace is described by, says how its
# user is told, repairs it with the means of its kind, says whether that was enough.
#
#   superblock   ext4's first superblock; e2fsck, from a backup
#   inode-table  the block of ext4's inode table that has a file's inode
#   agf          the second allocation group header of XFS; xfs_repair

# poison SECTOR: one 512-byte block of the namespace, the kernel knows of it
poison()
{
	block=$1
	step poisonctl inject -m dsm "$namespace" --block "$1"
}

# told COMMAND...: fails, says how in $said
told()
{
	if "$@" >/run/told 2>&1; then
		said="no error"
	else
		said=$(grep -o -m 1 -i -e "can't read superblock" -e "input/output error" \
			-e 'structure needs cleaning' /run/told | head -n 1) ||
			said=$(tail -n 1 /run/told)
	fi
}

mount_again()
{
	step mount -t "$fstype" -o dax=always "$dev" "$dir"
}

# check: the filesystem's own checker says that it is consistent
check()
{
	local rc=0

	umount "$dir"
	case $fstype in
	ext4) e2fsck -fn "$dev" >/run/check 2>&1 || rc=$? ;;
	xfs)  xfs_repair -n "$dev" >/run/check 2>&1 || rc=$? ;;
	esac
	if (( rc == 0 )); then
		echo consistent
	else
		echo "not consistent"
		tail -n 5 /run/check >&2
	fi
}

# fsck COMMAND...: repairs; e2fsck says 1 when it has repaired something
fsck()
{
	local rc=0

	"$@" >/run/fsck 2>&1 || rc=$?
	(( rc <= 1 )) || broken "$1: exit status $rc: $(tail -n 1 /run/fsck)"
}

namespace=namespace0.0
[[ ! -e $dir/data ]] || sum=$(sha256sum <"$dir/data")
case $1 in
superblock)
	umount "$dir"
	poison 2
	told mount -t ext4 -o dax=always "$dev" "$dir"
	step poisonctl clear --zero "$namespace" --block 2
	fsck e2fsck -fy -b 32768 -B 4096 "$dev"
	mount_again ;;
inode-table)
	# a file whose inode is not in the block that has the root's
	for n in {1..40}; do
		: >"$dir/file$n"
	done
	read -r at_block at_byte < <(debugfs -R "imap <$(stat -c %i "$dir/file40")>" "$dev" 2>/dev/null |
		sed -n 's/.*located at block \([0-9]*\), offset \(0x[0-9a-f]*\).*/\1 \2/p')
	sector=$((at_block * 8 + at_byte / 512))
	umount "$dir"
	poison "$sector"
	mount_again
	told stat "$dir/file40"
	umount "$dir"
	# the bytes of the block that can be read stay
	step poisonctl clear "$namespace" --block "$sector"
	fsck e2fsck -fy "$dev"
	mount_again ;;
agf)
	umount "$dir"
	read -r agblocks sector_size < <(xfs_db -r -c "sb 0" -c "print agblocks sectsize" "$dev" |
		sed "s/.*= //" | xargs)
	agf=$((agblocks * 8 + sector_size / 512))
	poison "$agf"
	told mount -t xfs -o dax=always "$dev" "$dir"
	if grep -q " $dir " /proc/mounts; then
		told fallocate -l 300M "$dir/more"
		umount "$dir"
	fi
	step poisonctl clear --zero "$namespace" --block "$agf"
	fsck xfs_repair "$dev"
	mount_again ;;
*)
	echo "metadata: unknown word '$1'" >&2
	exit 2 ;;
esac
text="$said; $(good "$sum")"
outcome "$text; $(check)"
