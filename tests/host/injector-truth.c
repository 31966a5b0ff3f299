// SPDX-License-Identifier: GPL-2.0
/*
 * The truth table.  What is expected here comes from the rules that Linux and
 * the DAX core must follow, case by case, not from the table under test.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "injector-expect.h"

#define EXPECT(dev, poison, access, when, family, want) \
	do { \
		struct situation s_ = base(dev, poison, access, when, family); \
		char buf_[256]; \
		text_of(&s_, buf_, sizeof(buf_)); \
		assert_string_equal(buf_, want); \
	} while (0)

static void consumption_is_action_required_everywhere(void **state)
{
	enum family f;

	(void)state;
	for (f = 0; f < FAMILY_COUNT; f++) {
		EXPECT(DEV_FILE, POISON_LATENT, ACCESS_LOAD, WHEN_BEFORE,
		       f, "SIGBUS BUS_MCEERR_AR lsb 12 at page");
		EXPECT(DEV_FILE, POISON_LATENT, ACCESS_LOAD, WHEN_AFTER,
		       f, "SIGBUS BUS_MCEERR_AR lsb 12 at page");
		EXPECT(DEV_FILE, POISON_LISTED, ACCESS_LOAD, WHEN_BEFORE,
		       f, "SIGBUS BUS_MCEERR_AR lsb 12 at page");
		EXPECT(DEV_DEVDAX, POISON_LATENT, ACCESS_LOAD, WHEN_BEFORE,
		       f, "SIGBUS BUS_MCEERR_AR lsb 21 at page");
		EXPECT(DEV_DEVDAX, POISON_LISTED, ACCESS_LOAD, WHEN_AFTER,
		       f, "SIGBUS BUS_MCEERR_AR lsb 21 at page");
	}
}

static void a_known_badblock_refuses_the_fault(void **state)
{
	(void)state;
	EXPECT(DEV_FILE, POISON_LISTED, ACCESS_LOAD, WHEN_AFTER, FAMILY_61,
	       "SIGBUS BUS_ADRERR lsb 0 at page+0x100");
	EXPECT(DEV_FILE, POISON_LISTED, ACCESS_LOAD, WHEN_AFTER,
	       FAMILY_61_OURS, "SIGBUS BUS_MCEERR_AR lsb 12 at page+0x100");
	EXPECT(DEV_FILE, POISON_LISTED, ACCESS_LOAD, WHEN_AFTER, FAMILY_65,
	       "SIGBUS BUS_MCEERR_AR lsb 12 at page+0x100");
}

static void a_refused_fault_reports_4k_whatever_the_mapping(void **state)
{
	struct situation s = base(DEV_FILE, POISON_LISTED, ACCESS_LOAD,
				  WHEN_AFTER, FAMILY_65);

	(void)state;
	s.map_shift = 21;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page+0x100");
	s.when = WHEN_BEFORE;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 21 at page");
}

static void madvise_signals_its_caller(void **state)
{
	(void)state;
	EXPECT(DEV_FILE, POISON_FLAGGED, ACCESS_NONE, WHEN_BEFORE, FAMILY_61,
	       "SIGBUS BUS_MCEERR_AR lsb 12 at page");
	EXPECT(DEV_DEVDAX, POISON_FLAGGED, ACCESS_NONE, WHEN_BEFORE,
	       FAMILY_61_OURS, "SIGBUS BUS_MCEERR_AR lsb 21 at page");
}

static void a_flagged_page_is_mapped_again_by_stock_only(void **state)
{
	(void)state;
	EXPECT(DEV_FILE, POISON_FLAGGED, ACCESS_LOAD, WHEN_AFTER, FAMILY_61,
	       "no signal, data as before");
	EXPECT(DEV_FILE, POISON_FLAGGED, ACCESS_LOAD, WHEN_AFTER, FAMILY_65,
	       "no signal, data as before");
	EXPECT(DEV_FILE, POISON_FLAGGED, ACCESS_LOAD, WHEN_AFTER,
	       FAMILY_61_OURS, "SIGBUS BUS_MCEERR_AR lsb 12 at page+0x100");
	EXPECT(DEV_DEVDAX, POISON_FLAGGED, ACCESS_LOAD, WHEN_AFTER,
	       FAMILY_61_OURS, "no signal, data as before");
}

static void reads(void **state)
{
	(void)state;
	EXPECT(DEV_FILE, POISON_LISTED, ACCESS_READ, WHEN_AFTER, FAMILY_61,
	       "EIO after 0 bytes");
	EXPECT(DEV_FILE, POISON_LISTED, ACCESS_READ, WHEN_AFTER,
	       FAMILY_61_OURS, "EIO after 4096 bytes");
	EXPECT(DEV_FILE, POISON_LATENT, ACCESS_READ, WHEN_AFTER, FAMILY_61,
	       "EFAULT or EIO after 4352 bytes");
	EXPECT(DEV_FILE, POISON_LATENT, ACCESS_READ, WHEN_AFTER,
	       FAMILY_61_OURS, "EIO after 4352 bytes");
	EXPECT(DEV_FILE, POISON_FLAGGED, ACCESS_READ, WHEN_AFTER, FAMILY_61,
	       "8192 bytes, data as before");
	EXPECT(DEV_FILE, POISON_FLAGGED, ACCESS_READ, WHEN_AFTER,
	       FAMILY_61_OURS, "EIO after 4096 bytes");
	EXPECT(DEV_BLOCK, POISON_LISTED, ACCESS_READ, WHEN_AFTER, FAMILY_61,
	       "EIO after 0 bytes");
}

static void writes(void **state)
{
	(void)state;
	EXPECT(DEV_FILE, POISON_LISTED, ACCESS_WRITE, WHEN_AFTER, FAMILY_61,
	       "4096 bytes, data as written");
	EXPECT(DEV_FILE, POISON_LISTED, ACCESS_WRITE_PART, WHEN_AFTER,
	       FAMILY_61, "EFAULT after 0 bytes");
	EXPECT(DEV_FILE, POISON_LISTED, ACCESS_WRITE_PART, WHEN_AFTER,
	       FAMILY_61_OURS, "EIO after 0 bytes");
	EXPECT(DEV_FILE, POISON_FLAGGED, ACCESS_WRITE, WHEN_AFTER, FAMILY_61,
	       "4096 bytes");
}

static void a_repairing_write_leaves_nothing(void **state)
{
	struct situation s = base(DEV_FILE, POISON_LISTED, ACCESS_WRITE,
				  WHEN_AFTER, FAMILY_61);
	const char *source;
	struct outcome o;

	(void)state;
	assert_true(expect_outcome(&s, &o, &source));
	assert_int_equal(o.badblock, LISTING_NO);
	assert_int_equal(o.record, LISTING_NO);
	assert_int_equal(o.data, DATA_NEW);
}

static void badblocks_follow_from_consumption_not_from_madvise(void **state)
{
	struct situation s = base(DEV_FILE, POISON_LATENT, ACCESS_LOAD,
				  WHEN_BEFORE, FAMILY_61);
	const char *source;
	struct outcome o;

	(void)state;
	assert_true(expect_outcome(&s, &o, &source));
	assert_int_equal(o.badblock, LISTING_YES);
	s = base(DEV_FILE, POISON_FLAGGED, ACCESS_NONE, WHEN_BEFORE,
		 FAMILY_61);
	assert_true(expect_outcome(&s, &o, &source));
	assert_int_equal(o.badblock, LISTING_NO);
}

static void policies(void **state)
{
	struct situation s = base(DEV_FILE, POISON_LATENT, ACCESS_LOAD,
				  WHEN_BEFORE, FAMILY_61);

	(void)state;
	s.policy = POLICY_DEFAULT;
	says(&s, "killed by signal 7, others live");
	s.policy = POLICY_EARLY;
	s.early = true;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page; "
	     "bystander SIGBUS BUS_MCEERR_AO lsb 12 at page");
	/* a refused fault concerns nobody else */
	s = base(DEV_FILE, POISON_LISTED, ACCESS_LOAD, WHEN_AFTER, FAMILY_61);
	s.policy = POLICY_EARLY;
	s.early = true;
	says(&s, "SIGBUS BUS_ADRERR lsb 0 at page+0x100; "
			    "bystander no signal");
	/* nothing to die of */
	s = base(DEV_FILE, POISON_FLAGGED, ACCESS_LOAD, WHEN_AFTER, FAMILY_61);
	s.policy = POLICY_DEFAULT;
	says(&s, "no signal, data as before");
	/* the caller of madvise dies before it comes to the access */
	s.when = WHEN_BEFORE;
	s.by_consumer = true;
	says(&s, "killed by signal 7, others live");
}

