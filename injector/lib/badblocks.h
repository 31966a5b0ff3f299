/* SPDX-License-Identifier: GPL-2.0 */
/* The text of a badblocks file in sysfs (block/badblocks.c, badblocks_show). */
#ifndef POISONCTL_BADBLOCKS_H
#define POISONCTL_BADBLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "platform.h"
#include "ranges.h"

/**
 * badblocks_path() - the file that lists a namespace, below the sysroot
 *
 * That of the block device; of the region for device-dax, which has no list of
 * its own.
 */
void badblocks_path(const struct nsinfo *ns, char *path, size_t size);

/**
 * badblocks_parse() - "SECTOR COUNT" lines of a namespace's file
 * @text: what badblocks_path() held
 * @set: what lies in the data area is added, as SPA ranges
 * @cut: NULL, or receives true if the last line has no end.  A file in sysfs
 *	shows at most one page less a byte, and a list of up to 512 entries is
 *	longer; the half line is dropped.
 *
 * Return: 0, -EPROTO for anything else.
 */
int badblocks_parse(const struct nsinfo *ns, const char *text,
		    struct ranges *set, bool *cut);

#endif
