// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of a DAX file: what a fault maps, and what is seen through it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "dax.h"

#define RW	(PROT_READ | PROT_WRITE)

#define PMD_DONE	"fs_dax/dax_pmd_fault_done"
#define WRITEBACK	"fs_dax/dax_writeback_one"

static void check_pte(void)
{
	int fd = file_known("pte", 64);
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	size_t i;

	check_known(map, 0, 64, "loads");
	for (i = 0; i < 64; i++)
		map[i * PAGE + 7] = i;
	for (i = 0; i < 64; i++) {
		check_file(fd, i * PAGE + 7, 1, i, "stores");
		check_file(fd, i * PAGE + 8, PAGE - 8, known(i), "neighbours");
	}
	munmap(map, 64 * PAGE);
	map = map_file(fd, 64 * PAGE, 1, PROT_READ, MAP_SHARED);
	check(map[5 * PAGE + 7] == 5, "a store is gone after munmap");
}

/*
 * A PMD was mapped if the kernel says so and one fault does for 512 pages; only
 * loads could be served by fault-around as well.
 */
static void check_pmd(int prot, bool write)
{
	int fd = file_known("pmd", 2 * PMD / PAGE);
	unsigned char *map = map_file(fd, 2 * PMD, 0, prot, MAP_SHARED);
	unsigned long before;
	unsigned int done;
	size_t i;

	trace_start(PMD_DONE);
	before = faults();
	for (i = 0; i < 2 * PMD; i += PAGE) {
		if (write)
			map[i + 1] = i >> 12;
		else
			load(map + i);
	}
	before = faults() - before;
	done = trace_count("NOPAGE");
	trace_stop(PMD_DONE);
	check(done == 2, "%u PMD faults of 2 were resolved", done);
	check(before < 8, "%lu faults for two PMDs", before);
	for (i = 0; write && i < 2 * PMD; i += 64 * PAGE)
		check_file(fd, i + 1, 1, i >> 12, "store");
	check(map[PMD + 9] == known(PMD / PAGE), "load");
}

static void check_pmd_read(void)
{
	check_pmd(PROT_READ, false);
}

static void check_pmd_write(void)
{
	check_pmd(RW, true);
}

/* A PMD that is mapped for reading is upgraded by one fault. */
static void check_pmd_mkwrite(void)
{
	int fd = file_known("pmdmk", PMD / PAGE);
	unsigned char *map = map_file(fd, PMD, 0, RW, MAP_SHARED);
	unsigned long before;
	size_t i;

	load(map);
	before = faults();
	for (i = 0; i < PMD; i += PAGE)
		map[i] = 3;
	before = faults() - before;
	check(before < 4, "%lu faults to write a PMD after reading it", before);
	check_file(fd, 17 * PAGE, 1, 3, "store");
	check_file(fd, 17 * PAGE + 1, 100, known(17), "its neighbours");
}

/* Where file and address differ modulo 2 MiB, no PMD can be. */
static void check_pmd_colour(void)
{
	int fd = file_known("colour", 2 * PMD / PAGE);
	unsigned char *map = map_file(fd, 2 * PMD, 3, RW, MAP_SHARED);
	unsigned int done;

	trace_start(PMD_DONE);
	map[PMD] = 1;
	load(map + 5 * PAGE);
	done = trace_count("NOPAGE");
	trace_stop(PMD_DONE);
	check(!done, "%u PMDs were mapped at a wrong address", done);
	check_known(map + 6 * PAGE, 6, 100, "pages");
}

/* A page that has an entry of its own keeps a PMD away from all 512. */
static void check_pmd_conflict(void)
{
	int fd = file_known("conflict", PMD / PAGE);
	unsigned char *small = map_file(fd, PMD, 1, RW, MAP_SHARED);
	unsigned char *big = map_file(fd, PMD, 0, RW, MAP_SHARED);
	unsigned int done, back;

	small[300 * PAGE] = 0xaa;
	trace_start(PMD_DONE);
	big[7 * PAGE] = 0xbb;
	done = trace_count("NOPAGE");
	back = trace_count("FALLBACK");
	trace_stop(PMD_DONE);
	check(!done && back, "a PMD over a page: %u mapped, %u fell back", done,
	      back);
	check(big[300 * PAGE] == 0xaa && small[7 * PAGE] == 0xbb,
	      "mappings differ");
	check(!fsync(fd), "fsync");
	check_file(fd, 300 * PAGE, 1, 0xaa, "store of the page");
}

