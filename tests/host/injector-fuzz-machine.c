// SPDX-License-Identifier: GPL-2.0
/*
 * A machine whose files nobody would write: journals, notes and kept pages with bytes
 * changed, cut off, or of somebody else; trees of sysfs and procfs with files missing, not
 * readable, cut or full of nonsense.  A command on each, in a process of its own, under
 * ASan: it does not crash nor hang, its exit code is a documented one, a failure has one
 * message of one line, and nothing is planted.  Of a journal every whole line counts,
 * before and after it is made anew.
 *
 *	injector-fuzz-machine [CASES [KIND]]	of each kind, or of one; 20000 is the long form
 *
 * A case is known by its number: INJECTOR_FUZZ_CASE=KIND:N runs one, and says what it
 * does; INJECTOR_FUZZ_SEED sets another seed than 1.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdarg.h>

#include "injector-fake.h"
#include "injector-fuzz-tree.h"
#include "journal.h"
#include "keep.h"
#include "once.h"
#include "out.h"
#include "verbs.h"

#define CASES		400
#define AT_ONCE		20	/* cases in one process */
#define CASE_S		120	/* these; they take a second, where nothing else runs */
#define SLOTS		700
#define WORDS		12

/* in memory, if there is such a filesystem */
static char root[2][32] = { "/dev/shm/injector-fuzz.XXXXXX", "/tmp/injector-fuzz.XXXXXX" };
static bool loud;

/* In the child: what is wrong, and the end. */
static void __attribute__((noreturn, format(printf, 1, 2))) bad(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(99);
}

static size_t problems;

static void hear(void *arg, enum report_kind kind, const char *text)
{
	const char *s;

	(void)arg;
	problems += kind == REPORT_PROBLEM;
	if (loud && text)
		fprintf(stderr, "says: %s\n", text);
	for (s = text; s && *s; s++)
		if (iscntrl((unsigned char)*s))
			bad("a message is not one line: %s", text);
	if (kind == REPORT_PROBLEM && !*text)
		bad("a message is empty");
}

static void nothing_is_planted(const char *fw)
{
	char *have = read_whole("/fw");

	if (strcmp(have ? have : "", fw))
		bad("the firmware has %s", have ? have : "nothing");
	if (!access(fuzz_path("/writes.bad"), F_OK))
		bad("something was written");
	free(have);
}

static void command(char **words, size_t n)
{
	const struct verb *verb = verb_find(words[0]);
	struct request *req = opts_request(verb, NULL);
	size_t i;
	int rc;

	for (i = 0; loud && i < n; i++)
		fprintf(stderr, "%s%c", words[i], i + 1 < n ? ' ' : '\n');
	words[n] = NULL;
	problems = 0;
	out_set_json(true);
	rc = opts_parse(verb, (int)n, words, req);
	if (rc)
		bad("the command line is wrong: %s", complaint());
	req->deadline = 1;
	rc = verb->run(req);
	free(req);
	if (rc < EXIT_OK || rc > EXIT_REFUSED)
		bad("exit code %d", rc);
	if (rc && !problems)
		bad("exit code %d and no message", rc);
	if (loud)
		fprintf(stderr, "exit code %d\n", rc);
	fflush(stdout);
}

#define COMMAND(...) \
	do { \
		char *w_[WORDS + 1] = { __VA_ARGS__ }; \
		size_t n_ = 0; \
		while (w_[n_]) \
			n_++; \
		command(w_, n_); \
	} while (0)

/* --- journals, notes, kept pages */

static uint64_t slot_spa(size_t slot)
{
	return FAKE_DATA0 + slot * 4096;
}

static size_t put_plant(char *to, size_t size, size_t slot)
{
	static const char * const targets[] = {
		"/dev/pmem0", "/mnt/file", "namespace0.0", "spa", "pid:77", "/mnt/gone", "a \\\"b\\\\",
	};
	static const char * const mechs[] = { "dsm", "dsm-latent", "madvise", "badblocks", "none" };

	return (size_t)snprintf(to, size, "{\"event\":\"plant\",\"time\":%zu,\"boot\":\"boot-1\","
		"\"mechanism\":\"%s\",\"target\":\"%s\",\"namespace\":\"namespace0.0\","
		"\"offset\":%zu,\"spa\":%" PRIu64 ",\"length\":512,\"diskseq\":0}\n",
		slot, mechs[slot % ARRAY_SIZE(mechs)], targets[slot % ARRAY_SIZE(targets)],
		slot * 4096, slot_spa(slot));
}

