# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Runs cases of the lab, each in a guest of its own.  Sourced after common.bash,
# guest.bash and clone.bash.
#
#   lab_templates SETUP...   the guests that cases of these set-ups begin with
#   lab_run_all              the cases of $LAB_PLAN that have no result yet; its stderr is
#                            what shells of cases die with
#
# Each is run as often as 'repeat' of scripts/lab says, one guest after the other.
#
# LAB_DIR is the run's folder, LAB_WORK where guests live, LAB_JOBS how many at once,
# LAB_STDERR who is told of progress, LAB_PLAN the lines of lab-table.awk; LAB_FAMILY the
# kernel's family, LAB_RELEASE its release, LAB_NEW is set if none so new is known.
# shellcheck disable=SC2154 # 'repeat'

# what is wrong when the kernel says it, as one regular expression
LAB_COMPLAINTS=$(sed '/^#/d;/^$/d' "$PC_TOP/scripts/lib/complaints" | paste -sd "|")

# asked once, and not by a fork for each case
LAB_FACTOR=$(scaled 1)

declare -A LAB_TEMPLATE=() LAB_NO_TEMPLATE=()

# lab_running: how many children this shell has, in LAB_RUNNING.  By a file: a process of its
# own for the question, which a machine with many cases asks all the time, takes longer than
# all else here.
lab_running()
{
	local pids

	jobs -pr >"$LAB_WORK/running"
	mapfile -t pids <"$LAB_WORK/running"
	LAB_RUNNING=${#pids[@]}
}

# lab_profile SETUP: the profile that it is made in.
lab_profile()
{
	sed -n "s/^$1[[:blank:]]\{1,\}\([a-z0-9-]*\).*/\1/p" "$PC_TOP/tests/lab/setups"
}

# lab_templates SETUP...: as many at a time as there are jobs.  All are held before the
# first is made, by this process: what makes one must not take away another's.  Each leaves
# its status in a file: the shell's own is lost when a later child gets the same pid, which
# a machine with other work comes round to within one run.
lab_templates()
{
	local setup rc profile

	for setup in "$@"; do
		while lab_running; (( LAB_RUNNING >= LAB_JOBS )); do
			wait -n || true
		done
		phase "set-up $setup"
		profile=$(lab_profile "$setup")
		[[ -n $profile ]] || die "$GUEST_SETUP" "unknown set-up '$setup': not in tests/lab/setups"
		clone_hold "$profile" /tests/lab/setup "$setup"
		LAB_TEMPLATE[$setup]=$CLONE_TEMPLATE
		{
			trap 'rc=$?; clone_end "$rc"; echo "$rc" >"$LAB_WORK/$setup.rc"' EXIT
			trap 'exit 143' TERM
			[[ -e $CLONE_TEMPLATE/state ]] || clone_make "$profile" /tests/lab/setup "$setup"
		} >"$LAB_WORK/$setup.err" 2>&1 &
	done
	wait
	for setup in "$@"; do
		rc=$(cat "$LAB_WORK/$setup.rc" 2>/dev/null) || rc=$GUEST_SETUP
		if (( rc == 0 )); then
			LAB_RELEASE=$(<"${LAB_TEMPLATE[$setup]}/said")
		else
			LAB_NO_TEMPLATE[$setup]=$rc
		fi
	done
	# what keeps all from a guest is no verdict of any case
	[[ $# -eq ${#LAB_NO_TEMPLATE[@]} && $(printf '%s\n' "${LAB_NO_TEMPLATE[@]}" | sort -u) == "$GUEST_SETUP" ]] ||
		return 0
	tail -q -n 1 -- "$LAB_WORK/$1.err" >&2
	exit "$GUEST_SETUP"
}

# lab_ms: milliseconds since whenever, in LAB_NOW.
lab_ms()
{
	LAB_NOW=$((${EPOCHREALTIME/./} / 1000))
}

# lab_wait SECONDS: waits for the agent to say "ready" or "exit N"; LAB_ENDED is ready, N
# or how the guest ended.  Time is what was waited: a step of the clock, or a machine
# that was stopped for a while, is no fault of the guest.
lab_wait()
{
	local polls=$(($1 * 2))

	LAB_ENDED=timeout
	GUEST_LINE=
	while (( polls-- > 0 )); do
		if guest_hear 0.5; then
			LAB_ENDED=lost
			[[ ! $GUEST_LINE =~ ^(exit )?(ready|[0-9]{1,3})$ ]] ||
				LAB_ENDED=${BASH_REMATCH[2]}
			return 0
		fi
		if ! kill -0 "$GUEST_PID" 2>/dev/null; then
			lab_reap
			return
		fi
	done
}

# lab_reap: the guest is gone without a word.
lab_reap()
{
	local rc=0

	wait "$GUEST_PID" || rc=$?
	GUEST_PID=
	case $rc in
	0)       LAB_ENDED=lost ;;
	124|137) LAB_ENDED=timeout ;;
	*)       LAB_ENDED=no-qemu ;;
	esac
}

# lab_begin SETUP BOOT SECONDS: a guest that is ready; LAB_ENDED says whether.
lab_begin()
{
	local profile

	if [[ $2 == clone ]]; then
		CLONE_TEMPLATE=${LAB_TEMPLATE[$1]}
		clone_launch $(($3 + 30))
		LAB_ENDED=ready
	else
		profile=$(guest_profile "$(lab_profile "$1")")
		guest_command "$profile" ""
		guest_launch $(($3 + 30))
		lab_wait "$3"
	fi
}

