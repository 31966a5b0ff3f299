// SPDX-License-Identifier: GPL-2.0
/* Whose bytes they are, as JSON. */
#include "put.h"
#include "who.h"

static json_object *processes_json(const struct who_row *r)
{
	json_object *list = json_object_new_array(), *p;
	size_t i;

	for (i = 0; i < r->n; i++) {
		p = json_object_new_object();
		put_u64(p, "pid", r->v[i].pid);
		if (*r->v[i].comm)
			put_str(p, "comm", r->v[i].comm);
		put_u64(p, "address", r->v[i].address);
		if (r->v[i].early != EARLY_UNKNOWN)
			put_bool(p, "early_kill", r->v[i].early == EARLY_YES);
		json_object_array_add(list, p);
	}
	return list;
}

static void put_fate(json_object *row, const struct fate *f)
{
	const struct {
		const char *key, *value;
	} v[] = {
		{ "load", f->load },
		{ "read", f->read },
		{ "page_type", f->page_type },
		{ "result", f->result },
	};
	json_object *o = json_object_new_object();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(v); i++)
		if (v[i].value)
			put_str(o, v[i].key, v[i].value);
	json_object_object_add(row, "if_consumed", o);
}

static json_object *row_json(const struct who_row *r)
{
	json_object *o = json_object_new_object();

	if (r->target)
		put_str(o, "target", r->target);
	put_u64(o, "spa", r->spa);
	put_u64(o, "pfn", r->spa / PAGE);
	put_u64(o, "length", r->is.len);
	if (r->ns) {
		put_str(o, "namespace", r->ns->name);
		put_str(o, "region", r->ns->region);
		put_u64(o, "block", r->is.ns_off / SECTOR);
	}
	put_str(o, "use", r->is.use);
	if (r->is.path)
		put_str(o, "file", r->is.path);
	if (r->is.ino) {
		put_u64(o, "inode", r->is.ino);
		put_u64(o, "offset", r->is.off);
		put_bool(o, "shared", r->is.shared);
		json_object_object_add(o, "processes", processes_json(r));
	}
	put_fate(o, &r->fate);
	return o;
}

void who_json(const struct who_list *w, json_object *list)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		json_object_array_add(list, row_json(&w->v[i]));
}
