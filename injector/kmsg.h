/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel log: what memory_failure() and its friends said. */
#ifndef POISONCTL_KMSG_H
#define POISONCTL_KMSG_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

/**
 * kmsg_mark() - remember where the kernel log ends now
 *
 * Return: a descriptor for kmsg_since(), or -errno.
 */
int kmsg_mark(void);

/**
 * kmsg_since() - lines about memory errors that came since a mark
 * @fd: from kmsg_mark(); closed here.  A negative one gives no lines.
 *
 * Return: array of strings.
 */
json_object *kmsg_since(int fd);

/* A DAX page that memory_failure() reported. */
struct kmsg_page {
	uint64_t seq;		/* of the log record */
	uint64_t spa;		/* bytes */
};

/**
 * kmsg_hwpoison() - DAX pages that memory_failure() reported since boot
 * @v: receives an array that the caller frees
 * @n: its length
 *
 * Reads what is still in the ring buffer.
 */
void kmsg_hwpoison(struct kmsg_page **v, size_t *n);

/**
 * kmsg_last() - sequence number of the newest record
 *
 * Return: the number, 0 if the log cannot be read.
 */
uint64_t kmsg_last(void);

#endif
