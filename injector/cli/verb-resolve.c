// SPDX-License-Identifier: GPL-2.0
/* poisonctl resolve: every view of the bytes that a target names. */
#include <stdio.h>
#include <string.h>

#include "memmap.h"
#include "out.h"
#include "verbs.h"

static const struct opt resolve_opts[] = {
	OPTS_PLACE,
	OPTS_TABLE,
	OPTS_COMMON,
};

/* What both tables begin and end with. */
#define COLUMNS_PLACE \
	{ "TARGET", "target", COL_TEXT }, \
	{ "OFFSET", "offset", COL_HEX }, \
	{ "LENGTH", "length", COL_SIZE }, \
	{ "FILE", "file_offset", COL_HEX }, \
	{ "NAMESPACE", "namespace", COL_TEXT }, \
	{ "BLOCK", "block", COL_NUMBER }

#define COLUMNS_FRAME \
	{ "SPA", "spa", COL_HEX }, \
	{ "PFN", "pfn", COL_HEX }

#define COLUMNS_PAGE \
	{ "DPA", "dpa", COL_HEX }, \
	{ "MAP", "map_size", COL_SIZE }, \
	{ "PAGE", "page", COL_TEXT }

static const struct column columns[] = {
	COLUMNS_PLACE,
	{ "LBA", "lba", COL_NUMBER },
	COLUMNS_FRAME,
	{ "DIMM", "dimm", COL_TEXT },
	COLUMNS_PAGE,
};

static const struct column cxl_columns[] = {
	COLUMNS_PLACE,
	COLUMNS_FRAME,
	{ "REGION", "region", COL_TEXT },
	{ "MEMDEV", "memdev", COL_TEXT },
	{ "SERIAL", "serial", COL_HEX },
	{ "DECODER", "decoder", COL_TEXT },
	{ "POSITION", "position", COL_NUMBER },
	COLUMNS_PAGE,
};

static const struct table tables[] = { TABLE(columns), TABLE(cxl_columns) };

static const char * const shared[] = { "target", "namespace" };

/* What the kernel uses a frame for, where it shows that. */
static void put_page(json_object *e, uint64_t pfn)
{
	char names[MEMMAP_NAMES_MAX];
	uint64_t flags;

	if (memmap_flags(pfn, &flags) || memmap_hidden(flags))
		return;
	memmap_flag_names(flags, names, sizeof(names));
	put_str(e, "page", names);
}

static void put_unit(json_object *doc, const struct target *t)
{
	uint64_t unit;

	if (!target_is_ram(t) &&
	    !machine->clear_unit(t->ns->bus, t->v[0].spa, t->v[0].len, &unit))
		put_u64(doc, "clear_unit", unit);
}

static int run_resolve(struct request *req)
{
	json_object *doc, *list;
	const struct table *table;
	struct target t;
	size_t i;
	int rc;

	rc = target_resolve(req->target, &req->place, true, &t);
	if (rc)
		return rc;
	doc = target_json(&t);
	put_unit(doc, &t);
	list = json_object_object_get(doc, "extents");
	for (i = 0; i < t.n; i++)
		put_page(json_object_array_get_idx(list, i),
			 extent_pfn(&t.v[i]));
	table = &tables[json_object_object_get_ex(json_object_array_get_idx(list, 0), "memdev", NULL)];
	out_doc(req->json ? doc : out_rows(doc, "extents", shared,
					   ARRAY_SIZE(shared)),
		table->columns, table->n);
	target_free(&t);
	return EXIT_OK;
}

static const struct verb verb_resolve = {
	.name = "resolve",
	.synopsis = "resolve [options] <target>",
	.purpose = "Show every view of the bytes that a target names",
	.opts = resolve_opts,
	.n = ARRAY_SIZE(resolve_opts),
	.tables = tables,
	.ntables = ARRAY_SIZE(tables),
	.flags = VERB_TARGET,
	.run = run_resolve,
};

VERB(verb_resolve)
