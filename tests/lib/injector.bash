# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # top is the sourcing test's
#
# What the tests of poisonctl's command line share: the tool linked to a machine
# that is not there (tests/host/injector-fake.h says what it has), and that
# machine's files.  Sourced after tap.bash, with the checkout in $top.
#
#   $tool, $page    the tool and its manual
#   $root           what the machine's /sys, /proc and /run lie in
#   fresh           the machine as after boot
#   own_table IDS   an SSDT with these OEM ids
#   firmware        what the firmware holds, as "SPA LENGTH" lines
#   answers STATUS FILTER COMMAND...
#                   exits with STATUS, and stdout is one JSON document for which
#                   FILTER holds

tool=${PC_BUILD:-$top/build}/injector/poisonctl-fake
page=${PC_BUILD:-$top/build}/injector/poisonctl.1
[[ -x $tool && -r $page ]] || bail "'$tool' or '$page' is missing: run make"
command -v jq >/dev/null || bail "cannot find 'jq'"

root=$(mktemp -d)
trap 'rm -rf -- "$root"' EXIT
export POISONCTL_TEST_ROOT=$root

fresh()
{
	rm -rf -- "${root:?}"/*
	mkdir -p "$root"/sys/bus/nd/devices/{ndbus0/nfit,ndbus1/nfit,region1} \
		"$root"/sys/block/{pmem0,pmem4} "$root"/proc/sys/kernel/random "$root/run"
	echo 0x3be >"$root/sys/bus/nd/devices/ndbus1/nfit/dsm_mask"
	echo 0x3be >"$root/sys/bus/nd/devices/ndbus0/nfit/dsm_mask"
	echo 1 >"$root/sys/bus/nd/devices/ndbus0/nfit/scrub"
	: >"$root/sys/block/pmem0/badblocks"
	: >"$root/sys/block/pmem4/badblocks"
	: >"$root/sys/bus/nd/devices/region1/badblocks"
	echo "flags : fpu hypervisor sse" >"$root/proc/cpuinfo"
	echo "HardwareCorrupted: 0 kB" >"$root/proc/meminfo"
	own_table POISONNVDIMMER
	echo boot-1 >"$root/proc/sys/kernel/random/boot_id"
}

# own_table IDS: the ACPI table by which the emulation of this project is known
own_table()
{
	mkdir -p "$root/sys/firmware/acpi/tables"
	printf 'SSDTllllrc%s0001INTL0001' "$1" >"$root/sys/firmware/acpi/tables/SSDT2"
}

firmware()
{
	cat "$root/fw" 2>/dev/null || true
}

# left_behind: what was planted, and what notes there are
left_behind()
{
	firmware && ls "$root/run"
}

answers()
{
	local want=$1 filter=$2 out rc=0

	shift 2
	out=$("$@" 2>/dev/null) || rc=$?
	[[ $rc == "$want" ]] || { echo "exit status $rc"; return 1; }
	[[ $(jq -s length <<<"$out") == 1 ]] || { echo "not one document: $out"; return 1; }
	jq -e "$filter" <<<"$out" >/dev/null || { echo "$out"; return 1; }
}
