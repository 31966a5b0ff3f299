// SPDX-License-Identifier: GPL-2.0
/*
 * The list of poisoned ranges (qemu-configs/device/poison-list.c): format on
 * media, refusals, capacity.
 *
 * Bytes and check words that are expected here were computed by hand from
 * qemu-configs/acpi/poison.h.
 */
#include "device-list.h"

/* ---- format ---------------------------------------------------------- */

static void bytes_of_a_new_list(void **state)
{
	static const uint8_t want[] = {
		'P', 'O', 'I', 'S', 'L', 'I', 'S', 'T', 1, 0, 0, 0, 4, 0, 0, 0,
		0xa1, 0x98, 0x9c, 0xa7, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x40, 0, 0, 0, 1, 0, 0, 0, 0x12, 0xe0, 0x3d, 0xe8, 0, 0, 0, 0,
		0, 0x40, 0, 0, 0x40, 0, 0, 0, 0x62, 0xfa, 0x49, 0x91, 0, 0, 0, 0,
		0, 0, 0, 0,
	};
	PoisonList *list;

	(void)state;
	/* what lies behind the list is not looked at */
	memset(area, 0xff, sizeof(area));
	memset(area, 0, AREA(4));
	list = must_open(AREA(4), 1u << 20);
	assert_int_equal(get(4), 0);
	assert_int_equal(poison_list_plant(list, 0x40, 1), POISON_ST_OK);
	assert_int_equal(poison_list_plant(list, 0x4000, 0x40), POISON_ST_OK);
	assert_memory_equal(area, want, sizeof(want));
	assert_int_equal(get(AREA(4)), 0xffffffff);
	assert_int_equal(poison_list_ranges(list), 2);
	assert_int_equal(poison_list_capacity(list), 4);
	poison_list_close(list);
}

static void bytes_after_merge_and_clear(void **state)
{
	PoisonList *list;

	(void)state;
	memset(area, 0, sizeof(area));
	list = must_open(AREA(SLOTS), DIMM);
	poison_list_plant(list, 5, 3);
	poison_list_plant(list, 16, 1);
	poison_list_plant(list, 8, 8);	/* joins both: 5 to 17 */
	assert_int_equal(poison_list_ranges(list), 1);
	assert_int_equal(get(20), 3);
	for (int i = 0; i < 8; i++)
		assert_int_equal(get(64 + 4 * i), 0);
	assert_int_equal(get(96), 5);
	assert_int_equal(get(100), 12);
	assert_int_equal(get(104), 0xba6f0054);
	assert_int_equal(get(108), 0);
	poison_list_clear(list, 0, DIMM);
	assert_int_equal(get(20), 3);
	for (int i = 0; i < 12; i++)
		assert_int_equal(get(64 + 4 * i), 0);
	poison_list_close(list);
}

static void another_writers_list(void **state)
{
	PoisonList *list;

	(void)state;
	put_header(5);
	put_slot(0, 100, 10);
	put_slot(2, 105, 20);	/* overlaps */
	put_slot(3, 125, 5);	/* adjoins */
	put_slot(4, 4000, 96);	/* to the last granule */
	put(slot_at(5), 0xdead);	/* from HIGH on: free whatever is there */
	list = must_open(AREA(SLOTS), DIMM);
	assert_int_equal(poison_list_ranges(list), 4);
	assert_found(list, 0, DIMM, 100, 30);
	assert_found(list, 107, 2, 107, 2);
	assert_found(list, 129, DIMM - 129, 129, 1);
	assert_found(list, 130, DIMM - 130, 4000, 96);
	assert_clean(list, 130, 3870);
	assert_int_equal(poison_list_clear(list, 110, 1), POISON_ST_OK);
	assert_found(list, 0, DIMM, 100, 10);
	assert_found(list, 110, 1000, 111, 19);
	poison_list_close(list);
}

