// SPDX-License-Identifier: GPL-2.0
/*
 * read(2) and write(2): what moves, where it stops and what that is called.
 */
#include <stdlib.h>
#include <string.h>

#include "case.h"

#define SHARED	(VM_SHARED | VM_WRITE)
#define PAGES	16UL

static struct shim_file *file;
static struct mm_struct *mm;
static struct vm_area_struct *vma;
static char buffer[PAGES << PAGE_SHIFT];

static void begin(void)
{
	mm = new_mm();
	file = new_small_file(PAGES);
	vma = map_file(mm, file, 0, 0, PAGES, SHARED);
	memset(buffer, 'b', sizeof(buffer));
}

static void over(void)
{
	end_file(file, mm);
}

static ssize_t read_file(loff_t pos, size_t len)
{
	memset(buffer, 'b', sizeof(buffer));
	return transfer(file, READ, pos, buffer, len, len);
}

static char *bytes(pgoff_t index)
{
	return shim_media[block_of(file, index)];
}

static char durable(pgoff_t index, unsigned int offset)
{
	return shim_durable[block_of(file, index)][offset];
}

void a_read_ends_with_the_file(void **state)
{
	begin();
	punch(file, 3, 2);
	file->largest = 2;
	file->inode.i_size = 6 * PAGE_SIZE + 10;
	assert_int_equal(read_file(PAGE_SIZE - 1, 8 * PAGE_SIZE),
			 5 * PAGE_SIZE + 11);
	assert_int_equal(buffer[0], 1);
	assert_int_equal(buffer[1], 1);
	assert_int_equal(buffer[PAGE_SIZE + 1], 3);
	assert_int_equal(buffer[2 * PAGE_SIZE], 3);
	assert_int_equal(buffer[2 * PAGE_SIZE + 1], 0);
	assert_int_equal(buffer[4 * PAGE_SIZE], 0);
	assert_int_equal(buffer[4 * PAGE_SIZE + 1], 5);
	assert_int_equal(buffer[5 * PAGE_SIZE + 10], 7);
	assert_int_equal(buffer[5 * PAGE_SIZE + 11], 'b');
	assert_int_equal(read_file(6 * PAGE_SIZE + 10, 1), 0);
	assert_int_equal(read_file(0, 0), 0);
	assert_int_equal(file->mapping.nrpages, 0);
	over();
}

