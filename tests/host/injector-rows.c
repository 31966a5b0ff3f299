// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of the truth table as a whole: each is needed, none contradicts
 * another, and what the kernel would not survive has none.  Then what the rows
 * for less usual accesses must say, from the functions of Linux 6.1 that the
 * comments name.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "expect.h"

#define FLAGS	16	/* combinations of the four below */

/* Every situation that the command line can make, and some that it cannot. */
static void each_situation(void (*fn)(const struct situation *s))
{
	unsigned int n, total = DEV_COUNT * POISON_COUNT * ACCESS_COUNT * 3 *
				2 * FAMILY_COUNT * FLAGS;

	for (n = 0; n < total; n++) {
		unsigned int k = n;
		struct situation s = { .threads = 1, .others = 1,
				       .map_shift = 12 };

		s.dev = k % DEV_COUNT;
		k /= DEV_COUNT;
		s.poison = k % POISON_COUNT;
		k /= POISON_COUNT;
		s.access = (enum access_kind)(k % ACCESS_COUNT);
		k /= ACCESS_COUNT;
		s.map = k % 3;
		k /= 3;
		s.when = k % 2;
		k /= 2;
		s.family = (enum family)(k % FAMILY_COUNT);
		k /= FAMILY_COUNT;
		s.dirty = k & 1;
		s.forked = k & 2;
		s.early = k & 4;
		s.by_consumer = k & 8;
		s.maps = access_maps(s.access) || s.by_consumer;
		fn(&s);
	}
}

static unsigned int *uses;

static void count_rows(const struct situation *s)
{
	size_t i, found = 0;

	for (i = 0; i < expect_nrows; i++)
		if (expect_fits(&expect_rows[i], s)) {
			uses[i]++;
			found++;
		}
	if (found > 1)
		fail_msg("%zu rows: device %d poison %d %s %s family %s",
			 found, s->dev, s->poison, access_names[s->access],
			 map_names[s->map], family_names[s->family]);
}

static void every_row_is_reached_and_none_meets_another(void **state)
{
	size_t i;

	(void)state;
	uses = calloc(expect_nrows, sizeof(*uses));
	assert_non_null(uses);
	each_situation(count_rows);
	for (i = 0; i < expect_nrows; i++)
		if (!uses[i])
			fail_msg("row %zu is never reached: %s", i,
				 expect_rows[i].source);
	free(uses);
}

static void every_row_has_a_source(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < expect_nrows; i++) {
		assert_non_null(expect_rows[i].source);
		assert_true(strlen(expect_rows[i].source) > 8);
		assert_true(expect_rows[i].result < RES_COUNT);
	}
}

/*
 * copy_cow_page_dax() copies with copy_user_page(), which has no exception
 * table entry.  kernel/dax and a page that is mapped already do otherwise.
 */
static void check_deadly(const struct situation *s)
{
	struct outcome o;
	const char *source;
	bool copies = s->map == MAP_IS_PRIVATE &&
		      (s->access == ACCESS_STORE || s->access == ACCESS_ATOMIC);

	if (s->dev == DEV_FILE && s->poison == POISON_LATENT && copies &&
	    !family_is(s->family, FAMILY_61_OURS) &&
	    expect_reach(s) == REACH_FAULT)
		assert_false(expect_outcome(s, &o, &source));
	/* write_pmem() copies from the pinned page with memcpy_flushcache() */
	if (s->dev != DEV_FILE && s->access == ACCESS_DIRECT_FROM)
		assert_false(expect_outcome(s, &o, &source));
	/* its load or its store may come first */
	if (s->dev == DEV_FILE && s->access == ACCESS_ATOMIC &&
	    s->poison == POISON_LISTED && expect_reach(s) == REACH_CLEAN &&
	    s->map != MAP_IS_COPIED)
		assert_false(expect_outcome(s, &o, &source));
	/* nothing of a block device is mapped */
	if (s->dev == DEV_BLOCK && s->maps && !s->by_consumer)
		assert_false(expect_outcome(s, &o, &source));
	/* check_vma() wants VM_MAYSHARE */
	if (s->dev == DEV_DEVDAX && s->map != MAP_IS_SHARED)
		assert_false(expect_outcome(s, &o, &source));
}

static void deadly_and_senseless_situations_have_no_row(void **state)
{
	(void)state;
	each_situation(check_deadly);
}

/* What holds for every outcome, whatever the row. */
static void check_sense(const struct situation *s)
{
	struct outcome o;
	const char *source;
	char why[128], text[256];

	if (!expect_outcome(s, &o, &source))
		return;
	assert_false(outcome_differs(&o, &o, why, sizeof(why)));
	outcome_text(&o, text, sizeof(text));
	assert_true(*text);
	assert_true(o.others_live);
	assert_true(o.failures >= 0 && o.failures <= 2);
	/* memory_failure() is what says action required with the size */
	if (s->poison == POISON_LATENT && o.access.code == BUS_MCEERR_AR &&
	    o.failures)
		assert_int_equal(o.badblock, LISTING_YES);
	/* only the core of this project, or a later one, tells of a badblock */
	if (s->family == FAMILY_61 && expect_reach(s) == REACH_FAULT &&
	    (s->poison == POISON_LISTED || s->poison == POISON_NOTED) &&
	    s->dev == DEV_FILE && !s->by_consumer)
		assert_int_not_equal(o.access.code, BUS_MCEERR_AR);
}

