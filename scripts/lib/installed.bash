# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The build folder of an installed lab (scripts/install-lab), $PC_BUILT.  What is the same on
# every machine comes with the package, in $PC_TOP/build.  What is made of this machine's
# packages, the guest's image and kernel and the poison device, is built for the user who
# first wants it, and looked at anew when a package of the machine has changed.  In a checkout
# make has built all of it, and nothing is done here.  Sourced after common.bash.
#
#   installed_guest BUILD KERNEL IMAGE   the guest's kernel and image are there, but for what
#                          the user has named; or exit
#   installed_machine BUILD   what its machine is made of is there, or exit.  A poison device
#                          that cannot be built is not there, and why is said beside it
#   installed_kernel BUILD NAME   the kernel NAME, path (this release's) or stock (with
#                          Linux's own DAX core); or exit
# shellcheck disable=SC2154 # GUEST_SETUP is of guest.bash

# installed_is BUILD: it is that of an installed lab.
installed_is()
{
	[[ -e $PC_TOP/installed && $(realpath -m -- "$1") == "$(realpath -m -- "$PC_BUILT")" ]]
}

# installed_now: what changes with every package.
installed_now()
{
	stat -c '%n %Y %s' "$PC_TOP/installed" /var/lib/dpkg/status 2>/dev/null || true
}

# installed_fresh FILE: it was made since.
installed_fresh()
{
	[[ -e $1 && $(cat -- "$1.of" 2>/dev/null) == "$(installed_now)" ]]
}

# installed_write FILE LINE
installed_write()
{
	{ printf '%s\n' "$2" >"$1.$$"; } 2>/dev/null ||
		die "$GUEST_SETUP" "cannot write '$1'$(no_space "$PC_BUILT")"
	mv -T -- "$1.$$" "$1"
}

# installed_put FILE [LINE]: it has been made, of LINE.
installed_put()
{
	(( $# == 1 )) || installed_write "$1" "$2"
	installed_write "$1.of" "$(installed_now)"
}

# installed_run COMMAND...: its last line is INSTALLED_SAID, of stdout, or of stderr if it
# fails.  A person at a terminal sees its phases.
installed_run()
{
	local rc=0 log=$PC_BUILT/log.$$ verbose=0

	[[ ! -t 2 ]] || verbose=1
	# a process substitution that has ended is none that can be waited for by its number
	INSTALLED_SAID=$({
		VERBOSE=$verbose "$@" 2>&1 >&3 3>&- | tee -- "$log" 3>&- |
			grep --line-buffered -E '^[a-z-]+: +[0-9]+s  ' >&2 3>&-
		exit "${PIPESTATUS[0]}"
	} 3>&1) || rc=$?
	(( rc == 0 )) || INSTALLED_SAID=$(last_said "$(grep . -- "$log" | tail -n 1)")
	rm -f -- "$log"
	INSTALLED_SAID=${INSTALLED_SAID##*$'\n'}
	return "$rc"
}

# installed_folder: $PC_BUILT, with all that came with the package.
installed_folder()
{
	local f

	! installed_fresh "$PC_BUILT/folder" || return 0
	while IFS= read -r f; do
		must "$GUEST_SETUP" "make '$PC_BUILT/${f%/*}'" mkdir -p -- "$PC_BUILT/${f%/*}"
		must "$GUEST_SETUP" "make '$PC_BUILT/$f'" ln -sfn -- "$PC_TOP/build/$f" "$PC_BUILT/$f"
	done < <(cd "$PC_TOP/build/" && find . ! -type d -printf '%P\n')
	must "$GUEST_SETUP" "make '$PC_BUILT/kernel'" mkdir -p -- "$PC_BUILT/kernel"
	installed_put "$PC_BUILT/folder" "what is here was made by '$PC_PROG'"
}

installed_image()
{
	local manifests

	! installed_fresh "$PC_BUILT/scripts/image" || return 0
	phase "gather the guest's image"
	mapfile -t manifests < <(sed "1d; s|^|$PC_TOP/|" "$PC_TOP/installed")
	installed_run "$PC_TOP/scripts/build-image" --build "$PC_BUILT" "${manifests[@]}" ||
		die "$GUEST_SETUP" "no guest's image: $INSTALLED_SAID"
	installed_put "$PC_BUILT/scripts/image" "$INSTALLED_SAID"
}

installed_device()
{
	local device=$PC_BUILT/qemu-configs/nvdimm-poison.so

	! installed_fresh "$device" || return 0
	phase "look for the poison device"
	if QEMU='' installed_run "$PC_TOP/scripts/build-device" "$device"; then
		rm -f -- "$device.none"
		installed_put "$device"
		return
	fi
	# one of another QEMU does not stay, and the next time it is tried again
	rm -f -- "$device" "$device.of"
	{ printf '%s\n' "$INSTALLED_SAID" >"$device.none"; } 2>/dev/null ||
		die "$GUEST_SETUP" "cannot write '$device.none'$(no_space "$PC_BUILT")"
}

installed_kernel()
{
	local file=$1/kernel/$2 dax=()

	installed_is "$1" || return 0
	installed_folder
	! installed_fresh "$file" || [[ ! -e $(<"$file") ]] || return 0
	[[ $2 == path ]] || dax=(--dax "$2")
	installed_run "$PC_TOP/scripts/build-kernel" "${dax[@]}" ||
		die "$GUEST_SETUP" "no guest's kernel: $INSTALLED_SAID; or name one with --kernel, as 'scripts/kernels get' prints it"
	installed_put "$file" "$INSTALLED_SAID"
}

installed_guest()
{
	installed_is "$1" || return 0
	installed_folder
	[[ -n $2 ]] || installed_kernel "$1" path
	[[ -n $3 ]] || installed_image
}

installed_machine()
{
	installed_is "$1" || return 0
	installed_folder
	[[ -n $GUEST_PROGRAM ]] || installed_device
}
