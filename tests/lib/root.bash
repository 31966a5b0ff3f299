# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # tmp is the test's
#
# Fresh machines: the root of a Debian release with hardly a package in it, for tests of
# what a newcomer meets.  It becomes the root of a mount namespace (pivot_root(2)), and of
# a user namespace for who is not root (subuid(5)).  Sourced after common.bash.
#
#   root_make SUITE DIR [PACKAGE...]   DIR becomes such a root, with make, git and systemd,
#                             which does not run, and each PACKAGE; from the cache once there
#                             was one.
#                             Return: 0, or 1 and why in ROOT_WHY
#   root_run DIR COMMAND...   as root in it, in a process namespace of its own: all that
#                             it leaves running ends with it.  Further folders of this
#                             machine that it sees: ROOT_BINDS, each HERE or HERE:THERE
#   root_debs SUITE DIR       packages that a machine of SUITE has fetched before are there for
#                             apt; what it fetches is kept by root_remove. Each has a folder of
#                             its own: apt locks it, and several machines install at a time
#   root_remove DIR           ends what runs in it, too
#   in_root COMMAND...        the same in $tmp/root, output in $tmp/out and $tmp/err, and on
#                             stdout if it fails
#   in_root_said COMMAND...   all that it says there, on stdout

ROOT_WHY=
ROOT_BINDS=()
ROOT_DEBS=

# The unshare(1) that waits for what runs there; empty: none does.
ROOT_SPACE=

# root_space COMMAND...: where this process may do what root does to a root.  It ends with
# this process: unshare(1) blocks SIGTERM, and a command that is process 1 there outlives
# the signals by which it would end itself (make then spins).
root_space()
{
	local rc=0 space=(--mount --pid --fork --kill-child)

	(( EUID == 0 )) || space+=(--user --map-root-user --map-auto)
	# in the background: a signal ends wait, and comes to its trap
	setpriv --pdeathsig KILL unshare "${space[@]}" "$@" <&0 &
	ROOT_SPACE=$!
	wait "$ROOT_SPACE" || rc=$?
	ROOT_SPACE=
	return "$rc"
}

# root_end: nothing runs there any more.
root_end()
{
	local first

	[[ $ROOT_SPACE ]] || return 0
	first=$(pgrep -P "$ROOT_SPACE") || true
	kill -KILL "$ROOT_SPACE" 2>/dev/null || true
	# its process 1 is gone when all of them are
	[[ -z $first ]] || timeout 10 tail --pid="$first" -s 0.1 -f /dev/null || true
	ROOT_SPACE=
}

# root_sources SUITE: this machine's sources of Debian, for another release of it.
root_sources()
{
	local mine

	# shellcheck source=/dev/null
	mine=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | sort -u |
		sed -nE "s/^Debian ([^ ]+) $mine(|-updates|-security) main\$/deb \\1 $1\\2 main/p"
}

root_make()
{
	local suite=$1 dir=$2 packages=make,git,systemd,systemd-sysv,ca-certificates sources entry new mode=unshare

	shift 2
	packages+=$(printf ,%s "$@")
	packages=${packages%,}
	ROOT_WHY="there is no mmdebstrap"
	command -v mmdebstrap >/dev/null || return 1
	ROOT_WHY="no namespaces for this user"
	root_space true 2>/dev/null || return 1
	sources=$(root_sources "$suite")
	ROOT_WHY="apt knows no source of Debian"
	[[ -n $sources ]] || return 1
	entry=$PC_CACHE/root/$(key_of <<<"$suite $packages $sources").tar
	if [[ ! -e $entry ]]; then
		mkdir -p "$PC_CACHE/root"
		new=$(mktemp "$PC_CACHE/root/new.XXXXXX")
		(( EUID )) || mode=root
		ROOT_WHY="mmdebstrap failed"
		mmdebstrap --quiet --mode=$mode --variant=apt --format=tar --include="$packages" \
			"$suite" - - >"$new" 2>"$new.log" <<<"$sources" || {
			ROOT_WHY+=": $(grep -m 1 '^E:' "$new.log" || tail -n 1 "$new.log")"
			rm -f -- "$new" "$new.log"
			return 1
		}
		rm -f -- "$new.log"
		cache_put "$new" "$entry"
	fi
	mkdir -p "$dir"
	ROOT_WHY="cannot unpack '$entry'"
	# such a machine is not to outlive a power failure
	# shellcheck disable=SC2016 # the other shell's variables
	root_space bash -c 'tar -C "$1" --exclude="./dev/*" -xf "$2" &&
		echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/poisonctl"' - "$dir" "$entry" || return 1
	ROOT_WHY=
}

root_run()
{
	local dir=$1

	shift
	# shellcheck disable=SC2016 # the other shell's variables
	root_space bash -c '
		set -euo pipefail
		PATH+=:/usr/sbin:/sbin	# who is not root has no pivot_root there
		dir=$1 n=$2
		shift 2
		# chroot(2) would leave a place where nobody may make a namespace of its own
		mount --bind "$dir" "$dir"
		mount --rbind /dev "$dir/dev"
		mount -t tmpfs -o mode=1777 shm "$dir/dev/shm"	# a machine has its own
		mount -t proc proc "$dir/proc"
		mount --rbind /sys "$dir/sys"
		mount -o remount,bind,ro "$dir/sys"
		[[ ! -e /etc/resolv.conf ]] || {
			touch "$dir/etc/resolv.conf"
			mount --bind "$(realpath /etc/resolv.conf)" "$dir/etc/resolv.conf"
		}
		for ((; n > 0; n--)); do
			mkdir -p "$dir${1#*:}"
			mount --rbind "${1%%:*}" "$dir${1#*:}"
			shift
		done
		cd "$dir"
		pivot_root . .
		umount -l .
		exec /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
		- "$dir" "${#ROOT_BINDS[@]}" "${ROOT_BINDS[@]}" "$@"
}

# linked FILE DIR: FILE is in DIR, too, from one moment to the next; a link, if that can be.
linked()
{
	local to=$2/${1##*/}

	[[ -e $to ]] || ln -- "$1" "$to" 2>/dev/null || { cp -- "$1" "$to.new.$$" && mv -fT -- "$to.new.$$" "$to"; }
}

root_debs()
{
	local deb archives=$2/var/cache/apt/archives

	ROOT_DEBS=$PC_CACHE/root/debs-$1
	mkdir -p "$ROOT_DEBS" "$archives"
	for deb in "$ROOT_DEBS"/*.deb; do
		[[ ! -e $deb ]] || linked "$deb" "$archives"
	done
}

root_remove()
{
	local deb

	root_end
	for deb in "$1"/var/cache/apt/archives/*.deb; do
		[[ ! $ROOT_DEBS || ! -e $deb ]] || linked "$deb" "$ROOT_DEBS" || true
	done
	root_space rm -rf -- "$1"
}

in_root()
{
	root_run "$tmp/root" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || {
		local rc=$?

		cat "$tmp/out" "$tmp/err"
		return "$rc"
	}
}

in_root_said()
{
	in_root "$@" && cat "$tmp/out" "$tmp/err"
}
