# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Runs and their results: the verbs run and show of scripts/lab, whose options they
# read.  tests/lab/README.md describes the folder of a run.
# shellcheck disable=SC2154,SC2034 # options of scripts/lab, what lab-run.bash reads

# The verdicts that are no failure.
readonly LAB_FINE="(pass|unsupported|known bug|fixed)"

# lab_keys: of the content of all that makes a result, as JSON; null for what is not known
# here: a run over many hosts is planned where no guest needs to run (spread_keys() fills it in).
lab_keys()
{
	local qemu="" image=""

	if [[ -n ${GUEST_IMAGE-} ]]; then
		qemu=$(qemu_key)
		image=$(key_of <"$GUEST_IMAGE")
	fi
	jq -cn '$ARGS.named | map_values(if . == "" then null else . end)' --arg kernel "$(key_of <"$LAB_KERNEL")" \
		--arg tables "$(lab_tables_key)" --arg qemu "$qemu" --arg image "$image"
}

# lab_run_json: what the run is of.
lab_run_json()
{
	local keys

	keys=$(lab_keys)
	jq -n '$ARGS.named + {format: 1, sample: ($sample == "1"), require_supported: ($require_supported == "1"), filters: $ARGS.positional}' \
		--argjson keys "$keys" \
		--arg kernel "$LAB_KERNEL" --arg name "$kernel" --arg release "$LAB_RELEASE" \
		--arg family "$LAB_FAMILY" --arg modules "$modules" --arg shard "$shard" \
		--arg kernel_key "$(jq -r .kernel <<<"$keys")" --arg sample "$sample" --arg require_supported "$require" \
		--arg host "$(uname -n)" --arg qemu "$("$QEMU_PROGRAM" --version | head -n 1)" \
		--arg source "$(head -n 1 "$PC_TOP/installed" 2>/dev/null || git -C "$PC_TOP" describe --always --dirty 2>/dev/null || true)" \
		--arg tables "${tables#"$PC_TOP/"}" \
		--argjson jobs "$jobs" --argjson repeat "$repeat" --argjson cases "${#LAB_PLAN[@]}" --argjson began "$EPOCHSECONDS" \
		--args "${filters[@]}"
}

# lab_new: the folder of a new run.
lab_new()
{
	local rc

	LAB_DIR=${out:-$build/lab/$(basename "$kernel")-$(date +%Y%m%d-%H%M%S)}
	[[ ! -e $LAB_DIR ]] ||
		die "$EX_USAGE" "'$LAB_DIR' is there already: expected a new folder, or --resume"
	must "$GUEST_SETUP" "make the run's folder '$LAB_DIR'" mkdir -p -- "$LAB_DIR"
	LAB_DIR=$(realpath -- "$LAB_DIR")
	(need_space "$LAB_DIR" 16 "$GUEST_SETUP"; cache_writable "$GUEST_SETUP") || { rc=$?; rmdir -- "$LAB_DIR"; exit "$rc"; }
	lab_run_json >"$LAB_DIR/run.json"
	lab_plan_json >"$LAB_DIR/plan.jsonl"
	: >"$LAB_DIR/results.jsonl"
}

# lab_kernel_of DIR: what --kernel has to name for the kernel of the run there.
lab_kernel_of()
{
	jq -r 'if .name == "ours" or .name == "stock" or .name == "debian" then .name else .kernel end' "$1/run.json"
}

# lab_again: the options of the run in --resume.
lab_again()
{
	local run=$resume/run.json

	[[ -r $run && -r $resume/plan.jsonl && -f $resume/results.jsonl ]] ||
		die "$EX_USAGE" "'$resume' is not the folder of a run: expected run.json, plan.jsonl and results.jsonl in it"
	[[ $(jq -r .format "$run") == 1 ]] ||
		die "$EX_USAGE" "'$resume' has format $(jq -c .format "$run"): expected 1"
	LAB_DIR=$(realpath -- "$resume")
	run=$LAB_DIR/run.json
	kernel=$(lab_kernel_of "$resume")
	modules=$(jq -r .modules "$run")
	family=$(jq -r .family "$run")
	shard=$(jq -r .shard "$run")
	sample=$(jq -r 'if .sample then "1" else "" end' "$run")
	repeat=$(jq -r '.repeat // 1' "$run")
	require=$(jq -r 'if .require_supported then "1" else "" end' "$run")
	tables=$(cd "$PC_TOP" && realpath -m -- "$(jq -r .tables "$run")")
	mapfile -t filters < <(jq -r '.filters[]' "$run")
}

