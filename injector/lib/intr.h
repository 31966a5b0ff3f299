/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interruption: the program notes a signal at once (intr_note()), and the next wait
 * obeys.  What is under way is not torn apart: a wait ends as if its deadline had
 * passed, and everybody cleans up.
 */
#ifndef POISONCTL_INTR_H
#define POISONCTL_INTR_H

#include <stdbool.h>

#include "util.h"

/**
 * intr_listen() - signals that this process notes end its waits from now on
 */
void intr_listen(void);

/**
 * intr_note() - a signal came
 * @signo: SIGINT, SIGTERM or SIGHUP
 *
 * Context: a signal handler, of this process or of a child of it.
 */
void intr_note(int signo);

/**
 * interrupted() - did a signal come?
 *
 * Return: its number, 0 if none did.
 */
int interrupted(void);

/**
 * intr_take() - a signal that came was for somebody else, who gets it
 *
 * To be called until there is none; waits are not ended by it any more.
 *
 * Return: its number, 0 if none is left.
 */
int intr_take(void);

/**
 * intr_fd() - a descriptor that is readable once a signal came
 *
 * For poll(2) beside what is waited for: a signal that comes before the call is
 * not missed, as it would be with a look at interrupted() alone.  Not to be
 * read, never closed.
 *
 * Return: the descriptor, -1 (which poll(2) skips) without intr_listen().
 */
int intr_fd(void);

/**
 * intr_wait() - wait until a descriptor has events, a signal comes, or a moment
 * @fd: what to wait for
 * @events: of poll(2)
 * @d: gives up then
 *
 * Return: 1 if there are events, 0 if the deadline passed or a signal came,
 * -errno of poll(2).
 */
int intr_wait(int fd, short events, const struct deadline *d);

/**
 * intr_poll() - the same for some time
 * @ms: milliseconds
 *
 * Return: as intr_wait().
 */
int intr_poll(int fd, short events, int ms);

/**
 * intr_check() - the place to stop at, between two steps
 *
 * Return: EXIT_OK; if a signal came EXIT_INTERRUPTED plus its number, after a
 * complaint.
 */
int intr_check(void);

/**
 * intr_name() - "SIGINT", for messages
 */
const char *intr_name(void);

#endif
