# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# kernel/dax in a Linux that is not the guest's of this release, or has Linux's own core
# there.  Sourced after common.bash, modules.bash, release.bash and tap.bash.
#
#   core_elsewhere LINUX REGEX TEST...   builds it from the same source and runs each TEST,
#                          a path below tests, on it; a point for each, which skips nothing
#                          but for a reason that matches REGEX.  All of it is a skip
#                          without that Linux's source, which scripts/kernels fetches
#                          into the cache

# core_elsewhere_runs TEST: a point, of what the runner said of it
core_elsewhere_runs()
{
	local said

	said=$(grep -E "^(not )?ok [0-9]+ - $1: " "$tmp/out" || true)
	if (( $(grep '^ok' <<<"$said" | grep -cv '# SKIP') )) && ! grep -q '^not ok' <<<"$said"; then
		tap_point ok "$1 passes: $(wc -l <<<"$said") points"
	else
		tap_point "not ok" "$1 passes"
		tap_note "$(grep -A 3 -E "^not ok [0-9]+ - $1: " "$tmp/out" || tail -n 3 "$tmp/err")"
	fi
}

# core_elsewhere_build: $tmp/build is $build with that kernel, and no other, as the guest's.
# What tests/run leaves in a build goes by names of tests, which others run as well.
core_elsewhere_build()
{
	mkdir "$tmp/build"
	ln -s "$build"/* "$tmp/build/"
	rm -f "$tmp/build/tests" "$tmp/build/kernel"
	mkdir "$tmp/build/tests" "$tmp/build/kernel"
	echo "$kernel" >"$tmp/build/kernel/path"
}

core_elsewhere()
{
	local version=$1 but=$2 tests=("${@:3}") build kernel points rc=0 t tmp

	build=$(realpath -- "${PC_BUILD:-$PC_TOP/build}")
	points=$((${#tests[@]} + 3))
	if [[ $(kernel_release "$(cat "$build/kernel/path")") == "$version".*-ours ]]; then
		skip_all "$points" "the DAX core in Linux $version" "it is the one that 'make test' tries here"
		return
	fi
	if ! release_source "$version"; then
		skip_all "$points" "the DAX core in Linux $version" "$RELEASE_WHY"
		return
	fi
	tmp=$(mktemp -d)
	# shellcheck disable=SC2064 # this folder
	trap "rm -rf -- '$tmp'" EXIT

	plan "$points"
	kernel=$("$PC_TOP/scripts/build-kernel" --linux "$version" --dax ours 2>"$tmp/said") ||
		bail "cannot build Linux $version with kernel/dax: $(last_said "$(<"$tmp/said")")"
	is "the compiler has nothing to say of the core" \
		"$(grep -E 'fs/dax/.*(warning|error):' "${kernel%/*}/log" || true)" ""
	core_elsewhere_build
	"$PC_TOP/tests/run" --build "$tmp/build" --time 900 "${tests[@]/#/"$PC_TOP/tests/"}" \
		>"$tmp/out" 2>"$tmp/err" || rc=$?
	for t in "${tests[@]}"; do
		core_elsewhere_runs "${t##*/}"
	done
	is "nothing is skipped${but:+ but what is known}" \
		"$(grep -E '# SKIP' "$tmp/out" | grep -vE "# SKIP (${but:-a reason})\$" || true)" ""
	is "the runner says so, too" "$rc" 0
}
