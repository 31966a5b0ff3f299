// SPDX-License-Identifier: GPL-2.0
/*
 * 20,000 command lines that nobody would type, and as many lines of a batch, in one
 * process under ASan: no crash, a documented exit code, and nothing planted.
 *
 * A line is made of the words of the grammar, of numbers at the edges, and of
 * the same with bytes changed.  A verb that plants is told --dry-run, or its line
 * is broken for certain and must be refused; a trial is only parsed.
 *
 * The seed is fixed; INJECTOR_FUZZ_SEED sets another one.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "injector-tree.h"
#include "out.h"
#include "target.h"
#include "util.h"
#include "verbs.h"

#define WORD_MAX	64
#define WORDS_MAX	12

static uint64_t seed = 1;
static char root[] = "/tmp/injector-fuzz.XXXXXX";

/* Knuth's MMIX generator; the high bits are the random ones. */
static uint32_t any(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) +
	       UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % n;
}

static const char * const names[] = {
	"namespace0.0", "namespace1.0", "namespace2.0", "namespace3.0",
	"namespace4.0", "namespace", "/dev/pmem0", "/dev/pmem0p1", "/dev/pmem4",
	"/dev/dax1.0", "/dev/sda", "/mnt/file", "/mnt/odd", "/mnt/cached",
	"/mnt/realtime", "/mnt/beyond", "/mnt/empty", "/proc/self", "spa",
	"spa:", "spa:0x100600000", "spa:0x1000000", "pfn:0x100600", "pfn:4096",
	"pfn:", "nmem0", "nmem0:0x602000", "nmem2:0", "nmem", "pid:77",
	"pid:77:0x400000", "pid:77:0x401fff", "pid:2:0", "pid:", "pid:77:",
	"pid:18446744073709551616:1", "", "-", "--", ":", "pmem0", "dax1.0",
};

static const char * const numbers[] = {
	"0", "1", "511", "512", "4096", "4095", "4K", "64M", "1T", "0x400000",
	"0x400fff", "0x100600000", "0x1000000", "67108864", "67108863",
	"0x7fffffffffffffff", "0x8000000000000000", "0xffffffffffffffff",
	"0xfffffffffffff000", "18446744073709551616", "0xffffffT", "010", "08",
	"-1", "+1", " 1", "1 ", "", "1x", "0x", "K", "1KB", "1.5K", "nan",
};

#define PICK(a)	((a)[any(ARRAY_SIZE(a))])

/* Cut off where it is too long. */
static void take(char *word, const char *text)
{
	copy_name(word, WORD_MAX, text);
}

/* Change, drop or double some bytes, one time in four. */
static void mutate(char *word)
{
	size_t n = strlen(word), i;

	if (any(4) || !n)
		return;
	for (i = 1 + any(3); i; i--) {
		size_t at = any((uint32_t)n);

		switch (any(3)) {
		case 0:
			word[at] = (char)(1 + any(255));
			break;
		case 1:
			word[at] = '\0';
			n = at ? at : n;
			break;
		default:
			word[at] = word[any((uint32_t)n)];
		}
	}
}

static void make_name(char *word)
{
	take(word, PICK(names));
	if (!any(8)) {
		size_t n = strlen(word);

		copy_name(word + n, WORD_MAX - n, ":");
		n = strlen(word);
		copy_name(word + n, WORD_MAX - n, PICK(numbers));
	}
	mutate(word);
}

static void check_resolved(const struct target *t)
{
	uint64_t sum = 0;
	size_t i;

	assert_true(t->n > 0);
	for (i = 0; i < t->n; i++) {
		const struct extent *e = &t->v[i];

		assert_true(e->len > 0);
		assert_true(e->off >= t->off);
		assert_true(e->off + e->len <= t->off + t->len);
		assert_true(e->spa + e->len > e->spa);
		if (t->ns)
			assert_true(e->ns_off + e->len <= t->ns->size &&
				    e->spa == t->ns->data_base + e->ns_off);
		sum += e->len;
	}
	assert_true(sum <= t->len);
}

static uint64_t any_number(void)
{
	uint64_t v = 0;

	if (parse_size(PICK(numbers), &v))
		v = (uint64_t)any(UINT32_MAX) << any(33);
	return v;
}

