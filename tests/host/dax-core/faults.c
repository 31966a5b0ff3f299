// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of one page: what they map, what they make dirty, what they answer.
 */
#include <stdlib.h>
#include <string.h>

#include "case.h"

#define SHARED	(VM_SHARED | VM_WRITE)

/* A file of @pages with a block each from PFN on, mapped at @at in memory. */
static struct shim_file *simple(struct mm_struct **mm, struct vm_area_struct **vma,
		pgoff_t pages, unsigned long flags)
{
	struct shim_file *file = new_small_file(pages);

	*mm = new_mm();
	*vma = map_file(*mm, file, 0, 0, pages, flags);
	return file;
}

static bool tagged(struct shim_file *file, pgoff_t index)
{
	return xa_get_mark(&file->mapping.i_pages, index, PAGECACHE_TAG_DIRTY);
}

static char *bytes(struct shim_file *file, pgoff_t index)
{
	return shim_media[block_of(file, index)];
}

void a_read_fault_maps_its_block_and_nothing_is_dirty(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED);
	char byte;

	assert_int_equal(load(vma, 2, 9, &byte), 0);
	assert_int_equal(byte, 3);
	assert_int_equal(mapped(vma, 2) >> PAGE_SHIFT, PFN + 2);
	assert_false(mapped(vma, 2) & (PTE_WRITE | PTE_DIRTY));
	assert_true(mapped(vma, 2) & PTE_DEVMAP);
	assert_false(xa_marked(&file->mapping.i_pages, PAGECACHE_TAG_DIRTY));
	assert_false(file->inode.dirty);
	assert_int_equal(shim_events[PGMAJFAULT], 0);
	end_file(file, mm);
}

void a_store_is_durable_after_fsync(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED);

	assert_int_equal(store(vma, 2, 9, 'x'), 0);
	assert_int_equal(mapped(vma, 2) & (PTE_WRITE | PTE_DIRTY),
			 PTE_WRITE | PTE_DIRTY);
	assert_true(tagged(file, 2));
	assert_true(file->inode.dirty);
	assert_int_equal(mapped(vma, 1), 0);	/* a write asks for its page alone */
	assert_int_equal(shim_durable[PFN + 2][9], 3);
	assert_int_equal(fsync_file(file), 0);
	assert_int_equal(shim_durable[PFN + 2][9], 'x');
	assert_false(tagged(file, 2));
	assert_false(mapped(vma, 2) & (PTE_WRITE | PTE_DIRTY));
	assert_int_equal(store(vma, 2, 9, 'y'), 0);
	assert_true(tagged(file, 2));
	end_file(file, mm);
}

void the_busy_scan_unmaps_its_range(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 16, SHARED);
	char byte;
	pgoff_t i;

	assert_int_equal(load(vma, 2, 0, &byte), 0);
	assert_null(dax_layout_busy_page_range(&file->mapping, 3 * PAGE_SIZE,
					       6 * PAGE_SIZE - 1));
	for (i = 0; i < 16; i++)
		assert_true(!mapped(vma, i) == (i >= 3 && i <= 5));
	shim_pages[PFN + 6]._refcount.counter++;
	assert_null(dax_layout_busy_page_range(&file->mapping, 3 * PAGE_SIZE,
					       6 * PAGE_SIZE - 1));
	assert_ptr_equal(dax_layout_busy_page(&file->mapping),
			 &shim_pages[PFN + 6]);
	assert_int_equal(mapped(vma, 15), 0);
	shim_pages[PFN + 6]._refcount.counter--;
	end_file(file, mm);
}

