// SPDX-License-Identifier: GPL-2.0
/* The firmware's Address Range Scrub of a range: _DSM functions 1 to 3. */
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <linux/ndctl.h>

#include "ars.h"
#include "dsm.h"
#include "platform.h"

enum {
	FN_CAPABILITIES = 1,
	FN_START = 2,
	FN_STATUS = 3,
};

#define FN_MASK		(1UL << FN_CAPABILITIES | 1UL << FN_START | \
			 1UL << FN_STATUS)

/* Status word: the low half is the status, the high half extends it. */
#define CAP_PERSISTENT	(2U << 16)	/* function 1: can be scrubbed */
#define ARS_RUNNING	1U		/* function 3, extended */
#define ARS_NONE	2U		/* none since boot */
#define ARS_STOPPED	3U		/* early: more errors than room */

#define TYPE_PERSISTENT	2
#define RESULT_MAX	(4U << 20)	/* ND_IOCTL_MAX_BUFLEN of the kernel */

/* linux/ndctl.h has each function's input and output in one struct. */
#define START_IN	offsetof(struct nd_cmd_ars_start, status)
#define CAP_IN		offsetof(struct nd_cmd_ars_cap, status)

_Static_assert(START_IN == 24, "input of function 2");
_Static_assert(CAP_IN == 16, "input of function 1");
_Static_assert(sizeof(struct nd_cmd_ars_status) == 48, "header of function 3");

static int capabilities(const char *bus, uint64_t spa, uint64_t len,
			uint32_t *result_max)
{
	struct nd_cmd_ars_cap cap = {
		.address = htole64(spa),
		.length = htole64(len),
	};
	size_t out = sizeof(cap) - CAP_IN, got;
	int rc = dsm_call(bus, FN_CAPABILITIES, &cap, CAP_IN, &cap.status, out,
			  out, &got);

	if (rc)
		return rc;
	if (!(le32toh(cap.status) & CAP_PERSISTENT))
		return -EOPNOTSUPP;
	*result_max = le32toh(cap.max_ars_out);
	if (*result_max < sizeof(struct nd_cmd_ars_status))
		return -EPROTO;
	if (*result_max > RESULT_MAX)
		*result_max = RESULT_MAX;
	return 0;
}

static int start(const char *bus, uint64_t spa, uint64_t len)
{
	struct nd_cmd_ars_start s = {
		.address = htole64(spa),
		.length = htole64(len),
		.type = htole16(TYPE_PERSISTENT),
	};
	size_t out = sizeof(s) - START_IN, got;

	return dsm_call(bus, FN_START, &s, START_IN, &s.status, out,
			sizeof(s.status), &got);
}

/* One run of the firmware, over what is left of the range. */
struct run {
	const char *bus;
	uint64_t spa, len;
	struct nd_cmd_ars_status *st;
	size_t size;		/* of st and the records behind it */
	size_t got;
};

static unsigned int extended(const struct run *r)
{
	return le32toh(r->st->status) >> 16;
}

/* 1: ended, 0: still runs, else -errno. */
static int result(struct run *r)
{
	int rc = dsm_call(r->bus, FN_STATUS, NULL, 0, r->st, r->size,
			  sizeof(*r->st), &r->got);

	if (rc)
		return rc;
	return extended(r) != ARS_RUNNING;
}

/*
 * Is the result good for our range?  The firmware may have rounded it out.  One
 * of a later scrub that covers it is as good: ours had ended before that one was
 * taken.
 */
static bool covers(const struct run *r)
{
	uint64_t from = le64toh(r->st->address);
	uint64_t len = le64toh(r->st->length);

	return extended(r) != ARS_NONE && from <= r->spa &&
	       r->spa - from <= len && r->len <= len - (r->spa - from);
}

static int add_records(const struct run *r, struct ranges *all)
{
	uint32_t i, n = le32toh(r->st->num_records);

	if (r->got > r->size || n > (r->got - sizeof(*r->st)) /
				    sizeof(r->st->records[0]))
		return -EPROTO;
	for (i = 0; i < n; i++)
		ranges_add(all, le64toh(r->st->records[i].err_address),
			   le64toh(r->st->records[i].length));
	return 0;
}

/* What the firmware had no room for: the range shrinks with every round. */
static int next_part(struct run *r)
{
	uint64_t from = le64toh(r->st->restart_address);
	uint64_t done = from - r->spa;

	if (from <= r->spa)
		return -EPROTO;
	if (done > r->len)
		done = r->len;
	r->spa += done;
	r->len -= done;
	return 0;
}

/* Start until nobody else's scrub is in the way, wait for the end. */
static int one_run(struct run *r, unsigned int *again, struct deadline *d)
{
	int rc;

	for (;;) {
		rc = start(r->bus, r->spa, r->len);
		while (!rc && !(rc = result(r)))
			if (!deadline_nap(d))
				return -ETIMEDOUT;
		if (rc == 1 && covers(r))
			return 0;
		/* the kernel's or somebody's: in front of ours, or after it */
		if (rc != 1 && rc != -EBUSY)
			return rc;
		++*again;
		if (!deadline_nap(d))
			return -ETIMEDOUT;
	}
}

int ars_range(const char *bus, uint64_t spa, uint64_t len,
	      struct ranges *found, unsigned int *again, struct deadline d)
{
	struct run r = { .bus = bus, .spa = spa, .len = len };
	struct ranges all = { 0 };
	uint32_t size;
	int rc;

	*again = 0;
	rc = dsm_has(bus, FN_MASK);
	if (rc <= 0)
		return rc ? rc : -EOPNOTSUPP;
	rc = capabilities(bus, spa, len, &size);
	if (rc)
		return rc;
	r.size = size;
	r.st = xrealloc(NULL, size);
	do {
		rc = one_run(&r, again, &d);
		if (!rc)
			rc = add_records(&r, &all);
	} while (!rc && extended(&r) == ARS_STOPPED && !(rc = next_part(&r)) &&
		 r.len);
	if (!rc)
		ranges_clip(found, &all, spa, len);
	ranges_free(&all);
	free(r.st);
	return rc;
}
