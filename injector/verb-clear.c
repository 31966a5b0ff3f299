// SPDX-License-Identifier: GPL-2.0
/* poisonctl clear: repair a range for real, and say what is left. */
#include <inttypes.h>
#include <string.h>

#include "intr.h"
#include "journal.h"
#include "mech.h"
#include "out.h"
#include "repair.h"
#include "verbs.h"

static const struct opt clear_opts[] = {
	OPTS_PLACE,
	{ "all", 'A', OPT_FLAG, FIELD(all), 0, NULL,
	  "all that this tool planted since boot", NULL },
	{ "keep", 'k', OPT_FLAG, FIELD(keep), 0, NULL,
	  "keep the data that can still be read (default)", NULL },
	{ "zero", 'z', OPT_FLAG, FIELD(zero), 0, NULL,
	  "fill the poisoned pages with zeroes", NULL },
	{ "punch", 'P', OPT_FLAG, FIELD(punch), 0, NULL,
	  "punch the poisoned pages out of a file", NULL },
	{ "hwpoison", 'p', OPT_FLAG, FIELD(assume_hwpoison), 0, NULL,
	  "take every page of the range for PG_hwpoison", NULL },
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
	OPTS_COMMON,
};

static const struct column columns[] = {
	{ "TARGET", "target", COL_TEXT },
	{ "BADBLOCKS", "found.badblock_count", COL_NUMBER },
	{ "INJECTED", "found.injected", COL_COUNT },
	{ "HWPOISON", "found.hwpoison_pages", COL_NUMBER },
	{ "LOST", "bytes_lost", COL_SIZE },
	{ "STATE", "state", COL_TEXT },
};

static json_object *found_json(const struct poison_found *f,
			       const struct nsinfo *ns)
{
	json_object *o = json_object_new_object();
	uint64_t base = ns ? ns->data_base : 0;

	put_u64(o, "badblock_count",
		(ranges_total(&f->bad) + SECTOR - 1) / SECTOR);
	json_object_object_add(o, "badblocks",
			       out_ranges(&f->bad, base, SECTOR));
	json_object_object_add(o, "injected",
			       out_ranges(&f->fw, base, 1));
	put_u64(o, "hwpoison_pages", (ranges_total(&f->hwp) + PAGE - 1) / PAGE);
	put_str(o, "hwpoison_source",
		f->hwp_certain ? "kpageflags" : "kernel log");
	return o;
}

static json_object *repair_json(const struct repair *r, const char *state)
{
	json_object *o = target_json(r->t);

	json_object_object_add(o, "found", found_json(&r->found, r->t->ns));
	if (strcmp(state, "planned"))
		json_object_object_add(o, "left",
				       found_json(&r->left, r->t->ns));
	put_u64(o, "bytes_lost", r->lost);
	if (r->punch)
		put_u64(o, "bytes_punched", r->punched);
	put_str(o, "state", state);
	return o;
}

/*
 * What a process maps of a file is repaired as the file's: only FIEMAP says
 * whether its blocks are shared.  @node must live as long as the target.
 */
static int by_file(struct target *t, char *node)
{
	struct place where = {
		.offset_set = true, .length_set = true, .length = t->len,
	};

	if (!target_by_file(t) || !target_has_node(t))
		return EXIT_OK;
	copy_name(node, sizeof(t->node), t->node);
	where.offset = target_dev_off(t, &t->v[0]);
	target_free(t);
	return target_resolve(node, &where, false, t);
}

/* Repair one target; *doc stays NULL if there is nothing to report. */
static int clear_one(const char *name, const struct place *place,
		     const struct request *req, struct deadline d,
		     json_object **doc)
{
	struct repair r = {
		.zero = req->zero,
		.punch = req->punch,
		.assume_hwpoison = req->assume_hwpoison,
	};
	struct target t;
	char node[sizeof(t.node)];
	int rc;

	rc = target_resolve(name, place, true, &t);
	if (!rc && t.kind == TARGET_PROCESS)
		rc = by_file(&t, node);
	if (rc)
		return rc;
	r.t = &t;
	rc = mech_check_media(&t, req->yes_real_media);
	if (!rc)
		rc = repair_find(&r);
	if (!rc && req->dry_run) {
		*doc = repair_json(&r, "planned");
	} else if (!rc) {
		rc = repair_do(&r, d);
		if (rc == EXIT_OK || rc == EXIT_PARTLY || rc == EXIT_TIMEOUT)
			*doc = repair_json(&r, rc ? exit_name(rc) : "clear");
	}
	repair_free(&r);
	target_free(&t);
	return rc;
}

