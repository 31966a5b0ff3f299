# SPDX-License-Identifier: GPL-2.0
#
# The guest test of poisoned system RAM; tests/ras/manifest brings it into the
# image.

RAS_OUT	= $(O)/tests/ras

$(RAS_OUT)/ras: $(addprefix $(RAS_OUT)/,ras.o memory.o policy.o)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(RAS_OUT)/speed: $(RAS_OUT)/speed.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(RAS_OUT)/%.o: tests/ras/%.c tests/ras/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -MMD -MP -c -o $@ $<

# Debian's tools: "# add: tests/ras/tools" of a test puts them into its guest
$(RAS_OUT)/tools: tests/ras/build-tools tests/ras/tools.manifest scripts/build-image
	@mkdir -p $(@D)
	@$(WITH_MAKE) tests/ras/build-tools $@

TEST_FILES += $(O)/tests/ras/tools

IMAGE_MANIFESTS	+= tests/ras/manifest
IMAGE_FILES	+= $(O)/tests/ras/ras $(O)/tests/ras/speed

-include $(wildcard $(O)/tests/ras/*.d)
