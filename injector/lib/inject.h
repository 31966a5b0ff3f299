/* SPDX-License-Identifier: GPL-2.0 */
/* Plant poison, see that it is there, and say what it is in every view. */
#ifndef POISONCTL_INJECT_H
#define POISONCTL_INJECT_H

#include <json-c/json.h>

#include "mech.h"

struct injection {
	const char *name;	/* of the target */
	struct place place;
	const struct mech *mech;
	struct mech_opts o;
	struct deadline d;
	struct ranges *where;	/* receives the SPA ranges that may be in; or NULL */
};

/**
 * inject() - plant poison; with o.dry only see that it could be
 * @doc: receives the result, if there is one: also of what is there in part, or does
 *	not show
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int inject(struct injection *in, json_object **doc);

#endif
