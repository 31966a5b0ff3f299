// SPDX-License-Identifier: GPL-2.0
/* Repair: plant what is not listed, write whole pages, look again. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cxl.h"
#include "fw.h"
#include "intr.h"
#include "journal.h"
#include "keep.h"
#include "punch.h"
#include "repair-cxl.h"
#include "repair-plant.h"
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

static void free_found(struct poison_found *f)
{
	ranges_free(&f->bad);
	ranges_free(&f->fw);
	ranges_free(&f->hwp);
}

/* Of a namespace all at once: every look reads the log and the journal. */
static int look_at_pages(const struct target *t, struct ranges *hwp,
			 bool *certain)
{
	uint64_t first = UINT64_MAX, end = 0;
	int rc = 0;
	size_t i;

	*certain = false;
	for (i = 0; i < t->n && !rc; i++) {
		if (target_is_ram(t))
			rc = state_hwpoison(t->v[i].spa, t->v[i].len, hwp, certain);
		if (t->v[i].spa < first)
			first = t->v[i].spa;
		if (t->v[i].spa + t->v[i].len > end)
			end = t->v[i].spa + t->v[i].len;
	}
	if (t->n && !target_is_ram(t))
		rc = state_hwpoison(first, end - first, hwp, certain);
	return rc;
}

