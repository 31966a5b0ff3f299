/* SPDX-License-Identifier: GPL-2.0 */
/* Run a program of the user's among poison, and tell what happened. */
#ifndef POISONCTL_RUN_H
#define POISONCTL_RUN_H

#include <json-c/json.h>
#include <stdbool.h>

#include "command.h"
#include "inject.h"
#include "relay.h"
#include "watch.h"

/* The kernel's list of a namespace. */
struct lists {
	const struct nsinfo *ns;
	struct ranges before;		/* anything was planted */
	struct ranges after;		/* the command, and before the repair */
	int err[2];			/* -errno of reading these two */
	bool cut;			/* sysfs does not show all of one */
};

struct run {
	/* given */
	char **argv;			/* of the command, ended by NULL */
	bool sigpipe_ignored;		/* the command starts so */
	bool stdout_is_ours;		/* the command's goes to stderr */
	struct injection *v;		/* what is planted; no deadlines */
	size_t n;
	const char *marker;		/* planted when a line of it has this; or NULL */
	bool after_set;
	unsigned int after;		/* seconds from the start, or from the marker */
	unsigned int timeout;		/* seconds for the command; 0: none */
	unsigned int deadline;		/* seconds, of each wait of the library */
	bool keep;			/* what was planted stays */
	bool real_ok;
	bool dry;
	/* found */
	struct command c;
	struct relay relay;
	struct watch w;
	struct family_tree *tree;
	bool traced;			/* by tracepoints, not by the log alone */
	bool deaf;			/* the log does not tell, as it cannot be read */
	struct lists *lists;
	size_t n_lists;
	struct ranges where;		/* what may be in */
	json_object *planted;
	json_object *repair;		/* NULL: nothing was repaired */
	json_object *log;		/* lines of the kernel; NULL: not readable */
	int unlisted;			/* -errno: it is not known which lists there are */
	bool started;
	bool begun;			/* the planting */
	bool timed_out;
	bool repaired;			/* what was planted is good again */
	bool hangs;			/* killed, and does not go away */
	int failed;			/* exit code of the first failure of our own */
	char why[512];			/* its message */
};

/**
 * run() - plant, run the command, watch, repair
 * @doc: receives the result, if there is one
 *
 * Signals that come while the command runs are passed on to its process group.  One
 * that comes earlier ends it before the command is started; what was planted is
 * repaired then.  One that comes later ends what is under way, as everywhere.
 *
 * Return: the status of the command, EXIT_INTERRUPTED plus the signal that it died of;
 * EXIT_RUN_TIMEOUT, EXIT_RUN, EXIT_RUN_CANNOT, EXIT_RUN_MISSING, or EXIT_INTERRUPTED
 * plus the signal of this process, after a complaint.
 */
int run(struct run *r, json_object **doc);

#endif
