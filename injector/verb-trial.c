// SPDX-License-Identifier: GPL-2.0
/* poisonctl trial: plant poison, let a child meet it, judge the outcome. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "mech.h"
#include "out.h"
#include "trial.h"
#include "verbs.h"

static const char * const page_names[] = { "4K", "2M", NULL };

static const struct opt trial_opts[] = {
	OPTS_PLACE,
	OPT_MECHANISM_JUDGED,
	{ "access", 'a', OPT_CHOICE, FIELD(access), 0, "KIND",
	  "how the consumer meets it", access_names },
	{ "map", 'M', OPT_CHOICE, FIELD(map), 0, "KIND",
	  "kind of mapping", map_names },
	{ "page-size", 'p', OPT_CHOICE, FIELD(page), 0, "SIZE",
	  "size of the mapping of a file", page_names },
	{ "sync", 'S', OPT_FLAG, FIELD(sync), 0, NULL,
	  "map with MAP_SYNC", NULL },
	{ "signal", 's', OPT_CHOICE, FIELD(policy), 0, "POLICY",
	  "what the processes do about SIGBUS", policy_names },
	{ "when", 'w', OPT_CHOICE, FIELD(when), 0, "WHEN",
	  "map before or after the planting", when_names },
	{ "family", 'F', OPT_CHOICE, FIELD(family), 0, "NAME",
	  "expectations of this kernel family", family_names },
	{ "kmsg", 'k', OPT_FLAG, FIELD(kmsg), 0, NULL,
	  "report the kernel's lines too (with --json)", NULL },
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
	OPTS_COMMON,
};

static const struct column columns[] = {
	{ "TARGET", "target", COL_TEXT },
	{ "MECHANISM", "mechanism", COL_TEXT },
	{ "MAPPING", "mapping", COL_TEXT },
	{ "ACCESS", "access", COL_TEXT },
	{ "SIGNAL", "policy", COL_TEXT },
	{ "EXPECTED", "expected.text", COL_TEXT },
	{ "ACTUAL", "actual.text", COL_TEXT },
	{ "VERDICT", "verdict", COL_TEXT },
};

static int choose_family(int given, enum family *f)
{
	const char *env = getenv("POISONCTL_FAMILY");
	struct utsname u;
	int i;

	if (given != FAMILY_AUTO) {
		*f = (enum family)given;
		return EXIT_OK;
	}
	if (!env || !*env) {
		*f = uname(&u) ? FAMILY_61 : expect_family(u.release);
		return EXIT_OK;
	}
	for (i = 0; family_names[i]; i++)
		if (!strcmp(env, family_names[i])) {
			*f = (enum family)i;
			return EXIT_OK;
		}
	return complain(EXIT_USAGE, "unknown POISONCTL_FAMILY '%s'", env);
}

static void put_signal(json_object *o, const char *key,
		       const struct signal_info *s)
{
	json_object *sig;

	if (!s->code)
		return;
	sig = json_object_new_object();
	put_str(sig, "signal", "SIGBUS");
	put_str(sig, "code", signal_code_name(s->code));
	json_object_object_add(sig, "lsb", json_object_new_int(s->lsb));
	json_object_object_add(sig, "page_offset",
			       json_object_new_int64(s->off));
	json_object_object_add(o, key, sig);
}

static void put_listing(json_object *o, const char *key, enum listing l)
{
	if (l != LISTING_ANY)
		put_bool(o, key, l == LISTING_YES);
}

static json_object *outcome_json(const struct outcome *o)
{
	static const char * const data[] = {
		[DATA_OLD] = "as before",
		[DATA_NEW] = "as written",
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
	if (o->syscall) {
		put_u64(j, "bytes", o->bytes);
		if (o->err[0])
			put_str(j, "errno", strerrorname_np(o->err[0]));
		if (o->err[1])
			put_str(j, "errno_or", strerrorname_np(o->err[1]));
	}
	if (o->data != DATA_UNKNOWN)
		put_str(j, "data", data[o->data]);
	put_bool(j, "others_live", o->others_live);
	put_listing(j, "badblock", o->badblock);
	put_listing(j, "firmware_record", o->record);
	return j;
}

/* siginfo as it came, for those who want to see for themselves. */
static void put_raw(json_object *o, const char *who,
		    const struct signal_seen *s)
{
	json_object *sig;

	if (!s->signo)
		return;
	sig = json_object_new_object();
	put_u64(sig, "si_signo", (uint64_t)s->signo);
	json_object_object_add(sig, "si_code", json_object_new_int(s->code));
	put_u64(sig, "si_addr", s->addr);
	json_object_object_add(sig, "si_addr_lsb",
			       json_object_new_int(s->lsb));
	put_u64(sig, "pid", (uint64_t)s->pid);
	json_object_object_add(o, who, sig);
}

