// SPDX-License-Identifier: GPL-2.0
/* All that is known of a trial, as one JSON document. */
#include <stdio.h>
#include <string.h>

#include "put.h"
#include "state.h"
#include "trial.h"

static void put_int(json_object *o, const char *key, int v)
{
	json_object_object_add(o, key, json_object_new_int(v));
}

static void put_signal(json_object *o, const char *key,
		       const struct signal_info *s)
{
	static const char * const threads[] = {
		[WHO_ACCESSOR] = "accessor",
		[WHO_MAIN] = "main",
		[WHO_OTHER] = "other",
	};
	json_object *sig;

	if (!s->code)
		return;
	sig = json_object_new_object();
	put_str(sig, "signal", "SIGBUS");
	put_str(sig, "code", signal_code_name(s->code));
	put_int(sig, "lsb", s->lsb);
	json_object_object_add(sig, "page_offset",
			       json_object_new_int64(s->off));
	if (s->thread != WHO_ONLY)
		put_str(sig, "thread", threads[s->thread]);
	json_object_object_add(o, key, sig);
}

static void put_listing(json_object *o, const char *key, enum listing l)
{
	if (l != LISTING_ANY)
		put_bool(o, key, l == LISTING_YES);
}

static void put_call(json_object *j, const struct outcome *o)
{
	if (o->counted)
		put_u64(j, "bytes", o->bytes);
	if (!o->syscall)
		return;
	if (o->err[0])
		put_str(j, "errno", strerrorname_np(o->err[0]));
	if (o->err[1])
		put_str(j, "errno_or", strerrorname_np(o->err[1]));
}

static json_object *outcome_json(const struct outcome *o)
{
	static const char * const data[] = {
		[DATA_OLD] = "as before",
		[DATA_NEW] = "as written",
		[DATA_ZERO] = "zero",
		[DATA_OTHER] = "other",
	};
	json_object *j = json_object_new_object();
	char text[256];

	outcome_text(o, text, sizeof(text));
	put_str(j, "text", text);
	if (o->killed)
		put_u64(j, "killed_by", (uint64_t)o->killed);
	put_signal(j, "plant_signal", &o->plant);
	put_signal(j, "access_signal", &o->access);
	put_signal(j, "bystander_signal", &o->other);
	put_call(j, o);
	if (o->data != DATA_UNKNOWN)
		put_str(j, "data", data[o->data]);
	put_bool(j, "others_live", o->others_live);
	put_listing(j, "badblock", o->badblock);
	put_listing(j, "firmware_record", o->record);
	if (o->failures != MF_ANY) {
		put_int(j, "memory_failures", o->failures);
		put_bool(j, "recovered", !o->failed);
	}
	return j;
}

/* siginfo as it came, for those who want to see for themselves. */
static json_object *raw_json(const struct signal_seen *s)
{
	json_object *sig = json_object_new_object();

	put_u64(sig, "si_signo", (uint64_t)s->signo);
	put_int(sig, "si_code", s->code);
	put_u64(sig, "si_addr", s->addr);
	put_int(sig, "si_addr_lsb", s->lsb);
	put_int(sig, "pid", s->pid);
	put_int(sig, "tid", s->tid);
	return sig;
}

static json_object *siginfo_json(const struct trial *tr)
{
	json_object *o = json_object_new_object();
	json_object *list = json_object_new_array();
	int i;

	if (tr->consumer.plant.signo)
		json_object_object_add(o, "plant",
				       raw_json(&tr->consumer.plant));
	if (tr->consumer.access.signo)
		json_object_object_add(o, "access",
				       raw_json(&tr->consumer.access));
	for (i = 0; i < tr->s.others; i++)
		if (tr->others[i].seen.signo)
			json_object_array_add(list,
					      raw_json(&tr->others[i].seen));
	json_object_object_add(o, "bystanders", list);
	if (tr->consumer.base)
		put_u64(o, "mapping", tr->consumer.base);
	return o;
}

/* The lists as they are now, in the page of the trial. */
static json_object *page_json(const struct trial *tr)
{
	const struct extent *e = &tr->t.v[0];
	uint64_t start = round_down64(e->spa, PAGE);
	uint64_t len = round_up64(e->spa + e->len, PAGE) - start;
	struct ranges all = { 0 }, here = { 0 };
	json_object *o = json_object_new_object();
	bool certain;
	int rc = state_badblocks(tr->t.ns, &all);

	if (rc)
		note("cannot read the badblocks of '%s': %s", tr->t.ns->name, strerror(-rc));
	ranges_clip(&here, &all, start, len);
	json_object_object_add(o, "badblocks", rc ? NULL :
			       json_ranges(&here, tr->t.ns->data_base, SECTOR));
	ranges_free(&all);
	ranges_free(&here);
	rc = state_hwpoison(start, len, &here, &certain);
	if (rc)
		note("cannot see which pages of '%s' are poisoned: %s", tr->t.ns->name,
		     strerror(-rc));
	put_str(o, "hwpoison_source", certain ? "kpageflags" : "kernel log");
	json_object_object_add(o, "hwpoison_pages", rc ? NULL :
		json_object_new_int64((int64_t)(ranges_total(&here) / PAGE)));
	ranges_free(&here);
	json_object_object_add(o, "hardware_corrupted_kb_before",
			       json_object_new_uint64(tr->corrupted[0]));
	json_object_object_add(o, "hardware_corrupted_kb_after",
			       json_object_new_uint64(tr->corrupted[1]));
	return o;
}

static void mapping_text(const struct trial *tr, char *buf, size_t size)
{
	const struct situation *s = &tr->s;

	if (!s->maps || s->dev == DEV_BLOCK)
		copy_name(buf, size, "none");
	else
		snprintf(buf, size, "%s %s%s%s %s", map_names[s->map],
			 s->map_shift == 12 ? "4K" :
			 s->map_shift == 21 ? "2M" : "1G",
			 tr->sync ? " sync" : "", s->dirty ? " dirty" : "",
			 when_names[s->when]);
}

static json_object *situation_json(const struct trial *tr)
{
	const struct situation *s = &tr->s;
	json_object *j = target_json(&tr->t);
	char mapping[48];

	mapping_text(tr, mapping, sizeof(mapping));
	put_str(j, "mechanism", tr->mech->name);
	put_str(j, "mapping", mapping);
	put_str(j, "access", access_names[s->access]);
	put_str(j, "policy", policy_names[s->policy]);
	put_str(j, "when", when_names[s->when]);
	put_int(j, "processes", s->others + 1);
	put_int(j, "threads", s->threads);
	put_bool(j, "fork", s->forked);
	if (tr->other_name)
		put_str(j, "other", tr->other_name);
	put_str(j, "family", family_names[s->family]);
	put_str(j, "rule", tr->source);
	json_object_object_add(j, "expected", outcome_json(&tr->expected));
	return j;
}

json_object *trial_json(struct trial *tr, int rc, bool kmsg)
{
	json_object *j = situation_json(tr);

	json_object_object_add(j, "actual", outcome_json(&tr->actual));
	json_object_object_add(j, "siginfo", siginfo_json(tr));
	json_object_object_add(j, "page", page_json(tr));
	if (rc)
		put_str(j, "difference", tr->why);
	put_str(j, "verdict", rc ? exit_name(EXIT_WRONG) : "pass");
	if (kmsg)
		json_object_object_add(j, "kernel_log",
				       json_object_get(tr->kernel_log));
	return j;
}

json_object *trial_planned_json(const struct trial *tr)
{
	json_object *j = situation_json(tr);

	put_str(j, "verdict", "planned");
	return j;
}
