// SPDX-License-Identifier: GPL-2.0
/*
 * The truth table of kernels after 6.1, and of blocks that files share.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "injector-expect.h"

/*
 * An fsdax page of 2 MiB is one folio since 6.15, and what is reported is where
 * that is mapped; a filesystem that knows its pages by itself reports the page.
 */
static void a_folio_is_reported_from_its_start(void **state)
{
	struct situation s = base(DEV_FILE, POISON_LATENT, ACCESS_LOAD,
				  WHEN_BEFORE, FAMILY_615);

	(void)state;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page");
	s.map_shift = 21;
	s.into_map = 0x10000;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 21 at page-0x10000");
	s.by_index = true;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 21 at page");
	s.by_index = false;
	s.family = FAMILY_65;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 21 at page");
}

/*
 * dax_insert_entry() of 6.2 and later unmaps the page from all at each fault on
 * shared blocks; dax_iomap_copy_around() of 6.5 makes EIO of a badblock.
 */
static void shared_blocks_are_unmapped_and_copied(void **state)
{
	struct situation s = base(DEV_FILE, POISON_LATENT, ACCESS_LOAD,
				  WHEN_BEFORE, FAMILY_65);

	(void)state;
	s.split = s.early = true;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page; bystander no signal");
	s.other_file = s.by_index = true;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page; "
	     "bystander SIGBUS BUS_MCEERR_AO lsb 12 at page");
	s.others = 2;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page; "
	     "last bystander SIGBUS BUS_MCEERR_AO lsb 12 at page");
	s.family = FAMILY_612_OURS;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page; "
	     "bystander SIGBUS BUS_MCEERR_AO lsb 12 at page");
	s.other_file = s.by_index = false;
	s.family = FAMILY_61;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page; "
	     "bystander SIGBUS BUS_MCEERR_AO lsb 12 at page");
	s = base(DEV_FILE, POISON_LISTED, ACCESS_STORE, WHEN_AFTER,
		 FAMILY_615);
	s.split = true;
	says(&s, "SIGBUS BUS_ADRERR lsb 0 at page+0x100");
	s.map = MAP_IS_PRIVATE;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page+0x100");
}

/*
 * Without a reverse mapping page->mapping is all that there is, and it is one file's;
 * kernel/dax tells the others (kernel/README.md).
 */
static void nobody_knows_who_shares_but_the_reverse_mapping(void **state)
{
	struct situation s = base(DEV_FILE, POISON_LATENT, ACCESS_LOAD,
				  WHEN_BEFORE, FAMILY_61);

	(void)state;
	s.split = s.early = s.other_file = true;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page; bystander no signal");
	s.family = FAMILY_61_OURS;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page; "
	     "bystander SIGBUS BUS_MCEERR_AO lsb 12 at page");
	s.family = FAMILY_61;
	s.by_index = true;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page; "
	     "bystander SIGBUS BUS_MCEERR_AO lsb 12 at page");
}

/*
 * vm_normal_page() has a page for a file's since 6.15, so wp_page_copy() copies by
 * copy_mc_user_highpage(), and not through the user's address.
 */
static void a_private_copy_of_poison_is_refused_since_folios(void **state)
{
	struct situation s = base(DEV_FILE, POISON_LATENT, ACCESS_STORE,
				  WHEN_BEFORE, FAMILY_65);

	(void)state;
	s.map = MAP_IS_PRIVATE;
	says(&s, "no signal, data zero");
	s.family = FAMILY_615;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page+0x100");
	s.poison = POISON_LISTED;
	says(&s, "SIGBUS BUS_MCEERR_AR lsb 12 at page+0x100");
}

static void a_forced_signal_has_no_place(void **state)
{
	struct outcome o = {
		.accessed = true,
		.access = { .code = SI_KERNEL, .off = -4096 },
		.others_live = true,
	};
	char buf[64];

	(void)state;
	outcome_text(&o, buf, sizeof(buf));
	assert_string_equal(buf, "SIGBUS SI_KERNEL without address");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folio_is_reported_from_its_start),
		cmocka_unit_test(shared_blocks_are_unmapped_and_copied),
		cmocka_unit_test(
			nobody_knows_who_shares_but_the_reverse_mapping),
		cmocka_unit_test(
			a_private_copy_of_poison_is_refused_since_folios),
		cmocka_unit_test(a_forced_signal_has_no_place),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
