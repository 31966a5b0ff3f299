/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Following what happens: sources that are polled, and the events they give.
 *
 * A source is armed before its first state is taken as the known one, and looked
 * at again after every wake-up, so nothing that happens in between is missed and
 * nothing old is reported.  Order is kept within a source, not between two.
 */
#ifndef POISONCTL_WATCH_H
#define POISONCTL_WATCH_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scrub.h"
#include "target.h"

enum event_kind {
	EVENT_BADBLOCK,		/* sectors are in the kernel's list */
	EVENT_BADBLOCK_GONE,	/* and are not any more */
	EVENT_MEMORY_FAILURE,	/* what memory_failure() did about a page */
	EVENT_SIGBUS,		/* that it sent, to whom */
	EVENT_MACHINE_CHECK,
	EVENT_SCRUB_STARTED,
	EVENT_SCRUB_ENDED,
	EVENT_LOST,		/* the source could not keep everything */
	EVENT_WATCHING,		/* all sources are armed */
	EVENT_STARTED,		/* of a run: its command */
	EVENT_PLANTED,
	EVENT_ENDED,		/* its command */
	EVENT_SIGNAL,		/* SIGBUS or SIGKILL was sent, to whom */
	EVENT_COUNT,
};

extern const char * const event_names[];	/* ended by NULL */
extern const char * const until_names[];	/* those that a watch can wait for */

struct watch;
struct family_tree;

struct source {
	int fd;			/* for poll(2), -1: only looked at */
	short events;
	bool often;		/* changes that the kernel does not notify */
	/* Read what is new and call watch_emit() for it. */
	void (*look)(struct watch *w, struct source *s);
	void (*end)(struct source *s);	/* NULL: fd is closed */
	const struct nsinfo *ns;	/* badblocks */
	struct ranges last;
	char bus[NAME_LEN];	/* scrub */
	struct scrub_state scrub;
	char dir[256];		/* trace: the instance */
	bool trace;		/* kernel log: a tracepoint tells the same */
};

/* A word of memory_failure(), and how often it came. */
struct watch_result {
	char name[32];
	uint64_t count;
};

struct watch {
	const struct target *t;	/* only events of its bytes; NULL: all */
	struct source *v;
	size_t n;
	uint64_t seen;		/* events that count */
	uint64_t want;		/* ends after so many, 0: never */
	bool until_set;
	enum event_kind until;
	uint64_t counts[EVENT_COUNT];
	struct watch_result *results;	/* of memory failures */
	size_t nresults;
	bool done;		/* what was waited for came */
	struct family_tree *tree;	/* its signals are followed; NULL: none are */
	json_object *list;	/* receives the events, an array; NULL: tell() does */
	/* Takes an event, and releases it.  0, -errno: nobody hears any more. */
	int (*tell)(json_object *o);
	int err;		/* what it returned */
};

/**
 * watch_result() - count a memory failure
 * @name: its result
 * @n: how many; 0 makes it known
 */
void watch_result(struct watch *w, const char *name, uint64_t n);

/**
 * watch_emit() - tell of an event
 * @source: as the user knows it
 * @spa, @len: what it is about, in bytes; @len 0: nothing that has an address
 * @more: further members, or NULL.  Released here.
 *
 * An event whose address is outside of w->t is dropped.
 */
void watch_emit(struct watch *w, enum event_kind kind, const char *source,
		uint64_t spa, uint64_t len, json_object *more);

/**
 * watch_add() - room for one more source
 *
 * Return: zeroed but for fd, which is -1; good until the next call.
 */
struct source *watch_add(struct watch *w);

/**
 * watch_end() - close all sources
 */
void watch_end(struct watch *w);

/* What tells of events here. */
struct watch_sources {
	size_t badblocks;	/* lists */
	size_t scrubs;		/* buses */
	bool trace;		/* tracepoints */
	int log;		/* 0; -errno: why not the kernel log */
};

#define WATCH_LOOK_MS	500	/* between looks at what the kernel does not notify */

/**
 * watch_arm() - follow every source that there is
 * @have: receives which these are
 *
 * Events may come when this returns.
 *
 * Return: EXIT_OK, or an exit code after a complaint: there is nothing, or nobody would
 * tell of the event that @w waits for.
 */
int watch_arm(struct watch *w, struct watch_sources *have);

/**
 * watch_look() - wait for any source, a signal or some time, then take what is new
 * @reader: descriptor of a pipe whose reader may go away, which ends it (w->err); or -1
 * @ms: as of poll(2)
 *
 * Return: 0; -errno if there is no waiting.
 */
int watch_look(struct watch *w, int reader, int ms);

/**
 * watch_badblocks() - follow the kernel's list of every active namespace
 *
 * Source: badblocks of the block device, of the region for device-dax.  The
 * drivers notify of what they enter and clear, but not of what is written to
 * the file.
 */
void watch_badblocks(struct watch *w);

/**
 * watch_scrub() - follow nfit/scrub of every bus
 *
 * The kernel notifies of the end, not of the start.
 */
void watch_scrub(struct watch *w);

/**
 * watch_trace() - follow ras:memory_failure_event and mce:mce_record
 *
 * In an instance of tracefs of our own, which goes with its source; those of
 * processes that are no more are removed.  With @w->tree signal:signal_generate and
 * sched:sched_process_fork as well; where they are not, the tree is unknown.
 *
 * Return: false if there is no tracefs or no such event.
 */
bool watch_trace(struct watch *w);

/**
 * watch_kmsg() - follow the kernel log from now on
 * @trace: the tracepoints are followed; what they tell is left to them
 *
 * Return: 0; -errno after a note if it is not there or cannot be read.
 */
int watch_kmsg(struct watch *w, bool trace);

/**
 * watch_kmsg_line() - an event from the text of a log record
 */
void watch_kmsg_line(struct watch *w, const char *line, bool trace);

/**
 * watch_trace_line() - an event from a line of trace_pipe
 *
 * The formats: include/ras/ras_event.h, include/trace/events/mce.h.
 */
void watch_trace_line(struct watch *w, const char *line);

#endif
