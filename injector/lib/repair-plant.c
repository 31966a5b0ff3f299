// SPDX-License-Identifier: GPL-2.0
/* What a repair plants and takes back so that a write repairs. */
#include <errno.h>
#include <string.h>

#include "fw.h"
#include "journal.h"
#include "keep.h"
#include "repair-plant.h"
#include "state.h"

void repair_latent(const struct repair *r, struct ranges *back)
{
	struct ranges pages = { 0 };
	uint64_t pos;
	size_t i;

	ranges_widen(&pages, &r->work.fw, PAGE);
	for (i = 0; i < pages.n; i++)
		for (pos = pages.v[i].start;
		     pos < pages.v[i].start + pages.v[i].len; pos += PAGE)
			if (!ranges_touch(&r->work.bad, pos, PAGE) &&
			    !ranges_touch(&r->work.hwp, pos, PAGE))
				ranges_clip(back, &r->work.fw, pos, PAGE);
	ranges_free(&pages);
}

int repair_uninject(const struct repair *r, const struct ranges *back)
{
	size_t i;
	int err = 0;

	for (i = 0; i < back->n && !err; i++)
		err = fw_uninject(r->t->ns->bus, back->v[i].start,
				  back->v[i].len);
	if (!err)
		return EXIT_OK;
	note("the firmware of '%s' does not take an error back: %s",
	     r->t->ns->bus, strerror(-err));
	return EXIT_SETUP;
}

void repair_unlisted(const struct repair *r, struct ranges *plant)
{
	uint64_t pos, end;
	size_t i;

	for (i = 0; i < r->pages.n; i++) {
		pos = r->pages.v[i].start;
		end = pos + r->pages.v[i].len;
		for (; pos < end; pos += PAGE) {
			if (ranges_touch(&r->work.bad, pos, PAGE))
				continue;
			if (ranges_touch(&r->work.fw, pos, PAGE))
				ranges_clip(plant, &r->work.fw, pos, PAGE);
			else if (ranges_touch(&r->work.hwp, pos, PAGE))
				ranges_add(plant, pos, SECTOR);
		}
	}
	if (plant->n && fw_can_inject(r->t->ns->bus) <= 0) {
		note("'%s' has no error injection: a page that is only "
		     "PG_hwpoison may stay so", r->t->ns->bus);
		ranges_free(plant);
	}
}

/* The pages of @plant that are (or are not) among the badblocks now. */
static int pages_by_list(const struct repair *r, const struct ranges *plant,
			 bool listed, struct ranges *to)
{
	struct ranges have = { 0 }, pages = { 0 };
	uint64_t pos;
	size_t i;
	int err = state_badblocks(r->t->ns, &have);

	ranges_widen(&pages, plant, PAGE);
	for (i = 0; i < pages.n; i++)
		for (pos = pages.v[i].start;
		     pos < pages.v[i].start + pages.v[i].len; pos += PAGE)
			if (ranges_touch(&have, pos, PAGE) == listed)
				ranges_add(to, pos, PAGE);
	ranges_free(&have);
	ranges_free(&pages);
	return err;
}

/*
 * A page that is not listed still has its data, and nobody was told.  One that
 * was listed while the record was taken back is written like the others.
 */
static void take_back(struct repair *r, const struct ranges *planted,
		      struct ranges *skip)
{
	struct ranges late = { 0 }, back = { 0 };
	bool taken;
	size_t i;

	pages_by_list(r, planted, false, &late);
	for (i = 0; i < late.n; i++)
		ranges_clip(&back, planted, late.v[i].start, late.v[i].len);
	/* what was there before the repair stays known */
	for (i = 0; i < r->work.fw.n; i++)
		ranges_sub(&back, r->work.fw.v[i].start, r->work.fw.v[i].len);
	taken = !repair_uninject(r, &back);
	pages_by_list(r, planted, false, skip);
	if (taken)
		keep_drop(skip);
	ranges_free(&late);
	ranges_free(&back);
}

static int inject_all(struct repair *r, const struct ranges *plant,
		      struct ranges *planted)
{
	int rc = EXIT_OK, err = 0;
	size_t i;

	for (i = 0; i < plant->n && !rc; i++) {
		const struct range *p = &plant->v[i];

		ranges_add(planted, p->start, p->len);
		err = fw_inject(r->t->ns->bus, p->start, p->len, true);
		if (err)
			rc = complain(EXIT_SETUP,
				"cannot plant what the repair of '%s' needs: %s",
				r->t->name, strerror(-err));
	}
	return rc;
}

int repair_plant(struct repair *r, const struct ranges *plant,
		 struct ranges *skip, struct deadline d)
{
	struct ranges planted = { 0 };
	struct scrub_state before;
	bool told;
	int rc, err;

	if (!plant->n)
		return EXIT_OK;
	told = !scrub_look(r->t->ns->bus, &before);
	rc = inject_all(r, plant, &planted);
	err = rc ? 0 : state_listed(r->t->ns, &planted, true,
				    told ? &before : NULL, d);
	if (err == -EUCLEAN)
		rc = complain(EXIT_UNSEEN,
			"what was planted for the repair of '%s' was not "
			"listed by the scrub after it, and is taken back",
			r->t->name);
	else if (err == -ETIMEDOUT)
		rc = complain(EXIT_TIMEOUT,
			"what was planted for the repair of '%s' was not "
			"listed in time, and is taken back", r->t->name);
	else if (err == -EOVERFLOW)
		rc = complain(EXIT_UNSEEN,
			"sysfs cuts the badblocks of '%s' below '%s': repair "
			"what lies in front of it first", r->t->ns->name,
			r->t->name);
	else if (err)
		rc = complain(EXIT_SETUP,
			"cannot read the badblocks of '%s': %s",
			r->t->ns->name, strerror(-err));
	if (rc) {
		take_back(r, &planted, skip);
		pages_by_list(r, plant, false, skip);
	}
	pages_by_list(r, plant, true, &r->planted);
	ranges_free(&planted);
	/*
	 * After several notifications another ARS may still run, and could add
	 * what it read before the repair.
	 */
	if (!rc && plant->n > 1)
		rc = state_scrub_wait(r->t->ns->bus, d);
	return rc;
}
