// SPDX-License-Identifier: GPL-2.0
/*
 * The list of poisoned ranges (qemu-configs/device/poison-list.c): a writer
 * that dies at every store, random operations against a bitmap, many ranges.
 */
#include "device-list.h"

/* ---- a writer that dies ---------------------------------------------------- */

static jmp_buf death;
static PoisonList *opened;
static uint32_t stores_left;
static uint32_t shadow[AREA_MAX / 4];	/* what the reported stores made */

/* what the overlay has last written as the record of health; 0: nothing in this life */
static uint32_t health;
static uint32_t records;

/* the overlay writes it at any time, but only when MAGIC0 says that the header is whole */
static void write_health(void)
{
	if (get(POISON_HDR_MAGIC0) != POISON_MAGIC0)
		return;
	health = ++records;
	for (size_t i = 0; i < POISON_HEALTH_SIZE; i += 4) {
		put(POISON_HDR_HEALTH + i, health);
		shadow[(POISON_HDR_HEALTH + i) / 4] = health;
	}
}

static void assert_health(void)
{
	for (size_t i = 0; health && i < POISON_HEALTH_SIZE; i += 4)
		assert_int_equal(get(POISON_HDR_HEALTH + i), health);
}

static void count_down(void *opaque, size_t offset, size_t size)
{
	(void)opaque;
	assert_int_equal(size, 4);
	shadow[offset / 4] = area[offset / 4];
	write_health();
	if (--stores_left == 0)
		longjmp(death, 1);
}

typedef struct {
	bool plant;
	uint32_t start, count;
} Step;

static unsigned apply(PoisonList *list, const Step *s)
{
	return s->plant ? poison_list_plant(list, s->start, s->count) :
			  poison_list_clear(list, s->start, s->count);
}

static void to_bitmap(PoisonList *list, uint8_t *bitmap)
{
	uint32_t start, count;
	uint64_t pos = 0;

	memset(bitmap, 0, DIMM);
	while (poison_list_next(list, &pos, &start, &count))
		memset(bitmap + start, 1, count);
}

static void open_counting(uint32_t budget)
{
	stores_left = budget;
	health = 0;
	memcpy(shadow, area, sizeof(area));
	assert_int_equal(poison_list_open(&opened, area, AREA(SLOTS), DIMM,
					  count_down, NULL, why),
			 POISON_OPEN_OK);
}

/*
 * Does the step on what area holds, and dies after so many stores.
 * Return: false if it was done before that.
 */
static bool dies_after(const Step *s, uint32_t stores)
{
	volatile bool died = true;

	/* another life may have left a torn slot, whose repair also stores */
	open_counting(UINT32_MAX);
	stores_left = stores;
	if (!setjmp(death)) {
		assert_int_equal(apply(opened, s), POISON_ST_OK);
		died = false;
	}
	poison_list_close(opened);
	assert_memory_equal(area, shadow, sizeof(area));
	assert_health();
	return died;
}

/* opens and dies after so many stores of the repair, if it makes as many */
static bool repair_dies_after(uint32_t stores)
{
	volatile bool died = true;

	if (!setjmp(death)) {
		open_counting(stores);
		died = false;
	}
	poison_list_close(opened);
	assert_health();
	return died;
}

/* what is there now is before or after, or a clear that is partly done */
static void check_state(const uint8_t *before, const uint8_t *after,
			bool partly)
{
	uint8_t now[DIMM];
	PoisonList *list;

	health = get(POISON_HDR_HEALTH);
	list = must_open(AREA(SLOTS), DIMM);
	to_bitmap(list, now);
	if (memcmp(now, before, DIMM) && memcmp(now, after, DIMM)) {
		assert_true(partly);
		for (uint32_t i = 0; i < DIMM; i++)
			assert_true(now[i] <= before[i] && now[i] >= after[i]);
	}
	assert_true(!get(0) || !get(24));
	/* and the list can be gone on with */
	assert_int_equal(poison_list_clear(list, 0, DIMM), POISON_ST_OK);
	assert_int_equal(poison_list_plant(list, 7, 1), POISON_ST_OK);
	assert_found(list, 0, DIMM, 7, 1);
	assert_health();
	poison_list_close(list);
}

