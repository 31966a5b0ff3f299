// SPDX-License-Identifier: GPL-2.0
/*
 * Children that do not go away: one that hangs in the kernel (state D) cannot be
 * killed, and waitpid(2) of it never returns.  FAKE_HANGS is such a machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "injector-fake.h"
#include "injector-tree.h"
#include "once.h"
#include "rewrite.h"

static void hang(void)
{
	assert_int_equal(setenv("FAKE_HANGS", "1", 1), 0);
}

static void hang_no_more(void)
{
	assert_int_equal(unsetenv("FAKE_HANGS"), 0);
}

static const struct target nothing = { .name = "nothing" };
static const struct child_plan idle = {
	.t = &nothing, .unmapped = true, .access = ACCESS_NONE,
	.policy = POLICY_HANDLER,
};

static void a_child_that_hangs_is_given_up(void **state)
{
	struct child_report rep;
	struct timespec before, after;
	struct child c;

	(void)state;
	assert_int_equal(child_start(&idle, &c, deadline_in(30), &rep), EXIT_OK);
	hang();
	clock_gettime(CLOCK_MONOTONIC, &before);
	child_end(&c);
	clock_gettime(CLOCK_MONOTONIC, &after);
	hang_no_more();
	assert_in_range(after.tv_sec - before.tv_sec, 0, 10);
	assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
}

static void a_child_that_dies_and_hangs_is_a_timeout(void **state)
{
	struct child_report rep;
	struct child c;

	(void)state;
	assert_int_equal(child_start(&idle, &c, deadline_in(30), &rep), EXIT_OK);
	kill(c.pid, SIGKILL);
	hang();
	assert_int_equal(child_go(&c, deadline_in(30), &rep), EXIT_TIMEOUT);
	child_end(&c);
	hang_no_more();
	assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
}

static void one_page(struct target *t, struct extent *e, struct repair *r, struct range *page)
{
	*page = (struct range){ FAKE_DATA1, PAGE };
	*e = (struct extent){ .spa = page->start, .len = PAGE };
	*t = (struct target){ .name = "/dev/dax1.0", .kind = TARGET_DEVDAX,
			      .ns = fake_ns("namespace1.0"), .v = e, .n = 1 };
	*r = (struct repair){ .t = t, .pages = { page, 1, 1 } };
}

/* dax1.0 with all bits set */
static void fill_dax(void)
{
	uint8_t *ones = malloc(FAKE_SIZE1);

	assert_non_null(ones);
	memset(ones, 0xff, FAKE_SIZE1);
	tree_file(sysroot, "/dax", ones, FAKE_SIZE1);
	free(ones);
}

/* How many of its bytes are zero, and are they the first? */
static size_t zeroes(void)
{
	uint8_t *all = malloc(FAKE_SIZE1), *at;
	size_t n = 0, i;
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/dax", sysroot);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(all, 1, FAKE_SIZE1, f), FAKE_SIZE1);
	fclose(f);
	at = memchr(all, 0xff, FAKE_SIZE1);
	assert_non_null(at);
	for (i = 0; i < FAKE_SIZE1; i++)
		n += !all[i];
	assert_int_equal(n, at - all);
	free(all);
	return n;
}

/* The same for the child that fills device-dax with zeroes. */
static void a_store_that_hangs_is_a_timeout(void **state)
{
	struct range page;
	struct extent e;
	struct target t;
	struct repair r;
	int rc;

	(void)state;
	one_page(&t, &e, &r, &page);
	fill_dax();
	assert_int_equal(rewrite_devdax(&r, deadline_in(30)), EXIT_OK);
	assert_int_equal(zeroes(), PAGE);
	hang();
	rc = rewrite_devdax(&r, deadline_in(1));
	hang_no_more();
	assert_int_equal(rc, EXIT_TIMEOUT);
	assert_true(waitpid(-1, NULL, 0) > 0);
}

/* Each step that there is, and one that is not. */
static void a_step_of_it_that_fails_is_said(void **state)
{
	static const char * const steps[] = { "open", "fork", "mmap", "read" };
	struct range page;
	struct extent e;
	struct target t;
	struct repair r;
	char fail[32];
	size_t i;
	int rc;

	(void)state;
	one_page(&t, &e, &r, &page);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		fill_dax();
		snprintf(fail, sizeof(fail), "ENOMEM:%s", steps[i]);
		assert_int_equal(setenv("FAKE_FAIL", fail, 1), 0);
		rc = rewrite_devdax(&r, deadline_in(30));
		assert_int_equal(unsetenv("FAKE_FAIL"), 0);
		if (i == ARRAY_SIZE(steps) - 1) {
			assert_int_equal(rc, EXIT_OK);
			assert_int_equal(zeroes(), PAGE);
			break;
		}
		assert_int_equal(rc, EXIT_SETUP);
		assert_string_equal(complaint(),
			"cannot write '/dev/dax1.0': Cannot allocate memory");
		assert_int_equal(zeroes(), 0);
	}
}

/* The lock of a command that was killed must not live on in its child. */
static void a_child_does_not_hold_the_lock(void **state)
{
	struct child_report rep;
	char path[512];
	struct child c;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/run/poisonctl/lock", sysroot);
	assert_int_equal(once_lock(deadline_in(5)), EXIT_OK);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(child_start(&idle, &c, deadline_in(30), &rep), EXIT_OK);
	once_forget();
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
	child_end(&c);
}

static void a_child_that_met_poison_says_so(void **state)
{
	(void)state;
	assert_int_equal(child_complain(&nothing, EHWPOISON), EXIT_SETUP);
	assert_string_equal(complaint(),
		"'nothing' is poisoned there already: clear it first");
	assert_int_equal(child_complain(&nothing, ESTALE), EXIT_SETUP);
	assert_string_equal(complaint(), "'nothing' moved while it was looked at");
}

static char root[] = "/tmp/injector-child.XXXXXX";

static int make_root(void **state)
{
	char path[512];

	(void)state;
	sysroot = mkdtemp(root);
	snprintf(path, sizeof(path), "%s/run", root);
	return !sysroot || mkdir(path, 0700);
}

static int remove_root(void **state)
{
	static const char * const names[] = {
		"/dax", "/run/poisonctl/lock", "/run/poisonctl", "/run", "",
	};
	char path[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s%s", root, names[i]);
		remove(path);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_that_hangs_is_given_up),
		cmocka_unit_test(a_child_that_dies_and_hangs_is_a_timeout),
		cmocka_unit_test(a_store_that_hangs_is_a_timeout),
		cmocka_unit_test(a_step_of_it_that_fails_is_said),
		cmocka_unit_test(a_child_does_not_hold_the_lock),
		cmocka_unit_test(a_child_that_met_poison_says_so),
	};

	signal(SIGPIPE, SIG_IGN);	/* as main() does: a dead child reads nothing */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
