// SPDX-License-Identifier: GPL-2.0
/*
 * Entries that give way, as a whole or in part: no page is left mapped, dirty or
 * pinned without an entry.
 */
#include <unistd.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"
#include <linux/writeback.h>

static bool is_dirty(struct address_space *mapping, pgoff_t index)
{
	return xa_get_mark(&mapping->i_pages, index, PAGECACHE_TAG_DIRTY);
}

/* The PMD at 512, of a file that goes on behind it. */
static void fault_pmd(struct address_space *mapping, bool dirty)
{
	mapping->host->i_size = 2048 * PAGE_SIZE;
	fault(mapping, 512, DAX_PMD_ORDER, PFN, DAX_MEDIA, dirty);
}

/* Pages of that PMD from @first on have entries of their own, and are the file's. */
static void check_pages(struct address_space *mapping, unsigned int first,
		bool dirty)
{
	struct dax_entry entry;
	unsigned int i;

	for (i = first; i < DAX_PMD_PAGES; i++) {
		entry = look(mapping, 512 + i);
		assert_true(dax_entry_exists(entry));
		assert_int_equal(dax_entry_order(entry), 0);
		assert_int_equal(dax_entry_pfn(entry), PFN + i);
		assert_false(dax_entry_is_locked(entry));
		assert_int_equal(is_dirty(mapping, 512 + i), dirty);
		assert_ptr_equal(shim_pages[PFN + i].mapping, mapping);
		assert_int_equal(shim_pages[PFN + i].index, 512 + i);
	}
}

static void cut_off(struct address_space *mapping, pgoff_t first, pgoff_t last)
{
	for (; first <= last; first++)
		if (dax_entry_exists(look(mapping, first)))
			dax_delete_mapping_entry(mapping, first);
}

void a_pmd_gives_way_to_its_pages(void **state)
{
	struct address_space *mapping = *state;
	XA_STATE(xas, &mapping->i_pages, 512 + 7);
	struct dax_entry entry;

	fault_pmd(mapping, true);
	entry = grab(&xas, mapping, 0);
	assert_int_equal(dax_entry_split(&xas, &entry, GFP_KERNEL), 0);
	assert_true(dax_entry_is_locked(entry));
	assert_ptr_equal(look(mapping, 512 + 7).slot, entry.slot);
	assert_int_equal(dax_entry_pfn(entry), PFN + 7);
	assert_int_equal(mapping->nrpages, DAX_PMD_PAGES);
	entry = dax_entry_set(&xas, mapping, entry,
			      dax_entry_make(3 * PFN, DAX_MEDIA, 0), true);
	dax_entry_release(&xas, mapping, entry);
	assert_int_equal(dax_entry_pfn(look(mapping, 512 + 7)), 3 * PFN);
	assert_null(shim_pages[PFN + 7].mapping);
	assert_ptr_equal(shim_pages[3 * PFN].mapping, mapping);
	check_pages(mapping, 8, true);
	cut_off(mapping, 512, 1023);
	assert_int_equal(shim_warnings, 0);
}

void no_memory_keeps_the_pmd(void **state)
{
	struct address_space *mapping = *state;
	XA_STATE(xas, &mapping->i_pages, 512 + 7);
	struct dax_entry entry;
	int nodes;

	fault_pmd(mapping, true);
	entry = grab(&xas, mapping, 0);
	nodes = shim_nodes;
	shim_nodes_left = 3;
	assert_int_equal(dax_entry_split(&xas, &entry, GFP_KERNEL), -ENOMEM);
	shim_nodes_left = -1;
	assert_int_equal(shim_nodes, nodes);
	assert_int_equal(dax_entry_order(entry), DAX_PMD_ORDER);
	dax_entry_release(&xas, mapping, entry);
	assert_int_equal(dax_entry_order(look(mapping, 512)), DAX_PMD_ORDER);
	assert_true(is_dirty(mapping, 512));
	mapping->host->i_size = 0;
	dax_delete_mapping_entry(mapping, 512);
}

/*
 * What is left of a PMD of which mm has named the page at 512 + 7: Linux 6.1 means
 * that page, 6.12 it and all behind it that may go, of which one is pinned.
 */
static void check_cut(struct address_space *mapping, bool dirty, int pinned)
{
#ifdef SHIM_LINUX_6_1
	check_pages(mapping, 8, dirty);
#else
	int i;

	for (i = 0; i < 512; i++) {
		bool stays = i < 7 || i == pinned;

		assert_int_equal(dax_entry_exists(look(mapping, 512 + i)), stays);
		assert_ptr_equal(shim_pages[PFN + i].mapping,
				 stays ? mapping : NULL);
		assert_true(!stays || is_dirty(mapping, 512 + i) == dirty);
	}
	assert_int_equal(mapping->nrpages, pinned < 0 ? 7 : 8);
	assert_int_equal(shim_calls.flushed, 505 * PAGE_SIZE);
#endif
}