static const Step steps[] = {
	{ true, 100, 10 },	/* the first one: makes the list */
	{ true, 200, 10 },
	{ true, 300, 10 },
	{ true, 110, 5 },	/* grows */
	{ true, 90, 120 },	/* joins two */
	{ false, 95, 5 },	/* splits */
	{ false, 90, 2 },	/* shrinks at its start */
	{ false, 305, 100 },	/* and at its end */
	{ true, 0, 1 },
	{ true, 4095, 1 },
	{ false, 92, 210 },	/* two and a part: in more than one step */
	{ true, 50, 500 },
	{ false, 0, DIMM },
	{ true, 40, 2 },
};

static void writer_dies_at_every_store(void **state)
{
	uint32_t saved[AREA_MAX / 4], torn[AREA_MAX / 4];
	uint8_t before[DIMM], after[DIMM];
	unsigned deaths = 0;
	PoisonList *list;

	(void)state;
	memset(area, 0xa5, sizeof(area));
	memset(area, 0, AREA(SLOTS));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		memcpy(saved, area, sizeof(area));
		list = must_open(AREA(SLOTS), DIMM);
		to_bitmap(list, before);
		assert_int_equal(apply(list, &steps[i]), POISON_ST_OK);
		to_bitmap(list, after);
		poison_list_close(list);
		for (uint32_t n = 1;; n++) {
			memcpy(area, saved, sizeof(area));
			if (!dies_after(&steps[i], n))
				break;
			deaths++;
			memcpy(torn, area, sizeof(area));
			for (uint32_t m = 1; repair_dies_after(m); m++) {
				check_state(before, after, !steps[i].plant);
				memcpy(area, torn, sizeof(area));
			}
			memcpy(area, torn, sizeof(area));
			check_state(before, after, !steps[i].plant);
		}
		memcpy(area, saved, sizeof(area));
		assert_false(dies_after(&steps[i], UINT32_MAX));
		/* what lies from HIGH on must not come to life */
		for (uint32_t slot = get(POISON_HDR_HIGH); slot < SLOTS; slot++)
			put_slot(slot, 1000 + 2 * slot, 1);
	}
	/* a plant makes at least INTENT, three words, check, INTENT */
	assert_true(deaths > 6 * sizeof(steps) / sizeof(steps[0]));
}

/* ---- random operations against a bitmap ------------------------------------- */

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 33) % below;
}

static uint32_t runs(const uint8_t *bitmap)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < DIMM; i++)
		n += bitmap[i] && !(i && bitmap[i - 1]);
	return n;
}

static void compare_find(PoisonList *list, const uint8_t *bitmap)
{
	uint32_t start = rnd(DIMM), count = 1 + rnd(DIMM - start);
	uint32_t from = start, to = start + count, end;

	while (from < to && !bitmap[from])
		from++;
	if (from == to) {
		assert_clean(list, start, count);
		return;
	}
	for (end = from; end < to && bitmap[end]; end++)
		;
	assert_found(list, start, count, from, end - from);
}

static void random_step(PoisonList *list, uint8_t *bitmap, uint32_t capacity)
{
	Step s = { .plant = rnd(5) < 3, .start = rnd(DIMM) };
	uint8_t want[DIMM];
	unsigned st;

	s.count = 1 + rnd(rnd(8) ? 20 : 600);
	if (s.count > DIMM - s.start)
		s.count = DIMM - s.start;
	memcpy(want, bitmap, DIMM);
	memset(want + s.start, s.plant, s.count);
	st = apply(list, &s);
	if (runs(want) <= capacity - 1) {
		assert_int_equal(st, POISON_ST_OK);
		memcpy(bitmap, want, DIMM);
	} else {
		assert_int_equal(st, POISON_ST_FULL);
	}
	to_bitmap(list, want);
	assert_memory_equal(bitmap, want, DIMM);
	assert_int_equal(poison_list_ranges(list), runs(bitmap));
}

