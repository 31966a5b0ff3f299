// SPDX-License-Identifier: GPL-2.0
/* What firmware and kernel say, read from a machine that is not there. */
#include <errno.h>
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

#include "emulation.h"
#include "fw.h"
#include "injector-fake.h"
#include "injector-tree.h"
#include "journal.h"
#include "state.h"

static char root[] = "/tmp/injector-state.XXXXXX";

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
	unsetenv("FAKE_DSM");
	text_is("/sys/bus/nd/devices/ndbus0/nfit/dsm_mask", "0x3be\n");
	text_is("/sys/bus/nd/devices/ndbus0/nfit/scrub", "1\n");
	text_is("/sys/block/pmem0/badblocks", "");
	text_is("/proc/cpuinfo", "flags\t: fpu vme hypervisor lahf_lm\n");
	text_is("/proc/sys/kernel/random/boot_id", "boot-1\n");
	text_is("/run/keep", "");
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	return tree_remove(root);
}

static const struct nsinfo *ns0(void)
{
	return fake_ns("namespace0.0");
}

static void the_mask_decides_whether_errors_can_be_injected(void **state)
{
	(void)state;
	assert_true(fw_can_inject("ndbus0"));
	assert_false(fw_can_inject("ndbus9"));
	/* 9 is missing */
	text_is("/sys/bus/nd/devices/ndbus0/nfit/dsm_mask", "0x1be\n");
	assert_false(fw_can_inject("ndbus0"));
}

static void what_is_injected_is_found_again(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	assert_int_equal(fw_inject("ndbus0", FAKE_DATA0, 512, false), 0);
	assert_int_equal(fw_inject("ndbus0", FAKE_DATA0 + 4096, 256, false), 0);
	assert_int_equal(fw_uninject("ndbus0", FAKE_DATA0, 256), 0);
	assert_int_equal(fw_injected("ndbus0", &r), 0);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.v[0].start, FAKE_DATA0 + 256);
	assert_int_equal(r.v[0].len, 256);
	assert_int_equal(r.v[1].start, FAKE_DATA0 + 4096);
	ranges_free(&r);
}

static void thousands_of_records_are_read_whole(void **state)
{
	struct ranges r = { 0 };
	FILE *f;
	char path[512];
	int i;

	(void)state;
	snprintf(path, sizeof(path), "%s/fw", root);
	f = fopen(path, "w");
	for (i = 0; i < 10000; i++)
		fprintf(f, "%lu 256\n", FAKE_DATA0 + (uint64_t)i * 1024);
	fclose(f);
	assert_int_equal(fw_injected("ndbus0", &r), 0);
	assert_int_equal(r.n, 10000);
	assert_int_equal(ranges_total(&r), 2560000);
	ranges_free(&r);
}

static void a_status_becomes_an_errno(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	setenv("FAKE_DSM", "refuse", 1);
	assert_int_equal(fw_inject("ndbus0", FAKE_DATA0, 512, true),
			 -EOPNOTSUPP);
	setenv("FAKE_DSM", "invalid", 1);
	assert_int_equal(fw_uninject("ndbus0", FAKE_DATA0, 512), -EINVAL);
	assert_int_equal(fw_injected("ndbus0", &r), -EINVAL);
	setenv("FAKE_DSM", "short", 1);
	assert_int_equal(fw_inject("ndbus0", FAKE_DATA0, 512, true), -ENODATA);
	setenv("FAKE_DSM", "liar", 1);
	assert_int_equal(fw_injected("ndbus0", &r), -EPROTO);
	assert_int_equal(r.n, 0);
}

static void badblocks_are_sectors_of_the_data_area(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	text_is("/sys/block/pmem0/badblocks", "8 2\n10 1\n100 4\n");
	assert_int_equal(state_badblocks(ns0(), &r), 0);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.v[0].start, FAKE_DATA0 + 8 * 512);
	assert_int_equal(r.v[0].len, 3 * 512);
	assert_int_equal(r.v[1].start, FAKE_DATA0 + 100 * 512);
	ranges_free(&r);
	text_is("/sys/block/pmem0/badblocks", "8 two\n");
	assert_int_equal(state_badblocks(ns0(), &r), -EPROTO);
	ranges_free(&r);
}

