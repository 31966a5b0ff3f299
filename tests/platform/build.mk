# SPDX-License-Identifier: GPL-2.0
#
# What scripts/bench-platform runs in the guest, static, so that its start costs
# little; and functions of the DIMMs that no command of ndctl calls.

PLATFORM_BINS	= $(addprefix $(O)/tests/platform/,bench dsm latch)

$(PLATFORM_BINS): $(O)/tests/platform/%: \
		tests/platform/%.c tests/platform/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -D_GNU_SOURCE -static -o $@ $<

IMAGE_MANIFESTS	+= tests/platform/manifest
IMAGE_FILES	+= $(PLATFORM_BINS) qemu-configs/tools/nvdimm-firmware
