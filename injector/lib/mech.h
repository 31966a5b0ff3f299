/* SPDX-License-Identifier: GPL-2.0 */
/* Ways to plant poison, one back end a file behind one table of operations. */
#ifndef POISONCTL_MECH_H
#define POISONCTL_MECH_H

#include <stdbool.h>
#include <stdint.h>

#include "ranges.h"
#include "scrub.h"
#include "target.h"
#include "util.h"

enum mechanism {
	MECH_DSM,		/* firmware is told, the kernel is notified */
	MECH_DSM_LATENT,	/* firmware is told, nobody else */
	MECH_MADVISE,		/* memory_failure() on a mapped page */
	MECH_MADVISE_SOFT,	/* soft_offline_page() on a mapped page */
	MECH_HARD_OFFLINE,	/* memory_failure() on a physical address */
	MECH_SOFT_OFFLINE,	/* soft_offline_page() on one */
	MECH_CORRUPT_PFN,	/* memory_failure() on a page frame */
	MECH_BADBLOCKS,		/* the kernel's list, nothing else */
	MECH_MCE,		/* a machine check made by software */
	MECH_EINJ,		/* the platform's firmware plants it */
	MECH_CXL,		/* a CXL memory device plants it */
	MECH_COUNT,
};

/* Kinds of error, for the mechanisms that know several. */
enum mech_error {
	ERROR_DEFAULT,
	ERROR_CORRECTED,	/* einj */
	ERROR_UNCORRECTED,
	ERROR_FATAL,
	ERROR_UCNA,		/* mce-inject: SDM vol. 3, 16.6.3 */
	ERROR_SRAO,
	ERROR_SRAR,
	ERROR_LOGGED,
	ERROR_COUNT,
};

extern const char * const mechanism_names[];	/* ended by NULL */
extern const char * const error_names[];	/* ended by NULL */

/* What the user said about the planting. */
struct mech_opts {
	bool real_ok;		/* --yes-real-media */
	bool fatal_ok;		/* --yes-fatal */
	bool shared_ok;		/* --shared, or the other file is named */
	bool dry;		/* --dry-run: nothing will be planted */
	bool no_trigger;	/* --no-trigger */
	enum mech_error error;
};

/* One planting, from the first check to the report. */
struct planting {
	const struct target *t;
	struct mech_opts o;
	struct deadline d;
	bool mapped;		/* the caller sees to it that somebody maps it */
	struct ranges in;	/* what is in: a failure cancels nothing then */
	struct scrub_state before;	/* if @told: the bus before the planting */
	bool told;		/* the firmware tells the kernel, which scrubs */
	const char *seen_by;	/* what showed that it is there, or NULL */
};

enum avail {
	AVAIL_NO,
	AVAIL_YES,
	AVAIL_HIDDEN,		/* this user cannot see it */
};

/* Is a mechanism here?  And what says so, or what is missing. */
struct here {
	enum avail is;
	char why[200];
};

#define ERROR_BIT(e)	(1U << (e))

struct mech {
	const char *name;
	unsigned int kinds;	/* bit mask of enum target_kind */
	bool ram;		/* works on System RAM too, t->ns is NULL then */
	unsigned int errors;	/* ERROR_BIT() of what it takes, or 0 */
	enum mech_error error;	/* the one that ERROR_DEFAULT means */
	bool firmware;		/* leaves a record in the firmware */
	bool badblock;		/* the kernel lists it at once */
	bool machine;		/* acts on the machine, not on the media alone */
	bool admin;		/* the kernel asks for CAP_SYS_ADMIN */
	bool may_panic;		/* calls memory_failure() */
	bool once;		/* uses what a machine has once (once.h) */
	bool good_only;		/* works on a page that is good, and on no other */
	const char *acts_on;	/* kinds of target, in words */
	const char *leaves;	/* what is there afterwards */
	const char *undo;	/* how it is taken back */
	/* Whatever the target; never complains. */
	void (*here)(struct here *h);
	/*
	 * This target?  EXIT_OK, or an exit code after a complaint.  NULL if
	 * here() says it all.
	 */
	int (*usable)(const struct planting *p);
	/* Unit of the planting in bytes, and its name in messages. */
	int (*unit)(const struct target *t, uint64_t *unit, const char **why);
	/* Plant it.  EXIT_OK, or an exit code after a complaint. */
	int (*plant)(struct planting *p);
	/*
	 * Is it there?  EXIT_OK, EXIT_UNSEEN or EXIT_SETUP, complaining.  NULL
	 * if plant() looks after each step.
	 */
	int (*verify)(struct planting *p);
};

