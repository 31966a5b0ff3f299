# SPDX-License-Identifier: GPL-2.0
#
# The lab's tables (tests/lab/README.md, "The tables"), as they are for one family of
# kernels, to one line a case, of tab-separated fields:
#
#   id  setup  boot  seconds  run  expected  log  where  bug  reason  said  because  outcome  bug-name
#
# Usage: awk -v family=NAME -v top=PREFIX -f lab-table.awk FAMILIES OUTCOMES [BUGS] [SKIPS] TABLE...
# FAMILIES is what families.awk prints; PREFIX is taken off the names of files. What is
# named "bugs" is the list of known bugs, what is named "skips" that of skips that are allowed.
# The log is a regular expression; it, and a bug that gives another outcome and its
# reason, and what a skip that is allowed says and why it is, are "-" where there is none; so is the name of a bug.  Cases that the family does not have are left out.

function bad(text)
{
	printf "lab: %s:%d: %s\n", FILENAME, FNR, text >"/dev/stderr"
	failed = 1
	exit 1
}

function trim(s)
{
	gsub(/^[ \t]+|[ \t]+$/, "", s)
	return s
}

# is_a: does the family inherit from that one?
function is_a(that,    f)
{
	for (f = family; f != "-"; f = parent[f])
		if (f == that)
			return 1
	return 0
}

# lsb: of the mapping that a case makes
function lsb_of(setup, run)
{
	if (setup ~ /-1g$/)
		return 30
	return setup ~ /-2m(-set)?$/ || run ~ / -p 2M( |$)/ ? 21 : 12
}

# start: what memory_failure() calls the start of what is lost. Since 6.15 an fsdax page
# of 2 MiB is one folio, and mf_generic_kill_procs() looks for where that is mapped; the
# page of a case is 64 KiB behind its start (guest/target.sh). mf_dax_kill_procs(), which
# XFS with rmapbt uses, goes by the index of the page.
function start_of(setup, run)
{
	return setup ~ /^(ext4|xfs)(-einj|-default|-shared|-set)?$/ && run ~ / -p 2M( |$)/ && is_a("6.15") ? "page-0x10000" : "page"
}

function fill(text, setup, run)
{
	gsub(/[{]lsb[}]/, lsb_of(setup, run), text)
	gsub(/[{]start[}]/, start_of(setup, run), text)
	return text
}

# named: an outcome that a cell names is there
function named(cell,    at)
{
	if ((at = index(cell, " but "))) {
		if (!(substr(cell, at + 5) in bug))
			bad("unknown bug '" substr(cell, at + 5) "'")
		used[substr(cell, at + 5)] = 1
		cell = substr(cell, 1, at - 1)
	}
	if ((at = index(cell, " | ")))
		cell = trim(substr(cell, 1, at - 1))
	if (cell == "-")
		return
	if (!(cell in outcome))
		bad("unknown outcome '" cell "'")
	used[cell] = 1
}

# among: how many components the list names if all are the id's, -1 if not
function among(id, list,    n, k, w)
{
	n = split(list, w, ",")
	for (k = 1; k <= n && index("/" id "/", "/" w[k] "/"); k++)
		;
	return k > n ? n : -1
}

# skip_of: the first skip that is allowed to the case, or 0
function skip_of(id,    k)
{
	for (k = 1; k <= skips; k++)
		if (among(id, skip[k]) > 0) {
			fits[k] = 1
			return k
		}
	return 0
}

# cell_for: the cell of the family, or of the nearest that it inherits from; of several the
# one that names the most of the case's components
function cell_for(id,    f, key, n, most, best)
{
	for (f = family; f != "-"; f = parent[f]) {
		most = -1
		for (key in cell) {
			if (key != f && index(key, f "/") != 1)
				continue
			n = among(id, substr(key, length(f) + 2))
			if (n > most) {
				most = n
				best = key
			}
		}
		if (most >= 0)
			return cell[best]
	}
	return cell[""]
}