static void deadly_and_senseless_combinations_have_no_row(void **state)
{
	struct situation s;
	const char *source;
	struct outcome o;

	(void)state;
	/* the kernel would copy the poison with a plain copy */
	s = base(DEV_FILE, POISON_LATENT, ACCESS_STORE, WHEN_AFTER, FAMILY_61);
	s.map = MAP_IS_PRIVATE;
	assert_false(expect_outcome(&s, &o, &source));
	EXPECT(DEV_DEVDAX, POISON_LATENT, ACCESS_READ, WHEN_AFTER, FAMILY_61,
	       "no row");
	EXPECT(DEV_BLOCK, POISON_LATENT, ACCESS_LOAD, WHEN_AFTER, FAMILY_61,
	       "no row");
	EXPECT(DEV_BLOCK, POISON_FLAGGED, ACCESS_READ, WHEN_AFTER, FAMILY_61,
	       "no row");
	EXPECT(DEV_FILE, POISON_LATENT, ACCESS_NONE, WHEN_AFTER, FAMILY_61,
	       "no row");
}

static bool cores_differ(struct situation s)
{
	char stock[256], ours[256];

	s.family = FAMILY_61;
	text_of(&s, stock, sizeof(stock));
	s.family = FAMILY_61_OURS;
	text_of(&s, ours, sizeof(ours));
	return strcmp(stock, ours);
}

