# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A git checkout that is a tree of Linux as far as 'scripts/kernels config' and 'make bzImage'
# want one: each commit "builds" a kernel that is there already.
#
#   linux_kernels DIR BUILD      into DIR, which is exported as KERNELS, of what was built in
#                                BUILD: stock, mine (with kernel/dax), and dead, which does not
#                                boot.  Return: 1 one cannot be built
#   linux_tree DIR               makes the tree; its make copies from $KERNELS the one that the
#                                commit's file "core" names, and notes the commit in its file
#                                "builds"; of a commit with a file "slow" it waits for one "fast"
#   linux_commit DIR CORE TAG    a commit, with a tag
#
# git bisect chooses by their ids between commits that are as good as each other: so the ids
# are the same in each run.

export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_DATE=2026-01-01T00:00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00:00Z

linux_tree()
{
	mkdir -p "$1/scripts/kconfig"
	cat >"$1/scripts/kconfig/merge_config.sh" <<'END'
#!/bin/sh
cat "$3" >>"$2"
END
	chmod +x "$1/scripts/kconfig/merge_config.sh"
	: >"$1/Kbuild"
	printf '%s\n' .config arch >"$1/.gitignore"
	cat >"$1/Makefile" <<'END'
VERSION = 6
PATCHLEVEL = 1
.PHONY: tinyconfig olddefconfig bzImage
tinyconfig olddefconfig:
	touch .config
bzImage:
	git rev-parse HEAD >>"$(KERNELS)/builds"
	test ! -e slow -o -e "$(KERNELS)/fast" || sleep 1000
	mkdir -p arch/x86/boot
	cp "$(KERNELS)/$$(cat core)" arch/x86/boot/bzImage
END
	git -C "$1" init -q --object-format=sha1
}

# put_at FILE OFFSET: stdin, over what is there
put_at()
{
	dd of="$1" bs=1 conv=notrunc status=none seek="$2"
}

# Where kernel/dax has to be asked for, the build has one core.  Its release (boot.rst,
# kernel_version) is not to say "ours", by which the lab would expect other outcomes of it than of
# a kernel of the user's.  What does not boot has no instruction where protected mode begins
# (setup_sects), and the machine resets.
linux_kernels()
{
	local ours at release

	ours=$(<"$2/kernel/path")
	[[ $ours == *-ours/bzImage ]] ||
		ours=$("$(dirname "${BASH_SOURCE[0]}")/../../scripts/build-kernel" --dax ours 2>/dev/null) || return
	export KERNELS=$1
	mkdir -p "$1"
	: >"$1/builds"
	cp -- "$(<"$2/kernel/stock")" "$1/stock"
	cp -- "$ours" "$1/mine"
	at=$(($(od -An -tu2 -j 526 -N 2 "$1/mine") + 512))
	release=$(tail -c +$((at + 1)) "$1/mine" | head -c 100 | tr '\0' '\n' | sed -n '1s/ .*//p')
	printf mine | put_at "$1/mine" $((at + ${#release} - 4))
	cp -- "$1/stock" "$1/dead"
	printf '\017\013' | put_at "$1/dead" $((($(od -An -tu1 -j 497 -N 1 "$1/stock") + 1) * 512))
}

linux_commit()
{
	echo "$2" >"$1/core"
	# no two are alike
	echo "$3" >"$1/number"
	git -C "$1" add -A
	git -C "$1" commit -q -m "$2, the commit $3"
	git -C "$1" tag "$3"
}
