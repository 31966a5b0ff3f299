/* SPDX-License-Identifier: GPL-2.0 */
/* The grammar of targets: what a name and a place on the command line say. */
#ifndef POISONCTL_TARGET_NAME_H
#define POISONCTL_TARGET_NAME_H

#include "target.h"

/**
 * target_read_name() - what a name and a place stand for, before any look-up
 * @place: where
 * @whole: as for target_resolve()
 * @t: name is set; receives kind, key, size, part_start, pid, ns where the name
 *	tells it, off and len
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int target_read_name(const struct place *place, bool whole, struct target *t);

/**
 * target_read_path() - what a path stands for: a device or a file
 * @t: name is set; receives kind, ns, size, part_start, runs
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int target_read_path(struct target *t);

/**
 * target_is_space() - is it an address space instead of a thing with an end?
 *
 * Return: true for processes, the SPA space and DIMMs.
 */
bool target_is_space(const struct target *t);

/**
 * target_spa_of_dpa() - where a DPA of a DIMM is in the system
 * @t: kind TARGET_DIMM; key and off are read
 * @spa: system physical address, bytes
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int target_spa_of_dpa(const struct target *t, uint64_t *spa);

#endif
