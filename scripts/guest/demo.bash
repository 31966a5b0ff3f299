# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the guests' parts of demos are made of.  They say lines of tab-separated fields:
#
#   say TEXT
#   row MECHANISM MAPPING EXPECTED ACTUAL VERDICT
#
# What a trial must end in comes from poisonctl's truth table and never from
# here; here stands only what must be left after a repair or a reset.

say()
{
	printf 'say\t%s\n' "$*"
}

# judge MECHANISM MAPPING EXPECTED ACTUAL: a row that was found out here.
judge()
{
	local verdict=pass

	[[ $3 == "$4" ]] || verdict="wrong outcome"
	printf 'row\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$verdict"
}

# trial MECHANISM MAPPING ARGUMENT...: a row that poisonctl trial finds out, or that it
# refuses because this kernel would not survive it.
trial()
{
	local what=$1 how=$2 out rc=0

	shift 2
	out=$(poisonctl trial --json "$@" 2>/run/trial.err) || rc=$?
	if (( rc == 8 )); then
		say "left out: $how: $(sed -n '$s/^poisonctl: *//p' /run/trial.err)"
		return
	elif (( rc > 1 )); then
		printf 'row\t%s\t%s\t-\t%s\tno verdict\n' "$what" "$how" \
			"$(tail -n 1 /run/trial.err)"
		return
	fi
	jq -r --arg what "$what" --arg how "$how" \
		'["row", $what, $how, .expected.text, .actual.text, .verdict] | @tsv' <<<"$out"
}

# kernel: what runs here.
kernel()
{
	local core

	case $(uname -r) in
	*-poisonctl-ours)      core="kernel/dax of this project" ;;
	*-poisonctl-*)         core="fs/dax.c, as Linux has it (DAX=ours: kernel/dax)" ;;
	*)                     core="what this kernel has" ;;
	esac
	say "Linux $(uname -r); DAX core: $core"
}
