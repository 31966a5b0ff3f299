# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The releases of Debian that the project is built on, and what differs between them.
# Sourced after common.bash.
#
#   release_find     sets RELEASE_NAME and RELEASE_LINUX, the version whose linux-source
#                    it has.  Return: 1 if the release is none of the known ones
#   release_has_core LINUX   Return: 0 if kernel/dax can be built into that Linux, or 1 and
#                    why in RELEASE_WHY
#   release_wants_core LINUX   the same of whether that Linux has it without being asked
#   release_known    "Debian 12 or 13"
#   release_is_linux VERSION   Return: 0 if one of them has it
#   release_linuxes  "6.1, 6.12 or 7.3": what they have
#   release_cores    "6.1, 6.12 or 7.3": what kernel/dax can be built into
#   release_core_units LINUX   the files of kernel/dax that are compiled there, a path a line
#   release_patches LINUX   what that Linux needs beside kernel/dax, a path a line
#   release_tarball LINUX   the path of its source: the installed package's, else what
#                    'scripts/kernels source' has put into the cache
#   release_source LINUX   fetches it by scripts/kernels if it is not here.  Return: 1 if
#                    it cannot be had, and why in RELEASE_WHY

# VERSION_ID of os-release(5), Linux; or where else Debian has a linux-source that is
# tried here
readonly RELEASES="
12 6.1
13 6.12
13-backports 7.3
"

# The Linuxes whose guests have kernel/dax where DAX says nothing; elsewhere DAX=ours does.
readonly CORE_DEFAULT=(6.1)

RELEASE_NAME=
RELEASE_LINUX=
RELEASE_WHY=

release_find()
{
	local id=

	# shellcheck source=/dev/null disable=SC2034 # used by those who source this file
	RELEASE_NAME=$(. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME-}") || RELEASE_NAME=
	# shellcheck source=/dev/null
	id=$(. /etc/os-release 2>/dev/null && [[ ${ID-} == debian ]] && echo "${VERSION_ID-}") || id=
	RELEASE_LINUX=$(sed -n "s/^${id:-none} //p" <<<"$RELEASES")
	[[ -n $RELEASE_LINUX ]]
}

release_has_core()
{
	# shellcheck disable=SC2034 # used by those who source this file
	RELEASE_WHY="kernel/dax is for Linux $(release_cores), not for $1"
	[[ -e $PC_TOP/kernel/compat/$1.h ]]
}

release_wants_core()
{
	release_has_core "$1" || return
	# shellcheck disable=SC2034 # used by those who source this file
	RELEASE_WHY="in Linux $1 kernel/dax has to be asked for with DAX=ours"
	[[ " ${CORE_DEFAULT[*]} " == *" $1 "* ]]
}

# either_of: the words on stdin, a line each
either_of()
{
	paste -s -d ' ' | sed 's/ /, /g; s/\(.*\), /\1 or /'
}

release_cores()
{
	(cd "$PC_TOP/kernel/compat" 2>/dev/null && printf '%s\n' [0-9]*.h) | sed 's/\.h$//' | sort -V | either_of
}

release_core_units()
{
	local ref

	ref=$(sed -n 's/^#include "ref-\(.*\)\.h"$/\1/p' "$PC_TOP/kernel/compat/$1.h")
	# the Makefile's lists of what is with the others only
	printf '%s\n' "$PC_TOP"/kernel/dax/*.c | grep -vxFf <(
		sed -n "/^fsdax-$ref-/d; s/^fsdax-[a-z]*-[^ \t]*[ \t]*:= \(.*\.o\)$/\1/p" "$PC_TOP/kernel/dax/Makefile" |
			tr ' ' '\n' | sed "s|\(.*\)\.o|$PC_TOP/kernel/dax/\1.c|")
}

release_known()
{
	echo "Debian $(sed -n 's/^\([0-9]*\) .*/\1/p' <<<"$RELEASES" | either_of)"
}

release_is_linux()
{
	sed -n "s/^[^ ]\+ //p" <<<"$RELEASES" | grep -qxF -e "$1"
}

release_linuxes()
{
	sed -n "s/^[^ ]\+ //p" <<<"$RELEASES" | either_of
}

release_patches()
{
	find "$PC_TOP/kernel/patches/$1" -name '*.patch' 2>/dev/null | LC_ALL=C sort
}

release_tarball()
{
	local file=/usr/src/linux-source-$1.tar.xz

	[[ -e $file ]] ||
		file=$(printf '%s\n' "$PC_CACHE/kernels/linux-source-$1"_*/"${file##*/}" | sort -V | tail -n 1)
	[[ -e $file ]] || file=/usr/src/linux-source-$1.tar.xz
	echo "$file"
}

release_source()
{
	local said

	[[ ! -r $(release_tarball "$1") ]] || return 0
	said=$("$PC_TOP/scripts/kernels" source "$1" 2>&1 >/dev/null) && return
	# shellcheck disable=SC2034 # used by those who source this file
	RELEASE_WHY="no source of Linux $1: $(last_said "$said")"
	return 1
}
