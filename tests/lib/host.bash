# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tests on the host share that drive a guest.  Sourced after tap.bash; sources
# what scripts/vm is made of.
#
#   host_setup             $tmp, which goes at exit with the guest; the folder of the
#                          guest, $GUEST_DIR, in it; $build, where things were built
#   start PROFILE [SECONDS]  boots a guest (default: of 100 s at most) in place of the
#                          one before, and waits for its scrub after boot
#   in_guest SCRIPT        runs SCRIPT there, with tap.bash and guest.bash
#   on_host [EDIT...] [FILE]   the list of poison in a backing file of that folder
#                          (default: nvdimm0.img, 256 KiB of labels), its ranges
#                          joined by commas; edits are those of poison-list

PC_TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../../scripts/lib/common.bash
. "$PC_TESTS/../scripts/lib/common.bash"
# shellcheck source=../../scripts/lib/guest.bash
. "$PC_TESTS/../scripts/lib/guest.bash"

host_setup()
{
	build=$(realpath -- "${PC_BUILD:-$PC_TESTS/../build}")
	tmp=$(mktemp -d)
	trap 'guest_stop; rm -rf -- "$tmp"' EXIT
	guest_find "$build" "${KERNEL:-}" "${IMAGE:-}"
	GUEST_DIR=$tmp/state
	mkdir "$GUEST_DIR"
}

start()
{
	guest_stop
	guest_start "$1" "${2:-100}" || bail "no guest of profile '$1'"
	in_guest wait_scrub || bail "the scrub after boot does not end"
}

in_guest()
{
	guest_exec ". /tests/lib/tap.bash; . /tests/lib/guest.bash; $1"
}

on_host()
{
	local file=nvdimm0.img

	if (( $# )) && [[ ${!#} == *.img ]]; then
		file=${!#}
		set -- "${@:1:$# - 1}"
	fi
	"$build/qemu-configs/poison-list" "$@" "$GUEST_DIR/$file" 256K | sed 1d | paste -s -d ,
}
