/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the list of poisoned ranges share: a label area, and
 * another writer of it that knows the format from qemu-configs/acpi/poison.h.
 */
#ifndef DEVICE_LIST_H
#define DEVICE_LIST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "poison.h"
#include "poison-list.h"

#define DIMM		4096u		/* granules of most DIMMs here */
#define SLOTS		8u		/* of most lists */
#define AREA(slots)	(POISON_HDR_SIZE + (slots) * POISON_SLOT_SIZE)
#define AREA_MAX	AREA(64)

static uint32_t area[AREA_MAX / 4];
static char why[POISON_WHY_MAX];

static inline void put(size_t offset, uint32_t value)
{
	area[offset / 4] = value;
}

static inline uint32_t get(size_t offset)
{
	return area[offset / 4];
}

static inline size_t slot_at(uint32_t slot)
{
	return POISON_HDR_SIZE + slot * POISON_SLOT_SIZE;
}

static inline void put_slot(uint32_t slot, uint32_t start, uint32_t count)
{
	put(slot_at(slot) + 0, start);
	put(slot_at(slot) + 4, count);
	put(slot_at(slot) + 8, (start * 0x9e3779b1u + count) * 0x9e3779b1u +
				slot + 0x50534e21u);
	put(slot_at(slot) + 12, 0);
}

/* what another writer would have left: an empty list of SLOTS slots */
static inline void put_header(uint32_t high)
{
	memset(area, 0, sizeof(area));
	put(0, 0x53494f50);
	put(4, 0x5453494c);
	put(8, 1);
	put(12, SLOTS);
	put(16, 0x53494f50u + 0x5453494cu + 1 + SLOTS);
	put(20, high);
}

static inline PoisonList *must_open(size_t size, uint64_t granules)
{
	PoisonList *list;

	assert_int_equal(poison_list_open(&list, area, size, granules, NULL,
					  NULL, why), POISON_OPEN_OK);
	return list;
}

/* the window from start; what was found goes to two words */
static inline void assert_found(PoisonList *list, uint32_t start, uint32_t count,
			 uint32_t want_start, uint32_t want_count)
{
	assert_int_equal(poison_list_find(list, &start, &count), POISON_ST_OK);
	assert_int_equal(start, want_start);
	assert_int_equal(count, want_count);
}

static inline void assert_clean(PoisonList *list, uint32_t start, uint32_t count)
{
	assert_int_equal(poison_list_find(list, &start, &count),
			 POISON_ST_NONE);
}

/* a test, and the sentence that must be true */
#define TEST(text, function) { text, function, NULL, NULL, NULL }

#endif /* DEVICE_LIST_H */
