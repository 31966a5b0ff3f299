// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks that several DAX files share: XFS with reflink=1.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "dax.h"

#define RW	(PROT_READ | PROT_WRITE)
#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

/* What the last owner of free blocks left in them, see make_stale(). */
#define STALE	0xa5

/* Fills all free blocks with STALE and frees them again. */
static void make_stale(void)
{
	unsigned char *mem = scratch(4 * MIB, STALE);
	int fd = file_new("stale", 0);
	off_t at = 0;
	ssize_t n;

	while ((n = pwrite(fd, mem, 4 * MIB, at)) > 0)
		at += n;
	need(at > (off_t)(64 * MIB), "fill the filesystem");
	close(fd);
	unlink(dax_path("stale"));
	sync();
	munmap(mem, 4 * MIB);
}

/* Does the file share any block of the range? */
static bool is_shared(int fd, size_t offset, size_t len)
{
	struct { struct fiemap map; struct fiemap_extent extent[64]; } q = {
		.map = {
			.fm_start = offset,
			.fm_length = len,
			.fm_flags = FIEMAP_FLAG_SYNC,
			.fm_extent_count = 64,
		},
	};
	unsigned int i;

	need(!ioctl(fd, FS_IOC_FIEMAP, &q), "FIEMAP");
	for (i = 0; i < q.map.fm_mapped_extents; i++)
		if (q.extent[i].fe_flags & FIEMAP_EXTENT_SHARED)
			return true;
	return false;
}

static void check_clone(void)
{
	int fd = file_known("source", 64), copy;
	unsigned char *a = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED), *b;

	memset(a + 5 * PAGE, 0x51, PAGE);
	load_pages(a, 64);
	copy = clone_of(fd, "clone");
	check(is_shared(copy, 0, 64 * PAGE), "no block is shared");
	b = map_file(copy, 64 * PAGE, 1, RW, MAP_SHARED);
	check_known(b, 0, 5, "the clone");
	check_mem(b + 5 * PAGE, PAGE, 0x51, "a store before cloning");
	check_file(copy, 63 * PAGE, PAGE, known(63), "read of the clone");
	check_known(a + 6 * PAGE, 6, 58, "the source");
}

/* Stores to either are not seen by the other; the rest of the page is kept. */
static void check_store(void)
{
	int fd = file_known("source", 64), copy;
	unsigned char *a = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED), *b;

	/* writable before it is shared: cloning has to take that back */
	a[3 * PAGE] = known(3);
	a[4 * PAGE] = known(4);
	copy = clone_of(fd, "clone");
	b = map_file(copy, 64 * PAGE, 1, RW, MAP_SHARED);
	load_pages(b, 64);
	b[3 * PAGE + 9] = 0xb1;
	a[4 * PAGE + 9] = 0xa1;
	check_mem(a + 3 * PAGE, PAGE, known(3), "a store to the clone");
	check_mem(b + 4 * PAGE, PAGE, known(4), "a store to the source");
	check(b[3 * PAGE + 9] == 0xb1 && a[4 * PAGE + 9] == 0xa1, "stores");
	check_mem(b + 3 * PAGE, 9, known(3), "in front of the store");
	check_mem(b + 3 * PAGE + 10, PAGE - 10, known(3), "behind the store");
	check(!fsync(fd) && !fsync(copy), "fsync");
	check_file(fd, 3 * PAGE, PAGE, known(3), "the source's file");
	check_file(copy, 4 * PAGE, PAGE, known(4), "the clone's file");
	check_known(b + 5 * PAGE, 5, 59, "pages of the clone");
}

static void check_store_pmd(void)
{
	int fd = file_known("source", 2 * PMD / PAGE), copy;
	unsigned char *a = map_file(fd, 2 * PMD, 0, RW, MAP_SHARED), *b;

	load(a);
	a[PMD + 7] = known(PMD / PAGE);
	copy = clone_of(fd, "clone");
	b = map_file(copy, 2 * PMD, 0, RW, MAP_SHARED);
	load(b);
	load(b + PMD);
	b[5] = 0xb2;
	a[PMD + 5] = 0xa2;
	check_known(a, 0, 512, "the source after a store to the clone");
	check_known(b + PMD, 512, 512, "the clone after a store to the source");
	check(b[5] == 0xb2 && a[PMD + 5] == 0xa2, "stores");
	check_mem(b, 5, known(0), "in front of the store");
	check_known(b + PAGE, 1, 511, "behind the store");
	check(!fsync(fd) && !fsync(copy), "fsync");
	check_file(copy, PAGE, PAGE, known(1), "the clone's file");
}

