# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of poisonctl for bash.  Verbs, options and their values come from
# the program's own help, so they cannot differ from it.

_poisonctl_values()
{
	poisonctl "$1" --help 2>/dev/null |
		sed -n "/ ${2}[ ,]/{:n;n;s/^ \{30\}//;T;s/,//g;p;bn}"
}

_poisonctl_long()
{
	poisonctl "$1" --help 2>/dev/null | sed -n "s/^ $2, \(--[a-z-]*\) .*/\1/p"
}

_poisonctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local verb=${COMP_WORDS[1]-} words

	COMPREPLY=()
	if (( COMP_CWORD == 1 )) || [[ $verb == help ]]; then
		words=$(poisonctl help 2>/dev/null |
			sed -n '/^Verbs:/,/^$/s/^ \([a-z]*\) .*/\1/p')
		mapfile -t COMPREPLY < <(compgen -W "$words help version" -- "$cur")
		return
	fi
	[[ $prev != -[a-zA-Z] ]] || prev=$(_poisonctl_long "$verb" "$prev")
	if [[ $prev == --* ]]; then
		words=$(_poisonctl_values "$verb" "$prev")
		if [[ -n $words ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
			return
		fi
	fi
	if [[ $cur == -* ]]; then
		words=$(poisonctl "$verb" --help 2>/dev/null |
			sed -n 's/^ \(-., \|    \)\(--[a-z-]*\).*/\2/p')
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
	fi
	words=$(poisonctl list --badblocks --json 2>/dev/null |
		sed -n 's/^ *"dev":"\(.*\)",*$/\1/p')
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur"; compgen -f -- "$cur")
}

complete -o filenames -F _poisonctl poisonctl
