/* SPDX-License-Identifier: GPL-2.0 */
/* Which files of the mounted filesystems have a range of a namespace. */
#ifndef POISONCTL_OWNERS_H
#define POISONCTL_OWNERS_H

#include "platform.h"

/**
 * owners_each() - call a function for each part of a range that somebody has
 * @ns: namespace with a block device
 * @start, @len: bytes of its data area
 * @fn: called with what was found
 *
 * Files are found by their extents (FIEMAP), under every name and through shared
 * blocks; what has no name, is free, or the filesystem's own is what
 * FS_IOC_GETFSMAP says of it: of XFS with its reverse mapping the inode, of ext4
 * free and metadata alone.
 *
 * Return: 0; -ENOENT if no filesystem of it is mounted; -EINTR after a signal;
 * -errno.
 */
int owners_each(const struct nsinfo *ns, uint64_t start, uint64_t len,
		owner_fn fn, void *arg);

#endif