# lab_part ARGUMENTS: of guest/case, if the guest is ready for it; variables of lab_case.
lab_part()
{
	local command="export POISONCTL_FAMILY=$LAB_FAMILY; set -- $1; . /tests/lab/case"

	[[ $LAB_ENDED == ready ]] || return 0
	printf '%d sh\n%s' "${#command}" "$command" >&"$GUEST_COMMAND"
	lab_wait "$seconds"
}

# lab_boot_again SETUP reset|restart SECONDS: the same NVDIMM in the guest's next boot, or
# in the next QEMU.  What the first part said is not the case's.
lab_boot_again()
{
	if [[ $2 == restart ]]; then
		guest_stop
		lab_begin "$@"
	elif guest_reset >/dev/null; then
		LAB_ENDED=ready
	else
		LAB_ENDED=lost
	fi
	: >stdout
}

# lab_where: where a guest is that does not answer, as a line of QEMU's.
lab_where()
{
	[[ -z $GUEST_PID ]] || guest_where
	printf 'at its time limit the guest was at %s\n' "${GUEST_ANSWER:-an end}" >>qemu.log
}

# lab_case NUMBER LINE: one case; what it came to goes to results.jsonl.  In a subshell.
lab_case()
{
	local id setup boot seconds run expected log bug why said because n again records=$LAB_WORK/$1.records

	IFS=$'\t' read -r id setup boot seconds run expected log _ bug why said because _ <<<"$2"
	seconds=$((seconds * LAB_FACTOR))
	again=
	[[ $boot == clone ]] || again="--setup $setup "
	# shellcheck disable=SC2034 # what is expected of the kernel is judged here
	GUEST_CONSOLES=
	trap guest_stop EXIT
	for (( n = 1; n <= repeat; n++ )); do
		GUEST_DIR=$LAB_WORK/$1.$n
		mkdir "$GUEST_DIR"
		cd "$GUEST_DIR" || exit
		lab_try
		lab_record >>"$records"
		cd /
		(( n == repeat )) || rm -rf -- "$GUEST_DIR"
	done
	lab_append "$records"
	rm -rf -- "$GUEST_DIR" "$records"
}

# lab_try: a guest, and what comes out of it; variables of lab_case.
lab_try()
{
	: >console; : >stdout; : >stderr; : >qemu.log
	lab_ms
	LAB_STARTED=$LAB_NOW
	if [[ -n ${LAB_NO_TEMPLATE[$setup]-} ]]; then
		LAB_ENDED=${LAB_NO_TEMPLATE[$setup]}
		cp -- "$LAB_WORK/$setup.err" stderr
	else
		lab_begin "$setup" "$boot" "$seconds"
		lab_part "$again$run"
		if [[ $LAB_ENDED == 0 && $boot == re* ]]; then
			lab_boot_again "$setup" "$boot" "$seconds"
			lab_part "--again $setup $run"
		fi
		[[ $LAB_ENDED != timeout ]] || lab_where
		guest_stop
	fi
	lab_ms
}

# lab_record: what was found out, one line; variables of lab_case.
lab_record()
{
	# shellcheck disable=SC2153 # lab-plan.bash sets it
	jq -cn -f "$PC_TOP/scripts/lib/lab-verdict.jq" \
		--arg id "$id" --arg setup "$setup" --arg boot "$boot" --arg run "$run" \
		--arg expected "$expected" --arg log "$log" --arg bug "$bug" --arg why "$why" --arg new "$LAB_NEW" \
		--arg may "$said" --arg because "$because" \
		--arg family "$LAB_FAMILY" --arg release "$LAB_RELEASE" --arg ended "$LAB_ENDED" \
		--arg bad "$LAB_COMPLAINTS" \
		--argjson ms $((LAB_NOW - LAB_STARTED)) --argjson time "$EPOCHSECONDS" \
		--rawfile out stdout --rawfile err stderr --rawfile console console \
		--rawfile qemu qemu.log
}

# lab_append RECORDS: those of one case, as one line of the run's results.
lab_append()
{
	local line

	if (( repeat > 1 )); then
		jq -cn -L "$PC_TOP/scripts/lib" -f "$PC_TOP/scripts/lib/lab-repeat.jq" "$1" >"$1.one"
		mv -- "$1.one" "$1"
	fi
	IFS= read -r -d '' line <"$1" || true
	{
		flock 9
		printf '%s' "$line" >&9
	} 9>>"$LAB_DIR/results.jsonl"
}

# coprime A B
coprime()
{
	local a=$1 b=$2

	while (( b )); do
		set -- "$b" $((a % b))
		a=$1 b=$2
	done
	(( a == 1 ))
}

# lab_run_all LINE...: the cases, LAB_JOBS at a time; calls lab_progress after each.  Not
# in their order: those of a row are alike, and where all at work wait for the kernel's
# scrub no core has anything to do.
lab_run_all()
{
	local lines=("$@") count=$# step n

	for (( step = count * 5 / 8 + 1; step < count; step++ )); do
		! coprime "$step" "$count" || break
	done
	(( step < count )) || step=1
	for (( n = 0; n < count; n++ )); do
		while lab_running; (( LAB_RUNNING >= LAB_JOBS )); do
			wait -n || true
			lab_progress 2>&"$LAB_STDERR"
		done
		( lab_case "$n" "${lines[n * step % count]}" ) &
	done
	while lab_running; (( LAB_RUNNING )); do
		wait -n || true
		lab_progress 2>&"$LAB_STDERR"
	done
	# the last may have ended before the first look at the jobs
	lab_progress 2>&"$LAB_STDERR"
}
