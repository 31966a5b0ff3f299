// SPDX-License-Identifier: GPL-2.0
/*
 * read(2), write(2) and fallocate(2) on a DAX file.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include "dax.h"

/* Odd sizes at odd places, over known data: nothing but the range changes. */
static void check_sizes(void)
{
	static const struct { size_t offset, len; } part[] = {
		{ 0, 1 }, { 4095, 2 }, { 100, 4096 }, { 8192, 4096 },
		{ 12287, 4098 }, { 3 * PAGE + 1, 64 * KIB }, { 511, PMD + 3 },
	};
	unsigned char *model = scratch(4 * MIB, 0);
	unsigned char *back = scratch(4 * MIB, 0);
	int fd = file_known("sizes", 4 * MIB / PAGE);
	size_t i, n;

	for (i = 0; i < 4 * MIB; i++)
		model[i] = known(i / PAGE);
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		memset(model + part[i].offset, 0xc0 + i, part[i].len);
		n = pwrite(fd, model + part[i].offset, part[i].len,
			   part[i].offset);
		check(n == part[i].len, "write of %zu bytes gave %zd",
		      part[i].len, (ssize_t)n);
		n = pread(fd, back, part[i].len, part[i].offset);
		check(n == part[i].len &&
		      !memcmp(back, model + part[i].offset, n),
		      "read of %zu bytes at %zu differs", part[i].len,
		      part[i].offset);
	}
	n = pread(fd, back, 4 * MIB, 0);
	check(n == 4 * MIB && !memcmp(back, model, n), "the whole file differs");
}

static void check_vectors(void)
{
	int fd = file_known("vectors", 16);
	unsigned char *a = scratch(PAGE, 0xa1), *b = scratch(2 * PAGE, 0xb2);
	struct iovec out[] = { { a, 1000 }, { b, PAGE + 7 }, { a, 1 } };
	struct iovec in[] = { { b, 3 }, { b + 3, 997 + PAGE + 8 } };
	size_t len = 1000 + PAGE + 7 + 1;

	check(pwritev(fd, out, 3, 3 * PAGE - 500) == (ssize_t)len, "pwritev");
	memset(b, 0, 2 * PAGE);
	check(preadv(fd, in, 2, 3 * PAGE - 500) == (ssize_t)len, "preadv");
	check_mem(b, 1000, 0xa1, "first segment");
	check_mem(b + 1000, PAGE + 7, 0xb2, "second segment");
	check_mem(b + 1000 + PAGE + 7, 1, 0xa1, "third segment");
	check_file(fd, 3 * PAGE - 501, 1, known(2), "byte in front");
	check_file(fd, 3 * PAGE - 500 + len, 1, known(4), "byte behind");
}

static void check_end(void)
{
	int fd = file_known("end", 2);
	char *mem = scratch(4 * PAGE, 0);

	need(!ftruncate(fd, PAGE + 100), "ftruncate");
	check(pread(fd, mem, 4 * PAGE, 0) == PAGE + 100, "read across the end");
	check(pread(fd, mem, PAGE, PAGE + 99) == 1, "read of the last byte");
	check(!pread(fd, mem, PAGE, PAGE + 100), "read at the end");
	check(!pread(fd, mem, PAGE, 9 * PAGE), "read beyond the end");
	need(!ftruncate(fd, 2 * PAGE), "ftruncate");
	check_file(fd, PAGE + 100, PAGE - 100, 0, "what was cut off");
	check_file(fd, PAGE, 100, known(1), "what was left");
}

static void check_empty(void)
{
	int fd = file_new("empty", 0);
	char byte;

	check(!pread(fd, &byte, 1, 0), "read of an empty file");
	check(!pwrite(fd, &byte, 0, 0), "write of nothing");
	check(!fsync(fd), "fsync of an empty file");
	check(pwrite(fd, "x", 1, 5 * PAGE + 3) == 1, "write behind the end");
	check_file(fd, 0, 5 * PAGE + 3, 0, "what was left out");
	check_file(fd, 5 * PAGE + 3, 1, 'x', "what was written");
}

