# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # tmp is the test's
#
# libvirt's QEMU driver inside virsh: no daemon, no system-wide domain.  Sourced after
# tap.bash and host.bash.
#
#   virsh_setup               $tmp is for libvirt's QEMU to read, with $tmp/kernel and
#                             $tmp/image of the guest; the driver's set-up
#   as_user COMMAND...        libvirt's driver wants a system-wide set-up of root, and none
#                             of others
#   virsh_start NAME FILE     the domain of a file, whose console is a pipe $tmp/console,
#                             runs; $console is open for what is typed there
#   console_said WORDS        the console has said a line that ends with them
#   virsh_do LINE             virsh is told that
#   virsh_said REGEX          it has said that
#   virsh_end NAME            the domain is destroyed, virsh ends

as_user()
{
	local user=()

	(( EUID )) || user=(setpriv --reuid nobody --regid nogroup --clear-groups)
	HOME=$tmp XDG_RUNTIME_DIR=$tmp XDG_CONFIG_HOME=$tmp XDG_CACHE_HOME=$tmp "${user[@]}" "$@"
}

virsh_setup()
{
	chmod 711 "$tmp"
	cp "$GUEST_KERNEL" "$tmp/kernel"
	cp "$GUEST_IMAGE" "$tmp/image"
	mkdir -p "$tmp/libvirt/etc"
	# what virtlogd does elsewhere
	echo 'stdio_handler = "file"' >"$tmp/libvirt/etc/qemu.conf"
	mkfifo "$tmp/console.in" "$tmp/console.out" "$tmp/virsh.in"
	virsh_give
}

# virsh_give: what is in $tmp is his who runs libvirt here
virsh_give()
{
	(( EUID )) || chown -R nobody:nogroup "$tmp"
}

# virsh_stop NAME: virsh, and QEMU if it outlived it
virsh_stop()
{
	local file=$tmp/libvirt/run/qemu/$1.pid

	kill "$VIRSH_PID" 2>/dev/null || true
	[[ ! -s $file ]] || kill "$(<"$file")" 2>/dev/null || true
}

virsh_start()
{
	virsh_give
	# Open for both, so that neither side waits for the other to open.
	# shellcheck disable=SC2034 # console is for who sources this
	exec {console}<>"$tmp/console.in" {virsh}<>"$tmp/virsh.in"
	cat "$tmp/console.out" >"$tmp/said" &
	as_user timeout -k 5 "$(scaled 150)" virsh -c "qemu:///embed?root=$tmp/libvirt" \
		<"$tmp/virsh.in" >"$tmp/virsh.out" 2>&1 &
	VIRSH_PID=$!
	# shellcheck disable=SC2064 # the name that is meant now
	trap "virsh_stop '$1'; rm -rf -- '$tmp'" EXIT
	virsh_do "create $2"
	until_ok "$(scaled 60)" virsh_said " created\\|^error: " || true
	ok "libvirt starts the domain" virsh_said "Domain '$1' created"
	virsh_said "Domain '$1' created" || bail "virsh: $(tail -n 3 "$tmp/virsh.out")"
}

console_said()
{
	grep -q "$1"$'\r*$' "$tmp/said"
}

virsh_do()
{
	echo "$1" >&"$virsh"
}

virsh_said()
{
	grep -q "$1" "$tmp/virsh.out"
}

virsh_end()
{
	virsh_do "destroy $1"
	virsh_do quit
	wait "$VIRSH_PID" || tap_note "virsh: $(tail -n 3 "$tmp/virsh.out")"
}
