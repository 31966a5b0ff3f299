# SPDX-License-Identifier: GPL-2.0

ALL += $(O)/kernel/path

# Where the guest's kernel is: the file changes only when the kernel does.
$(O)/kernel/path: FORCE
	@mkdir -p $(@D)
	@path=$$($(if $(KERNEL),realpath -- "$(KERNEL)",scripts/build-kernel $(if $(DAX),--dax $(DAX)))) && \
	{ [ "$$path" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$path" >$@; }

# Tests that say "dax: both" run on Linux's own core as well, unless the kernel was
# chosen.  One build tree serves both cores, so one waits for the other.
$(O)/kernel/stock: $(O)/kernel/path FORCE
	@$(if $(KERNEL)$(DAX),: >$@,scripts/build-kernel --dax stock >$@)
# LINUX=TREE: the DAX core in a Linux 6.1 tree of the user's, built as its .config
# says; TARGET is what of it (default: bzImage; fs/dax/ is a quick try).  What was
# said to this make is not for that one.
TARGET	= bzImage

.PHONY: kernel
ifdef LINUX
kernel:
	@scripts/install-core "$(LINUX)"
	@[ -e "$(LINUX)/.config" ] || \
	{ echo "make kernel: no '.config' in '$(LINUX)': expected a configured tree" >&2; exit 1; }
	@grep -q '^CONFIG_FS_DAX=y' "$(LINUX)/.config" || \
	{ echo "make kernel: FS_DAX is off in '$(LINUX)/.config': expected CONFIG_FS_DAX=y" >&2; exit 1; }
	+@env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u O make -C "$(LINUX)" -j "$$(nproc)" $(TARGET)
else
kernel: $(O)/kernel/path
	@cat $<
endif
