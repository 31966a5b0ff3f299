// SPDX-License-Identifier: GPL-2.0
/*
 * Plays of the entry lock alone: who waits is woken, and a page that is locked stays
 * with its file, whichever of the threads goes first.
 */
#include "case.h"

#define ROUNDS	300

static struct address_space *a, *b;

/* --- a page that fails while its files come and go --- */
static void set_mappings(void)
{
	a = new_mapping();
	b = new_mapping();
	fault(a, 1, 0, PFN, DAX_MEDIA, false);
}

static void lock_and_unlock(void)
{
	struct page *page = &shim_pages[PFN];
	struct address_space *mapping;
	dax_entry_t cookie;
	pgoff_t index;
	int i;

	for (i = 0; i < 3; i++) {
		cookie = dax_lock_page(page);
		if (!cookie)
			continue;
		mapping = page->mapping;
		index = page->index;
		sched_point();
		if (page->mapping != mapping || page->index != index)
			sched_fail("the page moves although it is locked");
		if (!dax_entry_is_locked(look(mapping, index)))
			sched_fail("another entry is locked");
		dax_unlock_page(page, cookie);
	}
}

static void leave_for_good(void)
{
	dax_delete_mapping_entry(a, 1);
	synchronize_rcu();
	free_mapping(a);
}

static void come_and_go(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		fault(b, 2 + i, 0, PFN, DAX_MEDIA, false);
		dax_delete_mapping_entry(b, 2 + i);
	}
}

static void check_mappings(void)
{
	if (shim_pages[PFN].mapping || shim_pages[PFN].private)
		sched_fail("the page still belongs to a file");
	free_mapping(b);
}

void play_a_page_fails_while_files_come_and_go(void **state)
{
	static const struct play p = {
		.set	= set_mappings,
		.body	= { lock_and_unlock, leave_for_good, come_and_go },
		.check	= check_mappings,
		.rounds	= 2 * ROUNDS,
	};

	play(&p);
}

/* --- everybody who waits for an entry, in every way --- */
static void set_entries(void)
{
	a = new_mapping();
	fault(a, 0, 0, ZERO_PFN, DAX_ZERO, false);
	fault(a, 1, 0, PFN, DAX_MEDIA, true);
}

static void grab_and_release(pgoff_t index)
{
	XA_STATE(xas, &a->i_pages, index);
	struct dax_entry entry;

	if (dax_entry_grab(&xas, a, 0, &entry) != DAX_GRAB_OK)
		sched_fail("an entry cannot be had");
	sched_point();
	dax_entry_release(&xas, a, entry);
}

static void wait_in_some_way(void)
{
	struct page *page;
	dax_entry_t cookie;
	pgoff_t index;
	int i;

	for (i = 0; i < 3; i++) {
		index = play_choice(2);
		switch (play_choice(5)) {
		case 0:
			dax_layout_busy_page(a);
			break;
		case 1:
			cookie = dax_lock_mapping_entry(a, index, &page);
			dax_unlock_mapping_entry(a, index, cookie);
			break;
		case 2:
			dax_invalidate_mapping_entry_sync(a, index);
			break;
		default:
			grab_and_release(index);
		}
	}
}

static void check_entries(void)
{
	pgoff_t i;

	for (i = 0; i < 2; i++)
		if (dax_entry_exists(look(a, i)))
			dax_delete_mapping_entry(a, i);
	free_mapping(a);
}

void play_all_who_wait_are_woken(void **state)
{
	static const struct play p = {
		.set	= set_entries,
		.body	= { wait_in_some_way, wait_in_some_way,
			    wait_in_some_way, wait_in_some_way },
		.check	= check_entries,
		.rounds	= 4 * ROUNDS,
	};

	play(&p);
}

/* --- no play: the one entry that moves --- */
void an_entry_at_index_0_moves_as_others_come(void **state)
{
	struct address_space *mapping = *state;
	XA_STATE(xas, &mapping->i_pages, 0);
	struct dax_entry entry = grab(&xas, mapping, 0);

	fault(mapping, 1, 0, PFN + 1, DAX_MEDIA, false);
	entry = dax_entry_set(&xas, mapping, entry,
			      dax_entry_make(PFN, DAX_MEDIA, 0), true);
	dax_entry_release(&xas, mapping, entry);
	assert_int_equal(dax_entry_pfn(look(mapping, 1)), PFN + 1);
	assert_true(xa_get_mark(&mapping->i_pages, 0, PAGECACHE_TAG_DIRTY));
	dax_delete_mapping_entry(mapping, 0);
	dax_delete_mapping_entry(mapping, 1);
	assert_int_equal(shim_warnings, 0);
}
