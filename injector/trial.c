// SPDX-License-Identifier: GPL-2.0
/* One trial: plant poison, let a child meet it, compare. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "intr.h"
#include "journal.h"
#include "kmsg.h"
#include "state.h"
#include "trial.h"

#define BIG_PAGE	(2ULL << 20)

static int log2_of(uint64_t v)
{
	return 63 - __builtin_clzll(v);
}

static enum device_kind device_of(const struct target *t)
{
	if (t->ns->mode == NS_DEVDAX)
		return DEV_DEVDAX;
	return target_by_file(t) ? DEV_FILE : DEV_BLOCK;
}

/* Are bytes of a file one extent?  Says where they lie. */
static bool contiguous(const struct target *t, uint64_t off, uint64_t len,
		       uint64_t *spa)
{
	struct file_map map;
	struct place where = {
		.offset_set = true, .length_set = true,
		.offset = off, .length = len,
	};
	struct target part;
	bool one;

	/* resolving complains about holes, which are no problem here */
	if (off + len > t->size || platform->file_map(t->name, off, len, &map))
		return false;
	one = map.n == 1 && map.v[0].logical <= off &&
	      map.v[0].logical + map.v[0].len >= off + len;
	free(map.v);
	if (!one || target_resolve(t->name, &where, false, &part))
		return false;
	*spa = part.v[0].spa;
	target_free(&part);
	return true;
}

static int choose_mapping(struct trial *tr, bool big_page)
{
	uint64_t unit = target_map_align(&tr->t), spa;

	if (big_page && tr->s.dev != DEV_FILE)
		return complain(EXIT_USAGE,
			"--page-size is for files: '%s' decides itself",
			tr->t.name);
	if (big_page) {
		unit = BIG_PAGE;
		if (!contiguous(&tr->t, round_down64(tr->access_off, unit),
				unit, &spa) || spa % unit)
			return complain(EXIT_UNSUPPORTED,
				"'%s' has no aligned extent of 2 MiB there",
				tr->t.name);
	}
	tr->s.map_shift = log2_of(unit);
	return EXIT_OK;
}

static int check_shape(const struct trial *tr)
{
	const struct extent *e = &tr->t.v[0];
	uint64_t unit = target_map_align(&tr->t);

	if (tr->t.n != 1 ||
	    e->ns_off / unit != (e->ns_off + e->len - 1) / unit)
		return complain(EXIT_USAGE,
			"a trial poisons one page of '%s', not more",
			tr->t.name);
	if (round_up64(e->off + e->len, PAGE) > tr->t.size)
		return complain(EXIT_USAGE,
			"'%s' ends inside the page that is to be poisoned",
			tr->t.name);
	if (tr->sync && (tr->s.map != MAP_IS_SHARED || tr->s.dev != DEV_FILE))
		return complain(EXIT_USAGE,
			"--sync is for shared mappings of files");
	return EXIT_OK;
}

static void set_situation(struct trial *tr)
{
	struct situation *s = &tr->s;
	const struct extent *e = &tr->t.v[0];
	uint64_t start = target_dev_off(&tr->t, e), spa;
	uint64_t page = round_down64(tr->access_off, PAGE);
	uint64_t unit = target_map_align(&tr->t);

	s->poison = tr->mech->badblock ? POISON_LISTED :
		    tr->mech->firmware ? POISON_LATENT : POISON_FLAGGED;
	s->by_consumer = s->poison == POISON_FLAGGED && s->when == WHEN_BEFORE;
	s->access_off = round_down64(tr->access_off % unit, 8);
	s->line = start % PAGE;
	s->lead = 0;
	if (s->dev == DEV_FILE && s->access == ACCESS_READ && page >= PAGE &&
	    contiguous(&tr->t, page - PAGE, 2 * PAGE, &spa))
		s->lead = PAGE;
	s->request = s->access == ACCESS_READ ? s->lead + PAGE :
		     s->access == ACCESS_WRITE ? PAGE : SECTOR;
}

