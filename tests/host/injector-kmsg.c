// SPDX-License-Identifier: GPL-2.0
/* What is found in the kernel log, and what is waited for; the log is a file here. */
#include <errno.h>
#include <fcntl.h>
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
#include "kmsg.h"
#include "platform.h"
#include "util.h"

static char root[] = "/tmp/injector-kmsg.XXXXXX";
static char log_path[128];

/* The read(2) that finds its records overwritten, counted from now; 0: none does. */
static int lost_at;

/* In place of libc's, for the log is a file here, which loses nothing. */
ssize_t read(int fd, void *buf, size_t size)
{
	if (lost_at && !--lost_at) {
		errno = EPIPE;
		return -1;
	}
	return syscall(SYS_read, fd, buf, size);
}

static int fresh_log(void **state)
{
	char dev[64];
	int fd;

	(void)state;
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	if (!mkdtemp(root))
		return -1;
	sysroot = root;
	snprintf(dev, sizeof(dev), "%s/dev", root);
	snprintf(log_path, sizeof(log_path), "%s/kmsg", dev);
	if (mkdir(dev, 0755))
		return -1;
	fd = open(log_path, O_WRONLY | O_CREAT, 0644);
	return fd < 0 ? -1 : close(fd);
}

static int remove_log(void **state)
{
	char cmd[600];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf -- '%s'", root);
	return system(cmd);
}

/* A record of the kernel's, SECONDS from now. */
static void kernel_says(unsigned int seconds, const char *line)
{
	FILE *f;

	if (seconds && fork())
		return;
	sleep(seconds);
	f = fopen(log_path, "a");
	if (f) {
		fprintf(f, "3,7,8,-;%s\n", line);
		fclose(f);
	}
	if (seconds)
		_exit(0);
}

/* memory_failure_queue(): its consumer is told before */
static void a_memory_failure_that_is_expected_is_waited_for(void **state)
{
	struct kmsg_failures f;
	int mark = kmsg_mark();

	(void)state;
	assert_true(mark >= 0);
	kernel_says(1, "Memory failure: 0x100: recovery action for dax page: "
		       "Recovered");
	f = kmsg_failures(mark, 0x100400, 512, 1, deadline_in(60));
	assert_int_equal(f.count, 1);
	assert_false(f.failed);
	assert_int_equal(json_object_array_length(f.lines), 1);
	json_object_put(f.lines);
}

static void that_one_failed_is_told(void **state)
{
	struct kmsg_failures f;
	int mark = kmsg_mark();

	(void)state;
	kernel_says(0, "Memory failure: 0x100: recovery action for dax page: "
		       "Failed");
	f = kmsg_failures(mark, 0x100400, 512, 1, deadline_in(60));
	assert_int_equal(f.count, 1);
	assert_true(f.failed);
	json_object_put(f.lines);
}

static void failures_of_other_pages_are_not_counted(void **state)
{
	struct kmsg_failures f;
	int mark = kmsg_mark();

	(void)state;
	kernel_says(0, "Memory failure: 0x101: recovery action for dax page: "
		       "Failed");
	f = kmsg_failures(mark, 0x100400, 512, 1, deadline_in(0));
	assert_int_equal(f.count, 0);
	assert_false(f.failed);
	assert_int_equal(json_object_array_length(f.lines), 1);
	json_object_put(f.lines);
}

static void without_a_log_nothing_is_waited_for(void **state)
{
	struct kmsg_failures f;

	(void)state;
	f = kmsg_failures(-ENOENT, 0x100400, 512, 1, deadline_in(60));
	assert_int_equal(f.count, 0);
	assert_int_equal(f.err, 0);
	assert_int_equal(json_object_array_length(f.lines), 0);
	json_object_put(f.lines);
}

