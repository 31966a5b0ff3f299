# SPDX-License-Identifier: GPL-2.0

ALL += $(O)/scripts/tsc-khz $(O)/scripts/image

$(O)/scripts/tsc-khz: scripts/tsc-khz.c | $(O)/deps
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $<

# Where the guest's image is: the file changes only when the image does.
$(O)/scripts/image: $(O)/injector/poisonctl FORCE
	@mkdir -p $(@D)
	@path=$$(scripts/build-image --build $(O)) && \
	{ [ "$$path" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$path" >$@; }
