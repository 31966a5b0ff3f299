// SPDX-License-Identifier: GPL-2.0
/* poisonctl trial: plant poison, let a child meet it, judge the outcome. */
#include <inttypes.h>

#include "batch.h"
#include "mech.h"
#include "out.h"
#include "trial.h"
#include "verbs.h"

static const char * const page_names[] = { "4K", "2M", NULL };

struct trial_request {
	struct request r;
	int mechanism;		/* index of the choice */
	int access;		/* enum access_kind */
	int map;		/* enum map_kind */
	int policy;		/* enum signal_policy */
	int when;		/* enum map_when */
	int family;		/* enum family */
	int page;		/* 0: 4K, 1: 2M */
	bool processes_set, threads_set;
	uint64_t processes;
	uint64_t threads;
	const char *other;	/* a file */
	bool sync;
	bool dirty;
	bool forked;
	bool kmsg;
	bool yes_fatal;
	bool shared;
};

#define TRIAL_FIELD(f)	offsetof(struct trial_request, f)

static const struct opt trial_opts[] = {
	OPTS_PLACE,
	OPT_MECHANISM(struct trial_request),
	{ "access", 'a', OPT_CHOICE, TRIAL_FIELD(access), 0, "KIND",
	  "how the consumer meets it", access_names },
	{ "map", 'M', OPT_CHOICE, TRIAL_FIELD(map), 0, "KIND",
	  "kind of mapping", map_names },
	{ "page-size", 'p', OPT_CHOICE, TRIAL_FIELD(page), 0, "SIZE",
	  "size of the mapping of a file", page_names },
	{ "sync", 'S', OPT_FLAG, TRIAL_FIELD(sync), 0, NULL,
	  "map with MAP_SYNC", NULL },
	{ "dirty", 'd', OPT_FLAG, TRIAL_FIELD(dirty), 0, NULL,
	  "store to the page before the planting", NULL },
	{ "signal", 's', OPT_CHOICE, TRIAL_FIELD(policy), 0, "POLICY",
	  "what the processes do about SIGBUS", policy_names },
	{ "when", 'w', OPT_CHOICE, TRIAL_FIELD(when), 0, "WHEN",
	  "map before or after the planting", when_names },
	{ "processes", 'P', OPT_SIZE, TRIAL_FIELD(processes),
	  TRIAL_FIELD(processes_set), "N",
	  "processes that map the page, 1 to 64 (2)", NULL },
	{ "threads", 't', OPT_SIZE, TRIAL_FIELD(threads), TRIAL_FIELD(threads_set), "N",
	  "threads of each process, 1 to 64 (1)", NULL },
	{ "fork", 'f', OPT_FLAG, TRIAL_FIELD(forked), 0, NULL,
	  "a child of the consumer makes the access", NULL },
	{ "other", 'O', OPT_TEXT, TRIAL_FIELD(other), 0, "FILE",
	  "a file with the same page, for the others", NULL },
	{ "family", 'F', OPT_CHOICE, TRIAL_FIELD(family), 0, "NAME",
	  "expectations of this kernel family", family_names },
	{ "kmsg", 'k', OPT_FLAG, TRIAL_FIELD(kmsg), 0, NULL,
	  "report the kernel's lines too (with --json)", NULL },
	OPT_BATCH,
	OPT_DEADLINE,
	OPT_DRY_RUN,
	{ "yes-fatal", 0, OPT_FLAG, TRIAL_FIELD(yes_fatal), 0, NULL,
	  "a later write may be an oops, and that is meant", NULL },
	OPT_REAL_MEDIA,
	OPT_SHARED(struct trial_request),
	OPTS_TABLE,
	OPTS_COMMON,
};

static const struct column columns[] = {
	{ "TARGET", "target", COL_TEXT },
	{ "MECHANISM", "mechanism", COL_TEXT },
	{ "MAPPING", "mapping", COL_TEXT },
	{ "ACCESS", "access", COL_TEXT },
	{ "SIGNAL", "policy", COL_TEXT },
	{ "EXPECTED", "expected.text", COL_TEXT },
	{ "ACTUAL", "actual.text", COL_TEXT },
	{ "VERDICT", "verdict", COL_TEXT },
};

