// SPDX-License-Identifier: GPL-2.0
/* The firmware's error injection: _DSM functions 7 to 9 on SPA ranges. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dsm.h"
#include "fw.h"
#include "platform.h"
#include "util.h"

enum {
	FN_INJECT = 7,
	FN_UNINJECT = 8,
	FN_INJECTED = 9,
};

#define FN_MASK		(1UL << FN_INJECT | 1UL << FN_UNINJECT | \
			 1UL << FN_INJECTED)
#define OPT_NOTIFY	1	/* bit 0 of the options: notify the OSPM */

/* All fields little endian, packed; ACPI 6.2, 9.20.7.9 to 9.20.7.11. */
struct inject_in {
	uint64_t spa;
	uint64_t len;
	uint8_t options;
} __attribute__((packed));

struct uninject_in {
	uint64_t spa;
	uint64_t len;
} __attribute__((packed));

struct injected_out {
	uint32_t status;
	uint32_t count;
	struct {
		uint64_t spa;
		uint64_t len;
	} __attribute__((packed)) record[];
} __attribute__((packed));

_Static_assert(sizeof(struct inject_in) == 17, "input of function 7");
_Static_assert(sizeof(struct uninject_in) == 16, "input of function 8");
_Static_assert(sizeof(struct injected_out) == 8, "header of function 9");

int fw_can_inject(const char *bus)
{
	return dsm_has(bus, FN_MASK);
}

int fw_inject(const char *bus, uint64_t spa, uint64_t len, bool notify)
{
	struct inject_in in = {
		.spa = htole64(spa),
		.len = htole64(len),
		.options = notify ? OPT_NOTIFY : 0,
	};
	uint32_t out = 0;
	size_t got;

	return dsm_call(bus, FN_INJECT, &in, sizeof(in), &out, sizeof(out), 0,
			&got);
}

int fw_uninject(const char *bus, uint64_t spa, uint64_t len)
{
	struct uninject_in in = { .spa = htole64(spa), .len = htole64(len) };
	uint32_t out = 0;
	size_t got;

	return dsm_call(bus, FN_UNINJECT, &in, sizeof(in), &out, sizeof(out), 0,
			&got);
}

static int add_records(const struct injected_out *out, size_t got,
		       struct ranges *set)
{
	uint32_t i, count = le32toh(out->count);

	if (got < sizeof(*out) ||
	    count > (got - sizeof(*out)) / sizeof(out->record[0]))
		return -EPROTO;
	for (i = 0; i < count; i++)
		ranges_add(set, le64toh(out->record[i].spa),
			   le64toh(out->record[i].len));
	return 0;
}

int fw_injected(const char *bus, struct ranges *set)
{
	size_t size = 64 * 1024, got;
	struct injected_out *out;
	int rc, round;

	/* a list longer than the buffer tells its size: ask once more */
	for (round = 0; round < 2; round++) {
		out = calloc(1, size);
		if (!out)
			return -ENOMEM;
		rc = dsm_call(bus, FN_INJECTED, NULL, 0, out, size, 0, &got);
		if (rc || got <= size)
			break;
		free(out);
		size = got;
	}
	if (round == 2)
		return -EPROTO;
	if (!rc)
		rc = add_records(out, got, set);
	free(out);
	return rc;
}
