# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A checkout beside this one, for tests of what a newcomer does.
#
#   checkout_copy FROM DIR    DIR, which is made, has what git has of FROM and would add; where
#                             there is no git, all but what was built

checkout_copy()
{
	local f

	mkdir -p -- "$2"
	(cd "$1" && { git ls-files -co --exclude-standard -z 2>/dev/null || find . -name build -prune -o -type f -print0; }) |
		while IFS= read -r -d '' f; do
			[[ ! -f $1/$f ]] || (cd "$1" && cp --parents -- "$f" "$2")
		done
}
