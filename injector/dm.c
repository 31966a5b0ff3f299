// SPDX-License-Identifier: GPL-2.0
/* Device mapper: what lies below a device of one linear target. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dm.h"
#include "util.h"

#define CONTROL	"/dev/" DM_DIR "/" DM_CONTROL_NODE

/* The table as it is loaded, one struct dm_target_spec and its words a target. */
struct table {
	struct dm_ioctl head;
	char rest[4096];
};

static int ask_table(dev_t dev, struct table *t)
{
	int fd = open(CONTROL, O_RDWR | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	memset(t, 0, sizeof(*t));
	t->head.version[0] = DM_VERSION_MAJOR;
	t->head.data_size = sizeof(*t);
	t->head.data_start = sizeof(t->head);
	t->head.dev = (uint64_t)major(dev) << 8 | (minor(dev) & 0xff) |
		      (uint64_t)(minor(dev) & ~0xffU) << 12;
	t->head.flags = DM_STATUS_TABLE_FLAG;
	if (ioctl(fd, DM_TABLE_STATUS, t) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int dm_linear(dev_t dev, dev_t *under, uint64_t *start)
{
	struct dm_target_spec *spec;
	unsigned int maj, min;
	uint64_t sector;
	struct table t;
	char text[16];
	int rc;

	/* only a device of the device mapper has this */
	if (read_text(text, sizeof(text), "/sys/dev/block/%u:%u/dm/suspended",
		      major(dev), minor(dev)) < 0)
		return -ENOTBLK;
	rc = ask_table(dev, &t);
	if (rc)
		return rc;
	if (t.head.flags & DM_BUFFER_FULL_FLAG || t.head.target_count != 1 ||
	    t.head.data_start > sizeof(t) - sizeof(*spec) - 64)
		return -EOPNOTSUPP;
	spec = (struct dm_target_spec *)((char *)&t + t.head.data_start);
	if (strcmp(spec->target_type, "linear") || spec->sector_start ||
	    sscanf((char *)(spec + 1), "%u:%u %" SCNu64, &maj, &min,
		   &sector) != 3)
		return -EOPNOTSUPP;
	*under = makedev(maj, min);
	*start = sector * SECTOR;
	return 0;
}