extern const struct mech mech_badblocks;
extern const struct mech mech_corrupt_pfn;
extern const struct mech mech_cxl;
extern const struct mech mech_dsm;
extern const struct mech mech_dsm_latent;
extern const struct mech mech_einj;
extern const struct mech mech_hard_offline;
extern const struct mech mech_madvise;
extern const struct mech mech_madvise_soft;
extern const struct mech mech_mce;
extern const struct mech mech_soft_offline;

/**
 * mech_get() - the back end of a mechanism
 */
const struct mech *mech_get(enum mechanism m);

/**
 * mech_find() - the back end of a name, as the journal has it
 *
 * Return: the back end, NULL if there is none of that name.
 */
const struct mech *mech_find(const char *name);

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
 * @o: what the user said; no kind of error
 * @d: for a scrub that runs, and for the lock
 *
 * A mechanism that uses what the machine has once holds the lock from here on
 * (once.h), unless it is a dry run.
 *
 * Return: EXIT_OK, or an exit code after a complaint; nothing is planted.
 */
int mech_prepare(const struct mech *m, struct target *t,
		 const struct mech_opts *o, struct deadline d);

/**
 * mech_prepare_with() - the same, with all that the user said
 * @o: default values are replaced by the mechanism's own
 */
int mech_prepare_with(const struct mech *m, struct target *t,
		      struct mech_opts *o, struct deadline d);

/**
 * mech_plant() - write the journal, plant, verify; for who has it mapped
 *
 * No further process maps the page for the planting: memory_failure() unmaps a page
 * from all if one of those that map it is to be signalled, so one more would change
 * what happens to the others (mm/memory-failure.c, task_early_kill()).  The target
 * is resolved again before, and nothing is planted if it moved.
 *
 * Return: EXIT_OK, or an exit code after a complaint.  EXIT_UNSEEN means that
 * it was planted and does not show.
 */
int mech_plant(const struct mech *m, const struct target *t,
	       struct deadline d);

/**
 * mech_plant_with() - the same, of a planting with options
 * @p: t, o and d are set; seen_by is filled
 */
int mech_plant_with(const struct mech *m, struct planting *p);

/**
 * mech_planted_free() - release what mech_plant_with() noted in @p
 */
void mech_planted_free(struct planting *p);

/**
 * mech_maps() - does a child of this tool map the pages that a mechanism works on?
 *
 * True for files and device-dax, not for what is System RAM.
 */
bool mech_maps(const struct target *t);

/**
 * mech_check_pages() - are there page frames behind a target?
 *
 * A raw namespace has none, but where its region asks for them (ND_REGION_PAGEMAP,
 * which NFIT and CXL do not).
 *
 * Return: EXIT_OK, or EXIT_UNSUPPORTED after a complaint.
 */
int mech_check_pages(const struct target *t);

/**
 * mech_done() - note that a part of a planting is in
 * @spa, @len: bytes
 */
void mech_done(struct planting *p, uint64_t spa, uint64_t len);

/**
 * mech_some() - is anything in?
 */
bool mech_some(const struct planting *p);

/**
 * here_yes(), here_no(), here_hidden() - an answer of here()
 * @fmt: the source of a yes, what is missing for a no
 */
void here_yes(struct here *h, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void here_no(struct here *h, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * here_file() - a mechanism that is a file to write to
 * @path: the file
 * @missing: what its absence means
 */
void here_file(struct here *h, const char *path, const char *missing);

#endif
