// SPDX-License-Identifier: GPL-2.0
/* Ways to plant poison: the table, and what is common to all. */
#include "journal.h"
#include "mech.h"
#include "opts.h"
#include "state.h"

const char * const mechanism_names[] = {
	[MECH_DSM] = "dsm",
	[MECH_DSM_LATENT] = "dsm-latent",
	[MECH_MADVISE] = "madvise",
	[MECH_COUNT] = NULL,
};

const struct mech *mech_get(enum mechanism m)
{
	static const struct mech * const table[] = {
		[MECH_DSM] = &mech_dsm,
		[MECH_DSM_LATENT] = &mech_dsm_latent,
		[MECH_MADVISE] = &mech_madvise,
	};

	return table[m];
}

int mech_check_media(const struct target *t, bool real_ok)
{
	const char *why;

	if (!state_is_real(t->ns, &why) || real_ok)
		return EXIT_OK;
	return complain(EXIT_REFUSED,
		"'%s' may be real media (%s): --yes-real-media is required",
		target_where(t), why);
}

int mech_prepare(const struct mech *m, struct target *t, bool real_ok,
		 struct deadline d)
{
	const char *why;
	uint64_t unit;
	int rc;

	if (target_is_ram(t) && !m->ram)
		return complain(EXIT_UNSUPPORTED,
			"'%s' is for persistent memory: '%s' is in System RAM",
			m->name, t->name);
	if (!(m->kinds & (1U << t->kind)))
		return complain(EXIT_UNSUPPORTED,
			"'%s' does not work on a %s such as '%s'", m->name,
			target_kind_name(t->kind), t->name);
	rc = m->usable(t);
	if (!rc)
		rc = mech_check_media(t, real_ok);
	if (!rc)
		rc = m->unit(t, &unit, &why);
	if (!rc)
		rc = target_widen(t, unit, why);
	if (!rc && t->ns)
		rc = state_scrub_wait(t->ns->bus, d);
	return rc;
}

int mech_plant(const struct mech *m, const struct target *t, struct deadline d)
{
	int rc = target_still_there(t);

	if (!rc)
		rc = journal_plant(m->name, t);
	if (!rc)
		rc = m->plant(t, d);
	if (!rc)
		rc = m->verify(t, d);
	return rc;
}
