# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# 'lab explain': a case in words, from the comments of the tables.  Sourced by scripts/lab, whose
# words it reads.
# shellcheck disable=SC2154 # options of scripts/lab

# explain_comment FILE VARIABLE=VALUE: what the file says of a row or an outcome.
explain_comment()
{
	[[ ! -r $1 ]] || awk -v "$2" -f "$PC_TOP/scripts/lib/lab-explain.awk" "$1"
}

# explain_verb VERB: what it says of itself, but for trial.
explain_verb()
{
	local file=$PC_TOP/tests/lab/guest/verb-$1.bash

	[[ ! -r $file ]] || awk '/^#$/ { on = 1; next } !/^#/ { exit } on && !/shellcheck/ { sub(/^# /, ""); print }' "$file"
}

# explain_one ID: leaves LAB_PLAN with the one case that is called so, or fits.
explain_one()
{
	local line

	lab_plan
	for line in "${LAB_PLAN[@]}"; do
		[[ ${line%%$'\t'*} != "$1" ]] || LAB_PLAN=("$line")
	done
	(( ${#LAB_PLAN[@]} == 1 )) ||
		die "$EX_USAGE" "'$1' fits ${#LAB_PLAN[@]} cases: expected one; try 'lab list $1'"
}

# lab_explain: by poisonctl's own table, too, as far as a run has asked it.
lab_explain()
{
	local id=${filters[0]-} runs=("${filters[@]:1}") case file line dir

	[[ -n $id ]] || die "$EX_USAGE" "no case given; try 'lab list'"
	for dir in "${runs[@]}"; do
		lab_is_run "$dir"
	done
	filters=("$id")
	lab_kernel
	explain_one "$id"
	case=$(lab_plan_json)
	file=$(jq -r '.row | sub(":[0-9]+$"; "")' <<<"$case")
	line=$(jq -r '.row | sub(".*:"; "")' <<<"$case")
	[[ $file == /* ]] || file=$PC_TOP/$file
	jq -r -f "$PC_TOP/scripts/lib/lab-explain.jq" --arg family "$LAB_FAMILY" --arg release "$LAB_RELEASE" \
		--arg profile "$(lab_profile "$(jq -r .setup <<<"$case")")" --arg text "$(sed -n "${line}p" "$file" | tr -s ' ')" \
		--arg about "$(explain_comment "$file" "line=$line")" \
		--arg because "$(explain_comment "$tables/outcomes" "want=$(jq -r .outcome <<<"$case")")" \
		--arg bug_why "$(explain_comment "$tables/bugs" "want=$(jq -r '.bug.name // "-"' <<<"$case")")" \
		--arg verb "$(explain_verb "$(jq -r '.run | sub(" .*"; "")' <<<"$case")")" <<<"$case"
	id=$(jq -r .case <<<"$case")
	for dir in "${runs[@]}"; do
		jq -r --arg id "$id" --arg dir "$dir" 'select(.case == $id) |
			"in \($dir): \(.verdict), \(.actual // .reason // "nothing")",
			(.witness // empty | "poisonctl  \(.rule), so \(.expected)")' "$dir/results.jsonl"
	done
}
