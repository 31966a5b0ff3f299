// SPDX-License-Identifier: GPL-2.0
/*
 * poison-round NAMESPACE OFFSET: poison 512 bytes, see them, and repair them.
 *
 *	cc poison-round.c $(pkg-config --cflags --libs libpoison)
 */
#include <libpoison.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_stderr(void *arg, enum poison_talk kind, const char *text)
{
	(void)arg;
	if (kind == POISON_NOTE)
		fprintf(stderr, "note: %s\n", text);
}

static int failed(const struct poison *p, const char *what, int status)
{
	fprintf(stderr, "%s: %s (%s)\n", what, poison_message(p),
		poison_status_name(status));
	return status;
}

static int step(const struct poison *p, const char *what, int status, char *json)
{
	if (status)
		failed(p, what, status);
	else
		printf("%s: %s\n", what, json && strstr(json, "\"state\":\"planted\"") ?
		       "it is there" : "done");
	free(json);
	return status;
}

static int plant_and_repair(struct poison *p, struct poison_target *t)
{
	char *json;
	int status = poison_inject(t, "dsm-latent", NULL, 0, &json);

	if (step(p, "inject", status, json))
		return status;
	status = poison_repair(t, 0, &json);
	return step(p, "repair", status, json);
}

int main(int argc, char **argv)
{
	struct poison_target *t;
	struct poison *p;
	int status;

	if (argc != 3) {
		fprintf(stderr, "usage: poison-round NAMESPACE OFFSET\n");
		return POISON_USAGE;
	}
	p = poison_new();
	if (!p)
		return POISON_FAILED;
	signal(SIGINT, poison_stop);
	poison_listen(p, on_stderr, NULL);
	status = poison_target_new(p, argv[1], strtoull(argv[2], NULL, 0), 0, &t);
	if (status) {
		failed(p, argv[1], status);
	} else {
		status = plant_and_repair(p, t);
		poison_target_free(t);
	}
	poison_free(p);
	return status;
}
