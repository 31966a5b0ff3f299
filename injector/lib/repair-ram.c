// SPDX-License-Identifier: GPL-2.0
/* Repair of System RAM, by debugfs hwpoison/unpoison-pfn. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "hwpoison.h"
#include "intr.h"
#include "machine.h"
#include "repair-ram.h"

/* What unpoison_memory() of mm/memory-failure.c means by each of its errors. */
static const struct {
	int err;
	int code;
	const char *why;
} reasons[] = {
	{ -EBUSY, EXIT_PARTLY, "somebody still holds or maps it" },
	{ -EIO, EXIT_UNSUPPORTED, "it is not online" },
	{ -EOPNOTSUPP, EXIT_UNSUPPORTED,
	  "after a machine check of the hardware nothing is given back" },
	{ -ENOENT, EXIT_UNSUPPORTED,
	  "no " UNPOISON_PFN ": load hwpoison-inject" },
};

static int not_given_back(uint64_t pfn, int err)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].err == err)
			return complain(reasons[i].code,
				"the kernel does not give frame %#" PRIx64
				" back: %s", pfn, reasons[i].why);
	return complain(EXIT_SETUP,
		"the kernel does not give frame %#" PRIx64 " back: %s", pfn,
		strerror(-err));
}

int repair_ram(struct repair *r)
{
	int rc = EXIT_OK, first = EXIT_OK, err;
	uint64_t pos;
	size_t i;

	for (i = 0; i < r->found.hwp.n; i++) {
		const struct range *p = &r->found.hwp.v[i];

		for (pos = p->start; pos < p->start + p->len; pos += PAGE) {
			if (interrupted())
				return complain(EXIT_TIMEOUT, "interrupted");
			err = hwpoison_unpoison(pos);
			rc = err ? not_given_back(pos / PAGE, err) : EXIT_OK;
			first = first ? first : rc;
		}
	}
	return first;
}
