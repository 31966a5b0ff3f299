// SPDX-License-Identifier: GPL-2.0
/*
 * Targets: from what the user names to every view of the same bytes.
 *
 * The chain of bases, from the outside in:
 *
 *	file offset --FIEMAP--> offset in its block device
 *	            --partition start--> offset in /dev/pmemN (= ns_off)
 *	            --data base of the namespace--> SPA
 *	            --region base, start of the DIMM's mapping--> DPA
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/fiemap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cxl.h"
#include "memmap.h"
#include "process.h"
#include "spaces.h"
#include "target-runs.h"
#include "target-name.h"
#include "util.h"

#define BAD_EXTENT	(FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC | \
			 FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_NOT_ALIGNED | \
			 FIEMAP_EXTENT_DATA_INLINE | \
			 FIEMAP_EXTENT_DATA_TAIL | FIEMAP_EXTENT_UNWRITTEN)

static const struct {
	uint32_t flag;
	const char *what;
} bad_extents[] = {
	{ FIEMAP_EXTENT_UNWRITTEN, "unwritten" },
	{ FIEMAP_EXTENT_DELALLOC, "not allocated yet" },
	{ FIEMAP_EXTENT_DATA_INLINE, "inline in the inode" },
	{ FIEMAP_EXTENT_DATA_TAIL, "packed with other files" },
	{ FIEMAP_EXTENT_ENCODED, "encoded" },
};

int target_ns(const char *name, const struct nsinfo **ns)
{
	const struct nsinfo *v;
	size_t n, i;
	int rc = spaces_find(&v, &n);

	*ns = NULL;
	for (i = 0; !rc && i < n && *name && !*ns; i++)
		if (!strcmp(v[i].name, name) || !strcmp(v[i].blockdev, name) ||
		    !strcmp(v[i].daxdev, name))
			*ns = &v[i];
	return rc;
}

int target_ns_at(uint64_t spa, const struct nsinfo **ns)
{
	const struct nsinfo *v;
	size_t n, i;
	int rc = spaces_find(&v, &n);

	*ns = NULL;
	for (i = 0; !rc && i < n && !*ns; i++)
		if (v[i].active && v[i].data_base && spa >= v[i].data_base &&
		    spa - v[i].data_base < v[i].size)
			*ns = &v[i];
	return rc;
}

static void append(struct target *t, const struct extent *e)
{
	if (!(t->n & (t->n - 1)))	/* full at each power of two */
		t->v = xrealloc(t->v, (t->n ? 2 * t->n : 1) * sizeof(*t->v));
	t->v[t->n++] = *e;
}

/*
 * Device-dax that was given to the kernel (kmem) is System RAM, whatever namespace it
 * lies in: *ns becomes NULL then.
 */
static int check_kmem(const struct target *t, const struct nsinfo **ns,
		      uint64_t spa, uint64_t len)
{
	int rc;

	if (!*ns || (*ns)->mode != NS_DEVDAX)
		return EXIT_OK;
	rc = memmap_ram(spa, len);
	if (rc < 0 && rc != -EXDEV)
		return complain(EXIT_SETUP, "cannot read /proc/iomem: %s", strerror(-rc));
	if (rc < 0)
		return complain(EXIT_UNSUPPORTED,
			"'%s' at %#" PRIx64 " is partly System RAM (kmem): "
			"name a smaller range", t->name, spa);
	if (rc)
		*ns = NULL;
	return EXIT_OK;
}

static int add_extent(struct target *t, uint64_t off, uint64_t ns_off,
		      uint64_t len, bool shared)
{
	uint64_t spa = t->ns->data_base + ns_off;
	int rc;

	if (ns_off >= t->ns->size || len > t->ns->size - ns_off)
		return complain(EXIT_SETUP,
			"'%s' at %" PRIu64 " maps to byte %" PRIu64
			", behind the end of '%s'",
			t->name, off, ns_off, t->ns->name);
	rc = check_kmem(t, &t->ns, spa, len);
	if (rc)
		return rc;
	append(t, &(struct extent){
		.off = off,
		.ns_off = t->ns ? ns_off : 0,
		.spa = spa,
		.len = len,
		.shared = shared,
	});
	return EXIT_OK;
}