static void badblocks_of_devdax_are_those_of_its_region(void **state)
{
	const struct nsinfo *ns = fake_ns("namespace1.0");
	struct ranges r = { 0 };

	(void)state;
	/* sector 0 lies in front of the data area, 4096 is its first */
	text_is("/sys/bus/nd/devices/region1/badblocks", "0 8\n4095 2\n");
	assert_int_equal(state_badblocks(ns, &r), 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.v[0].start, FAKE_DATA1);
	assert_int_equal(r.v[0].len, 512);
	ranges_free(&r);
}

static void a_missing_list_is_an_error_not_a_clean_bill(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	assert_int_equal(state_badblocks(fake_ns("namespace1.0"), &r),
			 -ENOENT);
}

static void a_scrub_is_waited_for_with_a_deadline(void **state)
{
	(void)state;
	assert_int_equal(state_scrub_wait("ndbus0", deadline_in(5)), EXIT_OK);
	text_is("/sys/bus/nd/devices/ndbus0/nfit/scrub", "1+\n");
	assert_int_equal(state_scrub_wait("ndbus0", deadline_in(0)),
			 EXIT_TIMEOUT);
	assert_int_equal(state_scrub_wait("ndbus7", deadline_in(0)), EXIT_OK);
}

static void listing_is_waited_for_with_a_deadline(void **state)
{
	struct ranges want = { 0 };

	(void)state;
	ranges_add(&want, FAKE_DATA0, 512);
	ranges_add(&want, FAKE_DATA0 + 5120, 512);
	assert_int_equal(state_listed(ns0(), &want, false, NULL, deadline_in(0)),
			 -ETIMEDOUT);
	text_is("/sys/block/pmem0/badblocks", "0 1\n");
	assert_int_equal(state_listed(ns0(), &want, false, NULL, deadline_in(0)), 0);
	assert_int_equal(state_listed(ns0(), &want, true, NULL, deadline_in(0)),
			 -ETIMEDOUT);
	text_is("/sys/block/pmem0/badblocks", "0 1\n10 1\n");
	assert_int_equal(state_listed(ns0(), &want, true, NULL, deadline_in(0)), 0);
	ranges_free(&want);
}

static void page_flags_tell_poison_from_absence(void **state)
{
	uint64_t flags[4] = { 0, 1ULL << 19, 1ULL << 20, 1ULL << 3 };

	(void)state;
	file_is("/proc/kpageflags", flags, sizeof(flags));
	assert_int_equal(state_page(0), PAGE_GOOD);
	assert_int_equal(state_page(1), PAGE_POISONED);
	assert_int_equal(state_page(2), PAGE_HIDDEN);
	assert_int_equal(state_page(3), PAGE_GOOD);
	assert_int_equal(state_page(4), PAGE_HIDDEN);
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

static void the_journal_forgets_what_was_cleared(void **state)
{
	struct target a = whole_page(0), b = whole_page(8192);
	struct ranges good = { 0 };
	struct planted *v;
	size_t n;

	(void)state;
	assert_int_equal(journal_left(&v, &n), EXIT_OK);
	assert_int_equal(n, 0);
	assert_int_equal(journal_plant("dsm", &a), EXIT_OK);
	assert_int_equal(journal_plant("madvise", &b), EXIT_OK);
	ranges_add(&good, FAKE_DATA0, 8192);
	assert_int_equal(journal_clear(&good), EXIT_OK);
	assert_int_equal(journal_left(&v, &n), EXIT_OK);
	assert_int_equal(n, 1);
	assert_string_equal(v[0].mechanism, "madvise");
	assert_string_equal(v[0].target, "/dev/pmem0");
	assert_string_equal(v[0].ns, "namespace0.0");
	assert_int_equal(v[0].off, 8192);
	assert_int_equal(v[0].spa, FAKE_DATA0 + 8192);
	assert_int_equal(v[0].len, 4096);
	free(v);
	/* planted again after a clearing: there again */
	assert_int_equal(journal_plant("dsm", &a), EXIT_OK);
	assert_int_equal(journal_left(&v, &n), EXIT_OK);
	assert_int_equal(n, 2);
	free(v);
	ranges_free(&good);
	target_free(&a);
	target_free(&b);
}

static void the_journal_of_another_boot_does_not_count(void **state)
{
	struct target a = whole_page(0);
	struct planted *v;
	size_t n;

	(void)state;
	assert_int_equal(journal_plant("dsm", &a), EXIT_OK);
	text_is("/proc/sys/kernel/random/boot_id", "boot-2\n");
	assert_int_equal(journal_left(&v, &n), EXIT_OK);
	assert_int_equal(n, 0);
	free(v);
	target_free(&a);
}

static void damaged_lines_of_the_journal_are_counted(void **state)
{
	struct target a = whole_page(0);
	size_t n, damaged, line;
	struct planted *v;

	(void)state;
	text_is("/run/poisonctl/journal", "\n{\"event\":\"pl\n\nnonsense");
	assert_int_equal(journal_plant("dsm", &a), EXIT_OK);
	assert_int_equal(journal_left_damaged(&v, &n, &damaged, &line), EXIT_OK);
	assert_int_equal(n, 1);
	assert_int_equal(damaged, 2);
	assert_int_equal(line, 2);
	free(v);
	target_free(&a);
}

static void what_is_cleared_in_part_is_left_in_part(void **state)
{
	struct target a = whole_page(0);
	struct ranges good = { 0 };
	struct planted *v;
	size_t n;

	(void)state;
	assert_int_equal(journal_plant("dsm", &a), EXIT_OK);
	ranges_add(&good, FAKE_DATA0 + 512, 1024);
	assert_int_equal(journal_clear(&good), EXIT_OK);
	assert_int_equal(journal_left(&v, &n), EXIT_OK);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].spa, FAKE_DATA0);
	assert_int_equal(v[0].len, 512);
	assert_int_equal(v[1].spa, FAKE_DATA0 + 1536);
	assert_int_equal(v[1].off, 1536);
	assert_int_equal(v[1].len, 4096 - 1536);
	free(v);
	ranges_free(&good);
	ranges_add(&good, FAKE_DATA0, 512);
	ranges_add(&good, FAKE_DATA0 + 1024, 4096);
	assert_int_equal(journal_clear(&good), EXIT_OK);
	assert_int_equal(journal_left(&v, &n), EXIT_OK);
	assert_int_equal(n, 0);
	free(v);
	ranges_free(&good);
	target_free(&a);
}

