# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What changed between runs: the verbs diff and compare of scripts/lab, whose options they
# read.  tests/lab/README.md says which changes there are, and what 'diff --json' prints.
# shellcheck disable=SC2154 # options of scripts/lab

# side_run DIR: the folder of a run, for lab-diff.jq.  A line that was being written when the
# runner was killed is no result.
side_run()
{
	lab_is_run "$1"
	[[ -r $1/plan.jsonl ]] || die "$EX_USAGE" "'$1' is not the folder of a run: expected plan.jsonl in it"
	jq -cn --arg from "$1" --arg short "$(basename "$(realpath -m -- "$1")")" --slurpfile run "$1/run.json" \
		--slurpfile plan "$1/plan.jsonl" --slurpfile results <(jq -cR 'fromjson?' "$1/results.jsonl") '
		{about: ({$from, $short} + ($run[0] | {name, release, family, tables, kernel_key, keys: (.keys // {})})),
		 plan: [$plan[].case],
		 results: [$results[] | {case, verdict, expected, actual, reason}]}'
}

# diff_table: the changes as a person reads them; the document of lab-diff.jq is stdin.
diff_table()
{
	local doc rows heads

	doc=$(cat)
	rows=$(jq -r '
		def outcome: if . == null then "no result" else "\(.verdict): \(.actual // .reason // "nothing")" end;
		.cases[] | . as $c | [.case, (.results[0] | outcome),
			(range(1; .results | length) as $i | $c.changes[$i - 1] |
				if . == "not run" then "-", . else . // "=", ($c.results[$i] | outcome) end)] | @tsv' <<<"$doc")
	if [[ -z $rows ]]; then
		echo "no difference"
	else
		heads=$(jq -r '["CASE", .runs[0].title, (.runs[1:][] | "CHANGE", .title)] | map(gsub(","; "_")) | join(",")' <<<"$doc")
		column -t -s $'\t' -N "$heads" <<<"$rows"
		echo
	fi
	jq -r '
		def times($n): if $n == 1 then "1 case" else "\($n) cases" end;
		.sums[] | select(.changes != {} or .apart > 0) |
		"\(.title): " + ([
			(.changes | del(.["as expected"]) | to_entries[] | "\(.value) \(.key)"), "\(.alike) alike",
			(.changes["as expected"] // empty | "\(.) other as is expected of each kernel"),
			(.apart | select(. > 0) | "\(times(.)) in one only")] | join(", "))' <<<"$doc"
}

# diff_said: how the document of lab-diff.jq on stdin ends: 0 nothing that matters, 1 a
# regression, 3 other differences.
diff_said()
{
	local worst

	worst=$(jq -r '.worst // "none"')
	case $worst in
	regression) return 1 ;;
	other)      return 3 ;;
	esac
}

# diff_sides SIDE...: as lines of JSON, the first against each of the others, printed.
# Return: as diff_said.
diff_sides()
{
	local doc

	doc=$(printf '%s\n' "$@" | jq -cn -L "$PC_TOP/scripts/lib" -f "$PC_TOP/scripts/lib/lab-diff.jq") || exit "$EX_FAILED"
	[[ $(jq .compared <<<"$doc") != 0 ]] ||
		die "$EX_USAGE" "no case of '$(jq -r '.runs[0].from' <<<"$doc")' is in another run: nothing to compare"
	jq -r '.runs[0] as $a | .runs[1:][] |
		select(.keys.tables != null and $a.keys.tables != null and .keys.tables != $a.keys.tables) |
		"\(.from)\u0027 and \u0027\($a.from)\u0027 are of different tables"' <<<"$doc" |
		while IFS= read -r said; do
			say "'$said: what is expected may differ, too"
		done
	if [[ -n $json ]]; then
		printf '%s\n' "$doc"
	else
		diff_table <<<"$doc"
	fi
	diff_said <<<"$doc"
}

# lab_diff: the cases that do not end alike in two runs or more.
lab_diff()
{
	local dir sides=() side

	(( ${#filters[@]} > 1 )) || die "$EX_USAGE" "${#filters[@]} runs given: expected two or more"
	for dir in "${filters[@]}"; do
		side=$(side_run "$dir") || exit
		sides+=("$side")
	done
	diff_sides "${sides[@]}"
}

# compare_options: what is passed on, into 'options'; to runs alone, into 'running'.
compare_options()
{
	options=(--build "$build" --tables "$tables" --shard "$shard")
	[[ -z $sample ]] || options+=(--sample)
	[[ -z $family ]] || options+=(--family "$family")
	[[ -z $modules ]] || options+=(--modules "$modules")
	running=(--jobs "$jobs" --repeat "$repeat")
	[[ -z $require ]] || running+=(--require-supported)
}

# lab_compare: the cases on several kernels, then what differs from the first, and a
# report.  A run ends with it.
# Return: as lab_diff; 3 as well if it says 0 and a case fails on all alike.
lab_compare()
{
	local k n=0 dir rc=0 failed=0 runs=() options running
	local base
	base=$build/lab/$(date +%Y%m%d-%H%M%S)

	(( ${#filters[@]} )) || die "$EX_USAGE" "no kernel given: expected ours, stock, debian or a bzImage"
	(( ${#filters[@]} > 1 )) || die "$EX_USAGE" "one kernel given: expected two or more"
	k=$(printf '%s\n' "${filters[@]}" | sort | uniq -d | head -n 1)
	[[ -z $k ]] || die "$EX_USAGE" "'$k' is given twice"
	compare_options
	for k in "${filters[@]}"; do
		"$0" list "${options[@]}" --kernel "$k" -- "${behind[@]}" >/dev/null || exit
	done
	for k in "${filters[@]}"; do
		n=$((n + 1))
		dir=$base-$n-$(basename "$k")
		put_line "$k:"
		setpriv --pdeathsig TERM "$0" run "${options[@]}" "${running[@]}" --kernel "$k" --out "$dir" -- "${behind[@]}" || failed=$?
		(( failed < 2 )) || return "$failed"
		runs+=("$dir")
	done
	put_line ""
	"$0" diff "${runs[@]}" || rc=$?
	"$0" report "${runs[@]}" >"$base.html"
	put_line "report: $base.html"
	(( rc == 0 && failed )) || return "$rc"
	return 3
}
