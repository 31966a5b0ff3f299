// SPDX-License-Identifier: GPL-2.0
/*
 * Plays: sync(2), which looks at no inode that is clean.  Each is good for the stores
 * before it, whichever sync(2) of others cleans the inode meanwhile.
 */
#include <stdlib.h>

#include "case.h"

#define SHARED	(VM_SHARED | VM_WRITE)
#define PAGES	32UL
#define ROW	8
#define ROUNDS	600

static struct shim_file *file;
static struct mm_struct *mm;
static struct vm_area_struct *vma;

static void set_flags(unsigned long flags)
{
	mm = new_mm();
	file = new_small_file(PAGES);
	file->sync = flags & VM_SYNC;
	vma = map_file(mm, file, 0, 0, PAGES, SHARED | flags);
}

static void set(void)		{ set_flags(0); }
static void set_map_sync(void)
{
	set_flags(VM_SYNC);
	file->dirty_metadata = true;
}

static void check(void)
{
	check_file(file);
	free_file(file);
	free_mm(mm);
}

static void store_and_sync(pgoff_t index, unsigned int lane)
{
	must_be_durable(vma, index, lane, 3, sync_file);
}

static void sync_first(void)	{ store_and_sync(0, 1); }
static void sync_second(void)	{ store_and_sync(1, 2); }
static void sync_third(void)	{ store_and_sync(1, 3); }

void play_each_sync_is_good_for_its_stores(void **state)
{
	static const struct play p = {
		.set	= set,
		.body	= { sync_first, sync_second, sync_third },
		.check	= check,
		.rounds	= ROUNDS,
	};

	play(&p);
}

void play_each_sync_is_good_for_what_is_mapped_synchronously(void **state)
{
	static const struct play p = {
		.set	= set_map_sync,
		.body	= { sync_first, sync_second, sync_third },
		.check	= check,
		.rounds	= ROUNDS,
	};

	play(&p);
}

/* What another thread's store has mapped needs no fault. */
static void store_row(void)
{
	pgoff_t i;

	for (i = 0; i < ROW; i++)
		must_store(vma, i, 1, 'r');
}

static void sync_ahead(void)	{ store_and_sync(2 + play_choice(ROW), 2); }
static void sync_some(void)
{
	int i;

	for (i = 0; i < 4; i++)
		sync_file(file);
}

void play_each_sync_is_good_for_what_is_mapped_ahead(void **state)
{
	static const struct play p = {
		.set	= set,
		.body	= { store_row, sync_ahead, sync_some },
		.check	= check,
		.rounds	= 4 * ROUNDS,
	};

	play(&p);
}