/* What each call says, and that it has nothing to show for it. */
static void ask_all(int err)
{
	struct kmsg_failures f;
	struct kmsg_page *v;
	json_object *lines;
	uint64_t seq;
	size_t n;
	int fd;

	assert_int_equal(kmsg_hwpoison(&v, &n), err);
	assert_null(v);
	assert_int_equal(n, 0);
	assert_int_equal(kmsg_last(&seq), err);
	if (err == -EIO)	/* it opens, and is not read */
		fd = machine->open_file("/dev/kmsg", 0);
	else
		fd = kmsg_mark();
	assert_int_equal(kmsg_since(fd, &lines), err);
	assert_int_equal(json_object_array_length(lines), 0);
	json_object_put(lines);
	if (err == -EIO)
		fd = machine->open_file("/dev/kmsg", 0);
	f = kmsg_failures(fd, 0x100400, 512, 1, deadline_in(60));
	assert_int_equal(f.err, err);
	assert_int_equal(f.count, 0);
	json_object_put(f.lines);
}

static void a_log_that_is_not_there_has_no_lines(void **state)
{
	(void)state;
	assert_int_equal(unlink(log_path), 0);
	ask_all(0);
}

static void one_that_cannot_be_read_is_not_empty(void **state)
{
	(void)state;
	kernel_says(0, "Memory failure: 0x100: recovery action for dax page: "
		       "Recovered");
	assert_int_equal(setenv("FAKE_UNREADABLE", "EACCES:/dev/kmsg", 1), 0);
	ask_all(-EACCES);
	assert_int_equal(setenv("FAKE_UNREADABLE", "EIO:/dev/kmsg", 1), 0);
	ask_all(-EIO);
	assert_int_equal(unsetenv("FAKE_UNREADABLE"), 0);
	assert_int_equal(kmsg_complain(EXIT_SETUP, -EACCES), EXIT_SETUP);
	assert_string_equal(complaint(), "cannot read /dev/kmsg: Permission denied");
	/* devkmsg_read() of kernel/printk/printk.c */
	assert_int_equal(kmsg_complain(EXIT_UNSEEN, -EPIPE), EXIT_UNSEEN);
	assert_string_equal(complaint(), "cannot read /dev/kmsg: the kernel overwrote "
			    "records before they were read");
}

/* devkmsg_read() answers EPIPE once, and goes on with the oldest record that is left. */
static void records_that_were_overwritten_are_missed(void **state)
{
	static const char action[] = "Memory failure: 0x100: recovery action for dax page: Recovered";
	struct kmsg_record r;
	struct kmsg_failures f;
	struct kmsg_page *v;
	json_object *lines;
	const char *line;
	size_t n;
	int fd = kmsg_mark();

	(void)state;
	kernel_says(0, action);
	lost_at = 1;
	line = kmsg_next(fd, &r);
	assert_string_equal(line, action);
	assert_true(r.lost);
	assert_null(kmsg_next(fd, &r));
	assert_false(r.lost);
	lost_at = 1;
	assert_null(kmsg_next(fd, &r));
	assert_true(r.lost);
	assert_int_equal(r.err, 0);
	close(fd);

	fd = machine->open_file("/dev/kmsg", 0);
	lost_at = 1;
	assert_int_equal(kmsg_since(fd, &lines), -EPIPE);
	assert_int_equal(json_object_array_length(lines), 1);
	json_object_put(lines);

	/* what was expected may be among them: nobody waits for it */
	fd = machine->open_file("/dev/kmsg", 0);
	lost_at = 2;
	f = kmsg_failures(fd, 0x100400, 512, 2, deadline_in(3600));
	assert_int_equal(f.err, -EPIPE);
	assert_int_equal(f.count, 1);
	json_object_put(f.lines);

	/* since boot: the buffer is a ring, and always may have lost some */
	lost_at = 1;
	assert_int_equal(kmsg_hwpoison(&v, &n), 0);
	assert_int_equal(n, 1);
	free(v);
}

#define WITH_LOG(f) cmocka_unit_test_setup_teardown(f, fresh_log, remove_log)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LOG(a_memory_failure_that_is_expected_is_waited_for),
		WITH_LOG(that_one_failed_is_told),
		WITH_LOG(failures_of_other_pages_are_not_counted),
		WITH_LOG(without_a_log_nothing_is_waited_for),
		WITH_LOG(a_log_that_is_not_there_has_no_lines),
		WITH_LOG(one_that_cannot_be_read_is_not_empty),
		WITH_LOG(records_that_were_overwritten_are_missed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
