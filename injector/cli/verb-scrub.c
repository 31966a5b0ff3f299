// SPDX-License-Identifier: GPL-2.0
/* poisonctl scrub: find latent errors, in a bus or in a range of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ars.h"
#include "machine.h"
#include "out.h"
#include "scrub.h"
#include "state.h"
#include "verbs.h"
#include "view.h"

struct scrub_request {
	struct request r;
	bool start;
	bool wait;
	bool status;
	bool range;
};

#define SCRUB_FIELD(f)	offsetof(struct scrub_request, f)

static const struct opt scrub_opts[] = {
	{ "start", 0, OPT_FLAG, SCRUB_FIELD(start), 0, NULL,
	  "only start one, do not wait", NULL },
	{ "wait", 0, OPT_FLAG, SCRUB_FIELD(wait), 0, NULL,
	  "only wait until none runs", NULL },
	{ "status", 0, OPT_FLAG, SCRUB_FIELD(status), 0, NULL,
	  "only say whether one runs", NULL },
	{ "range", 'R', OPT_FLAG, SCRUB_FIELD(range), 0, NULL,
	  "scrub only the target, not its whole bus", NULL },
	OPTS_PLACE,
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPTS_TABLE,
	OPTS_COMMON,
};

static const struct column columns[] = {
	{ "BUS", "dev", COL_TEXT },
	{ "PROVIDER", "provider", COL_TEXT },
	{ "STATE", "scrub_state", COL_TEXT },
	{ "COUNT", "scrub_count", COL_NUMBER },
	{ "FOUND", "found", COL_COUNT },
	{ "NEW", "new_badblocks", COL_COUNT },
};

static json_object *bus_json(const char *bus, const struct scrub_state *s)
{
	json_object *o = json_object_new_object();
	char provider[NAME_LEN];

	if (read_text(provider, sizeof(provider),
		      "/sys/bus/nd/devices/%s/provider", bus) > 0)
		put_str(o, "provider", provider);
	put_str(o, "dev", bus);
	put_str(o, "scrub_state", s->active ? "active" : "idle");
	put_u64(o, "scrub_count", s->count);
	return o;
}

static int complain_scrub(const char *bus, int rc)
{
	switch (rc) {
	case -EOPNOTSUPP:
		return complain(EXIT_UNSUPPORTED, "'%s' has no scrub (ARS)",
				bus);
	case -EBUSY:
		return complain(EXIT_SETUP,
			"a scrub of '%s' is requested already, and has not "
			"begun", bus);
	case -ETIMEDOUT:
		return complain(EXIT_TIMEOUT,
			"'%s' still scrubs after the deadline", bus);
	default:
		return complain(EXIT_SETUP, "cannot scrub '%s': %s", bus,
				strerror(-rc));
	}
}

/* The badblocks of all namespaces of a bus, as SPA ranges. */
static int badblocks_of_bus(const char *bus, struct ranges *set)
{
	const struct nsinfo *v;
	size_t n, i;
	int rc = machine->namespaces(&v, &n);

	for (i = 0; i < n && !rc; i++)
		if (v[i].active && v[i].data_base && !strcmp(v[i].bus, bus))
			rc = state_badblocks(&v[i], set);
	if (rc)
		return complain(EXIT_SETUP,
			"cannot read the badblocks of '%s': %s", bus,
			strerror(-rc));
	return EXIT_OK;
}

static json_object *view_json(const struct ranges *set)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < set->n; i++)
		json_object_array_add(list, view_range(set->v[i].start,
						       set->v[i].len));
	return list;
}

/* A minus B. */
static void minus(struct ranges *a, const struct ranges *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		ranges_sub(a, b->v[i].start, b->v[i].len);
}

/*
 * A request that is refused because the same one is pending is as good as
 * granted to who wants to wait: that scrub has not begun yet.
 */
static int start_or_join(const char *bus, bool join, struct scrub_state *since)
{
	int rc = scrub_start(bus, since);

	if (rc != -EBUSY || !join)
		return rc;
	note("a scrub of '%s' is requested already: waiting for that one", bus);
	return scrub_look(bus, since);
}