static void random_operations(void **state)
{
	uint8_t bitmap[DIMM] = { 0 };
	PoisonList *list;
	unsigned full = 0;

	(void)state;
	seed = 1;
	memset(area, 0, sizeof(area));
	list = must_open(AREA(64), DIMM);
	for (int i = 0; i < 20000; i++) {
		random_step(list, bitmap, 64);
		compare_find(list, bitmap);
		full += poison_list_ranges(list) == 63;
		if (rnd(100) == 0) {
			poison_list_close(list);
			list = must_open(AREA(64), DIMM);
		}
	}
	poison_list_close(list);
	assert_true(full > 100);	/* or the capacity was not put to the test */
}

/* slots that overlap in all ways, as the format lets other writers leave them */
static void random_overlaps(void **state)
{
	(void)state;
	for (seed = 1000; seed < 1400000; seed += 1 + seed) {
		uint8_t bitmap[DIMM] = { 0 }, now[DIMM];
		PoisonList *list;

		put_header(0);
		put(12, 64);
		put(16, get(16) + 64 - SLOTS);
		put(20, 30);
		for (uint32_t slot = 0; slot < 30; slot++) {
			uint32_t start = rnd(DIMM - 300), n = 1 + rnd(300);

			put_slot(slot, start, n);
			memset(bitmap + start, 1, n);
		}
		list = must_open(AREA(64), DIMM);
		for (int i = 0; i < 50; i++) {
			Step s = { rnd(2), rnd(DIMM - 400), 1 + rnd(400) };

			compare_find(list, bitmap);
			if (apply(list, &s) == POISON_ST_OK)
				memset(bitmap + s.start, s.plant, s.count);
			to_bitmap(list, now);
			assert_memory_equal(bitmap, now, DIMM);
		}
		poison_list_close(list);
		list = must_open(AREA(64), DIMM);
		to_bitmap(list, now);
		assert_memory_equal(bitmap, now, DIMM);
		poison_list_close(list);
	}
}

static void ten_thousand_ranges(void **state)
{
	const uint32_t n = 10000, step = 7919;	/* prime: any order, each once */
	void *media = calloc(1, AREA(n + 1));
	PoisonList *list;

	(void)state;
	assert_int_equal(poison_list_open(&list, media, AREA(n + 1), 1u << 24,
					  NULL, NULL, why), POISON_OPEN_OK);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(poison_list_plant(list, (i * step % n) * 100, 3),
				 POISON_ST_OK);
	assert_int_equal(poison_list_ranges(list), n);
	assert_int_equal(poison_list_plant(list, 50, 1), POISON_ST_FULL);
	poison_list_close(list);
	assert_int_equal(poison_list_open(&list, media, AREA(n + 1), 1u << 24,
					  NULL, NULL, why), POISON_OPEN_OK);
	for (uint32_t i = 0; i < n; i++)
		assert_found(list, i ? i * 100 - 97 : 0, 150, i * 100, 3);
	assert_int_equal(poison_list_clear(list, 0, (n - 1) * 100),
			 POISON_ST_OK);
	assert_found(list, 0, 1u << 24, (n - 1) * 100, 3);
	assert_int_equal(poison_list_ranges(list), 1);
	poison_list_close(list);
	free(media);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a writer that dies at any store leaves before or after, and health",
		     writer_dies_at_every_store),
		TEST("random operations do what they do to a bitmap",
		     random_operations),
		TEST("so they do on slots that overlap",
		     random_overlaps),
		TEST("10,000 ranges are planted, read back, found and cleared",
		     ten_thousand_ranges),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("device-list-life", tests, NULL,
					   NULL);
}
