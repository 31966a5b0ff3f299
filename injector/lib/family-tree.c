// SPDX-License-Identifier: GPL-2.0
/* A process and all that descends from it, and the signals that are sent to it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "family-tree.h"
#include "put.h"
#include "watch.h"

bool tree_has(const struct family_tree *tree, uint64_t tid)
{
	return tree->root && (tid == (uint64_t)tree->root ||
	       (tid < TREE_TIDS && tree->tids[tid / 8] & 1U << tid % 8));
}

/* A number that is given out again belongs to whoever has it now. */
static void tree_fork(struct family_tree *tree, uint64_t parent, uint64_t child)
{
	if (child >= TREE_TIDS)
		return;
	if (tree_has(tree, parent))
		tree->tids[child / 8] |= (uint8_t)(1U << child % 8);
	else
		tree->tids[child / 8] &= (uint8_t)~(1U << child % 8);
}

/* The last of them before @end: a process may have any name. */
static const char *last_before(const char *text, const char *word, const char *end)
{
	const char *at, *last = NULL;

	for (at = text; (at = strstr(at, word)) && at < end; at++)
		last = at;
	return last;
}

static uint64_t number_at(const char *at, const char *word)
{
	return at ? strtoull(at + strlen(word), NULL, 10) : 0;
}

/* "comm=%s pid=%d child_comm=%s child_pid=%d" */
static void take_fork(struct family_tree *tree, const char *text)
{
	const char *end = text + strlen(text);
	const char *child = last_before(text, " child_pid=", end);
	const char *name = last_before(text, " child_comm=", child ? child : end);
	const char *parent = last_before(text, " pid=", name ? name : end);

	if (child && name && parent)
		tree_fork(tree, number_at(parent, " pid="),
			  number_at(child, " child_pid="));
}

/* What the kernel sends; of what a process sends the number says it all. */
static const char *code_name(int signo, int code)
{
	static const char * const bus[] = {
		[BUS_ADRALN] = "BUS_ADRALN", [BUS_ADRERR] = "BUS_ADRERR",
		[BUS_OBJERR] = "BUS_OBJERR", [BUS_MCEERR_AR] = "BUS_MCEERR_AR",
		[BUS_MCEERR_AO] = "BUS_MCEERR_AO",
	};

	if (code == SI_KERNEL)
		return "SI_KERNEL";
	if (code == SI_USER)
		return "SI_USER";
	if (signo == SIGBUS && code > 0 && code < (int)ARRAY_SIZE(bus))
		return bus[code];
	return NULL;
}

/* "sig=%d errno=%d code=%d comm=%s pid=%d grp=%d res=%d" */
static void take_signal(struct watch *w, const char *text)
{
	const char *end = text + strlen(text);
	const char *comm = strstr(text, " comm=");
	const char *group = last_before(text, " grp=", end);
	const char *pid = last_before(text, " pid=", group ? group : end);
	const char *code = strstr(text, " code=");
	int signo = (int)number_at(text, "sig="), number;
	char name[64];
	json_object *o;
	bool ours;

	if (!comm || !pid || !code || pid < comm)
		return;
	ours = tree_has(w->tree, number_at(pid, " pid="));
	if (signo != SIGBUS && !(signo == SIGKILL && ours))
		return;
	number = (int)strtol(code + 6, NULL, 10);
	snprintf(name, sizeof(name), "%.*s", (int)(pid - comm - 6), comm + 6);
	o = json_object_new_object();
	put_str(o, "signal", signo == SIGBUS ? "SIGBUS" : "SIGKILL");
	if (code_name(signo, number))
		put_str(o, "code", code_name(signo, number));
	else
		json_object_object_add(o, "code", json_object_new_int(number));
	put_str(o, "comm", name);
	put_u64(o, "pid", number_at(pid, " pid="));
	put_bool(o, "of_command", ours);
	watch_emit(w, EVENT_SIGNAL, "signal:signal_generate", 0, 0, o);
}

bool tree_line(struct watch *w, const char *line)
{
	static const char sent[] = ": signal_generate: ";
	static const char forked[] = ": sched_process_fork: ";
	const char *at;

	if ((at = strstr(line, sent)))
		take_signal(w, at + strlen(sent));
	else if ((at = strstr(line, forked)))
		take_fork(w->tree, at + strlen(forked));
	return at;
}