/* What the firmware of a bus has and none of the kernel's lists shows. */
static int unlisted_of_bus(const char *bus, struct ranges *set)
{
	struct ranges fw = { 0 };
	const struct nsinfo *v;
	uint64_t end;
	size_t n, i;
	int rc = machine->namespaces(&v, &n);

	for (i = 0; !rc && i < n; i++) {
		struct ranges have = { 0 }, want = { 0 };

		if (!v[i].active || !v[i].data_base || strcmp(v[i].bus, bus))
			continue;
		rc = state_injected(&v[i], &fw);
		if (!rc)
			rc = state_badblocks_shown(&v[i], &have, &end);
		if (!rc) {
			ranges_widen(&want, &fw, SECTOR);
			minus(&want, &have);
			/* what is behind a cut may be listed */
			ranges_clip(set, &want, 0, end);
		}
		rc = rc == -EOPNOTSUPP ? 0 : rc;
		ranges_free(&have);
		ranges_free(&want);
		ranges_free(&fw);
	}
	if (rc)
		return complain(EXIT_SETUP,
			"cannot compare the lists of '%s' with its firmware's: %s", bus,
			strerror(-rc));
	return EXIT_OK;
}

/* A scrub has ended: what is new, and what it should have listed and did not. */
static int put_result(const char *bus, const struct ranges *before,
		      bool active, json_object *doc)
{
	struct ranges after = { 0 }, unlisted = { 0 };
	int rc = badblocks_of_bus(bus, &after);

	minus(&after, before);
	json_object_object_add(doc, "new_badblocks", view_json(&after));
	if (!rc && !active)
		rc = unlisted_of_bus(bus, &unlisted);
	if (unlisted.n) {
		json_object_object_add(doc, "unlisted_badblocks",
				       view_json(&unlisted));
		rc = complain(EXIT_PARTLY,
			"'%s' was scrubbed, but %zu ranges that its firmware has "
			"are not listed, the first at %#" PRIx64 ": 'poisonctl "
			"scrub --range' enters them", bus, unlisted.n,
			unlisted.v[0].start);
	}
	ranges_free(&after);
	ranges_free(&unlisted);
	return rc;
}

static int start_and_wait(const char *bus, const struct scrub_request *own,
			  struct deadline d, json_object **doc)
{
	struct ranges before = { 0 };
	struct scrub_state since, now;
	int rc = badblocks_of_bus(bus, &before), err;

	if (rc)
		return rc;
	err = start_or_join(bus, !own->start, &since);
	now = since;
	if (!err && !own->start)
		err = scrub_wait(bus, &since, &now, d);
	if (err && err != -ETIMEDOUT) {
		ranges_free(&before);
		return complain_scrub(bus, err);
	}
	*doc = bus_json(bus, &now);
	if (!err && !own->start) {
		if (now.active)
			note("the scrub of '%s' has ended; another one runs",
			     bus);
		rc = put_result(bus, &before, now.active, *doc);
	}
	ranges_free(&before);
	return err ? complain_scrub(bus, err) : rc;
}

static int one_bus(const char *bus, const struct request *req,
		   struct deadline d, json_object **doc)
{
	const struct scrub_request *own = (const void *)req;
	struct scrub_state now, since;
	int rc = scrub_look(bus, &since);

	now = since;
	if (rc)
		return complain_scrub(bus, rc);
	if (own->wait)
		rc = scrub_wait(bus, &since, &now, d);
	else if (!own->status && !req->dry_run)
		return start_and_wait(bus, own, d, doc);
	*doc = bus_json(bus, &now);
	if (req->dry_run)
		put_str(*doc, "state", "planned");
	return rc ? complain_scrub(bus, rc) : EXIT_OK;
}

/*
 * What the firmware found and the kernel does not know goes into the block
 * device's list, where a scrub of the kernel's own would have put it: reads are
 * refused then, and writes repair.  The list of device-dax cannot be written.
 */