static void names_and_places(void **state)
{
	int i, resolved = 0;

	(void)state;
	for (i = 0; i < 10000; i++) {
		struct place p = {
			.offset_set = any(2), .length_set = any(2),
			.block_set = !any(4), .count_set = any(2),
			.offset = any_number(), .length = any_number(),
			.block = any_number(), .count = any_number(),
		};
		char word[WORD_MAX];
		struct target t;
		int rc;

		make_name(word);
		rc = target_resolve(word, &p, any(2), &t);
		assert_in_range(rc, EXIT_OK, EXIT_REFUSED);
		if (rc) {
			assert_null(t.v);
			continue;
		}
		resolved++;
		check_resolved(&t);
		target_widen(&t, UINT64_C(1) << any(22), NULL);
		json_object_put(target_json(&t));
		target_free(&t);
	}
	/* were they all refused, then nothing was tried */
	assert_true(resolved > 100);
}

static const char * const verbs[] = {
	"clear", "inject", "list", "resolve", "run", "trial", "who",
};

static bool is(const struct verb *verb, const char *name)
{
	return !strcmp(verb->name, name);
}

static size_t add_option(const struct verb *verb, char (*words)[WORD_MAX],
			 size_t n)
{
	const struct opt *o;
	struct opt_rows r;

	opts_rows(verb, &r);
	o = &r.v[any((uint32_t)r.n)];
	if (o->letter && any(2))
		snprintf(words[n++], WORD_MAX, "-%c", o->letter);
	else
		snprintf(words[n++], WORD_MAX, "--%s", o->name);
	mutate(words[n - 1]);
	if (o->type == OPT_FLAG)
		return n;
	take(words[n], o->type == OPT_CHOICE && any(4) ? o->choices[0] :
						       PICK(numbers));
	mutate(words[n]);
	return n + 1;
}

/* Does a line that is as it should be still say --dry-run?  Then it may run. */
static bool is_harmless(const struct verb *verb, const struct request *req)
{
	if (is(verb, "trial"))
		return false;
	if (is(verb, "inject") || is(verb, "clear") || is(verb, "run"))
		return req->dry_run;
	return true;
}

static int run_line(const struct verb *verb, char (*words)[WORD_MAX], size_t n)
{
	char *argv[WORDS_MAX + 1];
	struct request *req = opts_request(verb, NULL);
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		argv[i] = words[i];
	argv[n] = NULL;
	rc = opts_parse(verb, (int)n, argv, req);
	if (!rc && !req->help && is_harmless(verb, req)) {
		req->deadline = 1;
		rc = verb->run(req);
	}
	free(req);
	return rc;
}

