// SPDX-License-Identifier: GPL-2.0
/* poisonctl run: a program of the user's among poison, and what happened. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "intr.h"
#include "leftover.h"
#include "out.h"
#include "plant.h"
#include "run.h"
#include "signals.h"
#include "verbs.h"

#define SECONDS_MAX	UINT64_C(31536000)	/* a year */
#define WORDS_MAX	32

struct run_request {
	union {
		struct request r;
		struct plant_request plant;
	};
	struct texts poison;
	const char *marker;
	uint64_t after;
	bool after_set;
	uint64_t timeout;
	bool timeout_set;
	bool keep;
	const char *report;	/* a file */
};

#define RUN_FIELD(f)	offsetof(struct run_request, f)

static const struct opt run_opts[] = {
	{ "poison", 0, OPT_TEXTS, RUN_FIELD(poison), 0, "TARGET",
	  "plant poison there; with options of its own", NULL },
	{ "after", 0, OPT_SIZE, RUN_FIELD(after), RUN_FIELD(after_set), "SECONDS",
	  "from the start or the marker on (before)", NULL },
	{ "marker", 0, OPT_TEXT, RUN_FIELD(marker), 0, "TEXT",
	  "when a line of the command's output has it", NULL },
	{ "timeout", 0, OPT_SIZE, RUN_FIELD(timeout), RUN_FIELD(timeout_set),
	  "SECONDS", "end the command after this time (never)", NULL },
	{ "keep", 0, OPT_FLAG, RUN_FIELD(keep), 0, NULL,
	  "what was planted stays", NULL },
	{ "report", 0, OPT_TEXT, RUN_FIELD(report), 0, "FILE",
	  "the result goes there (stdout)", NULL },
	OPTS_PLANT,
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
	OPT_SHARED(struct plant_request),
	OPTS_TABLE,
	OPTS_COMMON,
};

/* A poison says more than the command line does, about itself alone. */
static const struct opt poison_opts[] = {
	OPTS_PLANT,
	OPT_REAL_MEDIA,
	OPT_SHARED(struct plant_request),
};

static const struct verb poison_words = {
	.name = "run",
	.opts = poison_opts,
	.n = ARRAY_SIZE(poison_opts),
	.flags = VERB_TARGET,
	.size = REQUEST_SIZE(struct plant_request),
};

static const struct column columns[] = {
	{ "COMMAND", "command_text", COL_TEXT },
	{ "ENDED", "ended", COL_TEXT },
	{ "PLANTED", "planted", COL_COUNT },
	{ "SIGNALS", "signals_text", COL_TEXT },
	{ "FAILURES", "memory_failures", COL_NUMBER },
	{ "BADBLOCKS", "badblocks_text", COL_TEXT },
	{ "LOST", "bytes_lost", COL_SIZE },
	{ "STATE", "state", COL_TEXT },
};

static int check_seconds(const char *name, uint64_t v, uint64_t min)
{
	if (v >= min && v <= SECONDS_MAX)
		return EXIT_OK;
	return complain(EXIT_USAGE, "--%s is '%" PRIu64 "', must be %" PRIu64
			" to %" PRIu64 " seconds", name, v, min, SECONDS_MAX);
}

static int check_words(const struct request *req)
{
	const struct run_request *own = (const void *)req;
	int rc = EXIT_OK;

	if ((own->after_set || own->marker || own->keep) && !own->poison.n)
		return complain(EXIT_USAGE,
			"--after, --marker and --keep are nothing without --poison");
	if (own->marker && (!*own->marker || strchr(own->marker, '\n') ||
			    strlen(own->marker) > MARKER_MAX))
		return complain(EXIT_USAGE, "--marker must be part of a line, of 1 to %d bytes",
				MARKER_MAX);
	if (own->after_set)
		rc = check_seconds("after", own->after, 0);
	if (!rc && own->timeout_set)
		rc = check_seconds("timeout", own->timeout, 1);
	return rc;
}

/*
 * One --poison: words as in a line of a batch.  @in refers to @text and @req, which
 * stay.
 */
static int read_poison(const struct run_request *own, char *text,
		       struct request **req, struct injection *in)
{
	char *words[WORDS_MAX + 1];
	int n = batch_split(text, words + 1, WORDS_MAX - 1), rc;

	if (n < 0)
		return complain(EXIT_USAGE, n == -E2BIG ? "too many words in a --poison" :
				"nothing follows the backslash of a --poison");
	words[0] = (char *)poison_words.name;
	words[n + 1] = NULL;
	*req = opts_request(&poison_words, &own->r);
	(*req)->table = (struct table_style){ 0 };
	rc = opts_parse(&poison_words, n + 1, words, *req);
	if (!rc)
		*in = plant_injection((const struct plant_request *)*req);
	return rc;
}

/* What a table has is one row of short words. */
static void add_text(char *text, size_t size, const char *part)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, "%s%s", n ? " " : "", part);
}

static uint64_t sectors(json_object *lists, const char *key)
{
	uint64_t sum = 0;
	size_t i, k;

	for (i = 0; i < json_object_array_length(lists); i++) {
		json_object *v = json_object_object_get(
			json_object_array_get_idx(lists, i), key);

		for (k = 0; k < json_object_array_length(v); k++)
			sum += json_object_get_uint64(json_object_object_get(
				json_object_array_get_idx(v, k), "length"));
	}
	return sum;
}

/* Is it known of all of them? */
static bool are_known(json_object *lists, const char *key)
{
	size_t i;

	for (i = 0; i < json_object_array_length(lists); i++)
		if (!json_object_object_get(json_object_array_get_idx(lists, i), key))
			return false;
	return true;
}

