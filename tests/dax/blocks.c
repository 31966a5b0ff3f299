// SPDX-License-Identifier: GPL-2.0
/* Blocks of a file, by FIEMAP. */
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "dax.h"

/**
 * block_of() - where a byte of a file is on its device
 * @fd: the file
 * @offset: of the byte, in a block that it has
 * @flags: FIEMAP_FLAG_SYNC: written back first; 0: not, a DAX file has no delayed
 *	allocation
 *
 * Return: bytes.
 */
unsigned long long block_of(int fd, size_t offset, unsigned int flags)
{
	struct { struct fiemap map; struct fiemap_extent extent; } q = {
		.map = {
			.fm_start = offset,
			.fm_length = PAGE,
			.fm_flags = flags,
			.fm_extent_count = 1,
		},
	};

	need(!ioctl(fd, FS_IOC_FIEMAP, &q) && q.map.fm_mapped_extents == 1,
	     "FIEMAP");
	return q.extent.fe_physical + offset - q.extent.fe_logical;
}

/**
 * list_bad() - list a page of pmem0 as bad, or leave it so
 * @byte: of the device, where the page begins
 *
 * The kernel's list alone: firmware knows nothing of it.
 */
void list_bad(unsigned long long byte)
{
	FILE *f = fopen("/sys/block/pmem0/badblocks", "w");

	need(f, "badblocks");
	fprintf(f, "%llu 8\n", byte / 512);
	need(!fclose(f), "badblocks");
}
