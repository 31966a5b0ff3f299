# SPDX-License-Identifier: GPL-2.0

ALL += $(O)/scripts/tsc-khz $(O)/scripts/image

IMAGE_FILES += $(O)/injector/poisonctl $(O)/scripts/modules.builtin.bin

$(O)/scripts/tsc-khz: scripts/tsc-khz.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<

# What of the guest's kernel is built in that daxctl would load: libkmod reads nothing
# but depmod's index, in the folder of modules that it was compiled for.
$(O)/scripts/modules.builtin.bin: scripts/guest/modules.builtin scripts/build.mk
	@rm -rf $@.root
	@mkdir -p $@.root/usr $@.root/lib/modules/0.0
	@ln -s ../lib $@.root/usr/lib
	@cp $< $@.root/lib/modules/0.0/modules.builtin
	@touch $@.root/lib/modules/0.0/modules.order $@.root/lib/modules/0.0/modules.builtin.modinfo
	@cd $@.root && PATH=$$PATH:/usr/sbin:/sbin depmod -b "$$PWD" 0.0
	@mv $@.root/lib/modules/0.0/modules.builtin.bin $@

# Where the guest's image is: the file changes only when the image does.  The
# prerequisites of other parts are not known before the end of the Makefile.
.SECONDEXPANSION:
$(O)/scripts/image: $$(IMAGE_FILES) FORCE
	@mkdir -p $(@D)
	@path=$$($(WITH_MAKE) scripts/build-image --build $(O) $(IMAGE_MANIFESTS)) && \
	{ [ "$$path" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$path" >$@; }

# The lab, for where there is no checkout.
LAB_PARTS = $(IMAGE_FILES) $(O)/scripts/tsc-khz $(O)/qemu-configs/poison-list \
	$(addprefix $(O)/qemu-configs/acpi/,nvdimm-overlay.aml einj.aml)

.PHONY: dist deb install-lab
install-lab: $$(LAB_PARTS)
	@scripts/install-lab --build $(O) --prefix $(call quoted,$(prefix)) --destdir $(call quoted,$(DESTDIR)) $(IMAGE_MANIFESTS)

dist:
	@scripts/dist $(O)

deb:
	@$(WITH_MAKE) scripts/build-deb $(O)/deb
