# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# How the verbs of cases poison a page, and what they look at.  Sourced by verb, after
# tap.bash and guest.bash; has what target.sh has.
#
#   actual TEXT            says what came out, and no more
#   outcome TEXT           ends the case: TEXT, and whether the kernel and the firmware
#                          list the page
#   plant STATE            poisons a 512-byte block of the page: latent, listed (by
#                          notification), noted (written into sysfs), scrubbed (by a
#                          scrub that was asked for) or consumed (a load met it); or the
#                          page: flagged
#   good SUM               says whether the file is whole: SUM is what sha256sum said
#   page_reads             what read(2) of the page gives (device-dax: a load)
#   broken TEXT            ends the case: it did not get to an outcome
#
# What is listed is looked up at the block where the page was at the time of plant,
# wherever the file has its page later.

. "$(dirname "$0")/target.sh"

broken()
{
	echo "$*" >&2
	exit 4
}

# step COMMAND...: it succeeds, or the case is broken
step()
{
	"$@" >/run/step 2>&1 || broken "$1: $(tail -n 1 /run/step)"
}

# number KEY: the numbers of a JSON document's members of that name, on stdin. (jq takes
# longer to start here than most cases take.)
number()
{
	sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p"
}

# block_of: where the page is now, in 512-byte blocks of the namespace
block_of()
{
	poisonctl inject --shared --dry-run --json -m dsm-latent "$target" -o "$at" -l "$page" | number block
}

plant()
{
	block=$(block_of)
	case $1 in
	noted)    step poisonctl inject --shared -m badblocks "$target" -o $((at + 1024)) ;;
	latent)   step poisonctl inject --shared -m dsm-latent "$target" -o $((at + 1024)) ;;
	listed)   step poisonctl inject --shared -m dsm "$target" -o $((at + 1024)) ;;
	scrubbed) step poisonctl inject --shared -m dsm-latent "$target" -o $((at + 1024))
		  step ndctl start-scrub
		  step wait_scrub ;;
	consumed) step poisonctl trial --shared -m dsm-latent -a load "$target" -o $((at + 1024)) ;;
	flagged)  step poisonctl trial --shared -m madvise -a none "$target" -o "$at" -l "$page" ;;
	esac
}

# touched: do lines of FIRST COUNT on stdin have a block of the page?
touched()
{
	local first count

	while read -r first count; do
		(( first >= block + 8 || first + count <= block )) || return 0
	done
	return 1
}

# listed_by_kernel: what the driver looks at; device-dax has none, so there by the region
listed_by_kernel()
{
	if [[ -e /sys/block/${dev#/dev/}/badblocks ]]; then
		touched <"/sys/block/${dev#/dev/}/badblocks"
	else
		ndctl list -M -N >/run/listed 2>/dev/null
		touched < <(paste -d " " <(number offset </run/listed) <(number length </run/listed))
	fi
}

listed_by_firmware()
{
	ndctl inject-error namespace0.0 --status >/run/listed 2>/dev/null
	touched < <(paste -d " " <(number block </run/listed) <(number count </run/listed))
}

outcome()
{
	local text=$1

	text+=" | $(listed_by_kernel || echo "no ")badblock"
	text+=" | $(listed_by_firmware || echo "no ")record"
	actual "$text"
	exit 0
}

# actual TEXT: as a JSON document
actual()
{
	local text=${1//\\/\\\\}

	printf '{"actual": "%s"}\n' "${text//\"/\\\"}"
}

# good SUM: is the file whole?
good()
{
	if [[ $(sha256sum <"$dir/data") == "$1" ]]; then
		echo "file whole"
	else
		echo "file damaged"
	fi
}

# page_reads: by read(2) of the page alone, the byte it is full of, or the error; of
# device-dax by a mapping, the byte or the signal
page_reads()
{
	local err rc=0 flags=fullblock

	if [[ $target == /dev/dax* ]]; then
		page_loads
		return
	fi
	[[ $target != /dev/pmem* ]] || flags+=,direct
	err=$(dd if="$target" bs="$page" skip=$((at / page)) count=1 iflag=$flags 2>&1 >/run/page) || rc=$?
	if (( rc )); then
		sed -n 's/.*: //; 1p' <<<"$err"
	else
		od -An -v -tu1 -w1 /run/page | sort -u | tr -d ' ' | paste -s -d , | sed 's/^/full of /'
	fi
}

page_loads()
{
	local rc=0 byte bytes=()

	xfs_io -r -c "mmap -r 0 4M" -c "mread -v $at $page" "$target" >/run/page 2>&1 || rc=$?
	if (( rc == 128 + 7 )); then
		echo SIGBUS
		return
	fi
	(( rc == 0 )) || broken "xfs_io: $(tail -n 1 /run/page)"
	while read -r byte; do
		bytes+=($((0x$byte)))
	done < <(sed -n 's/^[0-9a-f]*: *\(\([0-9a-f][0-9a-f] \)*\).*/\1/p' /run/page |
		tr -s ' ' '\n' | sort -u)
	echo "full of $(IFS=,; echo "${bytes[*]}")"
}
