// SPDX-License-Identifier: GPL-2.0
/* Outcomes in words, and the difference between two. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"

struct text {
	char *buf;
	size_t size, used;
};

static void say(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct text *t, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->buf + t->used, t->size - t->used, fmt, args);
	va_end(args);
	if (n > 0)
		t->used += (size_t)n < t->size - t->used ? (size_t)n :
			   t->size - t->used - 1;
}

const char *signal_code_name(int code)
{
	switch (code) {
	case BUS_ADRALN:
		return "BUS_ADRALN";
	case BUS_ADRERR:
		return "BUS_ADRERR";
	case BUS_OBJERR:
		return "BUS_OBJERR";
	case BUS_MCEERR_AR:
		return "BUS_MCEERR_AR";
	case BUS_MCEERR_AO:
		return "BUS_MCEERR_AO";
	default:
		return "other code";
	}
}

static void say_signal(struct text *t, const struct signal_info *s)
{
	static const char * const threads[] = {
		[WHO_ONLY] = "",
		[WHO_ACCESSOR] = " in the accessing thread",
		[WHO_MAIN] = " in the main thread",
		[WHO_OTHER] = " in another thread",
	};

	if (!s->code) {
		say(t, "no signal");
		return;
	}
	/* force_sig(): kill_me_now() knows nothing else */
	if (s->code == SI_KERNEL) {
		say(t, "SIGBUS SI_KERNEL without address%s",
		    threads[s->thread]);
		return;
	}
	say(t, "SIGBUS %s lsb %d at page", signal_code_name(s->code), s->lsb);
	if (s->off)
		say(t, "%c%#" PRIx64, s->off < 0 ? '-' : '+',
		    (uint64_t)(s->off < 0 ? -s->off : s->off));
	say(t, "%s", threads[s->thread]);
}

static void say_data(struct text *t, enum data_state data)
{
	static const char * const words[] = {
		[DATA_OLD] = ", data as before",
		[DATA_NEW] = ", data as written",
		[DATA_ZERO] = ", data zero",
		[DATA_OTHER] = ", other data",
	};

	if (data != DATA_UNKNOWN)
		say(t, "%s", words[data]);
}

static void say_call(struct text *t, const struct outcome *o)
{
	if (!o->err[0]) {
		if (o->counted)
			say(t, "%" PRIu64 " bytes", o->bytes);
		else
			say(t, "success");
		say_data(t, o->data);
	} else {
		say(t, "%s", strerrorname_np(o->err[0]));
		if (o->err[1])
			say(t, " or %s", strerrorname_np(o->err[1]));
		if (o->counted)
			say(t, " after %" PRIu64 " bytes", o->bytes);
	}
	if (o->access.code) {
		say(t, ", and ");
		say_signal(t, &o->access);
	}
}

static void say_access(struct text *t, const struct outcome *o)
{
	if (o->syscall) {
		say_call(t, o);
		return;
	}
	say_signal(t, &o->access);
	if (o->counted)
		say(t, " after %" PRIu64 " bytes", o->bytes);
	if (!o->access.code)
		say_data(t, o->data);
}

void outcome_text(const struct outcome *o, char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = size };

	buf[0] = '\0';
	if (o->killed) {
		say(&t, "killed by signal %d, others %s", o->killed,
		    o->others_live ? "live" : "die");
		return;
	}
	if (o->planted)
		say_signal(&t, &o->plant);
	if (o->planted && o->accessed)
		say(&t, "; then ");
	if (o->accessed)
		say_access(&t, o);
	else if (!o->planted)
		say(&t, "no access");
	if (o->bystander) {
		say(&t, "; %sbystander ", o->last_only ? "last " : "");
		say_signal(&t, &o->other);
	}
	if (!o->others_live)
		say(&t, ", others die");
}

bool signal_differs(const struct signal_info *e, const struct signal_info *a)
{
	if (e->code != a->code)
		return true;
	return e->code && (e->lsb != a->lsb || e->off != a->off ||
			   e->thread != a->thread);
}

static bool error_differs(const struct outcome *e, const struct outcome *a)
{
	return a->err[0] != e->err[0] &&
	       (!e->err[1] || a->err[0] != e->err[1]);
}

/* What the consumer saw. */
static void access_difference(const struct outcome *e, const struct outcome *a,
			      struct text *t)
{
	if (e->killed != a->killed)
		say(t, a->killed ? "the consumer was killed" :
				   "the consumer was not killed");
	else if (signal_differs(&e->plant, &a->plant))
		say(t, "the planting signal differs");
	else if (e->accessed != a->accessed)
		say(t, "the access was %smade", a->accessed ? "" : "not ");
	else if (signal_differs(&e->access, &a->access))
		say(t, a->access.code ? "the signal differs" : "no signal");
	else if (e->syscall && error_differs(e, a))
		say(t, "the error differs");
	else if (e->counted && e->bytes != a->bytes)
		say(t, "the number of bytes differs");
	else if (e->data != DATA_UNKNOWN && e->data != a->data)
		say(t, "the data differs");
}

/* What became of the rest of the system. */
static void state_difference(const struct outcome *e, const struct outcome *a,
			     struct text *t)
{
	if (e->others_live != a->others_live)
		say(t, "another process died");
	else if (signal_differs(&e->other, &a->other) ||
		 e->last_only != a->last_only)
		say(t, "the bystander's signal differs");
	else if (e->badblock != LISTING_ANY && e->badblock != a->badblock)
		say(t, "the badblock is %slisted",
		    a->badblock == LISTING_YES ? "" : "not ");
	else if (e->record != LISTING_ANY && e->record != a->record)
		say(t, "the firmware's record is %s",
		    a->record == LISTING_YES ? "still there" : "gone");
	else if (e->failures != MF_ANY && a->failures != MF_ANY &&
		 e->failures != a->failures)
		say(t, "%d memory failures instead of %d", a->failures,
		    e->failures);
	else if (e->failed != a->failed)
		say(t, "memory failure did %srecover", a->failed ? "not " : "");
}

bool outcome_differs(const struct outcome *e, const struct outcome *a,
		     char *why, size_t size)
{
	struct text t = { .buf = why, .size = size };

	why[0] = '\0';
	access_difference(e, a, &t);
	if (!why[0])
		state_difference(e, a, &t);
	return why[0];
}
