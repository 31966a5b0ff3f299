/* SPDX-License-Identifier: GPL-2.0 */
/* What poisonctl can say of this machine, each with its source. */
#ifndef POISONCTL_INFO_H
#define POISONCTL_INFO_H

#include <json-c/json.h>

/*
 * Each adds its rows to an array.  A list that cannot be read is a row with the reason,
 * where the others have it, and an error.
 *
 * Return: EXIT_OK; EXIT_SETUP after a complaint, if it cannot be read.
 */

/**
 * info_facts() - kernel, processor, privileges, settings
 * @list: receives {name, value, source}; value is null if it could not be seen, and
 *	source says why
 */
int info_facts(json_object *list);

/**
 * info_buses() - NVDIMM buses and what their firmware does
 * @list: receives {bus, provider, dsm_mask, functions, error_injection, clear_unit,
 *	source}
 */
int info_buses(json_object *list);

/**
 * info_namespaces() - is the media real?
 * @list: receives {dev, bus, mode, emulated, reason}
 */
int info_namespaces(json_object *list);

/**
 * info_mechanisms() - which mechanisms are usable here, and why not
 * @list: receives {mechanism, usable, reason, targets, errors, leaves, undo}; usable is
 *	null if this user cannot see it
 */
int info_mechanisms(json_object *list);

#endif
