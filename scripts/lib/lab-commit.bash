# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What becomes of one commit of a tree of Linux: it is built, booted, and cases of the lab are
# run on it.  Sourced by scripts/lab for 'lab bisect', whose variables it reads: 'ids' of the
# cases, LAB_DIR, BISECT_PROFILE, the machine to boot in, and BISECT_LINUX, a git repository in
# which commits are checked out.
#
#   bisect_try COMMIT   it has its line in $LAB_DIR/commits.jsonl, and what it left lies in
#                       $LAB_DIR/COMMIT; or exit
# shellcheck disable=SC2154 # options of scripts/lab

# What runs now, if anything does: who ends this script ends that.
BISECT_JOB=
BISECT_LINUX=

# bisect_job LOG COMMAND...: in a process group of its own, of which nothing outlives this script.
bisect_job()
{
	local log=$1 rc=0

	shift
	set -m
	setpriv --pdeathsig TERM env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u O -u KBUILD_OUTPUT -u KERNEL -u MODULES "$@" \
		>>"$log" 2>&1 </dev/null &
	BISECT_JOB=$!
	set +m
	wait "$BISECT_JOB" || rc=$?
	BISECT_JOB=
	return "$rc"
}

# bisect_configure COMMIT LOG: the configuration that was given, or that of guests.
# Return: 1 the tree takes it not, and why in BISECT_WHY.
bisect_configure()
{
	local rc=0

	bisect_git checkout -q -f --detach "$1" >>"$2" 2>&1 ||
		die "$GUEST_SETUP" "cannot check out '$1': $(tail -n 1 "$2")"
	if [[ -e $LAB_DIR/config ]]; then
		must "$GUEST_SETUP" "write '$BISECT_LINUX/.config'" cp -- "$LAB_DIR/config" "$BISECT_LINUX/.config"
	elif bisect_job "$2" make --no-print-directory -C "$BISECT_LINUX" tinyconfig; then
		cat -- "$PC_TOP/kernel/configs/guest.config" >>"$BISECT_LINUX/.config"
	fi
	bisect_job "$2" "$PC_TOP/scripts/kernels" config "LINUX=$BISECT_LINUX" || rc=$?
	(( rc )) || return 0
	BISECT_WHY="cannot be configured: $(last_said "$(tail -n 1 "$2")")"
	[[ $rc == "$EX_USAGE" || $rc == "$EX_BUILD" ]] || die "$GUEST_SETUP" "commit ${1:0:12} $BISECT_WHY"
	return 1
}

# bisect_fault LOG: the compiler's first error, else what was said before make gave up, which
# has words of its own only where its own file is at fault.
bisect_fault()
{
	awk '/error:/ && !first { first = $0 }
		/\*\*\*/ && !before { before = /Error [0-9]+$/ && last ? last : $0 }
		{ last = $0 }
		END { print first ? first : before ? before : last }' "$1"
}

# bisect_build COMMIT DIR: its kernel, in DIR.  What fails for want of space is no fault of
# the commit.  Return: 1 there is none, and why in BISECT_WHY.
bisect_build()
{
	local log=$2/build.log image=$BISECT_LINUX/arch/x86/boot/bzImage full

	phase "build ${1:0:12}"
	bisect_configure "$1" "$log" || return
	if ! bisect_job "$log" make --no-print-directory -C "$BISECT_LINUX" -j "$(nproc)" bzImage || ! kernel_release "$image" >/dev/null; then
		full=$(no_space "$BISECT_LINUX")
		[[ -z $full ]] || die "$GUEST_SETUP" "cannot build ${1:0:12}$full"
		BISECT_WHY="does not build: $(bisect_fault "$log")"
		return 1
	fi
	must "$GUEST_SETUP" "write '$2/bzImage'" cp -- "$image" "$BISECT_LINUX/.config" "$2/"
}

# bisect_boot COMMIT DIR: it comes up, in a guest in which nothing else is done.  Return: 1 it
# does not, and why in BISECT_WHY.
bisect_boot()
{
	local rc=0 said guest=$TEMP_FOLDER/guest

	phase "boot ${1:0:12}"
	rm -rf -- "$guest"
	bisect_job "$2/boot.log" "$PC_TOP/scripts/vm" run --build "$build" --kernel "$2/bzImage" --state "$guest" "$BISECT_PROFILE" -- true || rc=$?
	[[ ! -e $guest/console ]] || cp -- "$guest/console" "$2/"
	(( rc )) || return 0
	said=$(last_said "$(tail -n 1 "$2/boot.log")")
	[[ $rc != "$GUEST_NO_QEMU" && ( $rc != "$GUEST_SETUP" || $said == *"cannot be the guest's kernel"* ) ]] ||
		die "$GUEST_SETUP" "cannot boot a guest: $said"
	BISECT_WHY="does not boot: $(sed 's/ (console: [^)]*)//' <<<"$said")"
	return 1
}

# bisect_run COMMIT DIR: the cases on its kernel, as a run of the lab in DIR/run.
bisect_run()
{
	local rc=0

	phase "run ${#ids[@]} of the lab's cases on ${1:0:12}"
	bisect_job "$2/run.log" "$0" run --build "$build" --tables "$tables" --family "$LAB_FAMILY" --repeat "$repeat" \
		--kernel "$2/bzImage" --out "$2/run" "@$LAB_DIR/cases" || rc=$?
	[[ $rc == [01] && $(wc -l <"$2/run/results.jsonl") == "${#ids[@]}" ]] ||
		die "$GUEST_SETUP" "cannot run the cases: $(last_said "$(tail -n 1 "$2/run.log")")"
}

# bisect_try COMMIT: it has its line in commits.jsonl, each in one go, or exit.
bisect_try()
{
	local dir=$LAB_DIR/$1 line subject other

	[[ -z $(jq -r --arg c "$1" 'select(.commit == $c) | 1' "$LAB_DIR/commits.jsonl") ]] || return 0
	subject=$(bisect_git show -s --format=%s "$1")
	rm -rf -- "$dir"
	must "$GUEST_SETUP" "make the folder '$dir'" mkdir -- "$dir"
	BISECT_WHY=
	if bisect_build "$1" "$dir" && bisect_boot "$1" "$dir"; then
		bisect_run "$1" "$dir"
		line=$(jq -cn --arg commit "$1" --arg subject "$subject" --slurpfile run "$dir/run/run.json" --slurpfile results "$dir/run/results.jsonl" '
			{$commit, $subject, skipped: null, keys: ($run[0].keys | {tables, qemu, image}),
			 results: [$results[] | {case, verdict, expected, actual, reason}]}')
		other=$(jq -rn --argjson new "$line" '[inputs | select(.keys)][0].keys // $new.keys | to_entries[] |
			select(.value != $new.keys[.key]) | .key' "$LAB_DIR/commits.jsonl" | paste -s -d ' ')
		[[ -z $other ]] || die "$EX_USAGE" "cannot go on in '$LAB_DIR': not as it was for the commits before: ${other// /, }"
	else
		line=$(jq -cn --arg commit "$1" --arg subject "$subject" --arg skipped "$BISECT_WHY" '{$commit, $subject, $skipped, results: []}')
	fi
	printf '%s\n' "$line" >>"$LAB_DIR/commits.jsonl"
}
