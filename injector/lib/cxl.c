// SPDX-License-Identifier: GPL-2.0
/* CXL memory as sysfs has it, and the arithmetic of its addresses. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cxl.h"
#include "put.h"
#include "util.h"

#define DEVICES		"/sys/bus/cxl/devices"
#define SPA_END		(UINT64_C(1) << 52)	/* Intel SDM vol. 3A, 4.1 */
#define QEMU_SUBSYSTEM	0x1af4	/* PCI_SUBVENDOR_ID_REDHAT_QUMRANET of QEMU */

/* ---- sysfs ------------------------------------------------------------------- */

/* A number of a device below DEVICES; an attribute may begin with "../". */
static int read_number(const char *dev, const char *attr, uint64_t *v)
{
	char text[64];
	int rc = read_text(text, sizeof(text), DEVICES "/%s/%s", dev, attr);

	return rc < 0 ? rc : parse_size(text, v);
}

/* The last part of what a link leads to. */
static int read_link(const char *dev, const char *attr, char *name, size_t size)
{
	char path[512], link[512], *last;
	ssize_t n;

	snprintf(path, sizeof(path), "%s" DEVICES "/%s/%s", sysroot, dev, attr);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = '\0';
	last = strrchr(link, '/');
	copy_name(name, size, last ? last + 1 : link);
	return 0;
}

/* Calls @fn for each entry of a folder whose name begins with @prefix and a digit. */
static int each_entry(const char *folder, const char *prefix,
		      int (*fn)(const char *name, void *arg), void *arg)
{
	size_t n = strlen(prefix);
	struct dirent *e;
	int rc = 0;
	DIR *dir = open_folder(folder);

	if (!dir)
		return is_absent(-errno) ? 0 : -errno;
	while (!rc && (e = readdir(dir)))
		if (!strncmp(e->d_name, prefix, n) && e->d_name[n] >= '0' &&
		    e->d_name[n] <= '9' && strlen(e->d_name) < NAME_LEN)
			rc = fn(e->d_name, arg);
	closedir(dir);
	return rc;
}

/* ---- regions ------------------------------------------------------------------ */

struct all_regions {
	struct cxl_region *v;
	size_t n;
};

/* An endpoint decoder is below its port, whose uport is the memory device. */
static int read_share(const char *region, size_t position, struct cxl_share *s)
{
	char decoder[NAME_LEN];
	int rc = read_text(decoder, sizeof(decoder), DEVICES "/%s/target%zu", region, position);

	if (rc < 0)
		return rc;
	copy_name(s->decoder, sizeof(s->decoder), decoder);
	rc = read_link(decoder, "../uport", s->memdev, sizeof(s->memdev));
	if (!rc)
		rc = read_number(decoder, "dpa_resource", &s->dpa);
	return rc ? rc : read_number(s->memdev, "serial", &s->serial);
}

static int read_region(const char *name, struct cxl_region *r)
{
	uint64_t committed = 0, ways = 0;
	size_t i;
	int rc = read_number(name, "commit", &committed);

	if (rc || !committed)
		return rc ? rc : -ENXIO;
	copy_name(r->name, sizeof(r->name), name);
	rc = read_number(name, "resource", &r->spa);
	if (!rc)
		rc = read_number(name, "size", &r->size);
	if (!rc)
		rc = read_number(name, "interleave_granularity", &r->granularity);
	if (!rc)
		rc = read_number(name, "interleave_ways", &ways);
	if (!rc && (!ways || ways > CXL_WAYS_MAX || r->granularity < CXL_LINE ||
		    r->granularity > r->size || r->size % ways || r->size > SPA_END ||
		    r->spa > SPA_END))
		rc = -EPROTO;
	r->ways = ways;
	for (i = 0; i < ways && !rc; i++)
		rc = read_share(name, i, &r->v[i]);
	return rc;
}

/* One that is being made or unmade, or is hidden, is none. */
static int add_region(const char *name, void *arg)
{
	struct all_regions *all = arg;
	struct cxl_region r = { 0 };
	int rc = read_region(name, &r);

	if (rc == -ENXIO || rc == -EINVAL || rc == -EACCES || rc == -EPERM || is_absent(rc))
		return 0;
	if (rc)
		return rc;
	all->v = xrealloc(all->v, (all->n + 1) * sizeof(*all->v));
	all->v[all->n++] = r;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct cxl_region *x = a, *y = b;

	return x->spa < y->spa ? -1 : x->spa > y->spa;
}

