/* SPDX-License-Identifier: GPL-2.0 */
/* What verbs that plant poison are told about a planting. */
#ifndef POISONCTL_PLANT_H
#define POISONCTL_PLANT_H

#include "inject.h"
#include "opts.h"

struct plant_request {
	struct request r;
	int mechanism;		/* index of the choice */
	int error;		/* the same */
	bool yes_fatal;
	bool shared;
	bool mech_flag[MECHS_MAX];	/* mech_flag_at() */
};

#define OPTS_PLANT \
	OPTS_PLACE, \
	OPT_MECHANISM(struct plant_request), \
	{ "error", 'e', OPT_CHOICE, offsetof(struct plant_request, error), 0, \
	  "KIND", error_help, error_names }, \
	OPTS_MECHANISMS(struct plant_request), \
	{ "yes-fatal", 0, OPT_FLAG, offsetof(struct plant_request, yes_fatal), 0, \
	  NULL, "the machine may go down, and that is meant", NULL }

/**
 * plant_injection() - the planting that a request asks for
 *
 * Return: it, with the deadline from now on.
 */
struct injection plant_injection(const struct plant_request *req);

#endif
