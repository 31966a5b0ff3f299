# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# 'lab spread': a run over many hosts, by engines that sites have: GNU parallel over
# SSH, or Slurm.  It is cut into shards; each is a 'lab run' of its own on some host,
# and what they find becomes the one run that 'lab run' would have made.  Sourced by
# scripts/lab, whose options it reads.
# shellcheck disable=SC2154 # options of scripts/lab

# spread_command BUILD: the command line of a shard, with {} for its number, but for the
# folder of its run.
spread_command()
{
	local words=(./scripts/lab run --json --kernel "$kernel" --build "$1" --shard "{}/$shards")

	[[ -z $modules ]] || words+=(--modules "$modules")
	[[ -z $family ]] || words+=(--family "$family")
	[[ -z $sample ]] || words+=(--sample)
	(( repeat == 1 )) || words+=(--repeat "$repeat")
	[[ -z $tables_given ]] || words+=(--tables "$tables_given")
	[[ -z $jobs_given ]] || words+=(--jobs "$jobs_given")
	printf '%q ' "${words[@]}" "${filters[@]}" | sed 's/\\{\\}/{}/g'
}

# spread_ssh: each host takes a shard whenever it has none; lines come as they are
# found, so a host that dies takes no result with it, and one that lives keeps nothing;
# behind those of a shard comes the run.json of its own.
# The folder has the name and the lock that scripts/lib/common.bash says of such.
spread_ssh()
{
	local build_there=build there

	[[ -n $remote ]] || build_there=$build
	# shellcheck disable=SC2016 # the other shell's variables
	printf -v there 'cd %q && out=$(mktemp -d "${TMPDIR:-/tmp}/poisonctl-lab.XXXXXX") && {' "${remote:-$PC_TOP}"
	# shellcheck disable=SC2016
	printf -v there '%s exec 9<"$out"; flock -s 9; %s --out "$out/run"; rc=$?; jq -c . "$out/run/run.json"; rm -rf -- "$out"; exit "$rc"; }' \
		"$there" "$(spread_command "$build_there")"
	parallel --will-cite --jobs 1 --line-buffer --sshloginfile "$hosts" \
		--joblog "$LAB_DIR/joblog" \
		"$there" ::: $(seq "$shards") 2>"$LAB_DIR/spread.err" </dev/null |
		RUNS=$LAB_DIR/runs.jsonl awk '!/^\{"case":/ && /"keys":\{/ { print >ENVIRON["RUNS"]; next } { print; fflush() }' \
			>>"$LAB_DIR/results.jsonl"
}

# spread_slurm: the shards are the tasks of a job array, on a file system that the
# nodes share; the results are put together when all have ended.
spread_slurm()
{
	local dir=$LAB_DIR/shards k rc=0

	mkdir -p "$dir"
	{
		echo '#!/bin/bash'
		# shellcheck disable=SC2016 # the job's variable
		printf 'cd %q && %s --out %q/"$SLURM_ARRAY_TASK_ID" >/dev/null\n' "$PC_TOP" \
			"$(spread_command "$build" | sed 's/{}/"$SLURM_ARRAY_TASK_ID"/g')" "$dir"
	} >"$LAB_DIR/job"
	sbatch --wait --array="1-$shards" --exclusive --output="$dir/%a.log" \
		--job-name=poisonctl-lab "$LAB_DIR/job" >"$LAB_DIR/sbatch" 2>&1 || rc=$?
	for ((k = 1; k <= shards; k++)); do
		cat "$dir/$k/results.jsonl" 2>/dev/null || true
		jq -c . "$dir/$k/run.json" 2>/dev/null >>"$LAB_DIR/runs.jsonl" || true
	done >>"$LAB_DIR/results.jsonl"
	return "$rc"
}

# spread_keys: the keys of run.json are those that every shard's host had, and that are known
# here; null where hosts differ, which is said.  If a shard's host has not said what it ran
# with, they stay what is known here.
# Return: 1 the tables differ: these shards are not of one run.
spread_keys()
{
	local run=$LAB_DIR/run.json doc differ

	[[ -e $LAB_DIR/runs.jsonl ]] || return 0
	doc=$(jq -cn --argjson shards "$shards" --slurpfile run "$run" --slurpfile have <(jq -cR 'fromjson?' "$LAB_DIR/runs.jsonl") '
		$run[0] as $run |
		($run.keys | with_entries(.key as $k | .value = ([.value // empty, $have[].keys[$k]] | unique))) as $all |
		if ($have | map(.shard) | unique | length) < $shards then {$run, differ: []}
		else {run: ($run | .keys = ($all | map_values(if length == 1 then .[0] else null end))),
			differ: [$all | to_entries[] | select(.value | length > 1) | .key]} end')
	jq .run <<<"$doc" >"$run.new"
	mv -- "$run.new" "$run"
	rm -- "$LAB_DIR/runs.jsonl"
	differ=$(jq -r '.differ | join(", ")' <<<"$doc")
	[[ -z $differ ]] || say "not the same on all hosts and here: $differ; see 'keys' of run.json in tests/lab/README.md"
	[[ $differ != *tables* ]]
}

# lab_spread: a shard with a case that is no pass is no shard that failed: whether all
# have their results is seen from the results.
lab_spread()
{
	local rc=0 same

	[[ ${hosts:+1}${slurm:+1} == 1 ]] ||
		die "$EX_USAGE" "expected one of '--hosts FILE' and '--slurm'"
	[[ -z $hosts || ( -f $hosts && -r $hosts ) ]] || die "$EX_USAGE" "cannot read the hosts in '$hosts': expected a file"
	if [[ -n $hosts ]]; then
		need_program parallel parallel
	else
		need_program slurm-client sbatch
	fi
	lab_kernel
	lab_plan
	(( shards <= ${#LAB_PLAN[@]} )) || shards=${#LAB_PLAN[@]}
	lab_new
	if [[ -n $hosts ]]; then
		spread_ssh || rc=$?
	else
		spread_slurm || rc=$?
	fi
	lab_mend
	same=1
	spread_keys || same=
	lab_sum_up && [[ -n $same ]] && return 0
	say "engine's exit status: $rc; what it said is in '$LAB_DIR'; 'lab run --resume' runs what is left here"
	return 1
}
