// SPDX-License-Identifier: GPL-2.0
/* poisonctl inject: plant poison and see that it is there. */
#include "batch.h"
#include "inject.h"
#include "out.h"
#include "verbs.h"

struct inject_request {
	struct request r;
	int mechanism;		/* index of the choice */
	int error;		/* the same */
	bool yes_fatal;
	bool shared;
	bool mech_flag[MECHS_MAX];	/* mech_flag_at() */
};

#define INJECT_FIELD(f)	offsetof(struct inject_request, f)

static const struct opt inject_opts[] = {
	OPTS_PLACE,
	OPT_MECHANISM(struct inject_request),
	{ "error", 'e', OPT_CHOICE, INJECT_FIELD(error), 0, "KIND",
	  error_help, error_names },
	OPTS_MECHANISMS(struct inject_request),
	{ "yes-fatal", 0, OPT_FLAG, INJECT_FIELD(yes_fatal), 0, NULL,
	  "the machine may go down, and that is meant", NULL },
	{ "batch", 0, OPT_TEXT, FIELD(batch), 0, "FILE",
	  "a target and its options a line; - is stdin", NULL },
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
	OPT_SHARED(struct inject_request),
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
	const struct inject_request *own = (const void *)req;
	struct injection in = {
		.name = req->target,
		.place = req->place,
		.mech = mech_at((size_t)own->mechanism),
		.o = {
			.real_ok = req->yes_real_media,
			.fatal_ok = own->yes_fatal,
			.shared_ok = own->shared,
			.dry = req->dry_run,
			/* the first of the names is "default" */
			.error = own->error ? error_names[own->error] : NULL,
		},
		.d = deadline_in((unsigned int)req->deadline),
	};

	opts_mech_flags(own->mech_flag, in.o.given);
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
	.size = REQUEST_SIZE(struct inject_request),
	.check = check_words,
	.run = run_inject,
};

VERB(verb_inject)
