# SPDX-License-Identifier: GPL-2.0

ALL += $(O)/kernel/path

# LINUX is a version or, for 'make kernel', a tree; see below.
LINUX_TREE := $(if $(filter kernel,$(MAKECMDGOALS)),$(shell [ ! -d $(call quoted,$(LINUX)) ] || echo tree))
LINUX_VERSION := $(if $(LINUX_TREE),,$(LINUX))
BUILD_KERNEL = $(WITH_MAKE) scripts/build-kernel $(call TOLD,linux,$(LINUX_VERSION))

# Where the guest's kernel is: the file changes only when the kernel does.  What make was
# told of it lies beside: those that use the kernel later say so.
$(O)/kernel/path: FORCE
	@mkdir -p $(@D)
	@path=$$($(if $(KERNEL),scripts/build-kernel --own $(call quoted,$(KERNEL)),$(BUILD_KERNEL) $(if $(DAX),--dax $(DAX)))) && \
	{ [ "$$path" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$path" >$@; }
	@printf '%s\n' $(call quoted,$(if $(KERNEL),KERNEL=$(KERNEL),$(strip $(LINUX_VERSION:%=LINUX=%) $(DAX:%=DAX=%)))) >$(@D)/told

# Tests that say "dax: both" run on Linux's own core as well, unless the kernel was
# chosen.  One build tree serves both cores, so one waits for the other.
$(O)/kernel/stock: $(O)/kernel/path FORCE
	@$(if $(KERNEL)$(DAX),: >$@,$(BUILD_KERNEL) --dax stock >$@)

# LINUX=TREE: the DAX core in a tree of Linux 6.1, 6.12 or 7.3 of the user's, built as its .config
# says; TARGET is what of it (default: bzImage; fs/dax/ is a quick try).  What was
# said to this make is not for that one.
TARGET	= bzImage

.PHONY: kernel
ifneq ($(LINUX_TREE),)
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
