// SPDX-License-Identifier: GPL-2.0
/*
 * Files and devices on the device mapper, on a /sys made here.  What a table looks
 * like is in include/uapi/linux/dm-ioctl.h of Linux 6.1.
 */
#include <inttypes.h>
#include <linux/dm-ioctl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cmocka.h>

#include "dm.h"
#include "files.h"
#include "injector-fake.h"
#include "injector-tree.h"
#include "target.h"
#include "util.h"

static char root[] = "/tmp/injector-dm.XXXXXX";

/* MAJOR:MINOR of the device that the files of @root lie on, or another one's. */
static void put_disk(unsigned int maj, unsigned int min, const char *name,
		     const char *sectors, const char *start)
{
	char path[256], to[256], text[512];

	snprintf(path, sizeof(path), "/sys/block/%s", name);
	snprintf(text, sizeof(text), "mkdir -p %s%s/dm %s/sys/dev/block", root,
		 path, root);
	assert_int_equal(system(text), 0);
	snprintf(to, sizeof(to), "../../block/%s", name);
	snprintf(path, sizeof(path), "%s/sys/dev/block/%u:%u", root, maj, min);
	assert_int_equal(symlink(to, path), 0);
	snprintf(path, sizeof(path), "/sys/block/%s/size", name);
	tree_put(root, path, sectors);
	if (!start)
		return;
	snprintf(path, sizeof(path), "/sys/block/%s/partition", name);
	tree_put(root, path, "1");
	snprintf(path, sizeof(path), "/sys/block/%s/start", name);
	tree_put(root, path, start);
}

static const char *table_words[3];	/* of three linear targets of 8 sectors */
static unsigned int table_targets;

/* As dm_table_status() of drivers/md/dm-ioctl.c lays it out. */
static int fake_table(dev_t dev, void *table, size_t size)
{
	struct dm_ioctl *head = table;
	char *first;
	unsigned int i;

	(void)dev;
	memset(table, 0, size);
	head->data_start = sizeof(*head);
	head->target_count = table_targets;
	first = (char *)table + head->data_start;
	for (i = 0; i < table_targets; i++) {
		struct dm_target_spec spec = {
			.sector_start = 8 * i, .length = 8,
			.next = (i + 1) * 64, .target_type = "linear",
		};

		memcpy(first + 64 * i, &spec, sizeof(spec));
		strcpy(first + 64 * i + sizeof(spec), table_words[i]);
	}
	return 0;
}

static struct machine_ops with_table;

static void put_devices(unsigned int maj, unsigned int min)
{
	put_disk(maj, min, "dm-7", "24", NULL);
	tree_put(root, "/sys/block/dm-7/dm/suspended", "0");
	put_disk(259, 77, "pmem0", "1000", NULL);
	put_disk(259, 78, "pmem0/pmem0p1", "500", "100");
	put_disk(259, 79, "pmem9", "1000", NULL);
	with_table = *machine;
	with_table.dm_table = fake_table;
	machine = &with_table;
}

static void a_linear_device_is_followed_to_its_disk(void **state)
{
	char path[256];
	struct ident id;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/data", root);
	tree_put(root, "/data", "x");
	assert_int_equal(stat(path, &st), 0);
	put_devices(major(st.st_dev), minor(st.st_dev));
	table_targets = 3;
	table_words[0] = "259:78 16";
	table_words[1] = "259:78 24";
	table_words[2] = "259:77 0";
	assert_int_equal(files_identify(path, &id), 0);
	assert_string_equal(id.dev, "pmem0");
	assert_int_equal(id.size, 1);
	assert_int_equal(id.runs.n, 2);
	assert_int_equal(id.runs.v[0].at, 116 * 512);
	assert_int_equal(id.runs.v[0].len, 16 * 512);
	assert_int_equal(id.runs.v[1].start, 16 * 512);
	assert_int_equal(id.runs.v[1].at, 0);
	table_words[1] = "259:79 24";
	assert_int_equal(files_identify(path, &id), 0);
	assert_string_equal(id.dev, "dm-7");
	table_words[1] = "nonsense";
	assert_int_equal(files_identify(path, &id), 0);
	assert_string_equal(id.dev, "dm-7");
}

static void a_file_in_two_runs_is_found(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(target_resolve("/mnt/split", &(struct place){ 0 },
					true, &t), 0);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.v[0].ns_off, 0x301000);
	assert_int_equal(t.v[0].len, 0x1000);
	assert_int_equal(t.v[1].off, 0x1000);
	assert_int_equal(t.v[1].ns_off, 0x100000);
	assert_int_equal(t.v[1].len, 0x2000);
	target_free(&t);
	assert_int_equal(target_resolve("/dev/dm-0", &(struct place){
		.offset_set = true, .offset = 0x2000 }, true, &t), 0);
	assert_int_equal(t.v[0].ns_off, 0x100000);
	target_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_linear_device_is_followed_to_its_disk),
		cmocka_unit_test(a_file_in_two_runs_is_found),
	};
	char command[128];
	int rc;

	sysroot = mkdtemp(root);
	if (!sysroot)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf -- '%s'", root);
	return system(command) ? 1 : rc;
}
