# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Baselines: what a run found, kept in one file that later runs are compared with.  The verb
# baseline of scripts/lab, whose words it reads; tests/lab/README.md describes the file.
# shellcheck disable=SC2154 # options of scripts/lab

# baseline_file NAME|FILE: the file.
baseline_file()
{
	local data=${XDG_DATA_HOME:-${HOME-}${HOME:+/.local/share}}

	case $1 in
	*/*|*.jsonl) printf '%s\n' "$1"; return ;;
	esac
	[[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] ||
		die "$EX_USAGE" "bad name of a baseline '$1': expected letters and digits, or a file, NAME.jsonl"
	[[ $data == /?* ]] ||
		die "$EX_USAGE" "bad XDG_DATA_HOME '${XDG_DATA_HOME-}' or HOME '${HOME-}': expected an absolute path"
	printf '%s\n' "$data/poisonctl/baseline/$1.jsonl"
}

# is_baseline FILE: its first line says so.
is_baseline()
{
	[[ -f $1 && -r $1 ]] && head -n 1 -- "$1" | jq -e '.format == 1 and (.baseline | type == "object")' >/dev/null 2>&1
}

# side_baseline FILE: for lab-diff.jq.
side_baseline()
{
	is_baseline "$1" || die "$EX_USAGE" "'$1' is no baseline: expected what 'lab baseline save' has written"
	jq -cn --arg from "$1" --arg short "$(basename "$1" .jsonl)" '
		[inputs] | .[0].baseline as $run | .[1:] as $results |
		{about: ({$from, $short} + ($run | {name, release, family, tables, kernel_key, keys})),
		 plan: [$results[].case], $results}' "$1" 2>/dev/null ||
		die "$EX_USAGE" "'$1' is damaged: expected what 'lab baseline save' has written"
}

# baseline_keyed RUN: it says of which tables it is, or exit.
baseline_keyed()
{
	jq -e .keys.tables "$1/run.json" >/dev/null ||
		die "$EX_USAGE" "'$1' does not say of which tables it is: expected a run with 'keys' in its run.json"
}

# baseline_ended RUN: each of its cases has a result, or exit.
baseline_ended()
{
	local left

	left=$(jq -rn --slurpfile plan "$1/plan.jsonl" --slurpfile results <(jq -cR 'fromjson?' "$1/results.jsonl") \
		'[$plan[].case] - [$results[].case] | length')
	(( left == 0 )) ||
		die "$EX_USAGE" "$left cases of '$1' have no result: expected a run that has ended; try 'lab run --resume $1'"
}

# baseline_save RUN FILE: beside, and renamed; what is no baseline is not written over.
baseline_save()
{
	local side folder
	folder=$(dirname -- "$2")

	side=$(side_run "$1") || exit
	baseline_keyed "$1"
	baseline_ended "$1"
	[[ ! -e $2 ]] || is_baseline "$2" || die "$EX_USAGE" "'$2' is there and no baseline: expected a new file"
	must "$EX_FAILED" "make the folder '$folder'" mkdir -p -- "$folder"
	must "$EX_FAILED" "write '$2'" touch -- "$2.new"
	jq -cn --argjson saved "$EPOCHSECONDS" --slurpfile run "$1/run.json" '
		input as $side | $side.plan as $plan | INDEX($side.results[]; .case) as $by |
		{format: 1, baseline: ($run[0] | {name, release, family, tables, kernel_key, keys, qemu, source, began} +
			{saved: $saved, cases: ($plan | length)})},
		($plan[] | $by[.] | if .actual != null then del(.reason) else . end)' <<<"$side" >"$2.new" 2>/dev/null ||
		{ rm -f -- "$2.new"; die "$EX_FAILED" "cannot write '$2': expected space for it"; }
	mv -- "$2.new" "$2"
	jq -rs '(.[0].baseline | "baseline of Linux \(.release), \(.cases) cases: ") +
		(.[1:] | group_by(.verdict) | map("\(length) \(.[0].verdict)") | join(", "))' "$2"
	echo "file: $2"
}

# baseline_check RUN FILE: as lab_diff, from the baseline to the run.
baseline_check()
{
	local old new

	old=$(side_baseline "$2") || exit
	new=$(side_run "$1") || exit
	baseline_keyed "$1"
	[[ $(jq -r .about.keys.tables <<<"$old") == "$(jq -r .about.keys.tables <<<"$new")" ]] ||
		die "$EX_USAGE" "'$2' is of other tables than '$1': expected the same cases and outcomes; save it anew"
	printf '%s\n' "$old" "$new" | jq -rs 'map(.about.keys) as [$a, $b] |
		([["qemu", "QEMU"], ["image", "image of guests"]] | map(. + [
			if $a[.[0]] == null or $b[.[0]] == null then "unknown"
			elif $a[.[0]] != $b[.[0]] then "another" else "same" end])) as $all |
		([$all[] | select(.[2] == "another") | .[1]] | select(length > 0) |
			"another \(join(", another ")) than the baseline\u0027s"),
		([$all[] | select(.[2] == "unknown") | .[1]] | select(length > 0) |
			"it is not known whether the \(join(" and the ")) is the baseline\u0027s")' |
		while IFS= read -r said; do
			say "$said"
		done
	diff_sides "$old" "$new"
}

# lab_baseline: the verb.
lab_baseline()
{
	local file

	[[ ${filters[0]-} == save || ${filters[0]-} == check ]] ||
		die "$EX_USAGE" "unknown word '${filters[0]-}': expected save or check"
	(( ${#filters[@]} == 3 )) ||
		die "$EX_USAGE" "$((${#filters[@]} - 1)) words behind '${filters[0]}': expected a run and the name or file of a baseline"
	file=$(baseline_file "${filters[2]}") || exit
	"baseline_${filters[0]}" "${filters[1]}" "$file"
}
