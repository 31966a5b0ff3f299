# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of target.sh and place.bash
#
# selftest HOW: a case that goes wrong in a known way, for the lab's tests of itself.
[[ -e /run/poisonctl-guest ]] || { echo "selftest: not in a guest" >&2; exit 125; }

case ${1-} in
fine)        echo '{"actual": "fine"}' ;;
complains)   echo "WARNING: not one of the kernel's" >/dev/kmsg; echo '{"actual": "fine"}' ;;
unsupported) echo "this guest has no such thing" >&2; exit 3 ;;
broken)      echo "a step on the way failed" >&2; exit 4 ;;
talks)       echo "what is no JSON" ;;
killed)      kill -KILL $$ ;;
panics)      echo c >/proc/sysrq-trigger; sleep 600 ;;
hangs)       sleep 600 ;;
deaf)        # the agent's ports go, and it with them
	     for device in /sys/bus/virtio/drivers/virtio_console/virtio*; do
		     echo "${device##*/}" >/sys/bus/virtio/drivers/virtio_console/unbind
	     done
	     sleep 600 ;;
hungry)      # all memory, and more
	     tail /dev/zero; sleep 600 ;;
*)           echo "selftest: unknown word '${1-}'" >&2; exit 2 ;;
esac
