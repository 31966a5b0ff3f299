/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One trial: children map the target, poison is planted, the access is made,
 * and what happened is compared with the truth table.
 */
#ifndef POISONCTL_TRIAL_H
#define POISONCTL_TRIAL_H

#include <json-c/json.h>

#include "child.h"
#include "expect.h"
#include "mech.h"

#define TRIAL_PROCESSES_MAX	64
#define TRIAL_THREADS_MAX	64

/* A process that maps the page and makes no access. */
struct bystander {
	struct child child;
	struct child_plan plan;
	uint64_t base;			/* address of its mapping */
	struct signal_seen seen;
	bool died;
};

struct trial {
	/* given */
	struct target t;		/* rounded out to the mechanism's unit */
	const struct mech *mech;
	const char *other_name;		/* what the bystanders map, or NULL */
	bool sync;
	bool fatal_ok;			/* --yes-fatal */
	uint64_t access_off;		/* in target_devnode(), bytes */
	struct situation s;
	/* derived */
	struct target other;		/* of other_name */
	uint64_t other_off;
	struct outcome expected;
	const char *source;
	/* found */
	struct outcome actual;
	struct child_report consumer;
	struct bystander *others;	/* s.others of them */
	uint64_t corrupted[2];		/* HardwareCorrupted in kB, before and after */
	char why[128];			/* how they differ; empty: pass */
	json_object *kernel_log;
};

/**
 * trial_family() - whose expectations a trial has
 * @given: enum family; FAMILY_AUTO: POISONCTL_FAMILY of the environment, else the
 *	running kernel's
 *
 * Return: EXIT_OK; EXIT_USAGE after a complaint if the environment names no family.
 */
int trial_family(int given, enum family *f);

/**
 * trial_prepare() - resolve the target, check it, and look the trial up in the
 *	truth table
 * @tr: mech, other_name, sync and the user's part of s are set
 * @name, @place: of the target
 * @o: what the user said about the planting
 * @big_page: ask for a 2 MiB mapping of a file
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int trial_prepare(struct trial *tr, const char *name, const struct place *place,
		  const struct mech_opts *o, bool big_page, struct deadline d);

/**
 * trial_run() - plant, access, compare
 * @d: for each wait
 *
 * Return: EXIT_OK if the outcome is as expected, EXIT_WRONG if not (@why says
 * how); other codes, after a complaint, mean that there was no outcome.
 */
int trial_run(struct trial *tr, struct deadline d);

/**
 * trial_json() - all that is known of a trial
 * @rc: of trial_run(): EXIT_OK or EXIT_WRONG
 * @kmsg: with the kernel's lines
 */
json_object *trial_json(struct trial *tr, int rc, bool kmsg);

/**
 * trial_planned_json() - the same before it is run: what is expected
 */
json_object *trial_planned_json(const struct trial *tr);

/**
 * trial_free() - release what the trial holds, the target included
 */
void trial_free(struct trial *tr);

#endif
