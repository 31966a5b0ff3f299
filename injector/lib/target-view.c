// SPDX-License-Identifier: GPL-2.0
/* What a resolved target looks like, and how its bytes are reached. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cxl.h"
#include "memmap.h"
#include "put.h"
#include "pageflags.h"
#include "target.h"

const char *target_kind_name(enum target_kind kind)
{
	static const char * const names[] = {
		[TARGET_NAMESPACE] = "namespace",
		[TARGET_BLOCK] = "blockdev",
		[TARGET_DEVDAX] = "devdax",
		[TARGET_FILE] = "file",
		[TARGET_PROCESS] = "process",
		[TARGET_SPA] = "spa",
		[TARGET_DIMM] = "dimm",
		[TARGET_MEMDEV] = "memdev",
		[TARGET_REGION] = "region",
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

bool target_is_ram(const struct target *t)
{
	return !t->ns;
}

const char *target_where(const struct target *t)
{
	return t->ns ? t->ns->name : "System RAM";
}

static bool is_devdax(const struct target *t)
{
	return t->ns && t->ns->mode == NS_DEVDAX;
}

bool target_by_file(const struct target *t)
{
	return t->kind == TARGET_FILE ||
	       (t->kind == TARGET_PROCESS && t->ns && !is_devdax(t));
}

bool target_has_node(const struct target *t)
{
	if (target_is_ram(t))
		return false;
	return t->kind == TARGET_FILE || !target_by_file(t) || *t->node;
}

static bool warn_of(uint64_t pfn, uint64_t flags, void *arg)
{
	const char *owner = memmap_kernel_owned(flags);
	bool *warned = arg;

	if (!owner)
		return false;
	note("frame %#" PRIx64 " belongs to the kernel (%s): the machine may "
	     "not survive", pfn, owner);
	*warned = true;
	return true;
}

void target_warn(const struct target *t)
{
	bool warned = false;
	size_t i;

	if (!target_is_ram(t) || t->kind == TARGET_PROCESS)
		return;
	for (i = 0; i < t->n && !warned; i++) {
		uint64_t start = round_down64(t->v[i].spa, PAGE);
		uint64_t end = round_up64(t->v[i].spa + t->v[i].len, PAGE);

		if (pageflags_each(start, end - start, warn_of, &warned))
			return;
	}
}

void target_spa(const struct target *t, struct ranges *to)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		ranges_add(to, t->v[i].spa, t->v[i].len);
}

uint64_t target_map_align(const struct target *t)
{
	if (is_devdax(t))
		return t->ns->align;
	if (t->n && t->v[0].hugetlb)
		return t->v[0].map_size;
	return PAGE;
}

void target_devnode(const struct target *t, char *buf, size_t size)
{
	if (!target_has_node(t))
		copy_name(buf, size, "");
	else if (target_by_file(t))
		copy_name(buf, size, t->kind == TARGET_FILE ? t->name :
							      t->node);
	else
		snprintf(buf, size, "/dev/%s", is_devdax(t) ? t->ns->daxdev :
							      t->ns->blockdev);
}

uint64_t target_dev_off(const struct target *t, const struct extent *e)
{
	if (!target_by_file(t))
		return e->ns_off;
	return t->kind == TARGET_FILE ? e->off : e->file_off;
}

uint64_t target_dev_off_at(const struct target *t, uint64_t spa)
{
	static size_t last;	/* whoever asks goes on from there */
	size_t i, k;

	for (i = 0; i < t->n; i++) {
		k = (last + i) % t->n;
		if (spa < t->v[k].spa || spa - t->v[k].spa >= t->v[k].len)
			continue;
		last = k;
		return target_dev_off(t, &t->v[k]) + (spa - t->v[k].spa);
	}
	return 0;
}

static void put_ns(json_object *o, const struct target *t,
		   const struct extent *e)
{
	const struct dimm_part *dimm;
	uint64_t dpa = 0;

	put_u64(o, "block", e->ns_off / SECTOR);
	if (!is_devdax(t))
		put_u64(o, "lba", e->ns_off / SECTOR);
	dimm = cxl_region_at(e->spa) ? NULL : target_dpa(t->ns, e->spa, &dpa);
	if (dimm) {
		put_str(o, "dimm", dimm->name);
		put_u64(o, "dpa", dpa);
	}
}

static json_object *extent_json(const struct target *t, const struct extent *e)
{
	json_object *o = json_object_new_object();

	put_u64(o, "offset", e->off);
	put_u64(o, "length", e->len);
	if (target_by_file(t))
		put_u64(o, "file_offset", target_dev_off(t, e));
	put_u64(o, "spa", e->spa);
	put_u64(o, "pfn", extent_pfn(e));
	if (t->ns)
		put_ns(o, t, e);
	cxl_put_place(o, e->spa, e->len);
	if (e->map_size)
		put_u64(o, "map_size", e->map_size);
	if (e->shared)
		put_bool(o, "shared", true);
	return o;
}

/* The mapped file by its name, which may have gone since. */
static void put_process(json_object *o, const struct target *t)
{
	char path[256], file[512];
	ssize_t n;

	put_u64(o, "pid", t->pid);
	if (!*t->node)
		return;
	snprintf(path, sizeof(path), "%s%s", sysroot, t->node);
	n = readlink(path, file, sizeof(file) - 1);
	if (n < 0)
		return;
	file[n] = '\0';
	put_str(o, "file", file);
}

json_object *target_json(const struct target *t)
{
	json_object *o = json_object_new_object();
	json_object *list = json_object_new_array();
	size_t i;

	put_str(o, "target", t->name);
	put_str(o, "kind", target_kind_name(t->kind));
	put_str(o, "memory", t->ns ? "Persistent Memory" : "System RAM");
	if (t->ns) {
		put_str(o, "namespace", t->ns->name);
		put_str(o, "mode", ns_mode_name(t->ns->mode));
	}
	if (t->kind == TARGET_PROCESS)
		put_process(o, t);
	for (i = 0; i < t->n; i++)
		json_object_array_add(list, extent_json(t, &t->v[i]));
	json_object_object_add(o, "extents", list);
	return o;
}
