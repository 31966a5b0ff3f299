// SPDX-License-Identifier: GPL-2.0
/* poisonctl list: namespaces, and the poison in them by source. */
#include "list.h"
#include "out.h"
#include "verbs.h"

static const struct opt list_opts[] = {
	{ "badblocks", 'b', OPT_FLAG, FIELD(only_badblocks), 0, NULL,
	  "the kernel's badblocks (sysfs)", NULL },
	{ "injected", 'i', OPT_FLAG, FIELD(only_injected), 0, NULL,
	  "the firmware's injected ranges (DSM function 9)", NULL },
	{ "hwpoison", 'H', OPT_FLAG, FIELD(only_hwpoison), 0, NULL,
	  "pages with PG_hwpoison", NULL },
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

static int run_list(struct request *req)
{
	bool all = !req->only_badblocks && !req->only_injected &&
		   !req->only_hwpoison;
	const struct list_what what = {
		.badblocks = all || req->only_badblocks,
		.injected = all || req->only_injected,
		.hwpoison = all || req->only_hwpoison,
	};
	json_object *list;
	int rc = list_json(req->target, &what, &list);

	if (!rc)
		out_doc(list, columns, ARRAY_SIZE(columns));
	return rc;
}

static const struct verb verb_list = {
	.name = "list",
	.synopsis = "list [options] [<target>]",
	.purpose = "List namespaces and the poison in them",
	.opts = list_opts,
	.n = ARRAY_SIZE(list_opts),
	.run = run_list,
};

VERB(verb_list)
