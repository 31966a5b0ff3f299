// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the cases, or those that are named, each in a process of its own: what one
 * leaves behind, or dies of, is no other's.  A case that hangs is a lost wake-up: an
 * alarm ends it.  Says nothing of a case but TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"

#define LIMIT	5	/* seconds that a case may take that is no play */

static const struct CMUnitTest cases[] = {
#define CASE(name) cmocka_unit_test(name),
#include "list.h"
#undef CASE
};

/* A sanitizer's finding is the end of the case. */
const char *__tsan_default_options(void)
{
	return "halt_on_error=1";
}

void new_world(void)
{
	new_device();
	new_filesystem();
	memset(&shim_calls, 0, sizeof(shim_calls));
	shim_warnings = 0;
}

static int begin(void **state)
{
	new_world();
	*state = new_mapping();
	alarm(LIMIT);
	return 0;
}

/* Nothing may be left of a mapping whose entries are all gone. */
static int end(void **state)
{
	struct address_space *mapping = *state;

	alarm(0);
	if (mapping && (mapping->nrpages || !xa_empty(&mapping->i_pages)))
		return -1;
	if (mapping)
		free_mapping(mapping);
	return shim_nodes || shim_allocations ? -1 : 0;
}

static bool wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc == 1;
}

/* Run a case with its words kept in @out; 0 if it is well. */
static int run(const struct CMUnitTest *what, FILE *out)
{
	struct CMUnitTest one = *what;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		one.setup_func = begin;
		one.teardown_func = end;
		dup2(fileno(out), STDOUT_FILENO);
		dup2(fileno(out), STDERR_FILENO);
		status = _cmocka_run_group_tests(one.name, &one, 1, NULL, NULL);
		fflush(stdout);
		fflush(stderr);
		_exit(status ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static void tell(FILE *out)
{
	char line[512];

	rewind(out);
	while (fgets(line, sizeof(line), out))
		printf("# %s", line);
}

int main(int argc, char **argv)
{
	unsigned int i, n = 0;
	int rc = 0;

	cmocka_set_message_output(CM_OUTPUT_STDOUT);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		FILE *out;

		if (!wanted(cases[i].name, argc, argv))
			continue;
		out = tmpfile();
		if (!out)
			return 1;
		if (!run(&cases[i], out)) {
			printf("ok %u - %s\n", ++n, cases[i].name);
		} else {
			tell(out);
			printf("not ok %u - %s\n", ++n, cases[i].name);
			rc = 1;
		}
		fclose(out);
	}
	return n ? rc : 2;
}
