// SPDX-License-Identifier: GPL-2.0
/* What happened in a run, as JSON. */
#include <string.h>
#include <sys/wait.h>

#include "family-tree.h"
#include "put.h"
#include "run-report.h"

static const char *text_of(json_object *o, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(o, key));

	return text ? text : "";
}

size_t run_events(const struct run *r, const char *name)
{
	size_t i, n = 0;

	for (i = 0; i < json_object_array_length(r->w.list); i++)
		n += !strcmp(text_of(json_object_array_get_idx(r->w.list, i), "event"),
			     name);
	return n;
}

static uint64_t pid_of(json_object *o)
{
	return json_object_get_uint64(json_object_object_get(o, "pid"));
}

static void copy_keys(json_object *to, json_object *from, const char * const *keys)
{
	json_object *v;

	for (; *keys; keys++)
		if (json_object_object_get_ex(from, *keys, &v))
			json_object_object_add(to, *keys, json_object_get(v));
}

static const char * const who_keys[] = {
	"signal", "code", "comm", "pid", "of_command", NULL
};
static const char * const where_keys[] = { "spa", "pfn", "address", NULL };

/*
 * The kernel's line about a signal of memory_failure(): the next one of that process
 * that no earlier signal has.  A line comes before its signal (kill_proc() of
 * mm/memory-failure.c, do_sigbus() of arch/x86/mm/fault.c), and others have none.
 */
static void add_line(const struct run *r, json_object *signal, json_object *used)
{
	size_t i;

	if (strncmp(text_of(signal, "code"), "BUS_MCEERR_", 11))
		return;
	for (i = 0; i < json_object_array_length(r->w.list); i++) {
		json_object *o = json_object_array_get_idx(r->w.list, i);

		if (strcmp(text_of(o, "event"), event_names[EVENT_SIGBUS]) ||
		    pid_of(o) != pid_of(signal) ||
		    json_object_get_boolean(json_object_array_get_idx(used, i)))
			continue;
		json_object_array_put_idx(used, i, json_object_new_boolean(true));
		copy_keys(signal, o, where_keys);
		return;
	}
}

/* By the tracepoint, with the code; else by the kernel's log, without. */
static json_object *signals_json(const struct run *r)
{
	json_object *list = json_object_new_array(), *used = json_object_new_array();
	const char *name = event_names[r->tree->known ? EVENT_SIGNAL : EVENT_SIGBUS];
	size_t i;

	for (i = 0; i < json_object_array_length(r->w.list); i++) {
		json_object *o = json_object_array_get_idx(r->w.list, i), *s;

		if (strcmp(text_of(o, "event"), name))
			continue;
		s = json_object_new_object();
		copy_keys(s, o, who_keys);
		if (r->tree->known) {
			add_line(r, s, used);
		} else {
			put_str(s, "signal", "SIGBUS");
			put_bool(s, "of_command", tree_has(r->tree, pid_of(o)));
			copy_keys(s, o, where_keys);
		}
		json_object_array_add(list, s);
	}
	json_object_put(used);
	return list;
}

static json_object *list_json_of(const struct lists *l, const struct ranges *set, int err)
{
	return err ? NULL : json_ranges(set, l->ns->data_base, SECTOR);
}

/* Of the namespaces that have to do with it, or may have: null is what nobody can read. */
static json_object *lists_json(const struct run *r)
{
	json_object *list, *o;
	size_t i;

	if (r->unlisted)
		return NULL;
	list = json_object_new_array();
	for (i = 0; i < r->n_lists; i++) {
		const struct lists *l = &r->lists[i];

		if (!ranges_touch(&r->where, l->ns->data_base, l->ns->size) &&
		    !l->err[0] && !l->err[1] &&
		    ranges_total(&l->before) == ranges_total(&l->after))
			continue;
		o = json_object_new_object();
		put_str(o, "dev", l->ns->name);
		json_object_object_add(o, "before", list_json_of(l, &l->before, l->err[0]));
		json_object_object_add(o, "after", list_json_of(l, &l->after, l->err[1]));
		if (l->cut)
			put_bool(o, "badblocks_cut", true);
		json_object_array_add(list, o);
	}
	return list;
}

static uint64_t lost(json_object *repair)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(repair); i++)
		sum += json_object_get_uint64(json_object_object_get(
			json_object_array_get_idx(repair, i), "bytes_lost"));
	return sum;
}

static const char *state_of(const struct run *r)
{
	if (r->dry)
		return "planned";
	if (!r->where.n)
		return "nothing planted";
	if (r->keep)
		return "kept";
	/* what the repair failed with is in its rows, if it came to any */
	return r->repaired ? "clear" : "not clear";
}

static void put_end(json_object *o, const struct run *r)
{
	put_u64(o, "pid", (uint64_t)r->c.pid);
	if (r->timed_out)
		put_bool(o, "timed_out", true);
	if (r->hangs)
		put_bool(o, "hangs", true);
	else if (WIFSIGNALED(r->c.status))
		put_u64(o, "killed_by", (uint64_t)WTERMSIG(r->c.status));
	else
		put_u64(o, "exit_status", (uint64_t)WEXITSTATUS(r->c.status));
}

static void put_found(json_object *o, const struct run *r)
{
	json_object_object_add(o, "signals", r->deaf && !r->tree->known ? NULL :
			       signals_json(r));
	put_str(o, "signals_by", r->tree->known ? "tracepoints" : "kernel log");
	if (r->deaf && !r->traced)
		json_object_object_add(o, "memory_failures", NULL);
	else
		put_u64(o, "memory_failures",
			run_events(r, event_names[EVENT_MEMORY_FAILURE]));
	put_bool(o, "events_lost", run_events(r, event_names[EVENT_LOST]));
	json_object_object_add(o, "badblocks", lists_json(r));
	json_object_object_add(o, "events", json_object_get(r->w.list));
	json_object_object_add(o, "kernel_log", json_object_get(r->log));
	if (!r->repair)
		return;
	put_u64(o, "bytes_lost", lost(r->repair));
	json_object_object_add(o, "repair", json_object_get(r->repair));
}

json_object *run_json(const struct run *r)
{
	json_object *o = json_object_new_object(), *words = json_object_new_array();
	size_t i;

	for (i = 0; r->argv[i]; i++)
		json_object_array_add(words, json_object_new_string(r->argv[i]));
	json_object_object_add(o, "command", words);
	put_str(o, "state", state_of(r));
	if (r->started)
		put_end(o, r);
	json_object_object_add(o, "planted", json_object_get(r->planted));
	if (!r->dry)
		put_found(o, r);
	if (r->failed)
		json_object_object_add(o, "error", error_json(r->failed, r->why));
	return o;
}
