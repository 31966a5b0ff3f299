// SPDX-License-Identifier: GPL-2.0
/* poisonctl - plant, find, repair and judge poison in persistent memory */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "out.h"
#include "verbs.h"

#ifndef POISONCTL_VERSION
#define POISONCTL_VERSION "0.1"
#endif

static const struct verb * const verbs[] = {
	&verb_clear,
	&verb_inject,
	&verb_list,
	&verb_trial,
};

static const struct verb *find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

static void help(void)
{
	size_t i;

	puts("Usage:\n"
	     " poisonctl <verb> [options] [<target>]\n"
	     " poisonctl help [<verb>]\n"
	     " poisonctl version\n\n"
	     "Plants, finds, repairs and judges poison in persistent memory.\n\n"
	     "Verbs:");
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		printf(" %-8s %s\n", verbs[i]->name, verbs[i]->purpose);
	puts("\nExit status:");
	for (i = EXIT_OK; i <= EXIT_REFUSED; i++)
		printf(" %zu  %s\n", i, exit_name((int)i));
}

static int unknown_verb(const char *name)
{
	return complain(EXIT_USAGE, "unknown verb '%s': see 'poisonctl help'",
			name);
}

static int help_on(const char *name)
{
	const struct verb *verb;

	if (!name) {
		help();
		return EXIT_OK;
	}
	verb = find_verb(name);
	if (!verb)
		return unknown_verb(name);
	opts_help(verb);
	return EXIT_OK;
}

static int run_verb(const char *name, int argc, char **argv)
{
	const struct verb *verb = find_verb(name);
	struct request req;
	int rc;

	if (!verb)
		return unknown_verb(name);
	rc = opts_parse(verb, argc, argv, &req);
	if (rc)
		return rc;
	if (req.help) {
		opts_help(verb);
		return EXIT_OK;
	}
	return verb->run(&req);
}

static int dispatch(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return complain(EXIT_USAGE, "no verb given: see 'poisonctl help'");
	if (!strcmp(word, "help") || !strcmp(word, "--help") ||
	    !strcmp(word, "-h"))
		return help_on(argc > 2 ? argv[2] : NULL);
	if (!strcmp(word, "version") || !strcmp(word, "--version")) {
		puts("poisonctl " POISONCTL_VERSION);
		return EXIT_OK;
	}
	return run_verb(word, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int i, rc;

	/* a reader that went away is noticed when stdout is closed */
	signal(SIGPIPE, SIG_IGN);
	/* known before anything is parsed: also bad options answer in JSON */
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "-j"))
			out_set_json(true);
	rc = dispatch(argc, argv);
	if (rc)
		out_error(rc);
	if (out_close())
		return complain(rc ? rc : EXIT_SETUP,
				"cannot write the result");
	return rc;
}