static void every_outcome_makes_sense(void **state)
{
	(void)state;
	each_situation(check_sense);
}

/* Poison 0x100 into a page, one page of lead before it. */
static struct situation situation(enum device_kind dev,
				  enum poison_state poison,
				  enum access_kind access)
{
	return (struct situation){
		.dev = dev, .poison = poison, .access = access,
		.maps = access_maps(access), .others = 1, .threads = 1,
		.map_shift = dev == DEV_DEVDAX ? 21 : 12,
		.access_off = access == ACCESS_COPY ? 0 : 0x100,
		.lead = 4096, .line = 0x100,
		.request = access == ACCESS_READ_DIRECT ? 8192 : 4096,
	};
}

static void says(struct situation s, const char *stock, const char *ours)
{
	const char *source;
	struct outcome o;
	char text[256];
	int i;

	for (i = 0; i < 2; i++) {
		s.family = i ? FAMILY_61_OURS : FAMILY_61;
		assert_true(expect_outcome(&s, &o, &source));
		outcome_text(&o, text, sizeof(text));
		assert_string_equal(text, i ? ours : stock);
	}
}

#define AR	"SIGBUS BUS_MCEERR_AR lsb 12 at page"
#define AO	"SIGBUS BUS_MCEERR_AO lsb 12 at page"

/* rep movsb stops at the byte that faults (SDM vol. 2, REP) */
static void a_string_copy_stops_at_the_line(void **state)
{
	struct situation s = situation(DEV_FILE, POISON_LATENT, ACCESS_COPY);

	(void)state;
	says(s, AR " after 256 bytes", AR " after 256 bytes");
	s.poison = POISON_LISTED;
	s.when = WHEN_AFTER;
	says(s, "SIGBUS BUS_ADRERR lsb 0 at page after 0 bytes",
	     AR " after 0 bytes");
	s.poison = POISON_FLAGGED;
	says(s, "no signal after 4096 bytes, data as before",
	     AR " after 0 bytes");
}

/* kill_me_never(): the copy fails, and memory_failure() runs on the way out */
static void a_copy_from_user_memory_fails_and_signals(void **state)
{
	struct situation s = situation(DEV_FILE, POISON_LATENT,
				       ACCESS_WRITE_FROM);

	(void)state;
	says(s, "EFAULT after 0 bytes, and " AR, "EFAULT after 0 bytes, and " AR);
	s.access = ACCESS_DIRECT_FROM;
	says(s, "256 bytes, and " AR, "256 bytes, and " AR);
	s.line = 0;
	says(s, "EFAULT after 0 bytes, and " AR, "EFAULT after 0 bytes, and " AR);
	s.poison = POISON_LISTED;
	s.when = WHEN_AFTER;
	says(s, "EFAULT after 0 bytes", "EFAULT after 0 bytes");
}

/* vma_needs_copy(): a child of fork(2) begins without the file's pages */
static void a_forked_child_faults_anew(void **state)
{
	struct situation s = situation(DEV_FILE, POISON_LISTED, ACCESS_LOAD);

	(void)state;
	says(s, AR, AR);
	s.forked = true;
	says(s, "SIGBUS BUS_ADRERR lsb 0 at page+0x100", AR "+0x100");
	s.poison = POISON_LATENT;
	says(s, AR, AR);
}

/* unmap_and_kill() unmaps only where somebody is told */
static void memory_failure_elsewhere_unmaps_if_it_tells(void **state)
{
	struct situation s = situation(DEV_FILE, POISON_FLAGGED, ACCESS_LOAD);

	(void)state;
	says(s, "no signal; then no signal, data as before",
	     "no signal; then no signal, data as before");
	s.policy = POLICY_EARLY;
	s.early = true;
	says(s, AO "; then no signal, data as before; bystander " AO,
	     AO "; then " AR "+0x100; bystander " AO);
	/* SIG_IGN keeps what is not forced away */
	s.policy = POLICY_IGNORE;
	says(s, "no signal; then no signal, data as before; bystander " AO,
	     "killed by signal 7, others live");
	s.policy = POLICY_DEFAULT;
	says(s, "killed by signal 7, others live",
	     "killed by signal 7, others live");
}

/* force_sig_info_to_task(): a forced signal that is ignored kills */
static void who_ignores_sigbus_dies_of_it(void **state)
{
	struct situation s = situation(DEV_FILE, POISON_LATENT, ACCESS_LOAD);

	(void)state;
	s.policy = POLICY_IGNORE;
	says(s, "killed by signal 7, others live",
	     "killed by signal 7, others live");
}

