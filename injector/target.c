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

#include "target.h"
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

const char *target_kind_name(enum target_kind kind)
{
	static const char * const names[] = {
		[TARGET_NAMESPACE] = "namespace",
		[TARGET_BLOCK] = "blockdev",
		[TARGET_DEVDAX] = "devdax",
		[TARGET_FILE] = "file",
	};

	return names[kind];
}

const char *ns_mode_name(enum ns_mode mode)
{
	static const char * const names[] = {
		[NS_RAW] = "raw",
		[NS_FSDAX] = "fsdax",
		[NS_DEVDAX] = "devdax",
		[NS_SECTOR] = "sector",
	};

	return names[mode];
}

const struct nsinfo *target_ns(const char *name)
{
	const struct nsinfo *v;
	size_t n, i;

	if (!*name || platform->namespaces(&v, &n))
		return NULL;
	for (i = 0; i < n; i++)
		if (!strcmp(v[i].name, name) || !strcmp(v[i].blockdev, name) ||
		    !strcmp(v[i].daxdev, name))
			return &v[i];
	return NULL;
}

const struct nsinfo *target_ns_at(uint64_t spa)
{
	const struct nsinfo *v;
	size_t n, i;

	if (platform->namespaces(&v, &n))
		return NULL;
	for (i = 0; i < n; i++)
		if (v[i].active && spa >= v[i].data_base &&
		    spa - v[i].data_base < v[i].size)
			return &v[i];
	return NULL;
}

const struct dimm_part *target_dpa(const struct nsinfo *ns, uint64_t spa,
				   uint64_t *dpa)
{
	if (ns->ndimms != 1)
		return NULL;
	*dpa = ns->dimms[0].dpa_base + (spa - ns->region_base);
	return &ns->dimms[0];
}

static int check_ns(const struct nsinfo *ns)
{
	if (!ns->active)
		return complain(EXIT_UNSUPPORTED, "'%s' is disabled", ns->name);
	if (ns->mode == NS_SECTOR)
		return complain(EXIT_UNSUPPORTED,
			"'%s' is in sector mode: its blocks move", ns->name);
	if (!ns->data_base)
		return complain(EXIT_UNSUPPORTED,
			"the physical address of '%s' is hidden: not root?",
			ns->name);
	return EXIT_OK;
}

static int complain_ident(const char *name, int rc)
{
	switch (rc) {
	case -ENOENT:
		return complain(EXIT_USAGE, "no such target '%s'", name);
	case -ENOTBLK:
		return complain(EXIT_UNSUPPORTED,
			"'%s' is no namespace, pmem or dax device, nor a file "
			"on one", name);
	default:
		return complain(EXIT_SETUP, "cannot look at '%s': %s", name,
				strerror(-rc));
	}
}

/* Decide what @name is; sets kind, ns, size and part_start. */
static int classify(const char *name, struct target *t)
{
	struct ident id;
	int rc;

	if (!strchr(name, '/') && !strncmp(name, "namespace", 9)) {
		t->kind = TARGET_NAMESPACE;
		t->ns = target_ns(name);
		if (!t->ns)
			return complain(EXIT_USAGE, "no namespace '%s'", name);
		t->size = t->ns->size;
		return check_ns(t->ns);
	}
	rc = platform->identify(name, &id);
	if (rc)
		return complain_ident(name, rc);
	t->ns = target_ns(id.dev);
	if (!t->ns)
		return complain(EXIT_UNSUPPORTED,
			"'%s' is on '%s', which is not persistent memory",
			name, id.dev);
	t->kind = id.kind == IDENT_FILE ? TARGET_FILE :
		  id.kind == IDENT_BLOCK ? TARGET_BLOCK : TARGET_DEVDAX;
	t->part_start = id.part_start;
	t->size = id.kind == IDENT_DEVDAX ? t->ns->size : id.size;
	return check_ns(t->ns);
}

