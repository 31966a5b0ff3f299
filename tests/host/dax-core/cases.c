// SPDX-License-Identifier: GPL-2.0
/*
 * Entries, their lock and their pages, as the kernel compiles them.
 */
#include <stdlib.h>
#include <string.h>

#include "case.h"

struct address_space *new_mapping(void)
{
	struct address_space *mapping = calloc(1, sizeof(*mapping));

	mapping->host = calloc(1, sizeof(*mapping->host));
	mapping->host->i_mapping = mapping;
	mapping->host->i_mode = S_IFREG;
	mapping->host->dax = true;
	xa_init_flags(&mapping->i_pages, XA_FLAGS_LOCK_IRQ);
	return mapping;
}

void free_mapping(struct address_space *mapping)
{
	memset(mapping->host, 0x6b, sizeof(*mapping->host));
	free(mapping->host);
	memset(mapping, 0x6b, sizeof(*mapping));
	free(mapping);
}

/* Grab an entry and leave it locked. */
struct dax_entry grab(struct xa_state *xas, struct address_space *mapping,
		unsigned int order)
{
	struct dax_entry entry;

	assert_int_equal(dax_entry_grab(xas, mapping, order, &entry),
			 DAX_GRAB_OK);
	assert_true(dax_entry_is_locked(entry));
	return entry;
}

/* Make an entry with @pfn behind it, as a fault does. */
void fault(struct address_space *mapping, pgoff_t index,
		unsigned int order, unsigned long pfn, enum dax_kind kind,
		bool dirty)
{
	XA_STATE_ORDER(xas, &mapping->i_pages, index, order);
	struct dax_entry entry = grab(&xas, mapping, order);

	entry = dax_entry_set(&xas, mapping, entry,
			      dax_entry_make(pfn, kind, order), dirty);
	dax_entry_release(&xas, mapping, entry);
}

struct dax_entry look(struct address_space *mapping, pgoff_t index)
{
	return (struct dax_entry){ xa_load(&mapping->i_pages, index) };
}

void entries_keep_what_is_put_in(void **state)
{
	unsigned long pfns[] = { 0, 1, PFN, (1UL << 52) - 1, (1UL << 57) - 1 };
	unsigned int i, kind, order;
	struct dax_entry e;

	for (i = 0; i < ARRAY_SIZE(pfns); i++)
		for (kind = DAX_MEDIA; kind <= DAX_EMPTY; kind++)
			for (order = 0; order <= DAX_PMD_ORDER;
			     order += DAX_PMD_ORDER) {
				e = dax_entry_make(pfns[i], kind, order);
				assert_true(xa_is_value(e.slot));
				assert_false(xa_is_err(e.slot));
				assert_false(dax_entry_is_locked(e));
				e = dax_entry_locked(e);
				assert_true(dax_entry_is_locked(e));
				assert_true(dax_entry_pfn(e) == pfns[i]);
				assert_int_equal(dax_entry_kind(e), kind);
				assert_int_equal(dax_entry_order(e), order);
			}
}

/* The leaf that has @index, or NULL. */
static struct xa_node *leaf(struct address_space *mapping, pgoff_t index)
{
	XA_STATE(xas, &mapping->i_pages, index);

	xas_load(&xas);
	return xas.xa_node;
}

/* Nodes are as xas_store() would have made them, whatever was there before. */
void filling_is_storing(void **state)
{
	struct address_space *a = *state, *b = new_mapping();
	pgoff_t at[] = { 0, 1, 62, 63, 64, 65, 130, 131, 5000, 5001, 5002 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		XA_STATE(filled, &a->i_pages, at[i]);
		XA_STATE(stored, &b->i_pages, at[i]);
		struct dax_entry e = dax_entry_make(PFN + i, DAX_MEDIA, 0);

		assert_null(xas_load(&filled));
		assert_null(xas_load(&stored));
		do {
			if (!xas_dax_fill(&filled, e) && !xas_error(&filled))
				xas_store(&filled, e.slot);
		} while (xas_nomem(&filled, GFP_KERNEL));
		do
			xas_store(&stored, e.slot);
		while (xas_nomem(&stored, GFP_KERNEL));
		assert_ptr_equal(look(a, at[i]).slot, e.slot);
		if (leaf(b, at[i])) {
			assert_int_equal(leaf(a, at[i])->count,
					 leaf(b, at[i])->count);
			assert_int_equal(leaf(a, at[i])->nr_values,
					 leaf(b, at[i])->nr_values);
		}
	}
	while (i--) {
		xa_erase(&a->i_pages, at[i]);
		xa_erase(&b->i_pages, at[i]);
	}
	free_mapping(b);
}

