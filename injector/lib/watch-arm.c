// SPDX-License-Identifier: GPL-2.0
/* All sources of a watch at once: armed, waited for, and looked at. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "intr.h"
#include "watch.h"

/* Is it in vain to wait for an event, since nobody would tell of it? */
static int check_until(const struct watch *w, const struct watch_sources *have)
{
	bool by_trace = w->until == EVENT_MEMORY_FAILURE || w->until == EVENT_MACHINE_CHECK;

	if (!w->until_set || !have->log ||
	    !(by_trace ? !have->trace : w->until == EVENT_SIGBUS))
		return EXIT_OK;
	return complain(is_absent(have->log) ? EXIT_UNSUPPORTED : EXIT_SETUP,
			"nothing would tell of '%s': cannot read /dev/kmsg: %s",
			event_names[w->until], strerror(-have->log));
}

int watch_arm(struct watch *w, struct watch_sources *have)
{
	size_t i;
	int rc;

	watch_badblocks(w);
	have->badblocks = w->n;
	watch_scrub(w);
	have->scrubs = w->n - have->badblocks;
	have->trace = watch_trace(w);
	if (!have->trace)
		note("no tracepoints (tracefs): the kernel log stands in for "
		     "them");
	have->log = watch_kmsg(w, have->trace);
	rc = w->n ? check_until(w, have) :
		    complain(EXIT_UNSUPPORTED, "there is nothing to watch");
	for (i = 0; i < w->n && !rc; i++)
		if (w->v[i].look && w->v[i].often && w->v[i].fd < 0)
			note("the badblocks of '%s' cannot be opened",
			     w->v[i].ns->name);
	return rc;
}

int watch_look(struct watch *w, int reader, int ms)
{
	struct pollfd *p = xrealloc(NULL, (w->n + 2) * sizeof(*p));
	size_t i;
	int rc = 0;

	for (i = 0; i < w->n; i++)
		p[i] = (struct pollfd){ .fd = w->v[i].fd,
					.events = w->v[i].events };
	p[w->n] = (struct pollfd){ .fd = intr_fd(), .events = POLLIN };
	/* no events asked for: POLLERR comes when a pipe has no reader */
	p[w->n + 1] = (struct pollfd){ .fd = reader };
	if (poll(p, w->n + 2, ms) < 0 && errno != EINTR)
		rc = -errno;
	if (p[w->n + 1].revents & (POLLERR | POLLHUP | POLLNVAL))
		w->err = w->err ? w->err : -EPIPE;
	for (i = 0; i < w->n && !rc; i++)
		if (p[i].revents || w->v[i].often)
			w->v[i].look(w, &w->v[i]);
	free(p);
	return rc;
}
