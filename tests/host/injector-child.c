// SPDX-License-Identifier: GPL-2.0
/*
 * Children that do not go away: one that hangs in the kernel (state D) cannot be
 * killed, and waitpid(2) of it never returns.  Here waitpid() is ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "once.h"
#include "rewrite.h"

static bool hangs;

/* What the kernel answers of a child in state D. */
pid_t waitpid(pid_t pid, int *status, int options)
{
	if (!hangs)
		return wait4(pid, status, options, NULL);
	if (!(options & WNOHANG))
		fail_msg("waits for ever");
	return 0;
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
	hangs = true;
	clock_gettime(CLOCK_MONOTONIC, &before);
	child_end(&c);
	clock_gettime(CLOCK_MONOTONIC, &after);
	hangs = false;
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
	hangs = true;
	assert_int_equal(child_go(&c, deadline_in(30), &rep), EXIT_TIMEOUT);
	child_end(&c);
	hangs = false;
	assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
}

/* The same for the child that fills device-dax with zeroes. */
static void a_store_that_hangs_is_a_timeout(void **state)
{
	struct nsinfo ns = { .mode = NS_DEVDAX, .align = PAGE, .size = PAGE };
	struct extent e = { .len = PAGE };
	struct target t = { .name = "dax", .kind = TARGET_DEVDAX, .ns = &ns,
			    .v = &e, .n = 1 };
	struct range page = { 0, PAGE };
	struct repair r = { .t = &t, .pages = { &page, 1, 1 } };
	char path[512];
	int rc;

	(void)state;
	snprintf(path, sizeof(path), "%s/dax", sysroot);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(truncate(path, PAGE), 0);
	copy_name(ns.daxdev, 3, "..");
	copy_name(ns.daxdev + 2, sizeof(ns.daxdev) - 2, path);
	assert_int_equal(rewrite_devdax(&r, deadline_in(30)), EXIT_OK);
	hangs = true;
	rc = rewrite_devdax(&r, deadline_in(1));
	hangs = false;
	assert_int_equal(rc, EXIT_TIMEOUT);
	assert_true(waitpid(-1, NULL, 0) > 0);
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
		cmocka_unit_test(a_child_does_not_hold_the_lock),
		cmocka_unit_test(a_child_that_met_poison_says_so),
	};

	signal(SIGPIPE, SIG_IGN);	/* as main() does: a dead child reads nothing */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
