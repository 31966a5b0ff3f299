// SPDX-License-Identifier: GPL-2.0
/* A machine that is not there; injector-fake.h says what it has. */
#include <errno.h>
#include <inttypes.h>
#include <linux/fiemap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dm.h"
#include "injector-fake.h"
#include "platform.h"
#include "ranges.h"
#include "util.h"

static struct nsinfo namespaces[] = {
	{
		.name = "namespace0.0", .bus = "ndbus0", .region = "region0",
		.provider = "ACPI.NFIT", .blockdev = "pmem0", .mode = NS_FSDAX,
		.active = true, .region_base = FAKE_REGION0,
		.region_size = 0x8000000, .size = FAKE_SIZE0,
		.data_base = FAKE_DATA0, .align = 4096, .ndimms = 1,
		.dimms = { { "nmem0", 1, 0x8680, 0x0100, FAKE_DPA0 } },
	}, {
		.name = "namespace1.0", .bus = "ndbus0", .region = "region1",
		.provider = "ACPI.NFIT", .daxdev = "dax1.0", .mode = NS_DEVDAX,
		.active = true, .region_base = FAKE_REGION1,
		.region_size = 0x8000000, .size = FAKE_SIZE1,
		.data_base = FAKE_DATA1, .align = 0x200000, .ndimms = 1,
		.dimms = { { "nmem1", 2, 0x8680, 0x0100, 0 } },
	}, {
		.name = "namespace2.0", .bus = "ndbus0", .region = "region2",
		.provider = "ACPI.NFIT", .blockdev = "pmem2s",
		.mode = NS_SECTOR, .active = true, .size = 0x1000000,
		.align = 4096,
	}, {
		.name = "namespace3.0", .bus = "ndbus0", .region = "region3",
		.provider = "ACPI.NFIT", .blockdev = "pmem3", .mode = NS_RAW,
		.active = false, .size = 0x1000000, .align = 4096,
	}, {
		.name = "namespace4.0", .bus = "ndbus1", .region = "region4",
		.provider = "ACPI.NFIT", .blockdev = "pmem4", .mode = NS_FSDAX,
		.active = true, .region_base = FAKE_REGION4,
		.region_size = 0x8000000, .size = 0x1000000,
		.data_base = FAKE_DATA4, .align = 4096, .ndimms = 2,
		.dimms = {
			{ "nmem2", 3, 0x8980, 0x4151, 0 },
			{ "nmem3", 4, 0x8980, 0x4151, 0 },
		},
	},
};

/* Of /dev/dm-0 and the file on it, which reaches from one into the other. */
static const struct device_runs split = {
	2, { { 0, 0x2000, 0x300000 }, { 0x2000, 0x2000, 0x100000 } }
};

static const struct {
	const char *path;
	struct {
		enum ident_kind kind;
		const char *dev;
		uint64_t part_start;
		uint64_t size;
	} id;
} paths[] = {
	{ "/dev/pmem0", { IDENT_BLOCK, "pmem0", 0, FAKE_SIZE0 } },
	{ "/dev/pmem0p1", { IDENT_BLOCK, "pmem0", FAKE_PART_START,
			    FAKE_PART_SIZE } },
	/* starts and ends inside of a page */
	{ "/dev/pmem0p2", { IDENT_BLOCK, "pmem0", 100007 * SECTOR,
			    1000 * SECTOR } },
	{ "/dev/dm-0", { IDENT_BLOCK, "pmem0", 0, 0x4000 } },
	{ "/mnt/split", { IDENT_FILE, "pmem0", 0, 3 * 4096 } },
	{ "/dev/pmem4", { IDENT_BLOCK, "pmem4", 0, 0x1000000 } },
	{ "/dev/dax1.0", { IDENT_DEVDAX, "dax1.0", 0, 0 } },
	{ "/dev/sda", { IDENT_BLOCK, "sda", 0, 0x1000000 } },
	{ "/mnt/file", { IDENT_FILE, "pmem0", FAKE_PART_START,
			 10 * 4096 + 100 } },
	{ "/mnt/odd", { IDENT_FILE, "pmem0", 0, 8 * 4096 } },
	{ "/mnt/twin", { IDENT_FILE, "pmem0", 0, 4096 } },
	{ "/mnt/cached", { IDENT_FILE, "pmem0", 0, 4096 } },
	{ "/mnt/realtime", { IDENT_FILE, "pmem0", 0, 4096 } },
	{ "/mnt/beyond", { IDENT_FILE, "pmem0", 0, 4096 } },
	{ "/mnt/empty", { IDENT_FILE, "pmem0", 0, 4096 } },
	{ "/mnt/nothing", { IDENT_FILE, "pmem0", 0, 0 } },
};