/* The same for bytes of the device that the target lies on, in their runs. */
static int add_device_bytes(struct target *t, uint64_t off, uint64_t dev_off,
			    uint64_t len, bool shared)
{
	uint64_t n, at;
	int rc = EXIT_OK;

	for (; len && !rc; off += n, dev_off += n, len -= n) {
		n = len;
		if (!device_down(&t->runs, t->part_start, dev_off, &n, &at))
			return complain(EXIT_UNSUPPORTED,
				"'%s' at %" PRIu64 " is in a gap of its device",
				t->name, off);
		rc = add_extent(t, off, at, n, shared);
	}
	return rc;
}

static int check_extent(const struct target *t, const struct file_extent *fe)
{
	size_t i;

	if (!(fe->flags & BAD_EXTENT))
		return EXIT_OK;
	for (i = 0; i < ARRAY_SIZE(bad_extents); i++)
		if (fe->flags & bad_extents[i].flag)
			return complain(EXIT_UNSUPPORTED,
				"'%s' at %" PRIu64 " is %s", t->name,
				fe->logical, bad_extents[i].what);
	return complain(EXIT_UNSUPPORTED,
		"'%s' at %" PRIu64 " has no known place (flags %#x)",
		t->name, fe->logical, fe->flags);
}

/* Which blocks of a file are meant, and whether anything else is a mistake. */
enum walk {
	WALK_ALL,		/* every byte of the place has a block that was written */
	WALK_WRITTEN,		/* those that were written, one at least */
	WALK_OWNED,		/* those that it has, written or not, or none */
};

/* Is the extent passed over without a word? */
static bool is_skipped(const struct file_extent *fe, enum walk walk)
{
	uint32_t bad = walk == WALK_OWNED ? BAD_EXTENT & ~FIEMAP_EXTENT_UNWRITTEN :
		       walk == WALK_WRITTEN ? BAD_EXTENT : 0;

	return fe->flags & bad;
}

static int walk_extents(struct target *t, const struct file_map *map, enum walk walk)
{
	uint64_t pos = t->off, end = t->off + t->len;
	size_t i;
	int rc;

	for (i = 0; i < map->n && pos < end; i++) {
		const struct file_extent *fe = &map->v[i];
		uint64_t skip, len;

		if (walk != WALK_ALL && fe->logical > pos)
			pos = fe->logical;
		if (fe->logical + fe->len <= pos)
			continue;
		if (fe->logical > pos || pos >= end)
			break;
		skip = pos - fe->logical;
		len = fe->len - skip < end - pos ? fe->len - skip : end - pos;
		pos += len;
		if (is_skipped(fe, walk))
			continue;
		rc = walk == WALK_OWNED ? EXIT_OK : check_extent(t, fe);
		if (!rc)
			rc = add_device_bytes(t, pos - len,
					      fe->physical + skip, len,
					      fe->flags & FIEMAP_EXTENT_SHARED);
		if (rc)
			return rc;
	}
	if (pos < end && walk == WALK_ALL)
		return complain(EXIT_UNSUPPORTED,
			"'%s' has a hole at %" PRIu64, t->name, pos);
	if (!t->n && walk != WALK_OWNED)
		return complain(EXIT_UNSUPPORTED, "'%s' has no blocks",
				t->name);
	return EXIT_OK;
}

static int map_file(struct target *t, enum walk walk)
{
	struct file_map map = { 0 };
	int rc;

	rc = machine->file_map(t->name, t->off, t->len, &map);
	if (rc)
		return complain(EXIT_SETUP, "cannot map '%s': %s", t->name,
				strerror(-rc));
	if (!map.dax)
		rc = complain(EXIT_UNSUPPORTED,
			"'%s' is not DAX: it goes through the page cache, of "
			"which pid:PID:ADDRESS names what a process maps",
			t->name);
	else if (map.realtime)
		rc = complain(EXIT_UNSUPPORTED,
			"'%s' lies on a realtime device", t->name);
	else
		rc = walk_extents(t, &map, walk);
	free(map.v);
	return rc;
}

