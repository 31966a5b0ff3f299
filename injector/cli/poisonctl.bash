# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of poisonctl for bash: what "poisonctl complete" says.

# The command of a run has words of its own, which the package bash-completion knows.
_poisonctl_command()
{
	local i

	[[ ${COMP_WORDS[1]-} == run ]] && declare -F _command_offset >/dev/null || return 1
	for (( i = 2; i < COMP_CWORD; i++ )); do
		[[ ${COMP_WORDS[i]} == -- ]] || continue
		_command_offset $((i + 1))
		return 0
	done
	return 1
}

_poisonctl()
{
	local words=() i line word head

	! _poisonctl_command || return 0
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
