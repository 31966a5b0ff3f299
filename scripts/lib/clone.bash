# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Instant guests.  A guest is booted and set up once; its device state is written to a
# file, its RAM and its NVDIMMs are files already.  Every further guest of the kind
# goes on from there, on private (copy on write) mappings of those files: none of
# them is ever written again, and any number of clones share what they do not change.
# Sourced after common.bash and guest.bash.
#
#   clone_hold PROFILE COMMAND...   CLONE_TEMPLATE is the template of a guest of PROFILE in
#                                   which COMMAND has run; as long as this process and
#                                   what it starts lives, nobody takes it away
#   clone_release                   lets go of all of them, and takes away what is more than
#                                   templates may take
#   clone_ready PROFILE COMMAND...  makes the one that is held, if it is not there yet
#   clone_launch SECONDS            a guest in $GUEST_DIR that goes on from there
#
# A template lies in a folder under the key of all that went into it:
#
#   ram nvdimmN.img   memory, as it was when the guest was stopped (sparse)
#   state             the devices' and the processor's state (QEMU's migration stream,
#                     without the memory: x-ignore-shared)
#   clone.cfg         the profile, on private mappings of these files
#   said              what COMMAND said on stdout
#
# and beside it lies KEY.use: its time is that of the last use; who uses the template, or
# is about to make it, has a shared flock(2) on it.

CLONE_TEMPLATE=
CLONE_HELD=()
CLONE_RAM=()

# What one template takes at most, in KiB, as far as is known before it is made.
readonly CLONE_ROOM=$((400 << 10))

# clone_roots: the folders that templates can lie in: in memory (RAM in a memory
# filesystem is what clones map fastest), and in the cache.
clone_roots()
{
	printf '%s\n' "/dev/shm/poisonctl-$EUID" "$PC_CACHE/template"
}

