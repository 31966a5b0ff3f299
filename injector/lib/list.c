// SPDX-License-Identifier: GPL-2.0
/* Namespaces, and the poison in them by source. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cxl.h"
#include "intr.h"
#include "list.h"
#include "machine.h"
#include "pageflags.h"
#include "put.h"
#include "spaces.h"
#include "state.h"
#include "target.h"
#include "who.h"

/* What is shown, and of which bytes. */
struct sight {
	const struct list_what *what;
	const struct ranges *only;	/* SPAs of a file's blocks; NULL: all */
	struct ranges seen;		/* of one namespace, for who has it */
	struct who_list w;
};

/* What is out of sight goes. */
static void narrow(struct ranges *r, const struct ranges *only)
{
	struct ranges part = { 0 };
	size_t i;

	if (!only)
		return;
	for (i = 0; i < only->n; i++)
		ranges_clip(&part, r, only->v[i].start, only->v[i].len);
	ranges_free(r);
	*r = part;
}

/* The one at the address, as ndctl has it; all, if the firmware does not say. */
static json_object *dimm_names(const struct nsinfo *ns, uint64_t spa)
{
	json_object *list = json_object_new_array();
	const struct dimm_part *dimm;
	uint64_t dpa;
	size_t i;

	dimm = target_dpa(ns, spa, &dpa);
	if (dimm) {
		json_object_array_add(list, json_object_new_string(dimm->name));
		return list;
	}
	for (i = 0; i < ns->ndimms; i++)
		json_object_array_add(list,
			json_object_new_string(ns->dimms[i].name));
	return list;
}

/* Same keys as "ndctl list -M": offset and length in 512-byte blocks. */
static int put_badblocks(json_object *o, const struct nsinfo *ns, struct sight *s)
{
	struct ranges bad = { 0 };
	json_object *list;
	size_t i;
	bool cut;
	int rc = state_badblocks_cut(ns, &bad, &cut);

	if (rc)
		return complain(EXIT_SETUP, "cannot read the badblocks of '%s': %s",
				ns->name, strerror(-rc));
	if (cut) {
		note("sysfs does not show all badblocks of '%s'", ns->name);
		put_bool(o, "badblocks_cut", true);
	}
	narrow(&bad, s->only);
	put_u64(o, "badblock_count", ranges_total(&bad) / SECTOR);
	list = json_ranges(&bad, ns->data_base, SECTOR);
	ranges_clip(&s->seen, &bad, 0, UINT64_MAX);
	for (i = 0; i < bad.n; i++)
		json_object_object_add(json_object_array_get_idx(list, i),
				       "dimms",
				       dimm_names(ns, bad.v[i].start));
	json_object_object_add(o, "badblocks", list);
	ranges_free(&bad);
	return EXIT_OK;
}

/* A range of bytes, with the blocks that it touches. */
static json_object *range_json(const struct nsinfo *ns, const struct range *r)
{
	uint64_t off = r->start - ns->data_base;
	uint64_t first = off / SECTOR;
	json_object *o = json_object_new_object();

	put_u64(o, "spa", r->start);
	put_u64(o, "length", r->len);
	put_u64(o, "block", first);
	put_u64(o, "count", (off + r->len + SECTOR - 1) / SECTOR - first);
	return o;
}

static int put_injected(json_object *o, const struct nsinfo *ns, struct sight *s)
{
	struct ranges inj = { 0 };
	json_object *list;
	size_t i;
	int rc = state_injected(ns, &inj);

	if (rc == -EOPNOTSUPP) {
		json_object_object_add(o, "injected", NULL);
		return EXIT_OK;
	}
	if (rc)
		return complain(EXIT_SETUP,
			"cannot query the injected errors of '%s': %s",
			ns->bus, strerror(-rc));
	narrow(&inj, s->only);
	list = json_object_new_array();
	for (i = 0; i < inj.n; i++)
		json_object_array_add(list, range_json(ns, &inj.v[i]));
	json_object_object_add(o, "injected", list);
	ranges_clip(&s->seen, &inj, 0, UINT64_MAX);
	ranges_free(&inj);
	return EXIT_OK;
}