static int enter(const struct target *t, struct ranges *missing)
{
	struct ranges have = { 0 };
	bool some = false;
	size_t i;
	int rc;

	if (t->ns->mode == NS_DEVDAX) {
		note("the list of '%s' cannot be written: %zu ranges are not in "
		     "it", t->ns->name, missing->n);
		return EXIT_OK;
	}
	for (i = 0; i < missing->n; i++) {
		rc = state_list_badblock(t->ns, &missing->v[i], &some);
		if (rc)
			return complain(rc == -EINTR ? EXIT_TIMEOUT : EXIT_PARTLY,
				"cannot enter %#" PRIx64 " into the badblocks "
				"of '%s': %s", missing->v[i].start, t->ns->name,
				strerror(-rc));
	}
	rc = state_badblocks(t->ns, &have);
	for (i = 0; i < missing->n && !rc; i++)
		if (!ranges_cover(&have, missing->v[i].start,
				  missing->v[i].len))
			rc = complain(EXIT_PARTLY,
				"the badblocks of '%s' do not show %#" PRIx64,
				t->ns->name, missing->v[i].start);
	ranges_free(&have);
	return rc;
}

static int scrub_extents(const struct target *t, struct ranges *found,
			 struct deadline d)
{
	unsigned int again, sum = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < t->n && !rc; i++) {
		rc = ars_range(t->ns->bus, t->v[i].spa, t->v[i].len, found,
			       &again, d);
		sum += again;
	}
	if (sum)
		note("another scrub of '%s' was in the way %u times",
		     t->ns->bus, sum);
	if (rc == -EOPNOTSUPP)
		return complain(EXIT_UNSUPPORTED,
			"the firmware of '%s' does not scrub ranges",
			t->ns->bus);
	return rc ? complain_scrub(t->ns->bus, rc) : EXIT_OK;
}

static int range_report(const struct target *t, struct deadline d,
			json_object *doc)
{
	struct ranges found = { 0 }, missing = { 0 }, listed = { 0 };
	size_t i;
	int rc = scrub_extents(t, &found, d), err;

	/* the kernel's list is in sectors */
	ranges_widen(&missing, &found, SECTOR);
	if (!rc) {
		err = state_badblocks(t->ns, &listed);
		if (err)
			rc = complain_scrub(t->ns->bus, err);
	}
	for (i = 0; i < listed.n; i++)
		ranges_sub(&missing, listed.v[i].start, listed.v[i].len);
	if (!rc) {
		json_object_object_add(doc, "found", view_json(&found));
		json_object_object_add(doc, "new_badblocks",
				       view_json(&missing));
		rc = enter(t, &missing);
	}
	ranges_free(&found);
	ranges_free(&missing);
	ranges_free(&listed);
	return rc;
}

static int one_range(const struct request *req, struct deadline d,
		     json_object **doc)
{
	struct scrub_state now;
	struct target t;
	int rc;

	rc = target_resolve(req->target, &req->place, true, &t);
	if (rc)
		return rc;
	if (target_is_ram(&t))
		rc = complain(EXIT_UNSUPPORTED, "'%s' is System RAM", t.name);
	if (!rc) {
		rc = scrub_look(t.ns->bus, &now);
		rc = rc ? complain_scrub(t.ns->bus, rc) : EXIT_OK;
	}
	if (!rc) {
		*doc = bus_json(t.ns->bus, &now);
		json_object_object_add(*doc, "target", target_json(&t));
		if (req->dry_run)
			put_str(*doc, "state", "planned");
		else
			rc = range_report(&t, d, *doc);
		if (rc && rc != EXIT_PARTLY) {
			json_object_put(*doc);
			*doc = NULL;
		}
	}
	target_free(&t);
	return rc;
}

static int list_buses(char (**v)[NAME_LEN], size_t *n)
{
	int rc = scrub_buses(v, n);

	return rc ? complain(EXIT_SETUP, "cannot list the buses: %s", strerror(-rc)) :
		    EXIT_OK;
}

