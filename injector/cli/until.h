/* SPDX-License-Identifier: GPL-2.0 */
/* Many plantings that end when the machine shows an event (--until). */
#ifndef POISONCTL_UNTIL_H
#define POISONCTL_UNTIL_H

#include "opts.h"
#include "watch.h"

struct until {
	bool set;
	struct watch w;		/* w.done: the event came */
};

/**
 * until_start() - wait for an event from now on
 * @req: until and until_set of the command line; if nothing is to be waited for, what
 *	follows does nothing
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int until_start(struct until *u, const struct request *req);

/**
 * until_wait() - look for the event; without one to wait for just wait
 * @ms: most milliseconds, fewer upon a signal
 *
 * The event is printed as it comes, on a line.
 *
 * Return: EXIT_OK, EXIT_SETUP after a complaint if that cannot be written.
 */
int until_wait(struct until *u, int ms);

/**
 * until_settle() - nothing more is planted: give the event time
 *
 * Return: EXIT_OK: it came, or none was waited for; EXIT_TIMEOUT after a complaint, also
 * upon a signal; EXIT_SETUP as until_wait().
 */
int until_settle(struct until *u, unsigned int seconds);

void until_end(struct until *u);

#endif
