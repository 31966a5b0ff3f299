# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the guest tests of the DAX core share.  Sourced after tests/lib/guest.bash.
#
#   dax_plan N               the plan, or all of it skipped: what is said of Linux's own
#                            core is true of the Linuxes that kernel/dax is for
#   dax_mount TYPE           makes ext4, xfs, xfs-reflink or xfs-rmapbt on $PMEM, such that a
#                            file's first 2 MiB are fit for a PMD, and mounts it
#                            on /mnt/TYPE
#   dax_umount TYPE          checks the filesystem on the way
#   dax_case FOLDER PROGRAM CASE TEXT
#                            /tests/dax/PROGRAM says that TEXT is true in FOLDER; a skip
#                            for what is in DAX_NOT_YET
#   dax_quiet TEXT [REGEX]   the kernel had no complaint since the last call; what
#                            matches REGEX is Linux's own core's to say, not ours
#   by_core OURS STOCK       the word for the DAX core that runs
#   by_core_since VERSION OURS STOCK
#                            the same; Linux's own core does as ours since VERSION

case $(uname -r) in
*-poisonctl-ours)  DAX_CORE=ours ;;
*-poisonctl-stock) DAX_CORE=stock ;;
*) bail "unknown DAX core in '$(uname -r)'" ;;
esac

DAX_COMPLAINTS='WARNING:|BUG:|KASAN|UBSAN|INFO: .*(lock|task|rcu|suspicious)|ODEBUG|list_(add|del) corruption|Oops|general protection|XFS.*(Corruption|Internal error|Assertion)|EXT4-fs (error|warning)'
# what a test expects of them, if it says so
DAX_COMPLAINTS_BUT='^$'
DAX_SEEN=1
DAX_LOG=/run/kmsg.log

# The kernel's own buffer is too small for a long test: a reader keeps all of it.
# It is told that it was too slow by an error, after which the same file goes on with
# what is left.
: >"$DAX_LOG"
while true; do
	cat || true
done </dev/kmsg >>"$DAX_LOG" 2>/dev/null &
DAX_READER=$!
trap 'kill "$DAX_READER" 2>/dev/null' EXIT

# The names of kernel/compat, and of these the ones on whose own core nothing was tried.
DAX_LINUXES=(6.1 6.12 7.3)
DAX_OURS_ONLY=(7.3)
DAX_LINUX=$(uname -r | cut -d . -f 1,2)

# "PROGRAM CASE": what our core has no answer to in a Linux, and why.
declare -A DAX_NOT_YET=()
if [[ $DAX_CORE$DAX_LINUX == ours7.3 ]]; then
	for DAX_C in map\ pmd-{read,write,mkwrite,conflict} "map msync-pmd" "result pmds" "poison pmd"; do
		DAX_NOT_YET[$DAX_C]="no PMD is mapped by kernel/dax in Linux $DAX_LINUX"
	done
	DAX_NOT_YET[trunc cut-dirty]="in Linux $DAX_LINUX it is truncate(2) that makes it durable"
fi

dax_plan()
{
	if [[ " ${DAX_LINUXES[*]} " != *" $DAX_LINUX "* ]]; then
		skip_all "$1" "the DAX core" "kernel/dax is for Linux ${DAX_LINUXES[*]}, this is $(uname -r)"
		exit 0
	elif [[ $DAX_CORE == stock && " ${DAX_OURS_ONLY[*]} " == *" $DAX_LINUX "* ]]; then
		skip_all "$1" "the DAX core" "what Linux's own core does was tried on others, this is $(uname -r)"
		exit 0
	fi
	plan "$1"
}

by_core()
{
	if [[ $DAX_CORE == ours ]]; then
		echo "$1"
	else
		echo "$2"
	fi
}

by_core_since()
{
	if [[ $DAX_CORE == stock && $(printf '%s\n' "$1" "$DAX_LINUX" | sort -V | head -n 1) == "$1" ]]; then
		echo "$2"
	else
		by_core "$2" "$3"
	fi
}

dax_mount()
{
	local type=$1

	mkdir -p "/mnt/$type"
	case $type in
	ext4)       mkfs.ext4 -q -F -b 4096 -E stride=512,stripe_width=512 "$PMEM" ;;
	xfs)        mkfs.xfs -q -f -m reflink=0 -d su=2m,sw=1,agcount=2 "$PMEM" ;;
	xfs-reflink) mkfs.xfs -q -f -m reflink=1,rmapbt=0 -d su=2m,sw=1,agcount=2 "$PMEM" ;;
	xfs-rmapbt) mkfs.xfs -q -f -m reflink=1,rmapbt=1 -d su=2m,sw=1,agcount=2 "$PMEM" ;;
	esac >/run/mkfs.log 2>&1 || bail "mkfs of $type: $(tail -n 1 /run/mkfs.log)"
	mount -t "${type%%-*}" -o dax=always "$PMEM" "/mnt/$type" ||
		bail "mount of $type"
}

dax_umount()
{
	ok "$1: the filesystem can be unmounted" umount "/mnt/$1"
}

dax_case()
{
	local rc=0 out

	if [[ -n ${DAX_NOT_YET[$2 $3]-} ]]; then
		skip "${1#/mnt/}: $4" "${DAX_NOT_YET[$2 $3]}"
		return
	fi
	out=$("/tests/dax/$2" "$3" "$1" 2>&1) || rc=$?
	(( rc != 99 )) || bail "$2 $3: $out"
	if (( rc == 0 )); then
		tap_point ok "${1#/mnt/}: $4"
	else
		tap_point "not ok" "${1#/mnt/}: $4"
		tap_note "$2 $3: exit status $rc: $out"
	fi
}

# dax_complaints: what the kernel has complained of since the last dax_quiet.
dax_complaints()
{
	local mark="dax test mark $RANDOM $SECONDS"

	echo "$mark" >/dev/kmsg
	until_ok 120 grep -qF "$mark" "$DAX_LOG" || echo "the kernel's log is not read"
	tail -n +$DAX_SEEN "$DAX_LOG" | sed 's/^[^;]*;//' | grep -E "$DAX_COMPLAINTS" | grep -vE "$DAX_COMPLAINTS_BUT" || true
}

dax_quiet()
{
	local all

	all=$(dax_complaints)
	if [[ $DAX_CORE == stock && -n ${2-} ]]; then
		all=$(grep -vE "$2" <<<"$all" || true)
	fi
	is "$1" "$all" ""
	DAX_SEEN=$(($(wc -l <"$DAX_LOG") + 1))
}