static void put_signals(json_object *doc)
{
	json_object *list = json_object_object_get(doc, "signals"), *s, *code;
	char text[256] = "", one[128];
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		s = json_object_array_get_idx(list, i);
		code = json_object_object_get(s, "code");
		snprintf(one, sizeof(one), "%s%s%s to %s:%" PRIu64,
			 json_object_get_string(json_object_object_get(s, "signal")),
			 code ? " " : "", code ? json_object_get_string(code) : "",
			 json_object_get_string(json_object_object_get(s, "comm")),
			 json_object_get_uint64(json_object_object_get(s, "pid")));
		if (strlen(text) + strlen(one) + 6 < sizeof(text)) {
			add_text(text, sizeof(text), one);
			continue;
		}
		add_text(text, sizeof(text), "...");
		break;
	}
	if (*text)
		put_str(doc, "signals_text", text);
}

static void put_texts(json_object *doc)
{
	json_object *words = json_object_object_get(doc, "command"), *v;
	char text[256] = "";
	size_t i;

	for (i = 0; i < json_object_array_length(words); i++)
		add_text(text, sizeof(text), json_object_get_string(
			json_object_array_get_idx(words, i)));
	put_str(doc, "command_text", text);
	if (json_object_object_get_ex(doc, "killed_by", &v))
		snprintf(text, sizeof(text), "signal %d", json_object_get_int(v));
	else if (json_object_object_get_ex(doc, "exit_status", &v))
		snprintf(text, sizeof(text), "status %d", json_object_get_int(v));
	else
		snprintf(text, sizeof(text), "not started");
	put_str(doc, "ended", text);
	if (json_object_object_get_ex(doc, "badblocks", &v) && v &&
	    are_known(v, "before") && are_known(v, "after")) {
		snprintf(text, sizeof(text), "%" PRIu64 " -> %" PRIu64, sectors(v, "before"),
			 sectors(v, "after"));
		put_str(doc, "badblocks_text", text);
	}
	if (json_object_object_get_ex(doc, "signals", &v) && v)
		put_signals(doc);
}

/* From here on what is printed goes to the file. */
static int switch_to(int fd, const char *path)
{
	fflush(stdout);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) >= 0)
		return EXIT_OK;
	return complain(EXIT_SETUP, "cannot write '%s': %s", path, strerror(errno));
}

static int run_all(struct run *r, const struct run_request *own, int fd)
{
	json_object *doc = NULL;
	int rc = run(r, &doc), err;

	err = switch_to(fd, own->report);
	if (doc && !own->r.json)
		put_texts(doc);
	if (doc)
		out_doc(doc, columns, ARRAY_SIZE(columns));
	else
		out_error(r->failed, NULL);
	/* what is left of it, be it meant or not */
	if (r->begun && (r->keep || r->failed) && !interrupted())
		json_object_put(leftover_report());
	return err ? EXIT_RUN : rc;
}

/* Before anything else can fail, so that no older result is taken for this one. */
static int open_report(const struct run_request *own, int *fd)
{
	*fd = -1;
	if (!own->report || own->r.dry_run)
		return EXIT_OK;
	*fd = open(own->report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return *fd >= 0 ? EXIT_OK : complain(EXIT_SETUP, "cannot open '%s': %s",
					     own->report, strerror(errno));
}

static int with_poison(struct run *r, const struct run_request *own)
{
	char *texts[TEXTS_MAX] = { NULL };
	struct request *reqs[TEXTS_MAX] = { NULL };
	struct injection v[TEXTS_MAX];
	size_t i, n = own->poison.n;
	int fd, rc = open_report(own, &fd);

	for (i = 0; i < n && !rc; i++) {
		texts[i] = strdup(own->poison.v[i]);
		if (!texts[i])
			no_memory();
		rc = read_poison(own, texts[i], &reqs[i], &v[i]);
		r->real_ok = r->real_ok || (!rc && v[i].o.real_ok);
	}
	r->v = v;
	r->n = n;
	if (rc) {
		switch_to(fd, own->report);
		out_error(rc, NULL);
	}
	rc = rc ? EXIT_RUN : run_all(r, own, fd);
	if (fd >= 0)
		close(fd);
	for (i = 0; i < n; i++) {
		free(reqs[i]);
		free(texts[i]);
	}
	return rc;
}

static int run_run(struct request *req)
{
	const struct run_request *own = (const void *)req;
	struct run r = {
		.argv = req->command,
		.sigpipe_ignored = signals_pipe_ignored(),
		/* a reader of JSON gets nothing else */
		.stdout_is_ours = req->json && !own->report,
		.marker = own->marker,
		.after_set = own->after_set,
		.after = (unsigned int)own->after,
		.timeout = (unsigned int)own->timeout,
		.deadline = (unsigned int)req->deadline,
		.keep = own->keep,
		.real_ok = req->yes_real_media,
		.dry = req->dry_run,
	};

	return with_poison(&r, own);
}

static const struct table tables[] = { TABLE(columns) };

static const struct verb verb_run = {
	.name = "run",
	.synopsis = "run [options] [--poison <target>]... [--] <command> [<argument>...]",
	.purpose = "Run a program among poison, and say what happened",
	.opts = run_opts,
	.n = ARRAY_SIZE(run_opts),
	.tables = tables,
	.ntables = ARRAY_SIZE(tables),
	.flags = VERB_ADMIN | VERB_PLANTS | VERB_COMMAND,
	.size = REQUEST_SIZE(struct run_request),
	.check = check_words,
	.run = run_run,
};

VERB(verb_run)
