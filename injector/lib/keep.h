/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages that a repair puts at risk, kept in /run/poisonctl/kept until they are
 * good: a page with PG_hwpoison alone has its data, and is listed as bad on
 * purpose before it is written.  Whoever is killed in between leaves its content
 * for the next repair of the same bytes.
 */
#ifndef POISONCTL_KEEP_H
#define POISONCTL_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ranges.h"

#define KEPT_DIR	"/run/poisonctl/kept"

struct kept {
	uint64_t spa;		/* of the page */
	uint64_t dev, ino;	/* of the file that it is of, 0 for a device */
	uint64_t off;		/* bytes in that file or device */
	uint64_t sectors;	/* bit mask: which of the eight are known */
	char path[512];		/* of the file then, a hint */
};

/**
 * keep_save() - keep a page
 * @data: PAGE bytes
 *
 * The page is there as a whole or not at all.  One that is kept already stays:
 * what an earlier repair could read is more than what can be read now.
 *
 * Return: 0 or -errno, -ENOSPC when /run is full.
 */
int keep_save(const struct kept *k, const uint8_t *data);

/**
 * keep_load() - what is kept of a page
 * @spa: of the page
 * @data: receives PAGE bytes
 *
 * Return: true if there is something, of this boot.
 */
bool keep_load(uint64_t spa, struct kept *k, uint8_t *data);

/**
 * keep_path() - the file that a kept page was of, by its name then
 *
 * Return: true if it was of a file.
 */
bool keep_path(uint64_t spa, char *path, size_t size);

/**
 * keep_drop() - forget the pages that lie in SPA ranges wholly
 */
void keep_drop(const struct ranges *good);

/**
 * keep_list() - the pages that are kept, as SPA ranges
 */
void keep_list(struct ranges *to);

#endif
