# SPDX-License-Identifier: GPL-2.0
#
# What scripts/bench-platform runs in the guest, static, so that its start costs
# little; functions of the DIMMs that no command of ndctl calls; and CXL poison by chance.

PLATFORM_BINS	= $(addprefix $(O)/tests/platform/,bench cxl-random dsm latch)

$(PLATFORM_BINS): $(O)/tests/platform/%: \
		tests/platform/%.c tests/platform/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -D_GNU_SOURCE -static -o $@ $<

IMAGE_MANIFESTS	+= tests/platform/manifest
IMAGE_FILES	+= $(PLATFORM_BINS) qemu-configs/tools/nvdimm-firmware
