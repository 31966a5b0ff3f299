// SPDX-License-Identifier: GPL-2.0
/* Run a program of the user's among poison, and watch. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clear.h"
#include "family-tree.h"
#include "intr.h"
#include "kmsg.h"
#include "put.h"
#include "run.h"
#include "run-report.h"
#include "state.h"

#define LOOK_MS		500	/* at what the kernel does not notify */
#define STOP_MS		100	/* at a command that may be stopped on its terminal */
#define TERM_MS		10000	/* from SIGTERM to SIGKILL */
#define KILL_MS		5000	/* from SIGKILL to giving it up */
#define SETTLE_S	5	/* for the kernel's list, which is entered by a workqueue */

/* Moments of a run, in milliseconds of CLOCK_MONOTONIC; 0: not known yet. */
struct clock {
	uint64_t now;
	uint64_t plant;
	uint64_t term;
	uint64_t kill;
	uint64_t give_up;
	uint64_t look;
};

static uint64_t now_ms(void)
{
	return (uint64_t)now_ns() / 1000000;
}

/*
 * The first problem is the one that is told; it was said on its way.  That time was up
 * is none of ours.
 */
static void fail(struct run *r, int code)
{
	if (!code || (r->failed && r->failed != EXIT_RUN_TIMEOUT))
		return;
	r->failed = code;
	copy_name(r->why, sizeof(r->why), complaint());
}

static bool is_later(const struct run *r)
{
	return r->marker || r->after_set;
}

static void event(struct run *r, enum event_kind kind, const char *key, json_object *v)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, key, v);
	watch_emit(&r->w, kind, "poisonctl", 0, 0, o);
}

static int plant_one(struct run *r, size_t i, bool dry)
{
	struct injection in = r->v[i];
	json_object *doc = NULL;
	int rc;

	in.o.dry = dry;
	in.where = &r->where;
	in.d = deadline_in(r->deadline);
	rc = inject(&in, &doc);
	if (doc && dry == r->dry)
		json_object_array_add(r->planted, doc);
	else
		json_object_put(doc);
	if (!dry && !rc)
		event(r, EVENT_PLANTED, "target", json_object_new_string(in.name));
	return rc;
}

static int plant_all(struct run *r, bool dry)
{
	size_t i;
	int rc = EXIT_OK;

	r->begun = !dry;
	for (i = 0; i < r->n && !rc; i++)
		rc = plant_one(r, i, dry);
	return rc;
}

static int check_command(const struct run *r)
{
	int rc = command_find(r->argv[0]);

	if (rc == -ENOENT)
		return complain(EXIT_RUN_MISSING, "no such command '%s'", r->argv[0]);
	if (rc)
		return complain(EXIT_RUN_CANNOT, "cannot run '%s': %s", r->argv[0],
				strerror(-rc));
	return EXIT_OK;
}

static int start(struct run *r)
{
	int i, rc = r->marker ? relay_open(&r->relay, r->marker, r->stdout_is_ours) : 0;

	if (rc)
		return complain(EXIT_SETUP, "cannot make pipes: %s", strerror(-rc));
	r->c = (struct command){ .argv = r->argv, .fd = -1, .tty = -1,
				 .sigpipe_ignored = r->sigpipe_ignored };
	for (i = 0; i < RELAY_STREAMS; i++)
		r->c.out[i] = r->marker ? r->relay.v[i].child :
			      r->stdout_is_ours ? STDERR_FILENO : -1;
	rc = command_start(&r->c);
	if (rc)
		return complain(rc == -ENOENT ? EXIT_RUN_MISSING : EXIT_RUN_CANNOT,
				"cannot run '%s': %s", r->argv[0], strerror(-rc));
	if (r->marker)
		relay_started(&r->relay);
	r->tree->root = r->c.pid;
	r->started = true;
	event(r, EVENT_STARTED, "pid", json_object_new_int64(r->c.pid));
	return EXIT_OK;
}

/* The time until something is due. */
static int wait_ms(const struct run *r, const struct clock *c)
{
	const uint64_t due[] = { c->plant, c->term, c->kill, c->give_up, c->look };
	uint64_t left = r->c.tty >= 0 || r->c.fd < 0 ? STOP_MS : LOOK_MS;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(due); i++)
		if (due[i] && due[i] < c->now + left)
			left = due[i] > c->now ? due[i] - c->now : 0;
	return (int)left;
}

/* Sources, the streams, the command's end, a signal: in this order. */
static struct pollfd *wait_any(struct run *r, const struct clock *c)
{
	struct pollfd *p = xrealloc(NULL, (r->w.n + RELAY_STREAMS + 2) * sizeof(*p));
	size_t i, n = r->w.n;

	for (i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = r->w.v[i].fd,
					.events = r->w.v[i].events };
	relay_poll(&r->relay, p + n);
	p[n + RELAY_STREAMS] = (struct pollfd){
		.fd = r->c.ended ? -1 : r->c.fd, .events = POLLIN,
	};
	p[n + RELAY_STREAMS + 1] = (struct pollfd){
		.fd = intr_fd(), .events = POLLIN,
	};
	/* what a failed poll(2) leaves is looked at in vain */
	if (poll(p, n + RELAY_STREAMS + 2, wait_ms(r, c)) < 0)
		for (i = 0; i < n + RELAY_STREAMS; i++)
			p[i].revents = 0;
	return p;
}

