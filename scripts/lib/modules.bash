# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Kernels that come with modules, as the guest's.  Sourced after common.bash; guest.bash
# does, whose exit codes and whose image these are.
#
#   kernel_release FILE      the release of a bzImage, as uname -r prints it
#   kernel_named CODE FILE   a kernel that the user names is a bzImage; or exit with CODE
#   modules_of FILE RELEASE  the folder of its modules (lib/modules), if they lie where a
#                            package or an installation of it puts them
#   modules_image DIR        $GUEST_IMAGE becomes one that loads what a guest needs from
#                            DIR, the modules of one release, before all else
#   debian_kernel            Debian's own kernel of this release, by scripts/kernels

# What a guest needs of a kernel that has modules; what of it is not there is built in.
MODULES_WANTED=(virtio_pci virtio_console nfit nd_pmem nd_btt dax_pmem device_dax crc32c_generic
	ext4 xfs hwpoison_inject einj mce_inject
	cxl_acpi cxl_pci cxl_port cxl_mem cxl_pmem dax_cxl)

# How a module is unpacked to stdout, by the end of its name; the package of the program
# is that of the same name.
declare -A MODULES_UNPACK=([ko]="cat --" [xz]="xz -dc --" [gz]="gzip -dc --" [zst]="zstd -dcq --")

