# SPDX-License-Identifier: GPL-2.0
#
# poison-list: the poison device's own list, as a program for the host.

TOOLS_OUT	= $(O)/qemu-configs/tools
TOOLS_CFLAGS	= -Iqemu-configs/acpi -Iqemu-configs/device -MMD -MP

$(TOOLS_OUT)/%.o: qemu-configs/tools/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(TOOLS_CFLAGS) -c -o $@ $<

$(TOOLS_OUT)/core-%.o: qemu-configs/device/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(TOOLS_CFLAGS) -c -o $@ $<

$(O)/qemu-configs/poison-list: $(addprefix $(TOOLS_OUT)/,poison-list.o \
		core-poison-list.o core-poison-index.o)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

ALL += $(O)/qemu-configs/poison-list

-include $(wildcard $(TOOLS_OUT)/*.d)
