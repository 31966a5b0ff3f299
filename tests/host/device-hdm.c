/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The poison device's arithmetic of CXL decoders, against what interleaving means:
 * of the chunks of an address range, number k goes to device k mod ways, where it is
 * chunk k div ways.  That is how Linux goes back from a device's address
 * (drivers/cxl/core/region.c, cxl_calculate_hpa_offset()).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "poison-hdm.h"

#define MIB     (1ull << 20)
#define BASE    (0x110000000ull)
#define CHUNKS  200             /* more than 12 ways take to come around */

/* CXL r3.1 8.2.4.20.7: IW of the ways that there are */
static const struct { uint8_t iw; unsigned ways; } known[] = {
	{ 0, 1 }, { 1, 2 }, { 2, 4 }, { 3, 8 }, { 4, 16 }, { 8, 3 }, { 9, 6 },
	{ 10, 12 },
};
#define KNOWN   (sizeof(known) / sizeof(known[0]))

static void ways_are_decoded(void **state)
{
	unsigned ways[16] = { 0 };

	(void)state;
	for (unsigned i = 0; i < KNOWN; i++) {
		ways[known[i].iw] = known[i].ways;
	}
	for (unsigned iw = 0; iw < 16; iw++) {
		assert_int_equal(poison_hdm_ways(iw), ways[iw]);
	}
}

/* the same place in a chunk of the range and in that of the device */
static void check_chunk(const PoisonHdm *hdm, unsigned ways, uint64_t k)
{
	uint64_t chunk = 256ull << hdm->ig, dpa;

	for (uint64_t in = 0; in < chunk; in += chunk - 1) {
		assert_true(poison_hdm_dpa(hdm, 1, BASE + k * chunk + in, &dpa));
		assert_int_equal(dpa, k / ways * chunk + in);
	}
}

static void chunks_lie_where_they_should(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KNOWN; i++) {
		for (unsigned ig = 0; ig <= 6; ig++) {
			PoisonHdm hdm = {
				.base = BASE, .size = known[i].ways * 256 * MIB, .ig = ig,
				.iw = known[i].iw, .committed = true,
			};
			uint64_t last = (hdm.size >> (8 + ig)) - 1;

			for (uint64_t k = 0; k < CHUNKS; k++) {
				check_chunk(&hdm, known[i].ways, k);
				check_chunk(&hdm, known[i].ways, last - k);
			}
		}
	}
}

static void decoders_follow_each_other(void **state)
{
	const PoisonHdm hdm[] = {
		{ .base = BASE, .size = 512 * MIB, .iw = 1, .committed = true },
		{ .base = BASE + 4096 * MIB, .size = 256 * MIB, .skip = 256 * MIB,
		  .committed = true },
		{ .base = BASE + 8192 * MIB, .size = 256 * MIB },
	};
	uint64_t dpa;

	(void)state;
	assert_true(poison_hdm_dpa(hdm, 3, BASE + 512 * MIB - 1, &dpa));
	assert_int_equal(dpa, 256 * MIB - 1);
	assert_true(poison_hdm_dpa(hdm, 3, BASE + 4096 * MIB + 5, &dpa));
	assert_int_equal(dpa, 512 * MIB + 5);
	assert_false(poison_hdm_dpa(hdm, 3, BASE + 512 * MIB, &dpa));
	assert_false(poison_hdm_dpa(hdm, 3, BASE - 1, &dpa));
	assert_false(poison_hdm_dpa(hdm, 3, BASE + 8192 * MIB, &dpa));
	assert_false(poison_hdm_dpa(hdm, 0, BASE, &dpa));
}

static void reserved_ways_map_nothing(void **state)
{
	PoisonHdm hdm = { .base = BASE, .size = 256 * MIB, .iw = 5,
					  .committed = true };
	uint64_t dpa;
	uint8_t port;

	(void)state;
	assert_false(poison_hdm_dpa(&hdm, 1, BASE, &dpa));
	assert_false(poison_hdm_target(&hdm, 1, BASE, &port));
}

static void ports_take_turns(void **state)
{
	PoisonHdm hdm[] = {
		{ .base = BASE - 256 * MIB, .size = 256 * MIB, .committed = true,
		  .target = { 77 } },
		{ .base = BASE, .size = 2048 * MIB, .committed = true, .ig = 2,
		  .target = { 10, 11, 12, 13, 14, 15, 16, 17 } },
	};
	uint8_t port;

	(void)state;
	for (hdm[1].iw = 0; hdm[1].iw <= 3; hdm[1].iw++) {
		for (unsigned k = 0; k < CHUNKS; k++) {
			assert_true(poison_hdm_target(hdm, 2, BASE + k * 1024 + 1023, &port));
			assert_int_equal(port, 10 + k % (1u << hdm[1].iw));
		}
	}
	hdm[1].iw = 4;                      /* more than there are targets */
	assert_false(poison_hdm_target(hdm, 2, BASE, &port));
	hdm[1].iw = 0;
	hdm[1].committed = false;
	assert_false(poison_hdm_target(hdm, 2, BASE, &port));
	assert_true(poison_hdm_target(hdm, 2, BASE - 1, &port));
	assert_int_equal(port, 77);
	assert_false(poison_hdm_target(hdm, 2, BASE + 2048 * MIB, &port));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_are_decoded),
		cmocka_unit_test(chunks_lie_where_they_should),
		cmocka_unit_test(decoders_follow_each_other),
		cmocka_unit_test(reserved_ways_map_nothing),
		cmocka_unit_test(ports_take_turns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