static int check_number(const char *name, uint64_t v, uint64_t max)
{
	if (v >= 1 && v <= max)
		return EXIT_OK;
	return complain(EXIT_USAGE,
		"--%s is '%" PRIu64 "', must be 1 to %" PRIu64, name, v, max);
}

static int check_request(const struct request *req)
{
	const struct trial_request *own = (const void *)req;
	int rc = EXIT_OK;

	if (req->rate && !req->of_line && !req->batch)
		return complain(EXIT_USAGE, "--rate is for many: with --batch");
	if (own->processes_set)
		rc = check_number("processes", own->processes,
				  TRIAL_PROCESSES_MAX);
	if (!rc && own->threads_set)
		rc = check_number("threads", own->threads, TRIAL_THREADS_MAX);
	return rc;
}

static int judge(struct trial *tr, const struct trial_request *own,
		 struct deadline d, json_object **doc)
{
	int rc = trial_run(tr, d);

	if (rc != EXIT_OK && rc != EXIT_WRONG)
		return rc;
	*doc = trial_json(tr, rc, own->kmsg);
	return rc ? complain(EXIT_WRONG, "wrong outcome: %s", tr->why) : EXIT_OK;
}

static int try_one(struct request *req, json_object **doc)
{
	const struct trial_request *own = (const void *)req;
	struct deadline d = deadline_in((unsigned int)req->deadline);
	struct trial tr = {
		.mech = mech_at((size_t)own->mechanism),
		.other_name = own->other,
		.sync = own->sync,
		.fatal_ok = own->yes_fatal,
		.s.access = (enum access_kind)own->access,
		.s.map = (enum map_kind)own->map,
		.s.policy = (enum signal_policy)own->policy,
		.s.when = (enum map_when)own->when,
		.s.dirty = own->dirty,
		.s.forked = own->forked,
		.s.others = own->processes_set ?
			    (int)own->processes - 1 : -1,
		.s.threads = own->threads_set ? (int)own->threads : 1,
	};
	struct mech_opts o = {
		.real_ok = req->yes_real_media,
		/* the page of another file is named by that file */
		.shared_ok = own->shared || own->other,
		.dry = req->dry_run,
	};
	int rc = trial_family(own->family, &tr.s.family);

	if (!rc)
		rc = trial_prepare(&tr, req->target, &req->place, &o,
				   own->page == 1, d);
	if (!rc && req->dry_run)
		*doc = trial_planned_json(&tr);
	else if (!rc)
		rc = judge(&tr, own, d, doc);
	trial_free(&tr);
	return rc;
}

static const struct verb verb_trial;

static int run_trial(struct request *req)
{
	json_object *doc = NULL;
	int rc;

	if (req->batch)
		return batch_run(&verb_trial, req, try_one);
	rc = try_one(req, &doc);
	if (doc && rc)
		put_error(doc, rc);
	if (doc)
		out_doc(doc, columns, ARRAY_SIZE(columns));
	return rc;
}

static const struct trial_request trial_initial = {
	.access = ACCESS_DEFAULT,
	.family = FAMILY_AUTO,
};

static const struct table tables[] = { TABLE(columns) };

static const struct verb verb_trial = {
	.name = "trial",
	.synopsis = "trial [options] <target>\n poisonctl trial [options] --batch <file>",
	.purpose = "Plant poison, let a child process meet it, judge the outcome",
	.opts = trial_opts,
	.n = ARRAY_SIZE(trial_opts),
	.tables = tables,
	.ntables = ARRAY_SIZE(tables),
	.flags = VERB_ADMIN | VERB_PLANTS | VERB_TARGET,
	.size = REQUEST_SIZE(struct trial_request),
	.initial = &trial_initial.r,
	.check = check_request,
	.run = run_trial,
};

VERB(verb_trial)
