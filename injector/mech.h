/* SPDX-License-Identifier: GPL-2.0 */
/* Ways to plant poison, one back end a file behind one table of operations. */
#ifndef POISONCTL_MECH_H
#define POISONCTL_MECH_H

#include <stdbool.h>
#include <stdint.h>

#include "target.h"
#include "util.h"

enum mechanism {
	MECH_DSM,		/* firmware is told, the kernel is notified */
	MECH_DSM_LATENT,	/* firmware is told, nobody else */
	MECH_MADVISE,		/* memory_failure() on a mapped page */
	MECH_COUNT,
};

struct mech {
	const char *name;
	unsigned int kinds;	/* bit mask of enum target_kind */
	bool ram;		/* works on System RAM too, t->ns is NULL then */
	bool firmware;		/* leaves a record in the firmware */
	bool badblock;		/* the kernel lists it at once */
	/* EXIT_OK, or an exit code after a complaint that says why not */
	int (*usable)(const struct target *t);
	/* Unit of the planting in bytes, and its name in messages. */
	int (*unit)(const struct target *t, uint64_t *unit, const char **why);
	/* Plant it.  EXIT_OK, or an exit code after a complaint. */
	int (*plant)(const struct target *t, struct deadline d);
	/* Is it there?  EXIT_OK, EXIT_UNSEEN or EXIT_SETUP, complaining. */
	int (*verify)(const struct target *t, struct deadline d);
};

extern const struct mech mech_dsm;
extern const struct mech mech_dsm_latent;
extern const struct mech mech_madvise;

/**
 * mech_get() - the back end of a mechanism
 */
const struct mech *mech_get(enum mechanism m);

/**
 * mech_check_media() - the safety rule about real media
 * @real_ok: the user said --yes-real-media
 *
 * Return: EXIT_OK, or EXIT_REFUSED after a complaint.
 */
int mech_check_media(const struct target *t, bool real_ok);

/**
 * mech_prepare() - check that a mechanism fits, and round the target to it
 * @m: the mechanism
 * @t: resolved target; rounded out to the unit, which is said on stderr
 * @real_ok: the user said --yes-real-media
 * @d: for a scrub that runs
 *
 * Return: EXIT_OK, or an exit code after a complaint; nothing is planted.
 */
int mech_prepare(const struct mech *m, struct target *t, bool real_ok,
		 struct deadline d);

/**
 * mech_plant() - write the journal, plant, verify
 *
 * The target is resolved again before, and nothing is planted if it moved.
 *
 * Return: EXIT_OK, or an exit code after a complaint.  EXIT_UNSEEN means that
 * it was planted and does not show.
 */
int mech_plant(const struct mech *m, const struct target *t,
	       struct deadline d);

#endif