static void look_at_sources(struct run *r, const struct pollfd *p, struct clock *c)
{
	bool all = c->now >= c->look;
	size_t i;

	for (i = 0; i < r->w.n; i++)
		if (r->w.v[i].often ? all : p[i].revents)
			r->w.v[i].look(&r->w, &r->w.v[i]);
	if (all)
		c->look = c->now + LOOK_MS;
}

/* What the command never sees has come too late, and ends us as usual. */
static void pass_signals(struct run *r)
{
	int signo;

	while (!r->c.ended && (signo = intr_take()))
		command_signal(&r->c, signo);
}

static void plant_if_due(struct run *r, struct clock *c)
{
	if (r->begun || !r->n || !is_later(r) || r->c.ended)
		return;
	if (!c->plant && r->relay.found)
		c->plant = c->now + r->after * UINT64_C(1000);
	if (!c->plant || c->now < c->plant)
		return;
	c->plant = 0;
	fail(r, plant_all(r, false));
}

static void end_if_due(struct run *r, struct clock *c)
{
	if (r->c.ended)
		return;
	if (c->term && c->now >= c->term) {
		r->timed_out = true;
		command_signal(&r->c, SIGTERM);
		c->term = 0;
		c->kill = c->now + TERM_MS;
	} else if (c->kill && c->now >= c->kill) {
		command_signal(&r->c, SIGKILL);
		c->kill = 0;
		c->give_up = c->now + KILL_MS;
	} else if (c->give_up && c->now >= c->give_up) {
		r->hangs = true;
		note("'%s', process %ld, hangs in the kernel and is left behind",
		     r->argv[0], (long)r->c.pid);
	}
}

/* Until the command has ended, and what it wrote is passed on. */
static void follow(struct run *r)
{
	struct clock c = { .now = now_ms() };
	struct pollfd *p;

	c.look = c.now;
	if (r->timeout)
		c.term = c.now + r->timeout * UINT64_C(1000);
	if (r->after_set && !r->marker)
		c.plant = c.now + r->after * UINT64_C(1000);
	while (!r->hangs && !(r->c.ended && (interrupted() || relay_done(&r->relay)))) {
		p = wait_any(r, &c);
		c.now = now_ms();
		look_at_sources(r, p, &c);
		relay_write(&r->relay, p + r->w.n);
		command_look(&r->c);
		relay_read(&r->relay, r->c.ended);
		free(p);
		pass_signals(r);
		plant_if_due(r, &c);
		end_if_due(r, &c);
	}
	event(r, EVENT_ENDED, "pid", json_object_new_int64(r->c.pid));
}

static bool was_met(const struct run *r)
{
	return run_events(r, event_names[EVENT_SIGNAL]) ||
	       run_events(r, event_names[EVENT_SIGBUS]) ||
	       run_events(r, event_names[EVENT_MEMORY_FAILURE]) ||
	       run_events(r, event_names[EVENT_MACHINE_CHECK]);
}

/* Latent poison that somebody met is listed a moment later. */
static void settle(struct run *r)
{
	struct deadline d = deadline_in(SETTLE_S);
	struct ranges here = { 0 };
	bool latent = false;
	size_t i;

	for (i = 0; i < r->n; i++)
		latent = latent || (r->v[i].mech->firmware && !r->v[i].mech->badblock);
	for (i = 0; i < r->n_lists && latent && was_met(r); i++) {
		ranges_clip(&here, &r->where, r->lists[i].ns->data_base,
			    r->lists[i].ns->size);
		if (here.n)
			state_listed(r->lists[i].ns, &here, false, NULL, d);
		ranges_free(&here);
	}
	for (i = 0; i < r->w.n; i++)
		r->w.v[i].look(&r->w, &r->w.v[i]);
}

static void find_lists(struct run *r)
{
	const struct nsinfo *v;
	size_t i, n = 0;

	r->unlisted = machine->namespaces(&v, &n);
	if (r->unlisted)
		return;
	r->lists = xrealloc(NULL, (n + 1) * sizeof(*r->lists));
	for (i = 0; i < n; i++)
		if (v[i].active && v[i].data_base)
			r->lists[r->n_lists++] = (struct lists){ .ns = &v[i] };
}

static void look_at_lists(struct run *r, bool after)
{
	bool cut = false;
	size_t i;

	for (i = 0; i < r->n_lists; i++) {
		struct lists *l = &r->lists[i];

		l->err[after] = state_badblocks_cut(l->ns, after ? &l->after : &l->before,
						    &cut);
		if (l->err[after])
			note("cannot read the badblocks of '%s': %s", l->ns->name,
			     strerror(-l->err[after]));
		l->cut = l->cut || (!l->err[after] && cut);
	}
}

