# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# 'lab report': one HTML file of one or more runs.  Sourced by scripts/lab, whose
# words it reads.
# shellcheck disable=SC2154 # options of scripts/lab

# report_run RUN: a run's folder as one JSON object.  A line that was being written
# when the runner was killed is no result.
report_run()
{
	[[ -r $1/run.json && -r $1/plan.jsonl && -r $1/results.jsonl ]] ||
		die "$EX_USAGE" "'$1' is not the folder of a run"
	jq -n --slurpfile run "$1/run.json" --slurpfile plan "$1/plan.jsonl" \
		--slurpfile results <(jq -cR 'fromjson?' "$1/results.jsonl") \
		'{run: $run[0], plan: $plan, results: $results}'
}

# lab_report: the document goes where the page says @DATA@; "<" is written as JSON can
# write it, so that no text ends the element it lies in.
lab_report()
{
	local page=$PC_TOP/scripts/lib/lab-report.html run runs about

	(( ${#filters[@]} )) || die "$EX_USAGE" "no run given: expected the folders of one or more"
	runs=$(for run in "${filters[@]}"; do report_run "$run" || exit; done) || exit
	about="runs: ${#filters[@]}; made $(date -u '+%Y-%m-%d %H:%M') UTC"
	sed '/@DATA@/,$d' "$page"
	printf '<script type="application/json" id="data">'
	jq -nc --arg about "$about" -f "$PC_TOP/scripts/lib/lab-report.jq" <<<"$runs" |
		sed 's/</\\u003c/g'
	echo '</script>'
	sed '1,/@DATA@/d' "$page"
}