static int check_ram(const struct target *t, const struct extent *e)
{
	struct memory m;
	int rc = memmap_at(e->spa, &m);

	if (rc == -EPERM)
		return complain(EXIT_UNSUPPORTED,
			"the physical addresses of this machine are hidden: "
			"not root?");
	if (rc)
		return complain(EXIT_SETUP, "cannot read /proc/iomem: %s",
				strerror(-rc));
	if (m.kind == MEMORY_PMEM)
		return complain(EXIT_UNSUPPORTED,
			"'%s' at %#" PRIx64 " is persistent memory, but in the "
			"data area of no namespace", t->name, e->spa);
	if (m.kind != MEMORY_RAM && cxl_region_at(e->spa))
		return complain(EXIT_UNSUPPORTED,
			"'%s' at %#" PRIx64 " is in CXL region '%s', but in no device-dax, "
			"namespace or System RAM: make one of it", t->name, e->spa,
			cxl_region_at(e->spa)->name);
	if (m.kind != MEMORY_RAM)
		return complain(EXIT_UNSUPPORTED,
			"'%s' at %#" PRIx64 " is neither System RAM nor "
			"persistent memory, but %s%s%s", t->name, e->spa,
			*m.name ? "'" : "", *m.name ? m.name : "a hole",
			*m.name ? "'" : "");
	if (e->len > m.end - e->spa)
		return complain(EXIT_UNSUPPORTED,
			"'%s' at %#" PRIx64 " reaches beyond System RAM, which "
			"ends at %#" PRIx64, t->name, e->spa, m.end);
	return EXIT_OK;
}

/* An extent found by its SPA: in a namespace, or else in System RAM. */
static int add_address(struct target *t, struct extent *e)
{
	const struct nsinfo *ns;
	int rc = target_ns_at(e->spa, &ns);

	if (!rc)
		rc = check_kmem(t, &ns, e->spa, e->len);
	if (rc)
		return rc;
	if (t->n && ns != t->ns)
		return complain(EXIT_UNSUPPORTED,
			"'%s' lies partly in %s and partly in %s: name a "
			"smaller range", t->name, target_where(t),
			ns ? ns->name : "System RAM");
	t->ns = ns;
	if (!ns) {
		rc = check_ram(t, e);
		if (rc)
			return rc;
	} else {
		e->ns_off = e->spa - ns->data_base;
		if (e->len > ns->size - e->ns_off)
			return complain(EXIT_UNSUPPORTED,
				"'%s' at %#" PRIx64 " reaches beyond the data "
				"area of '%s', which ends at %#" PRIx64,
				t->name, e->spa, ns->name,
				ns->data_base + ns->size);
	}
	append(t, e);
	return EXIT_OK;
}

static int map_process(struct target *t)
{
	struct process_map map;
	size_t i;
	int rc = process_map(t->pid, t->off, t->len, &map);

	if (rc)
		return rc;
	t->start_time = map.start_time;
	copy_name(t->node, sizeof(t->node), map.node);
	for (i = 0; i < map.n && !rc; i++) {
		const struct process_run *r = &map.v[i];

		rc = add_address(t, &(struct extent){
			.off = r->va,
			.spa = r->spa,
			.len = r->len,
			.file_off = r->file_off,
			.map_size = r->map_size,
			.hugetlb = r->hugetlb,
		});
	}
	free(map.v);
	return rc;
}

static int map_address(struct target *t)
{
	struct target_run *v;
	size_t n, i;
	int rc = target_runs(t, &v, &n);

	for (i = 0; i < n && !rc; i++)
		rc = add_address(t, &(struct extent){
			.off = v[i].off, .spa = v[i].spa, .len = v[i].len,
		});
	free(v);
	return rc;
}

