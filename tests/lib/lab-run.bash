# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Folders of runs of the lab that nobody has run.
#
#   made_run DIR [FILTER]   the folder of one, of what stdin says: a line a case, of fields
#                           with " : " between them,
#
#                               CASE : VERDICT : ACTUAL [: EXPECTED]
#
#                           VERDICT is "-" for a case without a result, ACTUAL if nothing came
#                           out; FILTER is jq's and makes of run.json what it is to be

made_run()
{
	mkdir -p "$1"
	cat >"$1/said"
	jq -n "{format: 1, name: \"ours\", kernel: \"/k/bzImage\", kernel_key: \"k1\", release: \"6.1.9\", family: \"6.1\",
		modules: \"\", tables: \"tests/lab\", filters: [], sample: false, shard: \"1/1\", jobs: 1, host: \"here\",
		qemu: \"QEMU emulator version 7.2.22\", source: \"s\", began: 1000000000, cases: 1,
		keys: {kernel: \"k1\", tables: \"t1\", qemu: \"q1\", image: \"i1\"}} | ${2:-.}" >"$1/run.json"
	jq -cR 'split(" : ") | {case: .[0], setup: (.[0] | split("/")[0]), boot: "clone", run: "trial -m dsm -a load", seconds: 60,
		expected: (.[3] // "AR"), log: null, row: "tests/lab/cases/10-latent:5"}' "$1/said" >"$1/plan.jsonl"
	jq -cR 'split(" : ") | select(.[1] != "-") | (.[2] | if . == "-" then null else . end) as $actual |
		{case: .[0], setup: (.[0] | split("/")[0]), boot: "clone", run: "trial -m dsm -a load", family: "6.1", release: "6.1.9",
		 verdict: .[1], reason: (if .[1] == "pass" then null else "it is \(.[1])" end), expected: (.[3] // "AR"), $actual,
		 witness: null, seconds: 1, time: 1000000001, kernel_log: [], stderr: [], trial: null}' "$1/said" >"$1/results.jsonl"
	rm "$1/said"
}
