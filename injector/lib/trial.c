// SPDX-License-Identifier: GPL-2.0
/* One trial: plant poison, let a child meet it, compare. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "already.h"
#include "hwpoison.h"
#include "intr.h"
#include "journal.h"
#include "kmsg.h"
#include "once.h"
#include "pageflags.h"
#include "state.h"
#include "trial.h"

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
		.dirty = tr->s.dirty,
		.forked = tr->s.forked,
		.threads = tr->s.threads,
		.plant_by_madvise = tr->s.by_consumer,
		.pfn = tr->s.by_consumer ? (tr->t.v[0].spa + tr->access_off -
			target_dev_off(&tr->t, &tr->t.v[0])) / PAGE : 0,
		.old = old,
	};
}

/* The page table and the arithmetic must name the same frame and size. */
static int check_mapping(const struct trial *tr, const struct child_report *rep,
			 const char *name)
{
	const struct extent *e = &tr->t.v[0];
	uint64_t spa = e->spa + (tr->access_off - target_dev_off(&tr->t, e));

	if (rep->pfn && rep->pfn != spa / PAGE)
		return complain(EXIT_SETUP,
			"'%s' was resolved to frame %#" PRIx64 ", but %#" PRIx64
			" is mapped", name, spa / PAGE, rep->pfn);
	if (rep->map_shift && rep->map_shift != tr->s.map_shift)
		return complain(EXIT_UNSUPPORTED,
			"'%s' is mapped by entries of %llu bytes, not of %llu",
			name, 1ULL << rep->map_shift, 1ULL << tr->s.map_shift);
	return EXIT_OK;
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
		.thread = tr->s.threads < 2 ? WHO_ONLY :
			  (enum who)seen->thread,
	};
}

