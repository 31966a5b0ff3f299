// SPDX-License-Identifier: GPL-2.0
/* Ways to plant poison: what is common to all. */
#include <errno.h>
#include <linux/fiemap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "already.h"
#include "emulation.h"
#include "intr.h"
#include "journal.h"
#include "machine.h"
#include "mech.h"
#include "mech-list.h"
#include "once.h"
#include "state.h"

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

void here_hidden(struct here *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	here_set(h, AVAIL_HIDDEN, fmt, args);
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
		here_hidden(h, "%s is not open to this user", path);
	} else if (!is_absent(rc)) {
		here_hidden(h, "cannot look at %s: %s", path, strerror(-rc));
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

	if (real_ok || !emulation_real_target(t, &why))
		return EXIT_OK;
	return complain(EXIT_REFUSED,
		"'%s' may be real media (%s): --yes-real-media is required",
		target_where(t), why);
}

/* What the user named is one file; poison in its blocks is in the others too. */
static bool shares_blocks(const struct target *t)
{
	struct file_map map = { 0 };
	bool shared = false;
	size_t i;

	for (i = 0; i < t->n; i++)
		shared = shared || t->v[i].shared;
	if (shared || t->kind != TARGET_PROCESS || !target_by_file(t) ||
	    !target_has_node(t) ||
	    machine->file_map(t->node, t->v[0].file_off, t->len, &map))
		return shared;
	for (i = 0; i < map.n; i++)
		shared = shared || map.v[i].flags & FIEMAP_EXTENT_SHARED;
	free(map.v);
	return shared;
}

static int check_shared(const struct target *t, const struct mech_opts *o)
{
	if (!shares_blocks(t))
		return EXIT_OK;
	if (!o->shared_ok)
		return complain(EXIT_REFUSED,
			"'%s' shares these blocks with another file, which "
			"would be poisoned too: --shared is required", t->name);
	note("'%s' shares these blocks with another file, which is poisoned "
	     "too", t->name);
	return EXIT_OK;
}

static int check_safety(const struct mech *m, const struct target *t,
			const struct mech_opts *o)
{
	const char *why;
	int panics;

	if (m->machine && !o->real_ok && emulation_real_machine(&why))
		return complain(EXIT_REFUSED,
			"'%s' acts on the machine, and %s: --yes-real-media is "
			"required", m->name, why);
	panics = m->may_panic && !o->fatal_ok ? machine_panics() : 0;
	if (panics < 0)
		return complain(EXIT_REFUSED,
			"cannot read vm.memory_failure_recovery, and where it is 0 the "
			"kernel panics: %s: --yes-fatal is required", strerror(-panics));
	if (panics)
		return complain(EXIT_REFUSED,
			"vm.memory_failure_recovery is 0, so the kernel will "
			"panic: --yes-fatal is required");
	if (m->errors && m->errors[o->kind].fatal && !o->fatal_ok)
		return complain(EXIT_REFUSED,
			"a fatal error takes the machine down: --yes-fatal is "
			"required");
	return mech_check_media(t, o->real_ok);
}

bool mech_maps(const struct target *t)
{
	return !target_is_ram(t) &&
	       (t->kind == TARGET_FILE || t->kind == TARGET_DEVDAX);
}

int mech_check_pages(const struct target *t)
{
	static const char * const without[] = { "ACPI.NFIT", "nfit_test", "CXL" };
	size_t i;

	if (target_is_ram(t) || t->ns->mode != NS_RAW)
		return EXIT_OK;
	for (i = 0; i < ARRAY_SIZE(without); i++)
		if (!strncmp(t->ns->provider, without[i], strlen(without[i])))
			return complain(EXIT_UNSUPPORTED,
				"'%s' is raw: there are no page frames behind it",
				t->ns->name);
	return EXIT_OK;
}

void mech_done(struct planting *p, uint64_t spa, uint64_t len)
{
	ranges_add(&p->in, spa, len);
}