int cxl_regions(const struct cxl_region **v, size_t *n)
{
	static struct all_regions all;
	static bool known;
	static int rc;

	if (!known) {
		rc = each_entry(DEVICES, "region", add_region, &all);
		if (all.n)
			qsort(all.v, all.n, sizeof(*all.v), by_address);
		known = true;
	}
	*v = all.v;
	*n = rc ? 0 : all.n;
	return rc;
}

const struct cxl_region *cxl_region_at(uint64_t spa)
{
	const struct cxl_region *v;
	size_t n, i;

	if (cxl_regions(&v, &n))
		return NULL;
	for (i = 0; i < n; i++)
		if (spa >= v[i].spa && spa - v[i].spa < v[i].size)
			return &v[i];
	return NULL;
}

/* ---- addresses ---------------------------------------------------------------- */

const struct cxl_share *cxl_dpa(const struct cxl_region *r, uint64_t spa, uint64_t *dpa)
{
	uint64_t off = spa - r->spa, granule = off / r->granularity;
	const struct cxl_share *s = &r->v[granule % r->ways];

	*dpa = s->dpa + granule / r->ways * r->granularity + off % r->granularity;
	return s;
}

bool cxl_spa(const struct cxl_region *r, size_t position, uint64_t dpa, uint64_t *spa,
	     uint64_t *run)
{
	const struct cxl_share *s = &r->v[position];
	uint64_t off = dpa - s->dpa, granule = off / r->granularity;

	if (dpa < s->dpa || off >= r->size / r->ways)
		return false;
	*spa = r->spa + (granule * r->ways + position) * r->granularity + off % r->granularity;
	*run = r->ways == 1 ? r->size - off : r->granularity - off % r->granularity;
	return true;
}

const struct cxl_region *cxl_host(const char *memdev, uint64_t dpa, uint64_t *spa,
				  uint64_t *run)
{
	const struct cxl_region *v;
	size_t n, i, k;

	if (cxl_regions(&v, &n))
		return NULL;
	for (i = 0; i < n; i++)
		for (k = 0; k < v[i].ways; k++)
			if (!strcmp(v[i].v[k].memdev, memdev) &&
			    cxl_spa(&v[i], k, dpa, spa, run))
				return &v[i];
	return NULL;
}

/* What the device at @position has of the bytes from @off on: its first byte, and how many. */
static uint64_t part_of(const struct cxl_region *r, size_t position, uint64_t off, uint64_t len,
			uint64_t *dpa)
{
	uint64_t g = r->granularity, end = off + len, set = g * r->ways;
	uint64_t first = off / set * g, last = end / set * g;
	uint64_t in_first = off % set, in_last = end % set, start = position * g;

	first += in_first <= start ? 0 : in_first - start < g ? in_first - start : g;
	last += in_last <= start ? 0 : in_last - start < g ? in_last - start : g;
	*dpa = r->v[position].dpa + first;
	return last - first;
}

static void put_share(json_object *o, const struct cxl_region *r, size_t position, uint64_t dpa)
{
	const struct cxl_share *s = &r->v[position];

	put_str(o, "memdev", s->memdev);
	put_u64(o, "serial", s->serial);
	put_str(o, "decoder", s->decoder);
	put_u64(o, "position", position);
	put_u64(o, "dpa", dpa);
}

void cxl_put_place(json_object *o, uint64_t spa, uint64_t len)
{
	const struct cxl_region *r = cxl_region_at(spa);
	json_object *list, *part;
	uint64_t dpa, n;
	size_t i;

	if (!r)
		return;
	put_str(o, "region", r->name);
	i = (size_t)(cxl_dpa(r, spa, &dpa) - r->v);
	put_share(o, r, i, dpa);
	if (r->ways == 1)
		return;
	if (len > r->spa + r->size - spa)
		len = r->spa + r->size - spa;
	list = json_object_new_array();
	for (i = 0; i < r->ways; i++) {
		n = part_of(r, i, spa - r->spa, len, &dpa);
		if (!n)
			continue;
		part = json_object_new_object();
		put_share(part, r, i, dpa);
		put_u64(part, "length", n);
		json_object_array_add(list, part);
	}
	json_object_object_add(o, "shares", list);
}

