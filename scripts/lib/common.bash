# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script of the project shares: where the tree and the cache are,
# how errors and phases are said, the exit codes, and the cache's one protocol
# (lock, build beside, rename).  Sourced, never run.

# Exit codes of the build scripts.  1 is left to "failed, no finer word".
# shellcheck disable=SC2034 # used by those who source this file
readonly EX_FAILED=1 EX_USAGE=2 EX_MISSING=3 EX_SPACE=4 EX_SOURCE=5 EX_BUILD=6

# The exit code of bad usage: those whose command has all below 122 for itself set it
# before they source this.
readonly PC_REFUSED=${PC_REFUSED:-$EX_USAGE}

# The same of stdout that cannot be written; EX_FAILED is EX_SPACE where a disk is full.
readonly PC_UNSAID=${PC_UNSAID:-$EX_FAILED}

# What is opened later is not to be taken for one of these.
[[ -e /dev/fd/0 ]] || exec 0</dev/null
[[ -e /dev/fd/1 ]] || exec 1</dev/null
[[ -e /dev/fd/2 ]] || exec 2</dev/null

PC_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
PC_CACHE=${XDG_CACHE_HOME:-${HOME-}${HOME:+/.cache}}/poisonctl
readonly PC_TOP PC_CACHE
PC_PROG=${0##*/}

# Where things were built, and what is to be done about a package that is missing.  An
# installed tree says that it is one, and nobody but root can build in it (installed.bash).
PC_BUILT=$PC_TOP/build
PC_GET="run scripts/deps"
if [[ -e $PC_TOP/installed ]]; then
	PC_BUILT=$PC_CACHE/installed
	PC_GET="install it"
	PC_PROG=poisonctl-$PC_PROG
fi
readonly PC_BUILT PC_GET

# this_host: "Debian 12", as records of what was run here call it.
this_host()
{
	# shellcheck source=/dev/null disable=SC2153 # os-release(5) has NAME
	(. /etc/os-release && echo "${NAME%% *} ${VERSION_ID-unstable}")
}

# say MESSAGE: one line on stderr, if that takes it.
say()
{
	printf '%s: %s\n' "$PC_PROG" "$*" >&2 2>/dev/null || true
}

# last_said SAID: the last line that another script has said, without its name.
last_said()
{
	local line=${1##*$'\n'}

	printf '%s\n' "${line#*: }"
}

# die CODE MESSAGE: one line on stderr, then exit with CODE.
die()
{
	local code=$1

	shift
	say "$@"
	exit "$code"
}

# refuse MESSAGE: die of bad usage.
refuse()
{
	die "$PC_REFUSED" "$@"
}

[[ $PC_CACHE == /?*/* ]] ||
	refuse "bad XDG_CACHE_HOME '${XDG_CACHE_HOME-}' or HOME '${HOME-}': expected an absolute path"

# help_asked WORD...: one of them, before "--", is --help.
help_asked()
{
	local word

	for word in "$@"; do
		case $word in
		--)     return 1 ;;
		--help) return 0 ;;
		esac
	done
	return 1
}

# need_value OPTION [VALUE...]: there is a value, and it is not empty, or exit.
need_value()
{
	(( $# > 1 )) || refuse "no value for '$1'; try --help"
	[[ -n $2 ]] || refuse "empty value '' for '$1'; try --help"
}

# must CODE WHAT COMMAND...: COMMAND succeeds; or exit with CODE and one line that says
# why, in COMMAND's own last words.  A full disk has a code of its own where CODE is the
# one without a finer word.
must()
{
	local code=$1 what=$2 said

	shift 2
	said=$(LC_ALL=C "$@" 2>&1 >/dev/null) || cannot "$code" "$what" "$said"
}

# cannot CODE WHAT SAID: die, as must.
cannot()
{
	local code=$1 said=${3##*$'\n'}

	[[ $code != "$EX_FAILED" || $said != *'No space left'* ]] || code=$EX_SPACE
	die "$code" "cannot $2: ${said##*: }"
}

# pass_on: stdin goes to stdout; or exit with one line.  A reader that went away has ended
# cat by SIGPIPE, as it ends all who write to it: no word of that.
pass_on()
{
	local said rc=0

	{ said=$(LC_ALL=C cat 2>&1 >&3 3>&-) || rc=$?; } 3>&1
	(( rc == 0 )) && return
	(( rc != 141 )) || exit 141
	cannot "$PC_UNSAID" "write to stdout" "$said"
}

# to_stdout COMMAND...: in a subshell; all that it says on stdout is passed on.  Return: the
# status of COMMAND, or of pass_on.
to_stdout()
{
	"$@" | pass_on
}

# put_line LINE: one on stdout; or exit with one line on stderr.
put_line()
{
	{ printf '%s\n' "$1"; } 2>/dev/null || printf '%s\n' "$1" | pass_on || exit
}

# show_help: usage(), and the end.
show_help()
{
	to_stdout usage
	exit 0
}

# temp_folder NAME CODE [MIB]: TEMP_FOLDER is a new folder for what does not stay, with room
# for what a guest writes, or so many mebibytes; or exit with CODE.  As long as this script
# lives, or what it starts, scripts/cache-clean leaves it; it goes when this shell ends, until
# that traps EXIT for more.
temp_folder()
{
	local in=${TMPDIR:-/tmp} fd

	temp_space "$2" "${3-}"
	# named before it is made: a signal may come in between
	TEMP_FOLDER=$(mktemp -u "$in/poisonctl-$1.XXXXXX" 2>/dev/null) || TEMP_FOLDER=$in/none
	trap 'rm -rf -- "$TEMP_FOLDER"' EXIT
	mkdir -m 700 -- "$TEMP_FOLDER" 2>/dev/null || {
		trap - EXIT
		die "$2" "cannot make a folder in '$in': expected a TMPDIR that can be written, with space"
	}
	exec {fd}<"$TEMP_FOLDER"
	flock -s "$fd"
}

# temp_space CODE [MIB]: there is room for what a guest writes, or so much, or exit with CODE.
temp_space()
{
	[[ ! -d ${TMPDIR:-/tmp} ]] || need_space "${TMPDIR:-/tmp}" "${2:-64}" "$1"
}

# temp_clean: removes the folders that this user's scripts have left, of guests that were
# lost, where TMPDIR says; what a script of that user works in stays.
temp_clean()
{
	local dir

	for dir in "${TMPDIR:-/tmp}"/poisonctl-{vm,demo,lab,bench,config,bisect,dist,deb,pictures}.??????; do
		[[ ! -d $dir || -L $dir || ! -O $dir ]] || flock -n -x "$dir" rm -rf -- "$dir" || true
	done
}

# scaled SECONDS: a time limit that nobody has asked for in seconds, on this machine: tests/run
# finds out how slow it is, or is told.
scaled()
{
	echo $(($1 * ${TIME_FACTOR:-1}))
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
			die "$EX_MISSING" "cannot find '$p' of the package '$package'; $PC_GET"
	done
}

# need_run DIRECTORY: it is the folder of a run of the lab, or exit.
need_run()
{
	[[ -s $1/run.json && -s $1/results.jsonl ]] ||
		refuse "'$1' is not the folder of a run: expected run.json and results.jsonl in it"
}

# need_space DIRECTORY MIB [CODE]: there are MIB mebibytes free, or exit.
need_space()
{
	local dir=$1 want=$2 have

	have=$(df --output=avail -B 1M -- "$dir" | tail -n 1)
	(( have >= want )) ||
		die "${3:-$EX_SPACE}" "no disk space: '$dir' has ${have// /} MiB free, $want MiB are needed"
}

# no_space DIRECTORY: ": no space left", if that is so there, for the end of a message.
no_space()
{
	local have

	have=$(df --output=avail -B 1M -- "$1" 2>/dev/null | tail -n 1) || return 0
	(( ${have:-1} > 0 )) || echo ": no space left in '$1'"
}

# memory_free: KiB of memory that can still be had, here or in the container that this
# machine is.
memory_free()
{
	local free group=/sys/fs/cgroup limit=max left

	free=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	[[ ! -r $group/memory.max ]] || limit=$(<"$group/memory.max")
	if [[ $limit != max ]]; then
		left=$((limit - $(<"$group/memory.current") +
			$(sed -n 's/^inactive_file //p' "$group/memory.stat")))
		(( left / 1024 >= free )) || free=$((left > 0 ? left / 1024 : 0))
	fi
	echo "$free"
}

# jobs_for PERCENT: how many guests to run side by side: so many of a hundred processors,
# as far as there is memory for them. A guest of 1 GiB is seldom found with more than
# 700 MiB of it.
jobs_for()
{
	local jobs=$((($(nproc) * $1 + 99) / 100)) room

	room=$(($(memory_free) / (700 << 10)))
	(( jobs <= room )) || jobs=$room
	(( jobs <= JOBS_MOST )) || jobs=$JOBS_MOST
	echo $((jobs > 0 ? jobs : 1))
}

# jobs_ok WORD: a number of jobs that can be asked for.
readonly JOBS_MOST=999
jobs_ok()
{
	[[ $1 =~ ^[1-9][0-9]{0,2}$ ]]
}

# private_folder DIR: makes DIR, or finds that it is this user's own and nobody else
# can write to it: what is built below a folder that all can write to is run later.
private_folder()
{
	mkdir -p -- "${1%/*}" 2>/dev/null || true
	mkdir -m 700 -- "$1" 2>/dev/null || true
	[[ -d $1 && -O $1 && ! -L $1 && $(stat -c %a -- "$1") == *[0145][0145] ]]
}

# key_of: a cache key for what is on standard input.
key_of()
{
	sha256sum | cut -c 1-16
}

# cache_folder NAME [CODE]: the cache's folder NAME is there, or exit.
cache_folder()
{
	must "${2:-$EX_FAILED}" "make the cache '$PC_CACHE/$1'" mkdir -p -- "$PC_CACHE/$1"
}

# cache_writable CODE [NAME]: the cache takes what is put there, the lock NAME or that of
# guests, or exit.
cache_writable()
{
	cache_folder locks "$1"
	must "$1" "write to the cache '$PC_CACHE'" touch -- "$PC_CACHE/locks/${2:-guest}"
}

# cache_lock NAME: holds the cache's lock NAME until the script ends, so that
# two clones that build the same thing wait for each other.  The lock's file is
# never removed: a waiter may have it open.
cache_lock()
{
	cache_wait "$1" say "waiting for another build of '$1'"
}

# cache_turn NAME: the same for what uses every processor by itself: two side by side would
# be no earlier done, and starve what runs beside them.
cache_turn()
{
	cache_wait "$1" phase "wait for another's '$1'"
}

# cache_wait NAME COMMAND...: what both are made of; COMMAND is run if it has to wait.
cache_wait()
{
	local fd

	cache_writable "$EX_FAILED" "$1"
	exec {fd}>"$PC_CACHE/locks/$1"
	flock -n "$fd" || { "${@:2}"; flock "$fd"; }
}

# cache_put SOURCE ENTRY: SOURCE (a file or folder beside it, on the same
# filesystem) becomes the cache's ENTRY in one step.  Nothing half-written is
# ever seen under ENTRY's name, and a file that another clone has put there, and
# may be about to read, is there at any time.
cache_put()
{
	local src=$1 entry=$2

	[[ -f $src && -f $entry ]] || rm -rf -- "$entry"
	mv -T -- "$src" "$entry"
}

# cache_half DIR: what this shell makes beside an entry of the cache goes when the shell ends,
# unless cache_put has taken it; the logs of what failed stay.
cache_half()
{
	CACHE_HALF=$1
	trap cache_drop EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

cache_drop()
{
	local rc=$?

	# a second signal is not to end this
	trap '' INT TERM
	[[ -e $CACHE_HALF ]] || return 0
	if (( rc > 128 )); then
		rm -rf -- "$CACHE_HALF"
	else
		find "$CACHE_HALF" -depth ! -name log -delete 2>/dev/null || true
	fi
}

# cache_made ENTRY LOCK COMMAND...: the cache has ENTRY; where it has not, COMMAND makes
# it, in a subshell.  One at a time, by the lock of that name.
cache_made()
{
	[[ ! -e $1 ]] || return 0
	cache_lock "$2"
	[[ -e $1 ]] || ("${@:3}")
}