int mech_each_unit(struct planting *p, uint64_t size, mech_step_fn step, void *arg)
{
	const struct target *t = p->t;
	struct mech_unit u;
	int rc;

	for (u.e = t->v; u.e < t->v + t->n; u.e++)
		for (u.skip = 0; u.skip < u.e->len; u.skip += size) {
			u.spa = u.e->spa + u.skip;
			rc = intr_check();
			if (!rc)
				rc = step(p, &u, arg);
			if (rc)
				return rc;
		}
	return EXIT_OK;
}

bool mech_some(const struct planting *p)
{
	return p->in.n;
}

void mech_planted_free(struct planting *p)
{
	ranges_free(&p->in);
}

static int check_error(const struct mech *m, struct mech_opts *o)
{
	o->kind = m->error;
	if (!o->error)
		return EXIT_OK;
	if (!m->errors)
		return complain(EXIT_USAGE, "'%s' knows no kinds of --error",
				m->name);
	for (o->kind = 0; m->errors[o->kind].name; o->kind++)
		if (!strcmp(m->errors[o->kind].name, o->error))
			return EXIT_OK;
	return complain(EXIT_USAGE, "'%s' has no --error '%s'", m->name,
			o->error);
}

static int check_options(const struct mech *m, struct mech_opts *o)
{
	int rc = check_error(m, o);
	size_t i;

	for (i = 0; o->given[i] && !rc; i++)
		if (!mech_has_flag(m, o->given[i]))
			rc = complain(EXIT_USAGE, "--%s is for '%s', not '%s'",
				      o->given[i], mech_of_flag(o->given[i])->name,
				      m->name);
	return rc;
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

/* Whoever waits for a scrub does so before others wait for him. */
static int wait_turn(const struct mech *m, const struct target *t,
		     const struct mech_opts *o, struct deadline d)
{
	int rc = t->ns ? state_scrub_wait(t->ns->bus, d) : EXIT_OK;

	if (rc || !m->once || o->dry)
		return rc;
	rc = once_lock(d);
	return rc || !t->ns ? rc : state_scrub_wait(t->ns->bus, d);
}

int mech_fits(const struct mech *m, const struct target *t, struct mech_opts *o,
	      uint64_t *unit, const char **why)
{
	int rc = check_options(m, o);

	if (!rc)
		rc = check_usable(m, t, o);
	if (!rc)
		rc = check_safety(m, t, o);
	return rc ? rc : m->unit(t, unit, why);
}

int mech_prepare_with(const struct mech *m, struct target *t,
		      struct mech_opts *o, struct deadline d)
{
	const char *why;
	uint64_t unit;
	int rc = mech_fits(m, t, o, &unit, &why);

	if (!rc)
		rc = target_widen(t, unit, why);
	if (!rc)
		rc = check_shared(t, o);
	if (!rc)
		rc = wait_turn(m, t, o, d);
	if (!rc && m->good_only)
		rc = already_poisoned(t, 0);
	if (!rc)
		target_warn(t);
	if (!rc)
		rc = intr_check();
	return rc;
}

int mech_prepare(const struct mech *m, struct target *t,
		 const struct mech_opts *o, struct deadline d)
{
	struct mech_opts own = *o;

	return mech_prepare_with(m, t, &own, d);
}

/* The journal is first, and taken back if nothing came of the planting. */
int mech_plant_with(const struct mech *m, struct planting *p)
{
	int rc = target_still_there(p->t);

	p->seen_by = NULL;
	p->in = (struct ranges){ 0 };
	if (!rc)
		rc = intr_check();
	if (!rc)
		rc = journal_plant(m->name, p->t);
	if (rc)
		return rc;
	rc = m->plant(p);
	if (!rc && m->verify)
		rc = m->verify(p);
	else if (rc && !mech_some(p))
		journal_cancel(m->name, p->t);
	return rc;
}

int mech_plant(const struct mech *m, const struct target *t, struct deadline d)
{
	struct planting p = {
		.mapped = true,
		.t = t,
		.o = { .kind = m->error },
		.d = d,
	};
	int rc;

	rc = mech_plant_with(m, &p);
	mech_planted_free(&p);
	return rc;
}
