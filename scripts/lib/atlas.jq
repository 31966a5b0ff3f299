# SPDX-License-Identifier: GPL-2.0
#
# The atlas: what Linux does about poison, by its version.  From files of tests/lab/atlas
# (tests/lab/README.md, "The atlas") to a page; arguments of each: their texts.

# 6.12 is behind 6.2
def numbers: [scan("[0-9]+") | tonumber];
def version: (numbers + [0, 0])[:2];

# parse_remarks: what the file of rows says of its kinds of memory, as {KIND: TEXT}
def parse_remarks:
	reduce split("\n")[] as $line ({kind: "", said: {}};
		if $line | startswith("= ") then .kind = ($line | ltrimstr("= "))
		elif $line | startswith("> ") then .said[.kind] |= ([. // empty, ($line | ltrimstr("> "))] | join(" "))
		else . end) | .said;

# parse_rows: the file of that name, as [{kind, case, mapping, mechanism, access}]
def parse_rows:
	reduce (split("\n")[] | select(test("^(#|> |\\s*$)") | not)) as $line ({kind: null, rows: []};
		if $line | startswith("= ") then .kind = ($line | ltrimstr("= "))
		else ($line | [splits(" +: +")]) as $f |
			if ($f | length) != 4 or .kind == null then error("no row: \($line)")
			else .rows += [{kind, case: $f[0], mapping: $f[1], mechanism: $f[2], access: $f[3]}] end
		end) | .rows;

# parse_reasons: the file of that name, as [{words, since, commit, function, text, line}]
def parse_reasons:
	[split("\n") | to_entries[] | select(.value | test("^(#|\\s*$)") | not) |
	 (.value | [splits(" +: +")]) as $f |
	 if ($f | length) != 5 or ($f[1] | test("^[0-9]+\\.[0-9]+$") | not) or
		($f[2] | test("^(-|[0-9a-f]{12})$") | not) or $f[3] == "" or $f[4] == ""
	 then error("no reason: \(.value)")
	 else {words: ($f[0] | split(",")), since: $f[1], commit: ($f[2] | select(. != "-") // null),
		function: $f[3], text: $f[4], line: (.key + 1)} end];

# record($series; $rows; $old; $run; $results): the lines of a kernel's file; $old are those
# that it had
def record($series; $rows; $old; $run; $results):
	# .../kernels/RELEASE_VERSION/boot/vmlinuz-RELEASE
	(($run.kernel | capture("_(?<v>[^/_]+)/boot/[^/]*$")? | .v) // $run.release) as $package |
	(if $old[0].run.package == $package then $old else [] end) as $old |
	([$rows | parse_rows[] | .case]) as $cases |
	(INDEX($old[1:][], $results[]; .case) | [.[] | select(.case as $c | $cases | index([$c]))] | sort_by(.case)) as $all |
	{run: {series: $series, release: $run.release, package: $package, date: ($run.began | todate[:10]),
		qemu: ($run.qemu | capture("version (?<v>[0-9.]+)").v), source: $run.source, cases: ($all | length),
		# of the runs that it is of
		seconds: (([$results[].time] | max) - $run.began +
			(if [$all[].case] - [$results[].case] == [] then 0 else $old[0].run.seconds end)),
		verdicts: ($all | group_by(.verdict) | map({key: .[0].verdict, value: length}) | from_entries)}},
	($all[] | {case, verdict, actual, expected, reason});

# reason($case; $from; $to): what is said of a change between two releases; of several
# the one that names the most of the case
def reason($case; $from; $to):
	($case | split("/")) as $have |
	map(select((.words - $have == []) and ($from | version) < (.since | version) and (.since | version) <= ($to | version))) |
	sort_by(.words | length) | last;

# alike: the same came out, or what the tables of the lab call as good
def alike($a; $b):
	$a.verdict == $b.verdict and
	($a.actual == $b.actual or ($a.verdict == "pass" and $a.expected == $b.expected));

# what a person reads.  In tests/lab/guest the page is full of 27 (setup), and of 119
# after a repair (verb-repair).
def short:
	gsub("full of 119"; "data of the repair") | gsub("full of 27"; "data as before") |
	sub("^the guest is lost$"; "the kernel dies") | sub("MADV_HWPOISON on .* at [0-9]+ raised no signal in its caller"; "MADV_HWPOISON succeeds; its caller gets no signal") |
	gsub("SIGBUS BUS_"; "BUS_") | gsub(" \\| (no )?record"; "") |
	sub(" \\| badblock"; "; listed") | sub(" \\| no badblock"; "; not listed");

def said:
	if .verdict == "pass" or .verdict == "known bug" or .verdict == "wrong outcome" or
		.verdict == "new behaviour" or .verdict == "fixed" then (.actual // .reason // "nothing") | short
	elif .verdict == "lost guest" then "the kernel dies"
	elif .verdict == "unsupported" then "not supported here"
	else "no outcome: \(.verdict)" end;

# what the tables leave open, where it came out in more than one way
def either($actual):
	gsub(" \\|\\| "; " or ") | short |
	if test("listed") or ($actual | test("badblock") | not) then . else "\(.); listed or not" end;

# varied: expectations of these results that were met in more than one way
def varied:
	map(select(. != null and .verdict == "pass")) | group_by(.expected) |
	map(select(map(.actual) | unique | length > 1) | .[0].expected);

# how it is drawn
def look:
	if .verdict == "known bug" or .verdict == "lost guest" then "bug"
	elif .verdict == "wrong outcome" or .verdict == "new behaviour" or .verdict == "timeout" or
		.verdict == "set-up failed" or .verdict == "no row" or .verdict == "flaky" then "odd"
	elif .verdict == "unsupported" then "none"
	elif .actual | test("MCEERR") then "told"
	elif .actual | test("killed") then "died"
	elif .actual | test("ADRERR|EIO|EFAULT|Input/output|Bad address|SIGBUS") then "refused"
	elif .actual | test("full of [0-9,]+ \\| no badblock|^[0-9]+ bytes, data as written") then "mended"
	else "quiet" end;

# model($rows; $reasons; $columns): $columns is [{run, results}].  A row has a cell for
# each column: null where nothing was run; "changed" if it is not like the last that was.
def model($rows; $reasons; $columns):
	($columns | sort_by(.run.series | version)) as $columns |
	($rows | parse_remarks) as $remarks | ($rows | parse_rows) as $rows | ($reasons | parse_reasons) as $reasons |
	[$columns[] | INDEX(.results[]; .case)] as $found |
	{columns: [$columns[] | .run + {file}], reasons: $reasons, remarks: $remarks,
	 rows: [$rows[] | . as $row | ([$found[][$row.case]] | varied) as $varied | . + {cells:
		(reduce range($columns | length) as $i ({cells: [], last: null};
			$found[$i][$row.case] as $r | .last as $last |
			if $r == null then .cells += [null]
			else .cells += [{said: (if $r.verdict == "pass" and ($r.expected | IN($varied[])) then $r.expected | either($r.actual) else $r | said end), look: ($r | look), verdict: $r.verdict,
					why: (if $r.verdict == "pass" then null else $r.reason end),
					changed: ($last != null and (alike($last.result; $r) | not)),
					since: null, reason: null}] |
				if .cells[-1].changed then
					.cells[-1].reason = ($reasons | reason($row.case; $last.series; $columns[$i].run.series))
				else . end |
				.last = {result: $r, series: $columns[$i].run.series}
			end) | .cells)}]};

# series_of: of a release or a package's version
def series_of: capture("^(?<s>[0-9]+\\.[0-9]+)([^0-9].*)?$").s? // "none";

# faults: what is missing or wrong of a model, a line each
def faults:
	(.columns[] | . as $run | {release, package, file: (.file | rtrimstr(".jsonl"))} | to_entries[] | select((.value | series_of) != $run.series) |
		"the record '\($run.file)' is of the series \($run.series), its \(.key) of \(.value | series_of)"),
	(.columns | group_by(.series)[] | select(length > 1) | "two records of the series \(.[0].series): \(map(.file) | sort | join(", "))"),
	(.rows[] | select(all(.cells[]; . == null)) | "row '\(.case)' was run nowhere"),
	(.rows | group_by(.case)[] | select(length > 1) | "row '\(.[0].case)' is there twice"),
	(.columns as $c | .rows[] | . as $row | .cells | to_entries[] | select(.value.changed and .value.reason == null) |
		"no reason why '\($row.case)' changed until \($c[.key].series)"),
	(.rows[] | .case as $case | .cells[] | select(. != null and .verdict == "known bug" and (.why // "") == "") |
		"no reason for the bug in '\($case)'"),
	([.rows[].cells[] | .reason?.line] as $used | .reasons[] | select(.line as $l | $used | index($l) | not) |
		"reason in line \(.line) is of no change: \(.text)");

# the reasons that are used, numbered in the order of the page
# one that stands in several lines once
def notes: reduce (.rows[].cells[] | .reason? // empty) as $r ([]; if any(.[]; .text == $r.text) then . else . + [$r] end);
def note($notes): .text as $t | ($notes | map(.text) | index($t)) + 1;

def spans: # cells of a row that are alike become one
	reduce .[] as $c ([];
		if length > 0 and $c != null and .[-1].cell != null and ($c.changed | not) then .[-1].n += 1
		else . + [{cell: $c, n: 1}] end);

def minutes: "\((. + 59) / 60 | floor) min";
def column_facts: "\(.cases) cases in \(.seconds | minutes), \(.date)";
def verdicts: .verdicts | to_entries | map("\(.value) \(.key)") | join(", ");
def kernel_name: "Linux \(.package | sub("-.*"; ""))";

# --- Markdown

def md: gsub("\\|"; "\\|") | gsub("\n"; " ");
def md_cell($notes):
	if . == null then "*not run*"
	else (if .look == "bug" then "**bug:** " elif .look == "odd" then "**?** " else "" end) as $mark |
		if .changed then "\($mark)**\(.said | md)**\(if .reason then " [\(.reason | note($notes))]" else "" end)"
		else "\($mark)\(.said | md)" end end;
def md_row($notes):
	.cells as $cells |
	[range($cells | length) as $i | $cells[$i] as $c |
		if $i > 0 and $c != null and $cells[$i - 1] != null and ($c.changed | not) then "=" else $c | md_cell($notes) end] |
	join(" | ");

def markdown:
	notes as $notes | .columns as $columns | .remarks as $remarks |
	"# What Linux does about poison, by its version", "",
	"Each cell is what came out of one case of the lab, run on Debian's kernel of that version in an emulated machine",
	"(`make atlas`; `scripts/atlas html` draws the same as a page for a browser). `=`: as in the column before it. **Bold**:",
	"not so, and the number says why. **bug**: the kernel does wrong there, by what its own source means to do. **?**: not what",
	"the lab's tables expect. \"lsb\" is the size that SIGBUS tells, a power of 2; \"page\": its address is the poisoned page;",
	"\"page+0x400\": the byte that was asked for; \"page-0x10000\": the start of the 2 MiB. \"listed\": the block is in the kernel's",
	"list of bad blocks afterwards. \"A or B\": now the one, now the other. \"SI_KERNEL without address\": a SIGBUS that says neither",
	"that it is about memory nor where.", "",
	"| kernel | Debian's package | QEMU | run on | cases | of these |", "|---|---|---|---|---|---|",
	($columns[] | "| \(kernel_name) | \(.release), \(.package) | \(.qemu) | \(.date), \(.seconds | minutes) | \(.cases) | \(verdicts) |"),
	(.rows | [group_by(.kind)[] | {kind: .[0].kind, rows: .}] as $groups | [.[].kind] as $order |
	 $groups | sort_by(.kind as $k | $order | index($k))[] |
		"", "## \(.kind)", "", ($remarks[.kind] | select(.) | ., ""),
		"| mapping | mechanism | access | \($columns | map(.series) | join(" | ")) |",
		"|---|---|---|\($columns | map("---") | join("|"))|",
		(.rows[] | "| \(.mapping | md) | \(.mechanism | md) | \(.access | md) | \(md_row($notes)) |")),
	"", "## Why", "",
	($notes | to_entries[] | "\(.key + 1). Since \(.value.since), `\(.value.function)`: \(.value.text)\(if .value.commit then " (\(.value.commit))" else "" end)"),
	([.rows[].cells[] | select(. != null and .verdict == "known bug") | .why] | unique | if . == [] then empty else
		"", "Bugs:", "", (.[] | "- \(.)") end);

# --- HTML

def html_cell($notes):
	.n as $n | (if $n > 1 then " colspan=\"\($n)\"" else "" end) as $span |
	if .cell == null then "<td\($span) class=\"absent\">not run</td>"
	else .cell |
		"<td\($span) class=\"\(.look)\(if .changed then " changed" else "" end)\"\(if .why then " title=\(.why | @html | "\"\(.)\"")" else "" end)>" +
		(if .look == "bug" then "<b class=\"tag\">bug</b> " elif .look == "odd" then "<b class=\"tag\">?</b> " else "" end) +
		(.said | @html) +
		(if .changed and .reason then " <a class=\"since\" href=\"#why-\(.reason | note($notes))\" title=\"\(.reason.text | @html)\">changed in \(.reason.since)</a>"
		 elif .changed then " <span class=\"since\">changed</span>" else "" end) +
		"</td>" end;

def html_body:
	notes as $notes | .columns as $columns | .remarks as $remarks | ($columns | length) as $n |
	"<table>", "<thead><tr><th>mapping</th><th>mechanism</th><th>access</th>" +
	([$columns[] | "<th class=\"kernel\">\(kernel_name | @html)<small>\(.release | @html)<br>\(column_facts | @html)</small></th>"] | join("")) + "</tr></thead>",
	(.rows | [group_by(.kind)[] | {kind: .[0].kind, rows: .}] as $groups | [.[].kind] as $order |
	 $groups | sort_by(.kind as $k | $order | index($k))[] |
		"<tbody>", "<tr class=\"kind\"><th colspan=\"\($n + 3)\">\(.kind | @html)\($remarks[.kind] | if . then "<small>\(@html)</small>" else "" end)</th></tr>",
		(.rows[] | "<tr id=\"\(.case | @html)\"><td class=\"what\">\(.mapping | @html)</td><td class=\"what\">\(.mechanism | @html)</td>" +
			"<td class=\"what\" title=\"\(.case | @html)\">\(.access | @html)</td>" +
			([.cells | spans[] | html_cell($notes)] | join("")) + "</tr>"),
		"</tbody>"),
	"</table>", "<h2>Why</h2>", "<ol>",
	($notes | to_entries[] | "<li id=\"why-\(.key + 1)\"><b>since \(.value.since)</b> <code>\(.value.function | @html)</code> \(.value.text | @html)" +
		(if .value.commit then " <small>commit \(.value.commit)</small>" else "" end) + "</li>"),
	"</ol>",
	([.rows[].cells[] | select(. != null and .verdict == "known bug") | .why] | unique | if . == [] then empty else
		"<h2>Bugs</h2>", "<ul>", (.[] | "<li>\(. | @html)</li>"), "</ul>" end),
	"<h2>Runs</h2>", "<ul>",
	($columns[] | "<li>\(kernel_name | @html), Debian's \(.package | @html): \(verdicts | @html); QEMU \(.qemu | @html); \(column_facts | @html); sources \(.source | @html)</li>"),
	"</ul>";
