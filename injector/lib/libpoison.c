// SPDX-License-Identifier: GPL-2.0
/* The public interface: contexts, and what is behind the calls. */
#include <stdlib.h>
#include <string.h>

#include "clear.h"
#include "info.h"
#include "inject.h"
#include "intr.h"
#include "libpoison.h"
#include "list.h"
#include "machine.h"
#include "once.h"
#include "put.h"
#include "trial.h"

#define PUBLIC		__attribute__((visibility("default")))
#define DEADLINE_S	60

struct poison {
	struct report report;
	unsigned int deadline;	/* seconds */
	void (*tell)(void *arg, enum poison_talk kind, const char *text);
	void *arg;
};

struct poison_target {
	struct poison *p;
	struct place place;
	char name[];
};

_Static_assert((int)POISON_REFUSED == EXIT_REFUSED &&
	       (int)POISON_INTERRUPTED == EXIT_INTERRUPTED, "exit.h");
_Static_assert((int)POISON_NO_MEMORY == REPORT_NO_MEMORY, "report.h");

static void pass_on(void *arg, enum report_kind kind, const char *text)
{
	const struct poison *p = arg;

	if (p->tell)
		p->tell(p->arg, (enum poison_talk)kind, text);
}

PUBLIC struct poison *poison_new(void)
{
	struct poison *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->deadline = DEADLINE_S;
	p->report.tell = pass_on;
	p->report.arg = p;
	intr_listen();
	return p;
}

PUBLIC void poison_free(struct poison *p)
{
	free(p);
}

PUBLIC const char *poison_message(const struct poison *p)
{
	return p->report.text;
}

PUBLIC const char *poison_status_name(int status)
{
	return exit_name(status);
}

PUBLIC void poison_listen(struct poison *p,
			  void (*tell)(void *arg, enum poison_talk kind,
				       const char *text), void *arg)
{
	p->tell = tell;
	p->arg = arg;
}

PUBLIC void poison_set_deadline(struct poison *p, unsigned int seconds)
{
	p->deadline = seconds;
}

PUBLIC void poison_stop(int signo)
{
	intr_note(signo);
}

/* The report is the context's until end(). */
static struct report *begin(struct poison *p, char **json)
{
	p->report.text[0] = '\0';
	p->report.code = EXIT_OK;
	if (json)
		*json = NULL;
	return report_use(&p->report);
}

