// SPDX-License-Identifier: GPL-2.0
/* Repair of CXL memory, by debugfs cxl/memN/clear_poison. */
#include <inttypes.h>
#include <string.h>

#include "cxl.h"
#include "intr.h"
#include "repair-cxl.h"
#include "repair-ram.h"

bool repair_is_cxl(const struct repair *r)
{
	size_t i;

	for (i = 0; i < r->t->n; i++)
		if (!cxl_region_at(r->t->v[i].spa))
			return false;
	return r->t->n;
}

void repair_cxl_warn(const struct repair *r)
{
	if (r->found.fw.n)
		note("%" PRIu64 " bytes of '%s' will be zero: the CXL device writes them when it "
		     "clears the poison", ranges_total(&r->found.fw), r->t->name);
	if (r->found.hwp.n)
		note("no clearing of CXL memory undoes what Linux did when the poison of '%s' was "
		     "met: PG_hwpoison, EFAULT for reads by system call, and HardwareCorrupted "
		     "stay until a reboot", r->t->name);
}

static int clear_range(struct repair *r, const struct range *p)
{
	uint64_t pos;
	int rc;

	/* a list may be long, and each line is a command of the device */
	for (pos = p->start; pos < p->start + p->len; pos += CXL_LINE) {
		if (interrupted())
			return complain(EXIT_TIMEOUT, "interrupted");
		rc = cxl_clear(pos);
		if (rc)
			return complain(r->lost ? EXIT_PARTLY : EXIT_SETUP,
				"the CXL device does not clear %#" PRIx64 ": %s", pos,
				strerror(-rc));
		r->lost += CXL_LINE;
	}
	return EXIT_OK;
}

static int unpoison(struct repair *r)
{
	char why[sizeof(((struct report *)0)->text)];
	int rc = repair_ram(r);

	if (rc != EXIT_UNSUPPORTED && rc != EXIT_PARTLY)
		return rc;
	copy_name(why, sizeof(why), complaint());
	return complain(EXIT_PARTLY, "the media of '%s' is good, but %s", r->t->name, why);
}

int repair_cxl(struct repair *r)
{
	struct ranges lines = { 0 };
	int rc = EXIT_OK;
	size_t i;

	ranges_widen(&lines, &r->work.fw, CXL_LINE);
	for (i = 0; i < lines.n && !rc; i++)
		rc = clear_range(r, &lines.v[i]);
	ranges_free(&lines);
	return rc || !target_is_ram(r->t) ? rc : unpoison(r);
}
