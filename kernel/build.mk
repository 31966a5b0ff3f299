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
