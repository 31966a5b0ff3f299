# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The host's side of a guest: start, exec, reset, stop.  scripts/guest/init has
# the guest's side.  Sourced after common.bash.
#
# A guest lives in a folder, $GUEST_DIR:
#
#   console          what the kernel and the firmware said
#   stdout stderr    what the commands said, apart
#   qemu.log         QEMU's own words
#   status           what the guest's agent said
#   nvdimmN.img      backing files, made by QEMU where there are none
#   command status qmp (.in .out)   FIFOs to the guest's agent and to QEMU
#
# A guest never outlives the shell that started it (setpriv --pdeathsig), nor
# its time limit (timeout), nor a panic (panic=-1 resets, -no-reboot ends QEMU).

# shellcheck source=scripts/lib/qemu.bash
. "$PC_TOP/scripts/lib/qemu.bash"
# shellcheck source=scripts/lib/modules.bash
. "$PC_TOP/scripts/lib/modules.bash"
# shellcheck source=scripts/lib/kernel-config.bash
. "$PC_TOP/scripts/lib/kernel-config.bash"
# shellcheck source=scripts/lib/installed.bash
. "$PC_TOP/scripts/lib/installed.bash"

# What a guest can end as, besides its command's own status.  None is a pass.
# shellcheck disable=SC2034 # used by those who source this file
readonly GUEST_NO_QEMU=122 GUEST_LOST=123 GUEST_TIMEOUT=124 GUEST_SETUP=125

# Further arguments of QEMU and of the guest's kernel, for who sources this.
GUEST_EXTRA=()
GUEST_APPEND=

# Where to keep what every guest's kernel says, one after the other: the tests' runner
# reads it.
GUEST_CONSOLES=${GUEST_CONSOLES:-}

# Which of the commands' outputs could not be passed on.
GUEST_UNSAID=

# The QEMU of guests, where it is not the installed one.
GUEST_PROGRAM=${QEMU:-}

# The modules of the guest's kernel, where they do not lie beside it.
GUEST_MODULES=${MODULES:-}

# Nobody knows whether the guest's kernel has what a guest needs.
GUEST_UNSURE=

# The device that the agent's ports are of.
GUEST_PORTS=virtio-serial-pci,max_ports=8

# How long a look at what the guest says takes if it says nothing, seconds.
GUEST_POLL=0.1
GUEST_LOOKS=0

GUEST_DIR=
GUEST_PID=
GUEST_STDOUT=
GUEST_STDERR=

# guest_find BUILD KERNEL IMAGE: where the things are that a guest is made of; an
# empty KERNEL or IMAGE is the one that was built.  Says which one is missing.
guest_find()
{
	local f

	GUEST_BUILD=$(realpath -m -- "$1")
	[[ -z $2 ]] || kernel_named "$GUEST_SETUP" "$2"
	[[ -z $3 ]] || guest_image_named "$3"
	installed_guest "$GUEST_BUILD" "$2" "$3"
	GUEST_KERNEL=$2
	GUEST_IMAGE=$3
	[[ -n $GUEST_KERNEL ]] || GUEST_KERNEL=$(cat "$GUEST_BUILD/kernel/path" 2>/dev/null) ||
		die "$GUEST_SETUP" "no kernel was built in '$GUEST_BUILD'; run 'make all'"
	[[ -n $2 || ! -s $GUEST_BUILD/kernel/told || -z $(<"$GUEST_BUILD/kernel/told") ]] ||
		phase "the guest's kernel is as make was told last: $(<"$GUEST_BUILD/kernel/told")"
	[[ -n $GUEST_IMAGE ]] || GUEST_IMAGE=$(cat "$GUEST_BUILD/scripts/image" 2>/dev/null) ||
		die "$GUEST_SETUP" "no image was built in '$GUEST_BUILD'; run 'make all'"
	GUEST_KERNEL=$(realpath -m -- "$GUEST_KERNEL")
	GUEST_IMAGE=$(realpath -m -- "$GUEST_IMAGE")
	for f in "$GUEST_KERNEL" "$GUEST_IMAGE" "$GUEST_BUILD/scripts/tsc-khz"; do
		guest_has_file "$f"
	done
	guest_find_machine "$1"
	[[ -n $3 ]] || guest_modules
	# what scripts/build-kernel has made has it
	[[ -z $2 || $GUEST_KERNEL == "$PC_CACHE/kernel/"* ]] || guest_can_be "$3"
}

