// SPDX-License-Identifier: GPL-2.0
/*
 * Sources in sysfs: badblocks and nfit/scrub.
 *
 * Reading a file arms its descriptor: poll(2) returns for every notification
 * that came after the kernel took the content (fs/kernfs/file.c, of->event).  So
 * the content that was read is the known state, and nothing falls in between.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "badblocks.h"
#include "put.h"
#include "watch.h"

#define TEXT_MAX	4096	/* of a file in sysfs: one page */

static int open_badblocks(const struct nsinfo *ns)
{
	char path[256];

	badblocks_path(ns, path, sizeof(path));
	return machine->open_file(path, 0);
}

static int read_badblocks(const struct source *s, struct ranges *now)
{
	char text[TEXT_MAX];
	ssize_t n = pread(s->fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return badblocks_parse(s->ns, text, now, NULL);
}

static void emit_difference(struct watch *w, enum event_kind kind,
			    const struct ranges *a, const struct ranges *b)
{
	struct ranges d = { 0 };
	size_t i;

	for (i = 0; i < a->n; i++)
		ranges_add(&d, a->v[i].start, a->v[i].len);
	for (i = 0; i < b->n; i++)
		ranges_sub(&d, b->v[i].start, b->v[i].len);
	for (i = 0; i < d.n; i++)
		watch_emit(w, kind, "badblocks", d.v[i].start, d.v[i].len,
			   NULL);
	ranges_free(&d);
}

/*
 * A namespace that is disabled takes its list with it: that is no repair.  When
 * it is back, what is in the list is compared with what was.
 */
static void look_badblocks(struct watch *w, struct source *s)
{
	struct ranges now = { 0 };
	int rc;

	if (s->fd < 0)
		s->fd = open_badblocks(s->ns);
	if (s->fd < 0)
		return;
	rc = read_badblocks(s, &now);
	if (rc) {
		note("the badblocks of '%s' cannot be read: %s", s->ns->name,
		     strerror(-rc));
		close(s->fd);
		s->fd = -1;
		ranges_free(&now);
		return;
	}
	emit_difference(w, EVENT_BADBLOCK_GONE, &s->last, &now);
	emit_difference(w, EVENT_BADBLOCK, &now, &s->last);
	ranges_free(&s->last);
	s->last = now;
}

static void end_badblocks(struct source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	ranges_free(&s->last);
}

void watch_badblocks(struct watch *w)
{
	const struct nsinfo *v;
	struct source *s;
	size_t n, i;
	int rc = machine->namespaces(&v, &n);

	if (rc) {
		note("badblocks cannot be watched: %s", strerror(-rc));
		return;
	}
	for (i = 0; i < n; i++) {
		if (!v[i].active || !v[i].data_base)
			continue;
		if (w->t && w->t->ns != &v[i])
			continue;
		s = watch_add(w);
		s->ns = &v[i];
		s->events = POLLPRI;
		s->often = true;
		s->look = look_badblocks;
		s->end = end_badblocks;
		s->fd = open_badblocks(s->ns);
		if (s->fd >= 0)
			read_badblocks(s, &s->last);
	}
}

static int read_scrub(const struct source *s, struct scrub_state *now)
{
	char text[32];
	ssize_t n = pread(s->fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return scrub_parse(text, now);
}

static void emit_scrub(struct watch *w, enum event_kind kind,
		       const struct source *s, uint64_t count)
{
	json_object *o = json_object_new_object();

	put_str(o, "bus", s->bus);
	put_u64(o, "scrub_count", count);
	watch_emit(w, kind, "nfit/scrub", 0, 0, o);
}

/*
 * A scrub that began and ended between two looks shows in the count alone; each
 * that ended had begun.
 */
static void look_scrub(struct watch *w, struct source *s)
{
	struct scrub_state now, was = s->scrub;
	uint64_t count;

	if (read_scrub(s, &now))
		return;
	s->scrub = now;
	for (count = was.count; count < now.count; count++) {
		if (count > was.count || !was.active)
			emit_scrub(w, EVENT_SCRUB_STARTED, s, count);
		emit_scrub(w, EVENT_SCRUB_ENDED, s, count + 1);
	}
	if (now.active && (now.count > was.count || !was.active))
		emit_scrub(w, EVENT_SCRUB_STARTED, s, now.count);
}

void watch_scrub(struct watch *w)
{
	char (*bus)[NAME_LEN], path[256];
	struct source *s;
	size_t n, i;
	int fd, rc = scrub_buses(&bus, &n);

	if (rc)
		note("scrubs cannot be watched: %s", strerror(-rc));
	for (i = 0; i < n; i++) {
		if (w->t && (!w->t->ns || strcmp(w->t->ns->bus, bus[i])))
			continue;
		snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/nfit/scrub", bus[i]);
		fd = machine->open_file(path, 0);
		if (fd < 0)
			continue;
		s = watch_add(w);
		copy_name(s->bus, NAME_LEN, bus[i]);
		s->fd = fd;
		s->events = POLLPRI;
		s->often = true;
		s->look = look_scrub;
		read_scrub(s, &s->scrub);
	}
	free(bus);
}
