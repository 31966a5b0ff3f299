# SPDX-License-Identifier: GPL-2.0
#
# What scripts/bench-platform runs in the guest, static, so that its start costs
# little; and a function of the DIMMs that no command of ndctl calls.

$(O)/tests/platform/bench $(O)/tests/platform/latch: $(O)/tests/platform/%: \
		tests/platform/%.c tests/platform/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -static -o $@ $<

IMAGE_MANIFESTS	+= tests/platform/manifest
IMAGE_FILES	+= $(O)/tests/platform/bench $(O)/tests/platform/latch
