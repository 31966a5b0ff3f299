// SPDX-License-Identifier: GPL-2.0
/*
 * Poison by the kernel: MADV_HWPOISON on a mapping of the page, made by a
 * child process, because memory_failure() signals the caller; and
 * MADV_SOFT_OFFLINE, which must fail on DAX.
 *
 * MADV_HWPOISON sets PG_hwpoison and unmaps the page from everybody.  The
 * firmware knows nothing of it and no badblock appears.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "already.h"
#include "child.h"
#include "hwpoison.h"
#include "machine.h"

#define MAPPED_KINDS	(1U << TARGET_FILE | 1U << TARGET_DEVDAX)

/* The sysctl is there with CONFIG_MEMORY_FAILURE and not without (mm/memory-failure.c). */
static void madvise_here(struct here *h)
{
	static const char sysctl[] = "/proc/sys/vm/memory_failure_recovery";

	int rc = file_access(sysctl, F_OK);

	if (rc && !is_absent(rc))
		here_hidden(h, "cannot look at %s: %s", sysctl, strerror(-rc));
	else if (rc)
		here_no(h, "no %s: the kernel lacks CONFIG_MEMORY_FAILURE",
			sysctl);
	else if (!machine_is_admin())
		here_no(h, "CAP_SYS_ADMIN is missing in /proc/self/status");
	else
		here_yes(h, "%s", sysctl);
}

static int madvise_unit(const struct target *t, uint64_t *unit,
			const char **why)
{
	*unit = target_map_align(t);
	*why = "the mapping's page";
	return EXIT_OK;
}

struct step {
	struct child_plan plan;
	struct child_report rep;
	struct deadline d;
};

static int run_child(void *arg)
{
	struct step *s = arg;

	return child_once(&s->plan, s->d, &s->rep);
}

static int madvise_page(struct planting *p, const struct mech_unit *u, bool soft)
{
	const char *what = soft ? "MADV_SOFT_OFFLINE" : "MADV_HWPOISON";
	const struct target *t = p->t;
	struct step s = {
		.plan = {
			.t = t,
			.dev_off = target_dev_off(t, u->e) + u->skip,
			.map_len = target_map_align(t),
			.plant_by_madvise = true,
			.plant_soft = soft,
			.pfn = u->spa / PAGE,
			.access = ACCESS_NONE,
			.policy = POLICY_HANDLER,
		},
		.d = p->d,
	};
	int rc, err = 0;

	rc = hwpoison_unfiltered(run_child, &s, &err);
	if (!err && !s.rep.plant_errno && rc != EXIT_UNSUPPORTED)
		mech_done(p, u->spa, s.plan.map_len);
	if (rc || err)
		return rc ? rc : err;
	if (s.rep.plant_errno == EHWPOISON)
		return complain_poisoned(t);
	if (s.rep.plant_errno == EIO && soft)
		return complain(EXIT_UNSUPPORTED,
			"%s on '%s' at %" PRIu64 ": %s: it is no online System "
			"RAM (ZONE_DEVICE cannot go offline)", what, t->name,
			u->e->off + u->skip, strerror(EIO));
	if (s.rep.plant_errno)
		return complain(EXIT_SETUP, "%s on '%s' at %" PRIu64 ": %s",
			what, t->name, u->e->off + u->skip,
			strerror(s.rep.plant_errno));
	if (soft)
		return EXIT_OK;
	if (!s.rep.plant.signo)
		return complain(EXIT_UNSEEN,
			"MADV_HWPOISON on '%s' at %" PRIu64
			" raised no signal in its caller", t->name,
			u->e->off + u->skip);
	p->seen_by = "signal to the caller";
	return EXIT_OK;
}

/* The signal to the caller is what shows that it is there. */
static int madvise_step(struct planting *p, const struct mech_unit *u, void *soft)
{
	bool some = mech_some(p);
	int rc = madvise_page(p, u, *(const bool *)soft);

	return rc == EXIT_SETUP && some ? EXIT_PARTLY : rc;
}

static int madvise_pages(struct planting *p, bool soft)
{
	return mech_each_unit(p, target_map_align(p->t), madvise_step, &soft);
}

static int hard_plant(struct planting *p)
{
	return madvise_pages(p, false);
}

static int soft_plant(struct planting *p)
{
	return madvise_pages(p, true);
}

static int soft_verify(struct planting *p)
{
	return hwpoison_look(p);
}

static const struct mech mech_madvise = {
	.name = "madvise",
	.rank = 30,
	.kinds = MAPPED_KINDS,
	.admin = true,
	.may_panic = true,
	.once = true,
	.good_only = true,
	.tried = true,
	.poison = POISON_FLAGGED,
	.by_mapper = true,
	.acts_on = "files and device-dax",
	.leaves = "PG_hwpoison; processes that map the page are signalled",
	.undo = "clear",
	.here = madvise_here,
	.unit = madvise_unit,
	.plant = hard_plant,
};

MECHANISM(mech_madvise)

static const struct mech mech_madvise_soft = {
	.name = "madvise-soft",
	.rank = 40,
	.kinds = MAPPED_KINDS,
	.admin = true,
	.once = true,
	.good_only = true,
	.acts_on = "files and device-dax, where it must fail",
	.leaves = "nothing: ZONE_DEVICE pages cannot go offline",
	.undo = "nothing to undo",
	.here = madvise_here,
	.unit = madvise_unit,
	.plant = soft_plant,
	.verify = soft_verify,
};

MECHANISM(mech_madvise_soft)
