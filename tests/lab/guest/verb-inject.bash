# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of target.sh and place.bash
#
# inject MECHANISM touched|untouched [OPTION...]: plants poison by a way that nobody has
# to meet; says whether it was planted, or why not, and what the page reads as then.  A
# page that nobody has mapped yet is in no mapping for memory_failure() to find.

place=(-o "$at" -l "$page")
case $1 in
dsm*|badblocks) place=(-o $((at + 1024))) ;;
einj|mce-inject) place=(-o $((at + 1024)) -l 64) ;;
esac
block=$(block_of)
[[ $2 == untouched ]] ||
	step xfs_io -r -c "mmap -r $at $page" -c "mread $at 8" "$target"
if poisonctl inject --shared -m "$1" "${@:3}" "${place[@]}" "$target" >/run/inject 2>&1; then
	said=planted
else
	rc=$?
	# what the machine cannot do is said so; that the kernel refuses is an outcome
	said=$(grep -o -m 1 -e "Input/output error" -e "Device or resource busy" /run/inject) || { tail -n 1 /run/inject >&2; exit "$rc"; }
fi
said+="; $(page_reads)"
# A read that meets poison has it listed by a workqueue (nfit_handle_mce()).
[[ $said == *"full of"* || $1 != @(dsm*|einj|mce-inject) ]] || until_ok 20 listed_by_kernel || true
outcome "$said"