/* Which lines are there as they were written?  Return: has anything else no brace? */
static bool whole_lines(const struct fuzz_text *j, size_t n, bool *whole)
{
	static const char head[] = "{\"event\":\"plant\",\"time\":";
	const char *s = j->v, *end = j->v + j->n, *stop;
	bool odd = false;
	char line[512];
	size_t i, len;

	memset(whole, 0, n * sizeof(*whole));
	for (; s < end; s = stop + 1) {
		stop = memchr(s, '\n', (size_t)(end - s));
		if (!stop)
			stop = end;
		odd |= stop > s && *s != '{';
		/* a line begins with its number, as its time */
		if (stop == end || (size_t)(stop - s) < sizeof(head) ||
		    memcmp(s, head, sizeof(head) - 1))
			continue;
		i = strtoul(s + sizeof(head) - 1, NULL, 10);
		if (i >= n)
			continue;
		len = put_plant(line, sizeof(line), i);
		if (len == (size_t)(stop + 1 - s) && !memcmp(s, line, len))
			whole[i] = true;
	}
	return odd;
}

static void check_journal(const bool *whole, size_t n, bool odd, const char *when)
{
	size_t left, damaged, line, i, k;
	struct planted *v;

	if (journal_left_damaged(&v, &left, &damaged, &line))
		bad("the journal cannot be read: %s", complaint());
	for (i = 0; i < n; i++) {
		for (k = 0; whole[i] && k < left && v[k].spa != slot_spa(i); k++)
			;
		if (whole[i] && k == left)
			bad("%s: line %zu is lost", when, i);
	}
	if (odd && !damaged)
		bad("%s: damage is not told", when);
	free(v);
}

static void journal_case(void)
{
	/* now and then so long that it is made anew */
	size_t n = any(32) ? 1 + any(12) : 400 + any(SLOTS - 400), i;
	bool whole[SLOTS], odd;
	struct fuzz_text j = { 0 };
	struct ranges far = { 0 };
	char line[512];

	for (i = 0; i < n; i++) {
		fuzz_add(&j, line, put_plant(line, sizeof(line), i));
	}
	for (i = any(6); i; i--)
		fuzz_damage(&j);
	fuzz_put("/run/poisonctl/journal", j.v, j.n);
	odd = whole_lines(&j, n, whole);
	check_journal(whole, n, odd, "as it is");
	if (n < 20) {
		COMMAND("clear", "--all", "--dry-run");
		COMMAND("list");
		nothing_is_planted("");
	}
	/* what was never planted is cleared, once behind the end of everything */
	for (i = 0; n > 20 && i < 2 * n; i++)
		ranges_add(&far, UINT64_C(1) << 50 | i << 16, 512);
	ranges_add(&far, UINT64_C(1) << 50, 512);
	if (journal_clear(&far))
		bad("the journal cannot be written: %s", complaint());
	if (n > 20 && journal_clear(&far))
		bad("the journal cannot be written: %s", complaint());
	check_journal(whole, n, odd, "made anew");
	ranges_free(&far);
	free(j.v);
}

/* What a command that was killed left behind. */
static void leftover_case(void)
{
	static const char note[] = "boot-1\t/sys/kernel/debug/hwpoison/corrupt-filter-enable\t1\n";
	struct kept k = { .spa = FAKE_DATA0 + 4096 * any(4), .off = 4096, .sectors = 255, .path = "/mnt/file" };
	struct fuzz_text t = { 0 };
	static uint8_t page[PAGE];
	char path[256];
	size_t i;

	for (i = any(5); i; i--)
		fuzz_add(&t, note, strlen(note));
	for (i = any(4); i; i--)
		fuzz_damage(&t);
	fuzz_put("/run/poisonctl/restore", t.v, t.n);
	once_recover();
	once_recover();
	unlink(fuzz_path("/writes.bad"));
	free(t.v);
	if (keep_save(&k, page))
		bad("a page cannot be kept");
	snprintf(path, sizeof(path), KEPT_DIR "/%016" PRIx64, k.spa);
	t = (struct fuzz_text){ 0 };
	t.v = read_bytes(path, &t.n);
	/* what is in front of the page; its bytes have no meaning */
	for (i = 1 + any(4); i; i--)
		t.v[any(3) ? any(16 + 48 + sizeof(k)) : any((uint32_t)t.n)] = (char)any(256);
	if (!any(4))
		t.n = any((uint32_t)t.n);
	fuzz_put(path, t.v, t.n);
	fuzz_put(KEPT_DIR "/00zz", "", 0);
	fuzz_put(KEPT_DIR "/ffffffffffffffff", t.v, t.n);
	free(t.v);
	COMMAND("clear", "--all", "--dry-run");
	nothing_is_planted("");
}

/* --- trees */

