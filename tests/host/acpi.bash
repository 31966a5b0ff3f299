# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The ACPI overlay under acpiexec, on stand-in tables for QEMU's.  Sourced by the
# tests acpi-*.test after tap.bash.
#
#   acpi_setup             compiles the tables, in $ACPI_TMP, which goes at exit
#   acpi_variant NAME DEFINE...   an overlay with lines '#define DEFINE' in front
#   acpi_with_device NAME DEFINE...   the same, with acpi-device.asl for the poison device
#   acpi_with_settings NAME TEXT DEFINE...   the same, with the settings TEXT
#   le BYTES NUMBER        NUMBER as hexadecimal digits, little endian
#   dsm FUNCTION [HEX]     the debugger command for a function of the root device
#                          with that input buffer
#   dimm DEVICE REVISION FUNCTION [HEX]   the same for a DIMM
#   call METHOD ARGUMENT...   the command for another method; 0x1f or 12 is an
#                          integer, (1f20) a buffer
#   range, start, record, scrubbed, injected, zeros   input and output of the
#                          functions, see there
#   t TEXT WANT COMMAND    adds a row: what must be true, the result, the command
#   rows                   how many points run_rows makes of the rows there are
#   run_rows BITS [OVERLAY]   runs all rows in one acpiexec with Integers of 32 or
#                          64 bits, and says for each whether it is so
#   settings TEXT          the debugger command that gives other ones to an overlay of
#                          acpi_with_settings, before the NFIT is read
#   acpi_run NAME ROWS-FUNCTION ARGUMENT...   the rows which that adds, with 32 bits and with
#                          64, and the overlay NAME of the functions above
#   acpi_counted FUNCTION  the plan, and all acpi_run of that function
#   $ACPI_DIMMS            what the stand-in's NFIT has, each HANDLE:BASE:LENGTH
#   nfit_range, nfit_mapping   structures of an NFIT, see there
#   $ACPI_RUN              the folder of a run, $ACPI_TMP if not set: for several at once
#
# A result is the hexadecimal digits of a buffer, "=" and those of an integer,
# "-" for none, "AE_..." for an exception; the elements of a package with commas
# between them.  " !81" behind it: NVDX is notified with 0x81, " !NV00:81": the DIMM
# NV00 is, now or later (the debugger does that in another thread), so run_rows compares
# those of all rows, as one point more than there are rows.

ACPI_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
ACPI_DSM='\_SB.NVDX._DSM (A4 E7 10 2F 91 9E E4 11 89 D3 12 3B 93 F7 5C BA) 1'
ACPI_DIMM_UUID='(30 AC 09 43 11 0D E4 11 91 91 08 00 20 0C 9A 66)'
ACPI_BUILD=${PC_BUILD:-$ACPI_TOP/build}/qemu-configs/acpi
ACPI_OVERLAY=$ACPI_BUILD/nvdimm-overlay.aml
ROW_TEXT=() ROW_WANT=() ROW_COMMAND=()
# acpi_run counts points instead
ACPI_COUNTING='' ACPI_POINTS=0

# shellcheck disable=SC2034 # for tests
ACPI_DIMMS=(1:0x100000000:0x10000000 2:0x110000000:0x10000000 3:0x14000000000:0x1000000000
	4:0x20000000000:0x8000000000 5:0x300f0000000:0x20000000 6:0x31000000000:0x10000000
	7:0x32000000000:0x10000000 8:0x30110000000:0x120000000 32:0x40000000000:0x1000000
	33:0x50000000000:0x10000000)

# acpi_compile OUTPUT SOURCE DEFINE...
acpi_compile()
{
	local out=$1 source=$2 define

	shift 2
	for define in "$@"; do
		echo "#define $define"
	done >"$ACPI_TMP/of-${out##*/}.asl"
	cat "$source" >>"$ACPI_TMP/of-${out##*/}.asl"
	iasl -vs -vr -we ${ACPI_BEFORE:+-I "$ACPI_BEFORE"} -I "$ACPI_TOP/qemu-configs/acpi" \
		-I "$ACPI_BUILD" -p "$out" \
		"$ACPI_TMP/of-${out##*/}.asl" >"$out.log" 2>&1 ||
		bail "cannot compile '$source': $(grep -m 1 Error "$out.log")"
}

