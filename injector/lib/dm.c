// SPDX-License-Identifier: GPL-2.0
/* Device mapper: what lies below a device of linear targets. */
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
#include "platform.h"
#include "util.h"

#define CONTROL	"/dev/" DM_DIR "/" DM_CONTROL_NODE

/* The table as it is loaded, one struct dm_target_spec and its words a target. */
struct table {
	struct dm_ioctl head;
	char rest[8192];
};

int dm_table(dev_t dev, void *table, size_t size)
{
	struct dm_ioctl *head = table;
	int fd = open(CONTROL, O_RDWR | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	memset(table, 0, size);
	head->version[0] = DM_VERSION_MAJOR;
	head->data_size = (uint32_t)size;
	head->data_start = sizeof(*head);
	head->dev = (uint64_t)major(dev) << 8 | (minor(dev) & 0xff) |
		    (uint64_t)(minor(dev) & ~0xffU) << 12;
	head->flags = DM_STATUS_TABLE_FLAG;
	if (ioctl(fd, DM_TABLE_STATUS, table) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* The spec's next counts from the start of the first one (dm-ioctl.h). */
static int read_target(const struct table *t, size_t at, struct dm_run *r,
		       size_t *next)
{
	size_t first = t->head.data_start;
	struct dm_target_spec spec;
	unsigned int maj, min;
	char words[64] = "";
	uint64_t sector;

	if (at < first || at > sizeof(*t) - sizeof(spec))
		return -EOPNOTSUPP;
	memcpy(&spec, (const char *)t + at, sizeof(spec));
	snprintf(words, sizeof(words), "%.*s",
		 (int)(sizeof(*t) - sizeof(spec) - at),
		 (const char *)t + at + sizeof(spec));
	spec.target_type[sizeof(spec.target_type) - 1] = '\0';
	if (strcmp(spec.target_type, "linear") ||
	    sscanf(words, "%u:%u %" SCNu64, &maj, &min, &sector) != 3 ||
	    spec.length > UINT64_MAX / SECTOR || sector > UINT64_MAX / SECTOR)
		return -EOPNOTSUPP;
	*r = (struct dm_run){
		.run = { spec.sector_start * SECTOR, spec.length * SECTOR,
			 sector * SECTOR },
		.under = makedev(maj, min),
	};
	*next = first + spec.next;
	return 0;
}

int dm_linear(dev_t dev, struct dm_run *v, size_t *n)
{
	size_t at, count;
	struct table t;
	char text[16];
	int rc;

	/* only a device of the device mapper has this */
	rc = read_text(text, sizeof(text), "/sys/dev/block/%u:%u/dm/suspended",
		       major(dev), minor(dev));
	if (rc < 0)
		return is_absent(rc) ? -ENOTBLK : rc;
	rc = machine->dm_table(dev, &t, sizeof(t));
	if (rc)
		return rc;
	count = t.head.target_count;
	if (t.head.flags & DM_BUFFER_FULL_FLAG || !count ||
	    count > DEVICE_RUNS_MAX)
		return -EOPNOTSUPP;
	at = t.head.data_start;
	for (*n = 0; *n < count && !rc; ++*n)
		rc = read_target(&t, at, &v[*n], &at);
	return rc;
}
