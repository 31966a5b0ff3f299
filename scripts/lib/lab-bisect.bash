# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# 'lab bisect': the commit since which cases come out otherwise.  git bisect is driven in a
# repository of its own in a temporary folder, that borrows the user's objects: of the user's
# files, branches and notes of git none is written.  Sourced by scripts/lab, whose options it
# reads; lab-commit.bash has what becomes of one commit, tests/lab/README.md the folder.
# shellcheck disable=SC2154,SC2034,SC2016 # options of scripts/lab, what lab-commit.bash reads, jq

# bisect_git ARGUMENT...: in the repository of our own
bisect_git()
{
	LC_ALL=C git -C "$BISECT_LINUX" -c core.hooksPath=/dev/null "$@"
}

# bisect_tree: BISECT_TREE, the top of the user's checkout, or exit.
bisect_tree()
{
	local top vars

	[[ -n $1 ]] || die "$EX_USAGE" "no tree given: expected a git checkout of Linux; try --help"
	need_program git git
	need_program make make
	mapfile -t vars < <(git rev-parse --local-env-vars)
	unset "${vars[@]}"
	BISECT_TREE=$(realpath -m -- "$1")
	top=$(LC_ALL=C git -C "$BISECT_TREE" rev-parse --show-toplevel 2>&1) ||
		die "$EX_USAGE" "'$1' is no git checkout: ${top%%$'\n'*}"
	[[ $(realpath -m -- "$top") == "$BISECT_TREE" ]] || die "$EX_USAGE" "'$1' is no git checkout: expected its top folder, '$top'"
}

# bisect_commit OPTION REV: the id of the commit, or exit.
bisect_commit()
{
	[[ -n $2 ]] || die "$EX_USAGE" "no commit given with '$1': expected '--good REV' and '--bad REV'"
	git -C "$BISECT_TREE" rev-parse --verify --quiet --end-of-options "$2^{commit}" ||
		die "$EX_USAGE" "unknown revision '$2' in '$BISECT_TREE'"
}

# bisect_between: the two commits are ends of a history of Linux, or exit.
bisect_between()
{
	local file=scripts/kconfig/merge_config.sh

	good_id=$(bisect_commit --good "$good") || exit
	bad_id=$(bisect_commit --bad "$bad") || exit
	[[ $good_id != "$bad_id" ]] || die "$EX_USAGE" "'$good' and '$bad' are one commit: nothing lies between"
	git -C "$BISECT_TREE" cat-file -e "$good_id:$file" 2>/dev/null ||
		die "$EX_USAGE" "'$good' of '$BISECT_TREE' is no tree of Linux: expected one with $file"
	git -C "$BISECT_TREE" merge-base "$good_id" "$bad_id" >/dev/null ||
		die "$EX_USAGE" "'$good' and '$bad' have no history in common"
	! git -C "$BISECT_TREE" merge-base --is-ancestor "$bad_id" "$good_id" ||
		die "$EX_USAGE" "'$bad' comes before '$good': expected the other order; 'good' is the older of two outcomes, right or wrong"
}

