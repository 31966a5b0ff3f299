/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ways to plant poison, one back end a file behind one table of operations.
 *
 * To add one: a file mech-NAME.c that ends with MECHANISM(), mech-NAME.adoc beside it,
 * which is its paragraph of the manual, and its tests.  The build finds both.
 */
#ifndef POISONCTL_MECH_H
#define POISONCTL_MECH_H

#include <stdbool.h>
#include <stdint.h>

#include "expect.h"
#include "ranges.h"
#include "scrub.h"
#include "target.h"
#include "util.h"

#define MECHS_MAX	32	/* mechanisms; kinds of error; flags of all of them */

/* A kind of error, for the mechanisms that know several. */
struct mech_error {
	const char *name;
	bool fatal;		/* takes the machine down */
};

/* An option of the mechanism's own: given or not. */
struct mech_flag {
	const char *name;	/* without its dashes */
	const char *help;
};

/* What the user said about the planting. */
struct mech_opts {
	bool real_ok;		/* --yes-real-media */
	bool fatal_ok;		/* --yes-fatal */
	bool shared_ok;		/* --shared, or the other file is named */
	bool dry;		/* --dry-run: nothing will be planted */
	const char *error;	/* --error; NULL: the mechanism's own choice */
	size_t kind;		/* index of it in mech->errors, once that is prepared */
	/* flags of mechanisms that were given, ended by NULL */
	const char *given[MECHS_MAX + 1];
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

struct mech {
	const char *name;
	unsigned int rank;	/* place in lists; the lowest is the default */
	unsigned int kinds;	/* bit mask of enum target_kind */
	bool ram;		/* works on System RAM too, t->ns is NULL then */
	const struct mech_error *errors;	/* ended by one without a name; or NULL */
	size_t error;		/* index of the default one */
	const struct mech_flag *flags;	/* ended by one without a name; or NULL */
	bool tried;		/* the truth table of trials knows what it leaves: */
	enum poison_state poison;
	bool by_mapper;		/* it is a call of a process that maps the page */
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

/* At the end of a mechanism's file. */
#define MECHANISM(m) \
	static void __attribute__((constructor)) m##_register(void) \
	{ \
		mech_register(&(m)); \
	}

/**
 * mech_register() - there is this mechanism, too
 *
 * Context: before main().
 */
void mech_register(const struct mech *m);

/**
 * mech_at() - the mechanisms in the order of their ranks
 *
 * Return: the back end, NULL behind the last one.
 */
const struct mech *mech_at(size_t i);

/**
 * mech_find() - the back end of a name, as the journal has it
 *
 * Return: the back end, NULL if there is none of that name.
 */
const struct mech *mech_find(const char *name);

/* Names of all mechanisms, and of all kinds of error behind "default"; ended by NULL. */
extern const char *mechanism_names[MECHS_MAX + 1];
extern const char *error_names[MECHS_MAX + 2];

/* Which of them know kinds of error, as --help says it. */
extern char error_help[160];

/**
 * mech_flag_at() - the flags of all mechanisms
 *
 * Return: one of them, NULL behind the last one.
 */
const struct mech_flag *mech_flag_at(size_t i);

/**
 * mech_given() - was a flag of the mechanism's own given?
 */
bool mech_given(const struct planting *p, const char *flag);

/**
 * mech_check_media() - the safety rule about real media
 * @real_ok: the user said --yes-real-media
 *
 * Return: EXIT_OK, or EXIT_REFUSED after a complaint.
 */
int mech_check_media(const struct target *t, bool real_ok);

/**
 * mech_fits() - may a mechanism be used on a target, and in which unit?
 * @o: as mech_prepare_with()
 * @unit: receives the bytes that it plants at least, a power of two
 * @why: receives the unit's name, or NULL
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int mech_fits(const struct mech *m, const struct target *t, struct mech_opts *o,
	      uint64_t *unit, const char **why);

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

/* A unit of a planting: @skip bytes into @e, at @spa. */
struct mech_unit {
	const struct extent *e;
	uint64_t skip;
	uint64_t spa;
};

/* Plants one.  EXIT_OK, or an exit code after a complaint. */
typedef int (*mech_step_fn)(struct planting *p, const struct mech_unit *u, void *arg);

/**
 * mech_each_unit() - plant a target unit by unit
 * @size: of a unit, in bytes; the target is rounded to it
 * @step: is called for one after the other
 *
 * Return: EXIT_OK; EXIT_TIMEOUT after a complaint if a signal came, which is looked
 * for before each; what a step returned, and no other follows it.
 */
int mech_each_unit(struct planting *p, uint64_t size, mech_step_fn step, void *arg);

/**
 * mech_some() - is anything in?
 */
bool mech_some(const struct planting *p);

/**
 * here_yes(), here_no(), here_hidden() - an answer of here()
 * @fmt: the source of a yes, what is missing for a no, what cannot be seen and why
 */
void here_yes(struct here *h, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void here_no(struct here *h, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void here_hidden(struct here *h, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * here_file() - a mechanism that is a file to write to
 * @path: the file
 * @missing: what its absence means
 */
void here_file(struct here *h, const char *path, const char *missing);

#endif