int trial_plan(struct trial *tr, bool big_page)
{
	struct situation *s = &tr->s;
	int rc;

	s->dev = device_of(&tr->t);
	if (s->access == ACCESS_DEFAULT)
		s->access = !tr->mech->firmware ? ACCESS_NONE :
			    s->dev == DEV_BLOCK ? ACCESS_READ : ACCESS_LOAD;
	rc = check_shape(tr);
	if (!rc)
		rc = choose_mapping(tr, big_page);
	if (rc)
		return rc;
	set_situation(tr);
	if (!expect_outcome(s, &tr->expected, &tr->source))
		return complain(EXIT_UNSUPPORTED,
			"the truth table has no row for '%s', %s %s, "
			"mapped %s, on '%s'", tr->mech->name,
			map_names[s->map], access_names[s->access],
			when_names[s->when], tr->t.name);
	return EXIT_OK;
}

/* What is there already would be taken for the trial's own. */
static int check_clean(const struct trial *tr)
{
	const struct extent *e = &tr->t.v[0];
	uint64_t start = round_down64(e->spa, PAGE) - tr->s.lead;
	uint64_t len = round_up64(e->spa + e->len, PAGE) - start;
	struct ranges bad = { 0 };
	bool dirty;
	int rc;

	rc = state_badblocks(tr->t.ns, &bad);
	if (!rc)
		rc = state_injected(tr->t.ns, &bad);
	dirty = ranges_touch(&bad, start, len);
	ranges_free(&bad);
	if (rc && rc != -EOPNOTSUPP)
		return complain(EXIT_SETUP, "cannot read the state of '%s': %s",
				tr->t.ns->name, strerror(-rc));
	if (dirty)
		return complain(EXIT_SETUP,
			"'%s' is poisoned there already: clear it first",
			tr->t.name);
	return EXIT_OK;
}

static struct child_plan consumer_plan(const struct trial *tr,
				       const uint8_t *old)
{
	return (struct child_plan){
		.t = &tr->t,
		.dev_off = tr->access_off,
		.map_len = 1ULL << tr->s.map_shift,
		.lead = tr->s.lead,
		.access = tr->s.access,
		.map = tr->s.map,
		.policy = tr->s.policy,
		.when = tr->s.when,
		.sync = tr->sync,
		.plant_by_madvise = tr->s.by_consumer,
		.old = old,
	};
}

/* The page table and the arithmetic must name the same frame. */
static int check_pfn(const struct trial *tr, const struct child_report *rep)
{
	const struct extent *e = &tr->t.v[0];
	uint64_t spa = e->spa + (tr->access_off - target_dev_off(&tr->t, e));

	if (!rep->pfn || rep->pfn == spa / PAGE)
		return EXIT_OK;
	return complain(EXIT_SETUP,
		"'%s' was resolved to frame %#" PRIx64 ", but %#" PRIx64
		" is mapped", tr->t.name, spa / PAGE, rep->pfn);
}

static struct signal_info info_of(const struct trial *tr, uint64_t base,
				  const struct signal_seen *seen)
{
	uint64_t unit = target_map_align(&tr->t);
	uint64_t page = base + round_down64(tr->access_off %
				(1ULL << tr->s.map_shift), unit);

	if (!seen->signo)
		return (struct signal_info){ 0 };
	return (struct signal_info){
		.code = seen->code,
		.lsb = seen->lsb,
		.off = (int64_t)(seen->addr - page),
	};
}

static void note_consumer(struct trial *tr, const struct child *c)
{
	const struct child_report *rep = &tr->consumer;
	struct outcome *o = &tr->actual;

	o->planted = tr->s.by_consumer;
	if (c->ended) {
		o->accessed = tr->expected.accessed;
		o->killed = WIFSIGNALED(c->status) ? WTERMSIG(c->status) : 0;
		return;
	}
	o->plant = info_of(tr, rep->base, &rep->plant);
	o->access = info_of(tr, rep->base, &rep->access);
	o->accessed = rep->accessed;
	o->syscall = rep->accessed && tr->expected.syscall;
	o->bytes = rep->bytes;
	o->err[0] = rep->err;
	o->data = rep->data;
}

/*
 * The kernel lists a consumed error from a workqueue, so what is expected is
 * waited for; what is not expected is looked for once.
 */
