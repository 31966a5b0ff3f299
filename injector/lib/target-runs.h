/* SPDX-License-Identifier: GPL-2.0 */
/* Targets that are an address: where their bytes are for the host. */
#ifndef POISONCTL_TARGET_RUNS_H
#define POISONCTL_TARGET_RUNS_H

#include "target.h"

/* Bytes that follow each other in the target and in the SPA space. */
struct target_run {
	uint64_t off;
	uint64_t spa;
	uint64_t len;
};

/**
 * target_runs() - the place of a target of kind SPA, DIMM, MEMDEV or REGION
 * @t: kind, key, off and len are set
 * @v: receives an array in the order of off, which the caller frees
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int target_runs(const struct target *t, struct target_run **v, size_t *n);

#endif
