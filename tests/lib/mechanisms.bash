# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # root and tool are of injector.bash
#
# A kernel that has every mechanism and is a script.  Sourced after injector.bash.
#
#   machine                 fresh, and all files of all mechanisms are there
#   caps HEX, mcg_cap HEX   what this process may, what the processor can
#   show_pages [HH]         a machine whose /proc/kpageflags shows the page at block
#                           8, with flags HH, and the next
#   script                  the writes that must come, from stdin, as
#                           PATH|TEXT|RESULT[|EFFECT...] (injector-writes.c)
#   script_ends             "as written", or what was not
#   journal_left            mechanisms that the journal holds as planted
#   plants TEXT SEEN_BY ARGUMENT... <SCRIPT       inject succeeds
#   fails STATUS TEXT WORDS ARGUMENT... <SCRIPT   inject fails and says WORDS
#   refuses_here STATUS TEXT WORDS ARGUMENT...    and nothing is written at all
#   plants_so, fails_so, refuses_so    the same on the machine as it is

machine()
{
	local debug=$root/sys/kernel/debug f

	fresh
	mkdir -p "$debug"/{hwpoison,mce-inject,apei/einj,cxl/mem0} "$root"/sys/devices/system/memory \
		"$root"/proc/{self,sys/vm} "$root"/dev/cpu/0
	for f in "$debug"/hwpoison/{corrupt,unpoison}-pfn "$debug"/mce-inject/{flags,cpu,status,misc,addr,bank} \
		"$debug"/apei/einj/{error_type,flags,param1,param2,notrigger,error_inject} \
		"$debug"/cxl/mem0/inject_poison "$root"/dev/{mcelog,kmsg} \
		"$root"/sys/devices/system/memory/{hard,soft}_offline_page; do
		: >"$f"
	done
	echo 0 >"$debug/hwpoison/corrupt-filter-enable"
	echo 0x0 | tee "$debug"/apei/einj/{flags,notrigger} >/dev/null
	echo sw >"$debug/mce-inject/flags"
	printf '%s\t%s\n' 0x00000008 "Memory Correctable" 0x00000010 "Memory Uncorrectable non-fatal" \
		0x00000020 "Memory Uncorrectable fatal" >"$debug/apei/einj/available_error_type"
	echo "debugfs /sys/kernel/debug debugfs rw 0 0" >"$root/proc/mounts"
	echo 1 >"$root/proc/sys/vm/memory_failure_recovery"
	printf '%s\n' "vendor_id : GenuineIntel" "flags : fpu hypervisor sse" >"$root/proc/cpuinfo"
	caps 000001ffffffffff
	mcg_cap 1000000
}

caps()
{
	printf '%s\n' "Name: poisonctl" "CapEff: $1" >"$root/proc/self/status"
}

mcg_cap()
{
	local n v=$((16#$1))

	truncate -s $((0x179)) "$root/dev/cpu/0/msr"
	for ((n = 0; n < 8; n++)); do
		printf %b "$(printf '\\x%02x' $((v >> 8 * n & 255)))"
	done >>"$root/dev/cpu/0/msr"
}

show_pages()
{

	machine
	truncate -s $(((0x100601 + 2) * 8)) "$root/proc/kpageflags"
	[[ -z ${1-} ]] || printf %b "\\x$1" |
		dd of="$root/proc/kpageflags" bs=8 seek=$((0x100601)) conv=notrunc 2>/dev/null
}

script()
{
	rm -f "$root"/writes{,.at,.bad}
	tr '|' '\t' >"$root/writes"
}

script_ends()
{
	local want have

	[[ ! -e $root/writes.bad ]] || { cat "$root/writes.bad"; return; }
	[[ ! -e $root/writes ]] || want=$(wc -l <"$root/writes")
	have=$(cat "$root/writes.at" 2>/dev/null) || true
	[[ ${want:-0} == "${have:-0}" ]] && echo "as written" || echo "${have:-0} of $want writes came"
}

journal_left()
{
	local file=$root/run/poisonctl/journal

	[[ ! -s $file ]] || jq -rs 'reduce .[] as $e ({}; .[$e.mechanism] += if $e.event == "plant" then 1 else -1 end) |
		to_entries[] | select(.value > 0) | .key' "$file"
}

# refuses_here STATUS TEXT WORDS ARGUMENT...
refuses_here()
{
	machine
	refuses_so "$@"
}

refuses_so()
{
	local want=$1 text=$2 words=$3

	shift 3
	ok "$text: refused" answers "$want" ".error.message | contains(\"$words\")" "$tool" inject --json "$@"
	is "$text: nothing is written or noted" "$(script_ends) $(journal_left)" "as written "
}

plants()
{
	machine
	plants_so "$@"
}

plants_so()
{
	local text=$1 seen=$2

	shift 2
	script
	ok "$text" answers 0 ".state == \"planted\" and .seen_by == \"$seen\" and (has(\"error\") | not)" "$tool" inject --json "$@"
	is "$text: the writes" "$(script_ends)" "as written"
}

fails()
{
	machine
	fails_so "$@"
}

fails_so()
{
	local want=$1 text=$2 words=$3 said

	shift 3
	script
	said=$("$tool" inject "$@" 2>&1 >/dev/null) && rc=0 || rc=$?
	is "$text" "$rc ${said//*"$words"*/$words}" "$want $words"
	is "$text: the writes" "$(script_ends)" "as written"
}
