# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A guest's machine in words that others take: a shell, libvirt, virtme-ng.  Sourced after
# common.bash and guest.bash.
#
#   vm_print FORM PROFILE-FILE DIR   FORM as scripts/vm has it; DIR is where the NVDIMMs'
#                                    files lie

# print_profile WHOLE PROFILE-FILE DIR: the profile's own options, added to PRINT_WORDS.
print_profile()
{
	local said option value

	said=$(awk -v whole="$1" -v dir="${3//\\/\\\\}" -f "$PC_TOP/scripts/lib/profile-options.awk" "$2") ||
		die "$GUEST_SETUP" "bad profile '$2': ${said##*$'\n'}"
	while IFS=$'\t' read -r option value; do
		[[ -z $option ]] || PRINT_WORDS+=("$option" "$value")
	done <<<"$said"
}

# print_machine WHOLE PROFILE-FILE DIR: PRINT_WORDS are GUEST_QEMU with the profile written
# out.  Not WHOLE: what decides where the guest runs and what it shows is the other's matter.
print_machine()
{
	local n

	PRINT_WORDS=()
	for ((n = 0; n < ${#GUEST_QEMU[@]}; n++)); do
		case ${GUEST_QEMU[n]} in
		-readconfig)
			n=$((n + 1))
			print_profile "$@" ;;
		-accel|-display)
			(( ! $1 )) || PRINT_WORDS+=("${GUEST_QEMU[n]}" "${GUEST_QEMU[n + 1]}")
			n=$((n + 1)) ;;
		-nodefaults|-no-reboot|"$QEMU_PROGRAM")
			(( ! $1 )) || PRINT_WORDS+=("${GUEST_QEMU[n]}") ;;
		*)	PRINT_WORDS+=("${GUEST_QEMU[n]}") ;;
		esac
	done
}

# shell_word WORD: as a POSIX shell takes it.
shell_word()
{
	if [[ $1 =~ ^[A-Za-z0-9_@%+=:,./-]+$ ]]; then
		printf '%s' "$1"
	else
		printf "'%s'" "${1//\'/\'\\\'\'}"
	fi
}

# print_words BETWEEN: PRINT_WORDS for a shell, BETWEEN in front of each option but the first.
print_words()
{
	local word begun=

	for word in "${PRINT_WORDS[@]}"; do
		if [[ $begun && $word == -* ]]; then
			printf '%s' "$1"
		else
			printf '%s' "${begun:+ }"
		fi
		begun=1
		shell_word "$word"
	done
	echo
}

# print_libvirt: PRINT_WORDS, as libvirt passes them on (its "QEMU/KVM hypervisor driver",
# "Pass-through of arbitrary qemu commands").
print_libvirt()
{
	local word

	echo "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
	for word in "${PRINT_WORDS[@]}"; do
		sed "s/&/\\&amp;/g; s/</\\&lt;/g; s/'/\\&apos;/g; s/.*/  <qemu:arg value='&'\\/>/" <<<"$word"
	done
	echo "</qemu:commandline>"
}

vm_print()
{
	local form=$1 profile=$2 dir=$3

	# guest_table() would open such a file for QEMU, which who reads this cannot
	[[ $GUEST_BUILD != *:* ]] ||
		die "$GUEST_SETUP" "cannot print '$GUEST_BUILD': QEMU takes a path of an ACPI table apart at its colons"
	if [[ $form == command ]]; then
		guest_command "$profile" poisonctl.shell
		GUEST_QEMU+=("${GUEST_CONSOLE[@]}")
		print_machine 1 "$profile" "$dir"
	else
		guest_machine "$profile"
		print_machine 0 "$profile" "$dir"
	fi
	case $form in
	command|options) print_words $' \\\n    ' ;;
	libvirt)         print_libvirt ;;
	virtme-ng)       print_words ' ' ;;
	esac
}
