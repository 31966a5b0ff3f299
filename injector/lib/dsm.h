/* SPDX-License-Identifier: GPL-2.0 */
/* Functions of the NVDIMM root device's _DSM: the call, and what its status means. */
#ifndef POISONCTL_DSM_H
#define POISONCTL_DSM_H

#include <stddef.h>

/**
 * dsm_has() - does a bus offer functions?
 * @bus: ndbusN
 * @functions: a bit for each of them
 *
 * Source: the kernel's nfit/dsm_mask, which holds what function 0 reported.
 *
 * Return: 1 if it has all of them, 0 if not, -errno if that cannot be read.
 */
int dsm_has(const char *bus, unsigned long functions);

/**
 * dsm_call() - call a function whose answer begins with a status
 * @bus: ndbusN
 * @func: number of the function
 * @in, @in_size: its input, bytes
 * @out, @out_size: receives its answer, from the status word on
 * @want: bytes of the answer that must be there if the status is success
 * @got: receives how many the firmware wanted to return; may exceed @out_size
 *
 * The low half of the status: 0 success, 1 not supported, 2 invalid input
 * parameters, 6 a scrub runs (function 2).  The high half is extended status.
 *
 * Return: 0; -EOPNOTSUPP, -EINVAL or -EBUSY as the firmware says; -EIO for any other
 * status; -ENODATA if it returned none; -EPROTO if it returned less than @want;
 * -errno of the call.
 */
int dsm_call(const char *bus, unsigned int func, const void *in, size_t in_size,
	     void *out, size_t out_size, size_t want, size_t *got);

#endif
