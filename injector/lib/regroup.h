/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the journal says is planted, as targets of today.  The address is what
 * was poisoned; the name is a hint that may have moved, gone, or become another
 * thing's.
 */
#ifndef POISONCTL_REGROUP_H
#define POISONCTL_REGROUP_H

#include "journal.h"
#include "report.h"
#include "target.h"

/* Planted ranges that are repaired in one go. */
struct group {
	struct target t;	/* name is the hint; extents sorted by SPA */
	/* the problem, if @t has no place that is known today; code is 0 if it has */
	struct report why;
};

/**
 * regroup() - find where planted ranges are now
 * @v, @n: from journal_left(); sorted by this, and must live as long
 * @g: receives an array; regroup_free() it
 * @ng: its length
 *
 * A file is what its ranges are repaired through as long as it has them: each by
 * its own name, and each namespace and System RAM by the names in the journal.
 */
void regroup(struct planted *v, size_t n, struct group **g, size_t *ng);

void regroup_free(struct group *g, size_t n);

#endif
