/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verbs.  To add one: a file verb-NAME.c with a table of options and a
 * struct verb, its line here, its row in main.c, its section in the manual
 * (a test compares), its words in the completion, and its tests.
 */
#ifndef POISONCTL_VERBS_H
#define POISONCTL_VERBS_H

#include <stdlib.h>

#include "opts.h"
#include "util.h"

extern const struct verb verb_clear;
extern const struct verb verb_info;
extern const struct verb verb_inject;
extern const struct verb verb_list;
extern const struct verb verb_resolve;
extern const struct verb verb_scrub;
extern const struct verb verb_trial;
extern const struct verb verb_watch;

#endif
