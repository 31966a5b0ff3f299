// SPDX-License-Identifier: GPL-2.0
/* What the kernel says about a path: its kind, and a file's extents. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dm.h"
#include "files.h"
#include "util.h"

#define EXTENTS_AT_ONCE	64
#define DM_DEPTH	8

#ifndef STATX_ATTR_DAX
#define STATX_ATTR_DAX	0x00200000
#endif

static int sysfs_number(const char *kind, dev_t dev, const char *attr,
			uint64_t *v)
{
	char text[32];
	int rc = read_text(text, sizeof(text), "/sys/dev/%s/%u:%u/%s", kind,
			   major(dev), minor(dev), attr);

	if (rc < 0)
		return rc;
	return parse_size(text, v);
}

/* Name of a device, and of the disk around it if it is a partition. */
static int device_names(const char *kind, dev_t dev, char *name, char *parent)
{
	char path[512], link[512], *last;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/sys/dev/%s/%u:%u", sysroot, kind,
		 major(dev), minor(dev));
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return is_absent(-errno) ? -ENOTBLK : -errno;
	link[n] = '\0';
	last = strrchr(link, '/');
	if (!last)
		return -ENOTBLK;
	*last = '\0';
	copy_name(name, NAME_LEN, last + 1);
	copy_name(parent, NAME_LEN, basename(link));
	return 0;
}

static int identify_disk(dev_t dev, struct ident *id)
{
	char name[NAME_LEN], parent[NAME_LEN];
	uint64_t v;
	int rc;

	rc = device_names("block", dev, name, parent);
	if (rc)
		return rc;
	copy_name(id->dev, NAME_LEN, name);
	id->part_start = 0;
	if (!sysfs_number("block", dev, "partition", &v)) {
		copy_name(id->dev, NAME_LEN, parent);
		rc = sysfs_number("block", dev, "start", &v);
		if (rc)
			return rc;
		id->part_start = v * SECTOR;
	}
	rc = sysfs_number("block", dev, "size", &v);
	if (!rc)
		id->size = v * SECTOR;
	return rc;
}

/* Bytes of the device at the top, and where they are in one below it. */
struct layer {
	dev_t dev;
	struct device_run run;
	int depth;
};

static int add_disk(const struct layer *l, struct ident *id)
{
	struct device_run run = l->run;
	struct ident disk;
	int rc = identify_disk(l->dev, &disk);

	if (rc)
		return rc;
	if (id->runs.n && strcmp(id->dev, disk.dev))
		return -EXDEV;
	copy_name(id->dev, NAME_LEN, disk.dev);
	run.at += disk.part_start;
	return device_runs_add(&id->runs, &run);
}

/* Through as many linear layers of the device mapper as there are, within reason. */
static int add_layer(const struct layer *l, struct ident *id)
{
	uint64_t pos = l->run.at, end = l->run.at + l->run.len, start, stop;
	struct dm_run v[DEVICE_RUNS_MAX];
	size_t n = 0, i;
	int rc = dm_linear(l->dev, v, &n);

	if (rc == -ENOTBLK)
		return add_disk(l, id);
	if (!rc && l->depth == DM_DEPTH)
		return -ELOOP;
	for (i = 0; i < n && !rc; i++) {
		const struct device_run *r = &v[i].run;

		start = r->start > pos ? r->start : pos;
		stop = r->start + r->len < end ? r->start + r->len : end;
		if (start < stop)
			rc = add_layer(&(struct layer){
				.dev = v[i].under,
				.run = { l->run.start + (start - pos),
					 stop - start,
					 r->at + (start - r->start) },
				.depth = l->depth + 1,
			}, id);
	}
	return rc;
}

/* What is not linear, or on several disks, keeps the device mapper's name. */
static int identify_block(dev_t dev, struct ident *id)
{
	struct ident top = *id;
	struct dm_run v[DEVICE_RUNS_MAX];
	size_t n;
	int rc = identify_disk(dev, &top);

	if (rc || dm_linear(dev, v, &n)) {
		*id = top;
		return rc;
	}
	id->size = top.size;
	if (add_layer(&(struct layer){ .dev = dev, .run = { .len = top.size } },
		      id))
		*id = top;
	return 0;
}

int files_identify(const char *path, struct ident *id)
{
	char parent[NAME_LEN];
	struct stat st;
	int rc;

	*id = (struct ident){ 0 };
	if (stat(path, &st))
		return -errno;
	switch (st.st_mode & S_IFMT) {
	case S_IFBLK:
		id->kind = IDENT_BLOCK;
		return identify_block(st.st_rdev, id);
	case S_IFREG:
		id->kind = IDENT_FILE;
		rc = identify_block(st.st_dev, id);
		id->size = (uint64_t)st.st_size;
		return rc;
	case S_IFCHR:
		id->kind = IDENT_DEVDAX;
		return device_names("char", st.st_rdev, id->dev, parent);
	default:
		return -ENOTBLK;
	}
}

static int add_extents(struct file_map *map, const struct fiemap *fm)
{
	uint32_t i;

	map->v = xrealloc(map->v, (map->n + fm->fm_mapped_extents) *
				  sizeof(*map->v));
	for (i = 0; i < fm->fm_mapped_extents; i++) {
		const struct fiemap_extent *fe = &fm->fm_extents[i];

		map->v[map->n++] = (struct file_extent){
			.logical = fe->fe_logical,
			.physical = fe->fe_physical,
			.len = fe->fe_length,
			.flags = fe->fe_flags,
		};
		if (fe->fe_flags & FIEMAP_EXTENT_LAST)
			return 1;
	}
	return 0;
}

static int walk_fiemap(int fd, uint64_t off, uint64_t len, struct file_map *map)
{
	uint64_t end = off + len;
	struct fiemap *fm;
	int rc = 0;

	fm = xrealloc(NULL, sizeof(*fm) + EXTENTS_AT_ONCE *
			    sizeof(struct fiemap_extent));
	while (off < end) {
		memset(fm, 0, sizeof(*fm));
		fm->fm_start = off;
		fm->fm_length = end - off;
		/*
		 * A DAX file has no delayed allocation, and to write it back
		 * would write-protect what others have mapped.
		 */
		fm->fm_flags = map->dax ? 0 : FIEMAP_FLAG_SYNC;
		fm->fm_extent_count = EXTENTS_AT_ONCE;
		if (ioctl(fd, FS_IOC_FIEMAP, fm) < 0) {
			rc = -errno;
			break;
		}
		if (!fm->fm_mapped_extents || add_extents(map, fm))
			break;
		off = map->v[map->n - 1].logical + map->v[map->n - 1].len;
	}
	free(fm);
	return rc;
}

int files_map_fd(int fd, uint64_t off, uint64_t len, struct file_map *map)
{
	struct fsxattr fsx;
	struct statx stx;
	int rc = 0;

	*map = (struct file_map){ 0 };
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx))
		return -errno;
	map->dax = stx.stx_attributes & STATX_ATTR_DAX;
	if (!ioctl(fd, FS_IOC_FSGETXATTR, &fsx))
		map->realtime = fsx.fsx_xflags & FS_XFLAG_REALTIME;
	rc = walk_fiemap(fd, off, len, map);
	if (rc) {
		free(map->v);
		map->v = NULL;
	}
	return rc;
}

int files_map(const char *path, uint64_t off, uint64_t len,
	      struct file_map *map)
{
	int fd, rc;

	*map = (struct file_map){ 0 };
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = files_map_fd(fd, off, len, map);
	close(fd);
	return rc;
}
