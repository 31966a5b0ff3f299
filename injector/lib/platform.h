/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The door to the machine: what libndctl, libdaxctl, the filesystem, the firmware and
 * the device mapper know, and the data that a repair reads and writes.  The product
 * has one set of operations (platform-nd.c); the host tests put a fake in its place,
 * which fails, waits and dies between any two of them.
 *
 * Errors are -errno; whoever knows the subject of a problem complains.
 */
#ifndef POISONCTL_PLATFORM_H
#define POISONCTL_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "device-runs.h"

#define NAME_LEN	48
#define DIMMS_MAX	16

enum ns_mode {
	NS_RAW,
	NS_FSDAX,
	NS_DEVDAX,
	NS_SECTOR,
};

/* One DIMM's share of a region. */
struct dimm_part {
	char name[NAME_LEN];	/* nmem0 */
	uint32_t handle;	/* NFIT device handle */
	uint16_t vendor;	/* NFIT control region, as the firmware gives it */
	uint16_t device;
	uint64_t dpa_base;	/* bytes: DPA of the region's first byte */
};

/* A namespace and where it lies. */
struct nsinfo {
	char name[NAME_LEN];	/* namespace0.0 */
	char bus[NAME_LEN];	/* ndbus0 */
	char provider[NAME_LEN];	/* ACPI.NFIT */
	char region[NAME_LEN];	/* region0 */
	char uuid[NAME_LEN];	/* empty if it has none */
	char blockdev[NAME_LEN];	/* pmem0, or empty */
	char daxdev[NAME_LEN];	/* dax0.0, or empty */
	enum ns_mode mode;
	bool active;
	uint64_t region_base;	/* SPA, bytes */
	uint64_t region_size;
	uint64_t size;		/* of the namespace's data area, bytes */
	uint64_t data_base;	/* SPA of the data area's first byte */
	uint64_t align;		/* bytes one mapping of device-dax covers */
	size_t ndimms;
	struct dimm_part dimms[DIMMS_MAX];
};

enum ident_kind {
	IDENT_BLOCK,
	IDENT_DEVDAX,
	IDENT_FILE,
};

/* What a path is. */
struct ident {
	enum ident_kind kind;
	char dev[NAME_LEN];	/* whole device: pmem0, dax0.0 */
	uint64_t part_start;	/* bytes: where the partition starts, or 0 */
	uint64_t size;		/* bytes: of the partition, device or file */
	struct device_runs runs;	/* device mapper: instead of part_start */
};

/* One extent of a file. */
struct file_extent {
	uint64_t logical;	/* bytes from the start of the file */
	uint64_t physical;	/* bytes from the start of its block device */
	uint64_t len;
	uint32_t flags;		/* FIEMAP_EXTENT_* */
};

struct media_stat {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;		/* bytes */
};

struct file_map {
	bool dax;		/* STATX_ATTR_DAX */
	bool realtime;		/* XFS: on the realtime device */
	struct file_extent *v;	/* freed by the caller */
	size_t n;
};

/* Who has some bytes of a namespace. */
struct owner {
	const char *use;	/* "file", "free", "metadata", "in use" */
	const char *path;	/* NULL: without a name */
	uint64_t dev;		/* of the filesystem */
	uint64_t ino;		/* 0: no file */
	uint64_t off;		/* bytes in the file */
	uint64_t ns_off;	/* bytes in the data area */
	uint64_t len;
	bool shared;		/* with another file */
};

typedef void (*owner_fn)(const struct owner *o, void *arg);

/* Offsets and lengths are bytes. */
struct machine_ops {
	/*
	 * All namespaces with a size, in the order of their names.  The array
	 * belongs to the platform and lives until exit.
	 */
	int (*namespaces)(const struct nsinfo **v, size_t *n);
	/* -ENOTBLK: neither a device that can hold poison nor a file on one. */
	int (*identify)(const char *path, struct ident *id);
	int (*file_map)(const char *path, uint64_t off, uint64_t len,
			struct file_map *map);
	/* Who has bytes of a data area, as owners_each(). */
	int (*owners)(const struct nsinfo *ns, uint64_t start, uint64_t len,
		      owner_fn fn, void *arg);
	/*
	 * Call a function of the NVDIMM root device.  @got: bytes that the
	 * firmware wanted to return, which may exceed @out_size.
	 */
	int (*dsm)(const char *bus, unsigned int func, const void *in,
		   size_t in_size, void *out, size_t out_size, size_t *got);
	/*
	 * Translate SPA: which DIMM of an interleave set has it, and its DPA.  @name has
	 * room for NAME_LEN.  -EOPNOTSUPP: the firmware does not say.
	 */
	int (*dimm_at)(const char *bus, uint64_t spa, char *name, uint64_t *dpa);
	/* Ask the kernel for a scrub of a whole bus; -EBUSY as scrub_start(). */
	int (*start_scrub)(const char *bus);
	/* Query ARS Capabilities: the unit of clearing, in bytes. */
	int (*clear_unit)(const char *bus, uint64_t spa, uint64_t len,
			  uint64_t *unit);
	/* Clear Uncorrectable Error on an SPA range. */
	int (*clear_error)(const char *bus, uint64_t spa, uint64_t len,
			   uint64_t *cleared);

	/* DM_TABLE_STATUS of a device: struct dm_ioctl and room behind it. */
	int (*dm_table)(dev_t dev, void *table, size_t size);
	/*
	 * A file or folder of sysfs, procfs, debugfs, /dev or /run, to be read: a
	 * descriptor.  @flags: further ones of open(2).
	 */
	int (*open_file)(const char *path, int flags);
	/* access(2) of one. */
	int (*access_file)(const char *path, int mode);
	/* One write(2) to a file of sysfs or debugfs that is there; all or -EIO. */
	int (*write_file)(const char *path, const void *data, size_t len);

	/* The data that a repair reads and writes, and that a trial consumes. */
	int (*open)(const char *path, int flags);
	int (*stat)(int fd, struct media_stat *st);
	/* Nobody else has the file open, nor gets it opened until close(2). */
	int (*alone)(int fd);
	/* Nobody changes anything on its filesystem until thaw(): freeze.h. */
	int (*freeze)(int fd);
	int (*thaw)(void);
	int (*map)(int fd, uint64_t off, uint64_t len, struct file_map *map);
	ssize_t (*read)(int fd, void *to, size_t len, uint64_t off);
	ssize_t (*write)(int fd, const void *from, size_t len, uint64_t off);
	/* mmap(2) of it: MAP_FAILED with errno set. */
	void *(*mmap)(void *at, size_t len, int prot, int flags, int fd, uint64_t off);
	/* MADV_HWPOISON, or MADV_SOFT_OFFLINE, of a page of this process. */
	int (*poison)(void *page, bool soft);
	int (*punch)(int fd, uint64_t off, uint64_t len);
	int (*sync)(int fd);
	/* Write back what was stored to a mapping, which begins at @at. */
	int (*msync)(void *at, size_t len);
	/*
	 * An unnamed file of @len bytes, open for O_DIRECT, on the filesystem of a file.
	 * -EOPNOTSUPP: it is not DAX.
	 */
	int (*scratch)(const char *path, uint64_t len);

	/* A process of this program: its id, and 0 in the new one. */
	pid_t (*fork)(void);
	/* waitpid(2) of one: its id, or 0 if it has not changed yet. */
	pid_t (*wait)(pid_t pid, int *status, int options);
};

extern const struct machine_ops *machine;

#endif
