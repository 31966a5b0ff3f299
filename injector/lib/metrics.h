/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a watch has seen, as metrics in the text format of Prometheus (version 0.0.4),
 * in a file for the textfile collector of its node exporter.
 */
#ifndef POISONCTL_METRICS_H
#define POISONCTL_METRICS_H

#include "watch.h"

struct metrics {
	const char *path;
	char *last;		/* what was written, NULL: nothing yet */
	long long since;	/* seconds of the Unix epoch */
	int err;		/* the first failure to write it: -errno */
};

/**
 * metrics_open() - see that a file can be written
 * @path: must live as long as @m
 *
 * A file beside it is made, and removed.
 *
 * Return: 0; -EINVAL if it is there and no regular file; -errno.
 */
int metrics_open(struct metrics *m, const char *path);

/**
 * metrics_write() - write the file anew if anything has changed
 * @running: whether the watch goes on
 *
 * The new one takes the place of the old one by rename(2), so that a reader finds the
 * whole of either.  The first failure is told by a note(); the next call tries again.
 */
void metrics_write(struct metrics *m, const struct watch *w, bool running);

/**
 * metrics_close() - release it; the file stays
 */
void metrics_close(struct metrics *m);

#endif
