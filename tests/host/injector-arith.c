// SPDX-License-Identifier: GPL-2.0
/* Numbers, sets of ranges, and the address arithmetic of targets. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "injector-fake.h"
#include "ranges.h"
#include "target.h"
#include "util.h"

static void size_is(const char *text, uint64_t want)
{
	uint64_t v = 1;

	assert_int_equal(parse_size(text, &v), 0);
	assert_int_equal(v, want);
}

static void size_fails(const char *text, int want)
{
	uint64_t v = 77;

	assert_int_equal(parse_size(text, &v), want);
	assert_int_equal(v, 77);
}

static void numbers_take_suffixes_and_bases(void **state)
{
	(void)state;
	size_is("0", 0);
	size_is("512", 512);
	size_is("0x1000", 4096);
	size_is("0K", 0);
	size_is("1KiB", 1024);
	size_is("3giB", UINT64_C(3) << 30);
	size_is("4K", 4096);
	size_is("4k", 4096);
	size_is("0x10M", 16 << 20);
	size_is("3g", UINT64_C(3) << 30);
	size_is("2T", UINT64_C(2) << 40);
	size_is("0xffffffffffffffff", UINT64_MAX);
	size_is("0xffffffT", UINT64_C(0xffffff) << 40);
}

static void bad_numbers_are_refused(void **state)
{
	(void)state;
	size_fails("", -EINVAL);
	size_fails("-1", -EINVAL);
	size_fails("+1", -EINVAL);
	size_fails(" 1", -EINVAL);
	size_fails("1 ", -EINVAL);
	size_fails("K", -EINVAL);
	size_fails("1KB", -EINVAL);
	size_fails("1Ki", -EINVAL);
	size_fails("1KiBs", -EINVAL);
	size_fails("010", -EINVAL);
	size_fails("00", -EINVAL);
	size_fails("1X", -EINVAL);
	size_fails("1.5K", -EINVAL);
	size_fails("18446744073709551616", -ERANGE);
	size_fails("0x1000000T", -ERANGE);
}

static void sets_are(const struct ranges *r, size_t n, const uint64_t *v)
{
	size_t i;

	assert_int_equal(r->n, n);
	for (i = 0; i < n; i++) {
		assert_int_equal(r->v[i].start, v[2 * i]);
		assert_int_equal(r->v[i].len, v[2 * i + 1]);
	}
}

static void adding_merges_what_touches(void **state)
{
	static const uint64_t want[] = { 0, 40, 100, 10 };
	struct ranges r = { 0 };

	(void)state;
	ranges_add(&r, 20, 10);
	ranges_add(&r, 100, 10);
	ranges_add(&r, 0, 10);
	ranges_add(&r, 5, 20);
	ranges_add(&r, 30, 10);
	ranges_add(&r, 50, 0);
	sets_are(&r, 2, want);
	assert_int_equal(ranges_total(&r), 50);
	ranges_free(&r);
}

static void subtracting_cuts_splits_and_removes(void **state)
{
	static const uint64_t want[] = { 0, 5, 8, 2, 30, 5 };
	struct ranges r = { 0 };

	(void)state;
	ranges_add(&r, 0, 10);
	ranges_add(&r, 20, 5);
	ranges_add(&r, 30, 10);
	ranges_sub(&r, 5, 3);
	ranges_sub(&r, 15, 14);
	ranges_sub(&r, 35, 100);
	ranges_sub(&r, 10, 5);
	sets_are(&r, 3, want);
	ranges_free(&r);
}

static void covering_and_touching_mind_the_edges(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	ranges_add(&r, 10, 10);
	assert_true(ranges_cover(&r, 10, 10));
	assert_true(ranges_cover(&r, 12, 8));
	assert_true(ranges_cover(&r, 500, 0));
	assert_false(ranges_cover(&r, 9, 2));
	assert_false(ranges_cover(&r, 19, 2));
	assert_false(ranges_cover(&r, 20, 1));
	assert_true(ranges_touch(&r, 19, 1));
	assert_true(ranges_touch(&r, 0, 11));
	assert_false(ranges_touch(&r, 0, 10));
	assert_false(ranges_touch(&r, 20, 10));
	assert_false(ranges_touch(&r, 15, 0));
	ranges_free(&r);
}

static void clipping_and_widening(void **state)
{
	static const uint64_t clipped[] = { 15, 5, 30, 5 };
	static const uint64_t wide[] = { 0, 512, 1024, 512 };
	struct ranges r = { 0 }, c = { 0 }, w = { 0 };

	(void)state;
	ranges_add(&r, 10, 10);
	ranges_add(&r, 30, 10);
	ranges_clip(&c, &r, 15, 20);
	sets_are(&c, 2, clipped);
	ranges_free(&r);
	ranges_add(&r, 100, 1);
	ranges_add(&r, 200, 300);
	ranges_add(&r, 1535, 1);
	ranges_widen(&w, &r, 512);
	sets_are(&w, 2, wide);
	ranges_free(&r);
	ranges_free(&c);
	ranges_free(&w);
}

/* Against a byte map, with a fixed pseudo-random sequence. */
static void sets_agree_with_a_byte_map(void **state)
{
	bool map[256] = { false };
	struct ranges r = { 0 };
	uint32_t seed = 1;
	int step;

	(void)state;
	for (step = 0; step < 5000; step++) {
		uint64_t start, len, i, total = 0;
		bool all = true, any = false;

		seed = seed * 1664525 + 1013904223;
		start = seed >> 24;
		len = (seed >> 16 & 31) % (256 - start + 1);
		for (i = start; i < start + len; i++) {
			all = all && map[i];
			any = any || map[i];
		}
		assert_int_equal(ranges_cover(&r, start, len), all);
		assert_int_equal(ranges_touch(&r, start, len), any);
		for (i = start; i < start + len; i++)
			map[i] = seed & 0x8000;
		if (seed & 0x8000)
			ranges_add(&r, start, len);
		else
			ranges_sub(&r, start, len);
		for (i = 0; i < 256; i++)
			total += map[i];
		assert_int_equal(ranges_total(&r), total);
		for (i = 1; i < r.n; i++)
			assert_true(r.v[i - 1].start + r.v[i - 1].len <
				    r.v[i].start);
	}
	ranges_free(&r);
}

