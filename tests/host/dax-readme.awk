# SPDX-License-Identifier: GPL-2.0
#
# The tables of kernel/README.md, of which the last column names tests: for each
# test in the last column, "PLACE<TAB>NAME", NAME empty where the whole file is
# meant; with -v ask=functions, the names of the column before, "NAME" a line.

/^##/ { wanted = /^## What (differs|has to hold)/ }

!wanted || !/^\|/ || /^\|[-| ]*\|$/ { next }

{
	n = split($0, cell, /[ \t]*\|[ \t]*/)
	# the line begins and ends with a bar
	if (ask == "functions") {
		rest = cell[n - 2]
		while (match(rest, /`[a-z_]+`/)) {
			print substr(rest, RSTART + 1, RLENGTH - 2)
			rest = substr(rest, RSTART + RLENGTH)
		}
		next
	}
	rest = cell[n - 1]
	gsub(/\([^)]*\)/, "", rest)
	place = ""
	while (match(rest, /`[^`]+`|[0-9][0-9][0-9]|host|bench/)) {
		word = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		if (word !~ /^`/) {
			place = word
			if (rest !~ /^ `[a-z]/)
				print place "\t"
		} else if (word ~ /^`[a-z]/) {
			gsub(/`/, "", word)
			print place "\t" word
		}
	}
}
