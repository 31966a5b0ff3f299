# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of poisonctl for bash: what "poisonctl complete" says.

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
