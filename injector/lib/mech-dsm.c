// SPDX-License-Identifier: GPL-2.0
/*
 * Poison by the firmware: ACPI _DSM "ARS Error Inject", one call for each run
 * of physically contiguous bytes.
 *
 * With notification the firmware raises 0x81, the nfit driver starts a short
 * ARS and what it finds becomes badblocks.  Without it the error is latent: it
 * is found by the next scrub, or by whoever reads it.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "fw.h"
#include "intr.h"
#include "mech.h"
#include "state.h"

static void dsm_here(struct here *h)
{
	const struct nsinfo *v;
	size_t n, i;
	int rc = machine->namespaces(&v, &n);

	if (rc) {
		here_hidden(h, "cannot list the namespaces: %s", strerror(-rc));
		return;
	}
	here_no(h, "no bus whose firmware offers error injection (DSM functions 7 to 9)");
	for (i = 0; i < n; i++) {
		rc = fw_can_inject(v[i].bus);
		if (rc < 0)
			here_hidden(h, "cannot read nfit/dsm_mask of %s: %s", v[i].bus,
				    strerror(-rc));
		if (rc <= 0)
			continue;
		here_yes(h, "nfit/dsm_mask of %s", v[i].bus);
		return;
	}
}

static int dsm_usable(const struct planting *p)
{
	const struct target *t = p->t;
	int rc = fw_can_inject(t->ns->bus);

	if (rc > 0)
		return EXIT_OK;
	if (rc)
		return complain(EXIT_SETUP, "cannot read nfit/dsm_mask of '%s': %s",
				t->ns->bus, strerror(-rc));
	return complain(EXIT_UNSUPPORTED,
		"the firmware of '%s' has no error injection", t->ns->bus);
}

static int dsm_unit(const struct target *t, uint64_t *unit, const char **why)
{
	const struct extent *e = &t->v[0];
	int rc = machine->clear_unit(t->ns->bus, e->spa, e->len, unit);

	if (rc)
		return complain(EXIT_SETUP,
			"cannot ask '%s' for its clear unit: %s", t->ns->bus,
			strerror(-rc));
	if (!*unit || *unit & (*unit - 1))
		return complain(EXIT_SETUP,
			"'%s' has a clear unit of %" PRIu64 " bytes, "
			"which is no power of two", t->ns->bus, *unit);
	*why = "the clear unit";
	return EXIT_OK;
}

static int plant(struct planting *p, bool notify)
{
	const struct target *t = p->t;
	struct ranges spa = { 0 };
	int rc = 0;
	bool more;
	size_t i;

	p->told = notify && !scrub_look(t->ns->bus, &p->before);
	target_spa(t, &spa);
	for (i = 0; i < spa.n && !rc && !interrupted(); i++) {
		rc = fw_inject(t->ns->bus, spa.v[i].start, spa.v[i].len,
			       notify);
		if (!rc)
			mech_done(p, spa.v[i].start, spa.v[i].len);
		if (spa.v[i].len > LISTED_RUN_MAX)
			note("a run of more than 512 bad sectors: Linux 6.1 "
			     "keeps it in disorder and may miss parts of it");
	}
	more = i < spa.n;
	ranges_free(&spa);
	if (!rc && more)
		return complain(EXIT_TIMEOUT, "interrupted");
	if (!rc)
		return EXIT_OK;
	return complain(mech_some(p) ? EXIT_PARTLY : EXIT_SETUP,
		"the firmware of '%s' did not take the error: %s", t->ns->bus,
		strerror(-rc));
}

static int dsm_plant(struct planting *p)
{
	return plant(p, true);
}

static int latent_plant(struct planting *p)
{
	return plant(p, false);
}

static int latent_verify(struct planting *p)
{
	const struct target *t = p->t;
	struct ranges have = { 0 };
	bool there = true;
	size_t i;
	int rc;

	rc = state_injected(t->ns, &have);
	for (i = 0; i < t->n && !rc; i++)
		there = there &&
			ranges_cover(&have, t->v[i].spa, t->v[i].len);
	ranges_free(&have);
	if (rc)
		return complain(EXIT_SETUP,
			"cannot query the injected errors of '%s': %s",
			t->ns->bus, strerror(-rc));
	if (!there)
		return complain(EXIT_UNSEEN,
			"the firmware of '%s' took the error, but does not "
			"list it", t->ns->bus);
	p->seen_by = "DSM function 9";
	return EXIT_OK;
}

static int dsm_verify(struct planting *p)
{
	const struct target *t = p->t;
	struct ranges want = { 0 };
	int rc = latent_verify(p);

	if (rc)
		return rc;
	target_spa(t, &want);
	rc = state_listed(t->ns, &want, true, p->told ? &p->before : NULL,
			  p->d);
	ranges_free(&want);
	if (rc == -EUCLEAN)
		return complain(EXIT_UNSEEN,
			"the error is in '%s', but after a scrub the kernel "
			"lists only a part of it: Linux 6.1 stores entries that "
			"overlap wrongly; 'poisonctl scrub --range' enters the "
			"rest", t->ns->name);
	if (rc == -ETIMEDOUT)
		return complain(EXIT_UNSEEN,
			"the error is in '%s', but the kernel did not list "
			"its badblock in time", t->ns->name);
	if (rc == -EOVERFLOW)
		return complain(EXIT_UNSEEN,
			"the error is in '%s', but sysfs cuts its list of "
			"badblocks below that place", t->ns->name);
	if (rc)
		return complain(EXIT_SETUP,
			"cannot read the badblocks of '%s': %s", t->ns->name,
			strerror(-rc));
	p->seen_by = "DSM function 9 and badblocks";
	return EXIT_OK;
}

static const struct mech mech_dsm = {
	.name = "dsm",
	.rank = 10,
	.kinds = TARGET_ANY,
	.firmware = true,
	.badblock = true,
	.tried = true,
	.poison = POISON_LISTED,
	.acts_on = "persistent memory",
	.leaves = "a record of the firmware and a badblock",
	.undo = "clear",
	.here = dsm_here,
	.usable = dsm_usable,
	.unit = dsm_unit,
	.plant = dsm_plant,
	.verify = dsm_verify,
};

MECHANISM(mech_dsm)

static const struct mech mech_dsm_latent = {
	.name = "dsm-latent",
	.rank = 20,
	.kinds = TARGET_ANY,
	.firmware = true,
	.tried = true,
	.poison = POISON_LATENT,
	.acts_on = "persistent memory",
	.leaves = "a record of the firmware, which nobody else knows",
	.undo = "clear",
	.here = dsm_here,
	.usable = dsm_usable,
	.unit = dsm_unit,
	.plant = latent_plant,
	.verify = latent_verify,
};

MECHANISM(mech_dsm_latent)
