# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script of the project shares: where the tree and the cache are,
# how errors and phases are said, the exit codes, and the cache's one protocol
# (lock, build beside, rename).  Sourced, never run.

# Exit codes of the build scripts.  1 is left to "failed, no finer word".
# shellcheck disable=SC2034 # used by those who source this file
readonly EX_FAILED=1 EX_USAGE=2 EX_MISSING=3 EX_SPACE=4 EX_SOURCE=5 EX_BUILD=6

PC_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
PC_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/poisonctl
readonly PC_TOP PC_CACHE
PC_PROG=${0##*/}

# say MESSAGE: one line on stderr.
say()
{
	printf '%s: %s\n' "$PC_PROG" "$*" >&2
}

# die CODE MESSAGE: one line on stderr, then exit with CODE.
die()
{
	local code=$1

	shift
	say "$@"
	exit "$code"
}

# phase NAME: names what starts now, with the seconds since the script began.
# Only a person at a terminal (or VERBOSE=1) is told; a log stays quiet.
phase()
{
	if [[ -t 2 || ${VERBOSE:-0} == 1 ]]; then
		printf '%s: %3ds  %s\n' "$PC_PROG" "$SECONDS" "$*" >&2
	fi
}

# need_program PACKAGE PROGRAM...: every PROGRAM is there, or exit.
need_program()
{
	local package=$1 p

	shift
	for p in "$@"; do
		command -v "$p" >/dev/null ||
			PATH=$PATH:/usr/sbin:/sbin command -v "$p" >/dev/null ||
			die "$EX_MISSING" "cannot find '$p' of the package '$package'; run scripts/deps"
	done
}

# need_space DIRECTORY MIB: there are MIB mebibytes free, or exit.
need_space()
{
	local dir=$1 want=$2 have

	have=$(df --output=avail -B 1M -- "$dir" | tail -n 1)
	(( have >= want )) ||
		die "$EX_SPACE" "no disk space: '$dir' has $have MiB free, $want MiB are needed"
}

# key_of: a cache key for what is on standard input.
key_of()
{
	sha256sum | cut -c 1-16
}

# cache_lock NAME: holds the cache's lock NAME until the script ends, so that
# two clones that build the same thing wait for each other.  The lock's file is
# never removed: a waiter may have it open.
cache_lock()
{
	local name=$1 fd

	mkdir -p "$PC_CACHE/locks" ||
		die "$EX_FAILED" "cannot make the cache '$PC_CACHE'"
	exec {fd}>"$PC_CACHE/locks/$name"
	if ! flock -n "$fd"; then
		say "waiting for another build of '$name'"
		flock "$fd"
	fi
}

# cache_put SOURCE ENTRY: SOURCE (a file or folder beside it, on the same
# filesystem) becomes the cache's ENTRY in one step.  Nothing half-written is
# ever seen under ENTRY's name.
cache_put()
{
	local src=$1 entry=$2

	rm -rf -- "$entry"
	mv -T -- "$src" "$entry"
}
