// SPDX-License-Identifier: GPL-2.0
/*
 * Targets that are addresses: SPA, PFN, DIMM and DPA, process and virtual
 * address, on a /proc made here.  Page flags and pagemap bits are numbered as in
 * Documentation/admin-guide/mm/pagemap.rst.
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

#include "injector-fake.h"
#include "injector-tree.h"
#include "target.h"
#include "util.h"

#define PRESENT		(UINT64_C(1) << 63)
#define SWAPPED		(UINT64_C(1) << 62)
#define KPF_SLAB	(UINT64_C(1) << 7)
#define KPF_ANON	(UINT64_C(1) << 12)
#define KPF_NOPAGE	(UINT64_C(1) << 20)
#define KPF_THP		(UINT64_C(1) << 22)
#define KPF_ZERO	(UINT64_C(1) << 24)
#define KPF_RESERVED	(UINT64_C(1) << 32)

#define RAM		UINT64_C(0x1000000)	/* "System RAM" from here */
#define HEAP		UINT64_C(0x400000)	/* anonymous, 4 MiB */
#define DAXFILE		UINT64_C(0x900000)	/* a file's, from its page 2 */

static char root[] = "/tmp/injector-address.XXXXXX";

static void put_word(const char *path, uint64_t index, uint64_t word)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "%s%s", root, path);
	fd = open(full, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &word, 8, (off_t)(index * 8)), 8);
	close(fd);
}

/* A page of process 77: what is at @va, and what the frame is used for. */
static void put_page(uint64_t va, uint64_t entry, uint64_t flags)
{
	put_word("/proc/77/pagemap", va / PAGE, entry);
	put_word("/proc/kpageflags", entry & 0xffffffff, flags);
}

static void put_start(unsigned long start)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "77 (a) b (c) S 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 "
		 "%lu 0 0\n", start);
	tree_put(root, "/proc/77/stat", text);
}

static const char smaps[] =
	"00400000-00800000 rw-p 00000000 00:00 0                    [heap]\n"
	"KernelPageSize:        4 kB\n"
	"AnonHugePages:         0 kB\n"
	"Swap:                  4 kB\n"
	"VmFlags: rd wr mr mw me ac sd \n"
	"00900000-00910000 rw-s 00002000 103:00 12        /mnt/pf io file\n"
	"KernelPageSize:        4 kB\n"
	"Swap:                  0 kB\n"
	"VmFlags: rd wr sh mr mw me ms \n"
	"00a00000-00a01000 rw-s 00000000 00:05 99         /dev/mem\n"
	"KernelPageSize:        4 kB\n"
	"VmFlags: rd wr sh mr mw me ms pf io de dd \n"
	"00c00000-01000000 rw-p 00000000 00:00 0\n"
	"KernelPageSize:        4 kB\n"
	"AnonHugePages:      4096 kB\n"
	"VmFlags: rd wr mr mw me ac hg \n"
	"01000000-01400000 rw-s 00000000 00:0f 7          /anon_hugepage\n"
	"KernelPageSize:     2048 kB\n"
	"VmFlags: rd wr sh mr mw me ms de ht \n"
	"40000000-80000000 rw-s 00000000 00:05 8          /dev/dax1.0\n"
	"KernelPageSize:  1048576 kB\n"
	"VmFlags: rd wr sh mr mw me ms \n";