/* Of what is poisoned a list that cannot be read is no list without badblocks. */
static int check_lists(const struct run *r)
{
	size_t i;

	for (i = 0; i < r->n_lists; i++) {
		const struct lists *l = &r->lists[i];
		int err = l->err[0] ? l->err[0] : l->err[1];

		if (err && ranges_touch(&r->where, l->ns->data_base, l->ns->size))
			return complain(EXIT_SETUP, "cannot read the badblocks of '%s': %s",
					l->ns->name, strerror(-err));
	}
	return EXIT_OK;
}

static void arm(struct run *r)
{
	r->tree = xrealloc(NULL, sizeof(*r->tree));
	memset(r->tree, 0, sizeof(*r->tree));
	r->w.list = json_object_new_array();
	r->w.tree = r->tree;
	watch_badblocks(&r->w);
	r->traced = watch_trace(&r->w);
	if (!r->traced)
		note("no tracepoints (tracefs): the kernel log stands in for them");
	r->deaf = watch_kmsg(&r->w, r->traced);
	find_lists(r);
	look_at_lists(r, false);
}

/* What was planted goes, whatever it is called now; a signal has to wait. */
static void repair(struct run *r)
{
	struct clearing how = {
		.real_ok = r->real_ok,
		.only = &r->where,
		.d = deadline_in(r->deadline),
	};
	int rc;

	if (!r->where.n || r->keep)
		return;
	rc = clear_all(&how, &r->repair);
	r->repaired = !rc;
	fail(r, rc);
}

static void judge(struct run *r)
{
	if (r->hangs)
		fail(r, complain(EXIT_SETUP, "'%s' hangs in the kernel", r->argv[0]));
	else if (r->n && !r->begun)
		fail(r, complain(EXIT_SETUP,
			"'%s' ended before it was time to plant anything",
			r->argv[0]));
	else if (r->timed_out)
		fail(r, complain(EXIT_RUN_TIMEOUT, "'%s' did not end in %u seconds",
				 r->argv[0], r->timeout));
}

static void run_started(struct run *r)
{
	follow(r);
	command_release(&r->c);
	settle(r);
	judge(r);
}

/* What came before it could not be read any more is told. */
static void end_log(struct run *r, int mark)
{
	int rc = kmsg_since(mark, &r->log);

	if (!rc)
		return;
	note("lines of the kernel log are missing: %s", kmsg_strerror(rc));
	if (mark >= 0)
		return;
	json_object_put(r->log);
	r->log = NULL;
}

/* Nor could anybody say afterwards which pages are good again. */
static int check_log(const struct run *r, int mark)
{
	if (!r->n || mark >= 0 || is_absent(mark))
		return EXIT_OK;
	return kmsg_complain(EXIT_SETUP, mark);
}

static void do_run(struct run *r)
{
	int mark = kmsg_mark(), rc, came = 0;

	arm(r);
	rc = check_log(r, mark);
	/* all or nothing; one is looked at as it is planted */
	if (!rc)
		rc = is_later(r) || r->n < 2 ? EXIT_OK : plant_all(r, true);
	if (!rc && !is_later(r))
		rc = plant_all(r, false);
	if (!rc)
		rc = check_lists(r);
	if (!rc)
		rc = intr_check();
	if (!rc)
		rc = start(r);
	fail(r, rc);
	if (r->started)
		run_started(r);
	else
		came = intr_take();
	look_at_lists(r, true);
	if (r->started && !r->failed)
		fail(r, check_lists(r));
	end_log(r, mark);
	repair(r);
	if (came)
		intr_note(came);
}

static void release(struct run *r)
{
	size_t i;

	for (i = 0; i < r->n_lists; i++) {
		ranges_free(&r->lists[i].before);
		ranges_free(&r->lists[i].after);
	}
	free(r->lists);
	free(r->tree);
	relay_close(&r->relay);
	watch_end(&r->w);
	ranges_free(&r->where);
	json_object_put(r->w.list);
	json_object_put(r->planted);
	json_object_put(r->repair);
	json_object_put(r->log);
}

/* Of a signal that was passed on the command's end tells. */
static int status_of(const struct run *r)
{
	if (r->failed == EXIT_RUN_CANNOT || r->failed == EXIT_RUN_MISSING ||
	    r->failed == EXIT_RUN_TIMEOUT ||
	    (r->failed > EXIT_INTERRUPTED && interrupted()))
		return r->failed;
	if (r->failed)
		return EXIT_RUN;
	if (!r->started)
		return EXIT_OK;
	return WIFSIGNALED(r->c.status) ? EXIT_INTERRUPTED + WTERMSIG(r->c.status) :
					  WEXITSTATUS(r->c.status);
}

int run(struct run *r, json_object **doc)
{
	int rc;

	*doc = NULL;
	r->planted = json_object_new_array();
	relay_init(&r->relay);
	rc = check_command(r);
	if (rc)
		fail(r, rc);
	else if (r->dry)
		fail(r, plant_all(r, true));
	else
		do_run(r);
	rc = status_of(r);
	if (r->started || (r->dry && !rc) || r->where.n)
		*doc = run_json(r);
	release(r);
	return rc;
}
