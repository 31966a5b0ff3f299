# SPDX-License-Identifier: GPL-2.0
#
# The guest test of poisoned system RAM; tests/ras/manifest brings it into the
# image.

RAS_OUT	= $(O)/tests/ras

$(RAS_OUT)/ras: $(addprefix $(RAS_OUT)/,ras.o memory.o policy.o)
	$(CC) $(CFLAGS) -o $@ $^

$(RAS_OUT)/%.o: tests/ras/%.c tests/ras/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -MMD -MP -c -o $@ $<

IMAGE_MANIFESTS	+= tests/ras/manifest
IMAGE_FILES	+= $(O)/tests/ras/ras

-include $(wildcard $(O)/tests/ras/*.d)
