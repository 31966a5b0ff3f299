/* SPDX-License-Identifier: GPL-2.0 */
/* Repair a range for real, and say what was found and what is left. */
#ifndef POISONCTL_CLEAR_H
#define POISONCTL_CLEAR_H

#include <json-c/json.h>

#include "target.h"

struct clearing {
	bool zero;
	bool punch;
	bool assume_hwpoison;
	bool real_ok;		/* --yes-real-media */
	bool shared_ok;		/* --shared; clear_all(): whoever planted meant it */
	bool dry;		/* only look */
	const struct ranges *only;	/* clear_all(): what lies there; NULL: all */
	struct deadline d;
};

/**
 * clear_target() - repair a target
 * @t: rounded out
 * @doc: receives the result; stays as it is if there is nothing to report
 *
 * Return: EXIT_OK if nothing is left; EXIT_PARTLY; another code after a complaint.
 */
int clear_target(struct target *t, const struct clearing *c,
		 json_object **doc);

/**
 * clear_named() - the same by its name, and what a process maps of a file as the
 * file's
 */
int clear_named(const char *name, const struct place *place,
		const struct clearing *c, json_object **doc);

/**
 * clear_all() - undo all that was planted since boot, wherever it is now
 * @list: receives the results, also of what failed; NULL if the journal cannot be read
 *
 * Return: EXIT_OK if nothing is left; EXIT_PARTLY; the code of all if all failed.
 */
int clear_all(const struct clearing *c, json_object **list);

#endif
