/* SPDX-License-Identifier: GPL-2.0 */
/* What poisonctl can say of this machine, each with its source. */
#ifndef POISONCTL_INFO_H
#define POISONCTL_INFO_H

#include <json-c/json.h>

/**
 * info_facts() - kernel, processor, privileges, settings
 *
 * Return: array of {name, value, source}; value is null if it could not be
 * seen, and source says why.
 */
json_object *info_facts(void);

/**
 * info_buses() - NVDIMM buses and what their firmware does
 *
 * Return: array of {bus, provider, dsm_mask, functions, error_injection,
 * clear_unit, source}.
 */
json_object *info_buses(void);

/**
 * info_namespaces() - is the media real?
 *
 * Return: array of {dev, bus, mode, emulated, reason}.
 */
json_object *info_namespaces(void);

/**
 * info_mechanisms() - which mechanisms are usable here, and why not
 *
 * Return: array of {mechanism, usable, reason, targets, errors, leaves, undo};
 * usable is null if this user cannot see it.
 */
json_object *info_mechanisms(void);

#endif
