// SPDX-License-Identifier: GPL-2.0
/* Ways to plant poison: the table, and what is common to all. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "machine.h"
#include "mech.h"
#include "opts.h"
#include "state.h"

const char * const mechanism_names[] = {
	[MECH_DSM] = "dsm",
	[MECH_DSM_LATENT] = "dsm-latent",
	[MECH_MADVISE] = "madvise",
	[MECH_MADVISE_SOFT] = "madvise-soft",
	[MECH_HARD_OFFLINE] = "hard-offline-page",
	[MECH_SOFT_OFFLINE] = "soft-offline-page",
	[MECH_CORRUPT_PFN] = "corrupt-pfn",
	[MECH_BADBLOCKS] = "badblocks",
	[MECH_MCE] = "mce-inject",
	[MECH_EINJ] = "einj",
	[MECH_CXL] = "cxl",
	[MECH_COUNT] = NULL,
};

const char * const error_names[] = {
	[ERROR_DEFAULT] = "default",
	[ERROR_CORRECTED] = "corrected",
	[ERROR_UNCORRECTED] = "uncorrected",
	[ERROR_FATAL] = "fatal",
	[ERROR_UCNA] = "ucna",
	[ERROR_SRAO] = "srao",
	[ERROR_SRAR] = "srar",
	[ERROR_LOGGED] = "logged",
	[ERROR_COUNT] = NULL,
};

const struct mech *mech_get(enum mechanism m)
{
	static const struct mech * const table[] = {
		[MECH_DSM] = &mech_dsm,
		[MECH_DSM_LATENT] = &mech_dsm_latent,
		[MECH_MADVISE] = &mech_madvise,
		[MECH_MADVISE_SOFT] = &mech_madvise_soft,
		[MECH_HARD_OFFLINE] = &mech_hard_offline,
		[MECH_SOFT_OFFLINE] = &mech_soft_offline,
		[MECH_CORRUPT_PFN] = &mech_corrupt_pfn,
		[MECH_BADBLOCKS] = &mech_badblocks,
		[MECH_MCE] = &mech_mce,
		[MECH_EINJ] = &mech_einj,
		[MECH_CXL] = &mech_cxl,
	};

	return table[m];
}

const struct mech *mech_find(const char *name)
{
	int m;

	for (m = 0; m < MECH_COUNT; m++)
		if (!strcmp(mechanism_names[m], name))
			return mech_get(m);
	return NULL;
}

static void here_set(struct here *h, enum avail is, const char *fmt,
		     va_list args)
{
	h->is = is;
	vsnprintf(h->why, sizeof(h->why), fmt, args);
}

void here_yes(struct here *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	here_set(h, AVAIL_YES, fmt, args);
	va_end(args);
}

void here_no(struct here *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	here_set(h, AVAIL_NO, fmt, args);
	va_end(args);
}

void here_file(struct here *h, const char *path, const char *missing)
{
	int rc = file_access(path, W_OK);

	if (!rc) {
		here_yes(h, "%s", path);
		return;
	}
	if (rc == -EACCES || rc == -EPERM) {
		here_no(h, "%s is not open to this user", path);
		h->is = AVAIL_HIDDEN;
	} else if (!strncmp(path, DEBUGFS, strlen(DEBUGFS)) &&
		   !machine_has_debugfs()) {
		here_no(h, "no debugfs on " DEBUGFS);
	} else {
		here_no(h, "no %s: %s", path, missing);
	}
}

int mech_check_media(const struct target *t, bool real_ok)
{
	const char *why;

	if (real_ok || !state_is_real(t->ns, &why))
		return EXIT_OK;
	return complain(EXIT_REFUSED,
		"'%s' may be real media (%s): --yes-real-media is required",
		target_where(t), why);
}

static int check_safety(const struct mech *m, const struct target *t,
			const struct mech_opts *o)
{
	if (m->machine && !o->real_ok && !state_machine_is_virtual())
		return complain(EXIT_REFUSED,
			"'%s' acts on a machine that is not virtual: "
			"--yes-real-media is required", m->name);
	if (m->may_panic && !o->fatal_ok && machine_panics())
		return complain(EXIT_REFUSED,
			"vm.memory_failure_recovery is 0, so the kernel will "
			"panic: --yes-fatal is required");
	if (o->error == ERROR_FATAL && !o->fatal_ok)
		return complain(EXIT_REFUSED,
			"a fatal error takes the machine down: --yes-fatal is "
			"required");
	return mech_check_media(t, o->real_ok);
}

static int check_options(const struct mech *m, struct mech_opts *o)
{
	if (o->error == ERROR_DEFAULT)
		o->error = m->error;
	else if (!m->errors)
		return complain(EXIT_USAGE, "'%s' knows no kinds of --error",
				m->name);
	else if (!(m->errors & ERROR_BIT(o->error)))
		return complain(EXIT_USAGE, "'%s' has no --error '%s'", m->name,
				error_names[o->error]);
	if (o->no_trigger && m != &mech_einj)
		return complain(EXIT_USAGE, "--no-trigger is for '%s', not '%s'",
				mech_einj.name, m->name);
	return EXIT_OK;
}

/* Privileges first: a step that fails half-way would leave something behind. */
static int check_usable(const struct mech *m, const struct target *t,
			const struct mech_opts *o)
{
	const struct planting p = { .t = t, .o = *o };
	struct here h;

	if (target_is_ram(t) && !m->ram)
		return complain(EXIT_UNSUPPORTED,
			"'%s' is for persistent memory: '%s' is in System RAM",
			m->name, t->name);
	if (!(m->kinds & (1U << t->kind)))
		return complain(EXIT_UNSUPPORTED,
			"'%s' does not work on a %s such as '%s'", m->name,
			target_kind_name(t->kind), t->name);
	m->here(&h);
	if (h.is != AVAIL_YES)
		return complain(EXIT_UNSUPPORTED, "'%s' is not usable here: %s",
				m->name, h.why);
	return m->usable ? m->usable(&p) : EXIT_OK;
}

