// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of a PMD: when there is one, and how it gives way to pages.
 */
#include <stdlib.h>
#include <string.h>

#include "case.h"

#define SHARED	(VM_SHARED | VM_WRITE)
#define N	DAX_PMD_PAGES

static struct shim_file *file;
static struct mm_struct *mm;
static struct vm_area_struct *vma;

static void begin(unsigned long flags)
{
	mm = new_mm();
	file = new_file(N);
	give(file, 0, PFN, N);
	vma = map_file(mm, file, 0, 0, N, flags);
}

static void over(void)
{
	end_file(file, mm);
}

static bool huge(void)
{
	return pmd_is_huge(pmd_of(mm, MM_BASE));
}

static vm_fault_t huge_fault(pgoff_t index, bool write)
{
	return fault_of(vma, index, write, PE_SIZE_PMD);
}

void a_pmd_is_mapped_at_once(void **state)
{
	char byte;

	begin(SHARED);
	assert_int_equal(huge_fault(77, false), VM_FAULT_NOPAGE);
	assert_true(huge());
	assert_int_equal(mapped(vma, 511) >> PAGE_SHIFT, PFN + 511);
	assert_false(mapped(vma, 0) & PTE_WRITE);
	assert_int_equal(file->begins, 1);
	assert_int_equal(store(vma, 5, 0, 'x'), 0);
	assert_true(huge());
	assert_true(xa_get_mark(&file->mapping.i_pages, 300, PAGECACHE_TAG_DIRTY));
	assert_int_equal(fsync_file(file), 0);
	assert_int_equal(shim_durable[PFN + 5][0], 'x');
	assert_false(mapped(vma, 0) & (PTE_WRITE | PTE_DIRTY));
	assert_int_equal(load(vma, 5, 0, &byte), 0);
	assert_int_equal(byte, 'x');
	over();
}

void a_pmd_that_does_not_fit_falls_back(void **state)
{
	struct vm_area_struct *shifted, *shorter, *later;

	begin(SHARED);
	shifted = map_file(mm, file, N + 1, 0, N - 1, SHARED);
	shorter = map_file(mm, file, 2 * N, 0, N - 1, SHARED);
	later = map_file(mm, file, 3 * N + 1, 1, N - 1, SHARED);
	assert_int_equal(fault_of(shifted, 9, false, PE_SIZE_PMD),
			 VM_FAULT_FALLBACK);
	assert_int_equal(fault_of(shorter, 9, false, PE_SIZE_PMD),
			 VM_FAULT_FALLBACK);
	assert_int_equal(fault_of(later, 9, false, PE_SIZE_PMD),
			 VM_FAULT_FALLBACK);
	assert_int_equal(shim_events[THP_FAULT_FALLBACK], 3);
	file->inode.i_size -= PAGE_SIZE;
	assert_int_equal(huge_fault(9, false), VM_FAULT_FALLBACK);
	file->inode.i_size += 1;
	assert_int_equal(huge_fault(9, false), VM_FAULT_NOPAGE);
	assert_int_equal(file->mapping.nrpages, N);
	file->inode.i_size = 2 * N * PAGE_SIZE;
	shifted = map_file(mm, file, 2 * N, 1, 2 * N - 1, SHARED);
	assert_int_equal(fault_of(shifted, 9, false, PE_SIZE_PMD),
			 VM_FAULT_FALLBACK);
	over();
	begin(VM_WRITE);
	assert_int_equal(huge_fault(9, true), VM_FAULT_FALLBACK);
	assert_int_equal(huge_fault(9, false), VM_FAULT_NOPAGE);
	over();
}

