# SPDX-License-Identifier: GPL-2.0
#
# What dax-source.test asks about C text, one question a run:
#
#   -v ask=kept       "file:line<TAB>text" of every line that counts when two texts
#                     are compared: no comment, no blank line, no #include, no
#                     EXPORT_SYMBOL, no lone brace, no function's signature;
#                     white space folded
#   -v ask=functions  "name linkage type lines doc file:line" of every function:
#                     linkage is static or extern, type is void or value, doc names
#                     what its kernel-doc has of "doc", "context" and "return",
#                     joined by commas, or is "none"
#   -v ask=inlines    "name lines file:line" of every inline function, lines without
#                     the signature and its braces
#   -v ask=uses       "file word" for each word in a function that is called, or file
#                     of this folder that is included
#   -v ask=vain       "file:line: name" for what a function has dax_media_map() fill
#                     in and does not use
#
# A function is what begins in column 1 with its type and has its "{" alone in
# column 1, as everywhere in the kernel.

function reset()
{
	in_comment = in_function = 0
	signature = doc = last_doc = ""
	held = 0
}

# uncommented(LINE): LINE without comments; keeps kernel-doc in doc.
function uncommented(s,    out, i, j)
{
	out = ""
	while (s != "") {
		if (in_comment) {
			i = index(s, "*/")
			doc = doc (i ? substr(s, 1, i + 1) : s) "\n"
			if (!i)
				return out
			in_comment = 0
			s = substr(s, i + 2)
			continue
		}
		i = index(s, "/*")
		j = index(s, "//")
		if (j && (!i || j < i))
			return out substr(s, 1, j - 1)
		if (!i)
			return out s
		out = out substr(s, 1, i - 1)
		in_comment = 1
		doc = ""
		s = substr(s, i)
		doc = substr(s, 1, 2)
		s = substr(s, 3)
	}
	return out
}

function keep(text, line)
{
	gsub(/[ \t]+/, " ", text)
	sub(/^ /, "", text)
	sub(/ $/, "", text)
	if (ask == "kept" && text != "" && text !~ /^[{}];?$/ && text !~ /^# ?include/ &&
	    text !~ /^EXPORT_SYMBOL/)
		print FILENAME ":" line "\t" text
}

# give_back(): what looked like a signature was none.
function give_back(    i)
{
	for (i = 1; i <= held; i++)
		keep(held_text[i], held_line[i])
	held = 0
	signature = ""
}

function doc_has(    has)
{
	if (last_doc !~ /^\/\*\*\n/ || index(last_doc, "\n * " name "() - ") == 0)
		return "none"
	has = "doc"
	if (last_doc ~ /\n \* Context: /)
		has = has ",context"
	if (last_doc ~ /\n \* Return: /)
		has = has ",return"
	return has
}

# words(TEXT, WORD): how often TEXT has it.
function words(s, word,    n, i, w, c)
{
	n = split(s, w, /[^A-Za-z0-9_]+/)
	for (i = 1; i <= n; i++)
		c += w[i] == word
	return c + 0
}

# vain(): variables of the function whose address it gives to dax_media_map() or
# its like, which are nowhere else but in their declaration.
function vain(    rest, call, calls, wanted)
{
	rest = body
	calls = ""
	while (match(rest, /dax_media_map[a-z_]*\([^;]*;/)) {
		calls = calls " " substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
	}
	call = calls
	while (match(call, /&[a-z_]+[ ,)]/)) {
		wanted = substr(call, RSTART + 1, RLENGTH - 2)
		if (words(body, wanted) - words(calls, wanted) < 2)
			print FILENAME ":" first ": " wanted
		call = substr(call, RSTART + RLENGTH)
	}
}

# calls(): what the function calls, or what its body has in the form of a call.
function calls(    rest)
{
	rest = body
	while (match(rest, /[a-z_][a-z0-9_]*\(/)) {
		print FILENAME, substr(rest, RSTART, RLENGTH - 1)
		rest = substr(rest, RSTART + RLENGTH)
	}
}

FNR == 1 { reset() }

ask == "uses" && /^#include "/ {
	name = $2
	gsub(/"/, "", name)
	print FILENAME, name
	next
}

{
	text = uncommented($0)
	if (text ~ /^[ \t]*$/) {
		# a blank line parts a comment from what follows
		if ($0 ~ /^[ \t]*$/)
			doc = ""
		next
	}
	if (in_function) {
		keep(text, FNR)
		body = body " " text
		if (text ~ /^}/) {
			if (ask == "vain")
				vain()
			if (ask == "uses")
				calls()
			if (ask == "inlines" && signature ~ /^static inline /)
				print name, FNR - opened - 1, FILENAME ":" first
			if (ask == "functions")
				print name, linkage, type, FNR - first + 1, has, FILENAME ":" first
			in_function = 0
			doc = ""
		}
		next
	}
	if (held && text ~ /^{[ \t]*$/) {
		in_function = 1
		opened = FNR
		body = ""
		held = 0
		linkage = signature ~ /^static / ? "static" : "extern"
		type = signature ~ /^(static )?(inline )?(noinline )?void [^*]/ ? "void" : "value"
		name = signature
		sub(/[ \t]*\(.*/, "", name)
		sub(/.*[ \t*]/, "", name)
		has = doc_has()
		next
	}
	if (!held && text ~ /^[A-Za-z_]/ && text !~ /^EXPORT_SYMBOL/ && text !~ /[;:{][ \t]*$/) {
		first = FNR
		last_doc = doc
		doc = ""
		signature = text
		held = 1
		held_text[1] = text
		held_line[1] = FNR
		next
	}
	if (held) {
		held++
		held_text[held] = text
		held_line[held] = FNR
		signature = signature " " text
		if (text ~ /[;{}][ \t]*$/ || text ~ /^[^ \t]/)
			give_back()
		next
	}
	doc = ""
	keep(text, FNR)
}
