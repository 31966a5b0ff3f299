// SPDX-License-Identifier: GPL-2.0
/*
 * What the core says to the others for one entry: to drivers, to those who have a
 * page mapped, to mm in truncation.  Once, and no more than is needed.
 */
#include <string.h>

#include "case.h"
#include <linux/writeback.h>

void what_is_not_wanted_is_not_asked_for(void **state)
{
	struct iomap iomap = { .addr = 64 * PAGE_SIZE, .length = 8 * PAGE_SIZE };
	void *kaddr;
	pfn_t pfn;
	int id = dax_read_lock();

	assert_int_equal(dax_media_map(&iomap, PAGE_SIZE + 5, PAGE_SIZE,
				       DAX_ACCESS, &kaddr, &pfn), 2);
	assert_true(shim_driver.asked_kaddr && shim_driver.asked_pfn);
	assert_int_equal((unsigned long)kaddr,
			 (unsigned long)&shim_media[65][5]);
	assert_int_equal(pfn_t_to_pfn(pfn), 65);
	dax_media_map(&iomap, 0, PAGE_SIZE, DAX_ACCESS, NULL, &pfn);
	assert_true(!shim_driver.asked_kaddr && shim_driver.asked_pfn);
	dax_media_map(&iomap, 0, PAGE_SIZE, DAX_ACCESS, &kaddr, NULL);
	assert_true(shim_driver.asked_kaddr && !shim_driver.asked_pfn);
	dax_read_unlock(id);
}

static void sync_all(struct address_space *mapping)
{
	struct writeback_control wbc = {
		.sync_mode	= WB_SYNC_ALL,
		.range_end	= LLONG_MAX,
	};

	mapping->host->i_blkbits = PAGE_SHIFT;
	assert_int_equal(dax_writeback_mapping_range(mapping, NULL, &wbc), 0);
}

/* pfn_mkclean_range() tells the secondary MMUs of a VMA, each time it is called. */
void who_maps_is_told_once(void **state)
{
	struct vm_area_struct vma[2] = { { .next = &vma[1] } };
	struct address_space *mapping = *state;

	mapping->i_mmap = vma;
	fault(mapping, 3, 0, 2 * PFN, DAX_MEDIA, true);
	sync_all(mapping);
	assert_int_equal(vma[0].told, 1);
	assert_int_equal(vma[1].told, 1);
	assert_int_equal(vma[0].pages, 1);
	assert_int_equal(vma[0].pgoff, 3);
	assert_int_equal(vma[0].pfn, 2 * PFN);
	assert_int_equal(shim_calls.flushed, PAGE_SIZE);

	fault(mapping, 512, DAX_PMD_ORDER, PFN, DAX_MEDIA, true);
	sync_all(mapping);
	assert_int_equal(vma[0].told, 2);
	assert_int_equal(vma[1].told, 2);
	assert_int_equal(vma[1].pages, DAX_PMD_PAGES);
	assert_int_equal(vma[1].pgoff, 512);
	assert_int_equal(vma[1].pfn, PFN);
	assert_int_equal(shim_calls.flushed, (1 + DAX_PMD_PAGES) * PAGE_SIZE);

	/* what is clean is nobody's business */
	sync_all(mapping);
	assert_int_equal(vma[0].told, 2);
	assert_int_equal(shim_calls.unmaps, 0);
	dax_delete_mapping_entry(mapping, 3);
	dax_delete_mapping_entry(mapping, 512);
	assert_int_equal(shim_warnings, 0);
}

/*
 * Truncation has unmapped the range and knows that the mapping is one of DAX: to
 * do either again for each entry is what made it slow.
 */
void truncation_asks_nothing_for_each_page(void **state)
{
	struct address_space *mapping = *state;
	pgoff_t i;

	for (i = 0; i < 600; i++)
		fault(mapping, i, 0, PFN + i, DAX_MEDIA, i & 1);
	shim_mapping_checks = 0;
	for (i = 0; i < 600; i++)
		assert_int_equal(dax_delete_mapping_entry(mapping, i), 1);
	assert_int_equal(shim_mapping_checks, 0);
	assert_int_equal(shim_calls.unmaps, 0);
	assert_int_equal(shim_calls.flushed, 0);
	assert_int_equal(shim_warnings, 0);
}

/*
 * A machine check's page leaves the kernel's mapping after memory_failure(), which may
 * be after the repair.
 */
void a_page_that_was_repaired_early_comes_back(void **state)
{
	struct page *page = &shim_pages[PFN];

	SetPageHWPoison(page);
	dax_poison_note(PFN);
	page->absent = 1;
	assert_int_equal(dax_good_pages(PFN, 2), 0);
	assert_true(page->absent);
	dax_poison_prepare(PFN, 1);
	assert_false(page->absent);
	dax_poison_repaired(PFN, 1);
	page->absent = 1;
	assert_int_equal(dax_good_pages(PFN, 2), 2);
	assert_false(page->absent);
	page->absent = 1;
	dax_poison_prepare(PFN, 1);
	assert_false(page->absent);
}
