# SPDX-License-Identifier: GPL-2.0
#
# A machine profile, as QEMU's -readconfig takes it, as words of a command line: an option a
# line, a tab between its name and its value.  Arguments:
#
#   dir    where files lie that the profile names without a folder
#   whole  1: a machine; 0: what one lacks that somebody else describes: its type, the size of
#          its RAM, a single processor, and what only makes it boot sooner are left out
#
# Exit status: 1, and a line says why, if a line of the profile is none.

# option KEY=VALUE; a comma in a value is doubled (QEMU's util/keyval.c, qemu-option.c)
function add(key, value)
{
	gsub(/,/, ",,", value)
	text = text (text == "" ? "" : ",") (key == "" ? "" : key "=") value
}

function wanted(key, value)
{
	if (whole)
		return 1
	if (kind == "machine")
		return key !~ /^(type|smm|vmport|hpet)$/
	if (kind == "memory")
		return key != "size"
	return kind != "smp-opts" || key != "cpus" || value > 1
}

# what a section of -readconfig is called on a command line (qemu_add_opts())
function option()
{
	return kind == "memory" ? "-m" : kind == "smp-opts" ? "-smp" : "-" kind
}

function flush(    rest)
{
	rest = text
	text = ""
	# the name of the type is the first word, without its key
	if (type != "")
		add("", type)
	if (id != "")
		add("id", id)
	if (rest != "")
		text = text (text == "" ? "" : ",") rest
	if (kind != "" && text != "")
		print option() "\t" text
	kind = id = type = text = ""
}

{ line = $0; sub(/^[ \t]+/, "", line); sub(/[ \t\r]+$/, "", line) }

line == "" || line ~ /^#/ { next }

line ~ /^\[[a-z0-9-]+( "[^"]*")?\]$/ {
	flush()
	kind = substr(line, 2, length(line) - 2)
	if (i = index(kind, " ")) {
		id = substr(kind, i + 2, length(kind) - i - 2)
		kind = substr(kind, 1, i - 1)
	}
	next
}

kind != "" && line ~ /^[A-Za-z0-9_.-]+[ \t]*=[ \t]*"[^"]*"$/ {
	key = value = line
	sub(/[ \t]*=.*/, "", key)
	sub(/^[^"]*"/, "", value)
	sub(/"$/, "", value)
	if (key == "mem-path" && value !~ /^\//)
		value = dir "/" value
	if ((kind == "object" && key == "qom-type") || (kind == "device" && key == "driver"))
		type = value
	else if (wanted(key, value))
		add(key, value)
	next
}

{
	print "line " NR ": expected a section or KEY = \"VALUE\""
	kind = text = ""
	exit 1
}

END { flush() }