static void nothing_is_planted(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/fw", root);
	assert_int_not_equal(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/run/poisonctl/journal", root);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void command_lines(void **state)
{
	int i, good = 0;

	(void)state;
	for (i = 0; i < 8000; i++) {
		const struct verb *verb = verb_find(PICK(verbs));
		char words[WORDS_MAX][WORD_MAX];
		size_t n = 0, k;
		int rc;

		take(words[n++], verb->name);
		take(words[n++], "--dry-run");
		if (!is(verb, "inject") && !is(verb, "clear") && !is(verb, "run"))
			n--;
		for (k = any(4); k; k--)
			n = add_option(verb, words, n);
		if (any(8))
			make_name(words[n++]);
		out_set_json(any(2));
		rc = run_line(verb, words, n);
		if (!is(verb, "run") || rc < EXIT_RUN)
			assert_in_range(rc, EXIT_OK, EXIT_REFUSED);
		good += !rc;
		nothing_is_planted();
	}
	assert_true(good > 100);
}

static void put_words(FILE *f)
{
	char words[WORDS_MAX][WORD_MAX];
	size_t n = 0, k, i;

	if (any(8))
		make_name(words[n++]);
	for (k = any(4); k; k--)
		n = add_option(verb_find("inject"), words, n);
	for (i = 0; i < n; i++)
		fprintf(f, "%s%c", words[i], any(16) ? ' ' : (int)any(256));
	fputc(any(64) ? '\n' : (int)any(256), f);
}

static void batch_lines(void **state)
{
	struct request *req = opts_request(verb_find("inject"), NULL);
	char path[128], *argv[] = { "inject", "--dry-run", "--batch", path };
	FILE *f;
	int i;

	(void)state;
	snprintf(path, sizeof(path), "%s/batch", root);
	f = fopen(path, "w");
	assert_non_null(f);
	for (i = 0; i < 20000; i++)
		put_words(f);
	fclose(f);
	assert_int_equal(opts_parse(verb_find("inject"), ARRAY_SIZE(argv), argv,
				    req), EXIT_OK);
	req->deadline = 1;
	assert_int_equal(verb_find("inject")->run(req), EXIT_PARTLY);
	free(req);
	nothing_is_planted();
}

/* An injection that would be good, but for one thing. */
static void broken_injections(void **state)
{
	static const char * const wrong[][2] = {
		{ "--offset", "9999999T" }, { "--length", "0" },
		{ "--block", "x" }, { "--bogus", "1" }, { "-m", "thunder" },
		{ "--deadline", "0" }, { "--deadline", "x" },
		{ "--count", "0" }, { "extra", "words" }, { "--offset", "" },
	};
	int i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		const char * const *pair = wrong[any(ARRAY_SIZE(wrong))];
		char words[4][WORD_MAX];
		char *argv[5] = { words[0], words[1], words[2], words[3] };
		struct request *req = opts_request(verb_find("inject"), NULL);
		int rc;

		take(words[0], "inject");
		take(words[1], pair[0]);
		take(words[2], pair[1]);
		take(words[3], PICK(names));
		rc = opts_parse(verb_find("inject"), 4, argv, req);
		if (!rc)
			rc = verb_find("inject")->run(req);
		free(req);
		assert_in_range(rc, EXIT_USAGE, EXIT_REFUSED);
		nothing_is_planted();
	}
}

static void put_page(uint64_t index, uint64_t pfn)
{
	uint64_t entry = UINT64_C(1) << 63 | pfn;
	char full[128];
	FILE *f;

	snprintf(full, sizeof(full), "%s/proc/77/pagemap", root);
	f = fopen(full, "r+");
	f = f ? f : fopen(full, "w");
	assert_non_null(f);
	fseek(f, (long)index * 8, SEEK_SET);
	assert_int_equal(fwrite(&entry, 8, 1, f), 1);
	fclose(f);
}

/* Two pages of RAM, one in a namespace; badblocks and a firmware that injects. */
static int make_machine(void **state)
{
	static const char * const dirs[] = {
		"", "/proc", "/proc/77", "/sys", "/sys/bus", "/sys/bus/nd",
		"/sys/bus/nd/devices", "/sys/bus/nd/devices/ndbus0",
		"/sys/bus/nd/devices/ndbus0/nfit", "/sys/block",
		"/sys/block/pmem0", "/sys/bus/nd/devices/region1", "/run",
	};
	char full[128];
	size_t i;

	(void)state;
	for (i = 1; i < ARRAY_SIZE(dirs); i++) {
		snprintf(full, sizeof(full), "%s%s", root, dirs[i]);
		assert_int_equal(mkdir(full, 0700), 0);
	}
	tree_put(root, "/sys/bus/nd/devices/ndbus0/nfit/dsm_mask", "0x3be\n");
	tree_put(root, "/sys/bus/nd/devices/ndbus0/nfit/scrub", "1\n");
	tree_put(root, "/sys/block/pmem0/badblocks", "7 3\n");
	tree_put(root, "/sys/bus/nd/devices/region1/badblocks", "");
	tree_put(root, "/proc/cpuinfo", "flags : fpu hypervisor sse\n");
	tree_put(root, "/proc/iomem", "01000000-0fffffff : System RAM\n"
		 "100000000-107ffffff : Persistent Memory\n");
	tree_put(root, "/proc/77/stat", "77 (x) S 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 "
		 "0 20 0 1 0 99 0 0\n");
	tree_put(root, "/proc/77/smaps",
		 "00400000-00410000 rw-p 00000000 00:00 0\n"
		 "VmFlags: rd wr mr mw me ac sd\n");
	put_page(0x400, 0x1234);
	put_page(0x401, 0x1235);
	put_page(0x402, UINT64_C(0x100601));
	return 0;
}

static int saved[2];

/* What the tool says goes nowhere, what cmocka says to stdout. */
static int hush(void **state)
{
	int null = open("/dev/null", O_WRONLY), fd;

	(void)state;
	fflush(NULL);
	for (fd = 1; fd <= 2; fd++) {
		saved[fd - 1] = dup(fd);
		dup2(null, fd);
	}
	return close(null);
}

static int unhush(void **state)
{
	int fd;

	(void)state;
	fflush(NULL);
	for (fd = 1; fd <= 2; fd++) {
		dup2(saved[fd - 1], fd);
		close(saved[fd - 1]);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_and_places, hush, unhush),
		cmocka_unit_test_setup_teardown(command_lines, hush, unhush),
		cmocka_unit_test_setup_teardown(batch_lines, hush, unhush),
		cmocka_unit_test_setup_teardown(broken_injections, hush, unhush),
	};
	const char *text = getenv("INJECTOR_FUZZ_SEED");
	char command[64];
	int rc;

	if (text)
		seed = strtoull(text, NULL, 0);
	if (!mkdtemp(root))
		return 1;
	sysroot = root;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	rc = cmocka_run_group_tests(tests, make_machine, NULL);
	snprintf(command, sizeof(command), "rm -rf -- '%s'", root);
	return system(command) ? 1 : rc;
}
