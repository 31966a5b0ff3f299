# SPDX-License-Identifier: GPL-2.0
#
# Completion of poisonctl for fish: what "poisonctl complete" says.

function __poisonctl_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in ($words[1] complete $words[2..-1] "$word" 2>/dev/null)
        if test "$line" = '<file>'
            set -l head (string match -r -- '^--[^=]*=' "$word")
            __fish_complete_path (string replace -r -- '^--[^=]*=' '' "$word") | string replace -r -- '^' "$head"
        else if test "$line" = '<command>'
            complete -C "$word"
        else
            printf '%s\n' $line
        end
    end
end

complete -c poisonctl -f -a '(__poisonctl_complete)'
