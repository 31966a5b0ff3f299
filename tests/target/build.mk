# SPDX-License-Identifier: GPL-2.0
#
# A program that the guest tests of targets ask for a second opinion.

TARGET_OUT	= $(O)/tests/target

$(TARGET_OUT)/mapper: tests/target/mapper.c tests/target/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -o $@ $<

IMAGE_MANIFESTS	+= tests/target/manifest
IMAGE_FILES	+= $(TARGET_OUT)/mapper
