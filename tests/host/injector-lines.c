// SPDX-License-Identifier: GPL-2.0
/*
 * Events from lines of the kernel log or of trace_pipe on stdin, one JSON object
 * each:  injector-lines log|log-trace|trace
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "watch.h"

int main(int argc, char **argv)
{
	struct watch w = { .tell = out_line };
	char line[4096];

	out_set_json(true);
	if (argc != 2)
		return EXIT_USAGE;
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(argv[1], "trace"))
			watch_trace_line(&w, line);
		else
			watch_kmsg_line(&w, line, strcmp(argv[1], "log"));
	}
	free(w.results);
	return EXIT_OK;
}
