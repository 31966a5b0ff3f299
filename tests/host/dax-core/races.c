// SPDX-License-Identifier: GPL-2.0
/*
 * Plays: what must be true whichever of the threads goes first.  A thread that waits
 * for good, a warning, and what check_file() finds end a play as well.
 */
#include <stdlib.h>
#include <string.h>

#include "case.h"

#define SHARED	(VM_SHARED | VM_WRITE)
#define PAGES	32UL
#define ROUNDS	300

static struct shim_file *file, *clone;
static struct mm_struct *mm;
static struct vm_area_struct *vma, *other;

static void set_file(pgoff_t pages)
{
	mm = new_mm();
	file = new_file(pages);
	clone = NULL;
	file->small = true;
	if (pages == PAGES)
		give(file, 0, PFN, pages);
	vma = map_file(mm, file, 0, 0, pages, SHARED);
	other = map_file(mm, file, 2 * DAX_PMD_PAGES, 0, pages, SHARED);
}

static void set_pages(void)
{
	set_file(PAGES);
}

static void set_clone(void)
{
	set_file(PAGES);
	clone = new_file(PAGES);
	clone_file(file, clone, 0, PAGES);
}

static void check_pages(void)
{
	check_file(file);
	if (clone) {
		check_file(clone);
		free_file(clone);
	}
	free_file(file);
	free_mm(mm);
}

static void must_load(struct vm_area_struct *from, pgoff_t index,
		unsigned int offset, char want)
{
	char byte;

	if (load(from, index, offset, &byte))
		sched_fail("page %lu cannot be loaded", index);
	if (byte != want)
		sched_fail("byte %u of page %lu is %#x, not %#x", offset, index,
			   byte, want);
}

/* --- fsync --- */
static void store_and_sync(pgoff_t index, unsigned int lane)
{
	must_be_durable(lane & 1 ? vma : other, index, lane, 2, fsync_file);
}

static void sync_first(void)	{ store_and_sync(0, 1); }
static void sync_second(void)	{ store_and_sync(0, 2); }
static void sync_third(void)	{ store_and_sync(1, 3); }

void play_each_fsync_is_good_for_its_stores(void **state)
{
	static const struct play p = {
		.set	= set_pages,
		.body	= { sync_first, sync_second, sync_third },
		.check	= check_pages,
		.rounds	= ROUNDS,
	};

	play(&p);
}

/* --- faults beside faults that copy --- */
static void load_some(void)
{
	char byte;
	int i;

	for (i = 0; i < 3; i++)
		load(vma, play_choice(16), 0, &byte);
}

static void store_to_some(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		pgoff_t index = play_choice(16);

		must_store(other, index, 20, 's');
		must_load(other, index, 20, 's');
		must_load(vma, index, 20, 's');
	}
}

/* A copy whose entry is gone again: nothing but the sequence tells of it. */
static void store_and_forget(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		pgoff_t index = play_choice(16);

		must_store(other, index, 20, 's');
		fsync_file(file);
		invalidate_inode_pages2_range(&file->mapping, index, index);
		must_load(vma, index, 20, 's');
	}
}

/* A page in two has an entry, so that a read wants its neighbours. */
static void set_clone_read(void)
{
	pgoff_t index;
	char byte;

	set_clone();
	for (index = 0; index < 16; index++)
		load(vma, index, 0, &byte);
	unmap_mapping_pages(&file->mapping, 0, 0, false);
	for (index = 1; index < 16; index += 2)
		invalidate_inode_pages2_range(&file->mapping, index, index);
}

void play_fault_around_meets_copies(void **state)
{
	static const struct play p = {
		.set	= set_clone_read,
		.body	= { load_some, store_and_forget, load_some,
			    store_to_some },
		.check	= check_pages,
		.rounds	= 12 * ROUNDS,
	};

	play(&p);
}