static void note_consumer(struct trial *tr, const struct child *c)
{
	const struct child_report *rep = &tr->consumer;
	const struct outcome *e = &tr->expected;
	struct outcome *o = &tr->actual;

	o->planted = e->planted;
	if (c->ended || rep->ended) {
		o->accessed = e->accessed;
		o->killed = rep->ended ? rep->ended :
			    WIFSIGNALED(c->status) ? WTERMSIG(c->status) : 0;
		return;
	}
	o->plant = info_of(tr, rep->base, &rep->plant);
	o->access = info_of(tr, rep->base, &rep->access);
	o->accessed = rep->accessed;
	o->syscall = rep->accessed && access_calls(tr->s.access);
	o->counted = rep->accessed && tr->s.access != ACCESS_MSYNC &&
		     tr->s.access != ACCESS_FSYNC &&
		     (o->syscall || tr->s.access == ACCESS_COPY);
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
	rc = state_listed(tr->t.ns, &want, false, NULL, d);
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

/* The lines that memory_failure() ends with, for the page of the trial. */
static int note_failures(struct trial *tr, int mark, struct deadline d)
{
	const struct extent *e = &tr->t.v[0];
	struct kmsg_failures f = kmsg_failures(mark, e->spa, e->len,
					       tr->expected.failures, d);

	tr->kernel_log = f.lines;
	tr->actual.failures = mark < 0 ? MF_ANY : f.count;
	tr->actual.failed |= f.failed;
	return f.err;
}

/* How memory failures ended is a part of the outcome, so who cannot know has none. */
static int mark_log(int *mark)
{
	*mark = kmsg_mark();
	if (*mark >= 0)
		return EXIT_OK;
	if (!is_absent(*mark))
		return kmsg_complain(EXIT_SETUP, *mark);
	note("there is no kernel log: what memory_failure() says is no part of the outcome");
	return EXIT_OK;
}

static uint64_t hardware_corrupted(void)
{
	uint64_t bytes;

	pageflags_corrupted(&bytes);
	return bytes / 1024;
}

static int start_others(struct trial *tr, const uint8_t *old,
			struct deadline d)
{
	int i, rc;

	tr->others = xrealloc(NULL, sizeof(*tr->others) *
				    (size_t)(tr->s.others + 1));
	for (i = 0; i < tr->s.others; i++) {
		struct bystander *b = &tr->others[i];
		struct child_report rep;

		*b = (struct bystander){ .plan = consumer_plan(tr, old) };
		b->plan.bystander = true;
		b->plan.dirty = false;
		if (tr->other_name) {
			b->plan.t = &tr->other;
			b->plan.dev_off = tr->other_off;
		}
		rc = child_start(&b->plan, &b->child, d, &rep);
		if (!rc) {
			b->base = rep.base;
			rc = check_mapping(tr, &rep, b->plan.t->name);
			if (rc)
				child_end(&b->child);
		}
		if (rc) {
			tr->s.others = i;
			return rc;
		}
	}
	return EXIT_OK;
}

static void end_others(struct trial *tr)
{
	int i;

	for (i = 0; i < tr->s.others; i++)
		child_end(&tr->others[i].child);
}

/* They are all alike but for the last; one that differs from what is expected is told. */
static int ask_others(struct trial *tr, struct deadline d)
{
	struct outcome *o = &tr->actual;
	int i, rc;

	o->others_live = true;
	o->bystander = tr->expected.bystander;
	o->other = tr->expected.other;
	o->last_only = tr->expected.last_only;
	for (i = 0; i < tr->s.others; i++) {
		struct bystander *b = &tr->others[i];
		struct child_report rep;
		struct signal_info got, want = { 0 };

		rc = child_go(&b->child, d, &rep);
		if (rc)
			return rc;
		b->seen = rep.access;
		b->died = b->child.ended;
		got = info_of(tr, b->base, &b->seen);
		if (!tr->expected.last_only || i == tr->s.others - 1)
			want = tr->expected.other;
		if (b->died) {
			o->others_live = false;
		} else if (signal_differs(&want, &got)) {
			o->other = got;
			o->last_only = false;
		}
	}
	return EXIT_OK;
}

struct planter {
	struct trial *tr;
	struct child *consumer;
	struct deadline d;
};

static int go(void *arg)
{
	struct planter *p = arg;

	return child_go(p->consumer, p->d, &p->tr->consumer);
}

/* What the consumer reported instead of an outcome. */
static int check_report(const struct trial *tr)
{
	const struct child_report *rep = &tr->consumer;

	if (rep->setup_errno)
		return child_complain(&tr->t, rep->setup_errno);
	if (rep->fork_errno)
		return complain(EXIT_SETUP, "cannot start the child that accesses '%s': %s",
				tr->t.name, strerror(rep->fork_errno));
	if (rep->plant_errno == EHWPOISON)
		return complain_poisoned(&tr->t);
	if (rep->plant_errno)
		return complain(EXIT_SETUP, "MADV_HWPOISON on '%s': %s",
				tr->t.name, strerror(rep->plant_errno));
	return EXIT_OK;
}

/* The consumer plants by itself; nothing is in if it says that it could not. */
static int plant_by_consumer(struct planter *p)
{
	struct trial *tr = p->tr;
	int rc = intr_check(), went = EXIT_OK;

	if (!rc)
		rc = journal_plant(tr->mech->name, &tr->t);
	if (rc)
		return rc;
	rc = hwpoison_unfiltered(go, p, &went);
	if (rc == EXIT_UNSUPPORTED || tr->consumer.setup_errno ||
	    tr->consumer.plant_errno)
		journal_cancel(tr->mech->name, &tr->t);
	return rc ? rc : went;
}

/* The consumer is ready: plant, let it go, then ask the bystanders. */
static int act(struct trial *tr, struct child *consumer, struct deadline d)
{
	struct planter p = { .tr = tr, .consumer = consumer, .d = d };
	int rc;

	if (tr->s.by_consumer) {
		rc = plant_by_consumer(&p);
	} else {
		rc = mech_plant(tr->mech, &tr->t, d);
		if (!rc)
			rc = go(&p);
	}
	if (!rc)
		rc = check_report(tr);
	if (rc)
		return rc;
	note_consumer(tr, consumer);
	rc = ask_others(tr, d);
	if (!rc)
		rc = note_lists(tr, d);
	return rc;
}

static int with_consumer(struct trial *tr, const uint8_t *old,
			 struct deadline d)
{
	struct child_plan plan = consumer_plan(tr, old);
	struct child consumer;
	int mark, rc, err;

	rc = child_start(&plan, &consumer, d, &tr->consumer);
	if (rc)
		return rc;
	rc = mark_log(&mark);
	tr->corrupted[0] = hardware_corrupted();
	if (!rc)
		rc = check_mapping(tr, &tr->consumer, tr->t.name);
	if (!rc)
		rc = act(tr, &consumer, d);
	child_end(&consumer);
	tr->corrupted[1] = hardware_corrupted();
	err = note_failures(tr, mark, rc ? deadline_in(0) : d);
	return rc || !err ? rc : kmsg_complain(EXIT_SETUP, err);
}

/*
 * What an instruction fetch is to find must be there before the poison is.  The page
 * is read first: a store to one that the kernel refuses would be a SIGBUS for us.
 */
static int prepare_page(struct trial *tr, uint8_t *old)
{
	int rc = child_snapshot(&tr->t, tr->access_off, old);

	if (!rc && tr->s.access == ACCESS_EXEC) {
		rc = child_plant_code(&tr->t, tr->access_off);
		if (!rc)
			rc = child_snapshot(&tr->t, tr->access_off, old);
	}
	/* in no list, but the kernel knows: PG_hwpoison, which it does not show */
	if (rc == -EIO)
		return complain_poisoned(&tr->t);
	if (rc)
		return complain(EXIT_SETUP, "cannot prepare '%s': %s",
				tr->t.name, strerror(-rc));
	return EXIT_OK;
}

int trial_run(struct trial *tr, struct deadline d)
{
	static uint8_t old[PAGE] __attribute__((aligned(4096)));
	int rc;

	/* what is there already would be taken for the trial's own */
	rc = already_poisoned(&tr->t, tr->s.lead);
	if (!rc)
		rc = prepare_page(tr, old);
	if (rc)
		return rc;
	rc = start_others(tr, old, d);
	if (!rc)
		rc = with_consumer(tr, old, d);
	end_others(tr);
	once_unlock();
	if (rc)
		return rc;
	return outcome_differs(&tr->expected, &tr->actual, tr->why,
			       sizeof(tr->why)) ? EXIT_WRONG : EXIT_OK;
}

void trial_free(struct trial *tr)
{
	json_object_put(tr->kernel_log);
	free(tr->others);
	target_free(&tr->other);
	target_free(&tr->t);
}
