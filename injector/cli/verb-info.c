// SPDX-License-Identifier: GPL-2.0
/* poisonctl info: what can be done on this machine, and what cannot, and why. */
#include <stdio.h>

#include "info.h"
#include "out.h"
#include "verbs.h"

static const struct opt info_opts[] = {
	OPTS_TABLE,
	OPTS_COMMON,
};

static const struct column mechanism_columns[] = {
	{ "MECHANISM", "mechanism", COL_TEXT },
	{ "USABLE", "usable", COL_TEXT },
	{ "REASON", "reason", COL_TEXT },
};

static const struct column fact_columns[] = {
	{ "FACT", "name", COL_TEXT },
	{ "VALUE", "value", COL_TEXT },
	{ "SOURCE", "source", COL_TEXT },
};

static const struct column bus_columns[] = {
	{ "BUS", "bus", COL_TEXT },
	{ "PROVIDER", "provider", COL_TEXT },
	{ "MASK", "dsm_mask", COL_TEXT },
	{ "FUNCTIONS", "functions", COL_TEXT },
	{ "CLEAR UNIT", "clear_unit", COL_NUMBER },
	{ "SOURCE", "source", COL_TEXT },
};

static const struct column namespace_columns[] = {
	{ "NAMESPACE", "dev", COL_TEXT },
	{ "BUS", "bus", COL_TEXT },
	{ "MODE", "mode", COL_TEXT },
	{ "EMULATED", "emulated", COL_TEXT },
	{ "REASON", "reason", COL_TEXT },
};

static const struct table tables[] = {
	TABLE(mechanism_columns), TABLE(fact_columns), TABLE(bus_columns),
	TABLE(namespace_columns),
};

static const struct {
	const char *key;
	int (*add)(json_object *list);
} parts[ARRAY_SIZE(tables)] = {
	{ "mechanisms", info_mechanisms },
	{ "facts", info_facts },
	{ "buses", info_buses },
	{ "namespaces", info_namespaces },
};

/* One document for machines, a table a part for people. */
static int run_info(struct request *req)
{
	json_object *doc = NULL;
	size_t i, failed = 0, shown = 0;
	int rc = EXIT_OK;

	if (req->target)
		return complain(EXIT_USAGE, "info takes no target, not '%s'",
				req->target);
	if (req->json)
		doc = json_object_new_object();
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct table *t = &tables[i];
		json_object *list;

		if (!doc && !out_shows(t->columns, t->n))
			continue;
		list = json_object_new_array();
		failed += parts[i].add(list) != EXIT_OK;
		if (doc) {
			json_object_object_add(doc, parts[i].key, list);
			continue;
		}
		if (shown++)
			putchar('\n');
		out_doc(list, t->columns, t->n);
	}
	if (failed)
		rc = complain(EXIT_PARTLY, "%zu of %zu lists cannot be shown", failed,
			      ARRAY_SIZE(parts));
	if (rc && doc)
		put_error(doc, rc);
	if (doc)
		out_doc(doc, NULL, 0);
	return rc;
}

static const struct verb verb_info = {
	.name = "info",
	.synopsis = "info [options]",
	.purpose = "What this machine can do, and what not, and why",
	.opts = info_opts,
	.n = ARRAY_SIZE(info_opts),
	.tables = tables,
	.ntables = ARRAY_SIZE(tables),
	.run = run_info,
};

VERB(verb_info)
