# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Instant guests.  A guest is booted and set up once; its device state is written to a
# file, its RAM and its NVDIMMs are files already.  Every further guest of the kind
# goes on from there, on private (copy on write) mappings of those files: none of
# them is ever written again, and any number of clones share what they do not change.
# Sourced after common.bash and guest.bash.
#
#   clone_find PROFILE COMMAND...   the template of a guest of PROFILE in which COMMAND
#                                   has run, made if it is not there yet
#   clone_launch SECONDS            a guest in $GUEST_DIR that goes on from there
#
# A template lies in a folder under the key of all that went into it:
#
#   ram nvdimmN.img   memory, as it was when the guest was stopped (sparse)
#   state             the devices' and the processor's state (QEMU's migration stream,
#                     without the memory: x-ignore-shared)
#   clone.cfg         the profile, on private mappings of these files
#   said              what COMMAND said on stdout
#   used              its time is that of the last use; who means to go on using it has a
#                     shared flock(2) on it

CLONE_TEMPLATE=

# clone_root: where templates lie: in memory if a machine has enough to spare (RAM in
# a memory filesystem is what clones map fastest), else in the cache.
clone_root()
{
	local root=/dev/shm/poisonctl-$EUID free shm

	free=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	shm=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || shm=0
	if (( free < 4 << 20 || shm < 2 << 20 )) ||
		[[ $(stat -f -c %T /dev/shm 2>/dev/null) != tmpfs ]]; then
		root=$PC_CACHE/template
	fi
	mkdir -p "${root%/*}"
	mkdir -m 700 "$root" 2>/dev/null || true
	[[ -d $root && -O $root && ! -L $root ]] ||
		die "$GUEST_SETUP" "cannot use '$root' for templates of guests"
	printf '%s\n' "$root"
}

# clone_key PROFILE-FILE COMMAND...: the key of a template.
clone_key()
{
	local qemu

	qemu=$(command -v "$QEMU_PROGRAM")
	{
		# by content, whatever their names are
		cat -- "$GUEST_KERNEL" "$GUEST_IMAGE" "$1" ${QEMU_DEVICE:+"$QEMU_DEVICE"} \
			"$GUEST_BUILD"/qemu-configs/acpi/*.aml | sha256sum
		declare -f guest_machine guest_command guest_launch clone_make clone_ram
		"$qemu" --version
		realpath -- "$qemu"
		stat -L -c '%s %Y' "$qemu"
		grep -m 1 '^model name' /proc/cpuinfo
		printf '%q ' "${GUEST_EXTRA[@]}" "$GUEST_APPEND" "${@:2}"
	} | key_of
}

# clone_ram PROFILE-FILE on|off FOLDER: further arguments, so that the guest's RAM is
# a file; 'off' maps it private.
clone_ram()
{
	local size folder=$3

	size=$(sed -n '/^\[memory\]/,/^$/s/^ *size = "\(.*\)"/\1/p' "$1")
	printf '%s\n' -machine memory-backend=ram0 -object \
		"memory-backend-file,id=ram0,size=$size,mem-path=${folder//,/,,}/ram,share=$2"
}

# clone_find PROFILE COMMAND...: sets CLONE_TEMPLATE.
# Return: 0, or why there is none: GUEST_* or the status of COMMAND.
clone_find()
{
	local profile root key

	profile=$(guest_profile "$1")
	root=$(clone_root)
	key=$(clone_key "$profile" "${@:2}")
	CLONE_TEMPLATE=$root/$key
	if [[ ! -e $CLONE_TEMPLATE/state ]]; then
		clone_prune "$root"
		( clone_make "$@" ) || return
	fi
	touch "$CLONE_TEMPLATE/used"
}

# clone_prune ROOT: makes room where all templates take more than a quarter of the
# machine's memory; the longest unused go first, those in use stay.
# What was being made when its maker was killed goes, too: nobody takes an hour.
clone_prune()
{
	local most old

	find "$1" -mindepth 1 -maxdepth 1 -name "*.new" -mmin +60 -exec rm -rf -- {} + 2>/dev/null || true
	most=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 4))
	while IFS= read -r old; do
		(( $(du -sk -- "$1" | cut -f 1) > most )) || return 0
		flock -n -x "$old/used" rm -rf -- "$old" || true
	done < <(find "$1" -mindepth 2 -maxdepth 2 -name used -printf '%T@ %h\n' | sort -n | cut -d " " -f 2-)
}

# clone_make PROFILE COMMAND...: in a subshell, which holds the lock.
clone_make()
{
	local rc=0 script

	cache_lock "template-${CLONE_TEMPLATE##*/}"
	[[ ! -e $CLONE_TEMPLATE/state ]] || return 0
	GUEST_DIR=$CLONE_TEMPLATE.new
	rm -rf -- "$GUEST_DIR"
	mkdir "$GUEST_DIR"
	trap guest_stop EXIT
	mapfile -t -O "${#GUEST_EXTRA[@]}" GUEST_EXTRA \
		< <(clone_ram "$(guest_profile "$1")" on "$GUEST_DIR")
	guest_start "$1" 300 || return
	printf -v script '%q ' "${@:2}"
	guest_exec "exec $script" >"$GUEST_DIR/said" || rc=$?
	(( rc == 0 )) || return "$rc"
	clone_save || die "$GUEST_SETUP" "cannot write the state of a guest: $GUEST_ANSWER"
	sed -e 's/share = "on"/share = "off"/' \
		-e "s|mem-path = \"|&$CLONE_TEMPLATE/|" \
		"$(guest_profile "$1")" >"$GUEST_DIR/clone.cfg"
	cache_put "$GUEST_DIR" "$CLONE_TEMPLATE"
}

