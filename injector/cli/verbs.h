/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verbs.  To add one: a file verb-NAME.c with a table of options and a struct
 * verb, VERB() at its end; verb-NAME.adoc beside it, with what the manual says of it
 * (tests compare) and its lines in the synopsis; and its tests.  The build and the
 * completion find it.
 */
#ifndef POISONCTL_VERBS_H
#define POISONCTL_VERBS_H

#include <stdlib.h>

#include "opts.h"
#include "util.h"

/* At the end of a verb's file. */
#define VERB(v) \
	static void __attribute__((constructor)) v##_register(void) \
	{ \
		verb_register(&(v)); \
	}

/**
 * verb_register() - there is this verb, too
 *
 * Context: before main().
 */
void verb_register(const struct verb *verb);

/**
 * verb_at() - the verbs in the order of their names
 *
 * Return: the verb, NULL behind the last one.
 */
const struct verb *verb_at(size_t i);

/**
 * verb_find() - the verb of a name
 *
 * Return: the verb, NULL if there is none of that name.
 */
const struct verb *verb_find(const char *name);

#endif
