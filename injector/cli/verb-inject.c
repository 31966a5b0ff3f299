// SPDX-License-Identifier: GPL-2.0
/* poisonctl inject: plant poison and see that it is there. */
#include <inttypes.h>

#include "batch.h"
#include "out.h"
#include "plant.h"
#include "spread.h"
#include "verbs.h"
#include "watch.h"

struct inject_request {
	union {
		struct request r;
		struct plant_request plant;
	};
	struct spread_rule rule;
	bool random_set, percent_set, stride_set, seed_set;
};

#define INJECT_FIELD(f)	offsetof(struct inject_request, f)

static const struct opt inject_opts[] = {
	OPTS_PLANT,
	OPT_BATCH,
	{ "random", 0, OPT_SIZE, INJECT_FIELD(rule.random), INJECT_FIELD(random_set), "N",
	  "N blocks of the place, by chance", NULL },
	{ "percent", 0, OPT_SIZE, INJECT_FIELD(rule.percent), INJECT_FIELD(percent_set), "P",
	  "P percent of its blocks, by chance", NULL },
	{ "stride", 0, OPT_SIZE, INJECT_FIELD(rule.stride), INJECT_FIELD(stride_set), "N",
	  "only every Nth block, from the first", NULL },
	{ "seed", 0, OPT_SIZE, INJECT_FIELD(rule.seed), INJECT_FIELD(seed_set), "S",
	  "which chance (0)", NULL },
	{ "until", 'u', OPT_CHOICE, FIELD(until), FIELD(until_set), "EVENT",
	  "of many: end with the first such event", until_names },
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
	OPT_SHARED(struct plant_request),
	OPTS_TABLE,
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

static struct injection injection_of(const struct request *req)
{
	return plant_injection((const void *)req);
}

static int inject_one(struct request *req, json_object **doc)
{
	struct injection in = injection_of(req);

	return inject(&in, doc);
}

static bool is_spread(const struct inject_request *own)
{
	return own->random_set || own->percent_set || own->stride_set;
}

static int inject_line(struct request *req, json_object **doc)
{
	if (is_spread((const void *)req))
		return complain(EXIT_USAGE, "--random, --percent and --stride are not for a line");
	return inject_one(req, doc);
}

static bool next_block(void *arg, struct request *req)
{
	struct spread *s = arg;

	req->target = target_key(&s->t);
	return spread_next(s, &req->place);
}

static bool next_target(void *arg, struct request *req)
{
	size_t *i = arg;

	if (*i > req->nmore)
		return false;
	if (*i)
		req->target = req->more[*i - 1];
	++*i;
	return true;
}

static const struct verb verb_inject;

/* A word too many is no target: nothing is planted then. */
static int check_all(const struct request *req)
{
	struct target t;
	size_t i;
	int rc = EXIT_OK;

	for (i = 0; i <= req->nmore && !rc; i++) {
		rc = target_resolve(i ? req->more[i - 1] : req->target, &req->place, false, &t);
		if (!rc)
			target_free(&t);
	}
	return rc;
}

static int run_spread(struct request *req)
{
	const struct inject_request *own = (const void *)req;
	struct injection in = injection_of(req);
	struct spread s;
	int rc = spread_start(&s, &in, &own->rule);

	if (rc)
		return rc;
	rc = batch_each(&verb_inject, req, inject_one, next_block, &s, true);
	spread_end(&s);
	return rc;
}

static int run_inject(struct request *req)
{
	json_object *doc = NULL;
	size_t i = 0;
	int rc = EXIT_OK;

	if (req->batch)
		return batch_run(&verb_inject, req, inject_line);
	if (is_spread((const void *)req))
		return run_spread(req);
	if (req->nmore)
		rc = check_all(req);
	if (rc)
		return rc;
	if (req->nmore)
		return batch_each(&verb_inject, req, inject_one, next_target, &i, false);
	rc = inject_one(req, &doc);
	if (doc)
		out_doc(req->json ? doc : out_rows(doc, "extents", shared,
						   ARRAY_SIZE(shared)),
			columns, ARRAY_SIZE(columns));
	return rc;
}

static int check_rule(const struct inject_request *own)
{
	if (own->random_set && own->percent_set)
		return complain(EXIT_USAGE, "--random excludes --percent");
	if ((own->random_set && !own->rule.random) || (own->stride_set && !own->rule.stride))
		return complain(EXIT_USAGE, "--%s is '0', must be 1 or more",
				own->stride_set && !own->rule.stride ? "stride" : "random");
	if (own->percent_set && (own->rule.percent < 1 || own->rule.percent > 100))
		return complain(EXIT_USAGE, "--percent is '%" PRIu64 "', must be 1 to 100",
				own->rule.percent);
	if (own->seed_set && !own->random_set && !own->percent_set)
		return complain(EXIT_USAGE, "--seed needs --random or --percent");
	if (is_spread(own) && table_is_styled(&own->r.table))
		return complain(EXIT_USAGE,
			"--columns, --noheadings and --raw are for a table: not with --random, --percent or --stride");
	if (is_spread(own) && (own->r.batch || own->r.nmore))
		return complain(EXIT_USAGE,
			"--random, --percent and --stride are for one target");
	return EXIT_OK;
}

static int check_words(const struct request *req)
{
	const struct inject_request *own = (const void *)req;
	int rc = check_rule(own);

	if (rc)
		return rc;
	if ((req->until_set || req->rate) && !req->of_line && !req->batch && !req->nmore && !is_spread(own))
		return complain(EXIT_USAGE,
			"--%s is for many: with --batch, several targets, --random, --percent or --stride",
			req->until_set ? "until" : "rate");
	if (req->until_set && req->dry_run)
		return complain(EXIT_USAGE, "--until excludes --dry-run");
	return EXIT_OK;
}

static const struct table tables[] = { TABLE(columns) };

static const struct verb verb_inject = {
	.name = "inject",
	.synopsis = "inject [options] <target>...\n poisonctl inject [options] --batch <file>",
	.purpose = "Plant poison in a namespace, a device or a file",
	.opts = inject_opts,
	.n = ARRAY_SIZE(inject_opts),
	.tables = tables,
	.ntables = ARRAY_SIZE(tables),
	.flags = VERB_ADMIN | VERB_PLANTS | VERB_TARGET | VERB_MANY,
	.size = REQUEST_SIZE(struct inject_request),
	.check = check_words,
	.run = run_inject,
};

VERB(verb_inject)
