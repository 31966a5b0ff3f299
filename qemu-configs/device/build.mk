# SPDX-License-Identifier: GPL-2.0
#
# The poison device: an object for the installed QEMU; a guest program that
# tries which accesses it makes bite; tests of its list on this machine.

DEV_DIR		:= qemu-configs/device
DEV_OUT		= $(O)/$(DEV_DIR)
DEV_CFLAGS	= -Iqemu-configs/acpi -I$(DEV_DIR) -MMD -MP
DEV_SANITIZE	= -fsanitize=address,undefined -fno-sanitize-recover=all

# The script knows all that the object is made of, QEMU's version included; the
# file changes only when the object does.  A QEMU that is not known to it has none.
# One that QEMU= names has an object of its own, made when a guest wants it.
$(O)/qemu-configs/nvdimm-poison.so: FORCE
	@mkdir -p $(@D)
	@QEMU= $(WITH_MAKE) scripts/build-device --or-none $@

$(DEV_OUT)/test-access: $(addprefix $(DEV_DIR)/,test-access.c test-access-kinds.c test-access-media.c)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(DEV_CFLAGS) -MF $@.d -MT $@ $(LDFLAGS) -static -o $@ $^

ALL += $(O)/qemu-configs/nvdimm-poison.so $(DEV_OUT)/test-access

$(DEV_OUT)/%.o: $(DEV_DIR)/%.c $(DEV_DIR)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(DEV_SANITIZE) $(DEV_CFLAGS) -c -o $@ $<

$(DEV_OUT)/%.o: tests/host/%.c $(DEV_DIR)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(DEV_SANITIZE) $(DEV_CFLAGS) -c -o $@ $<

DEV_LIST	= $(addprefix $(DEV_OUT)/,poison-list.o poison-index.o)

$(DEV_OUT)/device-list $(DEV_OUT)/device-list-life: %: %.o $(DEV_LIST)
	$(CC) $(CFLAGS) $(DEV_SANITIZE) -o $@ $^ -lcmocka

$(DEV_OUT)/device-hdm: $(DEV_OUT)/poison-hdm.o
$(DEV_OUT)/device-place: $(DEV_OUT)/poison-place.o
$(DEV_OUT)/device-hdm $(DEV_OUT)/device-place: %: %.o
	$(CC) $(CFLAGS) $(DEV_SANITIZE) -o $@ $^ -lcmocka

HOST_TESTS += $(DEV_OUT)/device-list $(DEV_OUT)/device-list-life $(DEV_OUT)/device-hdm $(DEV_OUT)/device-place

-include $(wildcard $(DEV_OUT)/*.d)
