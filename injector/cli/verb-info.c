// SPDX-License-Identifier: GPL-2.0
/* poisonctl info: what can be done on this machine, and what cannot, and why. */
#include <stdio.h>

#include "info.h"
#include "out.h"
#include "verbs.h"

static const struct opt info_opts[] = {
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

static const struct {
	const char *key;
	int (*add)(json_object *list);
	const struct column *columns;
	size_t n;
} parts[] = {
	{ "mechanisms", info_mechanisms, mechanism_columns,
	  ARRAY_SIZE(mechanism_columns) },
	{ "facts", info_facts, fact_columns, ARRAY_SIZE(fact_columns) },
	{ "buses", info_buses, bus_columns, ARRAY_SIZE(bus_columns) },
	{ "namespaces", info_namespaces, namespace_columns,
	  ARRAY_SIZE(namespace_columns) },
};

/* One document for machines, a table a part for people. */
static int run_info(struct request *req)
{
	json_object *doc = req->json ? json_object_new_object() : NULL;
	size_t i, failed = 0;
	int rc = EXIT_OK;

	if (req->target)
		return complain(EXIT_USAGE, "info takes no target, not '%s'",
				req->target);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		json_object *list = json_object_new_array();

		failed += parts[i].add(list) != EXIT_OK;
		if (doc) {
			json_object_object_add(doc, parts[i].key, list);
			continue;
		}
		if (i)
			putchar('\n');
		out_doc(list, parts[i].columns, parts[i].n);
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
	.run = run_info,
};

VERB(verb_info)
