# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # root is of injector.bash
#
# CXL memory of the machine that is not there, laid out as the kernel does
# (Documentation/ABI/testing/sysfs-bus-cxl, and drivers/cxl/core/port.c for what is below
# what).  Sourced after mechanisms.bash.
#
#   cxl_memdev N SERIAL    memN of 1 GiB, half of it persistent; a model of QEMU's
#   cxl_region REGION SPA SIZE GRANULARITY MEMDEV:DPA...
#                          a committed region; the decoder of memN is decoder(N+2).0
#   cxl_dax REGION DAX SPA SIZE   a device-dax of it, in use by its driver
#   cxl_memory             mem0 as region0, where namespace0.0 lies
#   cxl_machine            machine, and cxl_memory
#   machine_of MECHANISM   cxl_machine for cxl, else machine
#   cxl_asks MEMDEV [EVENT...]    lines of a script (see injector-writes.c): the device is
#                          asked for its list, and that is what comes
#   cxl_event MEMDEV DPA [SOURCE]  such an event, of 64 bytes

# It is written under one name and read under another: a folder of tracefs goes with
# all that is in it, and one of files does not (injector-fake-files.c).
CXL_TRACE=/sys/kernel/tracing/instances/poisonctl

cxl_memdev()
{
	local at=$root/sys/devices/pci0000:0c/0000:0d:0$1.0

	mkdir -p "$at/mem$1"/{ram,pmem} "$root/sys/bus/cxl/devices" "$root/sys/kernel/debug/cxl/mem$1" \
		"$root/sys/kernel/tracing/instances" "$root/instance"
	echo 0x1af4 >"$at/subsystem_vendor"
	echo "$2" >"$at/mem$1/serial"
	echo 0x20000000 | tee "$at/mem$1"/{ram,pmem}/size >/dev/null
	: >"$root/sys/kernel/debug/cxl/mem$1/inject_poison"
	ln -sfn "$at/mem$1" "$root/sys/bus/cxl/devices/mem$1"
}

cxl_region()
{
	local name=$1 spa=$2 size=$3 granularity=$4 root0=$root/sys/devices/platform/ACPI0017:00/root0 memdev n=0 at

	shift 4
	at=$root0/decoder0.0/$name
	mkdir -p "$at" "$root/sys/bus/cxl/devices"
	echo "$spa" >"$at/resource"
	echo "$size" >"$at/size"
	echo "$granularity" >"$at/interleave_granularity"
	echo $# >"$at/interleave_ways"
	echo 1 >"$at/commit"
	ln -sfn "$at" "$root/sys/bus/cxl/devices/$name"
	for memdev in "$@"; do
		local port

		port=${memdev%%:*}
		port=$((${port#mem} + 2))
		mkdir -p "$root0/port1/endpoint$port/decoder$port.0"
		ln -sfn "../../../../../pci0000:0c/0000:0d:0$((port - 2)).0/${memdev%%:*}" "$root0/port1/endpoint$port/uport"
		echo "${memdev#*:}" >"$root0/port1/endpoint$port/decoder$port.0/dpa_resource"
		ln -sfn "$root0/port1/endpoint$port/decoder$port.0" "$root/sys/bus/cxl/devices/decoder$port.0"
		echo "decoder$port.0" >"$at/target$n"
		n=$((n + 1))
	done
}

cxl_dax()
{
	local at=$root/sys/bus/cxl/devices/$1/dax_$1/$2

	mkdir -p "$at"
	echo "$3" >"$at/resource"
	echo "$4" >"$at/size"
	echo 2097152 >"$at/align"
	mkdir -p "$root/sys/bus/dax/drivers/device_dax"
	ln -sfn "$root/sys/bus/dax/drivers/device_dax" "$at/driver"
}

cxl_machine()
{
	machine
	cxl_memory
}

cxl_memory()
{
	cxl_memdev 0 0xabc
	cxl_region region0 0x100000000 0x8000000 1024 mem0:0x2000
}

machine_of()
{
	machine
	[[ $1 != cxl ]] || cxl_memory
}

cxl_event()
{
	echo "memdev=$1 host=0000:0d:00.0 serial=1 trace_type=List region=region0 hpa=0x1 dpa=$2 dpa_length=0x40 source=${3-Injected} flags="
}

cxl_asks()
{
	local memdev=$1 events='' event

	shift
	for event in "$@"; do
		events+="|file:/instance/trace=: cxl_poison: $event"
	done
	printf '%s|1|ok\n' "$CXL_TRACE/events/cxl/cxl_poison/enable"
	printf '%s|1|ok%s\n' "/sys/bus/cxl/devices/$memdev/trigger_poison_list" "|set:/instance/trace=${events}"
}
