# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Figures of benchmarks for programs, beside the table for people.  Sourced after
# common.bash.
#
#   BENCH_FIGURES   the file that they are added to, one JSON object a line; "": none
#
#   bench_figures FILE         FILE is that, empty, or exit
#   bench_figure BENCH ROW OF WHAT UNIT BETTER GOAL VALUE
#                              ROW of BENCH, measured of OF (a filesystem, a tool; "" if there
#                              is one only): WHAT in words, VALUE in UNIT. BETTER is "less" or
#                              "more"; GOAL a number that it is to reach, or "-". A VALUE "-"
#                              was not measured, and is no figure

BENCH_FIGURES=

bench_figures()
{
	BENCH_FIGURES=$(realpath -m -- "$1")
	must "$EX_FAILED" "write '$1'" truncate -s 0 -- "$BENCH_FIGURES"
}

bench_figure()
{
	[[ $BENCH_FIGURES && $8 != - ]] || return 0
	jq -nc --arg bench "$1" --arg row "$2" --arg of "$3" --arg what "$4" --arg unit "$5" \
		--arg better "$6" --arg goal "$7" --argjson value "$8" \
		'{$bench, $row, $of, $what, $unit, $better, goal: ($goal | tonumber? // null), $value}' \
		>>"$BENCH_FIGURES"
}