void a_hole_shows_zeroes_until_it_gets_a_block(void **state)
{
	struct shim_file *file = new_file(8);
	struct mm_struct *mm = new_mm();
	struct vm_area_struct *vma = map_file(mm, file, 0, 0, 8, SHARED);
	struct vm_area_struct *other = map_file(mm, file, 64, 0, 8, SHARED);
	char byte = 1;

	file->small = true;
	assert_int_equal(load(vma, 3, 5, &byte), 0);
	assert_int_equal(byte, 0);
	assert_int_equal(load(other, 3, 5, &byte), 0);
	assert_int_equal(mapped(vma, 3) >> PAGE_SHIFT,
			 my_zero_pfn(address_of(vma, 3)));
	assert_int_equal(dax_entry_kind(look(&file->mapping, 3)), DAX_ZERO);
	assert_int_equal(block_of(file, 3), 0);
	assert_int_equal(fault_of(vma, 3, true, PE_SIZE_PTE),
			 VM_FAULT_NOPAGE | VM_FAULT_MAJOR);
	assert_int_equal(shim_events[PGMAJFAULT], 1);
	assert_int_equal(mapped(other, 3), 0);
	assert_int_equal(store(vma, 3, 5, 'x'), 0);
	assert_int_equal(load(other, 3, 5, &byte), 0);
	assert_int_equal(byte, 'x');
	assert_int_equal(bytes(file, 3)[6], 0);
	end_file(file, mm);
}

/* Each in a file of its own: mm has one page for copies here. */
static vm_fault_t private_write(void (*prepare)(struct shim_file *file),
		char *byte)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, VM_WRITE);
	vm_fault_t ret;

	shim_pages[COW_PFN].uptodate = false;
	memset(shim_media[COW_PFN], 'c', PAGE_SIZE);
	if (prepare)
		prepare(file);
	ret = fault_of(vma, 2, true, PE_SIZE_PTE);
	*byte = shim_media[COW_PFN][PAGE_SIZE - 1];
	assert_int_equal(file->mapping.nrpages, 0);
	assert_true(!(ret & VM_FAULT_DONE_COW) ||
		    mapped(vma, 2) >> PAGE_SHIFT == COW_PFN);
	end_file(file, mm);
	return ret;
}

static void make_hole(struct shim_file *file)      { punch(file, 2, 1); }
static void make_bad(struct shim_file *file)       { bad_block(PFN + 2); }
static void make_latent(struct shim_file *file)    { latent(PFN + 2); }
static void make_flagged(struct shim_file *file)
{
	char byte;
	struct mm_struct *mm = new_mm();
	struct vm_area_struct *vma = map_file(mm, file, 512, 0, 4, SHARED);

	clear_mce_nospec(PFN + 2);
	assert_int_equal(load(vma, 2, 0, &byte), 0);
	assert_int_equal(fail_memory(PFN + 2), 0);
	/* the entry would be counted */
	dax_invalidate_mapping_entry_sync(&file->mapping, 2);
	while (file->mapping.nrpages)
		dax_invalidate_mapping_entry_sync(&file->mapping,
						  4 - file->mapping.nrpages);
}
static void make_no_device(struct shim_file *file) { shim_driver.gone = true; }
static void make_error(struct shim_file *file)
{
	file->error_at = 2;
	file->error = -ENOMEM;
}

void a_private_write_copies_the_page(void **state)
{
	char byte;

	assert_int_equal(private_write(NULL, &byte), VM_FAULT_DONE_COW);
	assert_int_equal(byte, 3);
	assert_int_equal(private_write(make_hole, &byte), VM_FAULT_DONE_COW);
	assert_int_equal(byte, 0);
	new_world();
	assert_int_equal(private_write(make_bad, &byte), VM_FAULT_HWPOISON);
	new_world();
	assert_int_equal(private_write(make_latent, &byte), VM_FAULT_HWPOISON);
	new_world();
	assert_int_equal(private_write(make_no_device, &byte), VM_FAULT_SIGBUS);
	new_world();
	assert_int_equal(private_write(make_error, &byte), VM_FAULT_OOM);
	assert_int_equal(shim_calls.fault_error, -ENOMEM);
}

