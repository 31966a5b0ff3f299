# SPDX-License-Identifier: GPL-2.0
#
# Programs of the guest tests of targets: one that is asked for a second opinion, one that
# makes what tests point at.

TARGET_OUT	= $(O)/tests/target
TARGET_TOOLS	= $(addprefix $(TARGET_OUT)/,mapper partition victim writer)

$(TARGET_TOOLS): $(TARGET_OUT)/%: tests/target/%.c tests/target/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -D_GNU_SOURCE -o $@ $<

IMAGE_MANIFESTS	+= tests/target/manifest
IMAGE_FILES	+= $(TARGET_TOOLS)
