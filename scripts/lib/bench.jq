# SPDX-License-Identifier: GPL-2.0
#
# Figures of benchmarks: several runs made one, a run beside a baseline, and how both are shown.
#
# A run is {format, date, host, qemu, linux, quick, repeat, figures}; a figure as bench_figure
# (bench.bash) has it, with values: what came each time, and value: their middle.

def key: [.bench, .row, .of];

def middle: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# joined: of the figures of all rounds, in the order of the first
def joined:
	reduce .[] as $f ({order: [], of: {}};
		($f | key | tojson) as $k |
		(if .of[$k] then . else .order += [$k] end) | .of[$k] += [$f]) |
	. as $all | [.order[] | $all.of[.] | .[0] + {values: map(.value), value: (map(.value) | middle)}];

def least: .values | min;
def most: .values | max;

# width: what a figure may differ by from another time: as much as its values do, and 2 % of
# it at least, which a timer in the guest makes of one.
def width: [most - least, (.value | fabs) * 0.02] | max;

# beside($base): each figure with what became of it since the baseline
def beside($base):
	($base.figures // [] | map({(key | tojson): .}) | add // {}) as $old |
	.figures |= map(. as $f | ($old[key | tojson]) as $b |
		if $b == null then . + {was: null, moved: null}
		else ([width, ($b | width)] | max) as $w | (.value - $b.value) as $d |
			. + {was: $b.value, moved: (if ($d | fabs) <= $w then null
				elif ($d < 0) == (.better == "less") then "better" else "worse" end)} end |
		. + {missed: (.goal != null and (if .better == "less" then .value > .goal else .value < .goal end))});

def short: if . == null then "-" else (. * 100 | round / 100 | tostring) end;

def spread: if (.values | length) == 1 then "" else "\(least | short) to \(most | short)" end;

# lines: the table, a line each, cells with tabs between
def lines:
	(["BENCHMARK", "OF", "VALUE", "SPREAD", "UNIT", "BETTER", "GOAL", "BASELINE", "VERDICT"],
	(.figures[] | ["\(.bench): \(.what)", .of, (.value | short), spread, .unit, .better, (.goal | short), (.was | short),
		([if .missed then "goal missed" else empty end, .moved // empty] | join(", "))]))
	| map(if . == "" then "-" else . end) | join("\t");

# worse: how many moved for the worse
def worse: [.figures[] | select(.moved == "worse")] | length;

# rows($which): README's table, of the rows with these keys ("BENCH ROW")
def markdown($which):
	"| | | figure | |", "|---|---|---|---|",
	(. as $run | $which[] as $w | $run.figures | map(select("\(.bench) \(.row)" == $w)) | select(length > 0) |
		"| `scripts/bench-\(.[0].bench)` | \(.[0].what) | \(map((if .of == "" then "" else "\(.of) " end) + (.value | short)) | join(", ")) | \(.[0].unit); \(.[0].better) is better |");

def text: gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub("\""; "&quot;");

# A bar for a figure, with its spread, and a mark each for goal and baseline; $top is the end
# of the scale.
def bar($top):
	def x: . * 300 / $top | if . > 300 then 300 else . end | . * 10 | round / 10;
	"<svg width=\"310\" height=\"18\" role=\"img\" aria-label=\"\(.value | short)\">" +
	"<rect class=\"bar\(if .moved == "worse" or .missed then " bad" else "" end)\" x=\"0\" y=\"4\" width=\"\(.value | x)\" height=\"10\"/>" +
	"<line class=\"spread\" x1=\"\(least | x)\" x2=\"\(most | x)\" y1=\"9\" y2=\"9\"/>" +
	(if .goal then "<line class=\"goal\" x1=\"\(.goal | x)\" x2=\"\(.goal | x)\" y1=\"1\" y2=\"17\"/>" else "" end) +
	(if .was then "<line class=\"was\" x1=\"\(.was | x)\" x2=\"\(.was | x)\" y1=\"1\" y2=\"17\"/>" else "" end) + "</svg>";

def html:
	. as $run |
	"<h1>poisonctl: benchmarks</h1>",
	"<p>\(.date), \(.host | text), QEMU \(.qemu | text), Linux \(.linux | text); \(if .quick then "the quick form, " else "" end)\(if .repeat == 1 then "once" else "each \(.repeat) times" end).",
	"Bar: the figure; thin line: what it was between; <span class=\"goal-word\">mark: its goal</span>; <span class=\"was-word\">mark: the baseline</span>.</p>",
	(.figures | group_by(.bench)[] | . as $g |
		"<h2>scripts/bench-\(.[0].bench)</h2>",
		($g | group_by(.unit)[] |
			([.[] | most, .goal // 0, .was // 0] | max) as $top |
			"<table><thead><tr><th>\(.[0].unit | text), \(.[0].better) is better</th><th></th><th class=\"n\">figure</th><th class=\"n\">goal</th><th class=\"n\">baseline</th><th></th></tr></thead><tbody>",
			(.[] | "<tr><td>\(.what | text)\(if .of == "" then "" else ", \(.of | text)" end)</td><td>\(bar($top))</td><td class=\"n\">\(.value | short)</td><td class=\"n\">\(.goal | short)</td><td class=\"n\">\(.was | short)</td><td>\([if .missed then "goal missed" else empty end, .moved // empty] | join(", "))</td></tr>"),
			"</tbody></table>"));
