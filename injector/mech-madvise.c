// SPDX-License-Identifier: GPL-2.0
/*
 * Poison by the kernel: MADV_HWPOISON on a mapping of the page, made by a
 * child process, because memory_failure() signals the caller.
 *
 * Sets PG_hwpoison and unmaps the page from everybody.  The firmware knows
 * nothing of it and no badblock appears.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "mech.h"

#define MAPPED_KINDS	(1U << TARGET_FILE | 1U << TARGET_DEVDAX)

static int madvise_usable(const struct target *t)
{
	(void)t;
	if (geteuid() != 0)
		return complain(EXIT_UNSUPPORTED,
			"MADV_HWPOISON needs CAP_SYS_ADMIN");
	return EXIT_OK;
}

static int madvise_unit(const struct target *t, uint64_t *unit,
			const char **why)
{
	*unit = target_map_align(t);
	*why = "the mapping's page";
	return EXIT_OK;
}

static int madvise_page(const struct target *t, const struct extent *e,
			uint64_t skip, struct deadline d)
{
	struct child_plan plan = {
		.t = t,
		.dev_off = target_dev_off(t, e) + skip,
		.map_len = target_map_align(t),
		.plant_by_madvise = true,
		.access = ACCESS_NONE,
		.policy = POLICY_HANDLER,
	};
	struct child_report rep;
	int rc = child_once(&plan, d, &rep);

	if (rc)
		return rc;
	if (rep.plant_errno)
		return complain(EXIT_SETUP,
			"MADV_HWPOISON on '%s' at %" PRIu64 ": %s", t->name,
			e->off + skip, strerror(rep.plant_errno));
	if (!rep.plant.signo)
		return complain(EXIT_UNSEEN,
			"MADV_HWPOISON on '%s' at %" PRIu64
			" raised no signal in its caller", t->name,
			e->off + skip);
	return EXIT_OK;
}

/* The signal to the caller is what shows that it is there. */
static int madvise_plant(const struct target *t, struct deadline d)
{
	uint64_t unit = target_map_align(t);
	size_t i, done = 0;
	uint64_t skip;
	int rc;

	for (i = 0; i < t->n; i++)
		for (skip = 0; skip < t->v[i].len; skip += unit) {
			rc = madvise_page(t, &t->v[i], skip, d);
			if (rc == EXIT_SETUP && done)
				return EXIT_PARTLY;
			if (rc)
				return rc;
			done++;
		}
	return EXIT_OK;
}

static int madvise_verify(const struct target *t, struct deadline d)
{
	(void)t;
	(void)d;
	return EXIT_OK;
}

const struct mech mech_madvise = {
	.name = "madvise",
	.kinds = MAPPED_KINDS,
	.firmware = false,
	.badblock = false,
	.usable = madvise_usable,
	.unit = madvise_unit,
	.plant = madvise_plant,
	.verify = madvise_verify,
};