# guest_find_machine BUILD: the same of its machine alone, for a guest of somebody else's.
guest_find_machine()
{
	GUEST_BUILD=$(realpath -m -- "$1")
	installed_machine "$GUEST_BUILD"
	guest_has_file "$GUEST_BUILD/qemu-configs/acpi/nvdimm-overlay.aml"
	if ! qemu_find "$GUEST_BUILD" "$GUEST_PROGRAM"; then
		[[ -n $GUEST_PROGRAM ]] || die "$GUEST_SETUP" "cannot find 'qemu-system-x86_64' of the package 'qemu-system-x86'; $PC_GET"
		die "$GUEST_SETUP" "cannot run the QEMU '$GUEST_PROGRAM'"
	fi
	[[ -z $QEMU_DEVICE || -r $QEMU_DEVICE ]] || die "$GUEST_SETUP" "cannot read '$QEMU_DEVICE'; run 'make all'"
}

# guest_has_file FILE: it can be read, or exit.
guest_has_file()
{
	[[ -f $1 && -r $1 ]] || die "$GUEST_SETUP" "cannot read '$1'; run 'make all'"
}

# guest_image_named FILE: an initramfs that the user names is one, or exit: what
# init/initramfs.c of Linux takes, newc or "crc" cpio, plain or as lib/decompress.c knows.
guest_image_named()
{
	[[ -f $1 && -r $1 ]] || die "$GUEST_SETUP" "cannot read the image '$1': expected the file of an initramfs"
	[[ $(od -An -tx1 -N 6 -- "$1" | tr -d ' ') =~ ^(30373037303[12]|1f8[be]|425a|5d00|fd37|894c|0221|28b5) ]] ||
		die "$GUEST_SETUP" "'$1' is no initramfs: expected a cpio archive (newc), packed or not"
}

# guest_can_be IMAGE: the kernel that was named has what a guest needs, or exit.  An image
# of the user's may have modules of its own.  Of a kernel that does not say, and has no
# modules, guest_lacks finds out after it has booted.
guest_can_be()
{
	local why rc=0

	why=$(config_check "$GUEST_KERNEL" "$GUEST_MODULES$1") || rc=$?
	(( rc != 1 )) || die "$GUEST_SETUP" "'$GUEST_KERNEL' cannot be the guest's kernel: $why"
	(( rc == 0 )) || [[ -n $GUEST_MODULES$1 ]] || GUEST_UNSURE=1
}

# What a kernel shows that was built with an option, or has loaded its module.
readonly GUEST_SHOWS='
/sys/bus/nd/devices/ndbus0	CONFIG_ACPI_NFIT
/sys/bus/nd/drivers/nd_pmem	CONFIG_BLK_DEV_PMEM
/proc/sys/vm/memory_failure_recovery	CONFIG_MEMORY_FAILURE
/sys/devices/system/machinecheck	CONFIG_X86_MCE
'

# guest_lacks: the options that the kernel of the guest that runs does not show, and why
# that may be; nothing if all is well.  A machine without an NVDIMM has no bus.
guest_lacks()
{
	local path option script='[[ -e /sys/firmware/acpi/tables/NFIT ]] || exit 0'

	while IFS=$'\t' read -r path option; do
		[[ -z $path ]] || script+="; [[ -e $path ]] || printf ' %s' $option"
	done <<<"$GUEST_SHOWS"
	guest_exec "$script" | sed -nE 's/^ //; s/ /, /g; /./s/$/, which may be modules; see --modules (MODULES= of make)/p'
}

