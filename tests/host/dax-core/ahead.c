// SPDX-License-Identifier: GPL-2.0
/*
 * What a store maps besides its page, if it is one of many.
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

static unsigned long writable(struct vm_area_struct *vma)
{
	pgoff_t i, end = vma->vm_pgoff +
		((vma->vm_end - vma->vm_start) >> PAGE_SHIFT);
	unsigned long n = 0;

	for (i = vma->vm_pgoff; i < end; i++)
		n += !!(mapped(vma, i) & PTE_WRITE);
	return n;
}

/* Each is tagged dirty: check_file() says so. */
static void done(void)
{
	check_file(file);
	assert_int_equal(fsync_file(file), 0);
	assert_int_equal(shim_warnings, 0);
	free_file(file);
	free_mm(mm);
}

/* Store to page @index: from @first on then @nr pages are writable. */
static void stores(struct vm_area_struct *vma, pgoff_t index, unsigned long nr)
{
	assert_int_equal(store(vma, index, 0, 'x'), 0);
	assert_int_equal(writable(vma), nr);
	check_file(file);
}

void stores_in_a_row_map_what_is_ahead(void **state)
{
	struct vm_area_struct *vma;
	pgoff_t i;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	stores(vma, 0, 1);
	stores(vma, 1, 3);
	stores(vma, 2, 3);
	stores(vma, 3, 7);
	for (i = 4; i < 7; i++)
		stores(vma, i, 7);
	stores(vma, 7, 15);
	/* one that is left out: no more was stored to than up to there */
	stores(vma, 15, 16);
	for (i = 8; i < 15; i++)
		stores(vma, i, 16);
	stores(vma, 16, 32);
	for (i = 17; i < 32; i++)
		stores(vma, i, 32);
	/* never more than 16 at once */
	file->begins = 0;
	stores(vma, 32, 48);
	assert_int_equal(file->begins, 2);
	assert_int_equal(file->mapping.nrpages, 48);
	assert_int_equal(mapped(vma, 47) & PTE_FLAGS,
			 PTE_PRESENT | PTE_DEVMAP | PTE_WRITE);
	assert_int_equal(mapped(vma, 47) >> PAGE_SHIFT, block_of(file, 47));
	/* what was cleaned was not stored to since */
	fsync_file(file);
	assert_int_equal(writable(vma), 0);
	stores(vma, 48, 1);
	*shim_param_write_around = false;
	stores(vma, 49, 2);
	stores(vma, 50, 3);
	*shim_param_write_around = true;
	done();
}

void stores_apart_map_their_page(void **state)
{
	struct vm_area_struct *vma;
	pgoff_t i;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	for (i = 0; i < 20; i += 2)
		stores(vma, i, i / 2 + 1);
	for (i = 60; i > 50; i--)
		stores(vma, i, 10 + 61 - i);
	done();
}

/* Also under a mark, a badblock, a lock: these are left out. */
void what_was_read_is_made_writable_ahead(void **state)
{
	struct vm_area_struct *vma, *other;
	XA_STATE(locked, NULL, 6);
	struct dax_entry entry;
	pgoff_t i;
	char byte;

	begin();
	locked.xa = &file->mapping.i_pages;
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	other = map_file(mm, file, 128, 0, PAGES, SHARED);
	for (i = 0; i < PAGES; i++) {
		assert_int_equal(load(vma, i, 0, &byte), 0);
		assert_int_equal(load(other, i, 0, &byte), 0);
	}
	stores(vma, 0, 1);
	stores(vma, 1, 3);
	stores(vma, 2, 3);
	bad_block(PFN + 9);
	entry = grab(&locked, &file->mapping, 0);
	assert_int_equal(store(vma, 3, 0, 'x'), 0);
	dax_entry_release(&locked, &file->mapping, entry);
	assert_int_equal(writable(vma), 6);
	assert_false(mapped(vma, 6) & PTE_WRITE);
	assert_int_equal(writable(other), 0);
	assert_int_equal(fail_memory(PFN + 8), 0);
	stores(vma, 6, 7);
	assert_int_equal(store(vma, 4, 0, 'x') | store(vma, 5, 0, 'x'), 0);
	stores(vma, 7, 8);
	done();
}

void stores_map_no_more_than_there_is(void **state)
{
	struct vm_area_struct *vma, *end;
	pgoff_t i;

	begin();
	vma = map_file(mm, file, 0, 0, 10, SHARED);
	end = map_file(mm, file, DAX_PMD_PAGES + 64, 0, PAGES, SHARED);
	for (i = 0; i < 7; i++)
		assert_int_equal(store(vma, i, 0, 'x'), 0);
	stores(vma, 7, 10);
	assert_int_equal(pmd_table(pmd_of(mm, MM_BASE))[10].val, 0);
	fsync_file(file);
	/* the page that the file ends in is asked for alone */
	file->inode.i_size = 5 * PAGE_SIZE + 1;
	for (i = 0; i < 3; i++)
		assert_int_equal(store(end, i, 0, 'x'), 0);
	stores(end, 3, 5);
	stores(end, 5, 6);
	file->inode.i_size = PAGES * PAGE_SIZE;
	fsync_file(file);
	/* the extent */
	file->largest = 4;
	for (i = 8; i < 10; i++)
		assert_int_equal(store(end, i, 0, 'x'), 0);
	assert_true(mapped(end, 10) & PTE_WRITE);
	assert_int_equal(store(end, 10, 0, 'x'), 0);
	stores(end, 11, 4);
	done();
}