/* A bus by its name, or that of a namespace, device or file. */
static int bus_of(const char *name, char *bus)
{
	const struct nsinfo *ns;
	char (*all)[NAME_LEN];
	struct ident id;
	size_t n, i;
	int rc = list_buses(&all, &n);

	*bus = '\0';
	for (i = 0; i < n; i++)
		if (!strcmp(all[i], name))
			copy_name(bus, NAME_LEN, name);
	free(all);
	if (rc || *bus)
		return rc;
	rc = target_ns(name, &ns);
	if (rc)
		return rc;
	rc = ns ? 0 : machine->identify(name, &id);
	if (rc && rc != -ENOENT && rc != -ENOTBLK)
		return complain(EXIT_SETUP, "cannot look at '%s': %s", name, strerror(-rc));
	if (!rc && !ns && target_ns(id.dev, &ns))
		return EXIT_SETUP;
	if (ns)
		copy_name(bus, NAME_LEN, ns->bus);
	if (*bus)
		return EXIT_OK;
	return complain(EXIT_USAGE, "no bus belongs to '%s'", name);
}

static void add_doc(json_object *list, json_object *doc, int rc)
{
	if (!doc)
		return;
	if (rc)
		put_error(doc, rc);
	json_object_array_add(list, doc);
}

/* Those that have none are passed over, unless no bus has. */
static int all_buses(const struct request *req, struct deadline d,
		     json_object *list)
{
	char (*all)[NAME_LEN];
	size_t n, i, seen = 0;
	struct scrub_state s;
	int rc = list_buses(&all, &n);

	for (i = 0; i < n && !rc; i++) {
		json_object *doc = NULL;

		if (scrub_look(all[i], &s) == -EOPNOTSUPP)
			continue;
		seen++;
		rc = one_bus(all[i], req, d, &doc);
		add_doc(list, doc, rc);
	}
	free(all);
	if (!rc && !seen)
		return complain(EXIT_UNSUPPORTED, "no bus has a scrub (ARS)");
	return rc;
}

static int check_words(const struct request *req)
{
	const struct scrub_request *own = (const void *)req;
	const struct place *p = &req->place;
	bool looks = own->wait || own->status;

	if (own->start + own->wait + own->status > 1)
		return complain(EXIT_USAGE,
			"--start, --wait and --status exclude each other");
	if (own->range && (looks || own->start))
		return complain(EXIT_USAGE,
			"--range excludes --start, --wait and --status");
	if (!own->range && (p->block_set || p->offset_set))
		return complain(EXIT_USAGE, "a place needs --range");
	if (!req->target && !looks)
		return complain(EXIT_USAGE, "no bus or target given");
	return EXIT_OK;
}

static int run_scrub(struct request *req)
{
	const struct scrub_request *own = (const void *)req;
	struct deadline d = deadline_in((unsigned int)req->deadline);
	json_object *list, *doc = NULL;
	char bus[NAME_LEN];
	int rc = EXIT_OK;

	if (!own->wait && !own->status)
		rc = machine_check_admin("scrub");
	if (rc)
		return rc;
	list = json_object_new_array();
	if (!req->target) {
		rc = all_buses(req, d, list);
	} else if (own->range) {
		rc = one_range(req, d, &doc);
	} else {
		rc = bus_of(req->target, bus);
		if (!rc)
			rc = one_bus(bus, req, d, &doc);
	}
	add_doc(list, doc, rc);
	if (json_object_array_length(list))
		out_doc(list, columns, ARRAY_SIZE(columns));
	else
		json_object_put(list);
	return rc;
}

static const struct table tables[] = { TABLE(columns) };

static const struct verb verb_scrub = {
	.name = "scrub",
	.synopsis = "scrub [options] <target>\n"
		    " poisonctl scrub [options] --wait|--status [<target>]",
	.purpose = "Scrub a bus or a range (ARS) and say what was found",
	.opts = scrub_opts,
	.n = ARRAY_SIZE(scrub_opts),
	.tables = tables,
	.ntables = ARRAY_SIZE(tables),
	.flags = VERB_BUS,
	.size = REQUEST_SIZE(struct scrub_request),
	.check = check_words,
	.run = run_scrub,
};

VERB(verb_scrub)
