// SPDX-License-Identifier: GPL-2.0
/*
 * Completion: verbs and options from their tables, targets from the machine.  The
 * scripts of the shells (poisonctl.bash, .zsh, .fish) know nothing of either.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complete.h"
#include "cxl.h"
#include "scrub.h"
#include "spaces.h"
#include "verbs.h"

/* The word that is being written, and how many were said to fit. */
struct completion {
	const char *word;
	size_t n;
};

static void say(struct completion *c, const char *head, const char *tail, const char *help)
{
	char text[256];

	snprintf(text, sizeof(text), "%s%s", head, tail);
	if (strncmp(text, c->word, strlen(c->word)))
		return;
	printf("%s%s%s\n", text, *help ? "\t" : "", help);
	c->n++;
}

static void say_verbs(struct completion *c)
{
	const struct verb *verb;
	size_t i;

	for (i = 0; (verb = verb_at(i)); i++)
		say(c, verb->name, "", verb->purpose);
}

static void say_first(struct completion *c)
{
	say_verbs(c);
	say(c, "help", "", "Print the verbs, or the options of one");
	say(c, "version", "", "Print the version");
	if (*c->word == '-') {
		say(c, "--help", "", "Print the verbs");
		say(c, "--version", "", "Print the version");
	}
}

static void say_options(struct completion *c, const struct opt_rows *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		say(c, "--", r->v[i].name, r->v[i].help);
}

static void say_processes(struct completion *c)
{
	DIR *dir = open_folder("/proc");
	struct dirent *e;
	char comm[32];

	while (dir && (e = readdir(dir))) {
		if (!isdigit((unsigned char)*e->d_name))
			continue;
		if (read_text(comm, sizeof(comm), "/proc/%s/comm", e->d_name) <= 0)
			*comm = '\0';
		comm[strcspn(comm, "\n\t")] = '\0';
		say(c, "pid:", e->d_name, comm);
	}
	if (dir)
		closedir(dir);
}

static void say_cxl(struct completion *c)
{
	const struct cxl_region *r;
	struct cxl_memdev *m;
	size_t n, i;

	if (cxl_memdevs(&m, &n))
		n = 0;
	for (i = 0; i < n; i++)
		say(c, m[i].name, ":", "address in a CXL memory device");
	free(m);
	if (cxl_regions(&r, &n))
		n = 0;
	for (i = 0; i < n; i++)
		say(c, r[i].name, ":", "offset in a CXL region");
}

static void say_targets(struct completion *c, bool buses)
{
	const struct nsinfo *v;
	char (*bus)[NAME_LEN];
	size_t n = 0, i;

	if (!strncmp(c->word, "pid:", 4)) {
		say_processes(c);
		return;
	}
	if (spaces_all(&v, &n))
		n = 0;
	for (i = 0; i < n; i++) {
		say(c, v[i].name, "", ns_mode_name(v[i].mode));
		if (*v[i].blockdev)
			say(c, v[i].blockdev, "", v[i].name);
		if (*v[i].daxdev && strcmp(v[i].daxdev, v[i].name))
			say(c, v[i].daxdev, "", v[i].name);
	}
	say_cxl(c);
	if (buses) {
		scrub_buses(&bus, &n);
		for (i = 0; i < n; i++)
			say(c, bus[i], "", "all of a bus");
		free(bus);
	}
	say(c, "pid:", "", "memory of a process");
	say(c, "spa:", "", "system physical address");
	say(c, "pfn:", "", "page frame");
	/* a word is a path only if it is none of these */
	if (!c->n || !*c->word)
		puts(COMPLETE_FILE);
}

static void say_columns(struct completion *c, const struct verb *verb, const char *head)
{
	char names[256], *name, *rest = names;

	table_names(verb->tables, verb->ntables, names, sizeof(names));
	while ((name = strsep(&rest, ",")))
		say(c, head, name, "");
}

static void say_values(struct completion *c, const struct verb *verb, const struct opt *o,
		       const char *head)
{
	size_t i;

	for (i = 0; o->choices && o->choices[i]; i++)
		say(c, head, o->choices[i], "");
	if (o->field == FIELD(table.columns))
		say_columns(c, verb, head);
	if (o->arg && !strcmp(o->arg, "FILE"))
		puts(COMPLETE_FILE);
	else if (o->arg && !strcmp(o->arg, "TARGET") && !*head)
		say_targets(c, false);
}

static const struct opt *long_row(const struct opt_rows *r, const char *name, size_t len)
{
	const struct opt *found = NULL;
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		if (strncmp(r->v[i].name, name, len))
			continue;
		if (!r->v[i].name[len])
			return &r->v[i];
		found = &r->v[i];
		n++;
	}
	return n == 1 ? found : NULL;
}

/* The option whose value the next word is; NULL: it is none's. */
static const struct opt *wants_value(const struct opt_rows *r, const char *word)
{
	const struct opt *o;

	if (!strncmp(word, "--", 2)) {
		o = strchr(word, '=') ? NULL : long_row(r, word + 2, strlen(word + 2));
		return o && o->type != OPT_FLAG ? o : NULL;
	}
	if (*word != '-')
		return NULL;
	while (*++word) {
		o = opts_by_letter(r, (unsigned char)*word);
		if (!o)
			return NULL;
		if (o->type != OPT_FLAG)
			return word[1] ? NULL : o;
	}
	return NULL;
}

/* @words: those behind the verb, the last one is c->word */
static void say_of_verb(struct completion *c, const struct verb *verb, int n, char **words)
{
	const struct opt *value = NULL;
	const char *end = strchr(c->word, '=');
	struct opt_rows r;
	char head[64];
	bool operands = false, command = false;
	int i;

	opts_rows(verb, &r);
	for (i = 0; i < n - 1; i++) {
		if (operands && verb->flags & VERB_COMMAND)
			command = true;
		if (value || operands)
			value = NULL;
		else if (*words[i] != '-' && verb->flags & VERB_COMMAND)
			operands = command = true;
		else if (!strcmp(words[i], "--"))
			operands = true;
		else
			value = wants_value(&r, words[i]);
	}
	if (value) {
		say_values(c, verb, value, "");
	} else if (!operands && end && !strncmp(c->word, "--", 2)) {
		value = long_row(&r, c->word + 2, (size_t)(end - c->word) - 2);
		snprintf(head, sizeof(head), "%.*s", (int)(end + 1 - c->word), c->word);
		if (value)
			say_values(c, verb, value, head);
	} else if (!operands && *c->word == '-') {
		say_options(c, &r);
	} else if (verb->flags & VERB_COMMAND) {
		puts(command ? COMPLETE_FILE : COMPLETE_COMMAND);
	} else if (strstr(verb->synopsis, "<target>")) {
		say_targets(c, verb->flags & VERB_BUS);
	}
}

void complete(int argc, char **argv)
{
	struct completion c = { .word = argc ? argv[argc - 1] : "" };
	const struct verb *verb;

	if (argc < 2) {
		say_first(&c);
	} else if (!strcmp(argv[0], "help")) {
		say_verbs(&c);
	} else {
		verb = verb_find(argv[0]);
		if (verb)
			say_of_verb(&c, verb, argc - 1, argv + 1);
	}
}
