# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Which cases there are, and what must come out: the tables, filtered, for one kernel.
# Sourced by scripts/lab, whose options it reads.
#
#   lab_kernel      finds the kernel: LAB_KERNEL, LAB_RELEASE, LAB_FAMILY
#   lab_plan        fills LAB_PLAN with the chosen cases, as lines of lab-table.awk
#   lab_list        the verb
# shellcheck disable=SC2154 # options of scripts/lab

LAB_PLAN=()

# lab_kernel: LAB_FAMILY is one of the tables' columns, the newest for what is none.
lab_kernel()
{
	local major minor

	case $kernel in
	ours)   LAB_KERNEL=$(cat "$build/kernel/path" 2>/dev/null) || LAB_KERNEL= ;;
	stock)  LAB_KERNEL=$(cat "$build/kernel/stock" 2>/dev/null) || LAB_KERNEL= ;;
	debian) debian_kernel || die "$GUEST_SETUP" "no Debian kernel: $DEBIAN_WHY"
		LAB_KERNEL=$DEBIAN_KERNEL ;;
	*)      LAB_KERNEL=$(realpath -m -- "$kernel") ;;
	esac
	[[ -n $LAB_KERNEL ]] ||
		die "$GUEST_SETUP" "no kernel '$kernel' was built in '$build'; run 'make all $build/kernel/stock'"
	[[ -f $LAB_KERNEL && -r $LAB_KERNEL ]] || die "$EX_USAGE" "cannot read the kernel '$LAB_KERNEL'"
	LAB_RELEASE=$(kernel_release "$LAB_KERNEL") || die "$EX_USAGE" "'$LAB_KERNEL' is not a bzImage"
	IFS=. read -r major minor _ <<<"$LAB_RELEASE"
	LAB_FAMILY=$family
	if [[ -z $family ]]; then
		LAB_FAMILY=6.5
		if [[ $LAB_RELEASE == *-poisonctl-ours ]]; then
			LAB_FAMILY=6.1-ours
		elif (( major < 6 || (major == 6 && ${minor%%[^0-9]*} < 5) )); then
			LAB_FAMILY=6.1
		fi
	fi
	case $LAB_FAMILY in
	6.1)      LAB_COLUMN=6 ;;
	6.1-ours) LAB_COLUMN=7 ;;
	6.5)      LAB_COLUMN=8 ;;
	*)        die "$EX_USAGE" "unknown family '$LAB_FAMILY': expected 6.1, 6.1-ours or 6.5" ;;
	esac
}

# lab_guest: what guests are made of.
lab_guest()
{
	GUEST_MODULES=$modules
	guest_find "$build" "$LAB_KERNEL" ""
	modules=$GUEST_MODULES
}

# lab_rows: all cases of the tables, of all families.
lab_rows()
{
	local files

	mapfile -d "" -t files < <(find "$tables/cases" -type f -print0 | LC_ALL=C sort -z)
	awk -v top="$PC_TOP/" -f "$PC_TOP/scripts/lib/lab-table.awk" "$tables/outcomes" "${files[@]}"
}

# lab_plan: the cases of this family that all filters fit, in the tables' order.
lab_plan()
{
	local all line id filter n=0

	all=$(lab_rows |
		awk -F '\t' -v OFS='\t' -v c="$LAB_COLUMN" -v family="$LAB_FAMILY" -v sample="$sample" '
			$c == "-" { next }
			# a complaint that another family has is not expected in this one
			index($9, family " ") == 1 { $9 = substr($9, length(family) + 2) }
			$9 ~ / / { $9 = "-" }
			!sample { print; next }
			# of row k the case k, round and round, so that all set-ups come
			{ if (!($10 in first)) { first[$10] = ++rows; order[rows] = $10 }
			  line[$10, count[$10]++] = $0 }
			END { for (k = 1; k <= rows; k++) print line[order[k], k % count[order[k]]] }'
	) || exit "$EX_USAGE"
	while IFS= read -r line; do
		id=/${line%%$'\t'*}/
		for filter in "${filters[@]}"; do
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
	printf '%s\n' "${LAB_PLAN[@]}" | jq -cR --argjson c $((LAB_COLUMN - 1)) '
		split("\t") | {case: .[0], setup: .[1], boot: .[2], run: .[4], seconds: (.[3] | tonumber),
			expected: .[$c], log: (if .[8] == "-" then null else .[8] end),
			row: .[9]}'
}

lab_list()
{
	lab_kernel
	lab_plan
	if [[ -n $json ]]; then
		lab_plan_json
	else
		printf '%s\n' "${LAB_PLAN[@]}" | cut -f "1,$LAB_COLUMN" | column -t -s $'\t' -N CASE,EXPECTED
	fi
}
