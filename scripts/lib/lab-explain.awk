# SPDX-License-Identifier: GPL-2.0
#
# What the lab's tables say of an outcome, in their comments:
#
#   awk -v want=NAME -f lab-explain.awk OUTCOMES     (or a file of bugs)
#   awk -v line=N -f lab-explain.awk TABLE
#
# Of an outcome: the comment that its section begins with ("# --- TITLE", and what follows it
# at once), then the one that stands above it and of which it is the first or comes
# without a blank line.  Of a row: the one that its file begins with, then the one above it
# in the same way.  A line of output each, parts apart by a blank line.

function put(text)
{
	if (text == "" || text == said)
		return
	printf "%s%s", said == "" ? "" : "\n", text
	said = text
}

function wanted()
{
	if (line)
		return FNR == line
	return substr($0, 1, index($0, "=") - 1) ~ "^[ \t]*" want_regex "[ \t]*$"
}

BEGIN {
	want_regex = want
	gsub(/[][\\.*+?(){}|^$]/, "\\\\&", want_regex)
	head = line > 0
}

/^#/ {
	text = $0
	sub(/^# ?/, "", text)
	if (sub(/^--- /, "", text)) {
		section = above = ""
		head = 1
	}
	if (!comment)
		above = ""
	comment = 1
	# the synopsis of a file is none of its words
	if (text !~ /^SETUPS : RUN|^ *$|^  /)
		above = above text "\n"
	next
}

{
	if (comment && head) {
		section = above
		head = 0
	}
	comment = 0
}

/^[ \t]*$/ {
	above = ""
	next
}

wanted() {
	put(section)
	put(above)
	exit
}
