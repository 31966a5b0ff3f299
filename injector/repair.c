// SPDX-License-Identifier: GPL-2.0
/* Repair: plant what is not listed, write whole pages, look again. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "fw.h"
#include "journal.h"
#include "punch.h"
#include "repair-ram.h"
#include "repair.h"
#include "rewrite.h"
#include "state.h"

static bool is_devdax(const struct repair *r)
{
	return r->t->ns && r->t->ns->mode == NS_DEVDAX;
}

static void clip_to_target(const struct target *t, const struct ranges *all,
			   struct ranges *to)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		ranges_clip(to, all, t->v[i].spa, t->v[i].len);
}

static int look(const struct repair *r, struct poison_found *f)
{
	const struct target *t = r->t;
	struct ranges bad = { 0 }, fw = { 0 }, hwp = { 0 };
	size_t i;
	int rc = 0;

	if (t->ns) {
		rc = state_badblocks(t->ns, &bad);
		if (!rc)
			rc = state_injected(t->ns, &fw);
		if (rc == -EOPNOTSUPP)
			rc = 0;
	}
	for (i = 0; i < t->n; i++)
		state_hwpoison(t->v[i].spa, t->v[i].len, &hwp,
			       &f->hwp_certain);
	clip_to_target(t, &bad, &f->bad);
	clip_to_target(t, &fw, &f->fw);
	clip_to_target(t, &hwp, &f->hwp);
	ranges_free(&bad);
	ranges_free(&fw);
	ranges_free(&hwp);
	if (rc)
		return complain(EXIT_SETUP, "cannot read the state of '%s': %s",
				target_where(t), strerror(-rc));
	return EXIT_OK;
}

static void merge(struct ranges *to, const struct ranges *from, uint64_t unit)
{
	struct ranges wide = { 0 };
	size_t i;

	ranges_widen(&wide, from, unit);
	for (i = 0; i < wide.n; i++)
		ranges_add(to, wide.v[i].start, wide.v[i].len);
	ranges_free(&wide);
}

static int widen_target(struct repair *r)
{
	uint64_t unit = PAGE;
	int rc;

	if (is_devdax(r)) {
		rc = platform->clear_unit(r->t->ns->bus, r->t->v[0].spa,
					  r->t->v[0].len, &unit);
		if (rc)
			return complain(EXIT_UNSUPPORTED,
				"cannot ask '%s' for its clear unit: %s",
				r->t->ns->bus, strerror(-rc));
		if (!unit)
			unit = SECTOR;
	}
	return target_widen(r->t, unit, is_devdax(r) ? "the clear unit" :
						       "pages");
}

static int check_shared(const struct repair *r)
{
	size_t i;

	for (i = 0; i < r->t->n && !r->punch; i++)
		if (r->t->v[i].shared)
			return complain(EXIT_UNSUPPORTED,
				"'%s' at %" PRIu64 " shares its block: a write "
				"would move it and leave the poison",
				r->t->name, r->t->v[i].off);
	return EXIT_OK;
}

static int check_asked(const struct repair *r)
{
	if (r->punch && (!target_by_file(r->t) || !target_has_node(r->t)))
		return complain(EXIT_USAGE,
			"--punch is for files, which '%s' is not", r->t->name);
	if (target_is_ram(r->t) && (r->zero || r->assume_hwpoison))
		return complain(EXIT_USAGE,
			"--zero and --hwpoison are for persistent memory: '%s' "
			"is in System RAM", r->t->name);
	if (!target_is_ram(r->t) && !target_has_node(r->t))
		return complain(EXIT_UNSUPPORTED,
			"'%s' is in several files or mappings: name one of them",
			r->t->name);
	return check_shared(r);
}

int repair_find(struct repair *r)
{
	int rc = check_asked(r);

	if (!rc)
		rc = widen_target(r);
	if (!rc)
		rc = look(r, &r->found);
	if (rc)
		return rc;
	if (target_is_ram(r->t))
		return EXIT_OK;
	if (r->assume_hwpoison)
		target_spa(r->t, &r->found.hwp);
	merge(&r->pages, &r->found.bad, is_devdax(r) ? 1 : PAGE);
	merge(&r->pages, &r->found.fw, is_devdax(r) ? 1 : PAGE);
	if (!is_devdax(r))
		merge(&r->pages, &r->found.hwp, PAGE);
	return EXIT_OK;
}

/*
 * Firmware's records that are too long to be listed in order: they are taken
 * back instead, which is possible because function 9 names nothing but what
 * was injected.
 */