# kernel_header FILE: the bytes of a bzImage's header from 0x1f1 to 0x20f, decimal, in
# KERNEL_HEADER; Documentation/x86/boot.rst has what lies where.  Return: 1 if it is none.
kernel_header()
{
	IFS=$' \n' read -r -d '' -a KERNEL_HEADER < <(od -An -v -w31 -tu1 -j 497 -N 31 -- "$1" 2>/dev/null) || true
	# "HdrS"
	[[ "${KERNEL_HEADER[*]:17:4}" == "72 100 114 83" && ${#KERNEL_HEADER[@]} -ge 31 ]]
}

# kernel_release FILE: kernel_version is at 0x20e, an offset from 0x200.
# Return: 1 if FILE is no bzImage.
kernel_release()
{
	local at text

	kernel_header "$1" || return
	at=$((KERNEL_HEADER[29] + (KERNEL_HEADER[30] << 8)))
	(( at > 0 )) || return
	IFS= read -r -d '' text < <(dd if="$1" bs=1 skip=$((at + 512)) count=100 status=none) || true
	printf '%s\n' "${text%% *}"
}

kernel_named()
{
	local want=VERSION size has

	[[ $2 == debian ]] || want=$2
	[[ -e $2 || ! $2 =~ ^(debian|[0-9]+\.[0-9][^/]*)$ ]] ||
		die "$1" "no file '$2': expected a bzImage; 'scripts/kernels get $want' fetches Debian's and prints its path"
	[[ -f $2 && -r $2 ]] || die "$1" "cannot read the kernel '$2': expected the file of a bzImage"
	kernel_release "$2" >/dev/null || die "$1" "'$2' is no kernel: expected a bzImage"
	size=$(kernel_size "$2")
	has=$(stat -L -c %s -- "$2")
	(( has >= size )) || die "$1" "the kernel '$2' is cut short: it has $has bytes of $size"
}

# kernel_size FILE: the bytes of a bzImage by its header (setup_sects and syssize), 0 if it
# says nothing of the second.
kernel_size()
{
	local sects size

	kernel_header "$1" || return
	sects=${KERNEL_HEADER[0]}
	size=$((KERNEL_HEADER[3] | KERNEL_HEADER[4] << 8 | KERNEL_HEADER[5] << 16 | KERNEL_HEADER[6] << 24))
	echo $((size ? (sects ? sects + 1 : 5) * 512 + size * 16 : 0))
}

modules_of()
{
	local dir=${1%/*}/

	for dir in "$dir"{../lib/modules,../usr/lib/modules,..}; do
		if [[ -n $2 && -d $dir/$2/kernel ]]; then
			realpath -- "$dir"
			break
		fi
	done
}

# module_unpack FILE TO
module_unpack()
{
	local how

	read -r -a how <<<"${MODULES_UNPACK[${1##*.}]}"
	command -v "${how[0]}" >/dev/null ||
		die "$GUEST_SETUP" "cannot unpack '$1': no program '${how[0]}'"
	"${how[@]}" "$1" >"$2" 2>/dev/null || die "$GUEST_SETUP" "cannot unpack the module '$1'"
}

# module_order NAME: unpacks its file to the image and adds it to 'order' and, before it,
# those of all that it depends on, each once.  What is not there is built in.
module_order()
{
	local need

	[[ -z ${have[$1]-} ]] || return 0
	have[$1]=1
	[[ -n ${ko[$1]-} ]] || return 0
	module_unpack "${ko[$1]}" "$root/modules/$1.ko"
	for need in $(objcopy -O binary -j .modinfo "$root/modules/$1.ko" /dev/stdout | tr '\0' '\n' |
		sed -n 's/^depends=//p' | tr ',' ' '); do
		module_order "${need//-/_}"
	done
	order+=("$1.ko")
}

# modules_image DIR: what follows the guest's own archive is unpacked over it, and its
# first process goes on as the guest's own one.  In the cache, by all that goes in.
modules_image()
{
	local modules=$1 entry

	[[ -d $modules ]] || die "$GUEST_SETUP" "cannot read the modules '$modules': expected a folder"
	entry=$PC_CACHE/image/$({ echo "$GUEST_IMAGE ${MODULES_WANTED[*]}"
		cat -- "$PC_TOP/scripts/guest/init"
		find "$modules" -name '*.ko*' -printf '%P %s %T@\n'
		declare -f modules_make modules_archive module_order; } | key_of).cpio
	[[ -e $entry ]] || (modules_make "$modules" "$entry")
	[[ -e $entry ]] || exit "$GUEST_SETUP"
	GUEST_IMAGE=$entry
}

# modules_make DIR ENTRY: in a subshell.
modules_make()
{
	local new root m path
	local order=()
	local -A have=() ko=()

	while IFS= read -r -d '' path; do
		m=${path##*/}
		m=${m%%.ko*}
		ko[${m//-/_}]=$path
	done < <(find "$1" \( -name '*.ko' -o -name '*.ko.xz' -o -name '*.ko.gz' -o -name '*.ko.zst' \) -print0)
	(( ${#ko[@]} )) || die "$GUEST_SETUP" "no modules in '$1': expected .ko, .ko.xz, .ko.gz or .ko.zst"
	cache_folder image "$GUEST_SETUP"
	new=$(mktemp -u "$PC_CACHE/image/new.XXXXXX" 2>/dev/null) || new=$PC_CACHE/image/none
	cache_half "$new"
	mkdir -m 700 -- "$new" 2>/dev/null ||
		die "$GUEST_SETUP" "cannot write to the cache '$PC_CACHE/image'"
	root=$new/root
	mkdir -p "$root/modules"
	for m in "${MODULES_WANTED[@]}"; do
		module_order "$m"
	done
	modules_archive "$root" "$new/cpio"
	mv -- "$new/cpio" "$2"
}

# modules_archive ROOT FILE: variables of modules_make.
modules_archive()
{
	cp -- "$PC_TOP/scripts/guest/init" "$1/init.guest"
	{
		printf '%s\n' '#!/bin/busybox sh' 'cd /modules'
		(( ${#order[@]} == 0 )) || printf '/bin/busybox insmod %s\n' "${order[@]}"
		echo 'exec /init.guest'
	} >"$1/init"
	chmod 755 "$1" "$1"/init*
	find "$1" -exec touch -h -d @0 {} +
	{
		cat -- "$GUEST_IMAGE"
		(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
			cpio --quiet --null --create --format=newc --owner=0:0 --reproducible)
	} >"$2" 2>/dev/null || die "$GUEST_SETUP" "cannot write the guest's image '$2'$(no_space "$1")"
}

# debian_kernel: DEBIAN_RELEASE, and DEBIAN_KERNEL, its file.  Return: 0, or 1 and why in
# DEBIAN_WHY.
# shellcheck disable=SC2034 # used by those who source this file
debian_kernel()
{
	local said

	DEBIAN_WHY="apt knows no linux-image-amd64"
	DEBIAN_RELEASE=$(apt-cache depends linux-image-amd64 2>/dev/null |
		sed -n 's/^ *Depends: linux-image-//p' | head -n 1)
	[[ -n $DEBIAN_RELEASE ]] || return 1
	if ! said=$("$PC_TOP/scripts/kernels" get "$DEBIAN_RELEASE" 2>&1); then
		DEBIAN_WHY=$(last_said "$said")
		return 1
	fi
	DEBIAN_KERNEL=${said##*$'\n'}
}