static int resolve(const char *name, uint64_t off, uint64_t len,
		   struct target *t)
{
	struct place p = {
		.offset_set = true, .length_set = true,
		.offset = off, .length = len,
	};

	return target_resolve(name, &p, false, t);
}

static void extent_is(const struct target *t, size_t i, uint64_t off,
		      uint64_t ns_off, uint64_t len)
{
	assert_true(i < t->n);
	assert_int_equal(t->v[i].off, off);
	assert_int_equal(t->v[i].ns_off, ns_off);
	assert_int_equal(t->v[i].spa, t->ns->data_base + ns_off);
	assert_int_equal(t->v[i].len, len);
}

static void a_block_counts_from_the_data_area(void **state)
{
	struct place p = {
		.block_set = true, .count_set = true, .block = 7, .count = 3,
	};
	struct target t;

	(void)state;
	assert_int_equal(target_resolve("namespace0.0", &p, false, &t), 0);
	assert_int_equal(t.n, 1);
	extent_is(&t, 0, 7 * 512, 7 * 512, 3 * 512);
	assert_int_equal(t.v[0].spa, FAKE_DATA0 + 7 * 512);
	target_free(&t);
}

static void a_partition_adds_its_start(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(resolve("/dev/pmem0p1", 4096, 100, &t), 0);
	extent_is(&t, 0, 4096, FAKE_PART_START + 4096, 100);
	target_free(&t);
}

static void a_file_follows_its_extents(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(resolve("/mnt/file", 4096, 4 * 4096, &t), 0);
	assert_int_equal(t.n, 2);
	extent_is(&t, 0, 4096, FAKE_PART_START + FAKE_EXT0 + 4096, 3 * 4096);
	extent_is(&t, 1, 4 * 4096, FAKE_PART_START + FAKE_EXT1, 4096);
	target_free(&t);
}

