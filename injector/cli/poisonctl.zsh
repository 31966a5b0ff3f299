#compdef poisonctl
# SPDX-License-Identifier: GPL-2.0
#
# Completion of poisonctl for zsh: what "poisonctl complete" says.

_poisonctl()
{
	local -a all texts open opentexts lines
	local line word files commands_

	lines=("${(@f)$("${words[1]}" complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
	for line in "${lines[@]}"; do
		word=${line%%$'\t'*}
		[[ $line == *$'\t'* ]] && line="$word  -- ${line#*$'\t'}"
		case $word in
		'')       ;;
		'<file>') files=1 ;;
		'<command>') commands_=1 ;;
		*:)       open+=("$word") opentexts+=("$line") ;;
		*)        all+=("$word") texts+=("$line") ;;
		esac
	done
	(( ${#all} )) && compadd -l -d texts -a all
	(( ${#open} )) && compadd -S '' -l -d opentexts -a open
	[[ -n $commands_ ]] && _command_names -e
	if [[ -n $files ]]; then
		compset -P '--*='
		_files
	fi
}

_poisonctl "$@"