static int make_machine(void **state)
{
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/proc/77", root);
	assert_int_equal(mkdir(path, 0700), 0);
	tree_put(root, "/proc/iomem",
		 "00000000-00000fff : Reserved\n"
		 "00001000-0009fbff : System RAM\n"
		 "01000000-0fffffff : System RAM\n"
		 "  02000000-02ffffff : Kernel code\n"
		 "c0000000-cfffffff : PCI Bus 0000:00\n"
		 "100000000-107ffffff : Persistent Memory\n"
		 "  100000000-107ffffff : namespace0.0\n"
		 "140000000-147ffffff : Persistent Memory\n");
	tree_put(root, "/proc/77/smaps", smaps);
	put_start(1000);
	put_page(HEAP, PRESENT | 0x1234, KPF_ANON);
	put_page(HEAP + PAGE, PRESENT | 0x1235, KPF_ANON);
	put_page(HEAP + 2 * PAGE, PRESENT | 0x1300, KPF_ANON);
	put_page(HEAP + 3 * PAGE, SWAPPED | 0x40, 0);
	put_page(HEAP + 4 * PAGE, 0, 0);
	put_page(HEAP + 5 * PAGE, PRESENT | 0x1400, KPF_ZERO | KPF_RESERVED);
	put_page(HEAP + 6 * PAGE, PRESENT | 0x1401, KPF_RESERVED);
	put_page(HEAP + 7 * PAGE, PRESENT | FAKE_DATA0 / PAGE, KPF_NOPAGE);
	put_page(HEAP + 8 * PAGE, PRESENT | 0x1402, KPF_ANON);
	put_page(HEAP + 9 * PAGE, PRESENT, KPF_ANON);
	put_page(DAXFILE, PRESENT | (FAKE_DATA0 / PAGE + 9), KPF_NOPAGE);
	put_page(DAXFILE + PAGE, PRESENT | (FAKE_DATA0 / PAGE + 5), KPF_NOPAGE);
	put_page(DAXFILE + 2 * PAGE, SWAPPED | 0x40, 0);
	put_page(0xa00000, PRESENT | 0x1500, KPF_ANON);
	put_page(0xc05000, PRESENT | 0x2005, KPF_ANON | KPF_THP);
	put_page(0xc06000, PRESENT | 0x2006, KPF_ANON);
	put_page(0xc07000, PRESENT | 0x3000, KPF_ANON | KPF_THP);
	put_page(0x1003000, PRESENT | 0x4003, KPF_ANON);
	put_page(0x40003000, PRESENT | (FAKE_DATA1 / PAGE + 3), KPF_NOPAGE);
	return 0;
}

static int resolve(const char *name, uint64_t off, uint64_t len,
		   struct target *t)
{
	struct place p = {
		.offset_set = off != UINT64_MAX, .length_set = len,
		.offset = off == UINT64_MAX ? 0 : off, .length = len,
	};

	return target_resolve(name, &p, false, t);
}

static void refused(const char *name, uint64_t off, uint64_t len, int code,
		    const char *words)
{
	struct target t;

	assert_int_equal(resolve(name, off, len, &t), code);
	assert_non_null(strstr(complaint(), words));
	assert_null(t.v);
}

static void an_spa_in_a_namespace_is_its_block(void **state)
{
	struct target t;
	uint64_t dpa;

	(void)state;
	assert_int_equal(resolve("spa:0x100600200", UINT64_MAX, 1024, &t), 0);
	assert_int_equal(t.kind, TARGET_SPA);
	assert_string_equal(t.ns->name, "namespace0.0");
	assert_int_equal(t.n, 1);
	assert_int_equal(t.v[0].off, UINT64_C(0x100600200));
	assert_int_equal(t.v[0].ns_off, 512);
	assert_int_equal(t.v[0].spa, FAKE_DATA0 + 512);
	assert_int_equal(extent_pfn(&t.v[0]), UINT64_C(0x100600));
	assert_int_equal(t.v[0].len, 1024);
	assert_false(target_is_ram(&t));
	assert_true(target_has_node(&t));
	assert_int_equal(target_dev_off(&t, &t.v[0]), 512);
	assert_non_null(target_dpa(t.ns, t.v[0].spa, &dpa));
	assert_int_equal(dpa, FAKE_DPA0 + 0x600200);
	target_free(&t);
}