static int set_place(const struct place *p, bool whole, struct target *t)
{
	uint64_t off = p->offset, len = p->length;

	if (p->block_set) {
		if (t->kind == TARGET_FILE)
			return complain(EXIT_USAGE,
				"--block is for devices: give --offset in '%s'",
				t->name);
		len = p->count_set ? p->count : 1;
		if (p->block > UINT64_MAX / SECTOR ||
		    len > UINT64_MAX / SECTOR)
			return complain(EXIT_USAGE,
				"block %" PRIu64 " is beyond '%s'",
				p->block, t->name);
		off = p->block * SECTOR;
		len *= SECTOR;
	} else if (!p->length_set) {
		len = SECTOR;
		if (whole && !p->offset_set)
			len = t->size;
	}
	if (!len || off >= t->size || len > t->size - off)
		return complain(EXIT_USAGE,
			"bytes %" PRIu64 "+%" PRIu64
			" are not inside '%s', which has %" PRIu64,
			off, len, t->name, t->size);
	t->off = off;
	t->len = len;
	return EXIT_OK;
}

static int add_extent(struct target *t, uint64_t off, uint64_t ns_off,
		      uint64_t len, bool shared)
{
	if (ns_off >= t->ns->size || len > t->ns->size - ns_off)
		return complain(EXIT_SETUP,
			"'%s' at %" PRIu64 " maps to byte %" PRIu64
			", behind the end of '%s'",
			t->name, off, ns_off, t->ns->name);
	t->v = xrealloc(t->v, (t->n + 1) * sizeof(*t->v));
	t->v[t->n++] = (struct extent){
		.off = off,
		.ns_off = ns_off,
		.spa = t->ns->data_base + ns_off,
		.len = len,
		.shared = shared,
	};
	return EXIT_OK;
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

static int walk_extents(struct target *t, const struct file_map *map,
			bool skip_holes)
{
	uint64_t pos = t->off, end = t->off + t->len;
	size_t i;
	int rc;

	for (i = 0; i < map->n && pos < end; i++) {
		const struct file_extent *fe = &map->v[i];
		uint64_t skip, len;

		if (skip_holes && fe->logical > pos)
			pos = fe->logical;
		if (fe->logical + fe->len <= pos)
			continue;
		if (fe->logical > pos || pos >= end)
			break;
		skip = pos - fe->logical;
		len = fe->len - skip < end - pos ? fe->len - skip : end - pos;
		pos += len;
		if (skip_holes && fe->flags & BAD_EXTENT)
			continue;
		rc = check_extent(t, fe);
		if (!rc)
			rc = add_extent(t, pos - len, t->part_start +
					fe->physical + skip, len,
					fe->flags & FIEMAP_EXTENT_SHARED);
		if (rc)
			return rc;
	}
	if (pos < end && !skip_holes)
		return complain(EXIT_UNSUPPORTED,
			"'%s' has a hole at %" PRIu64, t->name, pos);
	if (!t->n)
		return complain(EXIT_UNSUPPORTED, "'%s' has no blocks",
				t->name);
	return EXIT_OK;
}

static int map_file(struct target *t, bool skip_holes)
{
	struct file_map map = { 0 };
	int rc;

	rc = platform->file_map(t->name, t->off, t->len, &map);
	if (rc)
		return complain(EXIT_SETUP, "cannot map '%s': %s", t->name,
				strerror(-rc));
	if (!map.dax)
		rc = complain(EXIT_UNSUPPORTED,
			"'%s' is not DAX: it goes through the page cache",
			t->name);
	else if (map.realtime)
		rc = complain(EXIT_UNSUPPORTED,
			"'%s' lies on a realtime device", t->name);
	else
		rc = walk_extents(t, &map, skip_holes);
	free(map.v);
	return rc;
}

int target_resolve(const char *name, const struct place *place, bool whole,
		   struct target *t)
{
	int rc;

	*t = (struct target){ .name = name };
	rc = classify(name, t);
	if (!rc)
		rc = set_place(place, whole, t);
	if (!rc && t->kind == TARGET_FILE)
		rc = map_file(t, whole && !place->offset_set);
	else if (!rc)
		rc = add_extent(t, t->off, t->part_start + t->off, t->len,
				false);
	if (rc)
		target_free(t);
	return rc;
}

/*
 * A file's extent may only grow inside its page: DAX filesystems have blocks
 * of the page size, so that much of the media is known to be the file's.
 */
int target_widen(struct target *t, uint64_t unit, const char *why)
{
	uint64_t grown = 0;
	size_t i;

	if (t->kind == TARGET_FILE && unit > PAGE)
		return complain(EXIT_UNSUPPORTED,
			"the unit of %" PRIu64 " bytes is larger than a page "
			"of '%s'", unit, t->name);
	for (i = 0; i < t->n; i++) {
		struct extent *e = &t->v[i];
		uint64_t before = e->spa % unit;
		uint64_t after = round_up64(e->spa + e->len, unit) -
				 (e->spa + e->len);

		if (before > e->ns_off || before > e->off ||
		    e->ns_off + e->len + after > t->ns->size ||
		    (t->kind != TARGET_FILE &&
		     e->off + e->len + after > t->size))
			return complain(EXIT_UNSUPPORTED,
				"rounding to %" PRIu64
				" bytes leaves '%s'", unit, t->name);
		e->off -= before;
		e->ns_off -= before;
		e->spa -= before;
		e->len += before + after;
		grown += before + after;
	}
	if (grown && why)
		note("rounded out by %" PRIu64 " bytes to %s of %" PRIu64,
		     grown, why, unit);
	return EXIT_OK;
}

void target_free(struct target *t)
{
	free(t->v);
	t->v = NULL;
	t->n = 0;
}

void target_spa(const struct target *t, struct ranges *to)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		ranges_add(to, t->v[i].spa, t->v[i].len);
}

