// SPDX-License-Identifier: GPL-2.0
/* Blocks of a file, by FIEMAP. */
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "dax.h"

/**
 * list_bad() - list a page of a file as bad, or leave it so
 * @fd: the file, on pmem0 itself
 * @page: which of its pages, which has a block
 *
 * Nothing is written back for that: a DAX file has no delayed allocation.
 */
void list_bad(int fd, size_t page)
{
	struct { struct fiemap map; struct fiemap_extent extent; } q = {
		.map = {
			.fm_start = page * PAGE,
			.fm_length = PAGE,
			.fm_extent_count = 1,
		},
	};
	FILE *f = fopen("/sys/block/pmem0/badblocks", "w");

	need(f && !ioctl(fd, FS_IOC_FIEMAP, &q) && q.map.fm_mapped_extents,
	     "badblocks");
	fprintf(f, "%llu 8\n", (q.extent.fe_physical + page * PAGE -
				q.extent.fe_logical) / 512);
	need(!fclose(f), "badblocks");
}