void blocks_that_make_no_pmd_fall_back(void **state)
{
	begin(SHARED);
	file->largest = 256;
	assert_int_equal(huge_fault(9, true), VM_FAULT_FALLBACK);
	file->largest = FILE_PAGES;
	shim_driver.pageless = true;
	assert_int_equal(huge_fault(9, true), VM_FAULT_FALLBACK);
	shim_driver.pageless = false;
	shim_driver.gap = PFN + 200;
	assert_int_equal(huge_fault(9, true), VM_FAULT_FALLBACK);
	shim_driver.gap = 0;
	bad_block(PFN + 300);
	assert_int_equal(huge_fault(9, false), VM_FAULT_FALLBACK);
	assert_int_equal(fault_in(vma, 9, false), VM_FAULT_NOPAGE);
	assert_int_equal(file->mapping.nrpages, 9 + 7);
	assert_int_equal(fault_in(vma, 300, false), VM_FAULT_HWPOISON);
	over();
	new_world();
	begin(SHARED);
	punch(file, 0, N);
	give(file, 0, PFN + 1, N);
	assert_int_equal(huge_fault(9, true), VM_FAULT_FALLBACK);
	assert_int_equal(file->mapping.nrpages, 0);
	over();
}

void a_marked_page_keeps_its_pmd_away(void **state)
{
	char byte;

	begin(SHARED);
	assert_int_equal(store(vma, 5, 0, 'x'), 0);
	assert_int_equal(fail_memory(PFN + 300), 0);
	assert_false(huge());
	assert_int_equal(huge_fault(9, false), VM_FAULT_FALLBACK);
	assert_int_equal(load(vma, 9, 0, &byte), 0);
	assert_int_equal(load(vma, 300, 0, &byte), VM_FAULT_HWPOISON);
	assert_int_equal(fsync_file(file), -EIO);
	assert_int_equal(shim_durable[PFN + 5][0], 'x');
	ClearPageHWPoison(&shim_pages[PFN + 300]);
	over();
}

/* New blocks are good, also those that make no PMD. */
void new_blocks_that_make_no_pmd_were_repaired(void **state)
{
	unsigned int way, i;
	char byte;

	for (way = 0; way < 2; way++) {
		begin(SHARED);
		assert_int_equal(load(vma, 100, 0, &byte), 0);
		assert_int_equal(fail_memory(PFN + 100), 0);
		punch(file, 0, N);
		give(file, 0, PFN + way, N);
		for (i = 0; i < N; i++)
			file->block[i].unwritten = true;
		file->largest = way ? FILE_PAGES : 256;
		assert_int_equal(huge_fault(9, true), VM_FAULT_FALLBACK);
		/* of two extents nothing was allocated */
		assert_int_equal(file->block[100].unwritten, !way);
		assert_int_equal(store(vma, 100 - way, 0, 'x'), 0);
		assert_false(PageHWPoison(&shim_pages[PFN + 100]));
		over();
		new_world();
	}
	begin(SHARED);
	over();
}

void a_hole_is_one_zero_page(void **state)
{
	char byte = 1;

	begin(SHARED);
	punch(file, 0, N);
	shim_no_huge_zero = true;
	assert_int_equal(huge_fault(9, false), VM_FAULT_FALLBACK);
	assert_false(huge());
	assert_int_equal(file->mapping.nrpages, 0);
	shim_no_huge_zero = false;
	shim_deposit = true;
	assert_int_equal(huge_fault(9, false), VM_FAULT_NOPAGE);
	assert_int_equal(mm->nr_ptes, 1);
	assert_true(huge());
	assert_int_equal(load(vma, 300, 9, &byte), 0);
	assert_int_equal(byte, 0);
	/* somebody was quicker: not twice, and nothing lost */
	assert_int_equal(huge_fault(9, false), VM_FAULT_FALLBACK);
	assert_int_equal(shim_allocations, 0);
	assert_int_equal(mm->nr_ptes, 1);
	over();
}