static void torn_slot_is_freed(void **state)
{
	static const struct { uint32_t word[4]; bool stays; } torn[] = {
		{ { 7, 0, 0, 0 }, false },
		{ { 7, 3, 0, 0 }, false },
		{ { 0, 3, 0x12345678, 0 }, false },
		{ { 0, 0, 0x12345678, 0 }, false },
		{ { 0, 0, 0, 0 }, false },
		{ { 16, 1, 0xecf78de3, 0 }, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++) {
		PoisonList *list;

		put_header(2);
		put_slot(0, 5, 3);
		for (int w = 0; w < 4; w++)
			put(slot_at(1) + 4 * w, torn[i].word[w]);
		put(24, 2);
		list = must_open(AREA(SLOTS), DIMM);
		assert_int_equal(poison_list_ranges(list), 1 + torn[i].stays);
		assert_found(list, 0, DIMM, 5, 3);
		assert_int_equal(get(24), 0);
		for (int w = 0; w < 4; w++)
			assert_int_equal(get(slot_at(1) + 4 * w),
					 torn[i].stays ? torn[i].word[w] : 0);
		poison_list_close(list);
	}
}

static void torn_slot_that_was_never_in_use(void **state)
{
	PoisonList *list;

	(void)state;
	put_header(1);
	put_slot(0, 5, 3);
	put_slot(1, 50, 3);	/* whole, but HIGH was not stored */
	put(24, 2);
	list = must_open(AREA(SLOTS), DIMM);
	assert_int_equal(poison_list_ranges(list), 1);
	assert_clean(list, 8, DIMM - 8);
	assert_int_equal(get(24), 0);
	assert_int_equal(get(20), 1);
	poison_list_close(list);
}

/* ---- refusals --------------------------------------------------------- */

typedef struct {
	const char *what;
	size_t at;
	uint32_t value;
	PoisonOpen want;
} Broken;

/* each is stored into a good list of two ranges, 5+3 in slot 0, 16+1 in 1 */
static const Broken broken[] = {
	{ "first magic",	0, 0x31504d45, POISON_OPEN_FOREIGN },
	{ "second magic",	4, 0x31504d45, POISON_OPEN_FOREIGN },
	{ "version",		8, 2, POISON_OPEN_DAMAGED },
	{ "capacity",		12, SLOTS - 1, POISON_OPEN_DAMAGED },
	{ "check",		16, 0, POISON_OPEN_DAMAGED },
	{ "high",		20, SLOTS + 1, POISON_OPEN_DAMAGED },
	{ "intent",		24, SLOTS + 1, POISON_OPEN_DAMAGED },
	{ "start",		64, 6, POISON_OPEN_DAMAGED },
	{ "count",		68, 4, POISON_OPEN_DAMAGED },
	{ "count of 0",		68, 0, POISON_OPEN_DAMAGED },
	{ "check of a slot",	72, 0x2a7bb918, POISON_OPEN_DAMAGED },
	{ "zero of a slot",	76, 1, POISON_OPEN_DAMAGED },
	{ "zero of a free slot", 108, 1, POISON_OPEN_DAMAGED },
	{ "slot of another number", 96, 5, POISON_OPEN_DAMAGED },
};

static void put_good(void)
{
	put_header(3);
	put_slot(0, 5, 3);
	put_slot(1, 16, 1);
	assert_int_equal(get(72), 0x2a7bb919);
	assert_int_equal(get(88), 0xecf78de3);
}

static void must_refuse(PoisonOpen want, uint64_t granules)
{
	uint32_t before[AREA_MAX / 4];
	PoisonList *list = (PoisonList *)1;
	PoisonOpen how;

	memcpy(before, area, sizeof(area));
	why[0] = 0;
	how = poison_list_open(&list, area, AREA(SLOTS), granules, NULL, NULL,
			       why);
	assert_int_equal(how, want);
	assert_null(list);
	assert_memory_equal(area, before, sizeof(area));
	assert_int_not_equal(why[0], 0);
}

static void broken_lists_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		put_good();
		put(broken[i].at, broken[i].value);
		must_refuse(broken[i].want, DIMM);
		/* also when a torn slot waits to be repaired */
		if (broken[i].at != 24) {
			put(slot_at(2), broken[i].at >= 96 ? get(slot_at(2)) : 9);
			put(24, broken[i].at >= 96 ? 2 : 3);
			must_refuse(broken[i].want, DIMM);
		}
	}
}

/*
 * Without its mark an area is a list's if it is empty, or has the first bytes of a
 * new header.
 */
static void content_without_a_mark(void **state)
{
	uint8_t *bytes = (uint8_t *)area;
	uint32_t made[POISON_HDR_SIZE / 4] = { };
	PoisonList *list;

	(void)state;
	put_header(0);
	memcpy(made, area, sizeof(made));
	made[0] = 0;
	for (size_t n = 0; n <= sizeof(made); n++) {
		memset(area, 0, sizeof(area));
		memcpy(area, made, n);
		assert_int_equal(poison_list_open(&list, area, AREA(SLOTS), DIMM, NULL,
						  NULL, why), POISON_OPEN_OK);
		poison_list_close(list);
	}
	for (size_t n = 4; n < AREA(SLOTS); n++) {
		memset(area, 0, sizeof(area));
		bytes[n] = 0xa5;
		must_refuse(POISON_OPEN_FOREIGN, DIMM);
	}
}

