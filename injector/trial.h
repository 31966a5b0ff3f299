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

struct trial {
	/* given */
	struct target t;		/* rounded out to the mechanism's unit */
	const struct mech *mech;
	bool sync;
	uint64_t access_off;		/* in target_devnode(), bytes */
	struct situation s;
	/* derived */
	struct outcome expected;
	const char *source;
	/* found */
	struct outcome actual;
	struct child_report consumer;
	struct child_report bystander;
	char why[128];			/* how they differ; empty: pass */
	json_object *kernel_log;
};

/**
 * trial_plan() - look the trial up in the truth table
 * @tr: t, mech, sync, access_off and the user's part of s are set
 * @big_page: ask for a 2 MiB mapping of a file
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int trial_plan(struct trial *tr, bool big_page);

/**
 * trial_run() - plant, access, compare
 * @d: for each wait
 *
 * Return: EXIT_OK if the outcome is as expected, EXIT_WRONG if not (@why says
 * how); other codes, after a complaint, mean that there was no outcome.
 */
int trial_run(struct trial *tr, struct deadline d);

#endif
