/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The poison device's arithmetic of interleave sets, against what interleaving means: of
 * the lines of a set, number k is on DIMM k mod ways, where it is line k div ways (ACPI 6.5
 * section 5.2.26.4, with one line an interleave structure).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "poison.h"
#include "poison-place.h"

#define LINE    ((uint64_t)POISON_SET_LINE)
#define BASE    0x140000000ull
#define LINES   1000u           /* of a DIMM */

static PoisonPlace place(uint32_t ways, uint32_t index)
{
	return (PoisonPlace) {
		.base = BASE, .size = LINES * LINE, .ways = ways, .index = index,
	};
}

static void check_line(uint32_t ways, uint32_t k)
{
	for (uint32_t i = 0; i < ways; i++) {
		PoisonPlace p = place(ways, i);

		for (uint64_t in = 0; in < LINE; in += LINE - 1) {
			uint64_t pa = BASE + k * LINE + in, offset;

			assert_int_equal(poison_place_offset(&p, pa, &offset), k % ways == i);
			if (k % ways == i) {
				assert_int_equal(offset, k / ways * LINE + in);
				assert_int_equal(poison_place_address(&p, offset), pa);
			}
		}
	}
}

static void lines_are_where_they_should(void **state)
{
	static const uint32_t ways[] = { 1, 2, 3, 4, 6, 8, 12, 32 };

	(void)state;
	for (unsigned w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		for (uint32_t k = 0; k < 100; k++) {
			check_line(ways[w], k);
			check_line(ways[w], ways[w] * LINES - 1 - k);
		}
	}
}

static void nothing_is_outside(void **state)
{
	(void)state;
	for (uint32_t ways = 1; ways <= 4; ways++) {
		for (uint32_t i = 0; i < ways; i++) {
			PoisonPlace p = place(ways, i);
			uint64_t end = BASE + ways * LINES * LINE, offset;

			for (uint32_t k = 0; k < ways; k++) {
				assert_false(poison_place_offset(&p, BASE - 1 - k * LINE, &offset));
				assert_false(poison_place_offset(&p, end + k * LINE, &offset));
			}
			assert_false(poison_place_offset(&p, 0, &offset));
			assert_false(poison_place_offset(&p, UINT64_MAX, &offset));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_where_they_should),
		cmocka_unit_test(nothing_is_outside),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
