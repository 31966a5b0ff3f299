# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of target.sh and place.bash
#
# infoblock WHAT latent|listed: poisons what makes a namespace of raw media, says as what
# the namespace comes up, why, and, after clearing and the repair of its kind, as what then.
#
#   pfn      the info block of an fsdax namespace (at 4 KiB); ndctl write-infoblock
#   memmap   the page array of one that has it on the media; the kernel writes it anew
#   btt      the info block of a sector namespace (BTT 2.0: at 0); ndctl check-namespace,
#            from the copy at the end of the arena

namespace=namespace0.0
attributes=/sys/bus/nd/devices/$namespace

# enabled RAW: the namespace anew, without (1) or with what its info block says (0)
enabled()
{
	step ndctl disable-namespace "$namespace"
	echo "$1" >"$attributes/force_raw"
	step ndctl enable-namespace "$namespace"
}

mode()
{
	ndctl list -N | sed -n 's/.*"mode":"\(.*\)".*/\1/p'
}

# poison BLOCK: of the raw media
poison()
{
	local mechanism=dsm

	[[ $how == listed ]] || mechanism=dsm-latent
	enabled 1
	step poisonctl inject -m "$mechanism" "$namespace" --block "$1"
	enabled 0
}

# error_of BLOCK: what a read of its page gives, of raw media
error_of()
{
	if dd if="$dev" of=/dev/null bs=4096 skip=$(($1 / 8)) count=1 iflag=direct 2>/run/dd; then
		echo "no error"
	else
		sed -n 's/.*: //; 1p' /run/dd
	fi
}

# whole DEVICE [OPTION...]: the filesystem there has its file
whole()
{
	step mount -t ext4 "${@:2}" "$1" "$dir"
	good "$sum"
	step umount "$dir"
}

# consistent COMMAND...
consistent()
{
	if "$@" >/run/check 2>&1; then
		echo consistent
	else
		echo "not consistent: $(tail -n 1 /run/check)"
	fi
}

pfn()
{
	local said

	sum=$(sha256sum <"$dir/data")
	step umount "$dir"
	poison 9
	said="$(mode); $(error_of 9)"
	step poisonctl clear --zero "$namespace" --block 8 --count 8
	step ndctl disable-namespace "$namespace"
	step ndctl write-infoblock -m fsdax -M mem -a 2M "$namespace"
	step ndctl enable-namespace "$namespace"
	actual "$said; $(mode); $(whole "$dev" -o dax=always); $(consistent e2fsck -fn "$dev")"
}

memmap()
{
	local said

	step ndctl create-namespace -f -e "$namespace" -m fsdax -M dev
	poison 100
	said=$(mode)
	enabled 1
	block=96
	outcome "$said"
}

btt()
{
	local said

	step ndctl create-namespace -f -e "$namespace" -m sector -l 4096
	step mkfs.ext4 -q /dev/pmem0s
	dir=/mnt/btt
	mkdir -p "$dir"
	step mount -t ext4 /dev/pmem0s "$dir"
	make_file "$dir/data" 251
	sum=$(sha256sum <"$dir/data")
	step umount "$dir"
	poison 1
	said="$(mode); $(error_of 1)"
	step poisonctl clear --zero "$namespace" --block 0 --count 8
	step ndctl disable-namespace "$namespace"
	ndctl check-namespace "$namespace" >/run/check 2>&1 || said+="; to be restored"
	step ndctl check-namespace --repair "$namespace"
	step ndctl enable-namespace "$namespace"
	said+="; $(mode); $(whole /dev/pmem0s); $(consistent e2fsck -fn /dev/pmem0s)"
	step ndctl disable-namespace "$namespace"
	actual "$said; $(consistent ndctl check-namespace "$namespace")"
}

how=$2
case $1 in
pfn|memmap|btt) "$1" ;;
*) echo "infoblock: unknown word '$1'" >&2; exit 2 ;;
esac
