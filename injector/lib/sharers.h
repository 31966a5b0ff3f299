/* SPDX-License-Identifier: GPL-2.0 */
/* Who else has the pages of a file that are going to be repaired. */
#ifndef POISONCTL_SHARERS_H
#define POISONCTL_SHARERS_H

#include "repair.h"

/**
 * sharers_check() - are there pages that are another file's too, and is that meant?
 * @r: after repair_find()
 * @ok: it is
 *
 * Fills in @r->sharers.
 *
 * Return: EXIT_OK, also if nobody else has them; EXIT_REFUSED or EXIT_USAGE after a
 * complaint that names the files.
 */
int sharers_check(struct repair *r, bool ok);

/**
 * sharers_have() - is a page at that place of one of them?
 * @spa: of the page
 * @ino, @off: inode, and bytes in it
 */
bool sharers_have(const struct repair *r, uint64_t spa, uint64_t ino, uint64_t off);

#endif
