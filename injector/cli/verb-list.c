// SPDX-License-Identifier: GPL-2.0
/* poisonctl list: namespaces, and the poison in them by source. */
#include "list.h"
#include "out.h"
#include "verbs.h"

struct list_request {
	struct request r;
	bool badblocks;
	bool injected;
	bool hwpoison;
	bool files;
};

#define LIST_FIELD(f)	offsetof(struct list_request, f)

static const struct opt list_opts[] = {
	{ "badblocks", 'b', OPT_FLAG, LIST_FIELD(badblocks), 0, NULL,
	  "the kernel's badblocks (sysfs)", NULL },
	{ "injected", 'i', OPT_FLAG, LIST_FIELD(injected), 0, NULL,
	  "the firmware's injected ranges (DSM function 9)", NULL },
	{ "hwpoison", 'H', OPT_FLAG, LIST_FIELD(hwpoison), 0, NULL,
	  "pages with PG_hwpoison", NULL },
	{ "files", 0, OPT_FLAG, LIST_FIELD(files), 0, NULL,
	  "who has what is shown, as 'who' tells", NULL },
	OPTS_TABLE,
	OPTS_COMMON,
};

static const struct column columns[] = {
	{ "NAMESPACE", "dev", COL_TEXT },
	{ "MODE", "mode", COL_TEXT },
	{ "SIZE", "size", COL_SIZE },
	{ "DEVICE", "device", COL_TEXT },
	{ "BADBLOCKS", "badblock_count", COL_NUMBER },
	{ "INJECTED", "injected", COL_COUNT },
	{ "HWPOISON", "hwpoison.pages", COL_COUNT },
};

static const struct column file_columns[] = {
	{ "NAMESPACE", "namespace", COL_TEXT },
	{ "BLOCK", "block", COL_NUMBER },
	{ "SPA", "spa", COL_HEX },
	{ "LENGTH", "length", COL_SIZE },
	{ "USE", "use", COL_TEXT },
	{ "FILE", "file", COL_TEXT },
	{ "OFFSET", "offset", COL_NUMBER },
};

/* For people: a row for each part of the poison. */
static json_object *file_rows(json_object *list)
{
	json_object *rows = json_object_new_array(), *files;
	size_t i, k;

	for (i = 0; i < json_object_array_length(list); i++) {
		if (!json_object_object_get_ex(json_object_array_get_idx(list, i), "files",
					       &files))
			continue;
		for (k = 0; k < json_object_array_length(files); k++)
			json_object_array_add(rows,
				json_object_get(json_object_array_get_idx(files, k)));
	}
	json_object_put(list);
	return rows;
}

static int run_list(struct request *req)
{
	const struct list_request *own = (const void *)req;
	bool all = !own->badblocks && !own->injected &&
		   !own->hwpoison;
	const struct list_what what = {
		.badblocks = all || own->badblocks,
		.injected = all || own->injected,
		.hwpoison = all || own->hwpoison,
		.files = own->files,
	};
	json_object *list;
	int rc = list_json(req->target, &what, &list);

	if (!rc && own->files && !req->json)
		out_doc(file_rows(list), file_columns, ARRAY_SIZE(file_columns));
	else if (!rc)
		out_doc(list, columns, ARRAY_SIZE(columns));
	return rc;
}

static const struct table tables[] = { TABLE(columns), TABLE(file_columns) };

/* Of the table that is printed. */
static int check_columns(const struct request *req)
{
	const struct list_request *own = (const void *)req;
	char name[32];

	if (!req->table.columns ||
	    !table_unknown(req->table.columns, &tables[own->files], 1, name, sizeof(name)))
		return EXIT_OK;
	return complain(EXIT_USAGE, own->files ? "column '%s' is not there with --files" :
			"column '%s' needs --files", name);
}

static const struct verb verb_list = {
	.name = "list",
	.synopsis = "list [options] [<target>]",
	.purpose = "List namespaces and the poison in them",
	.opts = list_opts,
	.n = ARRAY_SIZE(list_opts),
	.tables = tables,
	.ntables = ARRAY_SIZE(tables),
	.size = REQUEST_SIZE(struct list_request),
	.check = check_columns,
	.run = run_list,
};

VERB(verb_list)