uint64_t target_map_align(const struct target *t)
{
	return t->ns->mode == NS_DEVDAX ? t->ns->align : PAGE;
}

void target_devnode(const struct target *t, char *buf, size_t size)
{
	if (t->kind == TARGET_FILE)
		copy_name(buf, size, t->name);
	else if (t->ns->mode == NS_DEVDAX)
		snprintf(buf, size, "/dev/%s", t->ns->daxdev);
	else
		snprintf(buf, size, "/dev/%s", t->ns->blockdev);
}

uint64_t target_dev_off(const struct target *t, const struct extent *e)
{
	return t->kind == TARGET_FILE ? e->off : e->ns_off;
}

static json_object *extent_json(const struct target *t, const struct extent *e)
{
	json_object *o = json_object_new_object();
	const struct dimm_part *dimm;
	uint64_t dpa = 0;

	json_object_object_add(o, "offset", json_object_new_uint64(e->off));
	json_object_object_add(o, "length", json_object_new_uint64(e->len));
	json_object_object_add(o, "block",
		json_object_new_uint64(e->ns_off / SECTOR));
	if (t->ns->mode != NS_DEVDAX)
		json_object_object_add(o, "lba",
			json_object_new_uint64(e->ns_off / SECTOR));
	json_object_object_add(o, "spa", json_object_new_uint64(e->spa));
	json_object_object_add(o, "pfn", json_object_new_uint64(e->spa / PAGE));
	dimm = target_dpa(t->ns, e->spa, &dpa);
	if (dimm) {
		json_object_object_add(o, "dimm",
			json_object_new_string(dimm->name));
		json_object_object_add(o, "dpa", json_object_new_uint64(dpa));
	}
	if (e->shared)
		json_object_object_add(o, "shared",
			json_object_new_boolean(true));
	return o;
}

json_object *target_json(const struct target *t)
{
	json_object *o = json_object_new_object();
	json_object *list = json_object_new_array();
	size_t i;

	json_object_object_add(o, "target", json_object_new_string(t->name));
	json_object_object_add(o, "kind",
		json_object_new_string(target_kind_name(t->kind)));
	json_object_object_add(o, "namespace",
		json_object_new_string(t->ns->name));
	json_object_object_add(o, "mode",
		json_object_new_string(ns_mode_name(t->ns->mode)));
	for (i = 0; i < t->n; i++)
		json_object_array_add(list, extent_json(t, &t->v[i]));
	json_object_object_add(o, "extents", list);
	return o;
}
