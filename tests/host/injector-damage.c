// SPDX-License-Identifier: GPL-2.0
/* A journal and kept pages that are damaged, or cannot be read: nothing is lost for that. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "injector-fake.h"
#include "injector-tree.h"
#include "journal.h"
#include "keep.h"

static char root[] = "/tmp/injector-damage.XXXXXX";

static void file_is(const char *path, const void *text, size_t len)
{
	tree_file(root, path, text, len);
}

static void text_is(const char *path, const char *text)
{
	file_is(path, text, strlen(text));
}

static int fresh_root(void **state)
{
	(void)state;
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	if (!mkdtemp(root))
		return -1;
	sysroot = root;
	text_is("/sys/block/pmem0/badblocks", "");
	text_is("/proc/sys/kernel/random/boot_id", "boot-1\n");
	text_is("/run/keep", "");
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	return tree_remove(root);
}

static struct target whole_page(uint64_t off)
{
	struct place p = {
		.offset_set = true, .length_set = true,
		.offset = off, .length = 4096,
	};
	struct target t;

	assert_int_equal(target_resolve("/dev/pmem0", &p, false, &t), 0);
	return t;
}

static bool unreadable;

/* What a broken disk or a machine without memory answers. */
ssize_t read(int fd, void *to, size_t len)
{
	errno = EIO;
	return unreadable ? -1 : syscall(SYS_read, fd, to, len);
}

/*
 * A journal that is long enough to be made anew, behind @len bytes of @before; it is
 * @lost to whoever reads it at that time.
 */
static void long_journal(const char *before, size_t len, bool lost, struct planted **v, size_t *n)
{
	struct target t = whole_page(0), one = whole_page(0);
	struct ranges good = { 0 };
	struct extent *first = t.v;

	file_is("/run/poisonctl/journal", before, len);
	assert_int_equal(journal_plant("madvise", &one), EXIT_OK);
	t.v = calloc(1000, sizeof(*t.v));
	for (t.n = 0; t.n < 1000; t.n++)
		t.v[t.n] = (struct extent){
			.off = 8192 + t.n * 1024, .spa = FAKE_DATA0 + 8192 + t.n * 1024, .len = 512,
		};
	assert_int_equal(journal_plant("dsm", &t), EXIT_OK);
	ranges_add(&good, FAKE_DATA0 + 8192, 1000 * 1024);
	unreadable = lost;
	assert_int_equal(journal_clear(&good), EXIT_OK);
	unreadable = false;
	assert_int_equal(journal_left(v, n), EXIT_OK);
	ranges_free(&good);
	free(first);
	target_free(&t);
	target_free(&one);
}

static void nothing_behind_a_zero_byte_is_lost(void **state)
{
	static const char * const before[] = { "{\"event\":\"p\0nt\"}\n", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\n" };
	size_t i, n, damaged, line;
	struct planted *v;
	char *text;

	(void)state;
	for (i = 0; i < 2; i++) {
		long_journal(before[i], 17, false, &v, &n);
		assert_int_equal(n, 1);
		assert_string_equal(v[0].mechanism, "madvise");
		free(v);
		assert_int_equal(journal_left_damaged(&v, &n, &damaged, &line), EXIT_OK);
		assert_int_equal(damaged, 1);
		free(v);
		/* it was made anew, and what nobody understands is kept */
		text = read_bytes("/run/poisonctl/journal", &n);
		assert_in_range(n, 100, 2000);
		assert_non_null(memmem(text, n, before[i], 17));
		free(text);
	}
}

static void a_journal_that_cannot_be_read_stays(void **state)
{
	struct planted *v;
	size_t n;

	(void)state;
	long_journal("", 0, true, &v, &n);
	assert_int_equal(n, 1);
	assert_string_equal(v[0].mechanism, "madvise");
	free(v);
}

/* A clearing is dropped when no line of the log says that its page is bad. */
static void what_was_cleared_stays_where_the_log_cannot_be_read(void **state)
{
	struct planted *v;
	struct cleared *good;
	size_t n;

	(void)state;
	long_journal("", 0, false, &v, &n);
	free(v);
	assert_int_equal(journal_cleared(&good, &n), EXIT_OK);
	assert_int_equal(n, 0);
	free(good);
	assert_int_equal(setenv("FAKE_UNREADABLE", "EACCES:/dev/kmsg", 1), 0);
	long_journal("", 0, false, &v, &n);
	free(v);
	assert_int_equal(unsetenv("FAKE_UNREADABLE"), 0);
	assert_int_equal(journal_cleared(&good, &n), EXIT_OK);
	assert_int_equal(n, 1);
	assert_int_equal(good[0].spa, FAKE_DATA0 + 8192);
	assert_int_equal(good[0].len, 1000 * 1024);
	free(good);
}

static void a_name_without_an_end_is_none_and_the_page_is_kept(void **state)
{
	struct kept k = { .spa = FAKE_DATA0, .off = 4096, .path = "/mnt/file" };
	char name[512], file[512], *text;
	uint8_t page[4096] = "what is kept";
	size_t n;

	(void)state;
	assert_int_equal(keep_save(&k, page), 0);
	assert_true(keep_path(FAKE_DATA0, name, sizeof(name)));
	assert_string_equal(name, "/mnt/file");
	snprintf(file, sizeof(file), KEPT_DIR "/%016llx", (unsigned long long)FAKE_DATA0);
	text = read_bytes(file, &n);
	assert_non_null(text);
	memset((char *)memmem(text, n, "/mnt/file", 9), 'x', sizeof(k.path));
	file_is(file, text, n);
	free(text);
	*page = '\0';
	assert_true(keep_load(FAKE_DATA0, &k, page));
	assert_string_equal((char *)page, "what is kept");
	assert_false(keep_path(FAKE_DATA0, name, sizeof(name)));
}

#define IN_ROOT(f) cmocka_unit_test_setup_teardown(f, fresh_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ROOT(nothing_behind_a_zero_byte_is_lost),
		IN_ROOT(a_journal_that_cannot_be_read_stays),
		IN_ROOT(what_was_cleared_stays_where_the_log_cannot_be_read),
		IN_ROOT(a_name_without_an_end_is_none_and_the_page_is_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