static int put_hwpoison(json_object *o, const struct nsinfo *ns, struct sight *s)
{
	json_object *hwp = json_object_new_object();
	json_object *list = json_object_new_array();
	struct ranges pages = { 0 };
	uint64_t spa;
	bool certain;
	size_t i;
	int rc = state_hwpoison(ns->data_base, ns->size, &pages, &certain);

	narrow(&pages, s->only);
	for (i = 0; i < pages.n; i++)
		for (spa = pages.v[i].start;
		     spa < pages.v[i].start + pages.v[i].len; spa += PAGE) {
			json_object *p = json_object_new_object();

			put_u64(p, "pfn", spa / PAGE);
			put_u64(p, "block", (spa - ns->data_base) / SECTOR);
			json_object_array_add(list, p);
		}
	put_str(hwp, "source", certain ? "kpageflags" : "kernel log");
	json_object_object_add(hwp, "pages", list);
	json_object_object_add(o, "hwpoison", hwp);
	ranges_clip(&s->seen, &pages, 0, UINT64_MAX);
	ranges_free(&pages);
	if (rc)
		return complain(EXIT_SETUP, "cannot see which pages of '%s' are poisoned (%s): %s",
				ns->name, certain ? "kpageflags" : "kernel log", strerror(-rc));
	return EXIT_OK;
}

static int put_files(json_object *o, const struct nsinfo *ns, struct sight *s)
{
	json_object *list = json_object_new_array();
	size_t i;
	int rc = 0;

	for (i = 0; i < s->seen.n && !rc; i++)
		rc = who_range(ns, s->seen.v[i].start - ns->data_base, s->seen.v[i].len,
			       &s->w);
	who_json(&s->w, list);
	json_object_object_add(o, "files", list);
	who_free(&s->w);
	if (rc && !intr_check())
		return complain(EXIT_SETUP, "cannot find out who has the poison of '%s': %s",
				ns->name, strerror(-rc));
	return rc ? intr_check() : EXIT_OK;
}

static int put_poison(json_object *o, const struct nsinfo *ns, struct sight *s)
{
	int rc = EXIT_OK;

	if (s->what->badblocks)
		rc = put_badblocks(o, ns, s);
	if (!rc && s->what->injected)
		rc = put_injected(o, ns, s);
	if (!rc && s->what->hwpoison)
		rc = put_hwpoison(o, ns, s);
	if (!rc && s->what->files)
		rc = put_files(o, ns, s);
	ranges_free(&s->seen);
	return rc;
}

/* Nothing of it but poisoned pages is this tool's business. */
static int list_ram(json_object *list)
{
	struct ranges pages = { 0 };
	json_object *o, *hwp, *all;
	uint64_t size, spa;
	int rc = pageflags_ram(&pages, &size);
	size_t i;

	if (!pages.n)
		return rc;
	o = json_object_new_object();
	hwp = json_object_new_object();
	all = json_object_new_array();
	for (i = 0; i < pages.n; i++)
		for (spa = pages.v[i].start;
		     spa < pages.v[i].start + pages.v[i].len; spa += PAGE) {
			json_object *p = json_object_new_object();

			put_u64(p, "pfn", spa / PAGE);
			put_u64(p, "spa", spa);
			json_object_array_add(all, p);
		}
	put_str(o, "dev", "System RAM");
	put_str(o, "mode", "ram");
	put_u64(o, "size", size);
	put_str(hwp, "source", "kpageflags");
	json_object_object_add(hwp, "pages", all);
	json_object_object_add(o, "hwpoison", hwp);
	json_object_array_add(list, o);
	ranges_free(&pages);
	return rc;
}

static json_object *poison_json(const char *memdev)
{
	json_object *all, *o;
	struct cxl_poison *v;
	size_t n, i;
	int rc = cxl_poison_list(memdev, &v, &n);

	if (rc) {
		if (rc != -EOPNOTSUPP)
			note("the list of poison of '%s' cannot be read: %s", memdev,
			     strerror(-rc));
		return NULL;
	}
	all = json_object_new_array();
	for (i = 0; i < n; i++) {
		o = json_object_new_object();
		put_u64(o, "dpa", v[i].dpa);
		put_u64(o, "length", v[i].len);
		put_str(o, "source", v[i].source);
		cxl_put_host(o, memdev, v[i].dpa);
		json_object_array_add(all, o);
	}
	free(v);
	return all;
}

