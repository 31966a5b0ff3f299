// SPDX-License-Identifier: GPL-2.0
/*
 * One call of libpoison: injector-call CALL [NAME OFFSET [WORD [WORD]]]; its result goes
 * to stdout, what it says to stderr, and its status is the exit status.  Dry runs only.
 */
#include <libpoison.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hear(void *arg, enum poison_talk kind, const char *text)
{
	fprintf(stderr, "%s%d %s\n", (const char *)arg, kind, text);
}

static int on_target(struct poison_target *t, const char *call, char **words,
		     char **json)
{
	const char *second = words[0] ? words[1] : NULL;

	if (!strcmp(call, "resolve"))
		return poison_resolve(t, json);
	if (!strcmp(call, "inject"))
		return poison_inject(t, words[0], second, POISON_DRY_RUN, json);
	if (!strcmp(call, "repair"))
		return poison_repair(t, POISON_DRY_RUN, json);
	return poison_trial(t, words[0], second, POISON_DRY_RUN, json);
}

static int on_all(struct poison *p, const char *call, char **json)
{
	if (!strcmp(call, "stopped"))
		poison_stop(SIGINT);
	if (!strcmp(call, "list") || !strcmp(call, "stopped"))
		return poison_list(p, json);
	if (!strcmp(call, "mechanisms"))
		return poison_mechanisms(p, json);
	return poison_repair_all(p, POISON_DRY_RUN, json);
}

int main(int argc, char **argv)
{
	struct poison *p = poison_new();
	struct poison_target *t;
	char *json = NULL;
	int status;

	if (!p || argc < 2)
		return 99;
	poison_listen(p, hear, "heard ");
	poison_set_deadline(p, 5);
	if (argc < 4) {
		status = on_all(p, argv[1], &json);
	} else {
		status = poison_target_new(p, argv[2], strtoull(argv[3], NULL, 0),
					   0, &t);
		if (!status) {
			status = on_target(t, argv[1], argv + 4, &json);
			poison_target_free(t);
		}
	}
	fprintf(stderr, "message %s\n", poison_message(p));
	if (json)
		puts(json);
	free(json);
	poison_free(p);
	return status;
}
