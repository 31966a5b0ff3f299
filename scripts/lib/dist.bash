# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The sources as they are given away.  Sourced after common.bash.
#
#   dist_find       sets DIST_VERSION, DIST_DATE ("2026-11-29"): the first line of
#                   injector/NEWS; or exit
#   dist_tree DIR   DIR, which is made, has the sources: what git has of them; where there
#                   is no git, all but what was built
#   dist_news       what is new, as debian/changelog: deb-changelog(5)

readonly DIST_NEWS=$PC_TOP/injector/NEWS

dist_find()
{
	local first

	first=$(head -n 1 -- "$DIST_NEWS")
	[[ $first =~ ^poisonctl\ ([0-9]+(\.[0-9]+)+),\ ([0-9]{4}-[0-9]{2}-[0-9]{2})$ ]] ||
		die "$EX_FAILED" "no version in the first line of '$DIST_NEWS': expected 'poisonctl VERSION, YEAR-MONTH-DAY'"
	# shellcheck disable=SC2034 # used by those who source this file
	DIST_VERSION=${BASH_REMATCH[1]} DIST_DATE=${BASH_REMATCH[3]}
}

# dist_files: a path a line, each ended by NUL
dist_files()
{
	local top

	top=$(git -C "$PC_TOP" rev-parse --show-toplevel 2>/dev/null) || top=
	if [[ $top == "$PC_TOP" ]]; then
		git -C "$PC_TOP" ls-files -z
	else
		(cd "$PC_TOP" && find . \( -name build -o -name .git \) -prune -o -type f -print0)
	fi
}

dist_tree()
{
	local f

	must "$EX_FAILED" "make '$1'" mkdir -p -- "$1"
	dist_files | (cd "$PC_TOP" && while IFS= read -r -d '' f; do
		# git may have what was removed here
		[[ ! -e $f ]] || printf '%s\0' "$f"
	done | tar -c --null -T - -f -) | tar -x -C "$1" -f - ||
		die "$EX_FAILED" "cannot copy the sources to '$1'$(no_space "$1")"
	# as umask 022 would have it, whoever copies it
	chmod -R u+rwX,go+rX,go-w -- "$1"
}

dist_news()
{
	local line date when=

	while IFS= read -r line; do
		if [[ $line =~ ^poisonctl\ ([0-9.]+),\ ([0-9-]+)$ ]]; then
			[[ -z $when ]] || printf '\n -- %s  %s\n\n' "$1" "$when"
			date=${BASH_REMATCH[2]}
			when=$(LC_ALL=C date -u -d "$date" '+%a, %d %b %Y %H:%M:%S +0000')
			printf 'poisonctl (%s) unstable; urgency=medium\n\n' "${BASH_REMATCH[1]}"
		elif [[ -n $line ]]; then
			printf '%s\n' "$line"
		fi
	done <"$DIST_NEWS"
	printf '\n -- %s  %s\n' "$1" "$when"
}
