/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process and all that descends from it, threads too, by the kernel's tracepoints:
 * /proc forgets a process when it is reaped, and its signals are read later.
 */
#ifndef POISONCTL_FAMILY_TREE_H
#define POISONCTL_FAMILY_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TREE_TIDS	(1U << 22)	/* PID_MAX_LIMIT of include/linux/threads.h */
#define TREE_FILTER	"sig==7||sig==9"	/* SIGBUS, SIGKILL */

struct watch;

struct family_tree {
	bool known;		/* the tracepoints are followed */
	pid_t root;		/* 0: there is nobody yet */
	uint8_t tids[TREE_TIDS / 8];
};

/**
 * tree_has() - is it the process, a descendant or a thread of one?
 *
 * Without the tracepoints only the process itself is known.
 */
bool tree_has(const struct family_tree *tree, uint64_t tid);

/**
 * tree_line() - take a line of trace_pipe
 *
 * Of signal:signal_generate SIGBUS to anybody and SIGKILL to one of the tree become
 * events (include/trace/events/signal.h, sched.h).
 *
 * Return: false if it is of neither tracepoint.
 */
bool tree_line(struct watch *w, const char *line);

#endif
