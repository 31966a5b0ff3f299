/* SPDX-License-Identifier: GPL-2.0 */
/* Device mapper: what lies below a device of one linear target. */
#ifndef POISONCTL_DM_H
#define POISONCTL_DM_H

#include <stdint.h>
#include <sys/types.h>

/**
 * dm_linear() - follow a device of the device mapper
 * @dev: number of a block device
 * @under: receives the device below it
 * @start: receives the byte of that at which it starts
 *
 * Return: 0; -ENOTBLK if it is not the device mapper's; -EOPNOTSUPP if it is more
 * than one linear target; -errno of asking.
 */
int dm_linear(dev_t dev, dev_t *under, uint64_t *start);

#endif
