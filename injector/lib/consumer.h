/* SPDX-License-Identifier: GPL-2.0 */
/* What runs inside a child process. */
#ifndef POISONCTL_CONSUMER_H
#define POISONCTL_CONSUMER_H

#include <signal.h>

#include "child.h"

/*
 * The state of a consumer.  There is one in a process, static because the
 * signal handler needs it.
 */
struct consumer {
	const struct child_plan *plan;
	struct child_report rep;
	int report_fd;
	int fd;			/* of the target */
	int sink;		/* what the mapped page is written to, or -1 */
	int source;		/* read end of a pipe, or -1 */
	uint8_t *base;		/* the mapping */
	pid_t actor;		/* thread that makes the access */
	bool read_only;		/* the target cannot be opened for writing */
	volatile sig_atomic_t touching;	/* the page, to map it */
	volatile sig_atomic_t accessing;
};

extern struct consumer self;

/**
 * consumer_main() - body of a child process
 * @plan: what to do
 * @go: read end of the pipe from the parent
 * @report: write end of the pipe to the parent
 *
 * Does not return.
 */
void consumer_main(const struct child_plan *plan, int go, int report)
	__attribute__((noreturn));

/**
 * consumer_give_up() - tell the parent that the set-up failed, by errno
 */
void consumer_give_up(void) __attribute__((noreturn));

/**
 * consumer_word() - the mapped 8 bytes that hold the byte to access
 */
volatile uint64_t *consumer_word(void);

#endif