acpi_setup()
{
	[[ -f $ACPI_OVERLAY ]] || bail "cannot find '$ACPI_OVERLAY': not built"
	ACPI_TMP=$(mktemp -d "${TMPDIR:-/tmp}/poisonctl-acpi.XXXXXX")
	ACPI_RUN=$ACPI_TMP
	trap 'rm -rf -- "$ACPI_TMP"' EXIT
	acpi_compile "$ACPI_TMP/standin32" "$ACPI_TOP/tests/host/acpi-standin.asl" "REVISION 1"
	acpi_compile "$ACPI_TMP/standin64" "$ACPI_TOP/tests/host/acpi-standin.asl" "REVISION 2"
}

acpi_variant()
{
	local name=$1

	shift
	acpi_compile "$ACPI_TMP/$name" "$ACPI_TOP/qemu-configs/acpi/nvdimm-overlay.asl" "$@"
}

acpi_with_device()
{
	local ACPI_BEFORE=$ACPI_TMP/device

	mkdir -p "$ACPI_BEFORE"
	cp -- "$ACPI_TOP/tests/host/acpi-device.asl" "$ACPI_BEFORE/store-device.asl"
	acpi_variant "$@"
}

# What reads them wants ports of QEMU's.  With ACPI_DEVICE set, acpi-device.asl is there, too;
# with ACPI_CLOCK, time goes on by LATE of acpi-standin.asl alone.
acpi_with_settings()
{
	local ACPI_BEFORE=$ACPI_TMP/settings-$1 text=$2

	mkdir -p "$ACPI_BEFORE"
	cat >"$ACPI_BEFORE/fwcfg.asl" <<-END
	Name (YSAI, Package (1) { 0 })
	Method (YTXT)
	{
		If (ObjectType (YSAI [0]) == OT_BUFFER) { Return (DerefOf (YSAI [0])) }
		Return (Mid (Buffer () { "$text" }, 0, ${#text}))
	}
	Method (YSAY, 1)
	{
		YSAI [0] = Arg0
		YRUN = 0
		XRUN = 0
		AMSG = 0
		NNON ()
	}
	END
	[[ -z ${ACPI_DEVICE:-} ]] || cp -- "$ACPI_TOP/tests/host/acpi-device.asl" "$ACPI_BEFORE/store-device.asl"
	[[ -z ${ACPI_CLOCK:-} ]] || echo 'Name (TICK, 0) Method (ACLK) { Return (TICK) }' >"$ACPI_BEFORE/clock.asl"
	acpi_variant "$1" "${@:3}"
}

le()
{
	local hex out='' i

	printf -v hex '%016x' "$2"
	for ((i = 0; i < $1; i++)); do
		out+=${hex:14 - 2 * i:2}
	done
	echo "$out"
}

# spaced HEX: as the debugger wants a buffer
spaced()
{
	local hex=${1//[^0-9a-fA-F]/} out='' i

	for ((i = 0; i < ${#hex}; i += 2)); do
		out+="${hex:i:2} "
	done
	echo "(${out% })"
}

# The debugger passes no empty buffer: a function without input gets one byte.
dsm()
{
	echo "evaluate $ACPI_DSM $1 [$(spaced "${2:-00}")]"
}

dimm()
{
	echo "evaluate \\_SB.NVDX.$1._DSM $ACPI_DIMM_UUID $2 $3 [$(spaced "${4:-00}")]"
}

call()
{
	local out="evaluate $1" a

	shift
	for a in "$@"; do
		if [[ $a == '('* ]]; then
			out+=" $(spaced "$a")"
		else
			out+=" $a"
		fi
	done
	echo "$out"
}

settings()
{
	call '\_SB.NVDX.YSAY' "($(printf %s "$1" | od -A n -v -t x1 | tr -d ' \n'))"
}

# zeros BYTES
zeros()
{
	printf "%0$((2 * $1))d" 0
}

# range ADDRESS LENGTH: input of most functions
range()
{
	echo "$(le 8 "$1")$(le 8 "$2")"
}

# start ADDRESS LENGTH TYPE FLAGS: input of Start ARS
start()
{
	echo "$(range "$1" "$2")$(le 2 "$3")$(le 1 "$4")$(zeros 5)"
}

# record HANDLE ADDRESS LENGTH: one of Query ARS Status
record()
{
	echo "$(le 4 "$1")$(zeros 4)$(range "$2" "$3")"
}

# scrubbed ADDRESS LENGTH RECORD...: output of Query ARS Status
scrubbed()
{
	local range

	range=$(range "$1" "$2")
	shift 2
	echo "$(zeros 4)$(le 4 $((44 + 24 * $#)))$range$(zeros 16)02000000$(le 4 $#)$(
		printf %s "$@")"
}

# injected RANGE...: output of ARS Error Inject Status Query
injected()
{
	echo "$(zeros 4)$(le 4 $#)$(printf %s "$@")"
}

# nfit_range INDEX BASE LENGTH: ACPI 6.5 section 5.2.26.2
nfit_range()
{
	echo "00003800$(le 2 "$1")$(zeros 10)79d3f066f3b47440ac430d3318b78cdb$(range "$2" "$3")$(zeros 8)"
}

# nfit_mapping HANDLE INDEX OFFSET DPA IDT WAYS [FLAGS]: 5.2.26.3, flags as two digits
nfit_mapping()
{
	echo "01003000$(le 4 "$1")$(zeros 4)$(le 2 "$2")$(zeros 10)$(le 8 "$3")$(le 8 "$4")$(le 2 "$5")$(le 2 "$6")${7:-00}$(zeros 3)"
}

t()
{
	ROW_TEXT+=("$1")
	ROW_WANT+=("$2")
	ROW_COMMAND+=("$3")
}

rows()
{
	echo $((${#ROW_TEXT[@]} + 1))
}

# acpi_results: the debugger's output to one line a command
acpi_results()
{
	: >"$ACPI_RUN/notified"
	awk -v "notified=$ACPI_RUN/notified" '
	function flush() {
		if (seen) print result == "" ? "-" : result
		result = ""; seen = 1
	}
	function add(text) {
		result = result (result == "" || result ~ /,$/ ? "" : ",") text
	}
	/^Evaluating / { flush(); next }
	/failed with status/ { result = $NF; next }
	/Notify on \[NV..\]/ {
		who = $0
		sub(/.*Notify on \[/, "", who)
		sub(/\].*/, "", who)
		sub(/.*Value 0x/, "")
		print "!" (who == "NVDX" ? "" : who ":") tolower($1) >notified
		next
	}
	/^ +\[Integer\] = / { sub(/^0+/, "", $3); add("=" ($3 == "" ? 0 : tolower($3))); next }
	/^ +\[Buffer\] Length 00/ { add("()"); next }
	/^ +\[Buffer\] Length/ { add("") ; if (!/: /) next }
	/^ +(\[Buffer\] Length .*)?[0-9A-F]+: ([0-9A-F][0-9A-F] )+/ {
		sub(/^.*[0-9A-F][0-9A-F][0-9A-F]: /, ""); sub(/ *\/\/.*/, ""); gsub(/ /, "")
		result = result tolower($0)
	}
	END { flush() }'
}

# run_commands BITS OVERLAY: results of the commands on stdin; notifications in
# $ACPI_RUN/notified
run_commands()
{
	{ cat; echo 'evaluate \IDLE'; echo quit; } >"$ACPI_RUN/commands"
	timeout $((180 + $(wc -l <"$ACPI_RUN/commands") / 20)) acpiexec -dt \
		"$ACPI_TMP/standin$1.aml" "$2" <"$ACPI_RUN/commands" >"$ACPI_RUN/out" 2>&1 ||
		bail "acpiexec ended with status $?: $(tail -n 1 "$ACPI_RUN/out")"
	acpi_results <"$ACPI_RUN/out" | sed '$d'
}

run_rows()
{
	local i results want=()

	mapfile -t results < <(printf '%s\n' "${ROW_COMMAND[@]}" |
		run_commands "$1" "${2:-$ACPI_OVERLAY}")
	for i in "${!ROW_TEXT[@]}"; do
		is "$1 bits: ${ROW_TEXT[i]}" "${results[i]-nothing}" "${ROW_WANT[i]% !*}"
		[[ ${ROW_WANT[i]} != *" !"* ]] || want+=("!${ROW_WANT[i]#* !}")
	done
	is "$1 bits: notifications are those that are due" \
		"$(sort "$ACPI_RUN/notified" | tr "\n" " ")" \
		"$(printf "%s\n" "${want[@]}" | sed "/^$/d" | sort | tr "\n" " ")"
}

acpi_run()
{
	local bits

	ROW_TEXT=() ROW_WANT=() ROW_COMMAND=()
	"${@:2}"
	for bits in 32 64; do
		if [[ -n $ACPI_COUNTING ]]; then
			ACPI_POINTS=$((ACPI_POINTS + $(rows)))
		else
			run_rows $bits "$ACPI_TMP/$1.aml"
		fi
	done
}

acpi_counted()
{
	ACPI_COUNTING=1 ACPI_POINTS=0
	"$1"
	plan "$ACPI_POINTS"
	ACPI_COUNTING=
	"$1"
}
