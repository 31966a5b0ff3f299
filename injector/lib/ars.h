/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The firmware's Address Range Scrub of a range: functions 1 to 3 of the NVDIMM
 * root device's _DSM (ACPI 6.2, 9.20.7.4 to 9.20.7.6).
 *
 * The kernel ignores the result of a scrub that it did not start (ARS_VALID in
 * drivers/acpi/nfit/core.c), so it is read here.  libndctl has these commands,
 * but does not tell which range a result is of, and without that a result of
 * the kernel's own scrub, come between, would be taken for ours.
 */
#ifndef POISONCTL_ARS_H
#define POISONCTL_ARS_H

#include <stdint.h>

#include "ranges.h"
#include "util.h"

/**
 * ars_range() - scrub a range, and wait for the result
 * @bus: ndbusN
 * @spa, @len: bytes, of persistent memory
 * @found: the errors in the range are added, as SPA ranges
 * @again: receives how often another scrub was in the way, so that ours was
 *	started later or once more
 * @d: gives up then
 *
 * Return: 0; -EOPNOTSUPP if the bus has no such functions or the range cannot
 * be scrubbed; -EINVAL, -EIO as the firmware says; -ENODATA or -EPROTO for an
 * answer that makes no sense; -ETIMEDOUT; -errno of the call.
 */
int ars_range(const char *bus, uint64_t spa, uint64_t len,
	      struct ranges *found, unsigned int *again, struct deadline d);

#endif