# What a kernel that says so on its console was built without; what says nothing at all
# has no console.
readonly GUEST_SYMPTOMS='
no virtio ports	CONFIG_VIRTIO_PCI or CONFIG_VIRTIO_CONSOLE
Unable to mount root fs|Cannot open root device	CONFIG_BLK_DEV_INITRD
error -8|No working init found|Requested init .* failed	CONFIG_BINFMT_ELF or CONFIG_BINFMT_SCRIPT
'

# guest_symptom: "; the kernel may have no CONFIG_...", if the console looks like that.
guest_symptom()
{
	local regex option

	if [[ ! -s $GUEST_DIR/console ]]; then
		echo "; the kernel may have no CONFIG_SERIAL_8250_CONSOLE or CONFIG_PRINTK"
		return
	fi
	while IFS=$'\t' read -r regex option; do
		if [[ -n $regex ]] && grep -aqE "$regex" "$GUEST_DIR/console"; then
			echo "; the kernel may have no $option"
			return
		fi
	done <<<"$GUEST_SYMPTOMS"
}

# guest_modules: the image that was built gets the modules of a kernel that has some.
guest_modules()
{
	local release

	release=$(kernel_release "$GUEST_KERNEL") || return 0
	[[ -n $GUEST_MODULES ]] || GUEST_MODULES=$(modules_of "$GUEST_KERNEL" "$release")
	[[ -n $GUEST_MODULES ]] || return 0
	[[ -d $GUEST_MODULES/$release ]] ||
		die "$GUEST_SETUP" "no modules of Linux '$release' in '$GUEST_MODULES': expected a folder of that name"
	modules_image "$GUEST_MODULES/$release"
}

# guest_can_add DIR: its files can be laid over the guest's root, or exit.
guest_can_add()
{
	local path

	[[ -d $1 ]] || die "$GUEST_SETUP" "cannot add '$1' to the guest: expected a folder"
	path=$(find "$1/" \( ! -readable -o -type d ! -executable \) -prune -print -quit 2>/dev/null)
	[[ -z $path ]] || die "$GUEST_SETUP" "cannot add '$1' to the guest: cannot read '$path'"
	# scripts/guest/init mounts over these
	path=$(cd "$1" && find dev proc run sys tmp ! -type d -print -quit 2>/dev/null) || true
	[[ -z $path ]] ||
		die "$GUEST_SETUP" "cannot add '$1/$path' to the guest: its own /${path%%/*} would hide it"
}

# guest_add DIR...: $GUEST_IMAGE becomes one with the files of each DIR laid over
# its root. The kernel unpacks archives that follow each other one after the other.
guest_add()
{
	local dir

	{
		cat -- "$GUEST_IMAGE"
		for dir in "$@"; do
			(cd "$dir" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
				cpio --quiet --null --create --format=newc --owner=0:0) ||
				exit 1
		done
	} >"$GUEST_DIR/initrd" 2>"$GUEST_DIR/cpio.log" ||
		die "$GUEST_SETUP" "cannot add '${*: -1}' to the guest$(no_space "$GUEST_DIR" | grep . || sed '1q;s/^cpio//' "$GUEST_DIR/cpio.log")"
	GUEST_IMAGE=$GUEST_DIR/initrd
}