# lab_same: what is resumed is what was begun, or the results do not belong together.
lab_same()
{
	local now other

	[[ $(key_of <"$LAB_KERNEL") == "$(jq -r .kernel_key "$LAB_DIR/run.json")" ]] ||
		die "$EX_USAGE" "cannot resume '$resume': the kernel '$LAB_KERNEL' is another one now"
	now=$(lab_keys)
	other=$(jq -r --argjson now "$now" '(.keys // {}) | [.qemu, .image] as [$qemu, $image] |
		(select($qemu != null and $qemu != $now.qemu) | "QEMU or its poison device"),
		(select($image != null and $image != $now.image) | "guest\u0027s image")' "$LAB_DIR/run.json" | head -n 1)
	[[ -z $other ]] || die "$EX_USAGE" "cannot resume '$resume': the $other is another one now"
	[[ $(lab_plan_json | key_of) == "$(key_of <"$LAB_DIR/plan.jsonl")" ]] ||
		die "$EX_USAGE" "cannot resume '$resume': the tables say something else now"
}

# lab_mend: takes what is no result out of results.jsonl: the line that was being
# written when a runner died, or what else has happened to the file. Says so.
lab_mend()
{
	local file=$LAB_DIR/results.jsonl bad

	if [[ -z $(tail -c 1 "$file") ]]; then
		cat "$file"
	else
		head -n -1 "$file"
	fi | jq -cR 'fromjson? | select((.case? | type) == "string" and (.verdict? | type) == "string")' \
		>"$file.good"
	bad=$(($(grep -c '' "$file" || true) - $(grep -c '' "$file.good" || true)))
	if (( bad )); then
		say "'$file': $bad of its lines are no results; their cases are run again"
		mv -- "$file.good" "$file"
	fi
	rm -f -- "$file.good"
}

# lab_left: LAB_PLAN without the cases that have a result.
lab_left()
{
	local line left=()
	local -A have=()

	while IFS= read -r line; do
		have[$line]=1
	done < <(jq -r .case "$LAB_DIR/results.jsonl")
	for line in "${LAB_PLAN[@]}"; do
		[[ -n ${have[${line%%$'\t'*}]-} ]] || left+=("$line")
	done
	LAB_PLAN=("${left[@]}")
}

# lab_is_fine VERDICT LINE: a line of results.jsonl with that verdict is no failure.
lab_is_fine()
{
	[[ $1 =~ ^$LAB_FINE$ && ( -z $require || $1 != unsupported || $2 != *'"allowed":null'* ) ]]
}

# lab_progress: counts what has come since the last call; on a terminal, one line that
# is written anew.
lab_progress()
{
	local line verdict left new eta

	while IFS= read -r -u "$LAB_TAIL" line; do
		verdict=${line#*\"verdict\":\"}
		verdict=${verdict%%\"*}
		LAB_DONE=$((LAB_DONE + 1))
		[[ -z $json ]] || put_line "$line"
		! lab_is_fine "$verdict" "$line" || continue
		LAB_FAILED=$((LAB_FAILED + 1))
		[[ ! -t 2 ]] || printf '\r\033[K' >&2
		[[ -n $tap ]] || jq -r '"\(.verdict): \(.case): \(.reason)"' <<<"$line" >&2
	done
	[[ -t 2 ]] || return 0
	left=$((LAB_TOTAL - LAB_DONE))
	new=$((LAB_DONE - LAB_BEFORE))
	eta=$(((SECONDS - LAB_BEGAN) * left / (new > 0 ? new : 1)))
	printf '\r\033[K%d done, %d failed, %d left, %d:%02d to go' "$LAB_DONE" "$LAB_FAILED" \
		"$left" $((eta / 60)) $((eta % 60)) >&2
}

lab_run()
{
	local setups

	temp_space "$GUEST_SETUP"
	[[ -z $resume ]] || lab_again
	lab_kernel
	lab_plan
	lab_guest
	if [[ -n $resume ]]; then
		lab_same
		cache_writable "$GUEST_SETUP"
	else
		lab_new
	fi
	exec {LAB_LOCK}<"$LAB_DIR/run.json"
	flock -n "$LAB_LOCK" || die "$EX_USAGE" "another runner is at work in '$LAB_DIR'"
	lab_mend
	lab_left
	LAB_JOBS=$jobs
	temp_folder lab "$GUEST_SETUP"
	LAB_WORK=$TEMP_FOLDER
	trap lab_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mapfile -t setups < <(printf '%s\n' "${LAB_PLAN[@]}" | cut -s -f 2 | sort -u)
	lab_templates "${setups[@]}"
	exec {LAB_TAIL}<"$LAB_DIR/results.jsonl"
	LAB_DONE=0 LAB_FAILED=0 LAB_BEFORE=0 LAB_BEGAN=$SECONDS
	LAB_TOTAL=$((${#LAB_PLAN[@]} + $(wc -l <"$LAB_DIR/results.jsonl")))
	LAB_BEFORE=$((LAB_TOTAL - ${#LAB_PLAN[@]}))
	exec {LAB_STDERR}>&2
	lab_run_all "${LAB_PLAN[@]}" 2>>"$LAB_WORK/errors"
	[[ ! -t 2 ]] || echo >&2
	lab_unended
	lab_sum_up
}

# lab_unended: says how many cases have no result since their shell died, and of what.
lab_unended()
{
	local left=$((LAB_TOTAL - LAB_DONE)) why

	(( left )) || return 0
	why=$(tail -n 1 -- "$LAB_WORK/errors" | sed 's/^.*: line [0-9]*: *//; s/ *( lab_case .*//')
	say "$left of $LAB_TOTAL cases ended without a result: ${why:-nothing was said}; 'lab run --resume $LAB_DIR' runs them"
}

# lab_sum_up: TAP, KTAP and JUnit into the folder, the sum on stdout.
# Return: 0 all passed, are unsupported here (with --require-supported, as is allowed) or known bugs
# of the kernel, at least one passed; 1 not so.
lab_sum_up()
{
	local format

	for format in tap ktap junit; do
		jq -rn -f "$PC_TOP/scripts/lib/lab-$format.jq" --slurpfile run "$LAB_DIR/run.json" \
			--slurpfile plan "$LAB_DIR/plan.jsonl" --slurpfile results "$LAB_DIR/results.jsonl" \
			>"$LAB_DIR/$format.new"
	done
	mv -- "$LAB_DIR/tap.new" "$LAB_DIR/results.tap"
	mv -- "$LAB_DIR/ktap.new" "$LAB_DIR/results.ktap"
	mv -- "$LAB_DIR/junit.new" "$LAB_DIR/junit.xml"
	if [[ -n $tap ]]; then
		to_stdout cat -- "$LAB_DIR/results.tap"
	elif [[ -z $json ]]; then
		jq -rs --arg require "$require" --slurpfile plan "$LAB_DIR/plan.jsonl" '
			(map(select($require != "" and .verdict == "unsupported" and .allowed == null)) | length) as $skips |
			(group_by(.verdict) | map("\(length) \(.[0].verdict)") | join(", ")) +
			(if length < ($plan | length) then ", \(($plan | length) - length) without a result" else "" end) +
			(if $skips > 0 then "; \($skips) unsupported without leave" else "" end)' \
			"$LAB_DIR/results.jsonl" | pass_on
		put_line "results: $LAB_DIR"
	fi
	jq -es --arg fine "^$LAB_FINE\$" --arg require "$require" --slurpfile plan "$LAB_DIR/plan.jsonl" '
		length == ($plan | length) and any(.verdict == "pass") and all((.verdict | test($fine)) and
			($require == "" or .verdict != "unsupported" or .allowed != null))' "$LAB_DIR/results.jsonl" >/dev/null
}

# lab_end: nothing is left behind but the run's folder.  A second signal would end this
# half way; guests that have lost their shell may write for a moment yet.
lab_end()
{
	local pid

	trap '' INT TERM
	for pid in $(jobs -p); do
		kill "$pid" 2>/dev/null || true
	done
	wait
	clone_release
	rm -rf -- "$LAB_WORK" 2>/dev/null || { sleep 2; rm -rf -- "$LAB_WORK"; }
}

# lab_show: one case, with what it took to repeat it by hand: with the kernel of the first run,
# if none is named and it is on this machine.
lab_show()
{
	local id=${filters[0]-} runs=("${filters[@]:1}") dir

	[[ -n $id ]] || die "$EX_USAGE" "no case given; try 'lab list'"
	filters=("$id")
	for dir in "${runs[@]}"; do
		lab_is_run "$dir"
		[[ -z $kernel ]] || continue
		kernel=$(lab_kernel_of "$dir")
		[[ $kernel != */* || -e $kernel ]] || kernel=
	done
	lab_kernel
	lab_plan
	(( ${#LAB_PLAN[@]} == 1 )) ||
		die "$EX_USAGE" "'$id' fits ${#LAB_PLAN[@]} cases: expected one; try 'lab list $id'"
	lab_guest
	lab_plan_json | jq -r --arg profile "$(lab_profile "$(cut -f 2 <<<"${LAB_PLAN[0]}")")" \
		--arg kernel "$LAB_KERNEL" --arg release "$LAB_RELEASE" --arg family "$LAB_FAMILY" --arg name "$kernel" --arg image "$GUEST_IMAGE" '
		"case      \(.case)", "row       \(.row)", "kernel    \($release), judged as \($family)",
		"expected  \(.expected)", "", "again, in a clone:", "  scripts/lab run --kernel \($name) \(.case)",
		"by hand, in a guest of its own:",
		"  scripts/vm run --kernel \($kernel) --image \($image) \($profile) -- env POISONCTL_FAMILY=\($family) /tests/lab/case --setup \(.setup) \(.run)"'
	id=$(cut -f 1 <<<"${LAB_PLAN[0]}")
	for dir in "${runs[@]}"; do
		jq -r --arg id "$id" --arg dir "$dir" 'select(.case == $id) |
			"", "in \($dir), Linux \(.release), \(.seconds) s:", "verdict   \(.verdict)",
			(.reason // empty | "reason    \(.)"), (.allowed // empty | "allowed   \(.)"),
			(.tries // [] | .[] | "times     \(.count): \(.verdict)\(if .actual then ", \(.actual)" else "" end)"), "expected  \(.expected)", "actual    \(.actual // "-")",
			(.witness // empty | "poisonctl \(.expected): \(.verdict) (\(.rule))"),
			"kernel log:", (.kernel_log[] | "  \(.)")' "$dir/results.jsonl"
	done
}

lab_is_run()
{
	[[ -r $1/run.json && -r $1/results.jsonl ]] || die "$EX_USAGE" "'$1' is not the folder of a run: expected run.json and results.jsonl in it"
}