void a_store_allocates_nothing_ahead(void **state)
{
	struct shim_file *clone = new_file(PAGES);
	struct vm_area_struct *vma, *copy;
	pgoff_t i;

	begin();
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	copy = map_file(mm, clone, 128, 0, PAGES, SHARED);
	clone->small = true;
	punch(file, 4, 4);
	for (i = 0; i < 3; i++)
		assert_int_equal(store(vma, i, 0, 'x'), 0);
	stores(vma, 3, 4);
	assert_int_equal(block_of(file, 4), 0);
	/* blocks that are allocated are those of one page each */
	stores(vma, 4, 5);
	assert_int_equal(block_of(file, 5), 0);
	for (i = 5; i < 9; i++)
		assert_int_equal(store(vma, i, 0, 'x'), 0);
	/* nor are shared ones copied */
	clone_file(file, clone, 0, PAGES);
	for (i = 0; i < 4; i++) {
		assert_int_equal(store(copy, i, 0, 'y'), 0);
		assert_int_equal(writable(copy), i + 1);
		assert_int_equal(block_of(clone, i + 1), block_of(file, i + 1));
	}
	check_file(clone);
	fsync_file(clone);
	free_file(clone);
	done();
}

void a_synchronous_store_waits_for_its_metadata_alone(void **state)
{
	struct vm_area_struct *vma;
	pgoff_t i;

	begin();
	file->sync = true;
	vma = map_file(mm, file, 0, 0, PAGES, SHARED | VM_SYNC);
	for (i = 0; i < 3; i++)
		assert_int_equal(store(vma, i, 0, 'x'), 0);
	/* not durable any more when it is asked for what is ahead */
	file->begins = 0;
	file->dirty_from = 2;
	stores(vma, 3, 4);
	assert_int_equal(file->begins, 2);
	file->dirty_from = 0;
	stores(vma, 4, 8);
	done();
}

/* --- plays: beside stores of other pages that copy, and beside fsync --- */
#define ROW	8

static struct shim_file *clone;
static struct vm_area_struct *near, *far;

static void must(bool holds, pgoff_t index, const char *what)
{
	if (!holds)
		sched_fail("page %lu: %s", index, what);
}

static void set_row(void)
{
	begin();
	near = map_file(mm, file, 0, 0, PAGES, SHARED);
	far = map_file(mm, file, 2 * DAX_PMD_PAGES, 0, PAGES, SHARED);
	clone = new_file(PAGES);
	clone_file(file, clone, 4, 12);
}

static void store_row(void)
{
	pgoff_t i;
	char byte;

	for (i = 0; i < ROW; i++) {
		must(!store(near, i, 1, 'r'), i, "store");
		must(!load(far, i, 1, &byte) && byte == 'r', i, "a store is lost");
	}
	must(!fsync_file(file), 0, "fsync");
	for (i = 0; i < ROW; i++)
		must(shim_durable[block_of(file, i)][1] == 'r', i,
		     "fsync returns before a store is durable");
}

static void store_elsewhere(void)
{
	pgoff_t i;
	char byte;
	int n;

	for (n = 0; n < 3; n++) {
		i = play_choice(12);
		must(!store(far, i, 20, 's'), i, "store");
		must(!load(near, i, 20, &byte) && byte == 's', i, "a store is lost");
	}
}

static void sync_and_forget(void)
{
	must(!fsync_file(file), 0, "fsync");
	invalidate_inode_pages2_range(&file->mapping, 0, 12);
}

static void fail_one(void)
{
	fail_memory(PFN + 2 + play_choice(3));
}

static void check_row(void)
{
	pgoff_t i;
	char byte;

	for (i = 0; i < ROW; i++)
		must(!load(near, i, 1, &byte) && byte == 'r', i, "a store is lost");
	check_file(clone);
	fsync_file(clone);
	free_file(clone);
	done();
}

void play_stores_in_a_row_meet_copies(void **state)
{
	static const struct play p = {
		.set	= set_row,
		.body	= { store_row, store_elsewhere, sync_and_forget,
			    store_elsewhere },
		.check	= check_row,
		.rounds	= 300,
	};

	play(&p);
}

static void sync_or_not(void)
{
	fsync_file(file);
	invalidate_inode_pages2_range(&file->mapping, 0, 12);
}

static void store_row_or_not(void)
{
	pgoff_t i;

	for (i = 0; i < ROW; i++)
		store(near, i, 1, 'r');
}

static void check_failed(void)
{
	check_file(file);
	check_file(clone);
	free_file(clone);
	free_file(file);
	free_mm(mm);
}

void play_stores_in_a_row_meet_memory_failure(void **state)
{
	static const struct play p = {
		.set	= set_row,
		.body	= { store_row_or_not, fail_one, sync_or_not },
		.check	= check_failed,
		.rounds	= 300,
	};

	play(&p);
}
