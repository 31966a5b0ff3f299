// SPDX-License-Identifier: GPL-2.0
/* poisonctl - plant, find, repair and judge poison in persistent memory */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complete.h"
#include "intr.h"
#include "leftover.h"
#include "machine.h"
#include "once.h"
#include "out.h"
#include "signals.h"
#include "talk.h"
#include "verbs.h"

/* What runs: only a verb that may plant has something to leave behind. */
static const struct verb *verb_run;

/* It has a line after the other, and some may be done when it gives up. */
static bool batch_runs;

static void help(void)
{
	const struct verb *verb;
	size_t i;

	puts("Usage:\n"
	     " poisonctl <verb> [options] [<target>]\n"
	     " poisonctl help [<verb>]\n"
	     " poisonctl version [--json]\n\n"
	     "Plants, finds, repairs and judges poison in persistent memory.\n\n"
	     "Verbs:");
	for (i = 0; (verb = verb_at(i)); i++)
		printf(" %-8s %s\n", verb->name, verb->purpose);
	puts("\nExit status:");
	for (i = EXIT_OK; i <= EXIT_REFUSED; i++)
		printf(" %zu  %s\n", i, exit_name((int)i));
	puts(" 128+N  interrupted by signal N");
}

static int unknown_verb(const char *name)
{
	return complain(EXIT_USAGE, "unknown verb '%s': see 'poisonctl help'",
			name);
}

static int version(void)
{
	json_object *doc;

	if (!out_is_json()) {
		puts("poisonctl " POISONCTL_VERSION);
		return EXIT_OK;
	}
	doc = json_object_new_object();
	put_str(doc, "version", POISONCTL_VERSION);
	out_doc(doc, NULL, 0);
	return EXIT_OK;
}

static int help_on(const char *name)
{
	const struct verb *verb;

	if (!name) {
		help();
		return EXIT_OK;
	}
	verb = verb_find(name);
	if (!verb)
		return unknown_verb(name);
	opts_help(verb);
	return EXIT_OK;
}

static int check_privilege(const struct verb *verb, const struct request *req)
{
	return verb->flags & VERB_ADMIN && !req->help ?
		machine_check_admin(verb->name) : EXIT_OK;
}

static int run_request(const struct verb *verb, struct request *req)
{
	int rc;

	if (req->help) {
		opts_help(verb);
		return EXIT_OK;
	}
	verb_run = verb;
	batch_runs = req->batch || req->until_set;
	out_set_style(&req->table);
	once_name(verb->name);
	if (verb->flags & VERB_PLANTS && !req->dry_run)
		once_recover();
	rc = verb->run(req);
	once_unlock();
	return rc;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	struct request *req = opts_request(verb, NULL);
	int rc;

	/* known before anything is parsed: also bad options answer in JSON */
	out_set_json(opts_json(verb, argc, argv));
	rc = opts_parse(verb, argc, argv, req);
	if (!rc)
		rc = check_privilege(verb, req);
	if (rc && verb->flags & VERB_COMMAND) {
		/* the document has the code, and the status is not the command's */
		out_error(rc, NULL);
		rc = EXIT_RUN;
	} else if (!rc) {
		rc = run_request(verb, req);
	}
	free(req);
	return rc;
}

static int dispatch(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct verb *verb;

	if (!word)
		return complain(EXIT_USAGE, "no verb given: see 'poisonctl help'");
	if (!strcmp(word, "help") || !strcmp(word, "--help") ||
	    !strcmp(word, "-h"))
		return help_on(argc > 2 ? argv[2] : NULL);
	if (!strcmp(word, "version") || !strcmp(word, "--version") ||
	    !strcmp(word, "-V"))
		return version();
	if (!strcmp(word, "complete")) {
		complete(argc - 2, argv + 2);
		return EXIT_OK;
	}
	verb = verb_find(word);
	if (!verb)
		return unknown_verb(word);
	return run_verb(verb, argc - 1, argv + 1);
}

static bool may_have_planted(void)
{
	return verb_run && verb_run->flags & VERB_PLANTS;
}

/*
 * A wait that a signal ended looks like a timeout to the verb; what it says of
 * it is not what happened.
 */
static int after_signal(void)
{
	json_object *left = may_have_planted() ? leftover_report() : NULL;
	int rc = EXIT_INTERRUPTED + interrupted();

	out_error(rc, left);
	return rc;
}

/*
 * The result is lost if stdout cannot take it: a full disk, or a reader that
 * went away (SIGPIPE is ignored).  That reader has seen what it wanted (as
 * util-linux has it), unless it was to be told of poison.
 */
static int close_output(int rc)
{
	int err = out_close();

	if (!err || (err == -EPIPE && !may_have_planted()))
		return rc;
	rc = complain(verb_run && verb_run->flags & VERB_COMMAND ? EXIT_RUN :
		      rc ? rc : EXIT_SETUP, "cannot write the result: %s",
		      strerror(-err));
	if (may_have_planted() && !interrupted())
		json_object_put(leftover_report());
	return rc;
}

/*
 * What is opened first would take the place of a closed descriptor, and messages
 * would go into it.  Each gets the wrong direction, so that a result which nobody
 * can read is an error still.
 */
static void fill_descriptors(void)
{
	static const int way[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	int fd;

	for (fd = 0; fd < (int)ARRAY_SIZE(way); fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", way[fd]) != fd)
			_exit(EXIT_SETUP);
}

int main(int argc, char **argv)
{
	int i, rc;

	fill_descriptors();
	talk_start();
	signals_catch();
	/* where there is no verb that knows its options */
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "-j"))
			out_set_json(true);
	rc = dispatch(argc, argv);
	if (rc && interrupted())
		rc = after_signal();
	else if (rc)
		out_error(rc, rc == EXIT_TIMEOUT && batch_runs ?
				leftover_report() : NULL);
	rc = close_output(rc);
	/* of a signal that was not meant for the command of a run */
	if (rc > EXIT_INTERRUPTED && interrupted())
		signals_obey();
	return rc;
}