static const struct {
	const char *path;
	struct file_extent ext;
} extents[] = {
	{ "/mnt/file", { 0, FAKE_EXT0, 4 * 4096, 0 } },
	{ "/mnt/file", { 4 * 4096, FAKE_EXT1, 7 * 4096,
			 FIEMAP_EXTENT_LAST } },
	{ "/mnt/split", { 0, 4096, 3 * 4096, FIEMAP_EXTENT_LAST } },
	{ "/mnt/odd", { 0, 0x100000, 4096, FIEMAP_EXTENT_UNWRITTEN } },
	/* page 1 is a hole */
	{ "/mnt/odd", { 2 * 4096, 0x102000, 4096, FIEMAP_EXTENT_DELALLOC |
					       FIEMAP_EXTENT_UNKNOWN } },
	{ "/mnt/odd", { 3 * 4096, 0, 4096, FIEMAP_EXTENT_DATA_INLINE |
					   FIEMAP_EXTENT_NOT_ALIGNED } },
	{ "/mnt/odd", { 4 * 4096, 0x104000, 4096, FIEMAP_EXTENT_SHARED } },
	{ "/mnt/odd", { 5 * 4096, 0x105000, 4096, FIEMAP_EXTENT_ENCODED } },
	{ "/mnt/odd", { 7 * 4096, 0x107000, 4096, FIEMAP_EXTENT_LAST } },
	/* page 4 of /mnt/odd */
	{ "/mnt/twin", { 0, 0x104000, 4096, FIEMAP_EXTENT_SHARED | FIEMAP_EXTENT_LAST } },
	{ "/mnt/beyond", { 0, FAKE_SIZE0, 4096, FIEMAP_EXTENT_LAST } },
	{ "/mnt/cached", { 0, 0x200000, 4096, FIEMAP_EXTENT_LAST } },
	{ "/mnt/realtime", { 0, 0x200000, 4096, FIEMAP_EXTENT_LAST } },
};

static int fake_namespaces(const struct nsinfo **v, size_t *n)
{
	if (getenv("FAKE_NAMESPACES"))
		return -fake_errno(getenv("FAKE_NAMESPACES"));
	if (getenv("FAKE_RAW"))
		namespaces[0].mode = NS_RAW;
	if (getenv("FAKE_HIDDEN"))
		namespaces[0].data_base = 0;
	if (getenv("FAKE_SIGNAL"))
		raise(SIGINT);
	*v = namespaces;
	*n = ARRAY_SIZE(namespaces);
	return 0;
}

const struct nsinfo *fake_ns(const char *name)
{
	size_t i = 0;

	while (strcmp(namespaces[i].name, name))
		i++;
	return &namespaces[i];
}

static int fake_identify(const char *path, struct ident *id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		if (!strcmp(paths[i].path, path)) {
			*id = (struct ident){
				.kind = paths[i].id.kind,
				.part_start = paths[i].id.part_start,
				.size = paths[i].id.size,
			};
			copy_name(id->dev, NAME_LEN, paths[i].id.dev);
			if (!strcmp(path, "/dev/dm-0") ||
			    !strcmp(path, "/mnt/split"))
				id->runs = split;
			if (!strcmp(path, "/mnt/file"))
				id->size = fake_file_size();
			return 0;
		}
	return strncmp(path, "/proc/", 6) ? -ENOENT : -ENOTBLK;
}

static int fake_file_map(const char *path, uint64_t off, uint64_t len,
			 struct file_map *map)
{
	static uint64_t moved;
	size_t i;

	*map = (struct file_map){
		.dax = strcmp(path, "/mnt/cached"),
		.realtime = !strcmp(path, "/mnt/realtime"),
		.v = calloc(ARRAY_SIZE(extents), sizeof(*map->v)),
	};
	for (i = 0; i < ARRAY_SIZE(extents); i++) {
		const struct file_extent *e = &extents[i].ext;

		if (!strcmp(extents[i].path, path) &&
		    e->logical < off + len && e->logical + e->len > off) {
			map->v[map->n] = *e;
			map->v[map->n++].physical += moved;
		}
	}
	if (getenv("FAKE_FILE"))
		moved += 4096;
	return 0;
}