static void check_private(void)
{
	int fd = file_known("private", PMD / PAGE);
	unsigned char *map = map_file(fd, PMD, 0, RW, MAP_PRIVATE);
	unsigned char *shared = map_file(fd, PMD, 1, RW, MAP_SHARED);

	check(map[3 * PAGE] == known(3), "load");
	map[3 * PAGE] = 0x99;
	map[400 * PAGE + 5] = 0x98;
	check(map[3 * PAGE] == 0x99 && map[3 * PAGE + 1] == known(3), "copy");
	check(map[400 * PAGE + 4] == known(400), "copy of a page not read");
	check(shared[3 * PAGE] == known(3), "the file saw a private store");
	check_file(fd, 400 * PAGE, PAGE, known(400), "the file");
	shared[3 * PAGE] = 0x55;
	shared[4 * PAGE] = 0x44;
	check(map[3 * PAGE] == 0x99, "a copy saw a shared store");
	check(map[4 * PAGE] == 0x44, "a page that was not copied is stale");
	check_known(map + 5 * PAGE, 5, 20, "pages around");
}

static void check_private_hole(void)
{
	int fd = file_new("prhole", PMD);
	unsigned char *map = map_file(fd, PMD, 0, RW, MAP_PRIVATE);
	struct stat st;

	map[5 * PAGE + 1] = 7;
	check_mem(map, 5 * PAGE + 1, 0, "in front of the store");
	check_mem(map + 5 * PAGE + 2, 2 * PAGE, 0, "behind the store");
	check(map[5 * PAGE + 1] == 7, "the store");
	check_file(fd, 0, 64 * PAGE, 0, "the file");
	need(!fstat(fd, &st), "fstat");
	check(st.st_blocks < 16, "private stores took %ld blocks",
	      (long)st.st_blocks);
}

/* Zero pages that are mapped give way to the block, in all mappings. */
static void check_hole(size_t colour)
{
	int fd = file_new("maphole", 2 * PMD);
	unsigned char *one = map_file(fd, 2 * PMD, colour, RW, MAP_SHARED);
	unsigned char *two = map_file(fd, 2 * PMD, 0, RW, MAP_SHARED);
	unsigned char *three = map_file(fd, 2 * PMD, 5, RW, MAP_SHARED);
	size_t at = PMD + 9 * PAGE;

	check_mem(one, 2 * PMD, 0, "hole");
	check_mem(two, 2 * PMD, 0, "hole, other mapping");
	load_pages(three, 1024);
	one[at] = 0x31;
	check(two[at] == 0x31 && three[at] == 0x31, "a zero page stayed mapped");
	check(!one[at + 1] && !two[at - PAGE] && !three[at + PAGE],
	      "bytes around");
	check(pwrite(fd, "z", 1, 20 * PAGE) == 1, "write");
	check(one[20 * PAGE] == 'z' && three[20 * PAGE] == 'z',
	      "a zero page stayed mapped under a write");
	check_mem(one, 20 * PAGE, 0, "pages in front");
	check(!msync(one, 2 * PMD, MS_SYNC), "msync");
	check_file(fd, at, 1, 0x31, "store");
}

static void check_hole_pte(void)
{
	check_hole(1);
}

static void check_hole_pmd(void)
{
	check_hole(0);
}

/* Data, hole, data, unwritten blocks in one window and one PMD. */
static void check_sparse(void)
{
	int fd = file_known("sparse", PMD / PAGE);
	unsigned char *map = map_file(fd, PMD, 1, RW, MAP_SHARED);
	size_t i;

	need(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			4 * PAGE, 3 * PAGE), "punch");
	need(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			9 * PAGE, PAGE), "punch");
	need(!fallocate(fd, 0, 5 * PAGE, PAGE), "fallocate");
	for (i = 0; i < 32; i++)
		check_mem(map + i * PAGE, PAGE,
			  (i >= 4 && i < 7) || i == 9 ? 0 : known(i), "page");
	map[5 * PAGE] = 1;
	map[9 * PAGE + 4095] = 2;
	check_file(fd, 5 * PAGE + 1, PAGE - 1, 0, "rest of an unwritten block");
	check_file(fd, 9 * PAGE, PAGE - 1, 0, "rest of a hole");
	check_known(map + 7 * PAGE, 7, 2, "between the holes");
}

