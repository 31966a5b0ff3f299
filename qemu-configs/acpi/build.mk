# SPDX-License-Identifier: GPL-2.0
#
# The ACPI overlay.  iasl says everything on stdout, so that is kept for when it
# fails; its remarks (-vr) are about empty buffers and explicit offsets.

ACPI_DIR	:= qemu-configs/acpi
ACPI_OUT	= $(O)/$(ACPI_DIR)
ACPI_SOURCES	:= $(wildcard $(ACPI_DIR)/*.asl) $(ACPI_DIR)/poison.h
ACPI_HANDLES	:= 32

# one child device for each NFIT device handle that the overlay knows
$(ACPI_OUT)/dimms.asl: $(ACPI_DIR)/dimm.asl.in $(ACPI_DIR)/build.mk
	@mkdir -p $(@D)
	for handle in $$(seq $(ACPI_HANDLES)); do \
		name=$$(printf 'NV%02X' $$((handle - 1))); \
		sed -e "s/@NAME@/$$name/; s/@HANDLE@/$$handle/" $< || exit 1; \
	done >$@

$(ACPI_OUT)/nvdimm-overlay.aml: $(ACPI_SOURCES) $(ACPI_OUT)/dimms.asl
	iasl -vs -vr -we -I $(ACPI_DIR) -I $(ACPI_OUT) -p $(@:.aml=) \
		$(ACPI_DIR)/nvdimm-overlay.asl >$(ACPI_OUT)/iasl.log 2>&1 || \
		{ cat $(ACPI_OUT)/iasl.log >&2; exit 1; }

# the EINJ table, a data table; iasl writes even remarks about those to stdout
$(ACPI_OUT)/einj.aml: $(ACPI_DIR)/einj.dsl $(ACPI_DIR)/poison.h $(ACPI_DIR)/build.mk
	@mkdir -p $(@D)
	iasl -vs -vr -we -I $(ACPI_DIR) -p $(@:.aml=) $< >$(ACPI_OUT)/einj.log 2>&1 || \
		{ cat $(ACPI_OUT)/einj.log >&2; exit 1; }

ALL += $(ACPI_OUT)/nvdimm-overlay.aml $(ACPI_OUT)/einj.aml
