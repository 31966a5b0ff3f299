# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of target.sh and place.bash
#
# dimm WHAT: what a DIMM does beside its media.
#
#   hot, fatal   its temperature exceeds the threshold, its health is fatal; ndctl monitor listens
#   latched      its shutdown status is latched; after the reset, or in the next QEMU (the
#                first one is killed), what it says of the last shutdown
#   locked       a passphrase is set; then, in the same way, who can use it

# health FIELD: of nmem0, as ndctl has it
health()
{
	ndctl list -D -d nmem0 -H 2>/dev/null | sed -n "s/.*\"$1\": *\"\{0,1\}\([a-z0-9.]*\).*/\1/p"
}

# seen EVENT: by ndctl monitor
seen()
{
	grep -q "\"$1\":true" /run/monitor 2>/dev/null
}

# given UNDO DO EVENT: ndctl monitor does not say when it has begun to listen
given()
{
	step ndctl inject-smart nmem0 "$1"
	step ndctl inject-smart nmem0 "$2"
	seen "$3"
}

# event UNDO DO EVENT: says whether it was seen
event()
{
	ndctl monitor -d nmem0 -l /run/monitor >/dev/null 2>&1 &
	if until_ok 30 given "$@"; then
		echo event
	else
		echo "no event"
	fi
	kill $! 2>/dev/null || true
}

load()
{
	local rc=0

	busybox devmem "$(printf 0x%x $(($(</sys/bus/nd/devices/region0/resource) + at)))" 32 >/run/load 2>&1 || rc=$?
	case $rc in
	0)   echo good ;;
	135) echo SIGBUS ;;
	*)   echo "exit status $rc: $(tail -n 1 /run/load)" ;;
	esac
}

# lock: with a key that nobody will know again
lock()
{
	local keys=/etc/ndctl/keys

	mkdir -p "$keys"
	head -c 32 /dev/urandom >"$keys/nvdimm-master.blob"
	ndctl load-keys >/run/keys 2>&1 || true
	ndctl disable-region region0 >/dev/null 2>&1
	ndctl disable-dimm nmem0 >/dev/null 2>&1
	ndctl setup-passphrase nmem0 -k user:nvdimm-master >>/run/keys 2>&1 || true
	grep -q "passphrase enabled for 1" /run/keys || {
		echo "no passphrase: $(grep -m 1 -i -e error -e fail /run/keys || tail -n 1 /run/keys)" >&2
		exit 3
	}
}

case $1 in
hot)
	said=$(event --media-temperature-uninject --media-temperature=83 dimm-media-temperature)
	actual "temperature $(health temperature_celsius | sed 's/\.0*$//'), $(
		[[ $(health alarm_temperature) == true ]] || echo "no ")alarm; $said" ;;
fatal)
	said=$(event --fatal-uninject --fatal dimm-health-state)
	actual "health $(health health_state); $said" ;;
latched)
	if [[ -e /run/lab-made ]]; then
		[[ $(/tests/platform/latch /dev/nmem0) == 0 ]] || broken "the shutdown status is not latched"
		actual latched
		exit
	fi
	flags=$(</sys/bus/nd/devices/nmem0/nfit/flags)
	flags=${flags% }
	actual "$(health shutdown_state), $(</sys/bus/nd/devices/nmem0/nfit/dirty_shutdown) dirty shutdowns${flags:+, $flags}" ;;
locked)
	if [[ -e /run/lab-made ]]; then
		lock
		actual "passphrase set"
		exit
	fi
	namespaces=$(ndctl list -N 2>/dev/null)
	actual "$(</sys/bus/nd/devices/nmem0/security); $([[ $namespaces ]] && echo a || echo no) namespace; load: $(load)" ;;
*)
	echo "dimm: unknown word '$1'" >&2
	exit 2 ;;
esac