static void more_refusals(void **state)
{
	PoisonList *list;

	(void)state;
	put_good();
	put(8, 2);			/* of a later version, and whole */
	put(16, get(16) + 1);
	must_refuse(POISON_OPEN_FOREIGN, DIMM);
	put_good();
	put(12, SLOTS + 1);		/* does not fit */
	put(16, get(16) + 1);
	must_refuse(POISON_OPEN_DAMAGED, DIMM);
	put_good();
	must_refuse(POISON_OPEN_DAMAGED, 16);	/* 16+1 leaves the DIMM */
	put_good();
	put_slot(1, 0xffffffff, 2);
	must_refuse(POISON_OPEN_DAMAGED, 1ull << 32);
	assert_int_equal(poison_list_open(&list, area, AREA(1) - 1, DIMM, NULL,
					  NULL, why), POISON_OPEN_SMALL);
	assert_int_equal(poison_list_open(&list, (char *)area + 2, AREA(4),
					  DIMM, NULL, NULL, why),
			 POISON_OPEN_SMALL);
}

/* ---- ranges and capacity ------------------------------------------------ */

static void bad_ranges(void **state)
{
	static const struct { uint32_t start, count; } bad[] = {
		{ 0, 0 }, { DIMM, 1 }, { DIMM - 1, 2 }, { 0, DIMM + 1 },
		{ 0xffffffff, 1 }, { 0xffffffff, 0xffffffff }, { 1, 0xffffffff },
	};
	PoisonList *list;

	(void)state;
	memset(area, 0, sizeof(area));
	list = must_open(AREA(SLOTS), DIMM);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t start = bad[i].start, count = bad[i].count;

		assert_int_equal(poison_list_plant(list, start, count),
				 POISON_ST_RANGE);
		assert_int_equal(poison_list_clear(list, start, count),
				 POISON_ST_RANGE);
		assert_int_equal(poison_list_find(list, &start, &count),
				 POISON_ST_RANGE);
		assert_int_equal(start, bad[i].start);
		assert_int_equal(count, bad[i].count);
	}
	assert_int_equal(get(0), 0);
	poison_list_close(list);
}

static void full_list(void **state)
{
	uint32_t before[AREA_MAX / 4];
	PoisonList *list;

	(void)state;
	memset(area, 0, sizeof(area));
	list = must_open(AREA(SLOTS), DIMM);
	/* one slot stays free, for what replaces another */
	for (uint32_t i = 0; i < SLOTS - 1; i++)
		assert_int_equal(poison_list_plant(list, 10 * i, 5),
				 POISON_ST_OK);
	memcpy(before, area, sizeof(area));
	assert_int_equal(poison_list_plant(list, 2000, 1), POISON_ST_FULL);
	assert_int_equal(poison_list_clear(list, 12, 1), POISON_ST_FULL);
	assert_memory_equal(area, before, sizeof(area));
	assert_int_equal(poison_list_ranges(list), SLOTS - 1);
	/* growing, shrinking, clearing need no more slots than there are */
	assert_int_equal(poison_list_plant(list, 11, 3), POISON_ST_OK);
	assert_int_equal(poison_list_plant(list, 9, 1), POISON_ST_OK);
	assert_int_equal(poison_list_clear(list, 9, 2), POISON_ST_OK);
	assert_int_equal(poison_list_clear(list, 14, 1), POISON_ST_OK);
	assert_found(list, 5, 15, 11, 3);
	/* over a whole one and halves of its neighbours, in a full list */
	assert_int_equal(poison_list_clear(list, 3, 18), POISON_ST_OK);
	assert_found(list, 0, 100, 0, 3);
	assert_found(list, 3, 100, 21, 4);
	assert_int_equal(poison_list_plant(list, 2000, 1), POISON_ST_OK);
	poison_list_close(list);
}

/* what the overlay writes, by poison.h: one of its two records, all of whose words are n */
static void put_record(uint32_t capacity, uint32_t copy, uint32_t n)
{
	size_t at = slot_at(capacity - 10) + copy * 80;

	for (size_t i = 4; i < 80; i += 4)
		put(at + i, n);
	put(at, 19 * n + 0x43455350u);
}

static void record_of_security(void **state)
{
	uint32_t before[AREA_MAX / 4];
	PoisonList *list;

	(void)state;
	for (uint32_t copy = 0; copy < 2; copy++) {
		memset(area, 0, sizeof(area));
		list = must_open(AREA(20), DIMM);
		assert_int_equal(poison_list_plant(list, 0, 1), POISON_ST_OK);
		assert_int_equal(poison_list_capacity(list), 20);
		/* it comes while the list is in use */
		put_record(20, copy, 7);
		memcpy(before, area, sizeof(area));
		assert_int_equal(poison_list_capacity(list), 10);
		for (uint32_t i = 1; i < 9; i++)
			assert_int_equal(poison_list_plant(list, 10 * i, 5), POISON_ST_OK);
		assert_int_equal(poison_list_plant(list, 2000, 1), POISON_ST_FULL);
		assert_int_equal(poison_list_clear(list, 12, 1), POISON_ST_FULL);
		assert_int_equal(poison_list_clear(list, 10, 1), POISON_ST_OK);
		poison_list_close(list);
		list = must_open(AREA(20), DIMM);
		assert_int_equal(poison_list_ranges(list), 9);
		assert_int_equal(poison_list_plant(list, 2000, 1), POISON_ST_FULL);
		assert_memory_equal(area + slot_at(10) / 4, before + slot_at(10) / 4, 160);
		/* one that is torn takes no slots */
		put(slot_at(10) + copy * 80 + 40, 8);
		assert_int_equal(poison_list_capacity(list), 20);
		assert_int_equal(poison_list_plant(list, 2000, 1), POISON_ST_OK);
		poison_list_close(list);
	}
}