void a_private_read_of_a_page_that_is_marked_is_refused(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, VM_WRITE);
	char byte;

	assert_int_equal(load(vma, 2, 0, &byte), 0);
	assert_int_equal(fail_memory(PFN + 2), 0);
	assert_int_equal(fault_of(vma, 2, true, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	assert_int_equal(fault_of(vma, 2, false, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	*shim_param_refuse_poisoned = false;
	assert_int_equal(fault_of(vma, 2, true, PE_SIZE_PTE), VM_FAULT_DONE_COW);
	ClearPageHWPoison(&shim_pages[PFN + 2]);
	end_file(file, mm);
}

void a_store_to_a_shared_block_goes_to_a_copy(void **state)
{
	struct vm_area_struct *vma, *mine, *too;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED);
	struct shim_file *clone = new_file(4);
	char byte;

	clone->small = true;
	mine = map_file(mm, clone, 64, 0, 4, SHARED);
	too = map_file(mm, clone, 128, 0, 4, SHARED);
	clone_file(file, clone, 0, 4);
	assert_int_equal(load(vma, 2, 0, &byte), 0);
	assert_int_equal(load(mine, 2, 0, &byte), 0);
	assert_int_equal(load(too, 2, 0, &byte), 0);
	assert_int_equal(mapped(too, 2) >> PAGE_SHIFT, PFN + 2);
	assert_int_equal(store(mine, 2, 7, 'x'), 0);
	assert_int_not_equal(block_of(clone, 2), PFN + 2);
	assert_int_equal(load(too, 2, 7, &byte), 0);
	assert_int_equal(byte, 'x');
	assert_int_equal(bytes(clone, 2)[6], 3);
	assert_int_equal(bytes(file, 2)[7], 3);
	/* what was copied is durable when the file has it */
	assert_int_equal(shim_durable[block_of(clone, 2)][6], 3);
	assert_ptr_equal(shim_pages[PFN + 2].mapping, &file->mapping);
	assert_int_equal(shim_pages[PFN + 2].private, 0);
	check_file(file);
	end_file(clone, new_mm());
	end_file(file, mm);
}

/* What an entry has is a block of the file, whether it could be mapped or not. */
void a_copy_that_cannot_be_mapped_is_the_file_s(void **state)
{
	struct vm_area_struct *vma, *mine;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED);
	struct shim_file *clone = new_file(4);
	char byte;

	clone->small = true;
	mine = map_file(mm, clone, DAX_PMD_PAGES, 0, 4, SHARED);
	clone_file(file, clone, 0, 4);
	shim_no_tables = true;
	assert_int_equal(fault_of(mine, 2, true, PE_SIZE_PTE), VM_FAULT_OOM);
	assert_int_equal(shim_calls.fault_error, 0);
	check_file(clone);
	shim_no_tables = false;
	assert_int_equal(bytes(clone, 2)[7], 3);
	assert_int_equal(store(mine, 2, 7, 'x'), 0);
	assert_int_equal(load(mine, 2, 7, &byte), 0);
	assert_int_equal(byte, 'x');
	check_file(file);
	end_file(clone, new_mm());
	end_file(file, mm);
}

void a_new_block_over_a_shared_hole_is_zeroed(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED);

	punch(file, 2, 1);
	file->block[2].cow_hole = true;
	assert_int_equal(store(vma, 2, 7, 'x'), 0);
	assert_int_equal(bytes(file, 2)[6], 0);
	assert_int_equal(bytes(file, 2)[PAGE_SIZE - 1], 0);
	end_file(file, mm);
}