/* write(2) that begins and ends within pages that are shared. */
static void check_write(void)
{
	int fd = file_known("source", 64), copy = clone_of(fd, "clone");
	unsigned char *b = map_file(copy, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mem = scratch(4 * PAGE, 0xee);

	check(pwrite(copy, mem, 100, 6 * PAGE + 50) == 100, "write");
	check(pwrite(copy, mem, 2 * PAGE, 8 * PAGE + 50) == 2 * PAGE, "write");
	check(pwrite(copy, mem, PAGE, 20 * PAGE) == PAGE, "write");
	check_mem(b + 6 * PAGE, 50, known(6), "in front of 100 bytes");
	check_mem(b + 6 * PAGE + 50, 100, 0xee, "100 bytes");
	check_mem(b + 6 * PAGE + 150, PAGE - 150, known(6), "behind 100 bytes");
	check_mem(b + 8 * PAGE, 50, known(8), "in front of two pages");
	check_mem(b + 8 * PAGE + 50, 2 * PAGE, 0xee, "two pages");
	check_mem(b + 10 * PAGE + 50, PAGE - 50, known(10), "behind two pages");
	check_known(b + 11 * PAGE, 11, 9, "pages between");
	check_mem(b + 20 * PAGE, PAGE, 0xee, "a whole page");
	check_known(b + 21 * PAGE, 21, 43, "pages behind");
	check_file(fd, 8 * PAGE, PAGE, known(8), "the source");
	check_file(fd, 6 * PAGE, PAGE, known(6), "the source");
}

/* Whole pages only; see check_part(). */
static void check_punch(void)
{
	int fd = file_known("source", 64), copy = clone_of(fd, "clone");
	unsigned char *b = map_file(copy, 64 * PAGE, 1, RW, MAP_SHARED);

	load_pages(b, 64);
	check(!fallocate(copy, PUNCH, 12 * PAGE, 3 * PAGE), "punch");
	check_known(b, 0, 12, "in front of the hole");
	check_mem(b + 12 * PAGE, 3 * PAGE, 0, "the hole");
	check_known(b + 15 * PAGE, 15, 49, "behind the hole");
	b[13 * PAGE] = 1;
	check(!ftruncate(copy, 20 * PAGE), "truncate");
	check(!ftruncate(copy, 30 * PAGE), "truncate");
	check_mem(b + 20 * PAGE, 10 * PAGE, 0, "behind the cut");
	check_file(fd, 12 * PAGE, PAGE, known(12), "the source");
	check_file(fd, 13 * PAGE, PAGE, known(13), "the source");
	check_file(fd, 20 * PAGE, PAGE, known(20), "the source");
}

/*
 * Zeroing part of a shared block.  Linux 6.1's XFS calls dax_zero_range() and
 * dax_truncate_page() with operations that make a new block
 * (xfs_direct_write_iomap_begin) and have no ->iomap_end that would put it in place
 * (xfs_zero_range, xfs_truncate_page): the old bytes stay.  With our core goes a
 * patch of XFS, kernel/patches.
 */
static void check_part(void)
{
	int fd = file_known("source", 64), copy = clone_of(fd, "clone");
	unsigned char *b = map_file(copy, 64 * PAGE, 1, RW, MAP_SHARED);
	bool zeroed = core_as_ours_since(6, 12);

	load_pages(b, 64);
	check(!fallocate(copy, PUNCH, 12 * PAGE + 100, 200), "punch");
	check_file(copy, 12 * PAGE, 100, known(12), "in front of a hole");
	check_file(copy, 12 * PAGE + 100, 200, zeroed ? 0 : known(12),
		   "a hole inside a page");
	check_file(copy, 12 * PAGE + 300, PAGE - 300, known(12), "behind it");
	check_mem(b + 12 * PAGE + 100, 200, zeroed ? 0 : known(12), "so mapped");
	check(!ftruncate(copy, 20 * PAGE + 100), "truncate");
	check(!ftruncate(copy, 30 * PAGE), "truncate");
	check_file(copy, 20 * PAGE, 100, known(20), "a page cut in part");
	check_file(copy, 20 * PAGE + 100, PAGE - 100, zeroed ? 0 : known(20),
		   "what was cut off it");
	check_file(copy, 21 * PAGE, 9 * PAGE, 0, "pages that were cut off");
	check_file(fd, 12 * PAGE, PAGE, known(12), "the source");
	check_file(fd, 20 * PAGE, PAGE, known(20), "the source");
	/* a block of one's own is zeroed as it should be */
	check(pwrite(copy, "p", 1, 12 * PAGE) == 1, "write");
	check(!fallocate(copy, PUNCH, 12 * PAGE + 400, 200), "punch");
	check_file(copy, 12 * PAGE + 1, 99, known(12), "in front");
	check_file(copy, 12 * PAGE + 400, 200, 0, "punched");
	check_file(copy, 12 * PAGE + 600, PAGE - 600, known(12), "behind");
}

/* A write behind the end zeroes the rest of a page that a clone shares. */
static void check_part_end(void)
{
	int fd = file_known("source", 16), copy;
	unsigned char *b;

	need(!ftruncate(fd, 8 * PAGE + 100), "ftruncate");
	/* a mapping reaches to the end of its page */
	b = map_file(fd, 16 * PAGE, 1, RW, MAP_SHARED);
	b[8 * PAGE + 200] = 0x99;
	need(!fsync(fd), "fsync");
	copy = clone_of(fd, "clone");
	b = map_file(copy, 16 * PAGE, 1, RW, MAP_SHARED);
	load(b + 8 * PAGE);
	check(pwrite(copy, "w", 1, 10 * PAGE) == 1, "write");
	if (core_as_ours_since(6, 12)) {
		check_file(copy, 8 * PAGE + 100, 2 * PAGE - 100, 0,
			   "behind the old end");
		check_mem(b + 8 * PAGE + 100, 2 * PAGE - 100, 0, "so mapped");
	} else {
		check_file(copy, 8 * PAGE + 200, 1, 0x99, "behind the old end");
	}
	check_file(copy, 8 * PAGE, 100, known(8), "in front of the old end");
	check_file(fd, 8 * PAGE, 100, known(8), "the source");
}

/*
 * Who has the shared page mapped sees what is written to its copy.  Linux 6.1
 * drops mappings only where a hole got blocks (dax_iomap_iter, IOMAP_F_NEW).
 */
static void check_write_mapped(void)
{
	int fd = file_known("source", 64), copy = clone_of(fd, "clone");
	unsigned char *b = map_file(copy, 64 * PAGE, 1, RW, MAP_SHARED);

	load_pages(b, 64);
	check(pwrite(copy, "w", 1, 6 * PAGE + 50) == 1, "write");
	check(b[6 * PAGE + 50] == (core_as_ours_since(6, 12) ? 'w' : known(6)),
	      "the mapping shows %#x", b[6 * PAGE + 50]);
	check_file(copy, 6 * PAGE + 50, 1, 'w', "the clone");
	check_file(fd, 6 * PAGE, PAGE, known(6), "the source");
}

/*
 * A hole beside a shared block gets a block from the reserve that the first copy
 * made (xfs_reflink_allocate_cow), full of what its last owner left.  The file
 * has data in page 0 only.
 */
static int hole_beside_copy(int *source)
{
	int copy;

	/* blocks that these give back would not be stale */
	unlink(dax_path("source"));
	unlink(dax_path("clone"));
	make_stale();
	*source = file_known("source", 1);
	need(!ftruncate(*source, 64 * PAGE), "ftruncate");
	copy = clone_of(*source, "clone");
	need(pwrite(copy, "c", 1, 3) == 1, "write");
	return copy;
}

/*
 * Zeroes, also on Linux 6.12.  Linux 6.1 leaves what the block held: STALE, or data of an earlier
 * case, where the filesystem kept the block in reserve; that is never 0.
 */
static void check_around(const unsigned char *mem, size_t len, const char *what)
{
	size_t i;

	for (i = 0; i < len; i++)
		check(!mem[i] == core_as_ours_since(6, 12), "%s: byte %zu of %zu is %#x",
		      what, i, len, mem[i]);
}

static void check_hole_write(void)
{
	unsigned char *mem = scratch(PAGE, 0xee);
	int fd, copy = hole_beside_copy(&fd);

	check(pwrite(copy, mem, 100, 10 * PAGE + 50) == 100, "write");
	check_file(copy, 10 * PAGE + 50, 100, 0xee, "what was written");
	need(pread(copy, mem, PAGE, 10 * PAGE) == PAGE, "read");
	check_around(mem, 50, "in front of it");
	check_around(mem + 150, PAGE - 150, "behind it");
	check_file(fd, 10 * PAGE, PAGE, 0, "the source's hole");
}

static void check_hole_store(void)
{
	int fd, copy = hole_beside_copy(&fd);
	unsigned char *b = map_file(copy, 64 * PAGE, 1, RW, MAP_SHARED);

	load(b + 11 * PAGE);
	b[11 * PAGE + 50] = 0xee;
	check(b[11 * PAGE + 50] == 0xee, "the store");
	check_around(b + 11 * PAGE, 50, "in front of it");
	check_around(b + 11 * PAGE + 51, PAGE - 51, "behind it");
	check_file(fd, 11 * PAGE, PAGE, 0, "the source's hole");
}

static void check_unshare(void)
{
	int fd = file_known("source", 64), copy = clone_of(fd, "clone");
	unsigned char *a = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *b = map_file(copy, 64 * PAGE, 1, RW, MAP_SHARED);

	load_pages(a, 64);
	load_pages(b, 64);
	check(!fallocate(copy, FALLOC_FL_UNSHARE_RANGE, 0, 20 * PAGE),
	      "unshare");
	check(!is_shared(copy, 0, 20 * PAGE), "blocks are still shared");
	check(is_shared(copy, 20 * PAGE, 44 * PAGE), "too much is unshared");
	check_known(b, 0, 64, "the clone");
	check(pwrite(copy, "q", 1, 15 * PAGE) == 1, "write");
	check(b[15 * PAGE] == 'q' && a[15 * PAGE] == known(15),
	      "a write after unsharing");
	b[16 * PAGE] = 'r';
	check_file(copy, 16 * PAGE, 1, 'r', "a store after unsharing");
	check_known(a, 0, 64, "the source");
}

/* XFS gives the hole a block (imap_needs_alloc()): the zero page is no longer it. */
static void check_unshare_hole(void)
{
	int copy = clone_of(file_known("source", 4), "clone");
	unsigned char *map = map_file(copy, 16 * PAGE, 1, RW, MAP_SHARED);

	need(!ftruncate(copy, 16 * PAGE), "ftruncate");
	load(map + 8 * PAGE);
	check(!fallocate(copy, FALLOC_FL_UNSHARE_RANGE, 0, 16 * PAGE), "unshare");
	check(pwrite(copy, "q", 1, 8 * PAGE + 9) == 1, "write");
	check(map[8 * PAGE + 9] == 'q',
	      "the mapping has %#x", map[8 * PAGE + 9]);
	check_file(copy, 8 * PAGE + 9, 1, 'q', "read");
}

/* Returns the status of the kernel: bytes that are shared now, or an error. */
static long dedupe(int from, size_t at, size_t len, int to)
{
	struct {
		struct file_dedupe_range range;
		struct file_dedupe_range_info info;
	} q = {
		.range = { .src_offset = at, .src_length = len, .dest_count = 1 },
		.info = { .dest_fd = to, .dest_offset = at },
	};

	need(!ioctl(from, FIDEDUPERANGE, &q), "FIDEDUPERANGE");
	if (q.info.status == FILE_DEDUPE_RANGE_DIFFERS)
		return 0;
	return q.info.status < 0 ? q.info.status : (long)q.info.bytes_deduped;
}

static void check_dedupe(void)
{
	int a = file_known("one", 16), b = file_known("two", 16);
	unsigned char *map = map_file(b, 16 * PAGE, 1, RW, MAP_SHARED);
	long n;

	load_pages(map, 16);
	need(pwrite(b, "z", 1, 9 * PAGE - 1) == 1, "write");
	n = dedupe(a, 0, 8 * PAGE, b);
	check(n == 8 * PAGE, "equal pages in front of a difference: %ld", n);
	check(is_shared(b, 0, 8 * PAGE), "they are not shared");
	n = dedupe(a, 8 * PAGE, 8 * PAGE, b);
	check(!n, "a difference in the last byte of a page: %ld", n);
	check(!is_shared(b, 8 * PAGE, 8 * PAGE), "different pages are shared");
	n = dedupe(a, 9 * PAGE, 7 * PAGE, b);
	check(n == 7 * PAGE, "equal pages at an offset: %ld", n);
	check_known(map, 0, 8, "the mapping");
	map[2 * PAGE] = 0;
	check_file(a, 2 * PAGE, PAGE, known(2), "a store to what is shared");
}

/*
 * To copy a shared page XFS takes blocks for 32 (the default of cowextsize), and moves
 * their neighbours there when they are written to, shared or not.  A neighbour that was
 * stored to is dirty: the entry must not stay with a block that the file has no more.
 * Linux 6.1 keeps it, and writes back what may be another file's.
 */
static void check_moved(void)
{
	int fd = file_known("source", 64), copy = clone_of(fd, "clone");
	unsigned char *b = map_file(copy, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mem = scratch(31 * PAGE, 0x31);
	unsigned long long before;
	unsigned int written;

	/* blocks of its own, and none kept for copies */
	need(!fallocate(copy, PUNCH, PAGE, 31 * PAGE), "punch");
	need(pwrite(copy, mem, 31 * PAGE, PAGE) == 31 * PAGE, "write");
	before = block_of(copy, 5 * PAGE, FIEMAP_FLAG_SYNC);
	b[5 * PAGE + 7] = 0x57;
	need(pwrite(copy, "0", 1, 9) == 1, "write of a shared page");
	trace_start("fs_dax/dax_writeback_one");
	need(pwrite(copy, "5", 1, 5 * PAGE + 9) == 1, "write");
	check(!fsync(copy), "fsync");
	written = trace_count("dax_writeback_one");
	trace_stop("fs_dax/dax_writeback_one");
	need(block_of(copy, 5 * PAGE, FIEMAP_FLAG_SYNC) != before,
	     "the page did not move");
	check(written == !core_as_ours_since(6, 12), "fsync wrote %u entries", written);
	check(!core_as_ours_since(6, 12) || (b[5 * PAGE + 7] == 0x57 &&
	      b[5 * PAGE + 8] == 0x31 && b[5 * PAGE + 9] == '5'),
	      "the page's bytes");
	check_file(copy, 5 * PAGE + 7, 1, 0x57, "what was stored");
	check_known(map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED), 0, 64,
		    "the source");
}

/*
 * The comparison is of the range and no more.  Linux 6.1 takes the offset of its
 * end for its length (dax_range_compare_iter), and so meets poison far behind.
 */
static void check_dedupe_range(void)
{
	int a = file_known("one", 32), b = file_known("two", 32);
	unsigned char *mem = scratch(PAGE, known(14));
	long n;

	list_bad(block_of(a, 14 * PAGE, FIEMAP_FLAG_SYNC));
	n = dedupe(a, 8 * PAGE, 2 * PAGE, b);
	if (core_as_ours_since(6, 12))
		check(n == 2 * PAGE, "pages in front of poison: %ld", n);
	else
		check(n == -EIO, "pages in front of poison: %ld", n);
	n = dedupe(a, 14 * PAGE, PAGE, b);
	check(n == -EIO, "the poisoned page: %ld", n);
	need(pwrite(a, mem, PAGE, 14 * PAGE) == PAGE, "repair");
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "clone", check_clone },
		{ "dedupe", check_dedupe },
		{ "dedupe-range", check_dedupe_range },
		{ "hole-store", check_hole_store },
		{ "hole-write", check_hole_write },
		{ "moved", check_moved },
		{ "part", check_part },
		{ "part-end", check_part_end },
		{ "punch", check_punch },
		{ "store", check_store },
		{ "store-pmd", check_store_pmd },
		{ "unshare", check_unshare },
		{ "unshare-hole", check_unshare_hole },
		{ "write", check_write },
		{ "write-mapped", check_write_mapped },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