static void an_spa_elsewhere_is_system_ram(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(resolve("spa", RAM + 5, 0, &t), 0);
	assert_true(target_is_ram(&t));
	assert_null(t.ns);
	assert_string_equal(target_where(&t), "System RAM");
	assert_false(target_has_node(&t));
	assert_int_equal(t.v[0].spa, RAM + 5);
	assert_int_equal(t.v[0].len, 512);
	assert_int_equal(target_widen(&t, PAGE, NULL), 0);
	assert_int_equal(t.v[0].spa, RAM);
	assert_int_equal(t.v[0].off, RAM);
	assert_int_equal(t.v[0].len, PAGE);
	assert_int_equal(target_widen(&t, 2 * PAGE, NULL), EXIT_UNSUPPORTED);
	target_free(&t);
	assert_int_equal(resolve("pfn:0x1001", 16, 1, &t), 0);
	assert_int_equal(t.v[0].spa, RAM + PAGE + 16);
	assert_string_equal(target_key(&t), "spa");
	target_free(&t);
}

static void an_spa_that_is_no_memory_is_refused(void **state)
{
	(void)state;
	refused("spa:0xc0000000", UINT64_MAX, 0, EXIT_UNSUPPORTED,
		"'PCI Bus 0000:00'");
	refused("spa:0", UINT64_MAX, 0, EXIT_UNSUPPORTED, "'Reserved'");
	refused("spa:0x10000000", UINT64_MAX, 0, EXIT_UNSUPPORTED, "a hole");
	refused("spa:0x100000000", UINT64_MAX, 0, EXIT_UNSUPPORTED,
		"data area of no namespace");
	refused("spa:0xfffffff", UINT64_MAX, 2, EXIT_UNSUPPORTED,
		"reaches beyond System RAM");
	refused("spa:0x1045fffff", UINT64_MAX, 2, EXIT_UNSUPPORTED,
		"reaches beyond the data area");
}

static void a_dpa_counts_from_the_mapping(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(resolve("nmem0:0x602200", UINT64_MAX, 1, &t), 0);
	assert_int_equal(t.kind, TARGET_DIMM);
	assert_int_equal(t.v[0].off, 0x602200);
	assert_int_equal(t.v[0].spa, FAKE_DATA0 + 0x200);
	assert_int_equal(t.v[0].ns_off, 0x200);
	assert_string_equal(target_key(&t), "nmem0");
	target_free(&t);
	refused("nmem0", 0x1000, 1, EXIT_UNSUPPORTED, "there is none");
	refused("nmem2", 0x1000, 1, EXIT_UNSUPPORTED, "does not translate");
	refused("nmem9", 0x1000, 1, EXIT_USAGE, "no DIMM 'nmem9'");
	refused("nmem0", 0x2000, 1, EXIT_UNSUPPORTED, "data area of no");
}

/* pages take turns: page 513 of nmem3 is page 1027 of the region */
static void a_dpa_of_a_set_is_where_the_firmware_says(void **state)
{
	const struct dimm_part *dimm;
	struct target t;
	uint64_t dpa;

	(void)state;
	setenv("FAKE_TRANSLATE", "1", 1);
	assert_int_equal(resolve("nmem3:0x201200", UINT64_MAX, 1, &t), 0);
	assert_int_equal(t.v[0].spa, FAKE_REGION4 + 0x403200);
	dimm = target_dpa(t.ns, t.v[0].spa, &dpa);
	assert_string_equal(dimm->name, "nmem3");
	assert_int_equal(dpa, 0x201200);
	target_free(&t);
	assert_int_equal(resolve("nmem2:0x201200", UINT64_MAX, 1, &t), 0);
	assert_int_equal(t.v[0].spa, FAKE_REGION4 + 0x402200);
	target_free(&t);
	refused("nmem3", 0x4000000, 1, EXIT_UNSUPPORTED, "there is none");
	unsetenv("FAKE_TRANSLATE");
}

