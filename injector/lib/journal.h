/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The journal: what this tool planted since boot and what it cleared, as JSON
 * lines in /run/poisonctl/journal.  It is written before the poison is, so
 * that an interrupted run leaves a trace.
 */
#ifndef POISONCTL_JOURNAL_H
#define POISONCTL_JOURNAL_H

#include "ranges.h"
#include "target.h"

#define JOURNAL		"/run/poisonctl/journal"

/* One thing that was planted and is not known to be cleared. */
struct planted {
	char mechanism[24];
	char target[512];	/* as given; an absolute path if it is a file */
	char ns[NAME_LEN];
	uint64_t off;		/* in the target */
	uint64_t spa;
	uint64_t len;
	uint64_t diskseq;	/* of the block device then, 0 without one */
	uint64_t time;		/* seconds since 1970 */
	bool by_path;		/* target is one; not in the file */
};

/**
 * journal_plant() - note what is about to be planted
 *
 * Return: EXIT_OK; EXIT_SETUP after a complaint, nothing must be planted then.
 */
int journal_plant(const char *mechanism, const struct target *t);

/**
 * journal_range() - the same for a part of a target
 * @spa: a range inside one of its extents
 *
 * Return: as journal_plant().
 */
int journal_range(const char *mechanism, const struct target *t,
		  const struct range *spa);

/**
 * journal_cancel() - take journal_plant() back, because nothing was planted
 *
 * Return: as journal_clear().
 */
int journal_cancel(const char *mechanism, const struct target *t);

/**
 * journal_clear() - note that SPA ranges hold no more poison
 *
 * Return: EXIT_OK, or EXIT_SETUP after a complaint.
 */
int journal_clear(const struct ranges *spa);

/**
 * journal_left() - what was planted since boot and not cleared
 *
 * Of a range that was cleared in part the rest.
 * @v: receives an array that the caller frees
 * @n: its length
 *
 * Return: EXIT_OK, also if there is no journal; EXIT_SETUP after a complaint.
 */
int journal_left(struct planted **v, size_t *n);

/**
 * journal_left_damaged() - the same, for who must say what could not be read
 * @damaged: receives the number of damaged lines; journal_left() notes it
 * @line: receives the number of the first of them
 */
int journal_left_damaged(struct planted **v, size_t *n, size_t *damaged,
			 size_t *line);

/* A range that this tool saw good again. */
struct cleared {
	uint64_t spa;
	uint64_t len;
	uint64_t kmsg;		/* newest log record at that time */
};

/**
 * journal_cleared() - what was cleared since boot
 * @v: receives an array that the caller frees
 * @n: its length; sorted by address, without overlaps
 *
 * Return: as journal_left().
 */
int journal_cleared(struct cleared **v, size_t *n);

#endif
