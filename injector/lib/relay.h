/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The streams of a command, passed on byte by byte, and looked through for a text.
 * Neither stream waits for the other, and no write blocks: of a pipe that poll(2)
 * calls writable PIPE_BUF bytes are taken.
 */
#ifndef POISONCTL_RELAY_H
#define POISONCTL_RELAY_H

#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#define RELAY_STREAMS	2	/* stdout and stderr */
#define MARKER_MAX	256	/* bytes */

struct stream {
	int from;		/* read end, -1: there will be no more */
	int to;
	int child;		/* write end, for the command; or -1 */
	char buf[PIPE_BUF];
	size_t at, end;		/* what is not passed on yet */
	char tail[MARKER_MAX];	/* what may be the beginning of the marker */
	size_t tail_len;
};

struct relay {
	const char *marker;	/* without a line feed; NULL: there is none */
	bool found;		/* it was read; what holds it is not passed on yet */
	struct stream v[RELAY_STREAMS];
};

/**
 * relay_init() - nothing is passed on
 */
void relay_init(struct relay *r);

/**
 * relay_open() - make the pipes
 * @to_stderr: both streams are passed on there
 *
 * Return: 0 or -errno.
 */
int relay_open(struct relay *r, const char *marker, bool to_stderr);

/**
 * relay_started() - the command has its ends, ours are closed
 */
void relay_started(struct relay *r);

/**
 * relay_poll() - what to wait for
 * @p: receives RELAY_STREAMS of them
 */
void relay_poll(const struct relay *r, struct pollfd *p);

/**
 * relay_write() - pass on what can be
 * @p: of relay_poll(), after poll(2)
 *
 * A stream whose reader went away is closed, so that the command is told.
 */
void relay_write(struct relay *r, const struct pollfd *p);

/**
 * relay_read() - read what there is
 * @ended: the command has; an empty pipe is at its end
 */
void relay_read(struct relay *r, bool ended);

/**
 * relay_done() - is all passed on, and will there be no more?
 */
bool relay_done(const struct relay *r);

/**
 * relay_close() - close what is open
 */
void relay_close(struct relay *r);

#endif
