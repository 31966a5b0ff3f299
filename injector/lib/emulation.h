/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What may be destroyed without a further word.
 *
 * That a machine is virtual does not make its memory disposable: a virtual machine
 * of a cloud is somebody's server.  The emulation of this project is known by the
 * ACPI table that it cannot work without: an SSDT with OEM ID "POISON" and OEM
 * table ID "NVDIMMER" (qemu-configs/acpi), which no other machine has.
 */
#ifndef POISONCTL_EMULATION_H
#define POISONCTL_EMULATION_H

#include <stdbool.h>

#include "target.h"

/**
 * emulation_here() - is this machine the emulation of this project?
 *
 * Source: /sys/firmware/acpi/tables, which is for root.
 */
bool emulation_here(void);

/**
 * emulation_virtual() - does this system run in a virtual machine?
 *
 * Source: the processor's hypervisor flag (CPUID 1, ECX 31), or emulation_here().
 */
bool emulation_virtual(void);

/**
 * emulation_real_machine() - must the machine and its System RAM be taken for real?
 * @why: receives the reason, static
 */
bool emulation_real_machine(const char **why);

/**
 * emulation_real_media() - must the media be taken for real?
 * @ns: the namespace; NULL for System RAM
 * @why: receives the reason, static
 *
 * Emulated means both: every DIMM of the namespace carries an NFIT vendor/device
 * id of an emulator, and this machine is virtual; or the bus is nfit_test.  System
 * RAM is that of emulation_real_machine().  Of a namespace in CXL memory cxl_emulated()
 * decides.  All else is real.
 */
bool emulation_real_media(const struct nsinfo *ns, const char **why);

/**
 * emulation_real_target() - the same of a target, whose System RAM may be CXL memory
 */
bool emulation_real_target(const struct target *t, const char **why);

#endif