uint64_t fake_inode(const char *path)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(paths) && strcmp(paths[i].path, path))
		i++;
	return i;
}

/* FAKE_OWNERS: "files", "free"; else nothing is mounted.  The inode is the row. */
static int fake_owners(const struct nsinfo *ns, uint64_t start, uint64_t len,
		       owner_fn fn, void *arg)
{
	const char *mood = getenv("FAKE_OWNERS");
	size_t i, k;

	if (!mood || strcmp(ns->name, "namespace0.0"))
		return -ENOENT;
	if (!strcmp(mood, "free"))
		fn(&(struct owner){ .use = "free", .ns_off = start, .len = len },
		   arg);
	for (i = 0; i < ARRAY_SIZE(extents) && !strcmp(mood, "files"); i++)
		for (k = 0; k < ARRAY_SIZE(paths); k++) {
			const struct file_extent *e = &extents[i].ext;
			uint64_t at = e->physical + paths[k].id.part_start;

			if (strcmp(paths[k].path, extents[i].path) ||
			    start < at || start - at >= e->len)
				continue;
			fn(&(struct owner){
				.use = "file", .path = paths[k].path,
				.dev = 0x10300, .ino = k,
				.off = e->logical + (start - at),
				.ns_off = start, .len = len,
				.shared = e->flags & FIEMAP_EXTENT_SHARED,
			}, arg);
		}
	return 0;
}

uint64_t fake_le(const uint8_t *p, unsigned int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

void fake_put_le(uint8_t *p, uint64_t v, unsigned int bytes)
{
	for (; bytes--; v >>= 8)
		*p++ = (uint8_t)v;
}

static FILE *fw_file(const char *mode)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/fw", sysroot);
	return fopen(path, mode);
}

void fake_fw_load(struct ranges *r)
{
	FILE *f = fw_file("r");
	uint64_t spa, len;

	if (!f)
		return;
	while (fscanf(f, "%" SCNu64 " %" SCNu64, &spa, &len) == 2)
		ranges_add(r, spa, len);
	fclose(f);
}

void fake_fw_store(struct ranges *r)
{
	FILE *f = fw_file("w");
	size_t i;

	for (i = 0; i < r->n; i++)
		fprintf(f, "%" PRIu64 " %" PRIu64 "\n", r->v[i].start,
			r->v[i].len);
	fclose(f);
	ranges_free(r);
}

/* What the kernel does upon notification 0x81, for pmem0. */
static void list_badblock(uint64_t spa, uint64_t len)
{
	uint64_t first = (spa - FAKE_DATA0) / 512;
	uint64_t end = (spa - FAKE_DATA0 + len + 511) / 512;
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", sysroot, getenv("FAKE_CUT") ?
		 "/badblocks.full" : "/sys/block/pmem0/badblocks");
	f = fopen(path, "a");
	if (!f)
		return;
	fprintf(f, "%" PRIu64 " %" PRIu64 "\n", first, end - first);
	fclose(f);
}

static size_t fw_list(uint8_t *out, size_t out_size, bool lie)
{
	struct ranges r = { 0 };
	size_t i, size;

	fake_fw_load(&r);
	fake_put_le(out, 0, 4);
	fake_put_le(out + 4, r.n + lie, 4);
	for (i = 0; i < r.n && 8 + 16 * (i + 1) <= out_size; i++) {
		fake_put_le(out + 8 + 16 * i, r.v[i].start, 8);
		fake_put_le(out + 16 + 16 * i, r.v[i].len, 8);
	}
	size = 8 + 16 * r.n;
	ranges_free(&r);
	return size;
}