static void the_grammar_is_strict(void **state)
{
	struct place block = { .block_set = true };
	struct target t;

	(void)state;
	refused("spa", UINT64_MAX, 0, EXIT_USAGE, "needs an address");
	refused("pid:77", UINT64_MAX, 0, EXIT_USAGE, "needs an address");
	refused("spa:", UINT64_MAX, 0, EXIT_USAGE, "'' is no number");
	refused("spa:12q", UINT64_MAX, 0, EXIT_USAGE, "'12q' is no number");
	refused("spa:0x10000000000000000", UINT64_MAX, 0, EXIT_USAGE,
		"too large");
	refused("pfn:0x10000000000000", UINT64_MAX, 0, EXIT_USAGE, "too large");
	refused("spa:0xffffffffffffffff", 1, 0, EXIT_USAGE, "too large");
	refused("spa:0x10000000000000", UINT64_MAX, 0, EXIT_USAGE,
		"are not inside");
	refused("pid:77:0x100000000000000", UINT64_MAX, 0, EXIT_USAGE,
		"are not inside");
	refused("pid:x", 0, 0, EXIT_USAGE, "no such target");
	refused("nmem", 0, 0, EXIT_USAGE, "no such target");
	refused("spam", 0, 0, EXIT_USAGE, "no such target");
	refused("nmem0x:1", 0, 0, EXIT_USAGE, "no such target");
	refused("namespace0.0", UINT64_MAX, 7, EXIT_USAGE, "needs --offset");
	assert_int_equal(target_resolve("spa:0", &block, false, &t),
			 EXIT_USAGE);
}

static void a_process_page_is_its_frame(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(resolve("pid:77:0x400010", UINT64_MAX, 3 * PAGE - 16,
				 &t), 0);
	assert_true(target_is_ram(&t));
	assert_int_equal(t.start_time, 1000);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.v[0].off, HEAP + 16);
	assert_int_equal(t.v[0].spa, 0x1234 * PAGE + 16);
	assert_int_equal(t.v[0].len, 2 * PAGE - 16);
	assert_int_equal(t.v[0].map_size, PAGE);
	assert_int_equal(t.v[1].off, HEAP + 2 * PAGE);
	assert_int_equal(t.v[1].spa, 0x1300 * PAGE);
	assert_int_equal(t.v[1].len, PAGE);
	assert_string_equal(target_key(&t), "pid:77");
	target_free(&t);
}

static void a_process_that_maps_a_dax_file_is_in_its_namespace(void **state)
{
	struct target t;
	char node[64];

	(void)state;
	assert_int_equal(resolve("pid:77", DAXFILE, PAGE + 1, &t), 0);
	assert_string_equal(t.ns->name, "namespace0.0");
	assert_int_equal(t.n, 2);
	assert_int_equal(t.v[0].ns_off, 9 * PAGE);
	assert_int_equal(t.v[0].file_off, 2 * PAGE);
	assert_int_equal(t.v[1].ns_off, 5 * PAGE);
	assert_int_equal(t.v[1].file_off, 3 * PAGE);
	assert_int_equal(t.v[1].len, 1);
	target_devnode(&t, node, sizeof(node));
	assert_string_equal(node, "/proc/77/map_files/900000-910000");
	assert_int_equal(target_dev_off(&t, &t.v[1]), 3 * PAGE);
	target_free(&t);
}

static void the_mapping_size_is_said_where_it_is_certain(void **state)
{
	static const struct {
		uint64_t va, size;
	} want[] = {
		{ HEAP, PAGE },
		{ DAXFILE, PAGE },	/* no room for a PMD in 64 KiB */
		{ 0xc05000, 2 << 20 },	/* THP, all of the mapping is */
		{ 0xc06000, PAGE },	/* not a THP */
		{ 0xc07000, PAGE },	/* frame and address do not match */
		{ 0x1003000, 2 << 20 },	/* hugetlb */
		{ 0x40003000, 1 << 30 },	/* device-dax of that alignment */
	};
	struct target t;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(resolve("pid:77", want[i].va, 1, &t), 0);
		assert_int_equal(t.v[0].map_size, want[i].size);
		assert_int_equal(t.v[0].hugetlb, want[i].va == 0x1003000);
		target_free(&t);
	}
}