# guest_profile NAME: the path of a profile's file; NAME may be a path itself, with a
# slash in it.
guest_profile()
{
	local file=$PC_TOP/qemu-configs/machines/$1.cfg known

	if [[ $1 == */* ]]; then
		[[ -f $1 && -r $1 ]] || die "$GUEST_SETUP" "cannot read the profile '$1'"
		realpath -- "$1"
		return
	fi
	if [[ ! $1 =~ ^[a-z0-9-]+$ || ! -r $file ]]; then
		known=$(cd "$PC_TOP/qemu-configs/machines" && printf '%s ' *.cfg)
		die "$GUEST_SETUP" "unknown profile '$1': expected one of ${known//.cfg/}"
	fi
	printf '%s\n' "$file"
}

# guest_says PROFILE-FILE REGEX: does a line of it that is no comment match?  It is asked
# several times for each guest, so no process is started.
guest_says()
{
	local line

	while IFS= read -r line || [[ -n $line ]]; do
		[[ ! ${line%%#*} =~ $2 ]] || return 0
	done <"$1"
	return 1
}

# guest_has_device PROFILE-FILE: does its machine have the poison device?
guest_has_device()
{
	[[ "${GUEST_EXTRA[*]}" == *nvdimm-poison* ]] || guest_says "$1" nvdimm-poison
}

# guest_has PROFILE-FILE DRIVER: does its machine have such a device?
guest_has()
{
	guest_says "$1" "^ *driver = \"$2\""
}

# guest_can_cxl: this QEMU can be a machine with CXL devices, or exit
guest_can_cxl()
{
	qemu_has_cxl "$QEMU_PROGRAM" ||
		die "$GUEST_SETUP" "a profile with CXL devices wants QEMU $QEMU_CXL_SERIES, '$QEMU_PROGRAM' is $(qemu_says "$QEMU_PROGRAM" || echo "no QEMU"); see scripts/qemus, and --qemu (QEMU= of make)"
}

# guest_lacks_cxl: the guest that runs has no driver for CXL devices.  What is a module is
# there before the guest's agent.
guest_lacks_cxl()
{
	! guest_exec '[[ -e /sys/bus/cxl/devices/root0 ]]'
}

# guest_table FILE: a table of ACPI for GUEST_QEMU.  QEMU takes what it is given for several
# files at its colons, and knows no way to say one.
guest_table()
{
	local file=$1 fd

	if [[ $file == *:* ]]; then
		exec {fd}<"$file"
		file=/dev/fd/$fd
	fi
	GUEST_QEMU+=(-acpitable "file=${file//,/,,}")
}

# guest_machine PROFILE-FILE: fills GUEST_QEMU, the command line of a machine that
# has nothing to boot.  Intel's vendor id and ERMS (in 'max') or Linux calls a
# machine check fatal.  Linux commits no region of CXL memory where it sees a hypervisor
# (cxl_region_invalidate_memregion()).  The poison device's object is loaded for a profile
# that has the device.  A comma in a file's name is doubled where QEMU takes options apart
# at commas.
guest_machine()
{
	local overlay=$GUEST_BUILD/qemu-configs/acpi/nvdimm-overlay.aml
	local einj=$GUEST_BUILD/qemu-configs/acpi/einj.aml
	local cpu=max,vendor=GenuineIntel

	GUEST_PORTS=virtio-serial-pci,max_ports=8
	if guest_has "$1" cxl-type3; then
		guest_can_cxl
		cpu+=,hypervisor=off
		# or QEMU takes the bus of a CXL host bridge, where no such device can be
		GUEST_PORTS+=,bus=pcie.0
	fi
	GUEST_QEMU=(
		"$QEMU_PROGRAM" -nodefaults -display none -no-reboot
		-accel tcg -cpu "$cpu"
	)
	if guest_has_device "$1"; then
		[[ -n $QEMU_DEVICE ]] || die "$GUEST_SETUP" "no poison device: $QEMU_WHY"
		GUEST_QEMU+=(-plugin "${QEMU_DEVICE//,/,,}")
	fi
	GUEST_QEMU+=(-readconfig "$1")
	# it stands in for the root of NVDIMMs, which CXL devices alone do not have
	if guest_has "$1" nvdimm || ! guest_has "$1" cxl-type3; then
		guest_table "$overlay"
	fi
	# the device's window for error injection is of no use without its table
	! guest_says "$1" '^ *einj = "on"' || guest_table "$einj"
}

# guest_command PROFILE-FILE APPEND: the same, and the guest's kernel.  The clock's
# rate is given or a loaded host makes the guest's clock wrong, and the kernel's
# check of the timer, which counts ticks by that clock, is left out: on a starved
# host it panics.
guest_command()
{
	local append="console=ttyS0 panic=-1 oops=panic quiet loglevel=5"

	append+=" tsc_early_khz=$("$GUEST_BUILD/scripts/tsc-khz") tsc=reliable no_timer_check"
	append+=" random.trust_cpu=on rdinit=/init $GUEST_APPEND $2"
	guest_machine "$1"
	GUEST_QEMU+=(-kernel "$GUEST_KERNEL" -initrd "$GUEST_IMAGE" -append "$append"
		"${GUEST_EXTRA[@]}")
}

# guest_start PROFILE SECONDS: boots a guest in $GUEST_DIR and waits for
# its agent.  Return: 0, GUEST_NO_QEMU, GUEST_LOST, GUEST_TIMEOUT, GUEST_SETUP.
guest_start()
{
	local profile

	profile=$(guest_profile "$1")
	guest_command "$profile" ""
	guest_launch "$2" || return
	guest_wait ready || return
	[[ -z $GUEST_UNSURE ]] || guest_is_sure || return
	if guest_has "$profile" cxl-type3 && guest_lacks_cxl; then
		say "'$GUEST_KERNEL' has no driver for the profile's CXL devices: expected one with CONFIG_CXL_ACPI, _PCI, _MEM and _PORT, as Debian's has them ('scripts/kernels get 6.12')"
		return "$GUEST_SETUP"
	fi
}

# guest_is_sure: the kernel that did not say what it has has it.  Return: 0, GUEST_SETUP
guest_is_sure()
{
	local lacks

	lacks=$(guest_lacks)
	[[ -n $lacks ]] || return 0
	say "'$GUEST_KERNEL' cannot be the guest's kernel: it comes up without $lacks"
	return "$GUEST_SETUP"
}

# guest_launch SECONDS: starts GUEST_QEMU in $GUEST_DIR, with the agent's ports and
# QMP.  The ports are the same for every guest, or none could go on where another
# one stopped (clone.bash).
guest_launch()
{
	local limit=$1 port n=0

	cd "$GUEST_DIR" || return "$GUEST_SETUP"
	[[ ! -e command.in ]] || rm -f {command,status,qmp}.{in,out}
	mkfifo {command,status,qmp}.{in,out}
	# shellcheck disable=SC2054 # QEMU's commas
	GUEST_QEMU+=(-serial file:console -chardev pipe,id=qmp,path=qmp
		-mon chardev=qmp,mode=control -device "$GUEST_PORTS")
	GUEST_QEMU+=(-chardev "pipe,id=command,path=command"
		-chardev "pipe,id=status,path=status,logfile=status,logappend=on")
	: >status
	for port in stdout stderr; do
		: >"$port"
		GUEST_QEMU+=(-chardev "file,id=$port,path=$port,append=on")
	done
	for port in command status stdout stderr; do
		n=$((n + 1))
		GUEST_QEMU+=(-device "virtserialport,nr=$n,chardev=$port,name=org.poisonctl.$port")
	done
	setpriv --pdeathsig TERM timeout -k 5 "$limit" \
		setpriv --pdeathsig TERM "${GUEST_QEMU[@]}" \
		</dev/null >qemu.log 2>&1 &
	GUEST_PID=$!
	# Open for both, so that neither side ever waits for the other to open.
	exec {GUEST_COMMAND}<>command.in {GUEST_STATUS}<>status.out \
		{GUEST_QMP_IN}<>qmp.in {GUEST_QMP_OUT}<>qmp.out
	exec {GUEST_SAID}<status {GUEST_STDOUT}<stdout {GUEST_STDERR}<stderr
	cd "$OLDPWD" || return "$GUEST_SETUP"
}

# guest_pump: passes on what the commands have said since the last call.  It is called ten
# times a second, and most often there is nothing, by the times of the files.  Two writes
# within a tick of their clock look like one, and who else reads them hides them: so it looks
# every two seconds whatever they say.
guest_pump()
{
	GUEST_LOOKS=$(((GUEST_LOOKS + 1) % 20))
	[[ $GUEST_LOOKS != 0 && ! -N $GUEST_DIR/stdout && ! -N $GUEST_DIR/stderr ]] || guest_pump_all
}

# guest_pump_all: the same, whatever they say.  The two descriptors keep their place in the
# files.  What cannot be written is in GUEST_UNSAID, but where a reader went away, who ended
# cat by SIGPIPE.
# shellcheck disable=SC2034 # for the caller
guest_pump_all()
{
	cat <&"$GUEST_STDOUT" 2>/dev/null || (( $? == 141 )) || GUEST_UNSAID=stdout
	cat <&"$GUEST_STDERR" >&2 2>/dev/null || (( $? == 141 )) || GUEST_UNSAID=stderr
}

# guest_hear SECONDS: what the agent has said since the last call is added to GUEST_LINE; if
# that is less than a line, more is waited for, but not for long.  Bash drops a byte that it
# reads in the moment that a read times out.  So what is said is read from QEMU's log of it,
# a file, of which a read never waits, and the FIFO is a bell that may miss a stroke.
# Return: 0 there is a line; 1 not yet.
guest_hear()
{
	local part

	if IFS= read -r -u "$GUEST_SAID" part; then
		GUEST_LINE+=$part
		return
	fi
	GUEST_LINE+=$part
	read -r -t "$1" -u "$GUEST_STATUS" _ || true
	return 1
}

# guest_wait WORD: waits for the agent to say WORD or "WORD N".
# Return: N, or 0 where none was said; GUEST_* if the guest ended instead.
guest_wait()
{
	GUEST_LINE=
	while kill -0 "$GUEST_PID" 2>/dev/null; do
		if guest_hear "$GUEST_POLL"; then
			guest_pump_all
			[[ $GUEST_LINE != "$1" ]] || return 0
			[[ $GUEST_LINE =~ ^"$1 "([0-9]{1,3})$ ]] && return "${BASH_REMATCH[1]}"
			say "the guest lost its thread: it said '$GUEST_LINE' where '$1' was expected"
			return "$GUEST_LOST"
		fi
		guest_pump
	done
	guest_pump_all
	guest_reap
}

# guest_reap: the guest is gone without a word; says why, as its status.  QEMU
# ends with 0 when a guest powers off or resets, whatever state it is in.
guest_reap()
{
	local rc=0 why

	# bash has words of its own for one that died of a signal
	wait "$GUEST_PID" 2>/dev/null || rc=$?
	GUEST_PID=
	if (( rc == 124 || rc == 137 )); then
		say "guest ended at its time limit (console: $GUEST_DIR/console)$(guest_symptom)"
		return "$GUEST_TIMEOUT"
	fi
	if (( rc != 0 )); then
		why=$(no_space "$GUEST_DIR")
		if [[ -n $why ]]; then
			say "the guest was lost$why"
			return "$GUEST_SETUP"
		fi
		why=$(tail -n 1 "$GUEST_DIR/qemu.log")
		say "QEMU would not start: ${why:-it said nothing, exit status $rc} (its log: $GUEST_DIR/qemu.log)"
		return "$GUEST_NO_QEMU"
	fi
	if grep -aq 'no virtio ports' "$GUEST_DIR/console"; then
		say "'$GUEST_KERNEL' cannot be the guest's kernel: it comes up without CONFIG_VIRTIO_PCI or CONFIG_VIRTIO_CONSOLE, which may be modules; see --modules (MODULES= of make)"
		return "$GUEST_SETUP"
	fi
	why=$(grep -a -m 1 'Kernel panic' "$GUEST_DIR/console" | tr -d '\r')
	say "guest lost: ${why:-it ended without a word} (console: $GUEST_DIR/console)$(guest_symptom)"
	return "$GUEST_LOST"
}

# guest_exec SCRIPT: runs SCRIPT (bash) in the guest, passes on what it says.
# Return: its exit status, or GUEST_*.
guest_exec()
{
	local script=$1
	local LC_ALL=C

	printf '%d\n%s' "${#script}" "$script" >&"$GUEST_COMMAND"
	guest_wait exit
}

# guest_qmp COMMAND: a QMP command; its answer in GUEST_ANSWER.
# Return: 0; 1 if QEMU refused it or did not answer.
# shellcheck disable=SC2034 # GUEST_ANSWER is for the caller
guest_qmp()
{
	local line

	GUEST_ANSWER=
	printf '%s\n' "$1" >&"$GUEST_QMP_IN"
	while read -r -t 20 -u "$GUEST_QMP_OUT" line; do
		case $line in
		'{"return"'*) GUEST_ANSWER=$line; return 0 ;;
		'{"error"'*)  GUEST_ANSWER=$line; return 1 ;;
		esac
	done
	return 1
}

# guest_where: what the processors of a guest that does not answer are at, a line each in
# GUEST_ANSWER; empty if QEMU does not answer either.
# shellcheck disable=SC2034 # GUEST_ANSWER is for the caller
guest_where()
{
	local line words='{"execute":"human-monitor-command","arguments":{"command-line":"info registers -a"}}'

	GUEST_ANSWER=
	printf '%s\n' '{"execute":"qmp_capabilities"}' "$words" >&"$GUEST_QMP_IN"
	while read -r -t 5 -u "$GUEST_QMP_OUT" line; do
		if [[ $line == *RIP=* ]]; then
			GUEST_ANSWER=$(grep -o 'RIP=[0-9a-f]* [^\]*' <<<"${line//'\r\n'/$'\n'}")
			return
		fi
	done
}

# guest_reset: a machine reset, and the agent of the next boot is there.  Only
# this reset is let through; one that the guest asks for still ends QEMU.
guest_reset()
{
	guest_qmp '{"execute":"qmp_capabilities"}' || true
	guest_qmp '{"execute":"set-action","arguments":{"reboot":"reset"}}' &&
		guest_qmp '{"execute":"system_reset"}' || return "$GUEST_LOST"
	guest_wait ready || return
	guest_qmp '{"execute":"set-action","arguments":{"reboot":"shutdown"}}' ||
		return "$GUEST_LOST"
}

# guest_stop: ends this guest and no other process; says nothing.
guest_stop()
{
	if [[ -n $GUEST_PID ]]; then
		kill "$GUEST_PID" 2>/dev/null || true
		wait "$GUEST_PID" 2>/dev/null || true
		GUEST_PID=
	fi
	if [[ -n $GUEST_STDOUT ]]; then
		exec {GUEST_COMMAND}>&- {GUEST_STATUS}>&- {GUEST_QMP_IN}>&- \
			{GUEST_QMP_OUT}>&- {GUEST_SAID}<&- {GUEST_STDOUT}<&- {GUEST_STDERR}<&-
		GUEST_STDOUT=
		# a test may start guests as somebody who cannot write there
		[[ -z $GUEST_CONSOLES ]] || { cat -- "$GUEST_DIR/console" >>"$GUEST_CONSOLES"; } 2>/dev/null || true
	fi
}

# guest_complaints FILE [REGEX...]: the lines of a console in which the kernel says that
# something is wrong (scripts/lib/complaints), less those that are expected.
guest_complaints()
{
	local line regex

	tr -d '\r' <"$1" | sed 's/^\[ *[0-9]*\.[0-9]*\] //' |
		grep -aEf <(sed '/^#/d;/^$/d' "$PC_TOP/scripts/lib/complaints") |
		while IFS= read -r line; do
			for regex in "${@:2}"; do
				[[ ! $line =~ $regex ]] || continue 2
			done
			printf '%s\n' "$line"
		done || true
}