static void find_too_long(const struct repair *r, struct ranges *back)
{
	size_t i;

	for (i = 0; i < r->found.fw.n; i++) {
		const struct range *f = &r->found.fw.v[i];

		if (f->len > LISTED_RUN_MAX &&
		    !ranges_touch(&r->found.bad, f->start, f->len))
			ranges_add(back, f->start, f->len);
	}
}

/*
 * What must be planted so that every page to be written is in badblocks: the
 * firmware's record where there is one, else the first sector of the page.
 */
static void find_unlisted(const struct repair *r, const struct ranges *back,
			  struct ranges *plant)
{
	size_t i;

	for (i = 0; i < r->pages.n; i++) {
		uint64_t pos = r->pages.v[i].start;
		uint64_t end = pos + r->pages.v[i].len;

		for (; pos < end; pos += PAGE) {
			bool flagged = ranges_touch(&r->found.hwp, pos, PAGE);

			if (ranges_touch(&r->found.bad, pos, PAGE))
				continue;
			if (ranges_touch(back, pos, PAGE) && !flagged)
				continue;
			if (ranges_touch(&r->found.fw, pos, PAGE) &&
			    !ranges_touch(back, pos, PAGE))
				ranges_clip(plant, &r->found.fw, pos, PAGE);
			else
				ranges_add(plant, pos, SECTOR);
		}
	}
}

static int plant_ranges(struct repair *r, const struct ranges *plant, int *err)
{
	const char *bus = r->t->ns->bus;
	int rc = EXIT_OK;
	size_t i;

	for (i = 0; i < plant->n && !rc && !*err; i++) {
		rc = journal_range("dsm", r->t, &plant->v[i]);
		if (!rc)
			*err = fw_inject(bus, plant->v[i].start,
					 plant->v[i].len, true);
	}
	return rc;
}

static int plant_unlisted(struct repair *r, struct deadline d)
{
	const struct nsinfo *ns = r->t->ns;
	struct ranges plant = { 0 }, back = { 0 };
	int rc = EXIT_OK, err = 0;
	bool several;
	size_t i;

	find_too_long(r, &back);
	find_unlisted(r, &back, &plant);
	several = plant.n > 1;
	if (plant.n && !fw_can_inject(ns->bus)) {
		note("'%s' has no error injection: a page that is only "
		     "PG_hwpoison may stay so", ns->bus);
		ranges_free(&plant);
	}
	for (i = 0; i < back.n && !err; i++)
		err = fw_uninject(ns->bus, back.v[i].start, back.v[i].len);
	if (!err)
		rc = plant_ranges(r, &plant, &err);
	if (!rc && !err && plant.n)
		err = state_listed(ns, &plant, true, d);
	ranges_free(&plant);
	ranges_free(&back);
	if (err == -ETIMEDOUT)
		return complain(EXIT_TIMEOUT,
			"what was planted for the repair of '%s' was not "
			"listed in time", r->t->name);
	if (err)
		return complain(EXIT_SETUP,
			"cannot plant what the repair of '%s' needs: %s",
			r->t->name, strerror(-err));
	/*
	 * After several notifications another ARS may still run, and could add
	 * what it read before the repair.
	 */
	if (!rc && several)
		rc = state_scrub_wait(ns->bus, d);
	return rc;
}

static int clear_devdax(struct repair *r)
{
	size_t i;

	for (i = 0; i < r->pages.n; i++) {
		const struct range *p = &r->pages.v[i];
		uint64_t cleared;
		int rc = platform->clear_error(r->t->ns->bus, p->start, p->len,
					       &cleared);

		if (rc)
			return complain(EXIT_SETUP,
				"cannot clear %#" PRIx64 "+%#" PRIx64 ": %s",
				p->start, p->len, strerror(-rc));
		if (cleared < p->len)
			note("only %" PRIu64 " of %" PRIu64 " bytes at %#"
			     PRIx64 " were cleared", cleared, p->len,
			     p->start);
		r->lost += p->len;
	}
	return r->zero ? rewrite_devdax(r) : EXIT_OK;
}