static void what_is_no_page_of_the_process_is_refused(void **state)
{
	(void)state;
	refused("pid:77", HEAP + 3 * PAGE, 1, EXIT_UNSUPPORTED, "swapped out");
	refused("pid:77", HEAP + 4 * PAGE, 1, EXIT_UNSUPPORTED,
		"never touched");
	refused("pid:77", HEAP + 5 * PAGE, 1, EXIT_UNSUPPORTED, "zero page");
	refused("pid:77", HEAP + 6 * PAGE, 1, EXIT_UNSUPPORTED,
		"belongs to the kernel (reserved)");
	refused("pid:77", HEAP + 7 * PAGE, 2 * PAGE, EXIT_UNSUPPORTED,
		"partly in namespace0.0 and partly in System RAM");
	refused("pid:77", HEAP + 9 * PAGE, 1, EXIT_UNSUPPORTED,
		"CAP_SYS_ADMIN is needed");
	refused("pid:77", DAXFILE + 2 * PAGE, 1, EXIT_UNSUPPORTED,
		"poisoned already");
	refused("pid:77", 0xa00000, 1, EXIT_UNSUPPORTED, "VM_PFNMAP");
	refused("pid:77", 0x800000, 1, EXIT_USAGE, "maps nothing at 0x800000");
	refused("pid:78", HEAP, 1, EXIT_USAGE, "no process '78'");
	/* the first page is good, the rest is not */
	refused("pid:77", HEAP + 2 * PAGE, 2 * PAGE, EXIT_UNSUPPORTED,
		"at 0x403000 may be swapped out");
}

static void what_is_no_process_is_refused(void **state)
{
	(void)state;
	tree_put(root, "/proc/77/stat", "77 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 "
		 "0 0 0 20 0 1 0 5 0 0\n");
	refused("pid:77", HEAP, 1, EXIT_UNSUPPORTED, "kernel thread");
	tree_put(root, "/proc/77/stat", "77 (x) Z 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 "
		 "0 20 0 1 0 5 0 0\n");
	refused("pid:77", HEAP, 1, EXIT_UNSUPPORTED, "has ended");
	tree_put(root, "/proc/77/stat", "77 (x");
	refused("pid:77", HEAP, 1, EXIT_SETUP, "cannot read the state");
	put_start(1000);
}

static void a_page_that_moved_is_noticed(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(resolve("pid:77:0x400000", UINT64_MAX, 1, &t), 0);
	assert_int_equal(target_still_there(&t), 0);
	put_page(HEAP, PRESENT | 0x1236, KPF_ANON);
	assert_int_equal(target_still_there(&t), EXIT_SETUP);
	put_page(HEAP, PRESENT | 0x1234, KPF_ANON);
	assert_int_equal(target_still_there(&t), 0);
	put_start(2000);
	assert_int_equal(target_still_there(&t), EXIT_SETUP);
	put_start(1000);
	target_free(&t);
}

static void hidden_addresses_are_told_apart(void **state)
{
	(void)state;
	tree_put(root, "/proc/iomem", "00000000-00000000 : System RAM\n");
	refused("spa:0x1000000", UINT64_MAX, 0, EXIT_UNSUPPORTED,
		"hidden: not root?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_spa_in_a_namespace_is_its_block),
		cmocka_unit_test(an_spa_elsewhere_is_system_ram),
		cmocka_unit_test(an_spa_that_is_no_memory_is_refused),
		cmocka_unit_test(a_dpa_counts_from_the_mapping),
		cmocka_unit_test(a_dpa_of_a_set_is_where_the_firmware_says),
		cmocka_unit_test(the_grammar_is_strict),
		cmocka_unit_test(a_process_page_is_its_frame),
		cmocka_unit_test(
			a_process_that_maps_a_dax_file_is_in_its_namespace),
		cmocka_unit_test(the_mapping_size_is_said_where_it_is_certain),
		cmocka_unit_test(what_is_no_page_of_the_process_is_refused),
		cmocka_unit_test(what_is_no_process_is_refused),
		cmocka_unit_test(a_page_that_moved_is_noticed),
		cmocka_unit_test(hidden_addresses_are_told_apart),
	};
	char command[128];
	int rc;

	if (!mkdtemp(root))
		return 1;
	sysroot = root;
	snprintf(command, sizeof(command), "%s/proc", root);
	mkdir(command, 0700);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	rc = cmocka_run_group_tests(tests, make_machine, NULL);
	snprintf(command, sizeof(command), "rm -rf -- '%s'", root);
	return system(command) ? 1 : rc;
}
