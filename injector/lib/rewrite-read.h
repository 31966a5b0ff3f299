/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can still be read of a page that is repaired, without meeting poison.
 *
 * r->work says what is poisoned where; r->bdev is read.
 */
#ifndef POISONCTL_REWRITE_READ_H
#define POISONCTL_REWRITE_READ_H

#include "repair.h"

#define SECTORS		(PAGE / SECTOR)
#define ALL_SECTORS	((1U << SECTORS) - 1)

/* What could be read of a page: bit mask of its sectors. */
struct content {
	uint8_t data[PAGE] __attribute__((aligned(4096)));
	unsigned int known;
	unsigned int read;	/* of those, from the media itself */
};

/**
 * page_is_lost() - has the kernel no mapping of the page any more?
 * @spa: of the page
 */
bool page_is_lost(const struct repair *r, uint64_t spa);

/**
 * read_page() - read what is not listed now, nor known to the firmware alone
 * @spa: of the page
 * @c: receives it; what could not be read is zero
 */
void read_page(const struct repair *r, uint64_t spa, struct content *c);

#endif
