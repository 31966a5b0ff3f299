# SPDX-License-Identifier: GPL-2.0
#
# The lab's tables (tests/lab/README.md, "The tables") to one line a case, of
# tab-separated fields:
#
#   id  setup  boot  seconds  run  6.1  6.1-ours  6.5  log  where
#
# Usage: awk -v top=PREFIX -f lab-table.awk OUTCOMES TABLE...
# PREFIX is taken off the names of files.
# An expectation is a text, or "-": no such case in that family. The log is a regular
# expression, "FAMILY REGEX" if it is only there for one family, or "-".

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

# lsb: of the mapping that a case makes
function lsb_of(setup, run)
{
	if (setup ~ /-1g$/)
		return 30
	return setup ~ /-2m$/ || run ~ / -p 2M( |$)/ ? 21 : 12
}

function expectation(name, setup, run,    text, at, more)
{
	if (name == "-")
		return name
	at = index(name, " | ")
	more = at ? substr(name, at) : ""
	if (at)
		name = trim(substr(name, 1, at - 1))
	if (!(name in outcome))
		bad("unknown outcome '" name "'")
	used[name] = 1
	text = outcome[name]
	gsub(/[{]lsb[}]/, lsb_of(setup, run), text)
	return text more
}

# one: a case, of a set-up and the words w[1..n]
function one(setup, w, n,    id, run, i, e, word)
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
	for (i = 1; i <= 3; i++)
		e[i] = expectation(want[i], setup, run)
	printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", id, setup, boot, seconds, run,
		e[1], e[2], e[3], log_expected, seen[id]
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

/^[ \t]*(#|$)/ { next }

# the outcomes: NAME = TEXT
FNR == NR {
	at = index($0, "=")
	name = trim(substr($0, 1, at - 1))
	if (!at || name in outcome)
		bad("not a new 'NAME = TEXT'")
	outcome[name] = trim(substr($0, at + 1))
	next
}

# a row: SETUPS : RUN : 6.1 : 6.1-ours : 6.5 [: KEY=VALUE...]
{
	n = split($0, field, / : /)
	if (n < 5 || n > 6)
		bad("a row has 5 or 6 fields, not " n)
	for (i = 1; i <= 3; i++) {
		want[i] = trim(field[i + 2])
		if (want[i] == "=")
			want[i] = want[i - 1]
	}
	boot = "clone"
	seconds = 60
	log_expected = "-"
	m = n == 6 ? split(trim(field[6]), keys, /[ \t]+/) : 0
	for (i = 1; i <= m; i++) {
		value = substr(keys[i], index(keys[i], "=") + 1)
		if (keys[i] ~ /^boot=(clone|fresh|reset|restart)$/)
			boot = value
		else if (keys[i] ~ /^seconds=[0-9]+$/)
			seconds = value
		else if (keys[i] ~ /^log=./)
			log_expected = value
		else if (keys[i] ~ /^log-(6\.1|6\.1-ours|6\.5)=./)
			log_expected = substr(keys[i], 5, index(keys[i], "=") - 5) " " value
		else
			bad("unknown setting '" keys[i] "'")
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
}
