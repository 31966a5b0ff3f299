# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Kernels that come with modules, as the guest's.  Sourced after common.bash and
# guest.bash.
#
#   modules_image DIR MODULE...   $GUEST_IMAGE becomes one that loads each MODULE and
#                                 what it depends on, from DIR, before all else
#   debian_kernel                 Debian's own kernel, fetched by apt into the cache
#                                 and not installed

# module_order NAME: adds its file and, before it, those of all that it depends on to
# 'order', each once.  What is not there is built in.
module_order()
{
	local path need

	[[ -z ${have[$1]-} ]] || return 0
	have[$1]=1
	path=$(find "$modules" -name "${1//_/[-_]}.ko" -o -name "${1//_/[-_]}.ko.xz" | head -n 1)
	[[ -n $path ]] || return 0
	if [[ $path == *.xz ]]; then
		xz -dc -- "$path" >"$root/modules/$1.ko"
		path=$root/modules/$1.ko
	else
		cp -- "$path" "$root/modules"
	fi
	for need in $(objcopy -O binary -j .modinfo "$path" /dev/stdout | tr '\0' '\n' |
		sed -n 's/^depends=//p' | tr ',' ' '); do
		module_order "$need"
	done
	order+=("${path##*/}")
}

# modules_image DIR MODULE...: what follows the guest's own archive is unpacked over
# it, and its first process goes on as the guest's own one.  In the cache.
modules_image()
{
	local modules=$1 root m entry
	local order=()
	local -A have=()

	[[ -d $modules ]] || die "$EX_USAGE" "cannot read the modules '$modules': expected a folder"
	mkdir -p "$PC_CACHE/image"
	root=$(mktemp -d "$PC_CACHE/image/new.XXXXXX")
	mkdir "$root/modules"
	for m in "${@:2}"; do
		module_order "$m"
	done
	cp -- "$PC_TOP/scripts/guest/init" "$root/init.guest"
	{
		printf '%s\n' '#!/bin/busybox sh' 'cd /modules'
		printf '/bin/busybox insmod %s\n' "${order[@]}"
		echo 'exec /init.guest'
	} >"$root/init"
	chmod 755 "$root" "$root"/init*
	find "$root" -exec touch -h -d @0 {} +
	{
		cat -- "$GUEST_IMAGE"
		(cd "$root" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
			cpio --quiet --null --create --format=newc --owner=0:0 --reproducible)
	} >"$root.cpio" || die "$EX_FAILED" "cannot write the guest's image '$root.cpio'"
	entry=$PC_CACHE/image/$(key_of <"$root.cpio").cpio
	mv -- "$root.cpio" "$entry"
	rm -rf -- "$root"
	# shellcheck disable=SC2034 # guest_command reads it
	GUEST_IMAGE=$entry
}

# debian_kernel: DEBIAN_PACKAGE is its name, DEBIAN_DIR where boot/vmlinuz-* and
# lib/modules are.  Return: 0, or 1 and why in DEBIAN_WHY.
debian_kernel()
{
	local version new

	DEBIAN_WHY="there is no apt-get"
	command -v apt-get >/dev/null || return 1
	DEBIAN_WHY="apt knows no linux-image-amd64"
	DEBIAN_PACKAGE=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: //p' | head -n 1)
	version=$(apt-cache show "$DEBIAN_PACKAGE" 2>/dev/null | sed -n 's/^Version: //p' | head -n 1)
	[[ -n $DEBIAN_PACKAGE && -n $version ]] || return 1
	DEBIAN_DIR=$PC_CACHE/debian-kernel/$(echo "$DEBIAN_PACKAGE $version" | key_of)
	[[ ! -e $DEBIAN_DIR ]] || return 0
	need_space "$PC_CACHE" 500
	mkdir -p "$PC_CACHE/debian-kernel"
	new=$(mktemp -d "$DEBIAN_DIR.XXXXXX")
	chmod 755 "$new"
	mkdir "$new/x"
	DEBIAN_WHY="$DEBIAN_PACKAGE cannot be fetched"
	phase "fetch $DEBIAN_PACKAGE"
	if (cd "$new" && timeout 200 apt-get -q -o APT::Sandbox::User=root download "$DEBIAN_PACKAGE=$version") \
		>"$new/apt.log" 2>&1 </dev/null && dpkg-deb -x "$new/$DEBIAN_PACKAGE"_*.deb "$new/x"; then
		# another one may have been first, with the same
		[[ -e $DEBIAN_DIR ]] || cache_put "$new/x" "$DEBIAN_DIR"
		DEBIAN_WHY=
	else
		DEBIAN_WHY+=": $(grep -m 1 '^E:' "$new/apt.log" || true)"
	fi
	rm -rf -- "$new"
	[[ -z $DEBIAN_WHY ]]
}