static void check_hole(void)
{
	int fd = file_new("hole", 4 * MIB);
	unsigned char *mem = scratch(100, 0xdd);
	struct stat st;

	check_file(fd, 0, 4 * MIB, 0, "hole");
	need(!fstat(fd, &st), "fstat");
	check(st.st_blocks < 16, "reading a hole took %ld blocks",
	      (long)st.st_blocks);
	check(pwrite(fd, mem, 100, 7 * PAGE + 50) == 100, "write into the hole");
	check_file(fd, 0, 7 * PAGE + 50, 0, "in front of what was written");
	check_file(fd, 7 * PAGE + 50, 100, 0xdd, "what was written");
	check_file(fd, 7 * PAGE + 150, PAGE, 0, "behind what was written");
}

/* Unwritten blocks are zeroes, whatever is on the media. */
static void check_unwritten(void)
{
	int old = file_known("unwritten", 64), fd;

	close(old);
	fd = file_new("unwritten", 0);
	need(!fallocate(fd, 0, 0, 64 * PAGE), "fallocate");
	check_file(fd, 0, 64 * PAGE, 0, "unwritten blocks");
	check(pwrite(fd, "y", 1, 9 * PAGE + 9) == 1, "write");
	check_file(fd, 9 * PAGE, 9, 0, "in front of what was written");
	check_file(fd, 9 * PAGE + 10, 2 * PAGE, 0, "behind what was written");
}

/* A buffer that ends in the middle of the transfer. */
static void check_buffer(void)
{
	int fd = file_known("buffer", 4);
	unsigned char *mem = scratch(2 * PAGE, 0);
	ssize_t n;

	need(!munmap(mem + PAGE, PAGE), "munmap");
	n = pread(fd, mem + PAGE - 100, 200, 0);
	check(n == 100, "read of 200 bytes into 100 gave %zd", n);
	check_mem(mem + PAGE - 100, 100, known(0), "what was read");
	n = pread(fd, mem + PAGE, 200, 0);
	check(n == -1 && errno == EFAULT, "read into nothing gave %zd", n);
	memset(mem, 0xee, PAGE);
	n = pwrite(fd, mem + PAGE - 100, 200, PAGE);
	check(n == 100 || (n == -1 && errno == EFAULT),
	      "write of 200 bytes from 100 gave %zd", n);
	check_file(fd, PAGE + 100, PAGE - 100, known(1), "behind the write");
	n = pwrite(fd, mem + PAGE, 200, PAGE);
	check(n == -1 && errno == EFAULT, "write from nothing gave %zd", n);
}

static void check_direct(void)
{
	int fd = file_known("direct", 8), direct;
	char *mem = scratch(2 * PAGE, 0x77);

	direct = open(dax_path("direct"), O_RDWR | O_DIRECT);
	need(direct >= 0, "open O_DIRECT");
	check(pwrite(direct, mem, 2 * PAGE, PAGE) == 2 * PAGE, "write O_DIRECT");
	check_file(fd, PAGE, 2 * PAGE, 0x77, "what O_DIRECT wrote");
	check_file(direct, 3 * PAGE, PAGE, known(3), "page behind");
	close(direct);
	direct = open(dax_path("direct"), O_RDWR | O_SYNC | O_APPEND);
	need(direct >= 0, "open O_APPEND");
	check(write(direct, mem, 5) == 5, "append");
	check_file(fd, 8 * PAGE, 5, 0x77, "what was appended");
}

/* The same bytes by read(2), write(2), loads and stores. */
static void check_coherent(void)
{
	int fd = file_known("coherent", 2 * PMD / PAGE);
	unsigned char *big, *small;
	size_t at = PMD + 5 * PAGE;

	big = map_file(fd, 2 * PMD, 0, PROT_READ | PROT_WRITE, MAP_SHARED);
	small = map_file(fd, 2 * PMD, 1, PROT_READ | PROT_WRITE, MAP_SHARED);
	load(small + at);
	load(big + at);
	check(pwrite(fd, "abc", 3, at + 7) == 3, "write");
	check(!memcmp(big + at + 7, "abc", 3), "a PMD does not see a write");
	check(!memcmp(small + at + 7, "abc", 3), "a PTE does not see a write");
	big[at] = 'P';
	small[at + 1] = 'p';
	check_file(fd, at, 1, 'P', "store through a PMD");
	check_file(fd, at + 1, 1, 'p', "store through a PTE");
	check(small[at] == 'P' && big[at + 1] == 'p', "mappings differ");
}

