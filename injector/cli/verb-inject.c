// SPDX-License-Identifier: GPL-2.0
/* poisonctl inject: plant poison and see that it is there. */
#include "batch.h"
#include "out.h"
#include "plant.h"
#include "verbs.h"

static const struct opt inject_opts[] = {
	OPTS_PLANT,
	{ "batch", 0, OPT_TEXT, FIELD(batch), 0, "FILE",
	  "a target and its options a line; - is stdin", NULL },
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
	OPT_SHARED(struct plant_request),
	OPTS_COMMON,
};

static const struct column columns[] = {
	{ "TARGET", "target", COL_TEXT },
	{ "MECHANISM", "mechanism", COL_TEXT },
	{ "OFFSET", "offset", COL_NUMBER },
	{ "LENGTH", "length", COL_SIZE },
	{ "BLOCK", "block", COL_NUMBER },
	{ "SPA", "spa", COL_HEX },
	{ "PFN", "pfn", COL_HEX },
	{ "DIMM", "dimm", COL_TEXT },
	{ "DPA", "dpa", COL_HEX },
	{ "STATE", "state", COL_TEXT },
};

static const char * const shared[] = { "target", "mechanism", "state" };

static int inject_one(struct request *req, json_object **doc)
{
	struct injection in = plant_injection((const void *)req);

	return inject(&in, doc);
}

static const struct verb verb_inject;

static int run_inject(struct request *req)
{
	json_object *doc = NULL;
	int rc;

	if (req->batch)
		return batch_run(&verb_inject, req, inject_one);
	rc = inject_one(req, &doc);
	if (doc)
		out_doc(req->json ? doc : out_rows(doc, "extents", shared,
						   ARRAY_SIZE(shared)),
			columns, ARRAY_SIZE(columns));
	return rc;
}

static int check_words(const struct request *req)
{
	const struct place *p = &req->place;

	if (req->batch && (req->target || p->block_set || p->offset_set))
		return complain(EXIT_USAGE,
			"--batch takes targets and places from its lines");
	return EXIT_OK;
}

static const struct verb verb_inject = {
	.name = "inject",
	.synopsis = "inject [options] <target>\n poisonctl inject [options] --batch <file>",
	.purpose = "Plant poison in a namespace, a device or a file",
	.opts = inject_opts,
	.n = ARRAY_SIZE(inject_opts),
	.flags = VERB_ADMIN | VERB_PLANTS | VERB_TARGET,
	.size = REQUEST_SIZE(struct plant_request),
	.check = check_words,
	.run = run_inject,
};

VERB(verb_inject)
