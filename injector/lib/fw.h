/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The firmware's error injection: functions 7 to 9 of the NVDIMM root
 * device's _DSM (ACPI 6.2, section 9.20.7), on SPA ranges.
 */
#ifndef POISONCTL_FW_H
#define POISONCTL_FW_H

#include <stdbool.h>
#include <stdint.h>

#include "ranges.h"

/**
 * fw_can_inject() - does a bus offer functions 7, 8 and 9?
 * @bus: ndbusN
 *
 * Return: as dsm_has().
 */
int fw_can_inject(const char *bus);

/**
 * fw_inject() - ARS Error Inject (function 7), one call for the whole range
 * @bus: ndbusN
 * @spa, @len: bytes, rounded to the clear unit by the caller
 * @notify: ask for notification 0x81, upon which the kernel scrubs
 *
 * Return: 0; -EOPNOTSUPP or -EINVAL as the firmware says; -EIO for any other
 * status; -ENODATA if it returned no status; -errno of the call.
 */
int fw_inject(const char *bus, uint64_t spa, uint64_t len, bool notify);

/**
 * fw_uninject() - ARS Error Inject Clear (function 8)
 *
 * Removes firmware's record only: the kernel keeps its badblock.
 *
 * Return: as fw_inject().
 */
int fw_uninject(const char *bus, uint64_t spa, uint64_t len);

/**
 * fw_injected() - ARS Error Inject Status Query (function 9)
 * @set: the records are added to it, as SPA ranges
 *
 * Return: as fw_inject(); -EPROTO if the answer contradicts itself.
 */
int fw_injected(const char *bus, struct ranges *set);

#endif