static void check_zero(void)
{
	int fd = file_known("zero", 16);
	unsigned char *map = map_file(fd, 16 * PAGE, 1, PROT_READ | PROT_WRITE,
				      MAP_SHARED);

	load_pages(map, 16);
	check(!fallocate(fd, FALLOC_FL_ZERO_RANGE, 3 * PAGE - 10, 2 * PAGE + 20),
	      "zero range");
	check_file(fd, 3 * PAGE - 10, 2 * PAGE + 20, 0, "zeroed");
	check_file(fd, 3 * PAGE - 11, 1, known(2), "byte in front");
	check_file(fd, 5 * PAGE + 10, PAGE - 10, known(5), "bytes behind");
	check_mem(map + 3 * PAGE - 10, 2 * PAGE + 20, 0, "zeroed, mapped");
	map[4 * PAGE] = 1;
	check_file(fd, 4 * PAGE, 1, 1, "store into what was zeroed");
}

/* COLLAPSE_RANGE and INSERT_RANGE move blocks below mappings. */
static void check_shift(void)
{
	int fd = file_known("shift", 16);
	unsigned char *map = map_file(fd, 16 * PAGE, 1, PROT_READ | PROT_WRITE,
				      MAP_SHARED);

	load_pages(map, 16);
	map[9 * PAGE] = 0xab;
	check(!fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 2 * PAGE, 4 * PAGE),
	      "collapse range");
	check_known(map, 0, 2, "in front of the collapsed range");
	check_mem(map + 2 * PAGE, PAGE, known(6), "first page that moved");
	check(map[5 * PAGE] == 0xab, "a store was lost");
	check(!fallocate(fd, FALLOC_FL_INSERT_RANGE, 2 * PAGE, 4 * PAGE),
	      "insert range");
	check_mem(map + 2 * PAGE, 4 * PAGE, 0, "inserted hole");
	check_mem(map + 6 * PAGE, PAGE, known(6), "page that moved back");
	check(map[9 * PAGE] == 0xab, "a store was lost on the way back");
}

/* Takes all free blocks of the filesystem; returns a descriptor of theirs. */
static int fill_up(void)
{
	size_t size = 0, step = 64 * MIB;
	int fd = file_new("filler", 0);

	while (step >= PAGE) {
		if (!fallocate(fd, 0, size, step))
			size += step;
		else
			step /= 2;
	}
	return fd;
}

static void check_full(void)
{
	int fd = file_new("full", 4 * MIB), filler;
	unsigned char *map = map_file(fd, 4 * MIB, 1, PROT_READ | PROT_WRITE,
				      MAP_SHARED);
	char *mem = scratch(64 * KIB, 0x11);
	struct bus bus;
	size_t i;

	filler = fill_up();
	/* what is left is less than this, reserves and all */
	for (i = 0; i < 4 * MIB; i += 64 * KIB)
		if (pwrite(fd, mem, 64 * KIB, i) != 64 * KIB)
			break;
	check(i < 4 * MIB, "the filesystem does not fill up");
	check(pwrite(fd, mem, PAGE, 3 * MIB) == -1 && errno == ENOSPC,
	      "write into a hole of a full filesystem is not ENOSPC");
	bus = bus_of(map + 3 * MIB, STORE);
	check(bus_is(bus, BUS_ADRERR, map + 3 * MIB),
	      "store into a hole of a full filesystem: code %d", bus.code);
	check(!bus_of(map + 3 * MIB, LOAD).code, "load from the hole");
	check(!map[3 * MIB], "hole after ENOSPC");
	if (i)
		check_mem(map, i, 0x11, "what was written before");

	/* ext4 gets these blocks by committing its journal and trying again */
	need(!ftruncate(filler, 0), "ftruncate");
	bus = bus_of(map + 3 * MIB, STORE);
	check(!bus.code, "store after blocks were freed: code %d", bus.code);
	check(map[3 * MIB] == 0x5a, "the store is lost");
	close(filler);
	unlink(dax_path("filler"));
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "buffer", check_buffer },
		{ "coherent", check_coherent },
		{ "direct", check_direct },
		{ "empty", check_empty },
		{ "end", check_end },
		{ "full", check_full },
		{ "hole", check_hole },
		{ "shift", check_shift },
		{ "sizes", check_sizes },
		{ "unwritten", check_unwritten },
		{ "vectors", check_vectors },
		{ "zero", check_zero },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
