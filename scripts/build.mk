# SPDX-License-Identifier: GPL-2.0

ALL += $(O)/scripts/tsc-khz $(O)/scripts/image

IMAGE_FILES += $(O)/injector/poisonctl

$(O)/scripts/tsc-khz: scripts/tsc-khz.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $<

# Where the guest's image is: the file changes only when the image does.  The
# prerequisites of other parts are not known before the end of the Makefile.
.SECONDEXPANSION:
$(O)/scripts/image: $$(IMAGE_FILES) FORCE
	@mkdir -p $(@D)
	@path=$$(scripts/build-image --build $(O) $(IMAGE_MANIFESTS)) && \
	{ [ "$$path" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$path" >$@; }