static void tree_case(void)
{
	static char *targets[] = {
		"namespace0.0", "namespace1.0", "namespace4.0", "/dev/pmem0", "/mnt/file", "/dev/dm-0",
		"dax1.0", "spa:0x100600000", "spa:0x1000000", "pfn:0x20", "pid:77:0x400000", "nmem0:0x602000",
		"dax5.0", "mem0:0x4000100", "region5:0x140", "spa:0x200000140",
	};
	static char *mechs[] = {
		"dsm", "dsm-latent", "badblocks", "corrupt-pfn", "hard-offline-page", "mce-inject", "einj", "cxl",
	};
	char *target = PICK(targets), *mech = PICK(mechs);
	static const char fw[] = "4301258752 512\n";

	fuzz_put("/fw", fw, strlen(fw));
	switch (any(12)) {
	case 0: COMMAND("list"); break;
	case 1: COMMAND("list", "--files", target); break;
	case 2: COMMAND("info"); break;
	case 3: COMMAND("resolve", target); break;
	case 4: COMMAND("who", target); break;
	case 5: COMMAND("clear", "--dry-run", target); break;
	case 6: COMMAND("clear", "--dry-run", "--all"); break;
	case 7: COMMAND("scrub", "--status"); break;
	case 8: COMMAND("scrub", "--range", "--dry-run", target); break;
	case 9: COMMAND("trial", "--dry-run", "-m", mech, target); break;
	default: COMMAND("inject", "--dry-run", "-m", mech, "--yes-fatal", "--yes-real-media", target);
	}
	nothing_is_planted(fw);
}

static const struct kind {
	const char *name, *text;
	void (*run)(void);
	bool trees;
} kinds[] = {
	{ "journals", "no whole line of a journal is lost, whatever is in the others", journal_case, false },
	{ "leftovers", "notes and kept pages of a command that was killed", leftover_case, false },
	{ "trees", "files of sysfs and procfs", tree_case, true },
};

static void one(const struct kind *k, unsigned long number, uint64_t first)
{
	fuzz_seed(first * UINT64_C(1000003) + number * 16 + (uint64_t)(k - kinds));
	fuzz_fresh();
	if (k->trees)
		fuzz_trees();
	k->run();
}

/*
 * Cases @from to @to in a process of their own.  Return: as of waitpid(2); what it said is
 * in SYSROOT/said.
 */
static int some(const struct kind *k, unsigned long from, unsigned long to, uint64_t first)
{
	struct report report = { .tell = hear };
	unsigned long i;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_WRONLY), said = loud ? 2 :
			open(fuzz_path("/said"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(loud ? 2 : null, 1);
		dup2(said, 2);
		alarm(CASE_S);
		report_use(&report);
		for (i = from; i < to; i++)
			one(k, i, first);
		exit(0);	/* and leaks are told */
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static void tell(const struct kind *k, unsigned long number, int status)
{
	char *said = read_whole("/said"), *line, *rest;
	int n = 0;

	printf("# case %s:%lu: %s %d\n", k->name, number, WIFSIGNALED(status) ? "signal" : "exit status",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	for (line = said ? strtok_r(said, "\n", &rest) : NULL; line && n < 12;
	     line = strtok_r(NULL, "\n", &rest), n++)
		printf("#   %s\n", line);
	free(said);
}

static int run_kind(const struct kind *k, unsigned long cases, uint64_t first)
{
	unsigned long from, to, i, failed = 0;
	int status;

	for (from = 0; from < cases && failed < 5; from = to) {
		to = from + AT_ONCE < cases ? from + AT_ONCE : cases;
		status = some(k, from, to, first);
		if (!status)
			continue;
		/* which was it? */
		for (i = from; i < to; i++) {
			int alone = some(k, i, i + 1, first);

			status = alone ? alone : status;
			if (alone || i + 1 == to)
				break;
		}
		failed++;
		tell(k, i, status);
	}
	printf("%s %td - %s: %lu of them\n", failed ? "not ok" : "ok", k - kinds + 1, k->text, from);
	return failed != 0;
}

int main(int argc, char **argv)
{
	const char *seed = getenv("INJECTOR_FUZZ_SEED"), *only = getenv("INJECTOR_FUZZ_CASE");
	unsigned long cases = argc > 1 ? strtoul(argv[1], NULL, 10) : CASES;
	uint64_t first = seed ? strtoull(seed, NULL, 0) : 1;
	int failed = 0;
	size_t i;

	sysroot = mkdtemp(root[0]);
	if (!sysroot)
		sysroot = mkdtemp(root[1]);
	if (!sysroot)
		return 1;
	for (i = 0; only && i < ARRAY_SIZE(kinds); i++) {
		size_t n = strlen(kinds[i].name);

		loud = true;
		if (!strncmp(only, kinds[i].name, n) && only[n] == ':') {
			unsigned long at = strtoul(only + n + 1, NULL, 10);

			failed |= some(&kinds[i], at, at + 1, first) != 0;
		}
	}
	if (!only)
		printf("1..%zu\n", argc < 3 ? ARRAY_SIZE(kinds) : 1);
	for (i = 0; !only && i < ARRAY_SIZE(kinds); i++)
		if (argc < 3 || !strcmp(argv[2], kinds[i].name))
			failed |= run_kind(&kinds[i], cases, first);
	fuzz_remove();
	return failed;
}
