# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of target.sh and place.bash
#
# scrub WHERE: while a scrub goes on, poisons a page: ahead of it, behind it, or with a
# notification (behind it, too); says what the lists have when it is over.

began()
{
	! scrub_idle
}

[[ $1 != ahead ]] || at=$((400 << 20))
block=$(block_of)
step ndctl start-scrub
until_ok 10 began || broken "there is no scrub"
# poisonctl would wait for it
inject=(ndctl inject-error namespace0.0 --saturate --block=$((block + 2)) --count=1)
case $1 in
ahead|behind)
	step "${inject[@]}" --no-notify
	began || broken "the scrub was over before the page was poisoned" ;;
notified)
	# ndctl itself waits for what the notification makes the kernel do
	step "${inject[@]}" ;;
*)
	echo "scrub: unknown word '$1'" >&2
	exit 2 ;;
esac
step wait_scrub
outcome scrubbed
