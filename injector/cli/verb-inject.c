// SPDX-License-Identifier: GPL-2.0
/* poisonctl inject: plant poison and see that it is there. */
#include "batch.h"
#include "mech.h"
#include "once.h"
#include "out.h"
#include "verbs.h"
#include "view.h"

static const struct opt inject_opts[] = {
	OPTS_PLACE,
	OPT_MECHANISM,
	{ "error", 'e', OPT_CHOICE, FIELD(error), 0, "KIND",
	  error_help, error_names },
	OPTS_MECHANISMS,
	{ "yes-fatal", 0, OPT_FLAG, FIELD(yes_fatal), 0, NULL,
	  "the machine may go down, and that is meant", NULL },
	{ "batch", 0, OPT_TEXT, FIELD(batch), 0, "FILE",
	  "a target and its options a line; - is stdin", NULL },
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
	OPT_SHARED,
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

/* Which part of it is in, where that is not all. */
static json_object *in_json(const struct planting *p)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < p->in.n; i++)
		json_object_array_add(list,
			view_range(p->in.v[i].start, p->in.v[i].len));
	return list;
}

static json_object *result(const struct planting *p, const struct mech *m,
			   int rc, const char *state)
{
	json_object *doc = target_json(p->t);

	put_str(doc, "mechanism", m->name);
	if (m->errors)
		put_str(doc, "error", m->errors[p->o.kind].name);
	put_str(doc, "state", state);
	if (p->seen_by)
		put_str(doc, "seen_by", p->seen_by);
	if (rc) {
		json_object_object_add(doc, "planted", in_json(p));
		put_error(doc, rc);
	}
	return doc;
}

static int inject_one(struct request *req, json_object **doc)
{
	struct deadline d = deadline_in((unsigned int)req->deadline);
	const struct mech *m = mech_at((size_t)req->mechanism);
	struct target t;
	struct planting p = {
		.t = &t,
		.o = {
			.real_ok = req->yes_real_media,
			.fatal_ok = req->yes_fatal,
			.shared_ok = req->shared,
			.dry = req->dry_run,
			/* the first of the names is "default" */
			.error = req->error ? error_names[req->error] : NULL,
		},
	};
	int rc;

	opts_mech_flags(req, p.o.given);
	rc = target_resolve(req->target, &req->place, false, &t);
	if (rc)
		return rc;
	rc = mech_prepare_with(m, &t, &p.o, d);
	if (!rc && req->dry_run) {
		*doc = result(&p, m, rc, "planned");
	} else if (!rc) {
		p.d = d;
		rc = mech_plant_with(m, &p);
		once_unlock();
		if (!rc)
			*doc = result(&p, m, rc, "planted");
		else if (rc == EXIT_UNSEEN || rc == EXIT_PARTLY)
			*doc = result(&p, m, rc, exit_name(rc));
	}
	mech_planted_free(&p);
	target_free(&t);
	return rc;
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
	.check = check_words,
	.run = run_inject,
};

VERB(verb_inject)