static void check_adrerr(unsigned char *p, enum access access, const char *what)
{
	struct bus bus = bus_of(p, access);

	check(bus_is(bus, BUS_ADRERR, p), "%s: code %d at %p, expected %d at %p",
	      what, bus.code, bus.addr, BUS_ADRERR, p);
}

static void check_end(void)
{
	int fd = file_known("mapend", 3);
	unsigned char *map = map_file(fd, PMD, 0, RW, MAP_SHARED);

	need(!ftruncate(fd, 2 * PAGE + 100), "ftruncate");
	check_mem(map + 2 * PAGE, 100, known(2), "last bytes");
	check_mem(map + 2 * PAGE + 100, PAGE - 100, 0, "rest of the last page");
	check_adrerr(map + 3 * PAGE, LOAD, "load behind the end");
	check_adrerr(map + 3 * PAGE, STORE, "store behind the end");
	check_adrerr(map + PMD - PAGE, LOAD, "load far behind the end");
	need(!ftruncate(fd, 5 * PAGE), "ftruncate");
	check_mem(map + 3 * PAGE, 2 * PAGE, 0, "what was added");
	map[4 * PAGE] = 4;
	need(!ftruncate(fd, PAGE), "ftruncate");
	check_adrerr(map + 2 * PAGE, LOAD, "load of what was cut off");
	check_adrerr(map + 4 * PAGE, STORE, "store to what was cut off");
	check_known(map, 0, 1, "what was left");
	need(!ftruncate(fd, 5 * PAGE), "ftruncate");
	check_mem(map + PAGE, 4 * PAGE, 0, "grown again");
}

static void check_empty(void)
{
	int fd = file_new("mapempty", 0);
	unsigned char *map = map_file(fd, PMD, 0, RW, MAP_SHARED);

	check_adrerr(map, LOAD, "load from an empty file");
	check_adrerr(map, STORE, "store to an empty file");
	check(pwrite(fd, "a", 1, 0) == 1, "write");
	check(*map == 'a', "load after a write");
}

/* MAP_SYNC: a fault for writing waits until the block is durable. */
static void check_sync(size_t colour, size_t size)
{
	int fd = file_new("sync", 0);
	unsigned char *map;
	unsigned int n;

	need(!fallocate(fd, 0, 0, size), "fallocate");
	map = map_file(fd, size, colour, RW, MAP_SYNCED);
	trace_start("fs_dax/dax_insert_pfn_mkwrite");
	map[3 * PAGE] = 0x61;
	n = trace_count("NOPAGE");
	trace_stop("fs_dax/dax_insert_pfn_mkwrite");
	check(n == 1, "%u synchronous faults were finished, expected 1", n);
	map[size - 1] = 0x62;
	check_mem(map, 3 * PAGE, 0, "in front of the store");
	check_mem(map + 3 * PAGE + 1, PAGE, 0, "behind the store");
	check_file(fd, 3 * PAGE, 1, 0x61, "store");
	check_file(fd, size - 1, 1, 0x62, "store at the end");
}

static void check_sync_pte(void)
{
	check_sync(1, 64 * PAGE);
}

static void check_sync_pmd(void)
{
	check_sync(0, PMD);
}

/*
 * msync writes back what was stored to, once, and write-protects it: the next
 * store is noticed.
 */
static void check_msync(size_t colour, unsigned int entries)
{
	int fd = file_known("msync", PMD / PAGE);
	unsigned char *map = map_file(fd, PMD, colour, RW, MAP_SHARED);
	unsigned int first, second, third;
	unsigned long before;

	trace_start(WRITEBACK);
	map[2 * PAGE] = map[40 * PAGE] = map[500 * PAGE] = 1;
	check(!msync(map, PMD, MS_SYNC), "msync");
	first = trace_count("dax_writeback_one");
	check(!fsync(fd), "fsync");
	second = trace_count("dax_writeback_one");
	before = faults();
	map[40 * PAGE] = 2;
	before = faults() - before;
	check(!msync(map, PMD, MS_SYNC), "msync");
	third = trace_count("dax_writeback_one");
	trace_stop(WRITEBACK);
	check(first == entries, "msync wrote %u entries, expected %u", first,
	      entries);
	check(second == first, "fsync wrote %u clean entries", second - first);
	check(before, "a store after msync was not noticed");
	check(third == second + 1, "the second msync wrote %u entries",
	      third - second);
}

