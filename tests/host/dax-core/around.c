// SPDX-License-Identifier: GPL-2.0
/*
 * What a read fault maps besides its page, and where that ends.
 */
#include <stdlib.h>

#include "case.h"

#define SHARED	(VM_SHARED | VM_WRITE)
#define PAGES	64UL

static struct shim_file *file;
static struct mm_struct *mm;

static void begin(void)
{
	mm = new_mm();
	file = new_small_file(PAGES);
}

static void over(void)
{
	assert_false(xa_marked(&file->mapping.i_pages, PAGECACHE_TAG_DIRTY));
	assert_false(file->inode.dirty);
	end_file(file, mm);
}

/* Read page @index: then the pages from @first to @last are mapped, no others. */
static void maps(struct vm_area_struct *vma, pgoff_t index, pgoff_t first,
		pgoff_t last, int begins)
{
	pgoff_t i, end = vma->vm_pgoff +
		((vma->vm_end - vma->vm_start) >> PAGE_SHIFT);

	file->begins = file->ends = 0;
	assert_int_equal(fault_of(vma, index, false, PE_SIZE_PTE),
			 VM_FAULT_NOPAGE);
	assert_int_equal(file->begins, begins);
	assert_int_equal(file->ends, begins);
	for (i = vma->vm_pgoff; i < end; i++) {
		unsigned long pte = mapped(vma, i);

		if (i < first || i > last) {
			assert_int_equal(pte, 0);
			continue;
		}
		assert_int_equal(pte >> PAGE_SHIFT, block_of(file, i));
		assert_int_equal(pte & PTE_FLAGS, PTE_PRESENT | PTE_DEVMAP);
	}
}