static void a_cancelled_planting_does_not_count(void **state)
{
	struct target a = whole_page(0);
	struct planted *v;
	size_t n;

	(void)state;
	assert_int_equal(journal_plant("dsm", &a), EXIT_OK);
	assert_int_equal(journal_plant("madvise", &a), EXIT_OK);
	assert_int_equal(journal_cancel("madvise", &a), EXIT_OK);
	assert_int_equal(journal_left(&v, &n), EXIT_OK);
	assert_int_equal(n, 1);
	assert_string_equal(v[0].mechanism, "dsm");
	free(v);
	target_free(&a);
}

/* n sectors, all apart from each other; their addresses go to good, too, but for one */
static struct target sectors_apart(size_t n, struct ranges *good)
{
	struct target t = whole_page(0);

	free(t.v);
	t.v = calloc(n, sizeof(*t.v));
	for (t.n = 0; t.n < n; t.n++) {
		t.v[t.n] = (struct extent){
			.off = t.n * 1024, .ns_off = t.n * 1024,
			.spa = FAKE_DATA0 + t.n * 1024, .len = 512,
		};
		if (t.n)
			ranges_add(good, t.v[t.n].spa, 512);
	}
	return t;
}

/*
 * Plants n sectors, reads the journal of them, and clears all but one: it is short then;
 * and that one.
 * Return: what reading took of the processor, ns
 */
static double journal_of(size_t n)
{
	struct ranges good = { 0 };
	struct target t = sectors_apart(n, &good);
	struct timespec a, b;
	struct planted *v;
	size_t got, i;
	char *text;

	assert_int_equal(journal_plant("dsm", &t), EXIT_OK);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	assert_int_equal(journal_left(&v, &got), EXIT_OK);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	assert_int_equal(got, n);
	for (i = 0; i < got; i++)
		assert_int_equal(v[i].spa, FAKE_DATA0 + i * 1024);
	free(v);
	assert_int_equal(journal_clear(&good), EXIT_OK);
	assert_int_equal(journal_left(&v, &got), EXIT_OK);
	assert_int_equal(got, 1);
	free(v);
	text = read_whole("/run/poisonctl/journal");
	assert_true(strlen(text) < 1000);
	free(text);
	ranges_add(&good, t.v[0].spa, 512);
	assert_int_equal(journal_clear(&good), EXIT_OK);
	ranges_free(&good);
	target_free(&t);
	return (b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec);
}

