// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks that are new to a file, among others that are marked as bad: the former are
 * good, the latter stay as they are.  How a filesystem says which are which: dax_take_new().
 */
#include <stdlib.h>
#include <string.h>

#include "case.h"

#define N	DAX_PMD_PAGES
#define BAD	6

static struct shim_file *file;
static struct mm_struct *mm;
static struct vm_area_struct *vma;
static char buffer[4 * PAGE_SIZE];

/* A file of a PMD, the page BAD of which is marked, and has no entry. */
static void begin(void)
{
	pgoff_t i;

	mm = new_mm();
	file = new_file(N);
	give(file, 0, PFN, N);
	vma = map_file(mm, file, 0, 0, N, VM_SHARED | VM_WRITE);
	memset(buffer, 'b', sizeof(buffer));
	assert_int_equal(fault_of(vma, BAD, false, PE_SIZE_PTE), VM_FAULT_NOPAGE);
	assert_int_equal(fail_memory(PFN + BAD), 0);
	unmap_mapping_pages(&file->mapping, 0, N, false);
	for (i = 0; i < 16; i++)
		dax_invalidate_mapping_entry_sync(&file->mapping, i);
	assert_int_equal(file->mapping.nrpages, 0);
}

static void over(void)
{
	end_file(file, mm);
}

static bool marked(void)
{
	return PageHWPoison(&shim_pages[PFN + BAD]);
}

static void unwritten(pgoff_t index, pgoff_t nr)
{
	for (; nr; nr--)
		file->block[index++].unwritten = true;
}

static ssize_t write_file(loff_t pos, size_t len)
{
	return transfer(file, WRITE, pos, buffer, len, len);
}

/* Two pages that get their blocks, and part of one that was written before. */
void a_mark_among_new_blocks_stays(void **state)
{
	begin();
	file->joins = true;
	unwritten(BAD - 2, 2);
	assert_int_equal(write_file((BAD - 2) * PAGE_SIZE + 100, 2 * PAGE_SIZE),
			 2 * PAGE_SIZE - 100);
	assert_true(marked());
	unwritten(BAD - 2, 2);
	assert_int_equal(transfer(file, WRITE, (BAD - 2) * PAGE_SIZE, buffer,
				  3 * PAGE_SIZE, 2 * PAGE_SIZE + 10), 2 * PAGE_SIZE + 10);
	assert_true(marked());
	unwritten(BAD - 2, 2);
	assert_int_equal(write_file((BAD - 2) * PAGE_SIZE, 3 * PAGE_SIZE), 3 * PAGE_SIZE);
	assert_false(marked());
	over();
}

/* The rest of an extent is written with the page that was asked for. */
void new_blocks_behind_a_write_were_repaired(void **state)
{
	unsigned int way;

	for (way = 0; way < 3; way++) {
		begin();
		file->whole = true;
		unwritten(0, N);
		if (way == 0)
			assert_int_equal(write_file(PAGE_SIZE + 7, 10), 10);
		else if (way == 1)
			assert_int_equal(write_file(3 * PAGE_SIZE, 3 * PAGE_SIZE + 10),
					 3 * PAGE_SIZE + 10);
		else
			assert_int_equal(store(vma, 1, 0, 'x'), 0);
		assert_false(marked());
		assert_int_equal(store(vma, BAD, 0, 'y'), 0);
		over();
		new_world();
	}
	begin();
	over();
}

/* A write that ends within a new page that was marked. */
void new_blocks_end_a_write(void **state)
{
	begin();
	unwritten(BAD - 2, 3);
	assert_int_equal(write_file((BAD - 2) * PAGE_SIZE + 5, 2 * PAGE_SIZE), 2 * PAGE_SIZE);
	assert_false(marked());
	over();
}

void a_mark_among_new_blocks_of_a_pmd_stays(void **state)
{
	struct mm_struct *other = new_mm();
	struct vm_area_struct *empty;

	begin();
	/* that has no page table yet */
	empty = map_file(other, file, 0, 0, N, VM_SHARED | VM_WRITE);
	file->joins = true;
	unwritten(0, BAD);
	assert_int_equal(fault_of(empty, 0, true, PE_SIZE_PMD), VM_FAULT_FALLBACK);
	assert_true(marked());
	assert_int_equal(store(vma, 0, 0, 'x'), 0);
	assert_int_equal(store(vma, BAD, 0, 'x'), VM_FAULT_HWPOISON);
	assert_true(marked());
	over();
	free_mm(other);
}

void a_write_stops_at_a_page_that_cannot_be_copied(void **state)
{
	struct shim_file *clone = new_file(N);
	loff_t pos = (BAD - 2) * PAGE_SIZE + 9;

	begin();
	clone_file(file, clone, 0, 16);
	assert_int_equal(write_file(pos, 2 * PAGE_SIZE), 2 * PAGE_SIZE - 9);
	assert_int_equal(shim_durable[block_of(file, BAD - 1)][PAGE_SIZE - 1], 'b');
	assert_int_equal(block_of(file, BAD), PFN + BAD);
	assert_true(marked());
	assert_int_equal(write_file(BAD * PAGE_SIZE, 10), -EIO);
	assert_int_equal(block_of(file, BAD), PFN + BAD);
	free_file(clone);
	over();
}

void unsharing_gives_a_hole_a_block(void **state)
{
	char byte = 1;

	begin();
	file->whole = true;
	punch(file, 1, 1);
	unwritten(4, 4);
	assert_int_equal(load(vma, 1, 9, &byte), 0);
	assert_int_equal(byte, 0);
	assert_int_equal(dax_file_unshare(&file->inode, 0, 8 * PAGE_SIZE, &shim_ops), 0);
	assert_false(marked());
	assert_int_not_equal(block_of(file, 1), 0);
	assert_int_equal(write_file(PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
	assert_int_equal(load(vma, 1, 9, &byte), 0);
	assert_int_equal(byte, 'b');
	over();
}