void a_store_ends_the_zero_page(void **state)
{
	struct mm_struct *other = new_mm();
	struct vm_area_struct *too;
	char byte = 1;

	begin(SHARED);
	punch(file, 0, N);
	file->largest = 64;
	too = map_file(other, file, 0, 0, N, SHARED);
	file->largest = FILE_PAGES;
	assert_int_equal(load(vma, 0, 0, &byte), 0);
	assert_int_equal(load(too, 0, 0, &byte), 0);
	assert_int_equal(dax_entry_order(look(&file->mapping, 0)), DAX_PMD_ORDER);
	assert_int_equal(fault_of(vma, 9, true, PE_SIZE_PMD), VM_FAULT_NOPAGE);
	assert_int_equal(shim_events[PGMAJFAULT], 0);
	assert_int_equal(mapped(too, 9), 0);
	assert_int_equal(store(vma, 9, 0, 'x'), 0);
	assert_int_equal(load(too, 9, 0, &byte), 0);
	assert_int_equal(byte, 'x');
	over();
	free_mm(other);
}

/* A page table is there: mm has to look again, and then asks for a page. */
void a_page_table_is_not_overwritten(void **state)
{
	begin(SHARED);
	assert_int_equal(fault_of(vma, 9, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	dax_invalidate_mapping_entry_sync(&file->mapping, 9);
	free_file(file);
	file = new_file(N);
	give(file, 0, PFN, N);
	vma = map_file(mm, file, 0, 0, N, SHARED);
	assert_int_equal(huge_fault(9, false), 0);
	assert_false(huge());
	assert_int_equal(file->mapping.nrpages, 0);
	pmd_table(pmd_of(mm, MM_BASE))[9].val = 0;
	unmap_mapping_pages(&file->mapping, 0, 0, false);
	over();
}

void a_page_fault_meets_a_pmd(void **state)
{
	begin(SHARED);
	assert_int_equal(huge_fault(9, false), VM_FAULT_NOPAGE);
	file->begins = 0;
	assert_int_equal(fault_of(vma, 9, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(file->begins, 0);
	assert_true(huge());
	over();
}

void a_shared_pmd_is_copied_as_a_whole(void **state)
{
	struct shim_file *clone = new_file(N);
	struct vm_area_struct *mine = NULL;
	char byte;

	begin(SHARED);
	clone_file(file, clone, 0, N);
	mine = map_file(mm, clone, N, 0, N, SHARED);
	assert_int_equal(load(mine, 0, 0, &byte), 0);
	assert_int_equal(fault_of(mine, 7, true, PE_SIZE_PMD), VM_FAULT_NOPAGE);
	assert_int_not_equal(block_of(clone, 0), PFN);
	assert_int_equal(mapped(mine, 0) >> PAGE_SHIFT, block_of(clone, 0));
	assert_int_equal(shim_media[block_of(clone, 511)][1], (char)511);
	assert_int_equal(shim_durable[block_of(clone, 511)][1], (char)511);
	check_file(clone);
	free_file(clone);
	over();
}

/*
 * A page of a PMD gets its own block, by way of a mapping that has no PMDs.  What was
 * stored to the others is neither lost nor mapped where it no longer is.
 */
void a_pmd_of_which_a_page_is_copied(void **state)
{
	struct shim_file *clone = new_file(N);
	struct vm_area_struct *pages;
	char byte;

	begin(SHARED);
	pages = map_file(mm, file, N + 1, 1, 16, SHARED);
	assert_int_equal(store(vma, 300, 0, 'x'), 0);
	assert_true(huge());
	clone_file(file, clone, 5, 1);
	assert_int_equal(store(vma, 300, 0, 'y'), 0);
	assert_int_equal(store(pages, 5, 0, 'z'), 0);
	assert_int_equal(load(vma, 5, 0, &byte), 0);
	assert_int_equal(byte, 'z');
	assert_int_equal(load(vma, 300, 0, &byte), 0);
	assert_int_equal(byte, 'y');
	assert_int_equal(shim_media[PFN + 5][0], 5);
	assert_int_equal(fsync_file(file), 0);
	assert_int_equal(shim_durable[PFN + 300][0], 'y');
	assert_int_equal(shim_durable[block_of(file, 5)][0], 'z');
	check_file(clone);
	free_file(clone);
	over();
}

/* The same by write(2): pages are mapped again before the entry is found stale. */
void a_pmd_of_which_a_page_is_written(void **state)
{
	struct shim_file *clone = new_file(N);
	char byte;

	begin(SHARED);
	assert_int_equal(store(vma, 300, 0, 'x'), 0);
	clone_file(file, clone, 5, 1);
	assert_int_equal(store(vma, 300, 0, 'y'), 0);
	assert_int_equal(write_bytes(file, 5 * PAGE_SIZE + 1, 'w', 1), 1);
	assert_int_equal(store(vma, 300, 1, 'z'), 0);
	assert_int_equal(load(vma, 5, 1, &byte), 0);
	assert_int_equal(byte, 'w');
	assert_int_equal(load(vma, 5, 0, &byte), 0);
	assert_int_equal(byte, 5);
	assert_int_equal(store(vma, 300, 2, 'a'), 0);
	assert_int_equal(fsync_file(file), 0);
	assert_int_equal(shim_durable[PFN + 300][1], 'z');
	assert_int_equal(shim_durable[PFN + 300][2], 'a');
	check_file(clone);
	free_file(clone);
	over();
}

void a_pmd_waits_for_the_metadata(void **state)
{
	begin(SHARED | VM_SYNC);
	file->sync = file->dirty_metadata = true;
	shim_calls.on_sync = vma;
	assert_int_equal(store(vma, 9, 0, 'x'), 0);
	assert_int_equal(shim_calls.mapped_at_sync, 0);
	assert_true(huge());
	assert_true(xa_get_mark(&file->mapping.i_pages, 0, PAGECACHE_TAG_DIRTY));
	over();
}

/* A mapping that is not aligned as the file is gets pages of its PMD, a window each. */
void a_pmd_serves_the_window(void **state)
{
	struct mm_struct *memory = new_mm();
	struct shim_file *large = new_file(2 * DAX_PMD_PAGES);
	struct vm_area_struct *huge, *pages;
	pgoff_t i;

	give(large, 0, PFN, DAX_PMD_PAGES);
	give(large, DAX_PMD_PAGES, PFN + DAX_PMD_PAGES, 64);
	huge = map_file(memory, large, 0, 0, DAX_PMD_PAGES, VM_SHARED);
	pages = map_file(memory, large, DAX_PMD_PAGES + 8, 0, DAX_PMD_PAGES + 64,
			 VM_SHARED);
	assert_int_equal(fault_of(huge, 0, false, PE_SIZE_PMD), VM_FAULT_NOPAGE);
	SetPageHWPoison(&shim_pages[PFN + 20]);
	assert_int_equal(fail_memory(PFN + 21), 0);
	assert_int_equal(fault_of(pages, 12, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	for (i = 0; i < 40; i++)
		assert_true(!!mapped(pages, i) ==
			    (i >= 8 && i <= 23 && i != 20 && i != 21));
	assert_int_equal(mapped(pages, 23), (PFN + 23) << PAGE_SHIFT |
			 PTE_PRESENT | PTE_DEVMAP);
	assert_int_equal(dax_entry_order(look(&large->mapping, 9)), DAX_PMD_ORDER);
	/* what lies behind the PMD is left to its own fault */
	assert_int_equal(fault_of(pages, DAX_PMD_PAGES - 4, false, PE_SIZE_PTE),
			 VM_FAULT_NOPAGE);
	assert_int_not_equal(mapped(pages, DAX_PMD_PAGES - 1), 0);
	assert_int_equal(mapped(pages, DAX_PMD_PAGES), 0);
	assert_int_equal(large->mapping.nrpages, DAX_PMD_PAGES);
	/* whoever gets the entry has them all unmapped */
	large->inode.i_size = 0;
	unmap_mapping_pages(&large->mapping, 0, 0, false);
	check_file(large);
	assert_int_equal(shim_warnings, 0);
	free_file(large);
	free_mm(memory);
}