void empty_entries_do_not_stay(void **state)
{
	struct address_space *mapping = *state;
	XA_STATE(xas, &mapping->i_pages, 7);
	struct dax_entry entry = grab(&xas, mapping, 0);

	assert_int_equal(mapping->nrpages, 1);
	dax_entry_release(&xas, mapping, entry);
	assert_int_equal(mapping->nrpages, 0);
	assert_null(look(mapping, 7).slot);
}

void pages_belong_while_there_is_an_entry(void **state)
{
	struct address_space *mapping = *state;

	fault(mapping, 5, 0, PFN + 5, DAX_MEDIA, false);
	assert_ptr_equal(shim_pages[PFN + 5].mapping, mapping);
	assert_int_equal(shim_pages[PFN + 5].index, 5);
	fault(mapping, 1024, DAX_PMD_ORDER, 2 * PFN, DAX_MEDIA, false);
	assert_ptr_equal(shim_pages[2 * PFN + 511].mapping, mapping);
	assert_int_equal(shim_pages[2 * PFN + 511].index, 1024 + 511);
	assert_int_equal(mapping->nrpages, 513);
	dax_delete_mapping_entry(mapping, 5);
	dax_delete_mapping_entry(mapping, 1024 + 77);
	assert_null(shim_pages[PFN + 5].mapping);
	assert_null(shim_pages[2 * PFN + 511].mapping);
	assert_int_equal(shim_warnings, 0);
}

void a_pmd_sees_a_page_anywhere(void **state)
{
	struct address_space *mapping = *state;
	struct dax_entry entry;
	pgoff_t i;

	for (i = 0; i < DAX_PMD_PAGES; i++) {
		XA_STATE_ORDER(xas, &mapping->i_pages, 512, DAX_PMD_ORDER);

		fault(mapping, 512 + i, 0, PFN + i, DAX_MEDIA, false);
		assert_int_equal(dax_entry_grab(&xas, mapping, DAX_PMD_ORDER,
						&entry), DAX_GRAB_CONFLICT);
		assert_int_equal(dax_entry_pfn(look(mapping, 512 + i)),
				 PFN + i);
		dax_delete_mapping_entry(mapping, 512 + i);
	}
}

void a_hole_pmd_gives_way_to_a_page(void **state)
{
	struct address_space *mapping = *state;

	fault(mapping, 512, DAX_PMD_ORDER, 3, DAX_ZERO, false);
	fault(mapping, 512 + 9, 0, PFN + 9, DAX_MEDIA, false);
	assert_int_equal(shim_calls.unmaps, 1);
	assert_int_equal(shim_calls.unmap_start, 512);
	assert_int_equal(shim_calls.unmap_nr, DAX_PMD_PAGES);
	assert_null(look(mapping, 512).slot);
	assert_int_equal(mapping->nrpages, 1);
	dax_delete_mapping_entry(mapping, 512 + 9);
}

void a_pmd_serves_its_pages(void **state)
{
	struct address_space *mapping = *state;
	XA_STATE(xas, &mapping->i_pages, 512 + 9);
	struct dax_entry entry;

	fault(mapping, 512, DAX_PMD_ORDER, PFN, DAX_MEDIA, false);
	entry = grab(&xas, mapping, 0);
	assert_int_equal(dax_entry_order(entry), DAX_PMD_ORDER);
	assert_int_equal(dax_entry_pfn_at(entry, 512 + 9), PFN + 9);
	entry = dax_entry_set(&xas, mapping, entry,
			      dax_entry_make(PFN + 9, DAX_MEDIA, 0), true);
	dax_entry_release(&xas, mapping, entry);
	assert_int_equal(shim_calls.unmaps, 0);
	assert_int_equal(dax_entry_order(look(mapping, 512)), DAX_PMD_ORDER);
	assert_true(xa_get_mark(&mapping->i_pages, 512, PAGECACHE_TAG_DIRTY));
	dax_delete_mapping_entry(mapping, 512);
}