/* Offsets as in ACPI 6.2, 9.20.7.9 to 9.20.7.11. */
static int fake_dsm(const char *bus, unsigned int func, const void *in,
		    size_t in_size, void *out, size_t out_size, size_t *got)
{
	const char *mood = getenv("FAKE_DSM");
	struct ranges r = { 0 };
	const uint8_t *p = in;
	int rc = 0;

	if (!strcmp(bus, "ndbus1") && func == 9) {
		fake_put_le(out, 0, 8);
		*got = 8;
		return 0;
	}
	if (func >= 1 && func <= 3 && !strcmp(bus, "ndbus0"))
		return fake_ars(func, in, in_size, out, out_size, got);
	if (strcmp(bus, "ndbus0") || in_size != (func == 7 ? 17U :
						 func == 8 ? 16U : 0U))
		return -EINVAL;
	mood = mood ? mood : "";
	if (func == 7 || func == 8)
		rc = fake_step(func == 7 ? "inject" : "uninject", fake_le(p, 8));
	if (rc)
		return rc;
	*got = 4;
	if (!strcmp(mood, "short"))
		*got = 2;
	fake_put_le(out, !strcmp(mood, "refuse") ? 1 :
		    !strcmp(mood, "invalid") ? 2 : 0, 4);
	if (!strcmp(mood, "refuse") || !strcmp(mood, "invalid") ||
	    !strcmp(mood, "short"))
		return 0;
	if (func == 9) {
		*got = fw_list(out, out_size, !strcmp(mood, "liar"));
		return 0;
	}
	fake_fw_load(&r);
	if (func == 8)
		ranges_sub(&r, fake_le(p, 8), fake_le(p + 8, 8));
	else if (strcmp(mood, "forget"))
		ranges_add(&r, fake_le(p, 8), fake_le(p + 8, 8));
	fake_fw_store(&r);
	if (func == 7 && p[16] & 1 && !strcmp(mood, "overlap")) {
		list_badblock(fake_le(p, 8), 512);
		fake_scrub_ended(bus);
	} else if (func == 7 && p[16] & 1 && strcmp(mood, "silent")) {
		list_badblock(fake_le(p, 8), fake_le(p + 8, 8));
	}
	return 0;
}

static int fake_clear_unit(const char *bus, uint64_t spa, uint64_t len,
			   uint64_t *unit)
{
	(void)spa;
	(void)len;
	if (strcmp(bus, "ndbus0"))
		return -EOPNOTSUPP;
	*unit = FAKE_CLEAR_UNIT;
	return 0;
}

static int fake_clear_error(const char *bus, uint64_t spa, uint64_t len,
			    uint64_t *cleared)
{
	struct ranges r = { 0 };
	char path[512];

	if (strcmp(bus, "ndbus0") || spa % FAKE_CLEAR_UNIT ||
	    len % FAKE_CLEAR_UNIT)
		return -EINVAL;
	fake_fw_load(&r);
	ranges_sub(&r, spa, len);
	fake_fw_store(&r);
	snprintf(path, sizeof(path), "%s/sys/bus/nd/devices/region1/badblocks",
		 sysroot);
	fclose(fopen(path, "w"));
	*cleared = len;
	return 0;
}

/* FAKE_TRANSLATE: the DIMMs of a set take turns, page by page. */
static int fake_dimm_at(const char *bus, uint64_t spa, char *name, uint64_t *dpa)
{
	uint64_t page = (spa - FAKE_REGION4) / PAGE;

	(void)bus;
	if (!getenv("FAKE_TRANSLATE"))
		return -EOPNOTSUPP;
	copy_name(name, NAME_LEN, page % 2 ? "nmem3" : "nmem2");
	*dpa = page / 2 * PAGE + spa % PAGE;
	return 0;
}

static const struct machine_ops fake = {
	.namespaces = fake_namespaces,
	.identify = fake_identify,
	.file_map = fake_file_map,
	.owners = fake_owners,
	.dsm = fake_dsm,
	.dimm_at = fake_dimm_at,
	.start_scrub = fake_start_scrub,
	.clear_unit = fake_clear_unit,
	.clear_error = fake_clear_error,
	.dm_table = dm_table,
	.open_file = fake_open_file,
	.access_file = fake_access_file,
	.write_file = fake_write_file,
	.open = fake_open,
	.stat = fake_stat,
	.alone = fake_alone,
	.freeze = fake_freeze,
	.thaw = fake_thaw,
	.map = fake_map,
	.read = fake_read,
	.write = fake_write,
	.mmap = fake_mmap,
	.poison = fake_poison,
	.punch = fake_punch,
	.sync = fake_sync,
	.msync = fake_msync,
	.scratch = fake_scratch,
	.fork = fake_fork,
	.wait = fake_wait,
};

const struct machine_ops *machine = &fake;

static void __attribute__((constructor)) choose_root(void)
{
	const char *root = getenv("POISONCTL_TEST_ROOT");

	sysroot = root ? root : "/nonexistent";
}
