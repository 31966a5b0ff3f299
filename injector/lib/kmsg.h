/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel log: what memory_failure() and its friends said. */
#ifndef POISONCTL_KMSG_H
#define POISONCTL_KMSG_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

/**
 * kmsg_mark() - remember where the kernel log ends now
 *
 * Return: a descriptor for kmsg_since(), or -errno.
 */
int kmsg_mark(void);

#define KMSG_RECORD_MAX	8192	/* of /dev/kmsg, kernel/printk/printk.c */

struct kmsg_record {
	uint64_t seq;		/* number of the record */
	bool lost;		/* records before it were overwritten unread */
	int err;		/* at the end: -errno if it was none, but the log cannot be read */
	char buf[KMSG_RECORD_MAX];
};

/**
 * kmsg_next() - read one record of the kernel's own
 * @fd: of /dev/kmsg, not blocking, as from kmsg_mark()
 *
 * What a process wrote is passed over: it may look like the kernel's words, but
 * its facility is never 0 (devkmsg_write() of kernel/printk/printk.c).
 *
 * Return: its text without the prefix, in @r->buf; NULL at the end, @r->lost and
 * @r->err are good also then.
 */
const char *kmsg_next(int fd, struct kmsg_record *r);

/**
 * kmsg_strerror() - why the log cannot be read
 * @rc: -errno; -EPIPE is what /dev/kmsg answers where records are gone
 *
 * Return: the words, good until the next strerror(3).
 */
const char *kmsg_strerror(int rc);

/**
 * kmsg_complain() - say that the log cannot be read, and why
 * @code: exit code
 * @rc: -errno
 *
 * Return: @code.
 */
int kmsg_complain(int code, int rc);

/**
 * kmsg_since() - lines about memory errors that came since a mark
 * @fd: from kmsg_mark(); closed here.  A negative one gives no lines.
 * @lines: receives an array of strings
 *
 * Return: 0, also without a log; -errno if it cannot be read, @lines has what came
 * before.
 */
int kmsg_since(int fd, json_object **lines);

/* What memory_failure() says at its end, action_result() of mm/memory-failure.c. */
struct kmsg_action {
	uint64_t pfn;
	char type[64];		/* "dax page" */
	char result[32];	/* "Recovered", "Failed", "Ignored", "Delayed" */
};

/**
 * kmsg_action() - read "Memory failure: PFN: recovery action for TYPE: RESULT"
 *
 * Return: true if the line is one.
 */
bool kmsg_action(const char *line, struct kmsg_action *a);

/* What memory_failure() ended with in some pages. */
struct kmsg_failures {
	json_object *lines;	/* as of kmsg_since() */
	int err;		/* its return value; -EPIPE: records were overwritten unread */
	int count;		/* of its calls */
	bool failed;		/* one was not "Recovered" */
};

/**
 * kmsg_failures() - memory failures of some pages that ended since a mark
 * @fd: from kmsg_mark(); closed here.  A negative one gives none.
 * @spa: first byte of the pages
 * @len: number of bytes
 * @want: how many are expected
 * @d: how long to wait for them
 *
 * What the kernel's own copy met is told to its consumer at once, and is a memory
 * failure from a workqueue (memory_failure_queue() of mm/memory-failure.c), so
 * what is expected is waited for.
 *
 * Return: what was found, its lines for the caller to put.
 */
struct kmsg_failures kmsg_failures(int fd, uint64_t spa, uint64_t len, int want,
				   struct deadline d);

/* A DAX page that memory_failure() poisoned. */
struct kmsg_page {
	uint64_t seq;		/* of the log record */
	uint64_t spa;		/* bytes */
};

/**
 * kmsg_hwpoison() - DAX pages that memory_failure() poisoned since boot
 * @v: receives an array that the caller frees
 * @n: its length
 *
 * Reads what is still in the ring buffer.
 *
 * Return: 0, also without a log; -errno if it cannot be read, and nothing is found.
 */
int kmsg_hwpoison(struct kmsg_page **v, size_t *n);

/**
 * kmsg_last() - sequence number of the newest record
 * @seq: receives it, 0 if there is none
 *
 * Return: as kmsg_hwpoison().
 */
int kmsg_last(uint64_t *seq);

#endif
