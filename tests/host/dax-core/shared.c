// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that several files have, and what becomes of them when they fail.
 */
#include "case.h"

static struct page *const page = &shim_pages[PFN];

static void check_owner(struct address_space *mapping, pgoff_t index)
{
	assert_ptr_equal(page->mapping, mapping);
	assert_int_equal(page->index, index);
}

/* What memory_failure() does between its two calls, to the owner's file. */
static void fail_page(struct address_space *owner, pgoff_t index)
{
	dax_entry_t cookie = dax_lock_page(page);

	assert_int_not_equal(cookie, 0);
	check_owner(owner, index);
	SetPageHWPoison(page);
	dax_unlock_page(page, cookie);
	assert_false(dax_entry_is_locked(look(owner, index)));
}

void shared_pages_keep_an_owner(void **state)
{
	struct address_space *a = *state, *b = new_mapping();

	fault(a, 1, 0, PFN, DAX_MEDIA, false);
	fault(b, 2, 0, PFN, DAX_MEDIA, false);
	check_owner(a, 1);
	dax_delete_mapping_entry(b, 2);
	check_owner(a, 1);
	assert_int_equal(page->private, 0);
	dax_delete_mapping_entry(a, 1);
	assert_null(page->mapping);
	assert_int_equal(shim_warnings, 0);
	free_mapping(b);
}

void ownership_passes_to_who_still_has_the_page(void **state)
{
	struct address_space *a = *state, *b = new_mapping(), *c = new_mapping();

	fault(a, 1, 0, PFN, DAX_MEDIA, false);
	fault(b, 2, 0, PFN, DAX_MEDIA, false);
	fault(c, 512, DAX_PMD_ORDER, PFN, DAX_MEDIA, false);
	assert_ptr_equal(shim_pages[PFN + 1].mapping, c);
	dax_delete_mapping_entry(c, 512);
	assert_null(shim_pages[PFN + 1].mapping);
	fault(c, 3, 0, PFN, DAX_MEDIA, false);
	dax_delete_mapping_entry(b, 2);
	dax_delete_mapping_entry(a, 1);
	check_owner(c, 3);
	fail_page(c, 3);
	dax_delete_mapping_entry(c, 3);
	assert_null(page->mapping);
	assert_int_equal(shim_warnings, 0);
	free_mapping(b);
	free_mapping(c);
}

void one_file_may_have_a_page_twice(void **state)
{
	struct address_space *a = *state;

	fault(a, 1, 0, PFN, DAX_MEDIA, false);
	fault(a, 2, 0, PFN, DAX_MEDIA, false);
	dax_delete_mapping_entry(a, 1);
	check_owner(a, 2);
	fault(a, 1, 0, PFN, DAX_MEDIA, false);
	fail_page(a, 2);
	assert_int_equal(shim_calls.told, 1);
	assert_int_equal(shim_calls.told_at[0].index, 1);
	dax_delete_mapping_entry(a, 1);
	check_owner(a, 2);
	dax_delete_mapping_entry(a, 2);
	assert_null(page->mapping);
	assert_int_equal(a->host->references, 0);
	assert_int_equal(shim_warnings, 0);
}

void sharing_a_locked_page_moves_nothing(void **state)
{
	struct address_space *a = *state, *b = new_mapping();
	dax_entry_t cookie;

	fault(a, 1, 0, PFN, DAX_MEDIA, false);
	cookie = dax_lock_page(page);
	fault(b, 2, 0, PFN, DAX_MEDIA, false);
	check_owner(a, 1);
	dax_delete_mapping_entry(b, 2);
	fault(b, 2, 0, PFN, DAX_MEDIA, false);
	check_owner(a, 1);
	assert_true(dax_entry_is_locked(look(a, 1)));
	assert_false(dax_entry_is_locked(look(b, 2)));
	dax_unlock_page(page, cookie);
	assert_false(dax_entry_is_locked(look(a, 1)));
	assert_int_equal(shim_calls.told, 0);	/* it was not marked */
	dax_delete_mapping_entry(a, 1);
	dax_delete_mapping_entry(b, 2);
	assert_int_equal(shim_warnings, 0);
	free_mapping(b);
}

void all_who_share_are_told(void **state)
{
	struct address_space *a = *state, *b = new_mapping(), *c = new_mapping();
	unsigned int i, seen = 0;

	fault(a, 1, 0, PFN, DAX_MEDIA, false);
	fault(b, 2, 0, PFN, DAX_MEDIA, false);
	fault(c, 512, DAX_PMD_ORDER, PFN, DAX_MEDIA, false);
	fail_page(a, 1);
	assert_int_equal(shim_calls.told, 2);
	for (i = 0; i < 2; i++) {
		if (shim_calls.told_at[i].mapping == b)
			seen |= shim_calls.told_at[i].index == 2;
		if (shim_calls.told_at[i].mapping == c)
			seen |= (shim_calls.told_at[i].index == 512) << 1;
	}
	assert_int_equal(seen, 3);
	assert_int_equal(b->host->references, 0);
	assert_int_equal(c->host->references, 0);
	check_owner(a, 1);
	dax_delete_mapping_entry(a, 1);
	dax_delete_mapping_entry(b, 2);
	dax_delete_mapping_entry(c, 512);
	assert_int_equal(shim_warnings, 0);
	free_mapping(b);
	free_mapping(c);
}

/* The file gets a block of its own just before it is told. */
static void copied(struct address_space *mapping, pgoff_t index)
{
	fault(mapping, index, 0, PFN + 9, DAX_MEDIA, false);
}

void who_has_another_page_by_then_is_not_told(void **state)
{
	struct address_space *a = *state, *b = new_mapping();

	fault(a, 1, 0, PFN, DAX_MEDIA, false);
	fault(b, 2, 0, PFN, DAX_MEDIA, false);
	shim_calls.on_tell = copied;
	fail_page(a, 1);
	assert_int_equal(shim_calls.told, 0);
	assert_false(PageHWPoison(&shim_pages[PFN + 9]));
	assert_false(dax_entry_is_locked(look(b, 2)));
	dax_delete_mapping_entry(a, 1);
	dax_delete_mapping_entry(b, 2);
	assert_int_equal(shim_warnings, 0);
	free_mapping(b);
}

void a_sharer_without_memory_is_no_error(void **state)
{
	struct address_space *a = *state, *b = new_mapping();

	fault(a, 1, 0, PFN, DAX_MEDIA, false);
	fault(b, 2, 0, PFN + 1, DAX_MEDIA, false);
	shim_no_memory = true;
	fault(b, 2, 0, PFN, DAX_MEDIA, false);
	shim_no_memory = false;
	fail_page(a, 1);
	dax_delete_mapping_entry(a, 1);
	assert_null(page->mapping);
	dax_delete_mapping_entry(b, 2);
	assert_int_equal(shim_warnings, 0);
	free_mapping(b);
}

/* It goes first: the page stays the other's. */
void a_sharer_that_is_not_put_down_takes_nothing(void **state)
{
	struct address_space *a = *state, *b = new_mapping();

	fault(a, 1, 0, PFN, DAX_MEDIA, false);
	fault(b, 3, 0, PFN + 1, DAX_MEDIA, false);
	shim_no_memory = true;
	fault(b, 3, 0, PFN, DAX_MEDIA, false);
	shim_no_memory = false;
	dax_delete_mapping_entry(b, 3);
	assert_ptr_equal(page->mapping, a);
	dax_delete_mapping_entry(a, 1);
	assert_null(page->mapping);
	assert_int_equal(shim_warnings, 0);
	free_mapping(b);
}