# one: a case, of a set-up and the words w[1..n]
function one(setup, w, n,    id, run, i, e, at, more, word, name, why, log_here, s, named_bug)
{
	id = setup
	if (boot != "clone")
		id = id "/" boot
	run = w[1]
	if (w[1] != "trial")
		id = id "/" w[1]
	for (i = 2; i <= n; i++) {
		run = run " " w[i]
		if (w[i] ~ /^-[a-zA-Z]$/)
			continue
		word = w[i]
		sub(/^--/, "", word)
		id = id "/" word
	}
	if (id in seen)
		bad("case '" id "' is there already: " seen[id])
	seen[id] = FILENAME ":" FNR
	if (index(seen[id], top) == 1)
		seen[id] = substr(seen[id], length(top) + 1)
	s = skip_of(id)
	e = cell_for(id)
	if (e == "-")
		return
	name = why = named_bug = "-"
	if ((at = index(e, " but "))) {
		named_bug = substr(e, at + 5)
		name = fill(bug[substr(e, at + 5)], setup, run)
		why = reason[substr(e, at + 5)]
		e = substr(e, 1, at - 1)
	}
	more = (at = index(e, " | ")) ? substr(e, at) : ""
	if (at)
		e = trim(substr(e, 1, at - 1))
	log_here = (family in logs) ? logs[family] : ("" in logs) ? logs[""] : "-"
	printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", id, setup, boot, seconds, run,
		fill(outcome[e], setup, run) more, log_here, seen[id], name, why,
		s ? said[s] : "-", s ? because[s] : "-", e, named_bug
}

# product: every choice of the comma lists from word k on
function product(setup, words, n, k, w,    i, m, choices)
{
	if (k > n) {
		one(setup, w, n)
		return
	}
	m = split(words[k], choices, ",")
	for (i = 1; i <= m; i++) {
		w[k] = choices[i]
		product(setup, words, n, k + 1, w)
	}
}

# setting: a word of a row's last field
function setting(word,    key, value)
{
	key = substr(word, 1, index(word, "=") - 1)
	value = substr(word, index(word, "=") + 1)
	if (word ~ /^boot=(clone|fresh|reset|restart)$/)
		boot = value
	else if (word ~ /^seconds=[0-9]+$/)
		seconds = value
	else if (word ~ /^log=./)
		logs[""] = value
	else if (key ~ /^log-/ && (substr(key, 5) in parent) && value != "")
		logs[substr(key, 5)] = value
	else
		bad("unknown setting '" word "'")
}

FNR == 1 { file++ }

file == 1 {
	parent[$1] = $2
	next
}

/^[ \t]*(#|$)/ { next }

# the skips: COMPONENTS : SAID : REASON
FILENAME ~ /(^|\/)skips$/ {
	if (split($0, field, / : /) != 3)
		bad("a skip has three fields, not " split($0, field, / : /))
	skip[++skips] = trim(field[1])
	said[skips] = trim(field[2])
	because[skips] = trim(field[3])
	next
}

# the outcomes: NAME = TEXT; the bugs: NAME = TEXT : REASON
file == 2 || FILENAME ~ /(^|\/)bugs$/ {
	at = index($0, "=")
	name = trim(substr($0, 1, at - 1))
	text = trim(substr($0, at + 1))
	if (!at || name in outcome || name in bug)
		bad("not a new 'NAME = TEXT'")
	if (file == 2) {
		outcome[name] = text
		next
	}
	if (!match(text, / : /))
		bad("a bug without a reason")
	bug[name] = substr(text, 1, RSTART - 1)
	reason[name] = substr(text, RSTART + 3)
	next
}

# a row: SETUPS : RUN : OUTCOME [: FAMILY[/COMPONENT,...]=OUTCOME...] [: SETTINGS]
{
	n = split($0, field, / : /)
	if (n < 3)
		bad("a row has three fields or more, not " n)
	split("", cell)
	split("", logs)
	boot = "clone"
	seconds = 60
	cell[""] = trim(field[3])
	named(cell[""])
	for (i = 4; i <= n; i++) {
		text = trim(field[i])
		key = match(text, /^[^ ]+=/) ? substr(text, 1, index(text, "=") - 1) : ""
		to = key
		sub(/\/.*/, "", to)
		if (to in parent) {
			if (key in cell)
				bad("two outcomes for '" key "'")
			cell[key] = trim(substr(text, length(key) + 2))
			named(cell[key])
			continue
		}
		if (i < n)
			bad("unknown family '" to "'")
		m = split(text, keys, /[ \t]+/)
		for (k = 1; k <= m; k++)
			setting(keys[k])
	}
	words_n = split(trim(field[2]), words, /[ \t]+/)
	setups_n = split(trim(field[1]), setups, ",")
	for (s = 1; s <= setups_n; s++)
		product(setups[s], words, words_n, 1, w)
}

END {
	if (failed)
		exit 1
	for (name in outcome)
		if (!(name in used)) {
			printf "lab: outcome '%s' is never expected\n", name >"/dev/stderr"
			exit 1
		}
	for (s = 1; s <= skips; s++)
		if (!(s in fits)) {
			printf "lab: skip '%s' fits no case\n", skip[s] >"/dev/stderr"
			exit 1
		}
	for (name in bug)
		if (!(name in used)) {
			printf "lab: bug '%s' is nowhere\n", name >"/dev/stderr"
			exit 1
		}
}