void a_read_stops_at_poison(void **state)
{
	begin();
	bad_block(PFN + 5);
	assert_int_equal(read_file(PAGE_SIZE + 7, 8 * PAGE_SIZE),
			 4 * PAGE_SIZE - 7);
	assert_int_equal(buffer[4 * PAGE_SIZE - 8], 5);
	assert_int_equal(buffer[4 * PAGE_SIZE - 7], 'b');
	assert_int_equal(read_file(5 * PAGE_SIZE + 7, 100), -EIO);
	assert_int_equal(read_file(6 * PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
	latent(PFN + 8);
	assert_int_equal(read_file(7 * PAGE_SIZE, 2 * PAGE_SIZE), PAGE_SIZE);
	assert_int_equal(shim_driver.consumed, 1);
	assert_int_equal(read_file(8 * PAGE_SIZE, PAGE_SIZE), -EIO);
	fault_in(vma, 12, false);
	assert_int_equal(fail_memory(PFN + 12), 0);
	assert_int_equal(read_file(11 * PAGE_SIZE, 2 * PAGE_SIZE), PAGE_SIZE);
	assert_int_equal(read_file(12 * PAGE_SIZE, 1), -EIO);
	over();
}

/* The pages in front of the poison are found by a few questions, not one each. */
void a_prefix_is_found_by_bisection(void **state)
{
	pgoff_t i;

	for (i = 0; i < PAGES; i++) {
		new_world();
		begin();
		bad_block(PFN + i);
		shim_driver.asked = 0;
		assert_int_equal(read_file(0, PAGES * PAGE_SIZE),
				 i ? (ssize_t)(i * PAGE_SIZE) : -EIO);
		assert_in_range(shim_driver.asked, 1, 20);
		over();
	}
}

void what_the_caller_cannot_take_is_efault(void **state)
{
	struct pipe_inode_info pipe = { .head = 4, .max_usage = 4 };
	struct kiocb iocb;
	struct iov_iter iter;
	struct kvec vec = { buffer, 2 * PAGE_SIZE };

	begin();
	assert_int_equal(transfer(file, READ, 0, buffer, 3 * PAGE_SIZE, PAGE_SIZE),
			 PAGE_SIZE);
	assert_int_equal(transfer(file, READ, 0, buffer, PAGE_SIZE, 0), -EFAULT);
	punch(file, 1, 1);
	assert_int_equal(transfer(file, READ, PAGE_SIZE, buffer, PAGE_SIZE, 0),
			 -EFAULT);
	memset(buffer, 'b', sizeof(buffer));
	assert_int_equal(transfer(file, WRITE, 0, buffer, PAGE_SIZE, 0), -EFAULT);
	assert_int_equal(transfer(file, WRITE, 0, buffer, 2 * PAGE_SIZE, 5), 5);
	assert_int_equal(bytes(0)[4], 'b');
	assert_int_equal(bytes(0)[5], 1);
	/* a pipe that is full is no poison either; since 6.5 no iterator is one */
	iov_iter_kvec(&iter, READ, &vec, 1, PAGE_SIZE);
	iter.pipe = &pipe;
	iocb = (struct kiocb){ .ki_filp = &file->file };
#ifdef SHIM_LINUX_6_1
	assert_int_equal(dax_iomap_rw(&iocb, &iter, &shim_ops), -EFAULT);
#endif
	shim_killed = true;
	assert_int_equal(read_file(0, 1), -EINTR);
	assert_int_equal(write_bytes(file, 0, 'w', 1), -EINTR);
	shim_killed = false;
	over();
}

void a_write_is_durable_and_seen(void **state)
{
	char byte;

	begin();
	punch(file, 4, 1);
	assert_int_equal(load(vma, 4, 0, &byte), 0);
	assert_int_equal(byte, 0);
	assert_int_equal(write_bytes(file, 3 * PAGE_SIZE + 9, 'w',
				     PAGE_SIZE + 20), PAGE_SIZE + 20);
	assert_int_equal(durable(3, 8), 3);
	assert_int_equal(durable(3, 9), 'w');
	assert_int_equal(durable(4, 28), 'w');
	assert_int_equal(durable(4, 29), 0);
	/* the zero page is mapped no more */
	assert_int_equal(load(vma, 4, 28, &byte), 0);
	assert_int_equal(byte, 'w');
	assert_false(xa_marked(&file->mapping.i_pages, PAGECACHE_TAG_DIRTY));
	over();
}

void a_write_clears_poison_by_whole_pages(void **state)
{
	begin();
	bad_block(PFN + 5);
	bad_block(PFN + 6);
	assert_int_equal(write_bytes(file, 5 * PAGE_SIZE + 1, 'w', 10), -EIO);
	assert_true(is_bad_block(PFN + 5));
	assert_int_equal(write_bytes(file, 4 * PAGE_SIZE + 1, 'w',
				     3 * PAGE_SIZE - 1), 3 * PAGE_SIZE - 1);
	assert_false(is_bad_block(PFN + 5) || is_bad_block(PFN + 6));
	assert_int_equal(bytes(4)[0], 5);
	assert_int_equal(bytes(4)[1], 'w');
	assert_int_equal(bytes(6)[PAGE_SIZE - 1], 'w');
	assert_int_equal(bytes(7)[0], 7);
	/* the tail of a write does not spoil it for the page before */
	bad_block(PFN + 9);
	bad_block(PFN + 10);
	assert_int_equal(write_bytes(file, 9 * PAGE_SIZE, 'w', PAGE_SIZE + 5),
			 PAGE_SIZE);
	assert_false(is_bad_block(PFN + 9));
	assert_true(is_bad_block(PFN + 10));
	/* not with a driver either that would clear more than a page */
	shim_driver.whole = true;
	bad_block(PFN + 9);
	assert_int_equal(write_bytes(file, 9 * PAGE_SIZE, 'w', PAGE_SIZE + 5),
			 PAGE_SIZE);
	bad_block(PFN + 9);
	assert_int_equal(write_bytes(file, 8 * PAGE_SIZE + 1, 'w',
				     2 * PAGE_SIZE - 1), 2 * PAGE_SIZE - 1);
	assert_false(is_bad_block(PFN + 9));
	assert_int_equal(bytes(8)[0], 9);
	shim_driver.whole = false;
	shim_driver.broken = true;
	assert_int_equal(write_bytes(file, 10 * PAGE_SIZE, 'w', PAGE_SIZE), -EIO);
	/* but a bad buffer is the caller's own */
	assert_int_equal(transfer(file, WRITE, 10 * PAGE_SIZE, buffer, PAGE_SIZE,
				  0), -EFAULT);
	shim_driver.gone = true;
	assert_int_equal(write_bytes(file, 0, 'w', 1), -ENXIO);
	over();
}

void a_marked_page_is_good_when_all_of_it_is_new(void **state)
{
	begin();
	fault_in(vma, 5, false);
	assert_int_equal(fail_memory(PFN + 5), 0);
	latent(PFN + 5);	/* as a machine check leaves it */
	assert_int_equal(write_bytes(file, 5 * PAGE_SIZE + 1, 'w', PAGE_SIZE),
			 -EIO);
	assert_int_equal(write_bytes(file, 4 * PAGE_SIZE, 'w', 2 * PAGE_SIZE - 1),
			 PAGE_SIZE);
	assert_true(PageHWPoison(&shim_pages[PFN + 5]));
	assert_int_equal(transfer(file, WRITE, 5 * PAGE_SIZE, buffer, PAGE_SIZE,
				  100), 100);
	assert_true(PageHWPoison(&shim_pages[PFN + 5]));
	assert_int_equal(write_bytes(file, 4 * PAGE_SIZE, 'x', 3 * PAGE_SIZE),
			 3 * PAGE_SIZE);
	assert_false(PageHWPoison(&shim_pages[PFN + 5]));
	assert_int_equal(bytes(5)[PAGE_SIZE - 1], 'x');
	over();
}

/* --- blocks that two files share --- */
static struct shim_file *clone;

static void begin_shared(void)
{
	begin();
	clone = new_file(PAGES);
	clone_file(file, clone, 0, PAGES);
}

static void over_shared(void)
{
	pgoff_t i;

	for (i = 0; i < PAGES; i++)
		if (block_of(clone, i))
			assert_int_equal(shim_media[block_of(clone, i)][77],
					 (char)(i | 1));
	check_file(clone);
	free_file(clone);
	over();
}

void a_write_to_a_shared_block_keeps_its_edges(void **state)
{
	char byte;

	begin_shared();
	assert_int_equal(load(vma, 4, 9, &byte), 0);
	assert_int_equal(load(vma, 6, 9, &byte), 0);
	assert_int_equal(write_bytes(file, 4 * PAGE_SIZE + 9, 'w', 2 * PAGE_SIZE),
			 2 * PAGE_SIZE);
	assert_int_not_equal(block_of(file, 4), PFN + 4);
	assert_int_equal(durable(4, 8), 5);
	assert_int_equal(durable(4, 9), 'w');
	assert_int_equal(durable(6, 8), 'w');
	assert_int_equal(durable(6, 9), 7);
	assert_int_equal(durable(6, PAGE_SIZE - 1), 7);
	assert_int_equal(load(vma, 4, 9, &byte), 0);
	assert_int_equal(byte, 'w');
	assert_int_equal(block_of(file, 3), PFN + 3);
	assert_int_equal(block_of(file, 7), PFN + 7);
	over_shared();
}

void edges_over_a_hole_are_zeroes(void **state)
{
	begin_shared();
	punch(file, 4, 1);
	file->block[4].cow_hole = true;
	assert_int_equal(write_bytes(file, 4 * PAGE_SIZE + 9, 'w', 20), 20);
	assert_int_equal(durable(4, 8), 0);
	assert_int_equal(durable(4, 9), 'w');
	assert_int_equal(durable(4, 29), 0);
	over_shared();
}

void a_write_that_ends_early_keeps_the_rest(void **state)
{
	begin_shared();
	assert_int_equal(transfer(file, WRITE, 4 * PAGE_SIZE, buffer,
				  3 * PAGE_SIZE, PAGE_SIZE + 100),
			 PAGE_SIZE + 100);
	assert_int_equal(bytes(5)[99], 'b');
	assert_int_equal(bytes(5)[100], 5);
	assert_int_equal(block_of(file, 6), PFN + 6);
	assert_int_equal(bytes(6)[0], 7);
	over_shared();
}

void edges_of_poison_are_refused(void **state)
{
	begin_shared();
	bad_block(PFN + 4);
	latent(PFN + 5);
	assert_int_equal(write_bytes(file, 4 * PAGE_SIZE + 9, 'w', 20), -EIO);
	assert_int_equal(write_bytes(file, 5 * PAGE_SIZE + 9, 'w', 20), -EIO);
	assert_int_equal(block_of(file, 4), PFN + 4);
	assert_int_equal(block_of(file, 5), PFN + 5);
	/* a whole page asks nothing of the old one */
	assert_int_equal(write_bytes(file, 4 * PAGE_SIZE, 'w', PAGE_SIZE),
			 PAGE_SIZE);
	clear_mce_nospec(PFN + 5);
	over_shared();
}

void memory_that_does_not_stay_is_bounced(void **state)
{
	begin_shared();
	shim_driver.evicts = true;
	assert_int_equal(transfer(file, WRITE, 4 * PAGE_SIZE + 5, buffer,
				  3 * PAGE_SIZE, 3 * PAGE_SIZE), 3 * PAGE_SIZE);
	assert_int_equal(bytes(4)[4], 5);
	assert_int_equal(bytes(4)[5], 'b');
	assert_int_equal(bytes(7)[4], 'b');
	assert_int_equal(bytes(7)[5], 7);
	assert_int_equal(transfer(file, WRITE, 9 * PAGE_SIZE, buffer,
				  2 * PAGE_SIZE, PAGE_SIZE + 3), PAGE_SIZE + 3);
	assert_int_equal(transfer(file, WRITE, 9 * PAGE_SIZE, buffer, 10, 0),
			 -EFAULT);
	shim_no_memory = true;
	assert_int_equal(transfer(file, WRITE, 9 * PAGE_SIZE, buffer, 10, 10),
			 -ENOMEM);
	shim_no_memory = false;
	assert_int_equal(shim_allocations, 0);
	over_shared();
}

void who_may_not_wait_is_told(void **state)
{
	struct kiocb iocb = { .ki_flags = IOCB_NOWAIT };
	struct kvec vec = { buffer, 10 };
	struct iov_iter iter;

	begin_shared();
	iocb.ki_filp = &file->file;
	iov_iter_kvec(&iter, WRITE, &vec, 1, 10);
	filemap_invalidate_lock_shared(&file->mapping);
	assert_int_equal(dax_iomap_rw(&iocb, &iter, &shim_ops), -EAGAIN);
	filemap_invalidate_unlock(&file->mapping);
	assert_int_equal(dax_iomap_rw(&iocb, &iter, &shim_ops), 10);
	over_shared();
}

/* --- ranges --- */
void a_range_is_zeroed_to_the_byte(void **state)
{
	bool did = false;

	begin();
	punch(file, 8, 1);
	assert_int_equal(dax_zero_range(&file->inode, 8 * PAGE_SIZE + 5, 100, &did,
					&shim_ops), 0);
	assert_false(did);
	assert_int_equal(block_of(file, 8), 0);
	assert_int_equal(dax_zero_range(&file->inode, 3 * PAGE_SIZE + 5,
					2 * PAGE_SIZE, &did, &shim_ops), 0);
	assert_true(did);
	assert_int_equal(durable(3, 4), 3);
	assert_int_equal(durable(3, 5), 0);
	assert_int_equal(durable(4, 0), 0);
	assert_int_equal(durable(5, 4), 0);
	assert_int_equal(durable(5, 5), 5);
	assert_int_equal(shim_driver.zeroed, 1);
	did = false;
	assert_int_equal(dax_truncate_page(&file->inode, 6 * PAGE_SIZE, &did,
					   &shim_ops), 0);
	assert_false(did);
	assert_int_equal(dax_truncate_page(&file->inode, 6 * PAGE_SIZE + 1, &did,
					   &shim_ops), 0);
	assert_true(did);
	assert_int_equal(durable(6, 0), 7);
	assert_int_equal(durable(6, 1), 0);
	assert_int_equal(durable(7, 0), 7);
	over();
}

void zeroing_repairs_whole_pages(void **state)
{
	begin();
	bad_block(PFN + 3);
	assert_int_equal(dax_zero_range(&file->inode, 3 * PAGE_SIZE + 1, 5, NULL,
					&shim_ops), -EIO);
	assert_int_equal(dax_zero_range(&file->inode, 3 * PAGE_SIZE, PAGE_SIZE,
					NULL, &shim_ops), 0);
	assert_false(is_bad_block(PFN + 3));
	fault_in(vma, 5, false);
	assert_int_equal(fail_memory(PFN + 5), 0);
	latent(PFN + 5);
	assert_int_equal(dax_zero_range(&file->inode, 5 * PAGE_SIZE + 1, 5, NULL,
					&shim_ops), -EIO);
	assert_int_equal(dax_zero_range(&file->inode, 5 * PAGE_SIZE, PAGE_SIZE,
					NULL, &shim_ops), 0);
	assert_false(PageHWPoison(&shim_pages[PFN + 5]));
	bad_block(PFN + 9);
	shim_driver.broken = true;
	assert_int_equal(dax_zero_range(&file->inode, 9 * PAGE_SIZE, PAGE_SIZE,
					NULL, &shim_ops), -EIO);
	over();
}

void zeroing_part_of_a_shared_block(void **state)
{
	char byte;

	begin_shared();
	assert_int_equal(load(vma, 4, 9, &byte), 0);
	assert_int_equal(dax_zero_range(&file->inode, 4 * PAGE_SIZE + 9, 20, NULL,
					&shim_ops), 0);
	assert_int_not_equal(block_of(file, 4), PFN + 4);
	assert_int_equal(durable(4, 8), 5);
	assert_int_equal(durable(4, 9), 0);
	assert_int_equal(durable(4, 28), 0);
	assert_int_equal(durable(4, 29), 5);
	assert_int_equal(load(vma, 4, 9, &byte), 0);
	assert_int_equal(byte, 0);
	bad_block(PFN + 6);
	assert_int_equal(dax_zero_range(&file->inode, 6 * PAGE_SIZE + 9, 20, NULL,
					&shim_ops), -EIO);
	assert_int_equal(block_of(file, 6), PFN + 6);
	over_shared();
}

void unsharing_copies_whole_blocks(void **state)
{
	char byte;

	begin_shared();
	file->largest = 2;
	assert_int_equal(load(vma, 4, 9, &byte), 0);
	assert_int_equal(dax_file_unshare(&file->inode, 3 * PAGE_SIZE + 9,
					  2 * PAGE_SIZE, &shim_ops), 0);
	assert_int_not_equal(block_of(file, 3), PFN + 3);
	assert_int_not_equal(block_of(file, 5), PFN + 5);
	assert_int_equal(block_of(file, 6), PFN + 6);
	assert_int_equal(durable(3, 0), 3);
	assert_int_equal(durable(5, PAGE_SIZE - 1), 5);
	assert_int_equal(store(vma, 4, 9, 'x'), 0);
	assert_int_equal(bytes(4)[9], 'x');
	bad_block(PFN + 8);
	assert_int_equal(dax_file_unshare(&file->inode, 8 * PAGE_SIZE, PAGE_SIZE,
					  &shim_ops), -EIO);
	/* not beyond the end, and nothing if all is beyond it */
	file->inode.i_size = 10 * PAGE_SIZE;
	assert_int_equal(dax_file_unshare(&file->inode, 9 * PAGE_SIZE,
					  4 * PAGE_SIZE, &shim_ops), 0);
	assert_int_equal(block_of(file, 10), PFN + 10);
	assert_int_equal(dax_file_unshare(&file->inode, 10 * PAGE_SIZE, PAGE_SIZE,
					  &shim_ops), 0);
	over_shared();
}

static bool equal(pgoff_t a, pgoff_t b, size_t len, int want)
{
	bool same = false;

	assert_int_equal(dax_dedupe_file_range_compare(&file->inode,
			(loff_t)a << PAGE_SHIFT, &file->inode,
			(loff_t)b << PAGE_SHIFT, len, &same, &shim_ops), want);
	return same;
}

void ranges_are_compared_to_the_byte(void **state)
{
	begin();
	memset(bytes(8), 1, 3 * PAGE_SIZE);
	memset(bytes(2), 1, 2 * PAGE_SIZE);
	/* pages 0 and 1 hold 1, 2 and 3 as well; 8 to 10 too */
	assert_true(equal(0, 8, 3 * PAGE_SIZE, 0));
	bytes(10)[PAGE_SIZE - 1] = 2;
	assert_true(equal(0, 8, 3 * PAGE_SIZE - 1, 0));
	assert_false(equal(0, 8, 3 * PAGE_SIZE, 0));
	file->largest = 2;
	assert_false(equal(0, 8, 3 * PAGE_SIZE, 0));
	assert_true(equal(8, 1, 2 * PAGE_SIZE, 0));
	punch(file, 5, 1);
	assert_false(equal(5, 6, PAGE_SIZE, 0));
	memset(bytes(6), 0, PAGE_SIZE);
	assert_true(equal(5, 6, PAGE_SIZE, 0));
	assert_true(equal(6, 5, PAGE_SIZE, 0));
	assert_true(equal(5, 5, PAGE_SIZE, 0));
	bytes(6)[PAGE_SIZE - 1] = 1;
	assert_false(equal(5, 6, PAGE_SIZE, 0));
	bad_block(PFN + 1);
	equal(0, 8, 3 * PAGE_SIZE, -EIO);
	assert_true(equal(0, 8, PAGE_SIZE, 0));
	over();
}
