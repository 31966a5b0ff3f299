# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The folder of a build (make O=DIR).  One that make has begun says so by a CACHEDIR.TAG
# (bford.info/cachedir), which backup programs heed, too: nothing else is taken for one, to
# build in or to remove.  Sourced after common.bash.
#
#   build_folder DIR   DIR is one, or is new or empty and becomes one; or exit
#   build_remove DIR   removes it, if it is there; or exit

readonly BUILD_TAG='Signature: 8a477f597d28d172789f06886806bc55
# what poisonctl'\''s make has made here is what "make clean" removes'

# build_is DIR: also an empty one, and one of before there was a tag.
build_is()
{
	[[ -d $1 && -z $(ls -A -- "$1") ]] ||
		[[ $(cat -- "$1/CACHEDIR.TAG" 2>/dev/null) == "$BUILD_TAG" ]] ||
		grep -qs '^# the packages of scripts/deps were there$' "$1"/deps{,-tests,-deb}.mk
}

build_folder()
{
	must "$EX_FAILED" "make the folder of the build, '$1'" mkdir -p -- "$1"
	[[ -w $1 ]] || die "$EX_FAILED" "cannot write to the folder of the build, '$1'"
	build_is "$1" ||
		refuse "'$1' is no folder of a build: expected one that make has made, or a new or empty one"
	need_space "$1" 16
	[[ -e $1/CACHEDIR.TAG ]] || { printf '%s\n' "$BUILD_TAG" >"$1/CACHEDIR.TAG"; } 2>/dev/null ||
		die "$EX_FAILED" "cannot write '$1/CACHEDIR.TAG'"
}

build_remove()
{
	[[ -e $1 || -L $1 ]] || return 0
	build_is "$1" || refuse "'$1' is no folder of a build: it is not removed"
	must "$EX_FAILED" "remove '$1'" rm -rf -- "$1"
}
