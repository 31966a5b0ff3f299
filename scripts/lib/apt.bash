# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# An apt of our own for Debian's suites, whatever release this machine has: it asks
# the mirror that the system's own sources name, and neither reads nor changes the
# system's lists, packages and preferences.  Sourced after common.bash.
#
#   apt_groups                    the releases there are, and the suites each is made of
#   apt_suites                    Debian's suites in the system's own sources
#   apt_private DIR TYPES SUITE...   an apt that knows SUITEs only, in DIR
#   apt_update                    its lists, where they are not of today
#   apt_all                       an apt that knows every suite, in the cache, with its lists
#   apt_versions PACKAGE          "SUITE VERSION" for each there is
#   apt_fetch DIR PACKAGE...      the packages, and all that they depend on, to DIR
#   apt_fetch_only DIR PACKAGE... the packages alone
#   apt_source DIR SOURCE=VERSION the files of a source package, to DIR
#   apt_unpack DIR ROOT           the packages in DIR, unpacked: no script of theirs runs
#
# PACKAGE may be PACKAGE=VERSION; else it is the newest that any of the SUITEs has.
# What goes wrong is said in one line and ends the script (EX_SOURCE), but for
# apt_source, which leaves the words to who calls it.

APT_DIR=
APT_LOG=

# apt_groups: one release a line: its name, and the suites that make it whole.
# Names that no mirror has are no error before something is wanted from them.
apt_groups()
{
	local release

	for release in bookworm trixie; do
		printf '%s %s %s-updates %s-security\n' "$release"{,,,}
		printf '%s-backports %s %s-updates %s-security %s-backports\n' "$release"{,,,,}
	done
	printf '%s %s\n' testing testing unstable unstable
}

# apt_entries: "SUITE URI FILE:ENTRY" of each suite of Debian's component main that
# the system's sources have.  Who an archive is, its release file says, if the system
# has fetched it; else the suite's name decides.
apt_entries()
{
	# shellcheck disable=SC2016 # apt's variables
	local format='$(RELEASE) $(REPO_URI) $(SOURCESENTRY)' codename found
	local only=('Created-By: Packages' 'Component: main')

	found=$(apt-get indextargets --format "$format" "${only[@]}" 'Origin: Debian' 2>/dev/null | sort -u)
	if [[ -z $found ]]; then
		# shellcheck source=/dev/null
		codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
		found=$(apt-get --no-release-info indextargets --format "$format" "${only[@]}" 2>/dev/null | sort -u |
			grep -E "^(${codename:-stable}|bookworm|trixie|(old|oldold)?stable|testing|unstable|sid)([-/](updates|security|backports|proposed-updates))? ") || true
	fi
	[[ -n $found ]] ||
		die "$EX_SOURCE" "apt's sources have no entry for Debian's component 'main' of this release"
	printf '%s\n' "$found"
}

apt_suites()
{
	local entries

	entries=$(apt_entries) || exit
	cut -d ' ' -f 1 <<<"$entries" | sort -u
}