void a_read_maps_the_window(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	maps(vma, 20, 16, 31, 1);
	assert_int_equal(file->mapping.nrpages, 16);
	assert_int_equal(shim_pages[PFN + 31].index, 31);
	/* a write maps its page alone, and takes what is there */
	assert_int_equal(fault_of(vma, 40, true, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(mapped(vma, 41), 0);
	fsync_file(file);
	dax_invalidate_mapping_entry_sync(&file->mapping, 40);
	unmap_mapping_pages(&file->mapping, 40, 1, false);
	file->inode.dirty = false;
	over();
}

/* What is far from all that was read comes alone. */
void a_page_here_and_there_comes_alone(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	maps(vma, 5, 0, 15, 1);
	unmap_mapping_pages(&file->mapping, 0, 0, false);
	maps(vma, 40, 40, 40, 1);
	/* behind it, in front of it, and where it was read before */
	unmap_mapping_pages(&file->mapping, 0, 0, false);
	maps(vma, 41, 32, 47, 1);
	unmap_mapping_pages(&file->mapping, 0, 0, false);
	maps(vma, 31, 16, 31, 1);
	unmap_mapping_pages(&file->mapping, 0, 0, false);
	maps(vma, 62, 62, 62, 1);
	unmap_mapping_pages(&file->mapping, 0, 0, false);
	maps(vma, 62, 48, 63, 1);
	over();
}

void the_window_is_aligned_in_memory(void **state)
{
	struct vm_area_struct *vma;

	begin();
	/* page 5 of the file at page 20 of memory: 16 to 31 are pages 5 - 4 on */
	vma = map_file(mm, file, 20, 5, 32, SHARED);
	maps(vma, 18, 17, 32, 1);
	over();
}

void the_window_ends_with_the_vma(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 20, 4, 8, SHARED);
	maps(vma, 6, 4, 11, 1);
	assert_int_equal(pmd_table(pmd_of(mm, MM_BASE))[19].val, 0);
	assert_int_equal(pmd_table(pmd_of(mm, MM_BASE))[28].val, 0);
	over();
}

void the_window_ends_with_the_file(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	file->inode.i_size = 20 * PAGE_SIZE + 1;
	maps(vma, 17, 16, 20, 1);
	over();
}

void the_window_ends_with_the_extent(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	file->largest = 4;
	/* the first extent of the window is not the page's: asked again, once */
	maps(vma, 22, 22, 23, 2);
	over();
}

void what_lies_in_front_is_not_the_page_s(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	file->error_at = 16;
	file->error = -EIO;
	file->begins = 0;
	assert_int_equal(fault_of(vma, 20, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(file->begins, 2);
	assert_int_equal(mapped(vma, 19), 0);
	assert_int_not_equal(mapped(vma, 20), 0);
	assert_int_not_equal(mapped(vma, 31), 0);
	over();
}

void the_window_is_cut_at_badblocks(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	bad_block(PFN + 18);
	bad_block(PFN + 27);
	maps(vma, 22, 19, 26, 1);
	over();
	new_world();
	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	bad_block(PFN + 21);
	bad_block(PFN + 23);
	maps(vma, 22, 22, 22, 1);
	over();
	new_world();
	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	shim_driver.gap = PFN + 24;
	maps(vma, 22, 16, 23, 1);
	over();
}

/* Whatever is in the way of a neighbour is left for its own fault. */
void neighbours_in_the_way_are_left_out(void **state)
{
	struct vm_area_struct *vma;
	struct dax_entry locked;
	pgoff_t i;

	begin();
	{
		XA_STATE(xas, &file->mapping.i_pages, 17);

		vma = map_file(mm, file, 0, 0, PAGES, SHARED);
		assert_int_equal(fault_of(vma, 25, false, PE_SIZE_PTE),
				 VM_FAULT_NOPAGE);
		assert_int_equal(fail_memory(PFN + 25), 0);
		for (i = 16; i < 32; i++)
			dax_invalidate_mapping_entry_sync(&file->mapping, i);
		unmap_mapping_pages(&file->mapping, 0, 0, false);
		fault(&file->mapping, 17, 0, PFN + 17, DAX_MEDIA, false);
		locked = grab(&xas, &file->mapping, 0);
		fault(&file->mapping, 18, 0, PFN + 100, DAX_MEDIA, false);
		assert_int_equal(fault_of(vma, 19, false, PE_SIZE_PTE),
				 VM_FAULT_NOPAGE);
		for (i = 16; i < 32; i++)
			assert_true(!!mapped(vma, i) ==
				    (i != 17 && i != 18 && i != 25));
		assert_false(dax_entry_exists(look(&file->mapping, 25)));
		dax_entry_release(&xas, &file->mapping, locked);
	}
	/* the flag of a page that has an entry is seen as well */
	SetPageHWPoison(&shim_pages[PFN + 28]);
	unmap_mapping_pages(&file->mapping, 0, 0, false);
	assert_int_equal(fault_of(vma, 20, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(mapped(vma, 28), 0);
	file->may_be_stale = true;
	over();
}

void what_is_mapped_already_stays(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	assert_int_equal(store(vma, 18, 0, 'x'), 0);
	assert_int_equal(fault_of(vma, 19, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_true(mapped(vma, 18) & PTE_WRITE);
	assert_int_not_equal(mapped(vma, 20), 0);
	assert_false(mapped(vma, 20) & PTE_WRITE);
	fsync_file(file);
	file->inode.dirty = false;
	over();
}

void pages_of_no_devmap_come_alone(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	shim_driver.pageless = true;
	assert_int_equal(fault_of(vma, 20, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_not_equal(mapped(vma, 20), 0);
	assert_int_equal(mapped(vma, 21), 0);
	over();
}

void a_large_window_is_mapped_in_runs_of_64(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *memory = new_mm();
	struct shim_file *large = new_file(512);
	pgoff_t i;

	assert_int_equal(shim_param_fault_around_bytes->set("2097152", NULL), 0);
	large->small = true;
	/* not aligned on the device: the page locks change on the way */
	give(large, 0, PFN + 100, 512);
	vma = map_file(memory, large, 0, 0, 512, SHARED);
	assert_int_equal(fault_of(vma, 300, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	for (i = 0; i < 512; i++)
		assert_int_equal(mapped(vma, i) >> PAGE_SHIFT, PFN + 100 + i);
	assert_int_equal(large->mapping.nrpages, 512);
	check_file(large);
	free_file(large);
	free_mm(memory);
}

void the_size_of_the_window_can_be_set(void **state)
{
	static const char *const wrong[] = { "", "x", "0", "2048", "12288",
					     "4194304" };
	struct vm_area_struct *vma;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(shim_param_fault_around_bytes->set(wrong[i], NULL),
				 -EINVAL);
	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	assert_int_equal(shim_param_fault_around_bytes->set("4096", NULL), 0);
	maps(vma, 20, 20, 20, 1);
	assert_int_equal(shim_param_fault_around_bytes->set("8192", NULL), 0);
	unmap_mapping_pages(&file->mapping, 0, 0, false);
	maps(vma, 21, 20, 21, 1);
	over();
}

void no_memory_for_neighbours_is_no_error(void **state)
{
	struct vm_area_struct *vma;

	begin();
	vma = map_file(mm, file, 56, 56, 8, SHARED);
	map_file(mm, file, 0, 0, PAGES, SHARED);
	/* the page has its entry; those across the node's edge have none */
	vma->vm_end += 8 << PAGE_SHIFT;
	file->inode.i_size = 72 * PAGE_SIZE;
	give(file, 64, PFN + 64, 8);
	assert_int_equal(shim_param_fault_around_bytes->set("65536", NULL), 0);
	assert_int_equal(fault_of(vma, 60, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_not_equal(mapped(vma, 63), 0);
	over();
}

/* Does the file show its hole from @first to @last, and nothing else of the window? */
static void shows_hole(struct vm_area_struct *vma, pgoff_t first, pgoff_t last)
{
	pgoff_t i;

	for (i = vma->vm_pgoff; i < PAGES; i++) {
		struct dax_entry entry = look(&file->mapping, i);

		if (i < first || i > last) {
			assert_int_equal(mapped(vma, i), 0);
			continue;
		}
		assert_int_equal(mapped(vma, i) >> PAGE_SHIFT,
				 my_zero_pfn(address_of(vma, i)));
		assert_int_equal(mapped(vma, i) & PTE_FLAGS, PTE_PRESENT);
		assert_true(dax_entry_exists(entry));
		assert_int_equal(dax_entry_kind(entry), DAX_ZERO);
	}
}

static struct vm_area_struct *begin_hole(void)
{
	mm = new_mm();
	file = new_file(PAGES);
	file->small = true;
	return map_file(mm, file, 0, 0, PAGES, SHARED);
}

void a_read_of_a_hole_maps_the_window(void **state)
{
	struct vm_area_struct *vma = begin_hole();

	assert_int_equal(fault_of(vma, 20, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	shows_hole(vma, 16, 31);
	assert_int_equal(file->mapping.nrpages, 16);
	assert_int_equal(file->begins, 1);
	assert_int_equal(fault_of(vma, 40, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(file->mapping.nrpages, 17);
	/* what is there by now goes as ever: by a store, and by write(2) */
	assert_int_equal(store(vma, 18, 0, 'x'), 0);
	assert_true(mapped(vma, 18) & PTE_WRITE);
	shim_calls.unmaps = 0;
	assert_int_equal(write_bytes(file, 19 * PAGE_SIZE, 'w', PAGE_SIZE),
			 PAGE_SIZE);
	assert_int_equal(mapped(vma, 19), 0);
	assert_int_not_equal(mapped(vma, 17), 0);
	assert_int_equal(fsync_file(file), 0);
	file->inode.dirty = false;
	over();
}

void the_window_of_a_hole_ends_with_it(void **state)
{
	struct vm_area_struct *vma = begin_hole();

	give(file, 0, PFN, 19);
	give(file, 27, PFN + 27, 10);
	assert_int_equal(fault_of(vma, 22, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	shows_hole(vma, 22, 26);
	over();
	new_world();
	vma = begin_hole();
	file->inode.i_size = 19 * PAGE_SIZE + 1;
	assert_int_equal(fault_of(vma, 17, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	shows_hole(vma, 16, 19);
	over();
	new_world();
	vma = begin_hole();
	vma->vm_end = address_of(vma, 25);
	vma->vm_start = address_of(vma, 18);
	vma->vm_pgoff = 18;
	assert_int_equal(fault_of(vma, 20, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	shows_hole(vma, 18, 24);
	over();
}

void neighbours_in_a_hole_are_left_out(void **state)
{
	struct vm_area_struct *vma = begin_hole();
	XA_STATE(xas, &file->mapping.i_pages, 17);
	struct dax_entry locked = grab(&xas, &file->mapping, 0);
	unsigned long here;

	/* a block since the filesystem was asked, as far as it is known */
	give(file, 18, PFN + 18, 1);
	file->block[18].pfn = 0;
	fault(&file->mapping, 18, 0, PFN + 18, DAX_MEDIA, false);
	assert_int_equal(fault_of(vma, 19, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_not_equal(mapped(vma, 16), 0);
	assert_int_equal(mapped(vma, 17), 0);
	assert_int_equal(mapped(vma, 18), 0);
	assert_int_not_equal(mapped(vma, 19), 0);
	dax_entry_release(&xas, &file->mapping, locked);
	/* what a page table has stays */
	here = mapped(vma, 21);
	unmap_mapping_pages(&file->mapping, 20, 1, false);
	pmd_table(pmd_of(mm, MM_BASE))[21].val = here | PTE_DIRTY;
	assert_int_equal(fault_of(vma, 20, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(mapped(vma, 21), here | PTE_DIRTY);
	file->block[18].pfn = PFN + 18;
	over();
}

/* Pages one behind the other are written back together, others are not. */
void dirty_pages_are_cleaned_in_runs(void **state)
{
	static const pgoff_t dirty[] = { 0, 1, 2, 4, 5, 6, 7, 40, 41, 63, 64 };
	struct vm_area_struct *vma;
	unsigned int i;

	mm = new_mm();
	file = new_file(2 * PAGES);
	file->small = true;
	give(file, 0, PFN, 6);
	/* behind page 5 in the file, not on the device */
	give(file, 6, PFN + 200, 100);
	vma = map_file(mm, file, 0, 0, 2 * PAGES, SHARED);
	assert_int_equal(fault_of(vma, 3, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	for (i = 0; i < ARRAY_SIZE(dirty); i++)
		assert_int_equal(store(vma, dirty[i], 7, 'd'), 0);
	vma->told = 0;
	assert_int_equal(fsync_file(file), 0);
	/* 0-2, 4-5, 6-7, 40-41, 63 at the end of its leaf, 64 */
	assert_int_equal(vma->told, 6);
	for (i = 0; i < ARRAY_SIZE(dirty); i++) {
		assert_int_equal(shim_durable[block_of(file, dirty[i])][7], 'd');
		assert_false(mapped(vma, dirty[i]) & PTE_WRITE);
	}
	assert_false(xa_marked(&file->mapping.i_pages, PAGECACHE_TAG_DIRTY));
	assert_false(xa_marked(&file->mapping.i_pages, PAGECACHE_TAG_TOWRITE));
	file->inode.dirty = false;
	over();
}

static int write_back(pgoff_t first, pgoff_t last)
{
	struct writeback_control wbc = {
		.sync_mode	= WB_SYNC_ALL,
		.range_start	= first << PAGE_SHIFT,
		.range_end	= ((last + 1) << PAGE_SHIFT) - 1,
	};

	return dax_writeback_mapping_range(&file->mapping, NULL, &wbc);
}

/* Of a run, what was asked for, and what is not poisoned. */
void a_run_is_what_was_asked_for(void **state)
{
	struct vm_area_struct *vma;
	pgoff_t i;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	for (i = 0; i < 8; i++)
		assert_int_equal(store(vma, i, 0, 'd'), 0);
	vma->told = 0;
	assert_int_equal(write_back(2, 4), 0);
	assert_int_equal(vma->told, 1);
	assert_int_equal(vma->pgoff, 2);
	assert_int_equal(vma->pages, 3);
	assert_true(mapped(vma, 1) & PTE_WRITE);
	assert_false(mapped(vma, 4) & PTE_WRITE);
	assert_true(mapped(vma, 5) & PTE_WRITE);
	/* from the first of a leaf on, and to the last of one */
	assert_int_equal(write_back(0, 4), 0);
	assert_true(mapped(vma, 5) & PTE_WRITE);
	assert_false(xa_marked(&file->mapping.i_pages, PAGECACHE_TAG_TOWRITE));
	assert_int_equal(write_back(6, XA_CHUNK_SIZE - 1), 0);
	assert_true(mapped(vma, 5) & PTE_WRITE);
	assert_false(xa_marked(&file->mapping.i_pages, PAGECACHE_TAG_TOWRITE));
	assert_int_equal(store(vma, 6, 0, 'e') | store(vma, 7, 0, 'e'), 0);
	assert_int_equal(fail_memory(PFN + 6), 0);
	assert_int_equal(fsync_file(file), -EIO);
	assert_int_equal(shim_durable[PFN + 5][0], 'd');
	assert_int_equal(shim_durable[PFN + 7][0], 'e');
	assert_int_equal(shim_durable[PFN + 6][0], 'd');
	file->inode.dirty = false;
	over();
}
