# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Which cases there are, and what must come out: the tables, filtered, for one kernel.
# Sourced by scripts/lab, whose options it reads.
#
#   lab_kernel      finds the kernel: LAB_KERNEL, LAB_RELEASE, LAB_FAMILY; LAB_NEW, if it
#                   is newer than any that is known
#   lab_plan        fills LAB_PLAN with the chosen cases, as lines of lab-table.awk
#   lab_list        the verb
# shellcheck disable=SC2154 # options of scripts/lab

LAB_PLAN=()

# lab_families [RELEASE]: what scripts/lib/families.awk says.
lab_families()
{
	awk -v release="${1-}" -f "$PC_TOP/scripts/lib/families.awk" "$PC_TOP/injector/lib/families.def"
}

# lab_built FILE: the kernel whose path is in it.
lab_built()
{
	installed_kernel "$build" "$1"
	LAB_KERNEL=$(cat "$build/kernel/$1" 2>/dev/null) || LAB_KERNEL=
	[[ -n $LAB_KERNEL ]] ||
		die "$GUEST_SETUP" "no kernel '${kernel:-ours}' was built in '$build'; run 'make all build/kernel/stock'"
}

# lab_find_kernel: LAB_KERNEL.  What 'make KERNEL=FILE' was told of is not called ours.
lab_find_kernel()
{
	local said

	case $kernel in
	''|ours)
		lab_built path
		if [[ $(kernel_release "$LAB_KERNEL") == *-poisonctl-ours ]]; then
			kernel=ours
		elif [[ $kernel == ours ]]; then
			die "$GUEST_SETUP" "no kernel 'ours' was built in '$build': '$LAB_KERNEL' is another"
		else
			kernel=$LAB_KERNEL
		fi ;;
	stock)  lab_built stock ;;
	debian) debian_kernel || die "$GUEST_SETUP" "no Debian kernel: $DEBIAN_WHY"
		LAB_KERNEL=$DEBIAN_KERNEL ;;
	[0-9]*)
		LAB_KERNEL=$(realpath -m -- "$kernel")
		if [[ ! -e $LAB_KERNEL ]]; then
			said=$("$PC_TOP/scripts/kernels" get "$kernel" 2>&1) ||
				die "$GUEST_SETUP" "$(last_said "$said")"
			LAB_KERNEL=${said##*$'\n'}
		fi ;;
	*)      LAB_KERNEL=$(realpath -m -- "$kernel") ;;
	esac
}

# lab_kernel: LAB_FAMILY is one of injector/lib/families.def.
lab_kernel()
{
	local known

	lab_find_kernel
	kernel_named "$EX_USAGE" "$LAB_KERNEL"
	LAB_RELEASE=$(kernel_release "$LAB_KERNEL")
	read -r LAB_FAMILY known < <(lab_families "$LAB_RELEASE")
	LAB_NEW=
	if [[ -n $family ]]; then
		LAB_FAMILY=$family
	elif [[ $known == new ]]; then
		# shellcheck disable=SC2034 # lab-run.bash reads it
		LAB_NEW=1
		say "Linux $LAB_RELEASE is newer than any that is known: judged as $LAB_FAMILY, what differs is new behaviour"
	fi
	lab_family_known
}

# lab_family_known: LAB_FAMILY is one, or exit.
lab_family_known()
{
	lab_families | cut -d ' ' -f 1 | grep -qxF -- "$LAB_FAMILY" ||
		die "$EX_USAGE" "unknown family '$LAB_FAMILY': expected one of $(lab_families | cut -d ' ' -f 1 | paste -s -d ' ')"
}

# lab_guest: what guests are made of.
lab_guest()
{
	[[ -z $modules ]] || GUEST_MODULES=$modules
	guest_find "$build" "$LAB_KERNEL" ""
	modules=$GUEST_MODULES
}