/* One page is cut off; the others are dirty, or one of them pinned, or neither. */
void a_pmd_that_is_cut_keeps_the_rest(void **state)
{
	struct address_space *mapping = *state;

	fault_pmd(mapping, true);
	shim_calls.flushed = 0;
	dax_delete_mapping_entry(mapping, 512 + 7);
	assert_null(look(mapping, 512 + 7).slot);
	assert_null(shim_pages[PFN + 7].mapping);
	check_cut(mapping, true, -1);
	cut_off(mapping, 512, 1023);

	fault_pmd(mapping, false);
	shim_pages[PFN + 9]._refcount.counter = 2;
	shim_calls.flushed = 0;
	dax_delete_mapping_entry(mapping, 512 + 7);
	assert_ptr_equal(dax_layout_busy_page(mapping), &shim_pages[PFN + 9]);
	check_cut(mapping, false, 9);
	shim_pages[PFN + 9]._refcount.counter = 1;
	cut_off(mapping, 512, 1023);

	fault_pmd(mapping, false);
	shim_calls.unmaps = 0;
	dax_delete_mapping_entry(mapping, 512 + 7);
	assert_int_equal(shim_calls.unmaps, 1);
	assert_int_equal(shim_calls.unmap_start, 512);
	assert_int_equal(shim_calls.unmap_nr, DAX_PMD_PAGES);
	assert_int_equal(mapping->nrpages, 0);
	assert_int_equal(shim_warnings, 0);
}

void what_is_pinned_is_not_invalidated(void **state)
{
	struct address_space *mapping = *state;

	fault_pmd(mapping, false);
	shim_pages[PFN + 9]._refcount.counter = 2;
	assert_int_equal(dax_invalidate_mapping_entry_sync(mapping, 512 + 7), 0);
	assert_ptr_equal(dax_layout_busy_page(mapping), &shim_pages[PFN + 9]);
	shim_pages[PFN + 9]._refcount.counter = 1;
	shim_calls.unmaps = 0;
	assert_int_equal(dax_invalidate_mapping_entry_sync(mapping, 512 + 7), 1);
	assert_int_equal(shim_calls.unmaps, 1);
	assert_int_equal(shim_calls.unmap_start, 512);
	assert_int_equal(shim_calls.unmap_nr, DAX_PMD_PAGES);
	assert_int_equal(mapping->nrpages, 0);
}

/* A write iterator that has new blocks: for others, or for holes. */
static struct iomap_iter writer(struct address_space *mapping, bool cow)
{
	return (struct iomap_iter) {
		.inode = mapping->host,
		.iomap.flags = cow ? IOMAP_F_SHARED : 0,
	};
}

void what_a_write_replaces_is_dropped(void **state)
{
	struct address_space *mapping = *state;
	struct iomap_iter cow = writer(mapping, true);

	fault_pmd(mapping, true);
	fault(mapping, 1024, 0, 3, DAX_ZERO, false);
	fault(mapping, 1025, 0, 3 * PFN, DAX_MEDIA, true);
	fault(mapping, 1026, 0, 3 * PFN + 1, DAX_MEDIA, true);
	shim_calls.unmaps = 0;
	assert_int_equal(dax_drop_stale(&cow, 1022 * PAGE_SIZE + 100,
					3 * PAGE_SIZE), 0);
	assert_true(dax_entry_exists(look(mapping, 1021)));
	assert_null(look(mapping, 1022).slot);
	assert_null(look(mapping, 1023).slot);
	assert_null(look(mapping, 1024).slot);
	assert_null(look(mapping, 1025).slot);
	assert_null(shim_pages[PFN + 510].mapping);
	assert_null(shim_pages[3 * PFN].mapping);
	assert_ptr_equal(shim_pages[3 * PFN + 1].mapping, mapping);
	assert_true(is_dirty(mapping, 1021) && is_dirty(mapping, 1026));
	/* what the file still has if the write fails is durable */
	assert_int_equal(shim_calls.flushed, 3 * PAGE_SIZE);
	assert_int_equal(shim_calls.unmaps, 4);
	cut_off(mapping, 512, 1026);
	assert_int_equal(shim_warnings, 0);
}

