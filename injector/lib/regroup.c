// SPDX-License-Identifier: GPL-2.0
/* What the journal says is planted, as targets of today. */
#include <linux/fiemap.h>
#include <stdlib.h>
#include <string.h>

#include "regroup.h"
#include "util.h"

/* What the journal names, as it is now: a file, or a device with one extent. */
struct file_now {
	const struct nsinfo *ns;
	struct ident id;
	struct file_map map;
};

static int by_name(const void *a, const void *b)
{
	const struct planted *x = a, *y = b;
	int c = strcmp(x->target, y->target);

	return c ? c : x->spa < y->spa ? -1 : x->spa > y->spa;
}

/* A partition, or a device of the device mapper: it may be what holds the disk. */
static bool is_device(const struct ident *id)
{
	return id->kind == IDENT_BLOCK && (id->part_start || id->runs.n);
}

static void open_file(const char *path, struct file_now *f)
{
	*f = (struct file_now){ 0 };
	if (*path != '/' || machine->identify(path, &f->id))
		return;
	if (target_ns(f->id.dev, &f->ns))
		return;
	if (is_device(&f->id)) {
		f->map.v = xrealloc(NULL, sizeof(*f->map.v));
		f->map.v[f->map.n++] = (struct file_extent){
			.len = f->id.size,
		};
		return;
	}
	if (f->id.kind != IDENT_FILE)
		return;
	if (f->ns && machine->file_map(path, 0, f->id.size, &f->map))
		f->map.n = 0;
	if (!f->map.dax)
		f->map.n = 0;
}

static void grow(struct target *t, const struct extent *e)
{
	struct extent *last = t->n ? &t->v[t->n - 1] : NULL;

	/* one place planted twice, or one range in several lines */
	if (last && e->spa >= last->spa && e->spa <= last->spa + last->len &&
	    e->off - last->off == e->spa - last->spa) {
		if (e->spa + e->len > last->spa + last->len)
			last->len = e->spa + e->len - last->spa;
		return;
	}
	if (!(t->n & (t->n - 1)))	/* full at each power of two */
		t->v = xrealloc(t->v, (t->n ? 2 * t->n : 1) * sizeof(*t->v));
	t->v[t->n++] = *e;
}

/* Does the file have the range at the address at which it was poisoned? */
static bool in_file(const struct file_now *f, const struct planted *p,
		    struct extent *e)
{
	uint64_t ns_off, at, len = p->len;
	size_t i;

	if (!f->ns || p->spa < f->ns->data_base)
		return false;
	ns_off = p->spa - f->ns->data_base;
	if (!device_up(&f->id.runs, f->id.part_start, ns_off, &len, &at) ||
	    len < p->len)
		return false;
	for (i = 0; i < f->map.n; i++) {
		const struct file_extent *x = &f->map.v[i];

		if (at < x->physical || at - x->physical >= x->len ||
		    p->len > x->len - (at - x->physical) ||
		    x->flags & (FIEMAP_EXTENT_UNWRITTEN |
				FIEMAP_EXTENT_NOT_ALIGNED |
				FIEMAP_EXTENT_UNKNOWN))
			continue;
		*e = (struct extent){
			.off = x->logical + (at - x->physical),
			.ns_off = ns_off,
			.spa = p->spa,
			.len = p->len,
			.shared = x->flags & FIEMAP_EXTENT_SHARED,
		};
		return true;
	}
	return false;
}

static void finish(struct target *t)
{
	if (!t->n)
		return;
	t->off = t->v[0].off;
	t->len = t->v[t->n - 1].off + t->v[t->n - 1].len - t->off;
}

static struct group *add_group(struct group **g, size_t *n, const char *name,
			       enum target_kind kind, const struct nsinfo *ns)
{
	struct group *new;

	*g = xrealloc(*g, (*n + 1) * sizeof(**g));
	new = &(*g)[(*n)++];
	*new = (struct group){
		.t = { .name = name, .kind = kind, .ns = ns,
		       .size = UINT64_C(1) << 52 },
	};
	if (kind == TARGET_SPA)
		copy_name(new->t.key, sizeof(new->t.key), "spa");
	return new;
}

/* What is in no namespace is System RAM, or has no place. */
static void find_ram(const struct extent *e, struct report *why)
{
	struct report *before = report_use(why);
	struct target probe;

	if (!target_resolve("spa", &(struct place){
			.offset_set = true, .offset = e->spa,
			.length_set = true, .length = e->len,
		}, false, &probe))
		target_free(&probe);
	report_use(before);
}

/* What the name does not lead to, by address: in one namespace, or in none. */
static void add_addresses(struct planted *v, size_t n, const bool *done,
			  struct group **g, size_t *ng)
{
	struct group *last = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		struct extent e = { .spa = v[i].spa, .off = v[i].spa,
				    .len = v[i].len };
		const struct nsinfo *ns;

		if (done[i])
			continue;
		target_ns_at(v[i].spa, &ns);
		if (ns)
			e.ns_off = e.spa - ns->data_base;
		if (!last || last->t.ns != ns) {
			if (last)
				finish(&last->t);
			last = add_group(g, ng, v[0].target, TARGET_SPA, ns);
			if (!ns)
				find_ram(&e, &last->why);
		}
		grow(&last->t, &e);
	}
	if (last)
		finish(&last->t);
}

static void add_name(struct planted *v, size_t n, struct group **g, size_t *ng)
{
	bool *done = calloc(n, sizeof(*done));
	struct group *file = NULL;
	struct file_now f;
	struct extent e;
	size_t i;

	open_file(v[0].target, &f);
	for (i = 0; i < n; i++) {
		if (!in_file(&f, &v[i], &e))
			continue;
		if (!file) {
			file = add_group(g, ng, v[0].target,
					 is_device(&f.id) ? TARGET_BLOCK :
							    TARGET_FILE, f.ns);
			file->t.part_start = f.id.part_start;
			file->t.runs = f.id.runs;
			file->t.size = f.id.size;
		}
		grow(&file->t, &e);
		done[i] = true;
	}
	if (file)
		finish(&file->t);
	add_addresses(v, n, done, g, ng);
	free(f.map.v);
	free(done);
}

void regroup(struct planted *v, size_t n, struct group **g, size_t *ng)
{
	/* a name that leads nowhere is no problem */
	struct report quiet = { 0 }, *before = report_use(&quiet);
	size_t i, k;

	*g = NULL;
	*ng = 0;
	if (n)
		qsort(v, n, sizeof(*v), by_name);
	for (i = 0; i < n; i = k) {
		for (k = i + 1; k < n && !strcmp(v[k].target, v[i].target); k++)
			;
		add_name(v + i, k - i, g, ng);
	}
	report_use(before);
}

void regroup_free(struct group *g, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		target_free(&g[i].t);
	free(g);
}
