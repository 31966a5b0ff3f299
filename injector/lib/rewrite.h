/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The data side of a repair: keep what is put at risk, write whole pages.
 *
 * What is written back is what is there at that moment.  Extents, size and
 * content are looked at again before each page, and of a file nobody else writes
 * from that look to the write: see rewrite.c.  While a page is listed as bad the kernel refuses every write
 * of a part of it, and one of the whole page repairs it, which shows.
 */
#ifndef POISONCTL_REWRITE_H
#define POISONCTL_REWRITE_H

#include "repair.h"

/**
 * rewrite_prepare() - open the target, and refuse what a write would not survive
 * @r: work and pages are filled
 * @plant: what is going to be planted for the repair
 *
 * Reads through the block device, sector by sector, and only sectors that are
 * not known to be bad.  Pages that @plant touches are kept (keep.h).  Must come
 * before anything is planted.
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int rewrite_prepare(struct repair *r, const struct ranges *plant);

/**
 * rewrite_pages() - write every page of r->pages, and make it durable
 * @skip: pages that are left as they are
 *
 * A page that somebody else repaired in the meantime is left to them.
 *
 * Return: EXIT_OK; EXIT_PARTLY, EXIT_REFUSED or EXIT_SETUP after a complaint.
 */
int rewrite_pages(struct repair *r, const struct ranges *skip);

/**
 * rewrite_end() - close what rewrite_prepare() opened
 */
void rewrite_end(struct repair *r);

/**
 * rewrite_devdax() - store zeroes into the cleared ranges of a device-dax
 * @d: gives up then
 *
 * Return: EXIT_OK; EXIT_SETUP or EXIT_TIMEOUT after a complaint.
 */
int rewrite_devdax(struct repair *r, struct deadline d);

/**
 * rewrite_check_place() - does the file still have that page at that address?
 * @fd: of the file
 * @off: bytes in it
 * @spa: where the page must be
 * @len: bytes, in one extent
 *
 * Return: 0; -ESTALE if it moved; -errno of asking.
 */
int rewrite_check_place(const struct repair *r, int fd, uint64_t off,
			uint64_t spa, uint64_t len);

#endif