/* ten times as long a list takes ten times as long to read; a hundred if it is not linear */
static void a_long_journal_is_read_in_line_and_then_short(void **state)
{
	double few, many;

	(void)state;
	few = journal_of(2000);
	many = journal_of(20000);
	print_message("# 20,000 beside 2,000: %.1f times\n", many / few);
	assert_true(many < 40 * few);
}

static void without_a_journal_nothing_is_planted(void **state)
{
	struct target a = whole_page(0);

	(void)state;
	text_is("/run/poisonctl", "a file where the folder should be");
	assert_int_equal(journal_plant("dsm", &a), EXIT_SETUP);
	target_free(&a);
}

/* An SSDT with these OEM ids, 36 bytes of header. */
static void own_table(const char *ids)
{
	char text[64];

	snprintf(text, sizeof(text), "SSDTllllrc%s0001INTL0001\n\n", ids);
	text_is("/sys/firmware/acpi/tables/SSDT2", text);
}

/* A cloud's machine is virtual, and its RAM is somebody's. */
static void ram_is_disposable_only_in_the_emulation(void **state)
{
	const char *why;

	(void)state;
	text_is("/proc/cpuinfo", "flags\t: fpu hypervisor\n");
	assert_true(emulation_real_media(NULL, &why));
	assert_true(emulation_real_machine(&why));
	own_table("POISONNVDIMMER");
	assert_false(emulation_real_media(NULL, &why));
}

static void media_is_emulated_only_by_ids_and_machine(void **state)
{
	const char *why;
	struct nsinfo ns = *ns0();

	(void)state;
	assert_false(emulation_real_media(&ns, &why));
	text_is("/proc/cpuinfo", "flags\t: fpu vme lahf_lm\n");
	assert_true(emulation_real_media(&ns, &why));
	/* a vendor's name is no proof: laptops have those of hypervisors as well */
	text_is("/sys/class/dmi/id/sys_vendor", "Microsoft Corporation\n");
	assert_true(emulation_real_media(&ns, &why));
	own_table("POISONOTHERONE");
	assert_true(emulation_real_media(&ns, &why));
	assert_true(emulation_real_machine(&why));
	own_table("POISONNVDIMMER");
	assert_false(emulation_real_media(&ns, &why));
	assert_false(emulation_real_media(NULL, &why));
	assert_false(emulation_real_machine(&why));
	ns.dimms[0].vendor = 0x8980;
	assert_true(emulation_real_media(&ns, &why));
	assert_true(emulation_real_media(fake_ns("namespace4.0"), &why));
	strcpy(ns.provider, "nfit_test.0");
	assert_false(emulation_real_media(&ns, &why));
	ns = *ns0();
	ns.ndimms = 0;
	assert_true(emulation_real_media(&ns, &why));
}

#define IN_ROOT(f) cmocka_unit_test_setup_teardown(f, fresh_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ROOT(the_mask_decides_whether_errors_can_be_injected),
		IN_ROOT(what_is_injected_is_found_again),
		IN_ROOT(thousands_of_records_are_read_whole),
		IN_ROOT(a_status_becomes_an_errno),
		IN_ROOT(badblocks_are_sectors_of_the_data_area),
		IN_ROOT(badblocks_of_devdax_are_those_of_its_region),
		IN_ROOT(a_missing_list_is_an_error_not_a_clean_bill),
		IN_ROOT(a_scrub_is_waited_for_with_a_deadline),
		IN_ROOT(listing_is_waited_for_with_a_deadline),
		IN_ROOT(page_flags_tell_poison_from_absence),
		IN_ROOT(the_journal_forgets_what_was_cleared),
		IN_ROOT(the_journal_of_another_boot_does_not_count),
		IN_ROOT(damaged_lines_of_the_journal_are_counted),
		IN_ROOT(what_is_cleared_in_part_is_left_in_part),
		IN_ROOT(a_cancelled_planting_does_not_count),
		IN_ROOT(a_long_journal_is_read_in_line_and_then_short),
		IN_ROOT(without_a_journal_nothing_is_planted),
		IN_ROOT(ram_is_disposable_only_in_the_emulation),
		IN_ROOT(media_is_emulated_only_by_ids_and_machine),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
