// SPDX-License-Identifier: GPL-2.0
/* Poison a page by its address: filter, planting, look, and the way back. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "hwpoison.h"
#include "intr.h"
#include "kmsg.h"
#include "machine.h"
#include "memmap.h"
#include "state.h"

#define FILTER		DEBUGFS "/hwpoison/corrupt-filter-enable"

int hwpoison_usable(const struct planting *p)
{
	const struct target *t = p->t;
	uint64_t pos, flags;
	const char *owner;
	size_t i;

	for (i = 0; i < t->n; i++)
		for (pos = round_down64(t->v[i].spa, PAGE);
		     pos < t->v[i].spa + t->v[i].len; pos += PAGE) {
			if (!state_page_flags(pos / PAGE, &flags))
				continue;
			owner = memmap_kernel_owned(flags);
			if (owner)
				return complain(EXIT_REFUSED,
					"'%s': frame %#" PRIx64
					" is the kernel's own (%s)",
					t->name, pos / PAGE, owner);
		}
	return EXIT_OK;
}

int hwpoison_unit(const struct target *t, uint64_t *unit, const char **why)
{
	(void)t;
	*unit = PAGE;
	*why = "the page";
	return EXIT_OK;
}

static int filter_off(unsigned int *was)
{
	char text[32];
	int rc = read_text(text, sizeof(text), "%s", FILTER);

	*was = 0;
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	*was = (unsigned int)strtoul(text, NULL, 0);
	return *was ? write_text(FILTER, "0\n") : 0;
}

static int filter_restore(unsigned int was)
{
	return was ? write_text(FILTER, "%u\n", was) : 0;
}

int hwpoison_unfiltered(int (*fn)(void *arg), void *arg, int *rc)
{
	unsigned int was;
	int back;

	back = filter_off(&was);
	if (back) {
		return complain(EXIT_UNSUPPORTED,
			"hwpoison's filter stays on and would swallow the "
			"poison: '" FILTER "': %s", strerror(-back));
	}
	*rc = fn(arg);
	back = filter_restore(was);
	if (back)
		return complain(EXIT_SETUP,
			"hwpoison's filter was %u and is 0 now: '" FILTER
			"': %s", was, strerror(-back));
	return EXIT_OK;
}

/* Does the kernel's log since a mark name the frame? */
static bool log_names(int mark, uint64_t pfn)
{
	json_object *lines = kmsg_since(mark);
	bool named = false;
	char head[48];
	size_t i;

	snprintf(head, sizeof(head), "Memory failure: %#" PRIx64 ": recovery",
		 pfn);
	for (i = 0; i < json_object_array_length(lines) && !named; i++)
		named = strstr(json_object_get_string(
				json_object_array_get_idx(lines, i)), head);
	json_object_put(lines);
	return named;
}

/* Consumes the mark. */
static int look(struct planting *p, int mark, uint64_t spa)
{
	enum page_state s = state_page(spa / PAGE);
	bool named = log_names(mark, spa / PAGE);

	if (s == PAGE_POISONED || (s == PAGE_HIDDEN && named)) {
		p->seen_by = s == PAGE_HIDDEN ? "kernel log" : "kpageflags";
		return EXIT_OK;
	}
	return complain(EXIT_UNSEEN,
		"the kernel said yes to frame %#" PRIx64 ", but %s", spa / PAGE,
		s == PAGE_HIDDEN ? "its log does not name the page" :
				   "the page has no PG_hwpoison");
}

static int refused(struct planting *p, uint64_t spa, int rc)
{
	const char *what = strerror(-rc);
	bool first = !p->some;

	p->some = p->some || (state_page(spa / PAGE) == PAGE_POISONED &&
			      rc != -EHWPOISON);
	if (first && p->some)
		return complain(EXIT_SETUP,
			"frame %#" PRIx64 " has PG_hwpoison, but the kernel "
			"could not isolate it: %s", spa / PAGE, what);
	if (!first)
		return complain(EXIT_PARTLY,
			"the kernel refused frame %#" PRIx64 ": %s", spa / PAGE,
			what);
	if (rc == -EIO)
		return complain(EXIT_UNSUPPORTED,
			"the kernel refused frame %#" PRIx64 " of '%s': %s: it is "
			"no online System RAM (ZONE_DEVICE cannot go offline)",
			spa / PAGE, p->t->name, what);
	if (rc == -EBUSY && !target_is_ram(p->t) && p->t->kind != TARGET_FILE &&
	    p->t->kind != TARGET_DEVDAX)
		return complain(EXIT_SETUP,
			"the kernel refused frame %#" PRIx64 " of '%s': %s: "
			"nobody maps this DAX page", spa / PAGE, p->t->name,
			what);
	return complain(EXIT_SETUP, "the kernel refused frame %#" PRIx64
			" of '%s': %s", spa / PAGE, p->t->name, what);
}

struct page_step {
	poison_page_fn fn;
	const struct planting *p;
	const struct extent *e;
	uint64_t spa;
	int rc;			/* of the child, complained of */
};

static int write_step(void *arg)
{
	const struct page_step *s = arg;

	return s->fn(s->spa);
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
		.access = ACCESS_NONE,
		.policy = POLICY_HANDLER,
	};
	struct child_report rep;

	if (s->p->mapped || (t->kind != TARGET_FILE && t->kind != TARGET_DEVDAX))
		return write_step(s);
	plan.dev_off = target_dev_off(t, s->e) + (s->spa - s->e->spa);
	plan.map_len = target_map_align(t);
	s->rc = child_once(&plan, s->p->d, &rep);
	return s->rc ? 0 : -rep.plant_errno;
}

static int poison_one(struct planting *p, poison_page_fn fn,
		      const struct extent *e, uint64_t spa)
{
	struct page_step s = { .fn = fn, .p = p, .e = e, .spa = spa };
	int mark = kmsg_mark(), err = 0, rc;

	rc = hwpoison_unfiltered(do_step, &s, &err);
	rc = rc ? rc : s.rc;
	/* a filter that stays on keeps everything out; all else was tried */
	p->some = p->some || (!err && !s.rc && rc != EXIT_UNSUPPORTED);
	if (!rc && !err)
		return look(p, mark, spa);
	json_object_put(kmsg_since(mark));
	return rc ? rc : refused(p, spa, err);
}

int hwpoison_pages(struct planting *p, poison_page_fn fn)
{
	const struct target *t = p->t;
	uint64_t pos;
	size_t i;
	int rc;

	for (i = 0; i < t->n; i++)
		for (pos = t->v[i].spa; pos < t->v[i].spa + t->v[i].len;
		     pos += PAGE) {
			rc = poison_one(p, fn, &t->v[i], pos);
			if (!rc && interrupted())
				rc = complain(EXIT_TIMEOUT, "interrupted");
			if (rc)
				return rc;
		}
	return EXIT_OK;
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
