/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Repair: make a range good again, in the firmware, in the kernel's list and
 * in the page flags.
 *
 * The pmem driver clears the firmware's record and PG_hwpoison of a page only
 * when it is in badblocks and the whole page is written.  So whatever is
 * poisoned but not listed is planted again with notification first, and then
 * whole pages are written.  Never less than a page: after a machine check the
 * kernel's own mapping of the page is gone, and a write of one sector would
 * clear the sector and then store through the missing mapping.
 */
#ifndef POISONCTL_REPAIR_H
#define POISONCTL_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "target.h"
#include "util.h"
#include "who.h"

/* All sets are SPA ranges. */
struct poison_found {
	struct ranges bad;	/* badblocks */
	struct ranges fw;	/* records of the firmware */
	struct ranges hwp;	/* PG_hwpoison */
	uint64_t shown;		/* SPA where the list of badblocks is cut */
	bool hwp_certain;	/* seen in page flags, not just remembered */
};

struct repair {
	struct target *t;	/* rounded out by repair_find() */
	bool zero;		/* poisoned pages become zero, else what can
				 * still be read is kept
				 */
	bool assume_hwpoison;	/* take every page for PG_hwpoison */
	bool punch;		/* give the blocks up instead of writing them */
	struct who_list sharers;	/* sharers.c: who has the pages; empty: no other file */
	struct poison_found found;
	struct poison_found left;
	struct ranges pages;	/* to be written; or, device-dax, cleared */
	uint64_t lost;		/* bytes that could not be kept */
	uint64_t punched;	/* bytes that the file gave up */
	struct poison_found work;	/* as found, looked at again before the work */
	struct ranges planted;	/* for the repair, not written yet at first */
	int fd;			/* rewrite.c: the target; written to if no file */
	int bdev;		/* rewrite.c: read from; a file is written here */
	bool alone;		/* rewrite.c: nobody else has it open */
};

/**
 * repair_find() - round the target out and look for poison in it
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int repair_find(struct repair *r);

/**
 * repair_do() - repair what repair_find() found
 * @d: for each wait
 *
 * Return: EXIT_OK if nothing is left; EXIT_PARTLY; another code, after a
 * complaint, if a step failed.  @r->left is filled in either case.
 */
int repair_do(struct repair *r, struct deadline d);

/**
 * repair_free() - release the sets; the target stays
 */
void repair_free(struct repair *r);

#endif
