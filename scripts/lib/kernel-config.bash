# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What a kernel has of what guests need, kernel/configs/need.config.  Sourced after
# common.bash and modules.bash.
#
#   config_needs PART            its options of that part (must, should; all), a line each
#   config_lacks FILE PART [m]   those that the configuration FILE has not; with m, one
#                                that is a module is there
#   config_other NAME            what other versions of Linux call one of them, if they do
#   config_of KERNEL             the configuration of a bzImage, to stdout: what lies
#                                beside it, or what is in it (CONFIG_IKCONFIG).  Return: 1
#                                if there is none
#   config_check KERNEL MODULES  whether it can be a guest's, and why not

readonly CONFIG_NEED=$PC_TOP/kernel/configs/need.config

config_needs()
{
	config_lacks /dev/null "$1"
}

config_lacks()
{
	awk -v part="$2" -v as="y${3-}" '
	FILENAME == ARGV[1] {
		if ($0 ~ "^CONFIG_[A-Za-z0-9_]*=[" as "]$")
			has[substr($0, 1, index($0, "=") - 1)] = 1
		next
	}
	/^# --- / { now = $3; sub(/:.*/, "", now) }
	/^# or CONFIG_/ { instead = $3; sub(/:.*/, "", instead) }
	/^CONFIG_/ {
		sub(/=.*/, "")
		if ((part == "all" || part == now) && !($0 in has) && !(instead in has))
			print
		instead = ""
	}' "$1" "$CONFIG_NEED"
}

config_other()
{
	sed -n "/^# or CONFIG_/{N;s/^# or \(CONFIG_[A-Z0-9_]*\).*\n$1=.*/\1/p}" "$CONFIG_NEED"
}

config_of()
{
	local release dir=${1%/*} file

	release=$(kernel_release "$1") || return
	for file in "$dir/config-$release" "$dir"/../{,usr/}lib/modules/"$release/config"; do
		if [[ -r $file ]]; then
			cat -- "$file"
			return
		fi
	done
	! config_inside "$1" || return 0
	# of a tree that was built in: another version's may lie there by now
	for file in "$dir"/{,../../../}.config; do
		if [[ -r $file ]] && sed -n 3p "$file" | grep -qF " ${release%%[!0-9.]*} Kernel"; then
			cat -- "$file"
			return
		fi
	done
	return 1
}

# config_check KERNEL MODULES: it can be a guest's, or why not on stdout, in one line.
# MODULES is not empty if it gets modules.
# Return: 0; 1; 2 it has no configuration that could be looked at
config_check()
{
	local config lacks modular=

	config=$(config_of "$1") || return 2
	lacks=$(config_lacks <(echo "$config") must m | paste -s -d " ")
	[[ -n $lacks || -n $2 ]] || modular=$(config_lacks <(echo "$config") must | paste -s -d " ")
	if [[ -n ${lacks-} ]]; then
		echo "it is built without ${lacks// /, }; see scripts/kernels config"
	elif [[ -n $modular ]]; then
		echo "it has ${modular// /, } as modules, and none are given; see --modules (MODULES= of make)"
	fi
	[[ -z ${lacks-}$modular ]]
}

# header_number AT BYTES FILE: little-endian
header_number()
{
	od -An -tu"$2" -j "$1" -N "$2" -- "$3" | tr -d ' '
}

# config_inside KERNEL: Documentation/x86/boot.rst, setup_sects, payload_offset and
# payload_length; kernel/configs.c puts a gzip behind IKCFG_ST.
config_inside()
{
	local start length how at raw fd

	start=$((($(header_number 497 1 "$1") + 1) * 512 + $(header_number 584 4 "$1")))
	length=$(header_number 588 4 "$1")
	case $(od -An -tx1 -j "$start" -N 4 -- "$1" | tr -d ' ') in
	1f8b*)    how="gzip -dc" ;;
	fd377a58) how="xz -dc --single-stream" ;;
	28b52ffd) how="zstd -dc" ;;
	02214c18) how="lz4 -dc" ;;
	5d0000*)  how="xz --format=lzma -dc" ;;
	425a68*)  how="bzip2 -dc" ;;
	*)        return 1 ;;
	esac
	command -v "${how%% *}" >/dev/null || return
	raw=$(mktemp)
	exec {fd}<>"$raw"
	rm -f -- "$raw"
	raw=/dev/fd/$fd
	# the kernel's size follows the payload: it is no part of it
	tail -c +$((start + 1)) -- "$1" | head -c $((length - 4)) | $how >"$raw" 2>/dev/null || true
	at=$(LC_ALL=C grep -abo -m 1 IKCFG_ST "$raw" | head -n 1 | cut -d : -f 1)
	[[ -z $at ]] || tail -c +$((at + 9)) "$raw" | gzip -dc 2>/dev/null || true
	exec {fd}>&-
	[[ -n $at ]]
}
