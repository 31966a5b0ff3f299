// SPDX-License-Identifier: GPL-2.0
/* Repair a range for real, and say what was found and what is left. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clear.h"
#include "intr.h"
#include "journal.h"
#include "keep.h"
#include "mech.h"
#include "put.h"
#include "regroup.h"
#include "repair.h"
#include "sharers.h"

static json_object *found_json(const struct poison_found *f,
			       const struct nsinfo *ns)
{
	json_object *o = json_object_new_object();
	uint64_t base = ns ? ns->data_base : 0;

	put_u64(o, "badblock_count",
		(ranges_total(&f->bad) + SECTOR - 1) / SECTOR);
	json_object_object_add(o, "badblocks",
			       json_ranges(&f->bad, base, SECTOR));
	json_object_object_add(o, "injected",
			       json_ranges(&f->fw, base, 1));
	if (ns && f->shown != UINT64_MAX)
		put_bool(o, "badblocks_cut", true);
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
	if (r->sharers.n) {
		json_object *list = json_object_new_array();

		who_json(&r->sharers, list);
		json_object_object_add(o, "files", list);
	}
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
int clear_target(struct target *t, const struct clearing *c,
			json_object **doc)
{
	struct repair r = {
		.t = t,
		.zero = c->zero,
		.punch = c->punch,
		.assume_hwpoison = c->assume_hwpoison,
	};
	int rc;

	rc = mech_check_media(t, c->real_ok);
	if (!rc)
		rc = repair_find(&r);
	if (!rc)
		rc = sharers_check(&r, c->shared_ok);
	if (!rc && c->dry) {
		*doc = repair_json(&r, "planned");
	} else if (!rc) {
		rc = repair_do(&r, c->d);
		if (rc == EXIT_OK || rc == EXIT_PARTLY || rc == EXIT_TIMEOUT)
			*doc = repair_json(&r, rc ? exit_name(rc) : "clear");
	}
	repair_free(&r);
	return rc;
}

int clear_named(const char *name, const struct place *place,
		     const struct clearing *c,
		     json_object **doc)
{
	struct target t;
	char node[sizeof(t.node)];
	int rc;

	rc = target_resolve(name, place, true, &t);
	if (!rc && t.kind == TARGET_PROCESS)
		rc = by_file(&t, node);
	if (rc)
		return rc;
	rc = clear_target(&t, c, doc);
	target_free(&t);
	return rc;
}

/* Of a planted range all is kept, or nothing of it is in @only. */
static void select_only(struct planted *v, size_t *n, const struct ranges *only)
{
	size_t i, to = 0;

	for (i = 0; i < *n; i++)
		if (!only || ranges_touch(only, v[i].spa, v[i].len))
			v[to++] = v[i];
	*n = to;
}

/* After a repair by name: is everything that was planted really gone? */
static int check_journal(const struct ranges *only)
{
	struct planted *v;
	size_t n;
	int rc = journal_left(&v, &n);

	if (!rc)
		select_only(v, &n, only);
	if (!rc && n)
		rc = complain(EXIT_PARTLY,
			"%zu planted ranges are left: '%s' was at %#" PRIx64
			" of '%s'", n, v[0].target, v[0].spa, v[0].ns);
	free(v);
	return rc;
}

static void put_reason(json_object *o, int rc)
{
	put_str(o, "reason", complaint());
	put_error(o, rc);
}

/* What was not repaired is a row too, with its name, address and reason. */
static json_object *failed_json(const struct target *t, int rc)
{
	json_object *o = target_json(t);

	put_u64(o, "spa", t->n ? t->v[0].spa : 0);
	put_str(o, "state", exit_name(rc));
	put_reason(o, rc);
	return o;
}

static json_object *damaged_json(size_t damaged, size_t line)
{
	json_object *o = json_object_new_object();

	complain(EXIT_PARTLY,
		 "'" JOURNAL "' is damaged in %zu lines, the first is line %zu: "
		 "what they say was planted is not known", damaged, line);
	put_str(o, "target", JOURNAL);
	put_str(o, "state", "damaged");
	put_reason(o, EXIT_PARTLY);
	return o;
}

/* What is wrong with all of it has a row as well. */
static int not_done(json_object *list, int rc)
{
	json_object *o = json_object_new_object();

	put_str(o, "state", exit_name(rc));
	put_reason(o, rc);
	json_object_array_add(list, o);
	return rc;
}

static int clear_group(struct group *g, const struct clearing *c,
		       json_object *list)
{
	struct clearing all = *c;
	json_object *doc = NULL;
	int rc;

	all.shared_ok = true;
	if (g->why.code)
		rc = complain(g->why.code == EXIT_SETUP ? EXIT_SETUP : EXIT_UNSUPPORTED,
			      "%s", g->why.text);
	else
		rc = clear_target(&g->t, &all, &doc);
	if (rc && doc)
		put_reason(doc, rc);
	json_object_array_add(list, doc ? doc : failed_json(&g->t, rc));
	return rc;
}

/* Pages that a repair kept before it was killed, where the journal has nothing. */
static void add_kept(struct planted **v, size_t *n)
{
	struct ranges kept = { 0 };
	uint64_t pos;
	size_t i;

	keep_list(&kept);
	for (i = 0; i < *n; i++)
		ranges_sub(&kept, round_down64((*v)[i].spa, PAGE),
			   round_up64((*v)[i].spa + (*v)[i].len, PAGE) -
			   round_down64((*v)[i].spa, PAGE));
	for (i = 0; i < kept.n; i++)
		for (pos = kept.v[i].start;
		     pos < kept.v[i].start + kept.v[i].len; pos += PAGE) {
			struct planted *p;

			*v = xrealloc(*v, (*n + 1) * sizeof(**v));
			p = &(*v)[(*n)++];
			*p = (struct planted){ .spa = pos, .len = PAGE };
			if (!keep_path(pos, p->target, sizeof(p->target)))
				copy_name(p->target, sizeof(p->target), "spa");
		}
	ranges_free(&kept);
}

/*
 * What the journal says is undone, wherever it is now.  Blocks that a file gave
 * up are nobody's: they are repaired by address, which needs the namespace.
 */
int clear_all(const struct clearing *c, json_object **list)
{
	size_t n, ng, i, damaged, line, failed = 0;
	struct planted *v;
	struct group *g;
	int rc, first = EXIT_OK;

	*list = NULL;
	rc = journal_left_damaged(&v, &n, &damaged, &line);
	if (rc)
		return rc;
	*list = json_object_new_array();
	add_kept(&v, &n);
	select_only(v, &n, c->only);
	regroup(v, n, &g, &ng);
	for (i = 0; i < ng && !interrupted(); i++) {
		rc = clear_group(&g[i], c, *list);
		if (rc && !failed++)
			first = rc;
	}
	regroup_free(g, ng);
	free(v);
	if (damaged) {
		json_object_array_add(*list, damaged_json(damaged, line));
		first = failed++ ? first : EXIT_PARTLY;
	}
	if (interrupted())
		return not_done(*list, complain(EXIT_TIMEOUT, "interrupted"));
	if (failed)
		return failed >= ng ? first : EXIT_PARTLY;
	rc = c->dry ? EXIT_OK : check_journal(c->only);
	return rc ? not_done(*list, rc) : EXIT_OK;
}
