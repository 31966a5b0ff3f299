// SPDX-License-Identifier: GPL-2.0
/* Poison a page by its address: filter, planting, look, and the way back. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "hwpoison.h"
#include "intr.h"
#include "kmsg.h"
#include "machine.h"
#include "memmap.h"
#include "once.h"
#include "pageflags.h"
#include "state.h"

#define FILTER		DEBUGFS "/hwpoison/corrupt-filter-enable"

struct owned_page {
	const char *owner;
	uint64_t pfn;
};

static bool is_owned(uint64_t pfn, uint64_t flags, void *arg)
{
	struct owned_page *o = arg;

	o->owner = memmap_kernel_owned(flags);
	o->pfn = pfn;
	return o->owner;
}

int hwpoison_usable(const struct planting *p)
{
	struct owned_page found = { 0 };
	const struct target *t = p->t;
	size_t i;
	int rc = mech_check_pages(t);

	if (rc)
		return rc;
	for (i = 0; i < t->n && rc != -EINTR && !found.owner; i++) {
		uint64_t start = round_down64(t->v[i].spa, PAGE);
		uint64_t end = round_up64(t->v[i].spa + t->v[i].len, PAGE);

		rc = pageflags_each(start, end - start, is_owned, &found);
	}
	if (rc == -EINTR)
		return intr_check();
	if (!found.owner)
		return EXIT_OK;
	return complain(EXIT_REFUSED,
		"'%s': frame %#" PRIx64 " is the kernel's own (%s)", t->name,
		found.pfn, found.owner);
}

int hwpoison_unit(const struct target *t, uint64_t *unit, const char **why)
{
	(void)t;
	*unit = PAGE;
	*why = "the page";
	return EXIT_OK;
}

/* Without the file there is no filter. */
static int filter_off(void)
{
	int rc = once_set(FILTER, "0");

	return rc == -ENOENT ? 0 : rc;
}

int hwpoison_unfiltered(int (*fn)(void *arg), void *arg, int *rc)
{
	int back = filter_off();

	if (back) {
		return complain(EXIT_UNSUPPORTED,
			"hwpoison's filter stays on and would swallow the "
			"poison: '" FILTER "': %s", strerror(-back));
	}
	*rc = fn(arg);
	back = once_restore();
	if (back)
		return complain(EXIT_SETUP,
			"hwpoison's filter was on and is off now: '" FILTER
			"': %s", strerror(-back));
	return EXIT_OK;
}

/*
 * What the kernel's log since a mark says of the frame: "Recovered", "Failed",
 * "Ignored" or "Delayed" (action_name[] of mm/memory-failure.c); empty if it says
 * nothing.  Consumes the mark.  Return: as kmsg_since().
 */
static int log_result(int mark, uint64_t pfn, char *word, size_t size)
{
	struct kmsg_action a;
	json_object *lines;
	int rc = kmsg_since(mark, &lines);
	size_t i;

	*word = '\0';
	for (i = 0; i < json_object_array_length(lines); i++)
		if (kmsg_action(json_object_get_string(
				json_object_array_get_idx(lines, i)), &a) &&
		    a.pfn == pfn)
			copy_name(word, size, a.result);
	json_object_put(lines);
	return *word ? 0 : rc;
}

static int look(struct planting *p, uint64_t spa, const char *word, int unread)
{
	enum page_state s = state_page(spa / PAGE);

	if (s == PAGE_POISONED || (s == PAGE_HIDDEN && *word)) {
		p->seen_by = s == PAGE_HIDDEN ? "kernel log" : "kpageflags";
		return EXIT_OK;
	}
	if (s == PAGE_HIDDEN && unread)
		return kmsg_complain(EXIT_UNSEEN, unread);
	return complain(EXIT_UNSEEN,
		"the kernel said yes to frame %#" PRIx64 ", but %s", spa / PAGE,
		s == PAGE_HIDDEN ? "its log does not name the page" :
				   "the page has no PG_hwpoison");
}

/* Why the kernel says no, where that is known. */
static const char *reason(const struct target *t, int rc)
{
	if (rc == -EIO)
		return ": it is no online System RAM (ZONE_DEVICE cannot go "
		       "offline)";
	if (rc == -EBUSY && !target_is_ram(t) && t->kind != TARGET_FILE &&
	    t->kind != TARGET_DEVDAX)
		return ": nobody maps this DAX page";
	return "";
}

/*
 * The kernel returned an error.  Where its log has a result, memory_failure() was at
 * work and something was done: a filesystem was shut down, say.  With EBUSY it has
 * that line too, but found nobody to act on (mf_generic_kill_procs).
 */