/* --- stores of two processes to one page that is copied --- */
static void store_left(void)	{ must_store(vma, 3, 1, 'l'); }
static void store_right(void)	{ must_store(other, 3, 2, 'r'); }
static void load_both(void)
{
	char byte;

	load(vma, 2, 0, &byte);
	load(other, 3, 0, &byte);
}

static void check_stores(void)
{
	must_load(vma, 3, 1, 'l');
	must_load(vma, 3, 2, 'r');
	must_load(vma, 3, 3, 3);
	check_pages();
}

void play_two_stores_to_a_shared_block(void **state)
{
	static const struct play p = {
		.set	= set_clone,
		.body	= { store_left, store_right, load_both },
		.check	= check_stores,
		.rounds	= ROUNDS,
	};

	play(&p);
}

/* A copy of a block that is mapped writable elsewhere: XFS takes neighbours along. */
static void set_neighbour(void)
{
	set_pages();
	must_store(vma, 3, 0, 'v');
	preallocate(file, 3);
}

void play_a_block_is_copied_that_others_store_to(void **state)
{
	static const struct play p = {
		.set	= set_neighbour,
		.body	= { store_left, store_right },
		.check	= check_stores,
		.rounds	= ROUNDS,
	};

	play(&p);
}

/* --- write(2) beside stores --- */
static void write_byte(void)
{
	if (write_bytes(file, 3 * PAGE_SIZE + 1, 'l', 1) != 1)
		sched_fail("write(2) fails");
}

void play_a_write_and_a_store_to_a_shared_block(void **state)
{
	static const struct play p = {
		.set	= set_clone,
		.body	= { write_byte, store_right, load_both },
		.check	= check_stores,
		.rounds	= ROUNDS,
	};

	play(&p);
}

/* --- invalidation, which no lock of the filesystem keeps from faults --- */
static void invalidate_all(void)
{
	int i;

	for (i = 0; i < 3; i++)
		invalidate_inode_pages2_range(&file->mapping, 0, 15);
}

void play_invalidation_meets_faults(void **state)
{
	static const struct play p = {
		.set	= set_pages,
		.body	= { load_some, invalidate_all, store_to_some },
		.check	= check_pages,
		.rounds	= 2 * ROUNDS,
	};

	play(&p);
}

/* --- memory failure --- */
static void fail_third(void)
{
	fail_memory(PFN + 3);
}

static void check_failed(void)
{
	bool failed = PageHWPoison(&shim_pages[PFN + 3]);

	if (failed && fault_of(vma, 3, false, PE_SIZE_PTE) != VM_FAULT_HWPOISON)
		sched_fail("a page that failed is handed out");
	check_pages();
}

void play_memory_failure_meets_faults(void **state)
{
	static const struct play p = {
		.set	= set_pages,
		.body	= { load_both, fail_third, load_some, load_both },
		.check	= check_failed,
		.rounds	= 2 * ROUNDS,
	};

	play(&p);
}

/* --- truncation, pins, writeback --- */
static void punch_some(void)
{
	punch(file, 2, 4);
}

static void sync_some(void)
{
	int i;

	for (i = 0; i < 3; i++)
		fsync_file(file);
}

/* get_user_pages() of what is mapped, stores by a device, and back. */
static void pin_and_store(void)
{
	unsigned long pfn;
	int i;

	must_store(vma, 3, 0, 'p');
	spin_lock(&mm->ptl);
	pfn = mapped(vma, 3) >> PAGE_SHIFT;
	if (pfn >= PFN)
		shim_pages[pfn]._refcount.counter++;
	spin_unlock(&mm->ptl);
	if (pfn < PFN)
		return;
	for (i = 0; i < 20; i++) {
		shim_media[pfn][40] = i;
		sched_point();
	}
	shim_pages[pfn]._refcount.counter--;
}

static void store_and_sync_all(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		must_store(other, 3, 1, 'x');
		fsync_file(file);
	}
}

