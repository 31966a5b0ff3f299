# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # tmp, top and build are the test's
#
# The Debian packages on a fresh machine (root.bash), where no checkout is.  Sourced after
# tap.bash, common.bash and root.bash.
#
#   packages_make        DEBS, a folder, has the packages of the sources as they are; built
#                        once for all tests.  Return: 1 if they cannot be built
#   packages_fit SUITE   those that are built here can be installed in SUITE, or 1 and why
#                        in ROOT_WHY
#   packages_machine SUITE [recommends]   $tmp/root is a machine of SUITE with an ordinary user, who has
#                        some of this machine's cache; with all that the packages depend on,
#                        or recommend, and none of them.  Return: 0, or 1 and why in ROOT_WHY
#   packages_install [OPTION]...   installs them there, with options of apt-get
#   packages_purge       and removes them
#   packages_files       all that lies on that machine, but for what its user has, and caches
#                        and logs of apt and dpkg
#   packages_keep        what that user has built for long goes to this machine's cache
#   as_user COMMAND...   as in_root, as its ordinary user
#   user_said COMMAND...   what it says on stdout then
#   user_has FILE NAME   that user has FILE, of this machine, at home as NAME.  Who is not root here
#                        cannot go there: that home is closed, and belongs to another of the
#                        namespace's users
#   as_user_alone COMMAND...   the same where no network is, and with an empty cache

# Where it lies on that machine
PACKAGES_THERE=/packages

packages_make()
{
	local lock key

	mkdir -p "$build/deb"
	exec {lock}>"$build/deb/lock"
	flock "$lock"
	key=$({ tar -c --sort=name --mtime=@0 -C "$top" -f - injector kernel qemu-configs scripts tests/{lab,guest,lib,dax,ras,platform,target} Makefile
		gcc --version; } | key_of)
	DEBS=$build/deb/$key
	[[ -e $DEBS/done ]] || { "$top/scripts/build-deb" "$DEBS" >"$tmp/out" && touch "$DEBS/done"; } || {
		cat "$tmp/out"
		return 1
	}
	exec {lock}>&-
}

packages_fit()
{
	local mine

	# shellcheck source=/dev/null
	mine=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	# shellcheck disable=SC2034 # for the caller
	ROOT_WHY="packages that are built on '$mine' are not for '$1', which is older"
	[[ $mine == "$1" || $mine == bookworm ]]
}

# packages_depends: what they depend on, but for each other, as apt-get satisfy takes it
packages_depends()
{
	local deb

	for deb in "$DEBS"/*.deb; do
		dpkg-deb -f "$deb" Depends | sed 's/, */\n/g'
		[[ -z ${1-} ]] || dpkg-deb -f "$deb" Recommends | sed 's/, */\n/g'
	done | grep -vE '^($|poisonctl|libpoison)' | LC_ALL=C sort -u | paste -s -d ,
}

packages_machine()
{
	local home=$tmp/root/home/user/.cache/poisonctl recommends=${2-}

	root_make "$1" "$tmp/root" || return
	root_debs "$1" "$tmp/root"
	mkdir -p "$home" "$PC_CACHE/qemu-headers"
	# shellcheck disable=SC2034 # for root.bash
	ROOT_BINDS=("$PC_CACHE:/cache" "$DEBS:$PACKAGES_THERE")
	cp -r "$PC_CACHE/qemu-headers" "$home/"
	[[ -z $recommends ]] || {
		mkdir "$home/kernel"
		cp -r "$(dirname "$(cat "$build/kernel/path")")" "$home/kernel/"
	}
	# shellcheck disable=SC2034 # for the caller
	ROOT_WHY="cannot install what the packages depend on"
	# shellcheck disable=SC2016 # the other shell's variables
	in_root bash -c 'set -e
		apt-get update
		DEBIAN_FRONTEND=noninteractive apt-get satisfy -y --no-install-recommends "$1"
		useradd --create-home user
		chown -R user:user /home/user' - "$(packages_depends "$recommends")"
}

packages_install()
{
	# shellcheck disable=SC2016 # the other shell's variables
	in_root bash -c 'cd "$1" && shift && DEBIAN_FRONTEND=noninteractive apt-get install -y "$@" ./*.deb' - "$PACKAGES_THERE" "$@"
}

packages_purge()
{
	local names

	mapfile -t names < <(for deb in "$DEBS"/*.deb; do dpkg-deb -f "$deb" Package; done)
	in_root env DEBIAN_FRONTEND=noninteractive apt-get purge -y "${names[@]}"
}

packages_files()
{
	in_root find / \( -path /proc -o -path /sys -o -path /dev -o -path /home -o -path /cache -o -path "$PACKAGES_THERE" \
		-o -path /tmp -o -path /var/log -o -path /var/cache/apt -o -path /var/lib/apt -o -path '/var/lib/dpkg/*-old' \) \
		-prune -o -printf '%p %y %m\n' && LC_ALL=C sort "$tmp/out"
}

packages_keep()
{
	# shellcheck disable=SC2016 # the other shell's variables
	in_root bash -c 'for e in /home/user/.cache/poisonctl/{qemu-headers/*,kernel/*-ours}; do
		to=/cache/${e#/home/user/.cache/poisonctl/}
		[[ ! -d $e || -e $to ]] || { cp -r "$e" "$to.new.$$" && mv -T "$to.new.$$" "$to"; }
	done' || tap_note "nothing of it can be kept"
}

as_user()
{
	in_root setpriv --reuid user --regid user --init-groups env HOME=/home/user \
		"TIME_FACTOR=${TIME_FACTOR:-1}" "$@"
}

user_said()
{
	as_user "$@" && cat "$tmp/out"
}

user_has()
{
	root_space cp -- "$1" "$tmp/root/home/user/$2"
}

as_user_alone()
{
	in_root unshare --net setpriv --reuid user --regid user --init-groups env HOME=/home/user \
		"TIME_FACTOR=${TIME_FACTOR:-1}" XDG_CACHE_HOME=/home/user/empty "$@"
}
