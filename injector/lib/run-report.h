/* SPDX-License-Identifier: GPL-2.0 */
/* What happened in a run, as JSON. */
#ifndef POISONCTL_RUN_REPORT_H
#define POISONCTL_RUN_REPORT_H

#include <json-c/json.h>
#include <stddef.h>

#include "run.h"

/**
 * run_events() - how many events of a name there were
 */
size_t run_events(const struct run *r, const char *name);

/**
 * run_json() - all that is known of a run
 */
json_object *run_json(const struct run *r);

#endif
