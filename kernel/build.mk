# SPDX-License-Identifier: GPL-2.0

# Where the guest's kernel is: the file changes only when the kernel does.
ALL += $(O)/kernel/path

$(O)/kernel/path: FORCE
	@mkdir -p $(@D)
	@path=$$($(if $(KERNEL),realpath -- "$(KERNEL)",scripts/build-kernel $(if $(DAX),--dax $(DAX)))) && \
	{ [ "$$path" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$path" >$@; }