static int look(const struct repair *r, struct poison_found *f)
{
	const struct target *t = r->t;
	struct ranges bad = { 0 }, fw = { 0 }, hwp = { 0 };
	int rc = 0, hidden;

	f->shown = UINT64_MAX;
	if (t->ns) {
		rc = state_badblocks_shown(t->ns, &bad, &f->shown);
		if (!rc)
			rc = state_injected(t->ns, &fw);
	} else {
		rc = cxl_poisoned_target(t, &fw);
	}
	if (rc == -EOPNOTSUPP)
		rc = 0;
	hidden = look_at_pages(t, &hwp, &f->hwp_certain);
	/* with --hwpoison nobody asks which pages are */
	if (!rc && !r->assume_hwpoison)
		rc = hidden;
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

/*
 * A partition may start or end inside of a page.  The rest of that page is
 * another one's, so it is left out, unless it is what holds the poison.
 */
static void trim_extent(struct extent *e, uint64_t size, uint64_t unit,
			const struct ranges *poison)
{
	uint64_t head = round_up64(e->spa, unit) - e->spa;
	uint64_t tail = (e->spa + e->len) % unit;

	if (head && unit - head > e->off && head < e->len &&
	    !ranges_touch(poison, e->spa, head)) {
		e->off += head;
		e->ns_off += head;
		e->spa += head;
		e->len -= head;
	}
	if (tail && tail < e->len && e->off + e->len + unit - tail > size &&
	    !ranges_touch(poison, e->spa + e->len - tail, tail))
		e->len -= tail;
}

static int trim_edges(struct repair *r, uint64_t unit)
{
	struct poison_found f = { 0 };
	struct ranges poison = { 0 };
	int rc;

	if (r->t->kind != TARGET_BLOCK || r->t->n != 1)
		return EXIT_OK;
	rc = look(r, &f);
	merge(&poison, &f.bad, 1);
	merge(&poison, &f.fw, 1);
	merge(&poison, &f.hwp, 1);
	if (!rc)
		trim_extent(&r->t->v[0], r->t->size, unit, &poison);
	ranges_free(&poison);
	free_found(&f);
	return rc;
}

static int widen_target(struct repair *r)
{
	uint64_t unit = repair_is_cxl(r) ? CXL_LINE : PAGE;
	int rc;

	if (is_devdax(r) && !repair_is_cxl(r)) {
		rc = machine->clear_unit(r->t->ns->bus, r->t->v[0].spa,
					  r->t->v[0].len, &unit);
		if (rc)
			return complain(EXIT_UNSUPPORTED,
				"cannot ask '%s' for its clear unit: %s",
				r->t->ns->bus, strerror(-rc));
		if (!unit)
			unit = SECTOR;
	}
	rc = trim_edges(r, unit);
	if (rc)
		return rc;
	return target_widen(r->t, unit, is_devdax(r) || repair_is_cxl(r) ? "the clear unit" :
									"pages");
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
	return EXIT_OK;
}

static void collect_pages(struct repair *r, const struct poison_found *f)
{
	struct ranges kept = { 0 };

	ranges_free(&r->pages);
	merge(&r->pages, &f->bad, is_devdax(r) ? 1 : PAGE);
	merge(&r->pages, &f->fw, is_devdax(r) ? 1 : PAGE);
	if (is_devdax(r))
		return;
	merge(&r->pages, &f->hwp, PAGE);
	keep_list(&kept);
	clip_to_target(r->t, &kept, &r->pages);
	ranges_free(&kept);
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
	if (repair_is_cxl(r))
		repair_cxl_warn(r);
	if (target_is_ram(r->t))
		return EXIT_OK;
	if (r->assume_hwpoison)
		target_spa(r->t, &r->found.hwp);
	collect_pages(r, &r->found);
	return EXIT_OK;
}

static int clear_devdax(struct repair *r, struct deadline d)
{
	size_t i;

	for (i = 0; i < r->pages.n; i++) {
		const struct range *p = &r->pages.v[i];
		uint64_t cleared;
		int rc = machine->clear_error(r->t->ns->bus, p->start, p->len,
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
	return r->zero ? rewrite_devdax(r, d) : EXIT_OK;
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
		if (machine->clear_error(r->t->ns->bus, left.v[i].start,
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
	keep_drop(&good);
	ranges_free(&good);
}

/* Before a page is kept, so that whatever is kept is in the journal. */
static int note_planned(const struct repair *r, const struct ranges *plant)
{
	int rc = EXIT_OK;
	size_t i;

	for (i = 0; i < plant->n && !rc; i++)
		rc = journal_range("dsm", r->t, &plant->v[i]);
	return rc;
}

static int rewrite(struct repair *r, struct deadline d)
{
	struct ranges plant = { 0 }, skip = { 0 };
	int rc, written;

	repair_unlisted(r, &plant);
	rc = note_planned(r, &plant);
	if (!rc)
		rc = rewrite_prepare(r, &plant);
	if (!rc) {
		rc = repair_plant(r, &plant, &skip, d);
		written = rewrite_pages(r, &skip);
		rc = rc ? rc : written;
	}
	rewrite_end(r);
	ranges_free(&plant);
	ranges_free(&skip);
	return rc;
}

/*
 * Behind the end of a list that is cut it is not known what the kernel has: a
 * record that is taken for latent and taken back would leave a badblock.  Those
 * come into sight when what is in front of them is repaired.
 */
static void drop_hidden(struct repair *r)
{
	uint64_t end = r->work.shown;

	if (end == UINT64_MAX)
		return;
	ranges_sub(&r->pages, round_up64(end, PAGE), UINT64_MAX);
	ranges_sub(&r->work.fw, round_up64(end, PAGE), UINT64_MAX);
}

static int look_at_work(struct repair *r)
{
	int rc;

	free_found(&r->work);
	rc = look(r, &r->work);
	if (r->assume_hwpoison)
		target_spa(r->t, &r->work.hwp);
	if (rc)
		return rc;
	collect_pages(r, &r->work);
	drop_hidden(r);
	return EXIT_OK;
}

/*
 * What only the firmware knows was consumed by nobody: it is taken back there,
 * and the data stays.  Somebody may have met it since the look, so there is
 * another one.
 */
static int take_latent_back(struct repair *r)
{
	struct ranges back = { 0 };
	int rc = EXIT_OK;

	repair_latent(r, &back);
	if (back.n && !r->punch) {
		repair_uninject(r, &back);
		rc = look_at_work(r);
		if (r->zero)
			merge(&r->pages, &back, is_devdax(r) ? 1 : PAGE);
	}
	ranges_free(&back);
	return rc;
}

static int repair_by_kind(struct repair *r, struct deadline d, bool *written)
{
	int rc;

	*written = false;
	if (repair_is_cxl(r) && !r->punch) {
		rc = look_at_work(r);
		return rc ? rc : repair_cxl(r);
	}
	if (target_is_ram(r->t))
		return repair_ram(r);
	rc = state_scrub_wait(r->t->ns->bus, d);
	if (!rc)
		rc = look_at_work(r);
	if (!rc)
		rc = take_latent_back(r);
	if (rc)
		return rc;
	if (is_devdax(r))
		return clear_devdax(r, d);
	if (r->punch)
		return punch_pages(r);
	rc = rewrite(r, d);
	*written = !rc;
	return rc;
}

/* Does the target reach where a list that is cut shows nothing? */
static bool is_cut(const struct repair *r)
{
	size_t i;

	for (i = 0; i < r->t->n && r->t->ns; i++)
		if (r->t->v[i].spa + r->t->v[i].len > r->left.shown)
			return true;
	return false;
}

static int judge_left(const struct repair *r)
{
	bool bad = r->left.bad.n || r->left.fw.n || r->left.hwp.n;

	if (is_cut(r))
		return complain(EXIT_PARTLY,
			"sysfs cuts the badblocks of '%s' below the end of "
			"'%s': repair what lies in front of it first",
			target_where(r->t), r->t->name);
	if (r->punched && bad)
		return complain(EXIT_PARTLY,
			"'%s' is good, but the blocks that it gave up keep "
			"their poison until '%s' uses them again", r->t->name,
			target_where(r->t));
	if (r->left.bad.n || r->left.fw.n)
		return complain(EXIT_PARTLY, "poison is left in '%s'",
				r->t->name);
	if (r->left.hwp.n && repair_is_cxl(r))
		return complain(EXIT_PARTLY, "the media of '%s' is good, but PG_hwpoison and what Linux "
			"took away with it stay until a reboot", r->t->name);
	if (r->left.hwp.n)
		return complain(EXIT_PARTLY, is_devdax(r) ?
			"the media of '%s' is good, but its kernel page flag "
			"stays: reboot before the namespace is set up anew" :
			"PG_hwpoison is left in '%s'", r->t->name);
	return EXIT_OK;
}

/* Each pass repairs what is in sight, and brings more of the list into it. */
static int repair_in_passes(struct repair *r, struct deadline d, bool *written)
{
	uint64_t shown;
	int rc;

	do {
		rc = repair_by_kind(r, d, written);
		shown = r->work.shown;
		if (rc || target_is_ram(r->t) || shown == UINT64_MAX)
			return rc;
		rc = look_at_work(r);
	} while (!rc && r->work.shown > shown && !interrupted());
	return rc;
}

int repair_do(struct repair *r, struct deadline d)
{
	bool written;
	int rc = repair_in_passes(r, d, &written), seen;

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
	free_found(&r->work);
	ranges_free(&r->pages);
	ranges_free(&r->planted);
	who_free(&r->sharers);
}
