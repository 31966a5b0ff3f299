/* SPDX-License-Identifier: GPL-2.0 */
/* Device mapper: what lies below a device of linear targets. */
#ifndef POISONCTL_DM_H
#define POISONCTL_DM_H

#include <stddef.h>
#include <sys/types.h>

#include "device-runs.h"

/* One linear target. */
struct dm_run {
	struct device_run run;
	dev_t under;		/* whose byte run.at is */
};

/**
 * dm_linear() - the table of a device of the device mapper
 * @dev: number of a block device
 * @v: receives at most DEVICE_RUNS_MAX runs, sorted by their start
 * @n: their number
 *
 * Return: 0; -ENOTBLK if it is not the device mapper's; -EOPNOTSUPP if it has a
 * target that is not linear, or more than that; -errno of asking.
 */
int dm_linear(dev_t dev, struct dm_run *v, size_t *n);

/**
 * dm_table() - DM_TABLE_STATUS of a device, as Linux answers; see struct machine_ops
 * @table: struct dm_ioctl and room for the targets behind it
 * @size: bytes
 *
 * Return: 0 or -errno.
 */
int dm_table(dev_t dev, void *table, size_t size);

#endif
