// SPDX-License-Identifier: GPL-2.0
/*
 * read(2) and write(2) of a page that a machine check takes out of the kernel's mapping in
 * the midst of the copy.
 */
#include <stdlib.h>
#include <string.h>

#include "case.h"

#define PAGES	16UL

static struct shim_file *file;
static struct mm_struct *mm;
static char buffer[PAGES << PAGE_SHIFT];

static void over(void)
{
	end_file(file, mm);
}

static ssize_t read_pages(pgoff_t index, pgoff_t nr)
{
	memset(buffer, 'b', sizeof(buffer));
	return transfer(file, READ, index * PAGE_SIZE, buffer, nr * PAGE_SIZE,
			nr * PAGE_SIZE);
}

/* A machine check of page 5 is being handled; another page was marked before. */
static void begin(int takes, bool marks)
{
	mm = new_mm();
	file = new_small_file(PAGES);
	memset(buffer, 'b', sizeof(buffer));
	SetPageHWPoison(&shim_pages[PFN + 12]);
	dax_poison_note(PFN + 12);
	shim_driver.taken = PFN + 5;
	shim_driver.takes = takes;
	shim_driver.marks = marks;
}

void a_write_that_loses_its_page_begins_it_anew(void **state)
{
	/* twice: as a page that was good, and as one that is marked */
	begin(2, true);
	assert_int_equal(write_bytes(file, 4 * PAGE_SIZE, 'w', 3 * PAGE_SIZE),
			 3 * PAGE_SIZE);
	assert_int_equal(shim_driver.takes, 0);
	assert_false(PageHWPoison(&shim_pages[PFN + 5]));
	assert_int_equal(shim_durable[PFN + 5][0], 'w');
	assert_int_equal(shim_durable[PFN + 5][PAGE_SIZE - 1], 'w');
	assert_int_equal(shim_durable[PFN + 6][PAGE_SIZE - 1], 'w');
	over();

	/* a part of a page does not make it good */
	new_world();
	begin(1, true);
	assert_int_equal(write_bytes(file, 4 * PAGE_SIZE, 'w', 2 * PAGE_SIZE - 1),
			 PAGE_SIZE);
	assert_true(PageHWPoison(&shim_pages[PFN + 5]));
	assert_int_equal(write_bytes(file, 5 * PAGE_SIZE + 9, 'w', 10), -EIO);
	over();

	/* repaired by then, it takes a part again */
	new_world();
	begin(1, false);
	assert_int_equal(write_bytes(file, 5 * PAGE_SIZE + 9, 'w', 3000), 3000);
	assert_int_equal(shim_durable[PFN + 5][8], 5);
	assert_int_equal(shim_durable[PFN + 5][9], 'w');
	assert_int_equal(shim_durable[PFN + 5][3008], 'w');
	assert_int_equal(shim_media[PFN + 5][3009], 5);
	/* whose memory ends there is told as ever */
	assert_int_equal(transfer(file, WRITE, 5 * PAGE_SIZE, buffer, PAGE_SIZE,
				  100), 100);
	over();
}

void a_read_that_loses_its_page_goes_on(void **state)
{
	begin(1, false);
	assert_int_equal(read_pages(4, 3), 3 * PAGE_SIZE);
	assert_int_equal(shim_driver.takes, 0);
	assert_int_equal(buffer[PAGE_SIZE], 5);
	assert_int_equal(buffer[2 * PAGE_SIZE - 1], 5);
	assert_int_equal(buffer[3 * PAGE_SIZE - 1], 7);
	over();

	new_world();
	begin(1, true);
	assert_int_equal(read_pages(5, 1), PAGE_SIZE / 2);
	assert_int_equal(read_pages(5, 1), -EIO);
	over();

	/* Linux's way: a marked page stays away, and nobody waits for it */
	new_world();
	begin(1, true);
	*shim_param_refuse_poisoned = false;
	assert_int_equal(read_pages(5, 1), PAGE_SIZE / 2);
	*shim_param_refuse_poisoned = true;
	over();
}
