# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The poison device in a QEMU without a guest: its registers by the qtest
# protocol, its properties by QMP.  Sourced by the tests device-*.test after
# tap.bash.
#
#   dev_setup              a folder of its own, $DEV_TMP, which goes at exit
#   dev_file NAME MIB LABEL   a backing file of MIB and a label area of LABEL KiB
#   dev_start OPTION...    starts QEMU; ends the one before
#   dev_nvdimm NAME [OPTION]   the options for a DIMM on that file (its size and
#                          label area are those given to dev_file)
#   dev_stop               ends QEMU in good order
#   dev_refused OPTION...  QEMU must not start: its exit status, its words
#   qt COMMAND...          a qtest command; prints the value it returns
#   reg NAME [VALUE]       reads, or stores to, the register POISON_REG_NAME
#   op COMMAND DIMM START COUNT   a command of the device; prints its status
#   qmp COMMAND [JSON]     prints what QMP returns, or its error's words
#   dev_set PROPERTY VALUE   dev_get PROPERTY   of the device

DEV_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=scripts/lib/common.bash
. "$DEV_TOP/scripts/lib/common.bash"
# shellcheck source=scripts/lib/qemu.bash
. "$DEV_TOP/scripts/lib/qemu.bash"
DEV_CPU=max,vendor=GenuineIntel
DEV_PID=

# The numbers of poison.h, as variables of the same names.
eval "$(sed -n 's/^#define \(POISON_[A-Z0-9_]*\)[[:blank:]]*\(0x[0-9a-f]*\|[0-9]*\)\([[:blank:]].*\)*$/\1=\2/p' \
	"$DEV_TOP/qemu-configs/acpi/poison.h")"

dev_setup()
{
	qemu_find "${PC_BUILD:-$DEV_TOP/build}" "${QEMU:-}" || bail "cannot run '$QEMU_PROGRAM'"
	DEV_SO=$QEMU_DEVICE
	DEV_QEMU=$QEMU_PROGRAM
	[[ -r $DEV_SO ]] || bail "no poison device: ${QEMU_WHY:-run make all}"
	[[ -n ${POISON_REG_RANGES-} ]] || bail "cannot read poison.h"
	DEV_TMP=$(mktemp -d)
	trap 'dev_kill; rm -rf -- "$DEV_TMP"' EXIT
}

dev_kill()
{
	[[ -z $DEV_PID ]] || kill -KILL "$DEV_PID" 2>/dev/null || true
	[[ -z $DEV_PID ]] || wait "$DEV_PID" 2>/dev/null || true
	DEV_PID=
}

dev_file()
{
	truncate -s $(($2 * 1024 * 1024 + $3 * 1024)) "$DEV_TMP/$1"
	declare -g "DEV_LABEL_$1=$3"
}

dev_nvdimm()
{
	local label=DEV_LABEL_$1

	DEV_ARGS+=(
		-object "memory-backend-file,id=m$1,mem-path=$DEV_TMP/$1,share=${3-on},size=$(stat -c %s "$DEV_TMP/$1")"
		-device "nvdimm,id=$1,memdev=m$1,label-size=${!label}K${2-}"
	)
}

# what every QEMU here gets; ACCEL may be set
dev_command()
{
	DEV_COMMAND=(
		"$DEV_QEMU" -nodefaults -display none -S -m "256M,slots=4,maxmem=8G"
		-machine "q35,nvdimm=on" -accel "${DEV_ACCEL:-tcg}" -cpu "$DEV_CPU"
		-plugin "$DEV_SO" "${DEV_ARGS[@]}" "$@"
	)
}

dev_start()
{
	local line

	[[ -z $DEV_PID ]] || dev_stop
	dev_command "$@"
	rm -f "$DEV_TMP"/{qt,qmp}.{in,out}
	mkfifo "$DEV_TMP"/{qt,qmp}.{in,out}
	setpriv --pdeathsig KILL "${DEV_COMMAND[@]}" -qtest "pipe:$DEV_TMP/qt" -qtest-log /dev/null \
		 -chardev "pipe,id=qmp,path=$DEV_TMP/qmp" \
		-mon chardev=qmp,mode=control >"$DEV_TMP/said" 2>&1 </dev/null &
	DEV_PID=$!
	exec {QT_IN}<>"$DEV_TMP/qt.in" {QT_OUT}<>"$DEV_TMP/qt.out" \
		{QMP_IN}<>"$DEV_TMP/qmp.in" {QMP_OUT}<>"$DEV_TMP/qmp.out"
	IFS= read -r -t 60 -u "$QMP_OUT" line || bail "QEMU did not start: $(cat "$DEV_TMP/said")"
	qmp qmp_capabilities >/dev/null
	DEV_ARGS=()
}

dev_stop()
{
	qmp quit >/dev/null
	wait "$DEV_PID" || true
	DEV_PID=
	exec {QT_IN}>&- {QT_OUT}>&- {QMP_IN}>&- {QMP_OUT}>&-
}

dev_refused()
{
	local rc=0

	dev_command "$@"
	DEV_ARGS=()
	DEV_SAID=$(timeout 30 "${DEV_COMMAND[@]}" 2>&1 </dev/null) || rc=$?
	echo "$rc"
	printf '%s\n' "$DEV_SAID"
}

qt()
{
	local line

	printf '%s\n' "$*" >&"$QT_IN"
	IFS= read -r -t 30 -u "$QT_OUT" line || return 1
	line=${line#OK}
	printf '%s\n' "$((${line:- 0}))"
}

reg()
{
	local name=POISON_REG_$1
	local port=$((POISON_PORT + ${!name}))

	if (( $# == 1 )); then
		qt inl "$port"
	else
		qt outl "$port" "$2" >/dev/null
	fi
}

op()
{
	local name=POISON_CMD_$1

	reg DIMM "$2"
	reg START "$3"
	reg COUNT "$4"
	reg COMMAND "${!name}"
	reg STATUS
}

qmp()
{
	local line arguments=

	[[ -z ${2-} ]] || arguments=",\"arguments\":$2"
	printf '{"execute":"%s"%s}\n' "$1" "$arguments" >&"$QMP_IN"
	while IFS= read -r -t 30 -u "$QMP_OUT" line; do
		case $line in
		'{"return"'*)
			printf '%s\n' "$(jq -r '.return | if type == "string" then . else tojson end' <<<"$line")"
			return ;;
		'{"error"'*)
			jq -r .error.desc <<<"$line"
			return ;;
		esac
	done
	return 1
}

dev_set()
{
	qmp qom-set "{\"path\":\"/machine/peripheral/np0\",\"property\":\"$1\",\"value\":\"$2\"}"
}

dev_get()
{
	qmp qom-get "{\"path\":\"/machine/peripheral/np0\",\"property\":\"$1\"}"
}

# media NAME OFFSET COUNT: bytes of the list on media, as hexadecimal digits
media()
{
	local label=DEV_LABEL_$1 size

	size=$(stat -c %s "$DEV_TMP/$1")
	dd if="$DEV_TMP/$1" bs=1 skip=$((size - ${!label} * 1024 + POISON_LIST_OFFSET + $2)) \
		count="$3" status=none | od -An -v -tx1 | tr -d ' \n'
}

# scribble NAME OFFSET HEX: overwrites such bytes
scribble()
{
	local label=DEV_LABEL_$1 size

	size=$(stat -c %s "$DEV_TMP/$1")
	printf '%b' "${3//??/\\x&}" | dd of="$DEV_TMP/$1" bs=1 conv=notrunc status=none \
		seek=$((size - ${!label} * 1024 + POISON_LIST_OFFSET + $2))
}