int mech_prepare_with(const struct mech *m, struct target *t,
		      struct mech_opts *o, struct deadline d)
{
	const char *why;
	uint64_t unit;
	int rc;

	rc = check_options(m, o);
	if (!rc)
		rc = check_usable(m, t, o);
	if (!rc)
		rc = check_safety(m, t, o);
	if (!rc)
		rc = m->unit(t, &unit, &why);
	if (!rc)
		rc = target_widen(t, unit, why);
	if (!rc)
		target_warn(t);
	if (!rc && t->ns)
		rc = state_scrub_wait(t->ns->bus, d);
	return rc;
}

int mech_prepare(const struct mech *m, struct target *t, bool real_ok,
		 struct deadline d)
{
	struct mech_opts o = { .real_ok = real_ok };

	return mech_prepare_with(m, t, &o, d);
}

/* The journal is first, and taken back if nothing came of the planting. */
int mech_plant_with(const struct mech *m, struct planting *p)
{
	int rc = target_still_there(p->t);

	p->seen_by = NULL;
	p->some = false;
	if (!rc)
		rc = journal_plant(m->name, p->t);
	if (rc)
		return rc;
	rc = m->plant(p);
	if (!rc && m->verify)
		rc = m->verify(p);
	else if (rc && !p->some)
		journal_cancel(m->name, p->t);
	return rc;
}

int mech_plant(const struct mech *m, const struct target *t, struct deadline d)
{
	struct planting p = {
		.mapped = true,
		.t = t,
		/* the firmware would tell the kernel before the access does */
		.o = { .error = m->error, .no_trigger = m == &mech_einj },
		.d = d,
	};

	return mech_plant_with(m, &p);
}