/* After a repair by name: is everything that was planted really gone? */
static int check_journal(void)
{
	struct planted *v;
	size_t n;
	int rc = journal_left(&v, &n);

	if (!rc && n)
		rc = complain(EXIT_PARTLY,
			"%zu planted ranges are left: '%s' was at %#" PRIx64
			" of '%s'", n, v[0].target, v[0].spa, v[0].ns);
	free(v);
	return rc;
}

/*
 * Where a planted range is now: what was named, if it is still there, else
 * whatever namespace holds the address, or the address.  A process is not
 * asked: its number may be another one's by now.
 */
static const char *name_now(const struct planted *p, struct place *where)
{
	const struct nsinfo *ns;
	struct ident id;

	*where = (struct place){
		.offset_set = true, .length_set = true,
		.offset = p->off, .length = p->len,
	};
	if (target_ns(p->target) || !platform->identify(p->target, &id))
		return p->target;
	ns = target_ns_at(p->spa);
	if (!ns) {
		where->offset = p->spa;
		return "spa";
	}
	where->offset = p->spa - ns->data_base;
	return ns->name;
}

static bool seen_before(const struct planted *v, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (v[k].spa == v[i].spa && v[k].len == v[i].len &&
		    !strcmp(v[k].target, v[i].target))
			return true;
	return false;
}

/*
 * What the journal says is undone by name.  A file that has moved leaves its
 * old blocks to nobody: those are reported, not touched.
 */
static int clear_all(const struct request *req, struct deadline d)
{
	json_object *list = json_object_new_array(), *doc;
	size_t n, i, tried = 0, failed = 0;
	struct planted *v;
	int rc, first = EXIT_OK;

	rc = journal_left(&v, &n);
	if (rc) {
		json_object_put(list);
		return rc;
	}
	for (i = 0; i < n && !interrupted(); i++) {
		struct place where;
		const char *name = name_now(&v[i], &where);

		if (seen_before(v, i))
			continue;
		doc = NULL;
		tried++;
		rc = clear_one(name, &where, req, d, &doc);
		if (doc)
			json_object_array_add(list, doc);
		if (rc && !failed++)
			first = rc;
	}
	free(v);
	out_doc(list, columns, ARRAY_SIZE(columns));
	if (interrupted())
		return complain(EXIT_TIMEOUT, "interrupted");
	if (failed)
		return failed == tried ? first : EXIT_PARTLY;
	return req->dry_run ? EXIT_OK : check_journal();
}

static int check_words(const struct request *req)
{
	if (req->all && (req->target || req->place.block_set ||
			 req->place.offset_set || req->place.length_set))
		return complain(EXIT_USAGE, "--all takes no target");
	if (!req->all && !req->target)
		return complain(EXIT_USAGE, "no target given");
	return EXIT_OK;
}

static int run_clear(struct request *req)
{
	struct deadline d = deadline_in((unsigned int)req->deadline);
	json_object *doc = NULL;
	int rc;

	if (req->all)
		return clear_all(req, d);
	rc = clear_one(req->target, &req->place, req, d, &doc);
	if (doc)
		out_doc(doc, columns, ARRAY_SIZE(columns));
	return rc;
}

const struct verb verb_clear = {
	.name = "clear",
	.synopsis = "clear [options] <target>\n poisonctl clear [options] --all",
	.purpose = "Repair poison: firmware, badblocks and page flags",
	.opts = clear_opts,
	.n = ARRAY_SIZE(clear_opts),
	.flags = VERB_ADMIN | VERB_PLANTS,
	.check = check_words,
	.run = run_clear,
};
