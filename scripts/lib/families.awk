# SPDX-License-Identifier: GPL-2.0
#
# The families of injector/lib/families.def: one line each, its name and what it inherits
# from or "-"; or, with a release of Linux, the one that this belongs to, and "new" if
# no kernel so new is known, else "known".
#
# Usage: awk [-v release=RELEASE] -f families.awk FILE

/^FAMILY(_KNOWN)?\(/ {
	known = /^FAMILY_KNOWN/
	gsub(/^FAMILY(_KNOWN)?\(|"|\).*/, "")
	n = split($0, f, /[ \t]*,[ \t]*/)
	first = f[n - 1] * 1000 + f[n]
	if (release == "") {
		if (!known)
			print f[2], f[3] == "" ? "-" : f[3]
		next
	}
	split(release, r, /[^0-9]+/)
	is = r[1] * 1000 + r[2]
	if (known)
		new = is > first
	else if ((f[2] ~ /-ours$/) == (release ~ /-poisonctl-ours/) && (found == "" || is >= first))
		found = f[2]
}

END {
	if (release != "")
		print found, new ? "new" : "known"
}