static void the_default_place_is_512_bytes(void **state)
{
	struct place none = { 0 };
	struct target t;

	(void)state;
	assert_int_equal(target_resolve("/dev/dax1.0", &none, false, &t), 0);
	extent_is(&t, 0, 0, 0, 512);
	target_free(&t);
	assert_int_equal(target_resolve("/mnt/file", &none, true, &t), 0);
	assert_int_equal(t.len, 10 * 4096 + 100);
	target_free(&t);
}

static void a_whole_file_skips_what_has_no_blocks(void **state)
{
	struct place none = { 0 };
	struct target t;

	(void)state;
	assert_int_equal(target_resolve("/mnt/odd", &none, true, &t), 0);
	assert_int_equal(t.n, 2);
	extent_is(&t, 0, 4 * 4096, 0x104000, 4096);
	extent_is(&t, 1, 7 * 4096, 0x107000, 4096);
	target_free(&t);
	assert_int_equal(target_resolve("/mnt/empty", &none, true, &t),
			 EXIT_UNSUPPORTED);
}

static void dpa_counts_from_the_mapping(void **state)
{
	struct target t;
	uint64_t dpa = 0;

	(void)state;
	assert_int_equal(resolve("/dev/pmem0", 0x12345, 1, &t), 0);
	assert_string_equal(target_dpa(t.ns, t.v[0].spa, &dpa)->name, "nmem0");
	assert_int_equal(dpa, FAKE_DPA0 + (FAKE_DATA0 - FAKE_REGION0) +
			      0x12345);
	target_free(&t);
	assert_int_equal(resolve("/dev/pmem4", 0, 1, &t), 0);
	assert_null(target_dpa(t.ns, t.v[0].spa, &dpa));
	target_free(&t);
}

static void rounding_goes_out_to_the_unit(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(resolve("/dev/pmem0", 300, 300, &t), 0);
	assert_int_equal(target_widen(&t, 256, NULL), 0);
	extent_is(&t, 0, 256, 256, 512);
	target_free(&t);
	assert_int_equal(resolve("/dev/dax1.0", 0x250000, 1, &t), 0);
	assert_int_equal(target_map_align(&t), 0x200000);
	assert_int_equal(target_widen(&t, 0x200000, NULL), 0);
	extent_is(&t, 0, 0x200000, 0x200000, 0x200000);
	target_free(&t);
	assert_int_equal(resolve("/mnt/file", 10 * 4096 + 50, 1, &t), 0);
	assert_int_equal(target_widen(&t, 4096, NULL), 0);
	extent_is(&t, 0, 10 * 4096,
		  FAKE_PART_START + FAKE_EXT1 + 6 * 4096, 4096);
	target_free(&t);
}

static void rounding_stays_inside(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(resolve("/mnt/file", 0, 1, &t), 0);
	assert_int_equal(target_widen(&t, 8192, NULL), EXIT_UNSUPPORTED);
	target_free(&t);
	/* a partition of 8 MiB: a unit of 16 MiB would reach beyond */
	assert_int_equal(resolve("/dev/pmem0p1", 0, 1, &t), 0);
	assert_int_equal(target_widen(&t, 16 << 20, NULL), EXIT_UNSUPPORTED);
	target_free(&t);
}

static void places_must_be_whole_inside(void **state)
{
	struct place far_block = { .block_set = true, .block = UINT64_MAX };
	struct target t;

	(void)state;
	assert_int_equal(resolve("/dev/pmem0", FAKE_SIZE0, 1, &t), EXIT_USAGE);
	assert_int_equal(resolve("/dev/pmem0", FAKE_SIZE0 - 1, 2, &t),
			 EXIT_USAGE);
	assert_int_equal(resolve("/dev/pmem0", 1, UINT64_MAX, &t), EXIT_USAGE);
	assert_int_equal(resolve("/dev/pmem0", UINT64_MAX, 1, &t), EXIT_USAGE);
	assert_int_equal(resolve("/mnt/file", 10 * 4096, 101, &t), EXIT_USAGE);
	assert_int_equal(target_resolve("namespace0.0", &far_block, false, &t),
			 EXIT_USAGE);
	assert_int_equal(resolve("/dev/pmem0", FAKE_SIZE0 - 1, 1, &t), 0);
	target_free(&t);
}

