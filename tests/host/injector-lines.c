// SPDX-License-Identifier: GPL-2.0
/*
 * Events from lines of the kernel log or of trace_pipe on stdin, one JSON object
 * each:  injector-lines log|log-trace|trace|tree; with tree process 77 is the root of one
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "family-tree.h"
#include "out.h"
#include "watch.h"

int main(int argc, char **argv)
{
	/* big, and zeroes */
	static struct family_tree tree = { .known = true, .root = 77 };
	struct watch w = { .tell = out_line };
	char line[4096];

	out_set_json(true);
	if (argc != 2)
		return EXIT_USAGE;
	if (!strcmp(argv[1], "tree"))
		w.tree = &tree;
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(argv[1], "trace") || w.tree)
			watch_trace_line(&w, line);
		else
			watch_kmsg_line(&w, line, strcmp(argv[1], "log"));
	}
	free(w.results);
	return EXIT_OK;
}
