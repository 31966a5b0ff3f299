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

# namespaces and devices; with "buses" those that can be scrubbed
_poisonctl_names()
{
	poisonctl list --badblocks --json 2>/dev/null |
		sed -n 's/^ *"\(dev\|blockdev\|chardev\)":"\(.*\)",*$/\2/p'
	[[ $1 != buses ]] || poisonctl scrub --status --json 2>/dev/null |
		sed -n 's/^ *"dev":"\(.*\)",*$/\1/p'
}

# what a target can be; ":" parts words
_poisonctl_target()
{
	local verb=$1 cur=$2 prev=$3 words

	if [[ $prev == pid && $cur == : || $prev == : && ${COMP_WORDS[COMP_CWORD - 2]} == pid ]]; then
		words=$(cd /proc && echo [1-9]*)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "${cur#:}")
		return
	fi
	words="$(_poisonctl_names "$([[ $verb != scrub ]] || echo buses)") pid: spa: pfn:"
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	if [[ ${COMPREPLY[*]} == *: ]]; then
		compopt -o nospace 2>/dev/null || true
	fi
	(( ${#COMPREPLY[@]} == 0 )) || [[ -z $cur ]] || return 0
	compopt -o filenames 2>/dev/null || true
	mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")
}

# the command of a run; with the package bash-completion its own words, too
_poisonctl_command()
{
	local i

	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -- ]] || continue
		if declare -F _command_offset >/dev/null; then
			_command_offset $((i + 1))
		elif (( i + 1 == COMP_CWORD )); then
			mapfile -t COMPREPLY < <(compgen -c -- "$1" | sort -u)
		else
			compopt -o filenames 2>/dev/null || true
			mapfile -t COMPREPLY < <(compgen -f -- "$1")
		fi
		return 0
	done
	return 1
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
	[[ $verb != run ]] || ! _poisonctl_command "$cur" || return 0
	# "--option=value" is three words
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
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
	if [[ $verb == run && $prev != --poison ]]; then
		mapfile -t COMPREPLY < <(compgen -c -- "$cur" | sort -u)
		return
	fi
	_poisonctl_target "$verb" "$cur" "$prev"
}

complete -F _poisonctl poisonctl
