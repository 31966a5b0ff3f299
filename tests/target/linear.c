// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a device of the device mapper whose targets are all linear, as dmsetup(8)
 * would, which the guest's image has not.
 *
 *	linear NAME (LENGTH DEVICE START)...	prints its number N: it is /dev/dm-N
 *	linear NAME				removes it
 *
 * LENGTH and START in sectors of 512 bytes; DEVICE is "MAJOR:MINOR".  The ioctls are
 * those of include/uapi/linux/dm-ioctl.h.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define ROW	128	/* bytes of a target and its words */

static struct {
	struct dm_ioctl head;
	char rest[16 * ROW];
} dm;

static const char *name;

static void head(size_t targets)
{
	memset(&dm.head, 0, sizeof(dm.head));
	dm.head.version[0] = DM_VERSION_MAJOR;
	dm.head.data_size = sizeof(dm);
	dm.head.data_start = sizeof(dm.head);
	dm.head.target_count = (uint32_t)targets;
	snprintf(dm.head.name, sizeof(dm.head.name), "%s", name);
}

static void put_target(size_t i, uint64_t start, char **word)
{
	struct dm_target_spec spec = {
		.sector_start = start,
		.length = strtoull(word[0], NULL, 10),
		.next = ROW,
		.target_type = "linear",
	};

	memcpy(dm.rest + i * ROW, &spec, sizeof(spec));
	snprintf(dm.rest + i * ROW + sizeof(spec), ROW - sizeof(spec), "%s %s",
		 word[1], word[2]);
}

static void call(int fd, unsigned long request, const char *what)
{
	if (ioctl(fd, request, &dm) < 0)
		err(1, "%s of '%s'", what, name);
}

int main(int argc, char **argv)
{
	size_t targets = argc < 2 ? 0 : (size_t)(argc - 2) / 3, i;
	uint64_t start = 0;
	int fd;

	if (argc < 2 || argc % 3 != 2 || targets > sizeof(dm.rest) / ROW)
		errx(2, "usage: linear NAME (LENGTH DEVICE START)...");
	name = argv[1];
	fd = open("/dev/" DM_DIR "/" DM_CONTROL_NODE, O_RDWR);
	if (fd < 0)
		err(1, "cannot open the control device");
	if (!targets) {
		head(0);
		call(fd, DM_DEV_REMOVE, "DM_DEV_REMOVE");
		return 0;
	}
	head(0);
	call(fd, DM_DEV_CREATE, "DM_DEV_CREATE");
	head(targets);
	for (i = 0; i < targets; i++) {
		put_target(i, start, argv + 2 + 3 * i);
		start += strtoull(argv[2 + 3 * i], NULL, 10);
	}
	call(fd, DM_TABLE_LOAD, "DM_TABLE_LOAD");
	head(0);
	call(fd, DM_DEV_SUSPEND, "DM_DEV_SUSPEND, which resumes,");
	printf("%u\n", minor(dm.head.dev));
	return 0;
}
