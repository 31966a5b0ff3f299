// SPDX-License-Identifier: GPL-2.0
/* poisonctl who: whose bytes are these, and who maps them. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intr.h"
#include "out.h"
#include "verbs.h"
#include "who.h"

#define INPUT_MAX	(UINT64_C(16) << 20)	/* bytes: more than a kernel log has */
#define INPUT_STEP	65536
#define TARGET_MAX	4096

static const struct opt who_opts[] = {
	OPTS_PLACE,
	OPT_DEADLINE,
	OPTS_TABLE,
	OPTS_COMMON,
};

static const struct column columns[] = {
	{ "TARGET", "target", COL_TEXT },
	{ "SPA", "spa", COL_HEX },
	{ "NAMESPACE", "namespace", COL_TEXT },
	{ "BLOCK", "block", COL_NUMBER },
	{ "USE", "use", COL_TEXT },
	{ "FILE", "file", COL_TEXT },
	{ "INODE", "inode", COL_NUMBER },
	{ "OFFSET", "offset", COL_NUMBER },
	{ "LENGTH", "length", COL_SIZE },
	{ "LOAD", "if_consumed.load", COL_TEXT },
	{ "READ", "if_consumed.read", COL_TEXT },
	{ "MAPPED BY", "mapped_by", COL_TEXT },
};

static bool is_stdin(const struct request *req)
{
	return req->target && !strcmp(req->target, "-");
}

static int check_words(const struct request *req)
{
	const struct place *p = &req->place;

	if (is_stdin(req) && (p->block_set || p->offset_set || p->length_set))
		return complain(EXIT_USAGE, "'-' takes targets and places from its lines");
	return EXIT_OK;
}

/* For people: "PID:ADDRESS" of each, and who is told early. */
static void put_mapped(json_object *row)
{
	json_object *list, *p, *v;
	char text[256] = "";
	size_t i, n = 0;

	if (!json_object_object_get_ex(row, "processes", &list))
		return;
	for (i = 0; i < json_object_array_length(list) && n < sizeof(text) - 56; i++) {
		p = json_object_array_get_idx(list, i);
		json_object_object_get_ex(p, "address", &v);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%" PRId64 ":%#" PRIx64 "%s",
			i ? " " : "",
			json_object_get_int64(json_object_object_get(p, "pid")),
			(uint64_t)json_object_get_int64(v),
			json_object_get_boolean(json_object_object_get(p, "early_kill")) ?
			" early" : "");
	}
	if (i < json_object_array_length(list))
		snprintf(text + n, sizeof(text) - n, " ...");
	if (n)
		put_str(row, "mapped_by", text);
}

/* All of stdin, which must end in time. */
static int read_input(struct deadline d, char **text)
{
	size_t n = 0;
	ssize_t got = 1;
	int rc;

	*text = NULL;
	while (got && n < INPUT_MAX) {
		*text = xrealloc(*text, n + INPUT_STEP + 1);
		rc = intr_wait(STDIN_FILENO, POLLIN, &d);
		if (!rc)
			return complain(EXIT_TIMEOUT, "stdin did not end in time");
		got = rc < 0 ? rc : read(STDIN_FILENO, *text + n, INPUT_STEP);
		if (got < 0)
			return complain(EXIT_SETUP, "cannot read stdin: %s",
					strerror(rc < 0 ? -rc : errno));
		n += (size_t)got;
	}
	if (got)
		return complain(EXIT_USAGE, "more than %" PRIu64 " bytes on stdin", INPUT_MAX);
	(*text)[n] = '\0';
	return EXIT_OK;
}

static int add_target(const char *name, const struct place *place, struct who_list *w,
		      json_object *list)
{
	int rc = who_target(name, place, w);

	who_json(w, list);
	who_free(w);
	return rc;
}

/* Many lines of the log are about the same page, which is told once. */
static int each_line(char *text, struct who_list *w, json_object *list)
{
	json_object *seen = json_object_new_object(), *row;
	char name[TARGET_MAX], key[TARGET_MAX + 32], *line, *rest;
	size_t done = 0, failed = 0;
	int first = EXIT_OK, rc;
	struct place place;

	for (line = strtok_r(text, "\n", &rest); line && !interrupted();
	     line = strtok_r(NULL, "\n", &rest)) {
		if (!who_line(line, name, sizeof(name), &place))
			continue;
		snprintf(key, sizeof(key), "%s %" PRIu64, name, place.block);
		if (json_object_object_get_ex(seen, key, NULL))
			continue;
		put_bool(seen, key, true);
		rc = add_target(name, &place, w, list);
		done++;
		if (!rc)
			continue;
		failed++;
		first = first ? first : rc;
		row = json_object_new_object();
		put_str(row, "target", name);
		put_error(row, rc);
		json_object_array_add(list, row);
	}
	json_object_put(seen);
	if (interrupted())
		return complain(EXIT_TIMEOUT, "interrupted");
	if (!done)
		return complain(EXIT_USAGE, "no line of stdin names an address or a target");
	if (failed && done > 1)
		complain(EXIT_PARTLY, "%zu of %zu lines failed", failed, done);
	return failed && failed < done ? EXIT_PARTLY : first;
}

static int run_who(struct request *req)
{
	struct deadline d = deadline_in((unsigned int)req->deadline);
	json_object *list = json_object_new_array();
	struct who_list w = { 0 };
	char *text = NULL;
	size_t i, n;
	int rc;

	if (is_stdin(req)) {
		rc = read_input(d, &text);
		if (!rc)
			rc = each_line(text, &w, list);
		free(text);
	} else {
		rc = add_target(req->target, &req->place, &w, list);
	}
	n = json_object_array_length(list);
	for (i = 0; i < n && !req->json; i++)
		put_mapped(json_object_array_get_idx(list, i));
	/* a result in part is one, and an error has a document of its own */
	if (n && (!rc || rc == EXIT_PARTLY))
		out_doc(list, columns, ARRAY_SIZE(columns));
	else
		json_object_put(list);
	return rc;
}

static const struct table tables[] = { TABLE(columns) };

static const struct verb verb_who = {
	.name = "who",
	.synopsis = "who [options] <target>\n poisonctl who [options] -",
	.purpose = "Whose bytes are these, and who maps them",
	.opts = who_opts,
	.n = ARRAY_SIZE(who_opts),
	.tables = tables,
	.ntables = ARRAY_SIZE(tables),
	.flags = VERB_ADMIN | VERB_TARGET,
	.check = check_words,
	.run = run_who,
};

VERB(verb_who)