static void check_msync_pte(void)
{
	check_msync(1, 3);
}

static void check_msync_pmd(void)
{
	check_msync(0, 1);
}

static void check_mkwrite(void)
{
	int fd = file_known("mkwrite", 64);
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *other = map_file(fd, 64 * PAGE, 1, PROT_READ, MAP_SHARED);
	size_t i;

	load_pages(map, 64);
	load_pages(other, 64);
	for (i = 0; i < 64; i += 3)
		map[i * PAGE] = 0xf0;
	for (i = 0; i < 64; i++)
		check(other[i * PAGE] == (i % 3 ? known(i) : 0xf0),
		      "page %zu is %#x", i, other[i * PAGE]);
}

static void check_fork(void)
{
	int fd = file_known("fork", 64), status;
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mine = map_file(fd, 64 * PAGE, 1, RW, MAP_PRIVATE);
	pid_t pid;

	map[0] = 1;
	mine[PAGE] = 2;
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		check(map[0] == 1 && mine[PAGE] == 2, "what the child sees");
		map[0] = 3;
		map[9 * PAGE] = 4;
		mine[PAGE] = 5;
		_exit(0);
	}
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	check(!status, "the child ended with status %#x", status);
	check(map[0] == 3 && map[9 * PAGE] == 4, "a shared store is lost");
	check(mine[PAGE] == 2, "a private store came from the child");
	check_known(mine + 2 * PAGE, 2, 4, "private pages");
}

/* The kernel gets at the pages by reference, too. */
static void check_gup(void)
{
	int fd = file_known("gup", PMD / PAGE), pipe_fd[2], self;
	unsigned char *small = map_file(fd, PMD, 1, RW, MAP_SHARED);
	unsigned char *big = map_file(fd, PMD, 0, RW, MAP_SHARED);
	unsigned char *mem = scratch(8 * PAGE, 0);
	struct iovec from = { big + PAGE, 8 * PAGE };

	load(big);
	need(!pipe(pipe_fd), "pipe");
	check(vmsplice(pipe_fd[1], &from, 1, 0) == 8 * PAGE, "vmsplice");
	check(read(pipe_fd[0], mem, 8 * PAGE) == 8 * PAGE, "read of the pipe");
	check_known(mem, 1, 8, "spliced from a PMD");
	self = open("/proc/self/mem", O_RDWR);
	need(self >= 0, "/proc/self/mem");
	memset(mem, 0x2b, 8 * PAGE);
	check(pwrite(self, mem, 8 * PAGE, (off_t)small + 100 * PAGE) ==
	      8 * PAGE, "write of /proc/self/mem");
	check_file(fd, 100 * PAGE, 8 * PAGE, 0x2b, "written to PTEs");
	check(!mlock(small, PMD) && !munlock(small, PMD), "mlock");
	small = mremap(small, PMD, PMD, MREMAP_MAYMOVE | MREMAP_FIXED,
		       map_place(PMD, 2));
	check(small != MAP_FAILED, "mremap");
	check_mem(small + 100 * PAGE, 8 * PAGE, 0x2b, "moved mapping");
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "empty", check_empty },
		{ "end", check_end },
		{ "fork", check_fork },
		{ "gup", check_gup },
		{ "hole-pmd", check_hole_pmd },
		{ "hole-pte", check_hole_pte },
		{ "mkwrite", check_mkwrite },
		{ "msync-pmd", check_msync_pmd },
		{ "msync-pte", check_msync_pte },
		{ "pmd-colour", check_pmd_colour },
		{ "pmd-conflict", check_pmd_conflict },
		{ "pmd-mkwrite", check_pmd_mkwrite },
		{ "pmd-read", check_pmd_read },
		{ "pmd-write", check_pmd_write },
		{ "private", check_private },
		{ "private-hole", check_private_hole },
		{ "pte", check_pte },
		{ "sparse", check_sparse },
		{ "sync-pmd", check_sync_pmd },
		{ "sync-pte", check_sync_pte },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