void play_truncation_waits_for_pins(void **state)
{
	static const struct play p = {
		.set	= set_pages,
		.body	= { pin_and_store, punch_some, store_and_sync_all },
		.check	= check_pages,
		.rounds	= 2 * ROUNDS,
	};

	play(&p);
}

/* --- PMDs --- */
static void set_hole(void)
{
	set_file(DAX_PMD_PAGES);
	file->small = false;
}

static void load_huge(void)
{
	char byte;

	load(vma, 100, 0, &byte);
	load(vma, 9, 0, &byte);
}

static void store_nine(void)
{
	if (fault_of(other, 9, true, PE_SIZE_PTE) & VM_FAULT_ERROR)
		sched_fail("no block");
}

void play_a_hole_gives_way_to_a_page(void **state)
{
	static const struct play p = {
		.set	= set_hole,
		.body	= { load_huge, store_nine, load_huge },
		.check	= check_pages,
		.rounds	= 2 * ROUNDS,
	};

	play(&p);
}

static void set_huge(void)
{
	set_file(DAX_PMD_PAGES);
	give(file, 0, PFN, DAX_PMD_PAGES);
	file->small = false;
	/* not aligned as the file is: pages only */
	other = map_file(mm, file, DAX_PMD_PAGES + 1, 0, 16, SHARED);
	clone = new_file(DAX_PMD_PAGES);
	must_store(vma, 300, 0, 'p');
	clone_file(file, clone, 5, 1);
}

static void store_huge(void)
{
	must_store(vma, 300, 0, 'h');
	must_load(vma, 300, 0, 'h');
}

static void store_five(void)
{
	must_store(other, 5, 0, 'f');
	must_load(vma, 5, 0, 'f');
}

static void check_huge(void)
{
	must_load(vma, 300, 0, 'h');
	must_load(vma, 5, 0, 'f');
	if (fsync_file(file) ||
	    shim_durable[block_of(file, 300)][0] != 'h' ||
	    shim_durable[block_of(file, 5)][0] != 'f')
		sched_fail("what was stored is not durable");
	check_pages();
}

void play_a_pmd_loses_a_page(void **state)
{
	static const struct play p = {
		.set	= set_huge,
		.body	= { store_huge, store_five, sync_some },
		.check	= check_huge,
		.rounds	= ROUNDS / 2,
	};

	play(&p);
}

/* --- MAP_SYNC, whose fault lets go of the entry in between --- */
static void set_sync(void)
{
	set_file(PAGES);
	vma->vm_flags |= VM_SYNC;
	file->sync = file->dirty_metadata = true;
}

static void store_sync(void)
{
	must_store(vma, 3, 1, 's');
	if (fsync_file(file))
		sched_fail("fsync fails");
}

void play_map_sync_meets_the_others(void **state)
{
	static const struct play p = {
		.set	= set_sync,
		.body	= { store_sync, punch_some, sync_some, load_both },
		.check	= check_pages,
		.rounds	= 2 * ROUNDS,
	};

	play(&p);
}

/* --- a hole, of which neighbours are shown, and where blocks come --- */
static void set_empty(void)
{
	set_file(DAX_PMD_PAGES);
}

static void write_some(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		pgoff_t index = play_choice(8);

		if (write_bytes(file, index * PAGE_SIZE + 1, 'w', 1) != 1)
			sched_fail("write(2) fails");
		must_load(vma, index, 1, 'w');
	}
}

static void store_and_forget_hole(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		pgoff_t index = 8 + play_choice(8);

		must_store(other, index, 20, 's');
		fsync_file(file);
		invalidate_inode_pages2_range(&file->mapping, index, index);
		must_load(vma, index, 20, 's');
	}
}

void play_a_hole_is_written_to_while_it_is_read(void **state)
{
	static const struct play p = {
		.set	= set_empty,
		.body	= { load_some, write_some, load_some,
			    store_and_forget_hole },
		.check	= check_pages,
		.rounds	= 3 * ROUNDS,
	};

	play(&p);
}