# bisect_cases ID...: each is one case; of the family of the good end, by which all of the
# kernels are judged: else one and the same outcome could have two verdicts.  Sets
# BISECT_PROFILE, a machine that the kernels must boot in.
bisect_cases()
{
	local id version

	(( $# )) || die "$EX_USAGE" "no case given; try 'lab list'"
	version=$(git -C "$BISECT_TREE" show "$good_id:Makefile" 2>/dev/null |
		awk '$2 == "=" && ($1 == "VERSION" || $1 == "PATCHLEVEL") { have[$1] = $3 }
			END { print have["VERSION"] "." have["PATCHLEVEL"] }')
	LAB_FAMILY=${family:-$(lab_families "$version" | cut -d ' ' -f 1)}
	lab_family_known
	for id in "$@"; do
		filters=("$id")
		LAB_PLAN=()
		lab_plan
		(( ${#LAB_PLAN[@]} == 1 )) ||
			die "$EX_USAGE" "'$id' fits ${#LAB_PLAN[@]} cases: expected one; try 'lab list $id'"
		ids+=("${LAB_PLAN[0]%%$'\t'*}")
		BISECT_PROFILE=$(lab_profile "$(cut -f 2 <<<"${LAB_PLAN[0]}")")
	done
}

# bisect_new: the folder, and what is looked for.
bisect_new()
{
	local from=$config

	[[ -n $from || ! -e $BISECT_TREE/.config ]] || from=$BISECT_TREE/.config
	[[ -z $from || ( -f $from && -r $from ) ]] || die "$EX_USAGE" "cannot read the configuration '$from': expected a file"
	LAB_DIR=${out:-$build/lab/bisect-$(date +%Y%m%d-%H%M%S)}
	[[ ! -e $LAB_DIR ]] || die "$EX_USAGE" "'$LAB_DIR' is there already: expected a new folder, or --resume"
	must "$GUEST_SETUP" "make the folder '$LAB_DIR'" mkdir -p -- "$LAB_DIR"
	LAB_DIR=$(realpath -- "$LAB_DIR")
	(need_space "$LAB_DIR" 128 "$GUEST_SETUP"; cache_writable "$GUEST_SETUP") || { rmdir -- "$LAB_DIR"; exit "$GUEST_SETUP"; }
	[[ -z $from ]] || must "$GUEST_SETUP" "write '$LAB_DIR/config'" cp -- "$from" "$LAB_DIR/config"
	printf '%s\n' "${ids[@]}" >"$LAB_DIR/cases"
	: >"$LAB_DIR/commits.jsonl"
	jq -n '$ARGS.named + {format: 1, cases: $ARGS.positional}' --arg tree "$BISECT_TREE" --arg good "$good" --arg bad "$bad" \
		--arg good_id "$good_id" --arg bad_id "$bad_id" --arg family "$LAB_FAMILY" --arg tables "${tables#"$PC_TOP/"}" \
		--argjson repeat "$repeat" --argjson began "$EPOCHSECONDS" --args "${ids[@]}" >"$LAB_DIR/bisect.json"
}

# bisect_again: options and words of what is resumed.
bisect_again()
{
	local file=$resume/bisect.json

	[[ -f $resume/commits.jsonl && $(jq -r .format "$file" 2>/dev/null) == 1 ]] ||
		die "$EX_USAGE" "'$resume' is not the folder of a bisection: expected bisect.json (format 1) and commits.jsonl in it"
	[[ -z ${filters[*]}$good$bad$config$out ]] ||
		die "$EX_USAGE" "'--resume' takes no tree, commits or cases: it goes on with its own"
	LAB_DIR=$(realpath -- "$resume")
	file=$LAB_DIR/bisect.json
	good=$(jq -r .good_id "$file")
	bad=$(jq -r .bad_id "$file")
	family=$(jq -r .family "$file")
	repeat=$(jq -r .repeat "$file")
	tables=$(cd "$PC_TOP" && realpath -m -- "$(jq -r .tables "$file")")
	mapfile -t filters < <(jq -r '.tree, .cases[]' "$file")
}

# bisect_room: TEMP_FOLDER, with room for the files of a commit and for what is made of them,
# or exit.
bisect_room()
{
	local mib

	[[ ${TMPDIR:-/tmp} != *[[:space:]:]* ]] ||
		die "$EX_USAGE" "bad TMPDIR '$TMPDIR': expected one without a blank or colon, Linux builds in no such folder"
	mib=$(git -C "$BISECT_TREE" ls-tree -r -l "$bad_id" | awk '{ sum += $4 } END { print int(sum * 2 / 1048576) + 64 }')
	temp_folder bisect "$GUEST_SETUP" "$mib"
	trap bisect_end EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# bisect_begin: a repository of our own that borrows the objects of the user's.  No worktree of
# the user's: that is a note in his repository, and git bisect rewrites the packed-refs that all
# worktrees share.  A line that was being written when another was killed is none.
bisect_begin()
{
	local common name value

	exec {LAB_LOCK}<"$LAB_DIR/bisect.json"
	flock -n "$LAB_LOCK" || die "$EX_USAGE" "another is at work in '$LAB_DIR'"
	jq -cR 'fromjson?' "$LAB_DIR/commits.jsonl" >"$LAB_DIR/commits.new"
	mv -- "$LAB_DIR/commits.new" "$LAB_DIR/commits.jsonl"
	BISECT_LINUX=$TEMP_FOLDER/linux
	must "$GUEST_SETUP" "make a repository in '$BISECT_LINUX'" git init --quiet --template= \
		--object-format="$(git -C "$BISECT_TREE" rev-parse --show-object-format)" -- "$BISECT_LINUX"
	common=$(git -C "$BISECT_TREE" rev-parse --path-format=absolute --git-common-dir)
	mkdir -p "$BISECT_LINUX/.git/objects/info"
	printf '%s\n' "$common/objects" >"$BISECT_LINUX/.git/objects/info/alternates"
	[[ ! -e $common/shallow ]] || cp -- "$common/shallow" "$BISECT_LINUX/.git/"
	# where the user's has not fetched all objects, git asks the same remote for them
	git -C "$BISECT_TREE" config --get-regexp '^(extensions\.partialclone|remote\..*\.(url|promisor|partialclonefilter))$' |
		while read -r name value; do
			bisect_git config "$name" "$value"
		done || true
	must "$GUEST_SETUP" "find '$bad_id' in '$BISECT_TREE' again" bisect_git update-ref --no-deref HEAD "$bad_id"
}

# bisect_end: nothing is left but the folder.
bisect_end()
{
	trap '' HUP INT TERM
	if [[ -n $BISECT_JOB ]]; then
		kill -- "-$BISECT_JOB" 2>/dev/null || true
		wait "$BISECT_JOB" 2>/dev/null || true
	fi
	rm -rf -- "$TEMP_FOLDER" 2>/dev/null || { sleep 2; rm -rf -- "$TEMP_FOLDER"; }
}

# bisect_ask FILTER [ARGUMENT...]: of commits.jsonl, by lab-bisect.jq.
bisect_ask()
{
	jq -rn -L "$PC_TOP/scripts/lib" --arg good "$good_id" --arg bad "$bad_id" "${@:2}" \
		"include \"lab-bisect\"; [inputs] | $1" "$LAB_DIR/commits.jsonl"
}

# bisect_tell WORD COMMIT: what came of it, one line.
bisect_tell()
{
	local line

	line=$(bisect_ask 'line($word; of($commit))' --arg word "$1" --arg commit "$2")
	put_line "$line"
}

# bisect_ends: both can be tried, good agrees with itself, and each of the cases comes out
# otherwise at the bad one; or exit.
bisect_ends()
{
	local end id why

	for end in good bad; do
		id=${end}_id
		id=${!id}
		bisect_try "$id"
		why=$(bisect_ask 'of($commit).skipped // empty' --arg commit "$id")
		[[ -z $why ]] || die "$GUEST_SETUP" "cannot try the commit of '--$end': it $why"
		bisect_tell "$end" "$id"
	done
	why=$(bisect_ask 'of($good) | flaky // empty')
	[[ -z $why ]] || die "$EX_USAGE" "'$why' is flaky at '--good': nothing can be compared with that"
	why=$(bisect_ask 'alike(of($good); of($bad)) // empty')
	[[ -z $why ]] || die "$EX_USAGE" "'${why%% *}' comes out alike at both ends, ${why#* }: nothing to look for"
}

# bisect_steps: git chooses, until it knows the first bad commit, or only commits are left that
# are skipped.  Its log is kept after each step.
bisect_steps()
{
	local log=$LAB_DIR/bisect.log said commit word

	said=$(bisect_git bisect start --no-checkout "$bad_id" "$good_id" 2>&1) ||
		die "$GUEST_SETUP" "cannot start git bisect: ${said##*$'\n'}"
	while :; do
		bisect_git bisect log >"$log" 2>/dev/null || die "$GUEST_SETUP" "cannot write '$log'"
		! grep -qE '^# (first bad commit|only skipped commits left)' "$log" || return 0
		phase "${said%%$'\n'*}"
		commit=$(bisect_git rev-parse --verify --quiet BISECT_HEAD) ||
			die "$GUEST_SETUP" "git bisect stands at no commit: ${said##*$'\n'}"
		bisect_try "$commit"
		word=$(bisect_ask 'word(of($good); of($commit))' --arg commit "$commit")
		bisect_tell "$word" "$commit"
		# 2: only commits that are skipped are left, which the log says
		said=$(bisect_git bisect "$word" "$commit" 2>&1) || (( $? == 2 )) ||
			die "$EX_FAILED" "git bisect ends without a commit: ${said%%$'\n'*}"
	done
}

# bisect_found: the commit, and the outcomes before and since.  Return: 1 it is one of several.
bisect_found()
{
	local first left

	first=$(sed -n 's/^# first bad commit: \[\([0-9a-f]*\)\].*/\1/p' "$LAB_DIR/bisect.log")
	put_line ""
	if [[ -n $first ]]; then
		put_line "first bad commit: $first $(bisect_git show -s --format=%s "$first")"
		bisect_ask 'found(of($good); of($first); of($bad))' --arg first "$first" | pass_on
	else
		put_line "the first bad commit is one of these; all but the first could not be tried:"
		sed -n 's/^# possible first bad commit: \[\([0-9a-f]*\)\] /  \1 /p' "$LAB_DIR/bisect.log" | pass_on
	fi
	left=$(bisect_ask '[.[] | select(.skipped)] | length')
	put_line "commits tried: $(wc -l <"$LAB_DIR/commits.jsonl"), skipped: $left"
	put_line "results: $LAB_DIR"
	[[ -n $first ]]
}

# lab_bisect: the verb.  Return: 0 the commit is found, 1 only several that it is one of.
lab_bisect()
{
	local ids=() good_id bad_id words

	[[ -z $resume ]] || bisect_again
	words=("${filters[@]}")
	bisect_tree "${words[0]-}"
	bisect_between
	bisect_cases "${words[@]:1}"
	(guest_find "$build" "" "") || exit
	bisect_room
	[[ -n $resume ]] || bisect_new
	bisect_begin
	bisect_ends
	bisect_steps
	bisect_found
}
