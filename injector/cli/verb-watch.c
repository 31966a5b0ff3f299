// SPDX-License-Identifier: GPL-2.0
/* poisonctl watch: say what happens, as it happens. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intr.h"
#include "metrics.h"
#include "out.h"
#include "verbs.h"
#include "watch.h"

#define LOOK_MS		500	/* at what the kernel does not notify */

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

/* Is it in vain to wait for an event, since nobody would tell of it? */
static int check_until(const struct watch *w, bool trace, int log)
{
	bool by_trace = w->until == EVENT_MEMORY_FAILURE || w->until == EVENT_MACHINE_CHECK;

	if (!w->until_set || !log || !(by_trace ? !trace : w->until == EVENT_SIGBUS))
		return EXIT_OK;
	return complain(is_absent(log) ? EXIT_UNSUPPORTED : EXIT_SETUP,
			"nothing would tell of '%s': cannot read /dev/kmsg: %s",
			event_names[w->until], strerror(-log));
}

/* Every source is armed when this returns: events may come now. */
static int arm(struct watch *w)
{
	json_object *o = json_object_new_object();
	size_t i, badblocks, scrubs;
	bool trace;
	int log, rc;

	watch_badblocks(w);
	badblocks = w->n;
	watch_scrub(w);
	scrubs = w->n - badblocks;
	trace = watch_trace(w);
	if (!trace)
		note("no tracepoints (tracefs): the kernel log stands in for "
		     "them");
	log = watch_kmsg(w, trace);
	rc = w->n ? check_until(w, trace, log) :
		    complain(EXIT_UNSUPPORTED, "there is nothing to watch");
	if (rc) {
		json_object_put(o);
		return rc;
	}
	for (i = 0; i < w->n; i++)
		if (w->v[i].look && w->v[i].often && w->v[i].fd < 0)
			note("the badblocks of '%s' cannot be opened",
			     w->v[i].ns->name);
	put_u64(o, "badblocks", badblocks);
	put_u64(o, "scrubs", scrubs);
	put_bool(o, "tracepoints", trace);
	put_bool(o, "kernel_log", !log);
	watch_emit(w, EVENT_WATCHING, "poisonctl", 0, 0, o);
	return EXIT_OK;
}

/* Wait for any source, a signal, or for the reader to go away. */
static int wait_any(struct watch *w, struct pollfd *p, int ms)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		p[i] = (struct pollfd){ .fd = w->v[i].fd,
					.events = w->v[i].events };
	p[w->n] = (struct pollfd){ .fd = intr_fd(), .events = POLLIN };
	/* no events asked for: POLLERR comes when a pipe has no reader */
	p[w->n + 1] = (struct pollfd){ .fd = STDOUT_FILENO };
	if (poll(p, w->n + 2, ms) < 0 && errno != EINTR)
		return -errno;
	if (p[w->n + 1].revents & (POLLERR | POLLHUP | POLLNVAL))
		w->err = w->err ? w->err : -EPIPE;
	return 0;
}

/* @m: NULL without --prometheus */
static int follow(struct watch *w, const struct deadline *d, struct metrics *m)
{
	struct pollfd *p = xrealloc(NULL, (w->n + 2) * sizeof(*p));
	int rc = 0, left = LOOK_MS;
	size_t i;

	while (!rc && !w->done && !w->err && !interrupted()) {
		if (d) {
			left = deadline_left(d);
			if (!left)
				break;
		}
		rc = wait_any(w, p, left < LOOK_MS ? left : LOOK_MS);
		for (i = 0; i < w->n && !rc; i++)
			if (p[i].revents || w->v[i].often)
				w->v[i].look(w, &w->v[i]);
		if (m)
			metrics_write(m, w, true);
	}
	free(p);
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
