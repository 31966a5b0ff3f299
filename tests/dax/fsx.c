// SPDX-License-Identifier: GPL-2.0
/*
 * Operations by chance on a few DAX files, one after the other, and a model of what the
 * files must hold and what each operation must come to.
 *
 *   fsx CASE FOLDER [--seed N] [--ops N] [--replay FILE] [--shrink] [--print]
 *       [--forget KIND]
 *
 * CASE is "plain", "poison" (pages are poisoned and repaired as well), "share" (files
 * share blocks as well) or "all" (both).
 *
 * --replay plays the list in FILE, lines as --print prints them for a seed; others are
 * passed over.  --shrink leaves out of a list what a difference does not need, and
 * prints the rest.  With --forget the model forgets what operations of KIND did, which
 * has to be found.
 *
 * Exit status: 0 no difference; 1 a difference, an end by a signal, or an operation
 * that does not end; 99 set-up broken.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "fsx.h"

/* After how many operations the files are compared by read(2). */
#define BETWEEN		2000

/* What an operation can be late by before it is taken for hung, seconds. */
#define PATIENCE	120

/* How often a list is played to make it shorter. */
#define TRIALS		400

/* The longest list that is read. */
#define LONGEST		200000

static unsigned long seed = 1, count = 2000;
static const char *list;
static bool shrink, print;
static int forget = -1;

/* What went wrong, as it is said, and as it was for the list that differs. */
static int said;
static char reason[512];

/* What is played; in memory that is shared with who plays it. */
static struct op *ops;
static size_t *reached;

static void run_op(const struct op *op)
{
	bool forgets = (int)op->kind == forget;

	if (forgets)
		model_keep();
	op_run(op);
	if (forgets)
		model_put_back();
}

static void play(const struct op *some, size_t n)
{
	size_t i;

	files_open(core_is_ours());
	for (i = 0; i < n; i++) {
		__atomic_store_n(reached, i, __ATOMIC_RELAXED);
		run_op(&some[i]);
		if (i % BETWEEN == BETWEEN - 1)
			files_check(false);
	}
	__atomic_store_n(reached, n, __ATOMIC_RELAXED);
	files_check(false);
	files_check(true);
	exit(0);
}

/* Waits for who plays a list; no operation may take for ever. */
static int wait_for(pid_t pid)
{
	struct timespec nap = { .tv_nsec = 5000000 };
	size_t last = 0, at, turns = 0;
	int status;

	while (!waitpid(pid, &status, WNOHANG)) {
		at = __atomic_load_n(reached, __ATOMIC_RELAXED);
		turns = at == last ? turns + 1 : 0;
		last = at;
		check(turns < PATIENCE * 200, "operation %zu does not end: %s", at,
		      at < count ? op_text(&ops[at]) : "the comparison");
		nanosleep(&nap, NULL);
	}
	return status;
}

/* Keeps what went wrong when a list was played. */
static void hear(void)
{
	ssize_t n = pread(said, reason, sizeof(reason) - 1, 0);

	reason[n > 0 ? n : 0] = 0;
}

/* Plays a list; was there a difference?  What it was is in @said. */
static bool differs(const struct op *some, size_t n)
{
	int status;
	pid_t pid;

	*reached = 0;
	need(!ftruncate(said, 0) && !lseek(said, 0, SEEK_SET), "memfd");
	fflush(NULL);
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		need(dup2(said, 2) == 2, "dup2");
		play(some, n);
	}
	status = wait_for(pid);
	errno = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 99)
		hear();
	need(!WIFEXITED(status) || WEXITSTATUS(status) != 99,
	     "a list cannot be played: %s", reason);
	if (WIFSIGNALED(status))
		dprintf(said, "ended by signal %d\n", WTERMSIG(status));
	return status;
}

/* Leaves out ever smaller parts, as long as what is left still differs. */
static size_t make_short(size_t n)
{
	struct op *rest = scratch(n * sizeof(*ops), 0);
	size_t part, at, trials = 0;

	for (part = n / 2; part; part /= 2) {
		at = 0;
		while (at < n && trials++ < TRIALS) {
			size_t less = least(part, n - at);

			memcpy(rest, ops, at * sizeof(*ops));
			memcpy(rest + at, ops + at + less,
			       (n - at - less) * sizeof(*ops));
			if (!differs(rest, n - less)) {
				at += less;
				continue;
			}
			n = least(n - less, *reached + 1);
			memcpy(ops, rest, n * sizeof(*ops));
			hear();
		}
	}
	munmap(rest, n * sizeof(*ops));
	return n;
}

static void print_ops(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		printf("%s\n", op_text(&ops[i]));
}

static void read_list(void)
{
	FILE *f = fopen(list, "r");
	char line[256];

	need(f, "open '%s'", list);
	count = 0;
	while (fgets(line, sizeof(line), f)) {
		const char *from = line + strspn(line, "# \t");

		if (op_parse(from, &ops[count]))
			count++;
		need(count < LONGEST, "'%s' is too long", list);
	}
	fclose(f);
	errno = 0;
	need(count, "'%s' has no operation", list);
}

static void run(unsigned int with)
{
	ops = scratch(most(count, LONGEST) * sizeof(*ops), 0);
	said = memfd_create("said", 0);
	need(said >= 0, "memfd");
	reached = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(reached != MAP_FAILED, "mmap");
	if (list)
		read_list();
	else
		ops_draw(ops, count, seed, with);
	if (print) {
		print_ops(count);
		return;
	}
	if (!differs(ops, count)) {
		printf("%zu operations, seed %lu: no difference\n", count, seed);
		return;
	}
	hear();
	count = least(count, *reached + 1);
	printf("seed %lu: operation %zu differs: %s\n%s", seed, count - 1,
	       op_text(&ops[count - 1]), reason);
	if (shrink) {
		count = make_short(count);
		printf("%zu operations are enough:\n", count);
		print_ops(count);
		printf("%s", reason);
	}
	exit(1);
}

static void run_plain(void)
{
	run(0);
}

static void run_poison(void)
{
	run(WITH_POISON);
}

static void run_share(void)
{
	run(WITH_SHARE);
}

static void run_all(void)
{
	run(WITH_POISON | WITH_SHARE);
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed",	required_argument, NULL, 's' },
		{ "ops",	required_argument, NULL, 'o' },
		{ "replay",	required_argument, NULL, 'r' },
		{ "forget",	required_argument, NULL, 'f' },
		{ "shrink",	no_argument, NULL, 'm' },
		{ "print",	no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's': seed = strtoul(optarg, NULL, 10); break;
		case 'o': count = strtoul(optarg, NULL, 10); break;
		case 'r': list = optarg; break;
		case 'f': forget = kind_find(optarg); break;
		case 'm': shrink = true; break;
		case 'p': print = true; break;
		default: exit(99);
		}
	}
	errno = 0;
	need(count, "no operations");
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "plain", run_plain },
		{ "poison", run_poison },
		{ "share", run_share },
		{ "all", run_all },
		{ NULL, NULL },
	};

	if (argc > 3) {
		read_options(argc - 2, argv + 2);
		argc = 3;
	}
	return dax_main(argc, argv, cases);
}