void a_write_to_a_hole_drops_zero_pages_alone(void **state)
{
	struct address_space *mapping = *state;
	struct iomap_iter fresh = writer(mapping, false);

	fault(mapping, 3, 0, 3, DAX_ZERO, false);
	fault(mapping, 4, 0, PFN, DAX_MEDIA, false);
	fault(mapping, 512, DAX_PMD_ORDER, 3, DAX_ZERO, false);
	assert_int_equal(dax_drop_stale(&fresh, 0, 600 * PAGE_SIZE), 0);
	assert_null(look(mapping, 3).slot);
	assert_true(dax_entry_exists(look(mapping, 4)));
	assert_null(look(mapping, 512).slot);
	assert_int_equal(mapping->nrpages, 1);
	dax_delete_mapping_entry(mapping, 4);
}

/* There is memory for one node, where the entry would need two. */
void what_is_not_filled_leaves_no_node(void **state)
{
	struct address_space *mapping = *state;
	XA_STATE(xas, &mapping->i_pages, 2 * 4096);
	int nodes;

	fault(mapping, 3 * 4096, 0, PFN, DAX_MEDIA, false);
	nodes = shim_nodes;
	assert_null(xas_load(&xas));
	shim_nodes_left = 1;
	assert_false(xas_dax_fill(&xas, dax_entry_make(PFN + 1, DAX_MEDIA, 0)));
	shim_nodes_left = -1;
	assert_int_equal(shim_nodes, nodes);
	dax_delete_mapping_entry(mapping, 3 * 4096);
}

/* Threads that look for something while an entry is locked. */
struct looker {
	struct address_space *mapping;
	struct page *busy;
	int done;
	pthread_t thread;
};

static void *look_busy(void *arg)
{
	struct looker *l = arg;

	l->busy = dax_layout_busy_page(l->mapping);
	__atomic_store_n(&l->done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void *write_back(void *arg)
{
	struct writeback_control wbc = {
		.sync_mode	= WB_SYNC_ALL,
		.range_end	= LLONG_MAX,
	};
	struct looker *l = arg;

	dax_writeback_mapping_range(l->mapping, NULL, &wbc);
	__atomic_store_n(&l->done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Entries at 3, 4 and 5, of which 4 is locked until the thread sleeps or ends. */
static void run_looker(struct looker *l, void *(*body)(void *), bool dirty)
{
	XA_STATE(xas, &l->mapping->i_pages, 4);
	struct dax_entry entry;
	pgoff_t i;

	l->mapping->host->i_blkbits = PAGE_SHIFT;
	for (i = 3; i < 6; i++)
		fault(l->mapping, i, 0, PFN + i, DAX_MEDIA, dirty);
	entry = grab(&xas, l->mapping, 0);
	pthread_create(&l->thread, NULL, body, l);
	while (!shim_sleepers() && !__atomic_load_n(&l->done, __ATOMIC_SEQ_CST))
		usleep(1);
	dax_entry_release(&xas, l->mapping, entry);
	pthread_join(l->thread, NULL);
	cut_off(l->mapping, 3, 5);
}

void the_scan_waits_for_a_locked_entry(void **state)
{
	struct looker l = { .mapping = *state };

	shim_pages[PFN + 4]._refcount.counter = 2;
	run_looker(&l, look_busy, false);
	assert_ptr_equal(l.busy, &shim_pages[PFN + 4]);
}

void writeback_waits_for_a_locked_entry(void **state)
{
	struct looker l = { .mapping = *state };

	run_looker(&l, write_back, true);
	assert_int_equal(shim_calls.flushed, 3 * PAGE_SIZE);
}

static void *grab_page(void *arg)
{
	struct looker *l = arg;
	XA_STATE(xas, &l->mapping->i_pages, 512 + 400);
	struct dax_entry entry = grab(&xas, l->mapping, 0);

	l->done = dax_entry_order(entry) ? 0 : 1;
	dax_entry_release(&xas, l->mapping, entry);
	return NULL;
}

/* The PMD that is waited for is none when the wait ends. */
void who_waits_for_a_pmd_gets_its_page(void **state)
{
	struct looker l = { .mapping = *state };
	XA_STATE(xas, &l.mapping->i_pages, 512 + 7);
	struct dax_entry entry;

	fault_pmd(l.mapping, false);
	entry = grab(&xas, l.mapping, 0);
	pthread_create(&l.thread, NULL, grab_page, &l);
	while (!shim_sleepers())
		usleep(1);
	assert_int_equal(dax_entry_split(&xas, &entry, GFP_KERNEL), 0);
	pthread_join(l.thread, NULL);
	assert_int_equal(l.done, 1);
	dax_entry_release(&xas, l.mapping, entry);
	cut_off(l.mapping, 512, 1023);
}