static int note_lists(struct trial *tr, struct deadline d)
{
	struct ranges want = { 0 }, have = { 0 };
	struct outcome *o = &tr->actual;
	int rc;

	if (tr->expected.badblock != LISTING_YES)
		d = deadline_in(0);
	target_spa(&tr->t, &want);
	rc = state_listed(tr->t.ns, &want, false, d);
	if (rc == -ETIMEDOUT && interrupted()) {
		ranges_free(&want);
		return complain(EXIT_TIMEOUT, "interrupted");
	}
	o->badblock = rc ? LISTING_NO : LISTING_YES;
	if (!rc || rc == -ETIMEDOUT)
		rc = state_injected(tr->t.ns, &have);
	o->record = ranges_touch(&have, want.v[0].start, want.v[0].len) ?
			LISTING_YES : LISTING_NO;
	ranges_free(&want);
	ranges_free(&have);
	if (rc && rc != -EOPNOTSUPP)
		return complain(EXIT_SETUP, "cannot read the state of '%s': %s",
				tr->t.ns->name, strerror(-rc));
	return EXIT_OK;
}

static int plant(struct trial *tr, struct deadline d)
{
	if (tr->s.by_consumer)
		return journal_plant(tr->mech->name, &tr->t);
	return mech_plant(tr->mech, &tr->t, d);
}

/* The consumer is ready: plant, let it go, then ask the bystander. */
static int act(struct trial *tr, struct child *consumer,
	       struct child *bystander, struct deadline d)
{
	int rc = plant(tr, d);

	if (!rc)
		rc = child_go(consumer, d, &tr->consumer);
	if (rc)
		return rc;
	if (tr->consumer.setup_errno)
		return complain(EXIT_SETUP, "the consumer cannot map '%s': %s",
				tr->t.name, strerror(tr->consumer.setup_errno));
	if (tr->consumer.plant_errno)
		return complain(EXIT_SETUP, "MADV_HWPOISON on '%s': %s",
				tr->t.name, strerror(tr->consumer.plant_errno));
	note_consumer(tr, consumer);
	tr->actual.others_live = true;
	if (bystander) {
		uint64_t base = tr->bystander.base;

		rc = child_go(bystander, d, &tr->bystander);
		tr->actual.others_live = !bystander->ended;
		tr->actual.bystander = tr->expected.bystander;
		tr->actual.other = info_of(tr, base, &tr->bystander.access);
	}
	if (!rc)
		rc = note_lists(tr, d);
	return rc;
}

static int with_consumer(struct trial *tr, struct child *bystander,
			 const uint8_t *old, struct deadline d)
{
	struct child_plan plan = consumer_plan(tr, old);
	struct child consumer;
	int mark, rc;

	rc = child_start(&plan, &consumer, d, &tr->consumer);
	if (rc)
		return rc;
	mark = kmsg_mark();
	rc = check_pfn(tr, &tr->consumer);
	if (!rc)
		rc = act(tr, &consumer, bystander, d);
	child_end(&consumer);
	tr->kernel_log = kmsg_since(mark);
	return rc;
}

int trial_run(struct trial *tr, struct deadline d)
{
	static uint8_t old[PAGE] __attribute__((aligned(4096)));
	struct child_plan plan;
	struct child bystander;
	int rc;

	rc = check_clean(tr);
	if (rc)
		return rc;
	rc = child_snapshot(&tr->t, tr->access_off, old);
	if (rc)
		return complain(EXIT_SETUP, "cannot read '%s': %s", tr->t.name,
				strerror(-rc));
	plan = consumer_plan(tr, old);
	plan.bystander = true;
	if (tr->s.dev == DEV_BLOCK) {
		rc = with_consumer(tr, NULL, old, d);
	} else {
		rc = child_start(&plan, &bystander, d, &tr->bystander);
		if (rc)
			return rc;
		rc = with_consumer(tr, &bystander, old, d);
		child_end(&bystander);
	}
	if (rc)
		return rc;
	return outcome_differs(&tr->expected, &tr->actual, tr->why,
			       sizeof(tr->why)) ? EXIT_WRONG : EXIT_OK;
}