void a_copy_of_poison_is_refused(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED);
	struct shim_file *clone = new_file(4);

	clone_file(file, clone, 0, 4);
	bad_block(PFN + 1);
	latent(PFN + 2);
	assert_int_equal(fault_of(vma, 1, true, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	assert_int_equal(fault_of(vma, 2, true, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	/* nothing took the place of what could not be copied */
	assert_int_equal(block_of(file, 1), PFN + 1);
	assert_int_equal(block_of(file, 2), PFN + 2);
	assert_int_equal(file->mapping.nrpages, 0);
	end_file(clone, new_mm());
	end_file(file, mm);
}

void each_error_has_its_answer(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 8, SHARED);

	file->error_at = 1;
	file->error = -ENOMEM;
	assert_int_equal(fault_of(vma, 1, true, PE_SIZE_PTE), VM_FAULT_OOM);
	file->error = -ENOSPC;
	assert_int_equal(fault_of(vma, 1, true, PE_SIZE_PTE), VM_FAULT_SIGBUS);
	assert_int_equal(shim_calls.fault_error, -ENOSPC);
	assert_int_equal(fault_of(vma, 1, true, PE_SIZE_PMD), VM_FAULT_FALLBACK);
	assert_int_equal(fault_of(vma, 1, true, PE_SIZE_PUD), VM_FAULT_FALLBACK);
	file->error_at = ULONG_MAX;
	bad_block(PFN + 1);
	assert_int_equal(fault_of(vma, 1, false, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	assert_int_equal(fault_of(vma, 1, true, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	shim_driver.gone = true;
	assert_int_equal(fault_of(vma, 2, false, PE_SIZE_PTE), VM_FAULT_SIGBUS);
	shim_driver.gone = false;
	shim_driver.lost = true;	/* dm has no device for this range */
	assert_int_equal(fault_of(vma, 2, false, PE_SIZE_PTE), VM_FAULT_SIGBUS);
	shim_driver.lost = false;
	shim_no_memory = true;
	assert_int_equal(fault_of(vma, 5, true, PE_SIZE_PTE), VM_FAULT_OOM);
	shim_no_memory = false;
	file->inode.i_size = 3 * PAGE_SIZE + 1;
	assert_int_equal(fault_of(vma, 4, false, PE_SIZE_PTE), VM_FAULT_SIGBUS);
	assert_int_equal(fault_of(vma, 4, false, PE_SIZE_PMD), VM_FAULT_SIGBUS);
	assert_int_equal(fault_of(vma, 3, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	end_file(file, mm);
}

void poison_is_not_handed_out_again(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 32, SHARED);
	char byte;

	assert_int_equal(store(vma, 2, 0, 'x'), 0);
	latent(PFN + 2);
	assert_int_equal(load(vma, 2, 0, &byte), VM_FAULT_HWPOISON);
	assert_int_equal(mapped(vma, 2), 0);
	assert_int_equal(fault_of(vma, 2, false, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	assert_int_equal(fault_of(vma, 2, true, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	assert_int_equal(load(vma, 3, 0, &byte), 0);
	assert_int_equal(mapped(vma, 2), 0);
	/* it was dirty: that is lost, the others are not */
	assert_int_equal(store(vma, 1, 0, 'y'), 0);
	assert_int_equal(store(vma, 3, 0, 'z'), 0);
	assert_int_equal(fsync_file(file), -EIO);
	assert_int_equal(file->mapping.error, -EIO);
	assert_int_equal(shim_durable[PFN + 1][0], 'y');
	assert_int_equal(shim_durable[PFN + 3][0], 'z');
	assert_int_equal(fsync_file(file), 0);
	end_file(file, mm);
}

void a_new_block_was_repaired(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED);
	char byte;

	assert_int_equal(load(vma, 2, 0, &byte), 0);
	assert_int_equal(fail_memory(PFN + 2), 0);
	/* the block as the filesystem gives it anew: allocated and zeroed */
	punch(file, 0, 4);
	give(file, 2, PFN + 2, 1);
	file->block[2].unwritten = true;
	assert_int_equal(load(vma, 2, 0, &byte), 0);
	assert_int_equal(byte, 0);
	assert_int_equal(store(vma, 2, 0, 'x'), 0);
	assert_false(PageHWPoison(&shim_pages[PFN + 2]));
	end_file(file, mm);
}

void map_sync_waits_for_the_metadata(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED | VM_SYNC);

	file->sync = file->dirty_metadata = true;
	shim_calls.on_sync = vma;
	assert_int_equal(store(vma, 2, 0, 'x'), 0);
	assert_false(file->dirty_metadata);
	assert_true(tagged(file, 2));
	assert_true(file->inode.dirty);
	/* nothing was mapped before, and nothing dirty that could be flushed */
	assert_int_equal(shim_calls.mapped_at_sync, 0);
	file->dirty_metadata = true;
	file->error = -EIO;
	file->fail_sync = true;
	assert_int_equal(fault_of(vma, 1, true, PE_SIZE_PTE), VM_FAULT_SIGBUS);
	assert_int_equal(mapped(vma, 1), 0);
	end_file(file, mm);
}

/*
 * fsync of a file of which something could not be written back says so, once, and leaves
 * the metadata as they are.
 */
void map_sync_leaves_errors_to_fsync(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED | VM_SYNC);

	file->sync = file->dirty_metadata = true;
	file->file.f_wb_err = 7;
	file->late = 2;
	assert_int_equal(store(vma, 2, 0, 'x'), 0);
	assert_false(file->dirty_metadata);
	assert_int_equal(file->late, 0);
	assert_int_equal(file->file.f_wb_err, 7);
	end_file(file, mm);
}

/* Between the two halves of the fault the entry is nobody's. */
void map_sync_looks_at_the_entry_again(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED | VM_SYNC);
	struct vm_fault vmf = {
		.vma		= vma,
		.pgoff		= 2,
		.address	= address_of(vma, 2),
		.flags		= FAULT_FLAG_WRITE,
		.pmd		= pmd_of(mm, MM_BASE),
	};
	pfn_t pfn;
	int error;

	file->dirty_metadata = true;
	assert_int_equal(dax_iomap_fault(&vmf, PE_SIZE_PTE, &pfn, &error,
					 &shim_ops), VM_FAULT_NEEDDSYNC);
	assert_int_equal(pfn_t_to_pfn(pfn), PFN + 2);
	assert_false(tagged(file, 2));
	punch(file, 2, 1);
	assert_int_equal(dax_finish_sync_fault(&vmf, PE_SIZE_PTE, pfn),
			 VM_FAULT_NOPAGE);
	assert_int_equal(mapped(vma, 2), 0);
	give(file, 2, PFN + 9, 1);
	assert_int_equal(fault_of(vma, 2, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(dax_finish_sync_fault(&vmf, PE_SIZE_PTE, pfn),
			 VM_FAULT_NOPAGE);
	assert_false(mapped(vma, 2) & PTE_WRITE);
	assert_false(tagged(file, 2));
	assert_int_equal(fail_memory(PFN + 9), 0);
	pfn.val = (PFN + 9) | PFN_FLAGS;
	assert_int_equal(dax_finish_sync_fault(&vmf, PE_SIZE_PTE, pfn),
			 VM_FAULT_HWPOISON);
	assert_int_equal(mapped(vma, 2), 0);
	ClearPageHWPoison(&shim_pages[PFN + 9]);
	end_file(file, mm);
}

/* It found no entry while writeback had it in its hands. */
void a_load_beside_writeback_of_a_bad_page_goes_on(void **state)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct shim_file *file = simple(&mm, &vma, 4, SHARED);

	assert_int_equal(store(vma, 2, 9, 'x'), 0);
	bad_block(block_of(file, 2));
	assert_int_equal(fault_of(vma, 2, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(fsync_file(file), 0);
	assert_int_equal(fault_of(vma, 2, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(fault_of(vma, 2, true, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	unmap_mapping_pages(&file->mapping, 2, 1, false);
	assert_int_equal(fault_of(vma, 2, false, PE_SIZE_PTE), VM_FAULT_HWPOISON);
	end_file(file, mm);
}
