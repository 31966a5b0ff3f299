# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of poisonctl for bash: what "poisonctl complete" says.

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
	local words=() i line word head

	# what readline parts at "=" and ":" is one word to the program
	for (( i = 1; i <= COMP_CWORD; i++ )); do
		if (( ${#words[@]} )) && { [[ ${COMP_WORDS[i]} == [=:] ]] ||
			[[ ${COMP_WORDS[i - 1]} == [=:] ]]; }; then
			words[-1]+=${COMP_WORDS[i]}
		else
			words+=("${COMP_WORDS[i]}")
		fi
	done
	word=${COMP_WORDS[COMP_CWORD]}
	[[ $word != [=:] ]] || word=
	head=${words[-1]%"$word"}
	COMPREPLY=()
	while IFS= read -r line; do
		if [[ $line == '<file>' ]]; then
			compopt -o filenames 2>/dev/null || true
			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word")
		elif [[ $line == '<command>' ]]; then
			mapfile -t COMPREPLY < <(compgen -c -- "$word" | sort -u)
		else
			line=${line%%$'\t'*}
			COMPREPLY+=("${line#"$head"}")
		fi
	done < <("$1" complete "${words[@]}" 2>/dev/null)
	if [[ ${COMPREPLY[*]} == *: ]]; then
		compopt -o nospace 2>/dev/null || true
	fi
}

complete -F _poisonctl poisonctl