/* task_early_kill(): current for action required, else the first thread */
static void the_right_thread_gets_the_signal(void **state)
{
	struct situation s = situation(DEV_FILE, POISON_LATENT, ACCESS_LOAD);

	(void)state;
	s.threads = 3;
	s.policy = POLICY_EARLY;
	s.early = true;
	says(s, AR " in the accessing thread; bystander " AO
	     " in the main thread", AR " in the accessing thread; bystander " AO
	     " in the main thread");
}

/* dax_writeback_one() flushes; kernel/dax says what is lost */
static void writeback_of_a_poisoned_page(void **state)
{
	struct situation s = situation(DEV_FILE, POISON_LATENT, ACCESS_MSYNC);

	(void)state;
	s.dirty = true;
	says(s, "success", "success");
	s.poison = POISON_FLAGGED;
	s.by_consumer = true;
	says(s, AR "; then success", AR "; then EIO");
}

/* __wp_page_copy_user(): what cannot be copied becomes zeroes */
static void a_private_store_copies_what_it_can(void **state)
{
	struct situation s = situation(DEV_FILE, POISON_LATENT, ACCESS_STORE);

	(void)state;
	s.map = MAP_IS_PRIVATE;
	says(s, "no signal, data zero", "no signal, data zero");
	s.map = MAP_IS_COPIED;
	says(s, "no signal", "no signal");
	s.access = ACCESS_LOAD;
	says(s, "no signal, data as written", "no signal, data as written");
}

/* a store to a page that is mapped for writing meets nobody who would ask */
static void a_dirty_page_is_stored_to(void **state)
{
	struct situation s = situation(DEV_FILE, POISON_LISTED, ACCESS_STORE);

	(void)state;
	says(s, "SIGBUS BUS_ADRERR lsb 0 at page+0x100", AR "+0x100");
	s.dirty = true;
	says(s, "no signal", "no signal");
	s.access = ACCESS_ATOMIC;
	says(s, AR, AR);
}

/* __block_write_begin_int() reads the rest of the block first */
static void a_buffered_device_is_read_before_a_part_is_written(void **state)
{
	struct situation s = situation(DEV_BLOCK, POISON_LISTED,
				       ACCESS_WRITE_PART);

	(void)state;
	says(s, "EIO after 0 bytes", "EIO after 0 bytes");
	s.access = ACCESS_WRITE_DIRECT;
	says(s, "4096 bytes, data as written", "4096 bytes, data as written");
}

/*
 * Linux 6.1 and 6.12, mm/memory-failure.c: mf_generic_kill_procs() marks the page of
 * the PFN; 6.15 &folio->page.  mf_dax_kill_procs() marks what dax_lock_mapping_entry()
 * gives, the first page of the entry, in all of them.
 */
static void another_page_is_marked_where_the_first_one_is_taken(void **state)
{
	static const struct {
		enum family family;
		bool by_index, other;
	} cases[] = {
		{ FAMILY_61, false, false }, { FAMILY_61, true, true },
		{ FAMILY_65, false, false }, { FAMILY_65, true, true },
		{ FAMILY_615, false, true }, { FAMILY_615, true, true },
		{ FAMILY_61_OURS, true, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct situation s = {
			.dev = DEV_FILE,
			.family = cases[i].family,
			.by_index = cases[i].by_index,
			.map_shift = 12,
		};

		assert_false(expect_marks_other(&s));
		s.map_shift = 21;
		assert_false(expect_marks_other(&s));
		s.into_map = 4096;
		assert_int_equal(expect_marks_other(&s), cases[i].other);
		s.dev = DEV_DEVDAX;
		assert_false(expect_marks_other(&s));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			another_page_is_marked_where_the_first_one_is_taken),
		cmocka_unit_test(every_row_is_reached_and_none_meets_another),
		cmocka_unit_test(every_row_has_a_source),
		cmocka_unit_test(deadly_and_senseless_situations_have_no_row),
		cmocka_unit_test(every_outcome_makes_sense),
		cmocka_unit_test(a_string_copy_stops_at_the_line),
		cmocka_unit_test(a_copy_from_user_memory_fails_and_signals),
		cmocka_unit_test(a_forked_child_faults_anew),
		cmocka_unit_test(memory_failure_elsewhere_unmaps_if_it_tells),
		cmocka_unit_test(who_ignores_sigbus_dies_of_it),
		cmocka_unit_test(the_right_thread_gets_the_signal),
		cmocka_unit_test(writeback_of_a_poisoned_page),
		cmocka_unit_test(a_private_store_copies_what_it_can),
		cmocka_unit_test(a_dirty_page_is_stored_to),
		cmocka_unit_test(
			a_buffered_device_is_read_before_a_part_is_written),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
