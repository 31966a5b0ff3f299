// SPDX-License-Identifier: GPL-2.0
/* Many plantings that end when the machine shows an event (--until). */
#include <string.h>

#include "intr.h"
#include "out.h"
#include "until.h"

/* What is waited for; watch_emit() has no room for it. */
static const char *wanted;

static int tell_wanted(json_object *o)
{
	const char *event = json_object_get_string(json_object_object_get(o, "event"));

	if (!strcmp(event, wanted))
		return out_line(o);
	json_object_put(o);
	return 0;
}

int until_start(struct until *u, const struct request *req)
{
	struct watch_sources have;

	*u = (struct until){ .set = req->until_set };
	if (!u->set)
		return EXIT_OK;
	u->w.tell = tell_wanted;
	u->w.until_set = true;
	u->w.until = (enum event_kind)req->until;
	wanted = event_names[req->until];
	return watch_arm(&u->w, &have);
}

int until_wait(struct until *u, int ms)
{
	int rc = 0;

	if (u->set && !u->w.done)
		rc = watch_look(&u->w, -1, ms);
	else if (!u->set && ms)
		intr_poll(-1, 0, ms);
	if (rc)
		return complain(EXIT_SETUP, "cannot wait for '%s': %s", wanted, strerror(-rc));
	if (!u->w.err)
		return EXIT_OK;
	out_drop();
	return complain(EXIT_SETUP, "cannot write the result: %s", strerror(-u->w.err));
}

int until_settle(struct until *u, unsigned int seconds)
{
	struct deadline d = deadline_in(seconds);
	int rc = EXIT_OK, left;

	while (u->set && !u->w.done && !rc) {
		left = deadline_left(&d);
		if (interrupted() || !left)
			return complain(EXIT_TIMEOUT, "'%s' did not come in time", wanted);
		rc = until_wait(u, left < WATCH_LOOK_MS ? left : WATCH_LOOK_MS);
	}
	return rc;
}

void until_end(struct until *u)
{
	if (u->set)
		watch_end(&u->w);
}