static int map_place(struct target *t, enum walk walk)
{
	switch (t->kind) {
	case TARGET_FILE:
		return map_file(t, walk);
	case TARGET_PROCESS:
		return map_process(t);
	case TARGET_SPA:
	case TARGET_DIMM:
	case TARGET_MEMDEV:
	case TARGET_REGION:
		return map_address(t);
	default:
		return add_device_bytes(t, t->off, t->off, t->len, false);
	}
}

int target_resolve(const char *name, const struct place *place, bool whole,
		   struct target *t)
{
	int rc;

	*t = (struct target){ .name = name };
	rc = target_read_name(place, whole, t);
	if (!rc)
		rc = map_place(t, whole && !place->offset_set ? WALK_WRITTEN : WALK_ALL);
	if (rc)
		target_free(t);
	return rc;
}

int target_blocks(const char *name, struct ranges *spa)
{
	struct target t = { .name = name };
	size_t i;
	int rc = target_read_path(&t);

	/* there may be some behind its end */
	t.len = UINT64_MAX;
	if (!rc)
		rc = map_file(&t, WALK_OWNED);
	for (i = 0; i < t.n && !rc; i++)
		ranges_add(spa, t.v[i].spa, t.v[i].len);
	target_free(&t);
	return rc;
}

int target_still_there(const struct target *t)
{
	struct place where = {
		.offset_set = true, .length_set = true,
		.offset = t->off, .length = t->len,
	};
	struct ranges planned = { 0 };
	struct target again;
	bool same;
	size_t i;
	int rc;

	rc = target_resolve(target_key(t), &where, false, &again);
	if (rc)
		return rc;
	target_spa(t, &planned);
	same = again.start_time == t->start_time && again.ns == t->ns;
	for (i = 0; i < again.n && same; i++)
		same = ranges_cover(&planned, again.v[i].spa, again.v[i].len);
	ranges_free(&planned);
	target_free(&again);
	if (!same)
		return complain(EXIT_SETUP,
			"'%s' moved while it was looked at", t->name);
	return EXIT_OK;
}

/*
 * How far an extent may grow.  DAX filesystems have blocks of the page size,
 * so that much of the media is known to be the file's; of a bare address the
 * page around it is what can be meant.
 */
static int check_unit(const struct target *t, uint64_t unit)
{
	uint64_t most = t->kind == TARGET_FILE ? PAGE : target_map_align(t);

	if (unit <= most || (t->kind != TARGET_FILE && !target_is_space(t)))
		return EXIT_OK;
	return complain(EXIT_UNSUPPORTED,
		"the unit of %" PRIu64 " bytes is larger than a page of '%s'",
		unit, t->name);
}

int target_widen(struct target *t, uint64_t unit, const char *why)
{
	uint64_t grown = 0;
	size_t i;
	int rc = check_unit(t, unit);

	for (i = 0; i < t->n && !rc; i++) {
		struct extent *e = &t->v[i];
		uint64_t before = e->spa % unit;
		uint64_t after = round_up64(e->spa + e->len, unit) -
				 (e->spa + e->len);

		if (before > e->off ||
		    (t->ns && (before > e->ns_off ||
			       e->ns_off + e->len + after > t->ns->size)) ||
		    (t->kind != TARGET_FILE &&
		     e->off + e->len + after > t->size))
			return complain(EXIT_UNSUPPORTED,
				"rounding to %" PRIu64
				" bytes leaves '%s'", unit, t->name);
		e->off -= before;
		e->spa -= before;
		e->ns_off -= t->ns ? before : 0;
		e->file_off -= e->file_off ? before : 0;
		e->len += before + after;
		grown += before + after;
	}
	if (grown && why && !rc)
		note("rounded out by %" PRIu64 " bytes to %s of %" PRIu64,
		     grown, why, unit);
	return rc;
}

void target_free(struct target *t)
{
	free(t->v);
	t->v = NULL;
	t->n = 0;
}