void cxl_put_host(json_object *o, const char *memdev, uint64_t dpa)
{
	uint64_t spa, run;
	const struct cxl_region *r = cxl_host(memdev, dpa, &spa, &run);

	if (!r)
		return;
	put_str(o, "region", r->name);
	put_u64(o, "spa", spa);
}

/* ---- what there is ------------------------------------------------------------- */

struct all_daxes {
	struct nsinfo **v;
	size_t *n;
	const char *region;
	const char *folder;
};

static int dax_number(const struct all_daxes *all, const char *dax, const char *attr, uint64_t *v)
{
	char text[64];
	int rc = read_text(text, sizeof(text), "%s/%s/%s", all->folder, dax, attr);

	return rc < 0 ? rc : parse_size(text, v);
}

/* In several pieces it has no one address; of size 0 it is none yet. */
static int add_dax(const char *name, void *arg)
{
	struct all_daxes *all = arg;
	struct nsinfo ns = { .mode = NS_DEVDAX };
	const struct cxl_region *r;
	char path[512];
	uint64_t more;

	if (dax_number(all, name, "size", &ns.size) || !ns.size ||
	    dax_number(all, name, "align", &ns.align) || !ns.align ||
	    !dax_number(all, name, "mapping1/start", &more))
		return 0;
	if (dax_number(all, name, "resource", &ns.data_base))
		ns.data_base = 0;
	r = cxl_region_at(ns.data_base);
	ns.region_base = r ? r->spa : 0;
	ns.region_size = r ? r->size : 0;
	copy_name(ns.name, NAME_LEN, name);
	copy_name(ns.daxdev, NAME_LEN, name);
	copy_name(ns.region, NAME_LEN, all->region);
	copy_name(ns.provider, NAME_LEN, "CXL");
	snprintf(path, sizeof(path), "%s/%s/driver", all->folder, name);
	ns.active = !file_access(path, F_OK);
	*all->v = xrealloc(*all->v, (*all->n + 1) * sizeof(**all->v));
	(*all->v)[(*all->n)++] = ns;
	return 0;
}

static int add_daxes(const char *region, void *arg)
{
	struct all_daxes all = *(struct all_daxes *)arg;
	char folder[256];

	snprintf(folder, sizeof(folder), DEVICES "/%s/dax_%s", region, region);
	all.region = region;
	all.folder = folder;
	return each_entry(folder, "dax", add_dax, &all);
}

int cxl_daxes(struct nsinfo **v, size_t *n)
{
	struct all_daxes all = { .v = v, .n = n };

	return each_entry(DEVICES, "region", add_daxes, &all);
}

struct all_memdevs {
	struct cxl_memdev *v;
	size_t n;
};

static int add_memdev(const char *name, void *arg)
{
	struct all_memdevs *all = arg;
	struct cxl_memdev m = { 0 };
	uint64_t size;

	if (read_number(name, "serial", &m.serial))
		return 0;
	copy_name(m.name, sizeof(m.name), name);
	if (!read_number(name, "ram/size", &size))
		m.size += size;
	if (!read_number(name, "pmem/size", &size))
		m.size += size;
	all->v = xrealloc(all->v, (all->n + 1) * sizeof(*all->v));
	all->v[all->n++] = m;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct cxl_memdev *)a)->name,
			  ((const struct cxl_memdev *)b)->name);
}

int cxl_memdevs(struct cxl_memdev **v, size_t *n)
{
	struct all_memdevs all = { 0 };
	int rc = each_entry(DEVICES, "mem", add_memdev, &all);

	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_name);
	*v = all.v;
	*n = all.n;
	return rc;
}

/* The memory device is a child of its PCI device. */
bool cxl_emulated(const struct cxl_region *r)
{
	uint64_t vendor;
	size_t i;

	for (i = 0; i < r->ways; i++)
		if (read_number(r->v[i].memdev, "../subsystem_vendor", &vendor) ||
		    vendor != QEMU_SUBSYSTEM)
			return false;
	return true;
}