# clone_root: where a new template is to lie: in memory while that has enough to spare.
clone_root()
{
	local shm disk free

	{ read -r shm; read -r disk; } < <(clone_roots)
	free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || free=0
	if (( $(memory_free) >= 4 << 20 && free >= 2 << 20 )) &&
		[[ $(stat -f -c %T /dev/shm 2>/dev/null) == tmpfs ]]; then
		disk=$shm
	fi
	private_folder "$disk" || die "$GUEST_SETUP" "cannot use '$disk' for templates of guests"
	printf '%s\n' "$disk"
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

# clone_ram PROFILE-FILE on|off FOLDER: sets CLONE_RAM, further arguments, so that the guest's
# RAM is a file; 'off' maps it private.
clone_ram()
{
	local folder=$3 text

	IFS= read -r -d '' text <"$1" || true
	text=${text##*$'[memory]\n'}
	[[ ${text%%$'\n['*} =~ 'size = "'([^\"]*)\" ]] || die "$GUEST_SETUP" "no size of memory in the profile '$1'"
	CLONE_RAM=(-machine memory-backend=ram0 -object
		"memory-backend-file,id=ram0,size=${BASH_REMATCH[1]},mem-path=${folder//,/,,}/ram,share=$2")
}

# clone_hold PROFILE COMMAND...: sets CLONE_TEMPLATE.  The lock's file may be removed by
# clone_prune() between the look and the lock; then it is another file now.
clone_hold()
{
	local profile root key fd

	profile=$(guest_profile "$1")
	key=$(clone_key "$profile" "${@:2}")
	CLONE_TEMPLATE=
	while read -r root; do
		[[ ! -e $root/$key/state ]] || { CLONE_TEMPLATE=$root/$key; break; }
	done < <(clone_roots)
	[[ -n $CLONE_TEMPLATE ]] || CLONE_TEMPLATE=$(clone_root)/$key || exit
	until [[ -n ${fd-} && /dev/fd/$fd -ef $CLONE_TEMPLATE.use ]]; do
		[[ -z ${fd-} ]] || exec {fd}<&-
		touch -- "$CLONE_TEMPLATE.use" || die "$GUEST_SETUP" "cannot write '$CLONE_TEMPLATE.use'"
		exec {fd}<"$CLONE_TEMPLATE.use"
		flock -s "$fd"
	done
	CLONE_HELD+=("$fd")
}

# clone_release: a run holds all that its cases begin with, which can be more than may stay.
clone_release()
{
	local fd root

	for fd in "${CLONE_HELD[@]}"; do
		exec {fd}<&-
	done
	CLONE_HELD=()
	while read -r root; do
		[[ ! -d $root ]] || clone_prune "$root" "$(clone_most "$root")"
	done < <(clone_roots)
}

# clone_ready PROFILE COMMAND...: after clone_hold with the same words.
# Return: 0, or why there is none: GUEST_* or the status of COMMAND.
clone_ready()
{
	[[ ! -e $CLONE_TEMPLATE/state ]] || return 0
	(
		trap 'clone_end "$?"' EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM
		clone_make "$@"
	)
}

# clone_end STATUS: at the end of the shell that has made a template.  What a signal has
# left half made goes; of what failed, the console stays until the next template is made.
clone_end()
{
	trap '' INT TERM
	guest_stop
	(( $1 <= 128 )) || [[ $GUEST_DIR != "$CLONE_TEMPLATE.new" ]] || rm -rf -- "$GUEST_DIR"
}

# clone_used ROOT: what templates take there, in KiB
clone_used()
{
	local used

	used=$(du -sk -- "$1")
	echo "${used%%$'\t'*}"
}

# clone_most ROOT: what templates may take there, in KiB: half of what its filesystem has
# for them, and of memory no more than a quarter.
clone_most()
{
	local used avail most

	used=$(clone_used "$1")
	avail=$(df --output=avail -k -- "$1" | tail -n 1)
	most=$(((used + avail) / 2))
	if [[ $(stat -f -c %T -- "$1") == tmpfs ]]; then
		avail=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 4))
		(( most <= avail )) || most=$avail
	fi
	echo "$most"
}

# clone_prune ROOT [KIB]: templates there take KIB at most, or none is left that nobody
# holds; the longest unused go first.  What was being made when its maker was killed
# goes, too, and the lock of its makers: they hold the template before they ask for that.
clone_prune()
{
	local most=${2-} use used

	[[ -n $most ]] || most=$(($(clone_most "$1") - CLONE_ROOM))
	# of a version before this one, which had no such files
	find "$1" -mindepth 1 -maxdepth 1 -type d -mmin +1440 -print0 |
		while IFS= read -r -d '' use; do
			[[ -e ${use%.new}.use ]] || rm -rf -- "$use"
		done
	used=$(clone_used "$1")
	while IFS= read -r use; do
		[[ ! -e ${use%.use} && ! -e ${use%.use}.new ]] || (( used > most )) || continue
		! flock -n -x "$use" rm -rf -- "${use%.use}" "${use%.use}.new" "$use" \
			"$PC_CACHE/locks/template-$(basename "$use" .use)" || used=$(clone_used "$1")
	done < <(find "$1" -mindepth 1 -maxdepth 1 -name '*.use' -printf '%T@ %p\n' | sort -n | cut -d " " -f 2-)
}

# clone_make PROFILE COMMAND...: in a subshell, which holds the lock, and ends with
# clone_end.
clone_make()
{
	local rc=0 script

	cache_lock "template-${CLONE_TEMPLATE##*/}"
	[[ ! -e $CLONE_TEMPLATE/state ]] || return 0
	clone_prune "${CLONE_TEMPLATE%/*}"
	need_space "${CLONE_TEMPLATE%/*}" $((CLONE_ROOM >> 10))
	GUEST_DIR=$CLONE_TEMPLATE.new
	rm -rf -- "$GUEST_DIR"
	mkdir "$GUEST_DIR"
	clone_ram "$(guest_profile "$1")" on "$GUEST_DIR"
	GUEST_EXTRA+=("${CLONE_RAM[@]}")
	guest_start "$1" "$(scaled 300)" || return
	printf -v script '%q ' "${@:2}"
	guest_exec "exec $script" >"$GUEST_DIR/said" || rc=$?
	(( rc == 0 )) || return "$rc"
	clone_save || die "$GUEST_SETUP" "cannot write the state of a guest: $GUEST_ANSWER"
	clone_profile "$(guest_profile "$1")" >"$GUEST_DIR/clone.cfg"
	cache_put "$GUEST_DIR" "$CLONE_TEMPLATE"
}

# clone_profile FILE: the profile with its files where the template will lie, mapped
# private.  A path may have any character in it but '"' and a newline, which
# -readconfig knows no way to say.
clone_profile()
{
	local line path

	while IFS= read -r line; do
		line=${line/share = \"on\"/share = \"off\"}
		if [[ $line =~ ^(\ *mem-path\ =\ \")(.*)$ ]]; then
			path=${BASH_REMATCH[2]}
			[[ $path == /* ]] || path=$CLONE_TEMPLATE/$path
			line=${BASH_REMATCH[1]}$path
		fi
		printf '%s\n' "$line"
	done <"$1"
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
	local ignore='{"capability":"x-ignore-shared","state":true}' state=$CLONE_TEMPLATE/state

	# a word of a shell, in a string of JSON
	state="'${state//"'"/"'\\''"}'"
	state=${state//\\/\\\\}
	state=${state//\"/\\\"}
	guest_machine "$CLONE_TEMPLATE/clone.cfg"
	clone_ram "$CLONE_TEMPLATE/clone.cfg" off "$CLONE_TEMPLATE"
	GUEST_QEMU+=("${CLONE_RAM[@]}" "${GUEST_EXTRA[@]}" -incoming defer)
	guest_launch "$1" || return
	# QEMU reads them when it is ready to; a refusal ends in qemu.log or a timeout
	printf '%s\n' '{"execute":"qmp_capabilities"}' \
		'{"execute":"migrate-set-capabilities","arguments":{"capabilities":['"$ignore"']}}' \
		'{"execute":"migrate-incoming","arguments":{"uri":"exec:cat '"$state"'"}}' \
		>&"$GUEST_QMP_IN"
}