# clone_save: the guest's state in its folder; the guest is gone then.  The machine is
# not stopped before: so its clones go on without being told.
clone_save()
{
	local ignore='{"capability":"x-ignore-shared","state":true}'

	guest_qmp '{"execute":"qmp_capabilities"}' || return
	guest_qmp '{"execute":"migrate-set-capabilities","arguments":{"capabilities":['"$ignore"']}}' || return
	guest_qmp '{"execute":"migrate","arguments":{"uri":"exec:cat >state.part"}}' || return
	until_saved || return
	guest_qmp '{"execute":"quit"}' || return
	wait "$GUEST_PID" || true
	GUEST_PID=
	guest_stop
	rm -f -- "$GUEST_DIR"/{command,status,qmp}.{in,out} "$GUEST_DIR"/std{out,err}
	mv -- "$GUEST_DIR/state.part" "$GUEST_DIR/state"
}

# until_saved: QEMU's own time limit ends this if nothing else does.
until_saved()
{
	while guest_qmp '{"execute":"query-migrate"}'; do
		case $GUEST_ANSWER in
		*'"status": "completed"'*) return 0 ;;
		*'"status": "failed"'*)    return 1 ;;
		esac
		sleep 0.02
	done
	return 1
}

# clone_launch SECONDS: a guest in $GUEST_DIR that goes on where CLONE_TEMPLATE
# stopped: its agent waits for a command, and says nothing before.
clone_launch()
{
	local ignore='{"capability":"x-ignore-shared","state":true}'

	guest_machine "$CLONE_TEMPLATE/clone.cfg"
	mapfile -t -O "${#GUEST_QEMU[@]}" GUEST_QEMU \
		< <(clone_ram "$CLONE_TEMPLATE/clone.cfg" off "$CLONE_TEMPLATE")
	GUEST_QEMU+=("${GUEST_EXTRA[@]}" -incoming defer)
	guest_launch "$1" || return
	# QEMU reads them when it is ready to; a refusal ends in qemu.log or a timeout
	printf '%s\n' '{"execute":"qmp_capabilities"}' \
		'{"execute":"migrate-set-capabilities","arguments":{"capabilities":['"$ignore"']}}' \
		'{"execute":"migrate-incoming","arguments":{"uri":"exec:cat '"$CLONE_TEMPLATE"'/state"}}' \
		>&"$GUEST_QMP_IN"
}
