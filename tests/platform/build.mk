# SPDX-License-Identifier: GPL-2.0
#
# What scripts/bench-platform runs in the guest; static, so that its start costs
# little.

$(O)/tests/platform/bench: tests/platform/bench.c tests/platform/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -static -o $@ $<

IMAGE_MANIFESTS	+= tests/platform/manifest
IMAGE_FILES	+= $(O)/tests/platform/bench