/* slots that were in use stay, whatever is written there */
static void record_too_late(void **state)
{
	PoisonList *list;

	(void)state;
	memset(area, 0, sizeof(area));
	list = must_open(AREA(20), DIMM);
	for (uint32_t i = 0; i < 11; i++)
		assert_int_equal(poison_list_plant(list, 10 * i, 5), POISON_ST_OK);
	put_record(20, 1, 7);
	assert_int_equal(poison_list_capacity(list), 20);
	poison_list_close(list);
	/* and a list of 11 slots has none to give */
	memset(area, 0, sizeof(area));
	list = must_open(AREA(11), DIMM);
	poison_list_make(list);
	put_record(11, 0, 7);
	assert_int_equal(poison_list_capacity(list), 11);
	poison_list_close(list);
}

static void list_without_media(void **state)
{
	PoisonList *list;

	(void)state;
	assert_int_equal(poison_list_open(&list, NULL, AREA(SLOTS), DIMM, NULL,
					  NULL, why), POISON_OPEN_OK);
	assert_int_equal(poison_list_plant(list, 1, 2), POISON_ST_OK);
	assert_found(list, 0, DIMM, 1, 2);
	assert_int_equal(poison_list_clear(list, 0, 2), POISON_ST_OK);
	assert_found(list, 0, DIMM, 2, 1);
	poison_list_close(list);
	poison_list_close(NULL);
}

static void largest_dimm(void **state)
{
	uint32_t start, count;
	uint64_t pos = 0;
	PoisonList *list;

	(void)state;
	memset(area, 0, sizeof(area));
	list = must_open(AREA(SLOTS), 1ull << 32);
	assert_int_equal(poison_list_plant(list, 0xffffffff, 1), POISON_ST_OK);
	assert_int_equal(get(slot_at(0) + 8) - (0xeea3fb74u - 3), 0);
	assert_found(list, 1, 0xffffffff, 0xffffffff, 1);
	/* 2^32 granules are more than one slot can say */
	assert_int_equal(poison_list_plant(list, 0, 0xffffffff), POISON_ST_OK);
	assert_found(list, 0, 0xffffffff, 0, 0xffffffff);
	assert_found(list, 1, 0xffffffff, 1, 0xffffffff);
	assert_int_equal(poison_list_next(list, &pos, &start, &count), 1);
	assert_int_equal(start, 0);
	assert_int_equal(count, 0xffffffff);
	assert_int_equal(poison_list_next(list, &pos, &start, &count), 1);
	assert_int_equal(start, 0xffffffff);
	assert_int_equal(count, 1);
	assert_int_equal(poison_list_next(list, &pos, &start, &count), 0);
	assert_int_equal(poison_list_clear(list, 1, 0xfffffffe), POISON_ST_OK);
	assert_found(list, 0, 0xffffffff, 0, 1);
	assert_found(list, 1, 0xffffffff, 0xffffffff, 1);
	poison_list_close(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a new list has the bytes of the format",
		     bytes_of_a_new_list),
		TEST("ranges that touch become one slot, freed slots are zero",
		     bytes_after_merge_and_clear),
		TEST("slots of another writer may overlap",
		     another_writers_list),
		TEST("a torn slot that INTENT names is free",
		     torn_slot_is_freed),
		TEST("a slot from HIGH on is free, even if it is whole",
		     torn_slot_that_was_never_in_use),
		TEST("a damaged list is refused and stays as it is",
		     broken_lists_are_refused),
		TEST("a list of another version, size or DIMM is refused",
		     more_refusals),
		TEST("ranges that are empty, wrap or leave the DIMM are refused",
		     bad_ranges),
		TEST("content that has no mark is refused, unless it is a header's beginning",
		     content_without_a_mark),
		TEST("a full list refuses what needs a slot, and nothing else",
		     full_list),
		TEST("a record of security has the last ten slots, whichever copy is whole",
		     record_of_security),
		TEST("slots that were in use are no record of security",
		     record_too_late),
		TEST("a list needs no media",
		     list_without_media),
		TEST("a DIMM may have 2^32 granules",
		     largest_dimm),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("device-list", tests, NULL, NULL);
}