/*
 * Ours differs: faults on what is listed (a load of a page that is still
 * mapped consumes) and on what is flagged, every read(2), and partial writes
 * where the page is refused.
 */
static bool should_differ(const struct situation *s)
{
	if (s->dev != DEV_FILE)
		return false;
	switch (s->access) {
	case ACCESS_LOAD:
	case ACCESS_COPY:
	case ACCESS_EXEC:
	case ACCESS_ATOMIC:
		return s->poison == POISON_FLAGGED ||
		       (s->poison == POISON_LISTED && s->when == WHEN_AFTER);
	case ACCESS_STORE:
		return s->poison != POISON_LATENT;
	case ACCESS_WRITE_FROM:
	case ACCESS_DIRECT_FROM:
	case ACCESS_MSYNC:
	case ACCESS_FSYNC:
		return s->poison == POISON_FLAGGED;
	case ACCESS_READ:
	case ACCESS_READ_DIRECT:
		return true;
	case ACCESS_WRITE_PART:
		return s->poison != POISON_LATENT;
	default:
		return false;
	}
}

static void the_cores_differ_where_they_should_and_nowhere_else(void **state)
{
	int dev, poison, access, when;

	(void)state;
	for (dev = DEV_FILE; dev <= DEV_BLOCK; dev++)
		for (poison = POISON_LATENT; poison <= POISON_FLAGGED; poison++)
			for (access = ACCESS_LOAD; access <= ACCESS_NONE;
			     access++)
				for (when = WHEN_BEFORE; when <= WHEN_AFTER;
				     when++) {
					struct situation s = base(dev, poison,
						access, when, FAMILY_61);

					assert_int_equal(cores_differ(s),
							 should_differ(&s));
				}
}

static void families_by_release(void **state)
{
	(void)state;
	assert_int_equal(expect_family("6.1.192-poisonctl"), FAMILY_61);
	assert_int_equal(expect_family("6.4.16"), FAMILY_61);
	assert_int_equal(expect_family("6.5.0-rc1"), FAMILY_65);
	assert_int_equal(expect_family("6.12.1"), FAMILY_65);
	assert_int_equal(expect_family("5.10.0-9-amd64"), FAMILY_61);
	assert_int_equal(expect_family("6.14.11"), FAMILY_65);
	assert_int_equal(expect_family("6.15.0-rc1"), FAMILY_615);
	assert_int_equal(expect_family("7.0"), FAMILY_615);
	assert_int_equal(expect_family("10.0"), FAMILY_615);
	assert_int_equal(expect_family("6.1.192-poisonctl-ours"),
			 FAMILY_61_OURS);
	assert_int_equal(expect_family("5.4"), FAMILY_61);
	assert_true(family_is(FAMILY_615, FAMILY_61));
	assert_false(family_is(FAMILY_61_OURS, FAMILY_65));
	assert_false(family_is(FAMILY_65, FAMILY_615));
}

