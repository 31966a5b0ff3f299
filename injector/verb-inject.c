// SPDX-License-Identifier: GPL-2.0
/* poisonctl inject: plant poison and see that it is there. */
#include "mech.h"
#include "out.h"
#include "verbs.h"

static const struct opt inject_opts[] = {
	OPTS_PLACE,
	OPT_MECHANISM,
	{ "error", 'e', OPT_CHOICE, FIELD(error), 0, "KIND",
	  "kind of error, for einj and mce-inject", error_names },
	{ "no-trigger", 0, OPT_FLAG, FIELD(no_trigger), 0, NULL,
	  "einj: leave the error for the first access", NULL },
	{ "yes-fatal", 0, OPT_FLAG, FIELD(yes_fatal), 0, NULL,
	  "the machine may go down, and that is meant", NULL },
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
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

static void report(const struct planting *p, const struct mech *m,
		   const char *state, bool json)
{
	json_object *doc = target_json(p->t);

	put_str(doc, "mechanism", m->name);
	if (m->errors)
		put_str(doc, "error", error_names[p->o.error]);
	put_str(doc, "state", state);
	if (p->seen_by)
		put_str(doc, "seen_by", p->seen_by);
	out_doc(json ? doc : out_rows(doc, "extents", shared,
				      ARRAY_SIZE(shared)),
		columns, ARRAY_SIZE(columns));
}

static int run_inject(struct request *req)
{
	struct deadline d = deadline_in((unsigned int)req->deadline);
	const struct mech *m = mech_get((enum mechanism)req->mechanism);
	struct target t;
	struct planting p = {
		.t = &t,
		.o = {
			.real_ok = req->yes_real_media,
			.fatal_ok = req->yes_fatal,
			.no_trigger = req->no_trigger,
			.error = (enum mech_error)req->error,
		},
	};
	int rc;

	if (!req->target)
		return complain(EXIT_USAGE, "no target given");
	rc = target_resolve(req->target, &req->place, false, &t);
	if (rc)
		return rc;
	rc = mech_prepare_with(m, &t, &p.o, d);
	if (!rc && req->dry_run) {
		report(&p, m, "planned", req->json);
	} else if (!rc) {
		p.d = d;
		rc = mech_plant_with(m, &p);
		if (!rc)
			report(&p, m, "planted", req->json);
		else if (rc == EXIT_UNSEEN || rc == EXIT_PARTLY)
			report(&p, m, exit_name(rc), req->json);
	}
	target_free(&t);
	return rc;
}

const struct verb verb_inject = {
	.name = "inject",
	.synopsis = "inject [options] <target>",
	.purpose = "Plant poison in a namespace, a device or a file",
	.opts = inject_opts,
	.n = ARRAY_SIZE(inject_opts),
	.flags = VERB_ADMIN | VERB_PLANTS,
	.run = run_inject,
};