void what_was_mapped_before_is_unmapped(void **state)
{
	struct address_space *mapping = *state;

	fault(mapping, 0, 0, 3, DAX_ZERO, false);
	fault(mapping, 0, 0, 4, DAX_ZERO, false);
	assert_int_equal(shim_calls.unmaps, 0);
	fault(mapping, 0, 0, PFN, DAX_MEDIA, false);
	assert_int_equal(shim_calls.unmaps, 1);
	fault(mapping, 0, 0, PFN, DAX_MEDIA, true);
	assert_int_equal(shim_calls.unmaps, 1);
	fault(mapping, 0, 0, PFN + 1, DAX_MEDIA, true);
	assert_int_equal(shim_calls.unmaps, 2);
	assert_null(shim_pages[PFN].mapping);
	assert_ptr_equal(shim_pages[PFN + 1].mapping, mapping);
	dax_delete_mapping_entry(mapping, 0);
	assert_int_equal(shim_warnings, 0);
}

void reading_does_not_dirty(void **state)
{
	struct address_space *mapping = *state;

	fault(mapping, 3, 0, PFN, DAX_MEDIA, false);
	assert_false(mapping->host->dirty);
	assert_false(xa_marked(&mapping->i_pages, PAGECACHE_TAG_DIRTY));
	assert_int_equal(dax_invalidate_mapping_entry_sync(mapping, 3), 1);
	assert_null(look(mapping, 3).slot);
}

void dirty_entries_are_not_invalidated(void **state)
{
	struct address_space *mapping = *state;

	fault(mapping, 3, 0, PFN, DAX_MEDIA, true);
	assert_true(mapping->host->dirty);
	assert_int_equal(dax_invalidate_mapping_entry_sync(mapping, 3), 0);
	assert_int_equal(dax_delete_mapping_entry(mapping, 3), 1);
	/* nor what a writeback is on its way to */
	fault(mapping, 3, 0, PFN, DAX_MEDIA, false);
	xa_set_mark(&mapping->i_pages, 3, PAGECACHE_TAG_TOWRITE);
	assert_int_equal(dax_invalidate_mapping_entry_sync(mapping, 3), 0);
	assert_int_equal(dax_delete_mapping_entry(mapping, 3), 1);
}

void a_pinned_page_is_found_and_reported(void **state)
{
	struct address_space *mapping = *state;

	fault(mapping, 512, DAX_PMD_ORDER, PFN, DAX_MEDIA, false);
	assert_null(dax_layout_busy_page(mapping));
	shim_pages[PFN + 400]._refcount.counter = 2;
	assert_ptr_equal(dax_layout_busy_page(mapping), &shim_pages[PFN + 400]);
	assert_int_equal(shim_calls.unmaps, 2);
	dax_delete_mapping_entry(mapping, 512);
	assert_int_equal(shim_warnings, 1);
}

void what_is_not_dax_is_reported(void **state)
{
	struct address_space *mapping = *state;
	XA_STATE(xas, &mapping->i_pages, 4);
	struct dax_entry entry;

	xa_store(&mapping->i_pages, 4, &shim_pages[0], GFP_KERNEL);
	assert_null(dax_layout_busy_page(mapping));
	assert_int_equal(shim_warnings, 1);
	assert_int_equal(dax_entry_grab(&xas, mapping, 0, &entry),
			 DAX_GRAB_FOREIGN);
	xa_erase(&mapping->i_pages, 4);
}

void no_memory_leaves_nothing(void **state)
{
	struct address_space *mapping = *state;
	XA_STATE(xas, &mapping->i_pages, 99);
	struct dax_entry entry;

	shim_no_memory = true;
	assert_int_equal(dax_entry_grab(&xas, mapping, 0, &entry),
			 DAX_GRAB_NOMEM);
	shim_no_memory = false;
	assert_int_equal(mapping->nrpages, 0);
}

