// SPDX-License-Identifier: GPL-2.0
/* Events: their common form, and whom they concern. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "put.h"
#include "view.h"
#include "watch.h"

/* Those that a watch can wait for; the others happen to a watch itself. */
#define UNTIL_NAMES \
	[EVENT_BADBLOCK] = "badblock", \
	[EVENT_BADBLOCK_GONE] = "badblock-gone", \
	[EVENT_MEMORY_FAILURE] = "memory-failure", \
	[EVENT_SIGBUS] = "sigbus", \
	[EVENT_MACHINE_CHECK] = "machine-check", \
	[EVENT_SCRUB_STARTED] = "scrub-started", \
	[EVENT_SCRUB_ENDED] = "scrub-ended"

const char * const event_names[] = {
	UNTIL_NAMES,
	[EVENT_LOST] = "lost",
	[EVENT_WATCHING] = "watching",
	[EVENT_STARTED] = "started",
	[EVENT_PLANTED] = "planted",
	[EVENT_ENDED] = "ended",
	[EVENT_SIGNAL] = "signal",
	[EVENT_COUNT] = NULL,
};

const char * const until_names[] = {
	UNTIL_NAMES,
	[EVENT_LOST] = NULL,
};

struct source *watch_add(struct watch *w)
{
	struct source *s;

	w->v = xrealloc(w->v, (w->n + 1) * sizeof(*w->v));
	s = &w->v[w->n++];
	*s = (struct source){ .fd = -1 };
	return s;
}

void watch_end(struct watch *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (w->v[i].end)
			w->v[i].end(&w->v[i]);
		else if (w->v[i].fd >= 0)
			close(w->v[i].fd);
	}
	free(w->v);
	free(w->results);
}

/* As ndctl monitor writes it. */
static void put_now(json_object *o)
{
	struct timespec ts;
	char text[40];

	clock_gettime(CLOCK_REALTIME, &ts);
	snprintf(text, sizeof(text), "%lld.%03ld", (long long)ts.tv_sec,
		 ts.tv_nsec / 1000000);
	put_str(o, "timestamp", text);
}

static void merge(json_object *to, json_object *from)
{
	if (!from)
		return;
	json_object_object_foreach(from, key, v)
		json_object_object_add(to, key, json_object_get(v));
	json_object_put(from);
}

/* The first extent of the target that shares a byte with a range. */
static const struct extent *hit(const struct target *t, uint64_t spa,
				uint64_t len)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->v[i].spa < spa + len && spa < t->v[i].spa + t->v[i].len)
			return &t->v[i];
	return NULL;
}

void watch_result(struct watch *w, const char *name, uint64_t n)
{
	struct watch_result *r;
	size_t i;

	for (i = 0; i < w->nresults; i++)
		if (!strncmp(w->results[i].name, name, sizeof(r->name) - 1))
			break;
	if (i == w->nresults) {
		w->results = xrealloc(w->results, ++w->nresults * sizeof(*r));
		w->results[i].count = 0;
		snprintf(w->results[i].name, sizeof(r->name), "%s", name);
	}
	w->results[i].count += n;
}

static void count_event(struct watch *w, enum event_kind kind, json_object *more)
{
	json_object *v;

	w->counts[kind]++;
	if (kind == EVENT_MEMORY_FAILURE && json_object_object_get_ex(more, "result", &v))
		watch_result(w, json_object_get_string(v), 1);
}

void watch_emit(struct watch *w, enum event_kind kind, const char *source,
		uint64_t spa, uint64_t len, json_object *more)
{
	const struct extent *e = NULL;
	json_object *o;

	if (w->t && len)
		e = hit(w->t, spa, len);
	if (w->err || w->done || (w->t && len && !e)) {
		json_object_put(more);
		return;
	}
	count_event(w, kind, more);
	o = json_object_new_object();
	put_now(o);
	put_str(o, "event", event_names[kind]);
	put_str(o, "source", source);
	if (len)
		merge(o, view_range(spa, len));
	if (e) {
		put_str(o, "target", w->t->name);
		put_u64(o, "offset", spa > e->spa ? e->off + (spa - e->spa) :
						    e->off);
	}
	merge(o, more);
	if (w->list)
		json_object_array_add(w->list, o);
	else
		w->err = w->tell(o);
	if (kind == EVENT_WATCHING)
		return;
	w->seen++;
	if (w->until_set ? kind == w->until && (!w->want || !--w->want) :
			   w->want && w->seen >= w->want)
		w->done = true;
}