/* Poison may lie where no region is, so that no namespace would show it. */
static int list_memdevs(json_object *list)
{
	struct cxl_memdev *v;
	size_t n, i;
	int rc = cxl_memdevs(&v, &n);

	if (rc)
		return complain(EXIT_SETUP, "cannot list the CXL memory devices: %s",
				strerror(-rc));
	for (i = 0; i < n; i++) {
		json_object *o = json_object_new_object();

		put_str(o, "dev", v[i].name);
		put_str(o, "mode", "cxl");
		put_u64(o, "size", v[i].size);
		put_u64(o, "serial", v[i].serial);
		json_object_object_add(o, "injected", poison_json(v[i].name));
		json_object_array_add(list, o);
	}
	free(v);
	return EXIT_OK;
}

static int list_one(json_object *list, const struct nsinfo *ns, struct sight *s)
{
	const char *device = ns->mode == NS_DEVDAX ? ns->daxdev : ns->blockdev;
	json_object *o = json_object_new_object();

	put_str(o, "dev", ns->name);
	put_str(o, "mode", ns_mode_name(ns->mode));
	put_u64(o, "size", ns->size);
	if (*ns->uuid)
		put_str(o, "uuid", ns->uuid);
	if (*device) {
		put_str(o, ns->mode == NS_DEVDAX ? "chardev" : "blockdev",
			device);
		put_str(o, "device", device);
	}
	put_str(o, "region", ns->region);
	put_str(o, "provider", ns->provider);
	json_object_array_add(list, o);
	if (!ns->active) {
		put_str(o, "state", "disabled");
		return EXIT_OK;
	}
	if (!ns->data_base) {
		if (ns->mode != NS_SECTOR)
			note("the poison of '%s' is hidden: not root?", ns->name);
		return EXIT_OK;
	}
	put_u64(o, "resource", ns->data_base);
	return put_poison(o, ns, s);
}

/*
 * A path stands for the namespace that it lies on, of which a file narrows the sight to
 * its blocks: @blocks receives their SPAs, and @of_file says so, as there may be none.
 */
static int find_one(const char *name, const struct nsinfo **ns, struct ranges *blocks,
		    bool *of_file)
{
	struct ident id;
	int rc = target_ns(name, ns);

	*of_file = false;
	if (rc || *ns)
		return rc;
	rc = machine->identify(name, &id);
	if (rc && rc != -ENOENT && rc != -ENOTBLK)
		return complain(EXIT_SETUP, "cannot look at '%s': %s", name, strerror(-rc));
	if (!rc)
		rc = target_ns(id.dev, ns);
	*of_file = !rc && *ns && id.kind == IDENT_FILE;
	if (*of_file)
		rc = target_blocks(name, blocks);
	if (rc == EXIT_SETUP || *ns)
		return rc;
	return complain(EXIT_USAGE, "no namespace belongs to '%s'", name);
}

int list_json(const char *name, const struct list_what *what,
	      json_object **list)
{
	const struct nsinfo *v, *only;
	struct ranges blocks = { 0 };
	struct sight s = { .what = what };
	size_t n, i;
	bool of_file;
	int ram;
	int rc = machine_check_admin("list");

	*list = NULL;
	if (rc)
		return rc;
	rc = spaces_find(&v, &n);
	if (rc)
		return rc;
	if (name) {
		rc = find_one(name, &only, &blocks, &of_file);
		if (rc)
			return rc;
		s.only = of_file ? &blocks : NULL;
		v = only;
		n = 1;
	}
	*list = json_object_new_array();
	for (i = 0; i < n && !rc; i++)
		rc = list_one(*list, &v[i], &s);
	if (!rc && !name && what->injected)
		rc = list_memdevs(*list);
	if (!rc && !name && what->hwpoison && (ram = list_ram(*list)))
		note("poisoned pages of System RAM cannot be seen: %s",
		     strerror(-ram));
	ranges_free(&blocks);
	rc = rc ? rc : intr_check();
	if (rc) {
		json_object_put(*list);
		*list = NULL;
	}
	return rc;
}