/* A passing pair, of which each test spoils one thing. */
static struct outcome consumed(void)
{
	return (struct outcome){
		.accessed = true,
		.access = { .code = BUS_MCEERR_AR, .lsb = 12 },
		.others_live = true,
		.badblock = LISTING_YES,
	};
}

static void differ(struct outcome actual, const char *want)
{
	struct outcome expected = consumed();
	char why[128];

	assert_int_equal(outcome_differs(&expected, &actual, why, sizeof(why)),
			 *want != '\0');
	assert_string_equal(why, want);
}

static void every_difference_is_noticed(void **state)
{
	struct outcome a;

	(void)state;
	differ(consumed(), "");
	a = consumed();
	a.access = (struct signal_info){ 0 };
	differ(a, "no signal");
	a = consumed();
	a.access.code = BUS_ADRERR;
	differ(a, "the signal differs");
	a = consumed();
	a.access.lsb = 21;
	differ(a, "the signal differs");
	a = consumed();
	a.access.off = 8;
	differ(a, "the signal differs");
	a = consumed();
	a.killed = SIGBUS;
	differ(a, "the consumer was killed");
	a = consumed();
	a.others_live = false;
	differ(a, "another process died");
	a = consumed();
	a.badblock = LISTING_NO;
	differ(a, "the badblock is not listed");
	a = consumed();
	a.other.code = BUS_MCEERR_AO;
	differ(a, "the bystander's signal differs");
	a = consumed();
	a.last_only = true;
	differ(a, "the bystander's signal differs");
	a = consumed();
	a.accessed = false;
	differ(a, "the access was not made");
}

static void differences_of_system_calls_are_noticed(void **state)
{
	struct outcome e = {
		.accessed = true, .syscall = true, .counted = true,
		.bytes = 4096,
		.err = { EFAULT, EIO }, .others_live = true,
		.data = DATA_NEW,
	};
	struct outcome a = e;
	char why[128];

	(void)state;
	a.err[1] = 0;
	assert_false(outcome_differs(&e, &a, why, sizeof(why)));
	a.err[0] = EIO;
	assert_false(outcome_differs(&e, &a, why, sizeof(why)));
	a.err[0] = 0;
	assert_true(outcome_differs(&e, &a, why, sizeof(why)));
	a.err[0] = EIO;
	a.bytes = 4095;
	assert_true(outcome_differs(&e, &a, why, sizeof(why)));
	a.bytes = 4096;
	a.data = DATA_OTHER;
	assert_true(outcome_differs(&e, &a, why, sizeof(why)));
}

static void long_texts_are_cut_not_overrun(void **state)
{
	struct outcome o = consumed();
	char buf[16];

	(void)state;
	outcome_text(&o, buf, sizeof(buf));
	assert_int_equal(strlen(buf), sizeof(buf) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consumption_is_action_required_everywhere),
		cmocka_unit_test(a_known_badblock_refuses_the_fault),
		cmocka_unit_test(
			a_refused_fault_reports_4k_whatever_the_mapping),
		cmocka_unit_test(madvise_signals_its_caller),
		cmocka_unit_test(a_flagged_page_is_mapped_again_by_stock_only),
		cmocka_unit_test(reads),
		cmocka_unit_test(writes),
		cmocka_unit_test(a_repairing_write_leaves_nothing),
		cmocka_unit_test(
			badblocks_follow_from_consumption_not_from_madvise),
		cmocka_unit_test(policies),
		cmocka_unit_test(deadly_and_senseless_combinations_have_no_row),
		cmocka_unit_test(
			the_cores_differ_where_they_should_and_nowhere_else),
		cmocka_unit_test(families_by_release),
		cmocka_unit_test(every_difference_is_noticed),
		cmocka_unit_test(differences_of_system_calls_are_noticed),
		cmocka_unit_test(long_texts_are_cut_not_overrun),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