/* There is memory for some of the nodes that an entry needs. */
static void grab_halfway(struct address_space *mapping, pgoff_t index,
		unsigned int order, int nodes)
{
	XA_STATE_ORDER(xas, &mapping->i_pages, index, order);
	int before = shim_nodes;
	struct dax_entry entry;

	shim_nodes_left = nodes;
	assert_int_equal(dax_entry_grab(&xas, mapping, order, &entry),
			 DAX_GRAB_NOMEM);
	shim_nodes_left = -1;
	assert_int_equal(shim_nodes, before);
	assert_null(look(mapping, index).slot);
}

void no_memory_halfway_leaves_no_node(void **state)
{
	struct address_space *mapping = *state;

	grab_halfway(mapping, 3 * 4096, 0, 1);
	grab_halfway(mapping, 3 * 4096, 0, 2);
	grab_halfway(mapping, 3 * 4096, DAX_PMD_ORDER, 1);
	assert_true(mapping_empty(mapping));
	/* beside an entry, whose nodes stay */
	fault(mapping, 3 * 4096, 0, PFN, DAX_MEDIA, false);
	grab_halfway(mapping, 2 * 4096, 0, 1);
	grab_halfway(mapping, 3 * 4096 + 64, 0, 0);
	dax_delete_mapping_entry(mapping, 3 * 4096);
	assert_true(mapping_empty(mapping));
	assert_int_equal(mapping->nrpages, 0);
}

void any_page_of_a_pmd_can_be_locked(void **state)
{
	struct address_space *mapping = *state;
	dax_entry_t cookie;
	unsigned long i;

	fault(mapping, 512, DAX_PMD_ORDER, PFN, DAX_MEDIA, false);
	for (i = 0; i < DAX_PMD_PAGES; i++) {
		cookie = dax_lock_page(&shim_pages[PFN + i]);
		assert_true(dax_entry_is_locked(look(mapping, 512)));
		dax_unlock_page(&shim_pages[PFN + i], cookie);
		assert_int_equal(dax_entry_order(look(mapping, 512 + i)),
				 DAX_PMD_ORDER);
		assert_false(dax_entry_is_locked(look(mapping, 512)));
	}
	dax_delete_mapping_entry(mapping, 512);
	assert_int_equal(shim_warnings, 0);
}

void what_has_no_file_is_not_locked(void **state)
{
	struct address_space *mapping = *state;
	struct page *page = &shim_pages[PFN];
	dax_entry_t cookie;

	assert_int_equal(dax_lock_page(page), 0);
	page->mapping = mapping;
	mapping->host->i_mode = S_IFCHR;
	cookie = dax_lock_page(page);
	assert_int_not_equal(cookie, 0);
	dax_unlock_page(page, cookie);
	mapping->host->i_mode = S_IFREG;
	page->mapping = NULL;
}

void a_file_is_locked_by_index(void **state)
{
	struct address_space *mapping = *state;
	struct page *page = NULL;
	dax_entry_t cookie;

	cookie = dax_lock_mapping_entry(mapping, 512 + 3, &page);
	assert_int_not_equal(cookie, 0);
	assert_null(page);
	dax_unlock_mapping_entry(mapping, 512 + 3, cookie);
	fault(mapping, 512, DAX_PMD_ORDER, PFN, DAX_MEDIA, false);
	cookie = dax_lock_mapping_entry(mapping, 512 + 3, &page);
	assert_ptr_equal(page, &shim_pages[PFN + 3]);
	assert_true(dax_entry_is_locked(look(mapping, 512)));
	dax_unlock_mapping_entry(mapping, 512 + 3, cookie);
	dax_delete_mapping_entry(mapping, 512);
}

void unlocking_twice_is_reported(void **state)
{
	struct address_space *mapping = *state;
	struct page *page = &shim_pages[PFN];
	dax_entry_t cookie;

	fault(mapping, 1, 0, PFN, DAX_MEDIA, false);
	cookie = dax_lock_page(page);
	dax_unlock_page(page, cookie);
	assert_int_equal(shim_warnings, 0);
	dax_unlock_page(page, cookie);
	assert_int_equal(shim_warnings, 1);
	dax_delete_mapping_entry(mapping, 1);
}
