// SPDX-License-Identifier: GPL-2.0
/* poisonctl watch: say what happens, as it happens. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "intr.h"
#include "metrics.h"
#include "out.h"
#include "verbs.h"
#include "watch.h"

struct watch_request {
	struct request r;
	uint64_t events;		/* --count */
	bool events_set;
	int until;		/* enum event_kind */
	bool until_set;
	const char *prometheus;	/* a file */
};

#define WATCH_FIELD(f)	offsetof(struct watch_request, f)

static const struct opt watch_opts[] = {
	{ "count", 'n', OPT_SIZE, WATCH_FIELD(events), WATCH_FIELD(events_set), "N",
	  "end after N events", NULL },
	{ "until", 'u', OPT_CHOICE, WATCH_FIELD(until), WATCH_FIELD(until_set), "EVENT",
	  "end after the first such event, or the Nth", until_names },
	{ "prometheus", 0, OPT_TEXT, WATCH_FIELD(prometheus), 0, "FILE",
	  "keep metrics in a file, for node_exporter", NULL },
	{ "deadline", 'T', OPT_SIZE, FIELD(deadline), FIELD(deadline_set),
	  "SECONDS", "end after this time (never)", NULL },
	OPTS_COMMON,
};

static int check_words(const struct request *req)
{
	const struct watch_request *own = (const void *)req;

	if (own->events_set && !own->events)
		return complain(EXIT_USAGE, "--count is '0', must be 1 or more");
	return EXIT_OK;
}

/* Every source is armed when this returns: events may come now. */
static int arm(struct watch *w)
{
	struct watch_sources have;
	json_object *o;
	int rc = watch_arm(w, &have);

	if (rc)
		return rc;
	o = json_object_new_object();
	put_u64(o, "badblocks", have.badblocks);
	put_u64(o, "scrubs", have.scrubs);
	put_bool(o, "tracepoints", have.trace);
	put_bool(o, "kernel_log", !have.log);
	watch_emit(w, EVENT_WATCHING, "poisonctl", 0, 0, o);
	return EXIT_OK;
}

/* @m: NULL without --prometheus */
static int follow(struct watch *w, const struct deadline *d, struct metrics *m)
{
	int rc = 0, left = WATCH_LOOK_MS;

	while (!rc && !w->done && !w->err && !interrupted()) {
		if (d) {
			left = deadline_left(d);
			if (!left)
				break;
		}
		rc = watch_look(w, STDOUT_FILENO, left < WATCH_LOOK_MS ? left : WATCH_LOOK_MS);
		if (m)
			metrics_write(m, w, true);
	}
	return rc;
}

/*
 * A watch that was told what to wait for fails if that did not come; one that
 * was not has done its work whatever ends it.
 */
static int verdict(const struct watch *w, const struct watch_request *own)
{
	if (w->err == -EPIPE)
		out_drop();
	if (w->done || !(own->events_set || own->until_set))
		return EXIT_OK;
	if (w->err)
		return complain(EXIT_SETUP, "the reader of the events went away: "
				"%s", strerror(-w->err));
	return complain(EXIT_TIMEOUT, "%s did not come in time",
			own->until_set ? event_names[own->until] :
					 "as many events");
}

/* What the kernel may say of a page: action_name[], mm/memory-failure.c. */
static void know_results(struct watch *w)
{
	static const char * const names[] = {
		"Ignored", "Failed", "Delayed", "Recovered",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		watch_result(w, names[i], 0);
}

static int open_metrics(struct metrics *m, const char *path)
{
	int err = metrics_open(m, path);

	return err ? complain(EXIT_SETUP, "cannot write '%s': %s", path,
			      err == -EINVAL ? "it is no regular file" : strerror(-err)) :
		     EXIT_OK;
}

static int watch_on(struct watch *w, const struct watch_request *own, struct metrics *m)
{
	struct deadline d = deadline_in((unsigned int)own->r.deadline);
	int rc = arm(w), err;

	if (rc)
		return rc;
	if (m)
		metrics_write(m, w, true);
	err = follow(w, own->r.deadline_set ? &d : NULL, m);
	if (m) {
		metrics_write(m, w, false);
		out_failed(m->err);
	}
	return err ? complain(EXIT_SETUP, "cannot wait for events: %s", strerror(-err)) :
		     verdict(w, own);
}

static int run_watch(struct request *req)
{
	const struct watch_request *own = (const void *)req;
	struct metrics m;
	struct watch w = {
		.tell = out_line,
		.want = own->events,
		.until_set = own->until_set,
		.until = (enum event_kind)own->until,
	};
	struct target t;
	int rc = EXIT_OK;

	if (own->prometheus)
		rc = open_metrics(&m, own->prometheus);
	if (!rc && req->target)
		rc = target_resolve(req->target, &req->place, true, &t);
	if (rc)
		return rc;
	w.t = req->target ? &t : NULL;
	know_results(&w);
	rc = watch_on(&w, own, own->prometheus ? &m : NULL);
	watch_end(&w);
	if (own->prometheus)
		metrics_close(&m);
	if (req->target)
		target_free(&t);
	return rc;
}

static const struct verb verb_watch = {
	.name = "watch",
	.synopsis = "watch [options] [<target>]",
	.purpose = "Say what happens to the media, as it happens",
	.opts = watch_opts,
	.n = ARRAY_SIZE(watch_opts),
	.flags = VERB_ADMIN,
	.size = REQUEST_SIZE(struct watch_request),
	.check = check_words,
	.run = run_watch,
};

VERB(verb_watch)