static void put_siginfo(json_object *j, const struct trial *tr)
{
	json_object *o = json_object_new_object();

	put_raw(o, "plant", &tr->consumer.plant);
	put_raw(o, "access", &tr->consumer.access);
	put_raw(o, "bystander", &tr->bystander.access);
	if (tr->consumer.base)
		put_u64(o, "mapping", tr->consumer.base);
	json_object_object_add(j, "siginfo", o);
}

static void mapping_text(const struct trial *tr, char *buf, size_t size)
{
	enum access_kind a = tr->s.access;

	if (tr->s.dev == DEV_BLOCK ||
	    (!tr->s.by_consumer && (a == ACCESS_READ || a == ACCESS_WRITE ||
				    a == ACCESS_WRITE_PART)))
		copy_name(buf, size, "none");
	else
		snprintf(buf, size, "%s %s%s %s", map_names[tr->s.map],
			 tr->s.map_shift == 12 ? "4K" :
			 tr->s.map_shift == 21 ? "2M" : "1G",
			 tr->sync ? " sync" : "", when_names[tr->s.when]);
}

static void report(struct trial *tr, const struct request *req, int rc)
{
	json_object *j = target_json(&tr->t);
	char mapping[48];

	mapping_text(tr, mapping, sizeof(mapping));
	put_str(j, "mechanism", tr->mech->name);
	put_str(j, "mapping", mapping);
	put_str(j, "access", access_names[tr->s.access]);
	put_str(j, "policy", policy_names[tr->s.policy]);
	put_str(j, "when", when_names[tr->s.when]);
	put_str(j, "family", family_names[tr->s.family]);
	put_str(j, "rule", tr->source);
	json_object_object_add(j, "expected", outcome_json(&tr->expected));
	json_object_object_add(j, "actual", outcome_json(&tr->actual));
	put_siginfo(j, tr);
	if (rc)
		put_str(j, "difference", tr->why);
	put_str(j, "verdict", rc ? exit_name(EXIT_WRONG) : "pass");
	if (req->kmsg)
		json_object_object_add(j, "kernel_log", tr->kernel_log);
	else
		json_object_put(tr->kernel_log);
	out_doc(j, columns, ARRAY_SIZE(columns));
	if (rc)
		complain(EXIT_WRONG, "wrong outcome: %s", tr->why);
}

static int run_trial(struct request *req)
{
	struct deadline d = deadline_in((unsigned int)req->deadline);
	struct trial tr = {
		.mech = mech_get((enum mechanism)req->mechanism),
		.sync = req->sync,
		.s.access = (enum access_kind)req->access,
		.s.map = (enum map_kind)req->map,
		.s.policy = (enum signal_policy)req->policy,
		.s.when = (enum map_when)req->when,
	};
	int rc;

	if (!req->target)
		return complain(EXIT_USAGE, "no target given");
	rc = choose_family(req->family, &tr.s.family);
	if (!rc)
		rc = target_resolve(req->target, &req->place, false, &tr.t);
	if (rc)
		return rc;
	if (!target_has_node(&tr.t)) {
		rc = complain(EXIT_UNSUPPORTED,
			"a trial needs a device or a file, which '%s' has not",
			req->target);
		target_free(&tr.t);
		return rc;
	}
	tr.access_off = target_dev_off(&tr.t, &tr.t.v[0]);
	rc = mech_prepare(tr.mech, &tr.t, req->yes_real_media, d);
	if (!rc)
		rc = trial_plan(&tr, req->page == 1);
	if (!rc) {
		rc = trial_run(&tr, d);
		if (rc == EXIT_OK || rc == EXIT_WRONG)
			report(&tr, req, rc);
		else
			json_object_put(tr.kernel_log);
	}
	target_free(&tr.t);
	return rc;
}

const struct verb verb_trial = {
	.name = "trial",
	.synopsis = "trial [options] <target>",
	.purpose = "Plant poison, let a child process meet it, judge the outcome",
	.opts = trial_opts,
	.n = ARRAY_SIZE(trial_opts),
	.flags = VERB_ADMIN | VERB_PLANTS,
	.run = run_trial,
};