# lab_table_files: the files of the tables but for the outcomes, into 'files'.
lab_table_files()
{
	mapfile -d "" -t files < <(find "$tables/cases" -type f -print0 | LC_ALL=C sort -z)
	[[ ! -e $tables/skips ]] || files=("$tables/skips" "${files[@]}")
	[[ ! -e $tables/bugs ]] || files=("$tables/bugs" "${files[@]}")
}

# lab_tables_key: of what the tables expect, of any family; comments and skips expect nothing.
lab_tables_key()
{
	local files

	lab_table_files
	cat -- "$PC_TOP/injector/lib/families.def" "$tables/outcomes" "${files[@]/%*\/skips//dev/null}" |
		sed '/^[[:space:]]*\(#.*\)\?$/d' | key_of
}

# lab_rows: all cases of the tables, as they are for this family.
lab_rows()
{
	local files

	lab_table_files
	lab_families | awk -v family="$LAB_FAMILY" -v top="$PC_TOP/" -f "$PC_TOP/scripts/lib/lab-table.awk" \
		- "$tables/outcomes" "${files[@]}"
}

# lab_sample: of row k the case k, round and round, so that all set-ups come.
lab_sample()
{
	awk -F '\t' '
		{ if (!($8 in first)) { first[$8] = ++rows; order[rows] = $8 }
		  line[$8, count[$8]++] = $0 }
		END { for (k = 1; k <= rows; k++) print line[order[k], k % count[order[k]]] }'
}

# lab_listed: the cases that files in @FILE filters name, as keys "@FILE ID" of 'listed'.
lab_listed()
{
	local filter id

	for filter in "${filters[@]}"; do
		[[ $filter == @* ]] || continue
		[[ -f ${filter#@} && -r ${filter#@} ]] || die "$EX_USAGE" "cannot read the list of cases '${filter#@}'"
		while read -r id; do
			listed["$filter $id"]=1
		done < <(sed -n 's/^\([^#=>[:space:]][^[:space:]]*\).*/\1/p' "${filter#@}")
	done
}

# lab_plan: the cases of this family that all filters fit, in the tables' order.
lab_plan()
{
	local all line id filter n=0
	local -A listed=()

	all=$(lab_rows) || exit "$EX_USAGE"
	lab_listed
	[[ -z $sample ]] || all=$(lab_sample <<<"$all")
	while IFS= read -r line; do
		id=/${line%%$'\t'*}/
		for filter in "${filters[@]}"; do
			[[ -z ${listed["$filter ${line%%$'\t'*}"]-} ]] || continue
			# shellcheck disable=SC2053 # a pattern is meant
			[[ $id == */$filter/* ]] || continue 2
		done
		n=$((n + 1))
		(( n % ${shard#*/} == ${shard%/*} % ${shard#*/} )) || continue
		LAB_PLAN+=("$line")
	done <<<"$all"
	(( ${#LAB_PLAN[@]} )) ||
		die "$EX_USAGE" "no case fits '${filters[*]}' in the family $LAB_FAMILY; try 'lab list'"
}

# lab_plan_json: one JSON object a case.
lab_plan_json()
{
	printf '%s\n' "${LAB_PLAN[@]}" | jq -cR '
		def some: if . == "-" then null else . end;
		split("\t") | {case: .[0], setup: .[1], boot: .[2], run: .[4], seconds: (.[3] | tonumber),
			expected: .[5], outcome: .[12], log: (.[6] | some), row: .[7]} +
			if .[8] == "-" then {} else {bug: {name: .[13], actual: .[8], reason: .[9]}} end +
			if .[10] == "-" then {} else {skip: {said: .[10], reason: .[11]}} end'
}

lab_list()
{
	lab_kernel
	lab_plan
	if [[ -n $json ]]; then
		lab_plan_json
	else
		printf '%s\n' "${LAB_PLAN[@]}" | cut -f 1,6 | column -t -s $'\t' -N CASE,EXPECTED
	fi
}