static int failed(struct planting *p, uint64_t spa, int rc, const char *word)
{
	const struct target *t = p->t;
	const char *what = strerror(-rc);
	bool first = !mech_some(p);

	if (rc == -EHWPOISON)
		return complain(first ? EXIT_SETUP : EXIT_PARTLY,
			"'%s' is poisoned there already (frame %#" PRIx64
			"): clear it first", t->name, spa / PAGE);
	if (state_page(spa / PAGE) == PAGE_POISONED) {
		mech_done(p, spa, PAGE);
		return complain(first ? EXIT_SETUP : EXIT_PARTLY,
			"frame %#" PRIx64 " has PG_hwpoison, but the kernel "
			"could not isolate it: %s", spa / PAGE, what);
	}
	if (*word && rc != -EBUSY) {
		mech_done(p, spa, PAGE);
		return complain(first ? EXIT_SETUP : EXIT_PARTLY,
			"the kernel handled a memory failure of frame %#" PRIx64
			" of '%s', and says '%s': %s", spa / PAGE, t->name,
			word, what);
	}
	if (!first)
		return complain(EXIT_PARTLY,
			"the kernel refused frame %#" PRIx64 ": %s", spa / PAGE,
			what);
	return complain(rc == -EIO ? EXIT_UNSUPPORTED : EXIT_SETUP,
		"the kernel refused frame %#" PRIx64 " of '%s': %s%s",
		spa / PAGE, t->name, what, reason(t, rc));
}

struct page_step {
	const poison_page_fn *how;
	const struct planting *p;
	const struct mech_unit *u;
	int rc;			/* of the child, complained of */
};

static int write_step(void *arg)
{
	const struct page_step *s = arg;

	return (*s->how)(s->u->spa);
}

/*
 * memory_failure() finds the owner of a DAX page by page->mapping, which is set
 * while somebody maps the page and not else: mf_generic_kill_procs() says EBUSY
 * then.  So a child maps the page of a file or device-dax, and writes, unless the
 * caller says that somebody does.
 */
static int do_step(void *arg)
{
	struct page_step *s = arg;
	const struct target *t = s->p->t;
	struct child_plan plan = {
		.t = t,
		.plant_by = write_step,
		.plant_arg = s,
		.pfn = s->u->spa / PAGE,
		.access = ACCESS_NONE,
		.policy = POLICY_HANDLER,
	};
	struct child_report rep;

	if (s->p->mapped || !mech_maps(t))
		return write_step(s);
	plan.dev_off = target_dev_off(t, s->u->e) + s->u->skip;
	plan.map_len = target_map_align(t);
	s->rc = child_once(&plan, s->p->d, &rep);
	return s->rc ? 0 : -rep.plant_errno;
}

static int poison_one(struct planting *p, const struct mech_unit *u, void *arg)
{
	struct page_step s = { .how = arg, .p = p, .u = u };
	uint64_t spa = u->spa;
	int mark = kmsg_mark(), err = 0, rc, unread;
	char word[32];

	/* nobody could tell whether it is in */
	if (mark < 0 && !is_absent(mark) && state_page(spa / PAGE) == PAGE_HIDDEN)
		return kmsg_complain(mech_some(p) ? EXIT_PARTLY : EXIT_SETUP, mark);
	rc = hwpoison_unfiltered(do_step, &s, &err);
	rc = rc ? rc : s.rc;
	unread = log_result(mark, spa / PAGE, word, sizeof(word));
	/* a filter that stays on keeps everything out; all else was tried */
	if (!err && !s.rc && rc != EXIT_UNSUPPORTED)
		mech_done(p, spa, PAGE);
	if (rc)
		return rc;
	if (err && unread)
		note("the kernel log cannot be read, and may tell more: %s", kmsg_strerror(unread));
	return err ? failed(p, spa, err, word) : look(p, spa, word, unread);
}

int hwpoison_pages(struct planting *p, poison_page_fn fn)
{
	return mech_each_unit(p, PAGE, poison_one, &fn);
}

int hwpoison_unpoison(uint64_t spa)
{
	return write_text(UNPOISON_PFN, "%#" PRIx64 "\n", spa / PAGE);
}

int hwpoison_look(struct planting *p)
{
	const struct target *t = p->t;
	uint64_t pos;
	size_t i;

	for (i = 0; i < t->n; i++)
		for (pos = round_down64(t->v[i].spa, PAGE);
		     pos < t->v[i].spa + t->v[i].len; pos += PAGE)
			if (state_page(pos / PAGE) != PAGE_POISONED)
				return complain(EXIT_UNSEEN,
					"the kernel said yes to '%s', but frame %#"
					PRIx64 " shows no PG_hwpoison", t->name,
					pos / PAGE);
	p->seen_by = "kpageflags";
	return EXIT_OK;
}