static void extents_without_a_place_are_refused(void **state)
{
	struct target t;
	uint64_t page;

	(void)state;
	/* unwritten, a hole, delayed, inline, (shared is fine), encoded */
	for (page = 0; page < 6; page++) {
		int want = page == 4 ? EXIT_OK : EXIT_UNSUPPORTED;

		assert_int_equal(resolve("/mnt/odd", page * 4096, 512, &t),
				 want);
		if (!want) {
			assert_true(t.v[0].shared);
			target_free(&t);
		}
	}
	assert_int_equal(resolve("/mnt/beyond", 0, 512, &t), EXIT_SETUP);
}

static void what_cannot_hold_poison_is_refused(void **state)
{
	struct place block = { .block_set = true };
	struct target t;

	(void)state;
	assert_int_equal(resolve("/mnt/cached", 0, 1, &t), EXIT_UNSUPPORTED);
	assert_int_equal(resolve("/mnt/realtime", 0, 1, &t), EXIT_UNSUPPORTED);
	assert_int_equal(resolve("/dev/sda", 0, 1, &t), EXIT_UNSUPPORTED);
	assert_int_equal(resolve("/proc/self", 0, 1, &t), EXIT_UNSUPPORTED);
	assert_int_equal(resolve("/none", 0, 1, &t), EXIT_USAGE);
	assert_int_equal(resolve("namespace9.9", 0, 1, &t), EXIT_USAGE);
	assert_int_equal(resolve("namespace2.0", 0, 1, &t), EXIT_UNSUPPORTED);
	assert_int_equal(resolve("namespace3.0", 0, 1, &t), EXIT_UNSUPPORTED);
	assert_int_equal(target_resolve("/mnt/file", &block, false, &t),
			 EXIT_USAGE);
}

static const struct nsinfo *at(uint64_t spa)
{
	const struct nsinfo *ns;

	assert_int_equal(target_ns_at(spa, &ns), EXIT_OK);
	return ns;
}

static void namespaces_are_found_by_address(void **state)
{
	const struct nsinfo *ns;

	(void)state;
	assert_string_equal(at(FAKE_DATA1)->name, "namespace1.0");
	assert_string_equal(at(FAKE_DATA0 + FAKE_SIZE0 - 1)->name,
			    "namespace0.0");
	assert_null(at(FAKE_DATA0 + FAKE_SIZE0));
	assert_null(at(FAKE_DATA0 - 1));
	assert_int_equal(target_ns("", &ns), EXIT_OK);
	assert_null(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_take_suffixes_and_bases),
		cmocka_unit_test(bad_numbers_are_refused),
		cmocka_unit_test(adding_merges_what_touches),
		cmocka_unit_test(subtracting_cuts_splits_and_removes),
		cmocka_unit_test(covering_and_touching_mind_the_edges),
		cmocka_unit_test(clipping_and_widening),
		cmocka_unit_test(sets_agree_with_a_byte_map),
		cmocka_unit_test(a_block_counts_from_the_data_area),
		cmocka_unit_test(a_partition_adds_its_start),
		cmocka_unit_test(a_file_follows_its_extents),
		cmocka_unit_test(the_default_place_is_512_bytes),
		cmocka_unit_test(a_whole_file_skips_what_has_no_blocks),
		cmocka_unit_test(dpa_counts_from_the_mapping),
		cmocka_unit_test(rounding_goes_out_to_the_unit),
		cmocka_unit_test(rounding_stays_inside),
		cmocka_unit_test(places_must_be_whole_inside),
		cmocka_unit_test(extents_without_a_place_are_refused),
		cmocka_unit_test(what_cannot_hold_poison_is_refused),
		cmocka_unit_test(namespaces_are_found_by_address),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