static int end(struct report *before, int rc, json_object *doc, char **json)
{
	if (doc && json) {
		put_schema(doc);
		*json = strdup(json_object_to_json_string_ext(doc,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
		if (!*json)
			no_memory();
	}
	json_object_put(doc);
	once_unlock();
	report_use(before);
	return rc;
}

/* What a killed program left is put back before anything is changed. */
static int may_change(const char *call, unsigned int flags)
{
	int rc = machine_check_admin(call);

	once_name(call);
	if (!rc && !(flags & POISON_DRY_RUN))
		once_recover();
	return rc;
}

PUBLIC int poison_target_new(struct poison *p, const char *name, uint64_t offset,
			     uint64_t length, struct poison_target **t)
{
	struct report *before = begin(p, NULL);
	size_t size = strlen(name) + 1;
	struct target look;
	int rc;

	*t = xrealloc(NULL, sizeof(**t) + size);
	memset(*t, 0, sizeof(**t));
	memcpy((*t)->name, name, size);
	(*t)->p = p;
	(*t)->place = (struct place){
		.offset_set = true,
		.offset = offset,
		.length_set = true,
		.length = length ? length : SECTOR,
	};
	rc = target_resolve((*t)->name, &(*t)->place, false, &look);
	if (!rc) {
		target_free(&look);
	} else {
		free(*t);
		*t = NULL;
	}
	return end(before, rc, NULL, NULL);
}

PUBLIC void poison_target_free(struct poison_target *t)
{
	free(t);
}

PUBLIC int poison_resolve(struct poison_target *t, char **json)
{
	struct report *before = begin(t->p, json);
	json_object *doc = NULL;
	struct target look;
	int rc = target_resolve(t->name, &t->place, false, &look);

	if (!rc) {
		doc = target_json(&look);
		target_free(&look);
	}
	return end(before, rc, doc, json);
}

PUBLIC int poison_list(struct poison *p, char **json)
{
	static const struct list_what all = {
		.badblocks = true, .injected = true, .hwpoison = true,
	};
	struct report *before = begin(p, json);
	json_object *doc;
	int rc = list_json(NULL, &all, &doc);

	return end(before, rc, doc, json);
}

PUBLIC int poison_mechanisms(struct poison *p, char **json)
{
	struct report *before = begin(p, json);
	json_object *list = json_object_new_array();
	int rc = info_mechanisms(list);

	return end(before, rc, list, json);
}

static int find_mech(const char *name, const struct mech **m)
{
	*m = name ? mech_find(name) : mech_at(0);
	return *m ? EXIT_OK :
	       complain(EXIT_USAGE, "unknown mechanism '%s'", name);
}

static struct mech_opts opts_of(unsigned int flags)
{
	return (struct mech_opts){
		.real_ok = flags & POISON_REAL_MEDIA,
		.fatal_ok = flags & POISON_FATAL,
		.shared_ok = flags & POISON_SHARED,
		.dry = flags & POISON_DRY_RUN,
	};
}

PUBLIC int poison_inject(struct poison_target *t, const char *mechanism,
			 const char *error, unsigned int flags, char **json)
{
	struct report *before = begin(t->p, json);
	struct injection in = {
		.name = t->name,
		.place = t->place,
		.o = opts_of(flags),
		.d = deadline_in(t->p->deadline),
	};
	json_object *doc = NULL;
	int rc = find_mech(mechanism, &in.mech);

	in.o.error = error;
	if (!rc)
		rc = may_change("inject", flags);
	if (!rc)
		rc = inject(&in, &doc);
	return end(before, rc, doc, json);
}

static struct clearing clearing_of(const struct poison *p, unsigned int flags)
{
	return (struct clearing){
		.zero = flags & POISON_ZERO,
		.punch = flags & POISON_PUNCH,
		.real_ok = flags & POISON_REAL_MEDIA,
		.shared_ok = flags & POISON_SHARED,
		.dry = flags & POISON_DRY_RUN,
		.d = deadline_in(p->deadline),
	};
}

PUBLIC int poison_repair(struct poison_target *t, unsigned int flags,
			 char **json)
{
	struct report *before = begin(t->p, json);
	struct clearing c = clearing_of(t->p, flags);
	json_object *doc = NULL;
	int rc = may_change("clear", flags);

	if (!rc)
		rc = clear_named(t->name, &t->place, &c, &doc);
	if (rc && doc)
		put_error(doc, rc);
	return end(before, rc, doc, json);
}

PUBLIC int poison_repair_all(struct poison *p, unsigned int flags, char **json)
{
	struct report *before = begin(p, json);
	struct clearing c = clearing_of(p, flags);
	json_object *doc = NULL;
	int rc = may_change("clear", flags);

	if (!rc)
		rc = clear_all(&c, &doc);
	return end(before, rc, doc, json);
}

static int find_access(const char *name, enum access_kind *access)
{
	int i;

	*access = ACCESS_DEFAULT;
	for (i = 0; name && access_names[i]; i++)
		if (!strcmp(access_names[i], name)) {
			*access = (enum access_kind)i;
			return EXIT_OK;
		}
	return name ? complain(EXIT_USAGE, "unknown access '%s'", name) :
		      EXIT_OK;
}

static int judge(struct trial *tr, struct deadline d, json_object **doc)
{
	int rc = trial_run(tr, d);

	if (rc == EXIT_OK || rc == EXIT_WRONG)
		*doc = trial_json(tr, rc, false);
	if (rc == EXIT_WRONG)
		complain(rc, "wrong outcome: %s", tr->why);
	return rc;
}

PUBLIC int poison_trial(struct poison_target *t, const char *mechanism,
			const char *access, unsigned int flags, char **json)
{
	struct report *before = begin(t->p, json);
	struct deadline d = deadline_in(t->p->deadline);
	struct mech_opts o = opts_of(flags);
	struct trial tr = {
		.fatal_ok = o.fatal_ok,
		.s.others = -1,
		.s.threads = 1,
	};
	json_object *doc = NULL;
	int rc = find_mech(mechanism, &tr.mech);

	if (!rc)
		rc = find_access(access, &tr.s.access);
	if (!rc)
		rc = trial_family(FAMILY_AUTO, &tr.s.family);
	if (!rc)
		rc = may_change("trial", flags);
	if (!rc)
		rc = trial_prepare(&tr, t->name, &t->place, &o, false, d);
	if (!rc && o.dry)
		doc = trial_planned_json(&tr);
	else if (!rc)
		rc = judge(&tr, d, &doc);
	trial_free(&tr);
	return end(before, rc, doc, json);
}