# apt_trust FILE:ENTRY: how the system's entry says that its archive is trusted.
apt_trust()
{
	local file=${1%:*} entry=${1##*:}

	if [[ $file == *.sources ]]; then
		awk -v entry="$entry" '
		BEGIN { RS = ""; FS = "\n" }
		NR == entry {
			for (i = 1; i <= NF; i++) {
				if ($i ~ /^[^ \t#]/)
					mine = tolower($i) ~ /^(signed-by|trusted):/
				if (mine && $i !~ /^#/)
					print $i
			}
		}' "$file"
	else
		# most entries have no options
		{ sed -n "${entry}p" "$file" | grep -oE '(signed-by|trusted)=[^] ]*' || true; } |
			sed 's/^signed-by=/Signed-By: /; s/^trusted=/Trusted: /; s/,/ /g'
	fi
}

# apt_stanza TYPES SUITE ENTRIES: SUITE in deb822 format, on the mirror that the
# system has this suite from, or else one of the same kind.  Security updates lie in
# an archive of their own.
apt_stanza()
{
	local types=$1 suite=$2 entries=$3 kind='^[a-z]+ ' entry uri sentry

	[[ $suite != *-security ]] || kind='^[a-z]+[-/](security|updates) .*security'
	entry=$(grep "^$suite " <<<"$entries" || grep -E "$kind" <<<"$entries" || true)
	[[ -n $entry ]] || return 0
	read -r _ uri sentry <<<"$entry"
	printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: %s\n' \
		"$types" "$uri" "$suite" "$(dpkg --print-architecture)"
	apt_trust "$sentry"
	echo
}

# apt_private DIR TYPES SUITE...: TYPES is deb, deb-src or both.
apt_private()
{
	local dir=$1 types=$2 entries suite

	shift 2
	entries=$(apt_entries) || exit
	APT_DIR=$dir
	APT_LOG=$dir/log
	must "$EX_FAILED" "make the folder '$dir'" mkdir -p -- "$dir/sources" "$dir/lists/partial" "$dir/cache/archives/partial"
	for suite in "$@"; do
		apt_stanza "$types" "$suite" "$entries"
	done >"$dir/debian.sources"
	cmp -s "$dir/debian.sources" "$dir/sources/debian.sources" ||
		cp -- "$dir/debian.sources" "$dir/sources/debian.sources"
	# apt reads all lists again where a file of these is newer than what it has kept
	[[ -e $dir/status ]] || : >"$dir/status"
	printf '%s\n' 'Package: *' 'Pin: release *' 'Pin-Priority: 500' >"$dir/preferences"
	# read after the system's configuration, whose proxies are ours too, but
	# not what it runs after an update
	cat >"$dir/apt.conf" <<-END
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	#clear DPkg::Pre-Install-Pkgs;
	#clear Acquire::IndexTargets::deb-src::Contents-dsc;
	Dir::Etc::sourcelist "/dev/null";
	Dir::Etc::sourceparts "$dir/sources";
	Dir::Etc::preferences "$dir/preferences";
	Dir::Etc::preferencesparts "/dev/null";
	Dir::State::Lists "$dir/lists";
	Dir::State::status "$dir/status";
	Dir::State::extended_states "$dir/extended_states";
	Dir::Cache "$dir/cache";
	Dir::Cache::archives "archives";
	Dir::Cache::pkgcache "pkgcache.bin";
	Dir::Cache::srcpkgcache "";
	APT::Sandbox::User "root";
	APT::Install-Recommends "false";
	Acquire::GzipIndexes "true";
	Acquire::Languages "none";
	Acquire::Retries "2";
	END
}

# apt_said: apt's own words for what went wrong.
apt_said()
{
	sed -nE 's/^[EW]: (Failed|Unable|Could|The)/\1/p' "$APT_LOG" | tail -n 1 | grep . || echo "the log is '$APT_LOG'"
}

# apt_update: a suite that the mirror does not have is no error here.
apt_update()
{
	[[ -z $(find "$APT_DIR/updated" -newer "$APT_DIR/sources/debian.sources" -mmin -1440 2>/dev/null) ]] ||
		return 0
	phase "fetch the lists of Debian's packages"
	apt-get -c "$APT_DIR/apt.conf" -q update >"$APT_LOG" 2>&1 </dev/null || true
	compgen -G "$APT_DIR/lists/*_main_*" >/dev/null ||
		die "$EX_SOURCE" "cannot fetch the lists of Debian's packages: $(apt_said)"
	touch "$APT_DIR/updated"
}

# apt_all: held by one script at a time.
apt_all()
{
	need_program apt apt-get apt-cache
	need_program dpkg dpkg-deb
	cache_folder apt
	need_space "$PC_CACHE/apt" 200
	cache_lock apt
	# shellcheck disable=SC2046 # words are meant
	apt_private "$PC_CACHE/apt" deb $(apt_groups | tr " " "\n" | sort -u)
	apt_update
}

apt_versions()
{
	# PACKAGE | VERSION | URI SUITE/COMPONENT TYPE
	apt-cache -c "$APT_DIR/apt.conf" madison "$1" 2>/dev/null |
		awk '{ sub(/\/main$/, "", $6); print $6, $3 }'
}

apt_fetch()
{
	local dir=$1

	mkdir -p "$dir/partial"
	apt-get -c "$APT_DIR/apt.conf" -q -y -o "Dir::Cache::archives=$dir" \
		--download-only install "${@:2}" >>"$APT_LOG" 2>&1 </dev/null ||
		die "$EX_SOURCE" "cannot fetch the package '$2': $(apt_said)"
}

apt_fetch_only()
{
	local dir=$1

	mkdir -p "$dir"
	(cd "$dir" && apt-get -c "$APT_DIR/apt.conf" -q download "${@:2}") >>"$APT_LOG" 2>&1 </dev/null ||
		die "$EX_SOURCE" "cannot fetch the package '$2': $(apt_said)"
}

# apt_source DIR SOURCE=VERSION: Return: 1 if a file of it could not be had, which the
# others in DIR do not show; apt has checked those against the archive's signed index.
apt_source()
{
	mkdir -p "$1"
	(cd "$1" && apt-get -c "$APT_DIR/apt.conf" -q source --download-only "$2") \
		>>"$APT_LOG" 2>&1 </dev/null
}

# apt_unpack DIR ROOT: merged-usr, as Debian's installer makes it, so that packages
# which differ in that land in one place.
apt_unpack()
{
	local dir=$1 root=$2 deb

	mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
	for deb in bin sbin lib lib64; do
		ln -sfn "usr/$deb" "$root/$deb"
	done
	for deb in "$dir"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner -C "$root" -f - ||
			die "$EX_SOURCE" "cannot unpack '$deb'"
	done
}