/*
 * A write repairs only what the driver finds in its list.  What is left then
 * is cleared past the driver: the firmware and the region are good afterwards,
 * the driver's list stays until the namespace is set up anew.
 */
static void clear_past_driver(struct repair *r)
{
	struct ranges left = { 0 };
	uint64_t cleared;
	size_t i;

	merge(&left, &r->left.bad, 1);
	merge(&left, &r->left.fw, 1);
	for (i = 0; i < left.n; i++)
		if (platform->clear_error(r->t->ns->bus, left.v[i].start,
					  left.v[i].len, &cleared))
			break;
	if (left.n)
		note("the kernel did not find all of its own list of '%s'; "
		     "disable and enable the namespace", r->t->ns->name);
	ranges_free(&left);
}

/*
 * PG_hwpoison: the flags decide where the kernel shows them.  Where it does
 * not, the driver's contract does (pmem_mkpage_present() for every page that
 * it clears); on device-dax nobody clears the flag.
 */
static void judge_hwpoison(struct repair *r, bool written)
{
	if (r->left.hwp_certain)
		return;
	ranges_free(&r->left.hwp);
	if (is_devdax(r) || !written)
		merge(&r->left.hwp, &r->found.hwp, 1);
}

static void note_cleared(const struct repair *r)
{
	struct ranges good = { 0 };
	const struct ranges *left[] = {
		&r->left.bad, &r->left.fw, &r->left.hwp
	};
	size_t i, k;

	target_spa(r->t, &good);
	for (k = 0; k < ARRAY_SIZE(left); k++)
		for (i = 0; i < left[k]->n; i++)
			ranges_sub(&good, left[k]->v[i].start,
				   left[k]->v[i].len);
	journal_clear(&good);
	ranges_free(&good);
}

static void free_found(struct poison_found *f)
{
	ranges_free(&f->bad);
	ranges_free(&f->fw);
	ranges_free(&f->hwp);
}

static int rewrite(struct repair *r, struct deadline d)
{
	int rc = rewrite_prepare(r);

	if (!rc)
		rc = plant_unlisted(r, d);
	if (!rc)
		rc = rewrite_pages(r);
	rewrite_end(r);
	return rc;
}

static int repair_by_kind(struct repair *r, struct deadline d, bool *written)
{
	int rc;

	*written = false;
	if (target_is_ram(r->t))
		return repair_ram(r);
	rc = state_scrub_wait(r->t->ns->bus, d);
	if (rc)
		return rc;
	if (is_devdax(r))
		return clear_devdax(r);
	if (r->punch)
		return punch_pages(r);
	rc = rewrite(r, d);
	*written = !rc;
	return rc;
}

static int judge_left(const struct repair *r)
{
	bool bad = r->left.bad.n || r->left.fw.n || r->left.hwp.n;

	if (r->punched && bad)
		return complain(EXIT_PARTLY,
			"'%s' is good, but the blocks that it gave up keep "
			"their poison until '%s' uses them again", r->t->name,
			target_where(r->t));
	if (r->left.bad.n || r->left.fw.n)
		return complain(EXIT_PARTLY, "poison is left in '%s'",
				r->t->name);
	if (r->left.hwp.n)
		return complain(EXIT_PARTLY, is_devdax(r) ?
			"the media of '%s' is good, but its kernel page flag "
			"stays: reboot before the namespace is set up anew" :
			"PG_hwpoison is left in '%s'", r->t->name);
	return EXIT_OK;
}

int repair_do(struct repair *r, struct deadline d)
{
	bool written;
	int rc = repair_by_kind(r, d, &written), seen;

	seen = look(r, &r->left);
	if (!seen && written && (r->left.bad.n || r->left.fw.n)) {
		clear_past_driver(r);
		free_found(&r->left);
		seen = look(r, &r->left);
	}
	if (seen)
		return rc ? rc : seen;
	judge_hwpoison(r, written);
	note_cleared(r);
	return rc ? rc : judge_left(r);
}

void repair_free(struct repair *r)
{
	free_found(&r->found);
	free_found(&r->left);
	ranges_free(&r->pages);
}
