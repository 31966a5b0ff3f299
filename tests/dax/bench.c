// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions per operation of the DAX core, by the guest's clock: under QEMU's
 * -icount shift=0 a nanosecond is an instruction.  And the memory that entries and
 * page tables take.
 *
 *   bench prepare FOLDER   makes the files
 *   bench run FOLDER       prints a line "NAME FIGURE" an operation; to be run
 *                          after the filesystem was mounted anew, so that no page
 *                          has an entry yet
 *   bench run-no-pmd FOLDER   the same, where nothing is mapped by 2 MiB; the figures
 *                          of "pmd" are not there
 *
 * Exit status: 0; 1 an operation was not what it claims to be; 99 set-up broken.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "bench-copy.h"
#include "bench-rows.h"
#include "dax.h"

#define RW	(PROT_READ | PROT_WRITE)

#define FILE_SIZE	(32 * MIB)
#define PAGES		(FILE_SIZE / PAGE)
#define PMDS		(FILE_SIZE / PMD)
#define POISONED	64
#define BESIDE_BAD	1024UL	/* pages; a list has room for 512 ranges */
#define SPARSE		(1024 * MIB)
#define ROUNDS		4	/* of what there are few of */
#define COPIES		64	/* copies of a page between two looks at the clock */

/* An address with no neighbour in its page tables, a page behind a PMD's. */
#define ALONE		((unsigned char *)(1UL << 44) + PAGE)

static unsigned char *buffer;

/* Without a time of access, so that reading leaves nothing to sync. */
static int reopen(const char *name)
{
	int fd = open(dax_path(name), O_RDWR | O_NOATIME);

	need(fd >= 0, "open '%s'", dax_path(name));
	return fd;
}

static void store_pages(unsigned char *map, size_t step)
{
	size_t i;

	for (i = 0; i < FILE_SIZE; i += step)
		map[i] = 1;
}

static void load_step(const unsigned char *map, size_t len, size_t step)
{
	size_t i;

	for (i = 0; i < len; i += step)
		load(map + i);
}

static void drop(unsigned char *map)
{
	need(!munmap(map, FILE_SIZE), "munmap");
}

/* A number behind a word at the start of a line of a file of the kernel's. */
static unsigned long number_in(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	unsigned long number = 0;
	char line[512];
	bool found = false;

	need(f, "open '%s'", path);
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, word, strlen(word)) &&
			sscanf(line + strlen(word), " %lu", &number) == 1;
	fclose(f);
	errno = 0;
	need(found, "no '%s' in '%s'", word, path);
	return number;
}

/*
 * Nodes of all XArrays.  What a processor has in stock is given back first, and
 * what is freed after a grace period is waited for.
 */
static unsigned long nodes(void)
{
	unsigned long now = 0, before;
	FILE *f;

	do {
		before = now;
		usleep(200000);
		f = fopen("/sys/kernel/slab/radix_tree_node/shrink", "w");
		need(f && fputc('1', f) == '1' && !fclose(f), "shrink the slab");
		now = number_in("/proc/slabinfo", "radix_tree_node");
	} while (now != before);
	return now;
}

/* What the figures of a way of reading are called. */
struct reading {
	const char *time;
	const char *entries;
	const char *tables;
};

/* Reads a page in @step and says what each took, and 1000 of them of memory, bytes. */
static void bench_reading(int fd, size_t len, size_t step,
		const struct reading *names)
{
	unsigned long size = number_in(
		"/sys/kernel/slab/radix_tree_node/object_size", "");
	unsigned long before = nodes(), pages = len / step;
	unsigned long table = number_in("/proc/self/status", "VmPTE:");
	unsigned char *map;

	map = mmap(ALONE, len, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
	need(map == ALONE, "mmap");
	row_start();
	load_step(map, len, step);
	row_stop(names->time, pages);
	table = number_in("/proc/self/status", "VmPTE:") - table;
	row_set(names->entries, (nodes() - before) * size * 1000.0 / pages);
	row_set(names->tables, table * 1024000.0 / pages);
	need(!munmap(map, len), "munmap");
}

static void bench_pages_read(int fd)
{
	unsigned long x = 1;
	unsigned char *map;
	size_t i;

	bench_reading(fd, FILE_SIZE, PAGE, &(struct reading){
		"read-first", "memory-entries", "memory-tables" });

	row_start();
	check(!fsync(fd), "fsync");
	row_stop("fsync-after-read", PAGES);

	map = map_file(fd, FILE_SIZE, 1, PROT_READ, MAP_SHARED);
	row_start();
	load_step(map, FILE_SIZE, PAGE);
	row_stop("read-again", PAGES);
	drop(map);

	map = map_file(fd, FILE_SIZE, 1, PROT_READ, MAP_SHARED);
	row_start();
	for (i = 0; i < PAGES; i++) {
		x = x * 6364136223846793005UL + 1442695040888963407UL;
		load(map + (x >> 33) % PAGES * PAGE);
	}
	row_stop("read-random", PAGES);
	drop(map);
}

static void bench_pages_write(int fd)
{
	unsigned char *map;

	map = map_file(fd, FILE_SIZE, 1, RW, MAP_SHARED);
	row_start();
	store_pages(map, PAGE);
	row_stop("write", PAGES);
	row_start();
	check(!msync(map, FILE_SIZE, MS_SYNC), "msync");
	row_stop("msync", PAGES);
	drop(map);

	map = map_file(fd, FILE_SIZE, 1, RW, MAP_SHARED);
	load_step(map, FILE_SIZE, PAGE);
	row_start();
	store_pages(map, PAGE);
	row_stop("write-after-read", PAGES);
	check(!msync(map, FILE_SIZE, MS_SYNC), "msync");
	drop(map);

	map = map_file(fd, FILE_SIZE, 1, RW, MAP_SYNCED);
	row_start();
	store_pages(map, PAGE);
	row_stop("write-sync", PAGES);
	check(!msync(map, FILE_SIZE, MS_SYNC), "msync");
	drop(map);
}

/*
 * What the copy of a page counts, which both cores leave to the kernel.  Ours has
 * copy_mc_to_kernel(), with ERMS one "rep movsb", and this clock counts each byte
 * of it (arch/x86/lib/copy_mc_64.S).  Stock has copy_page(), one "rep movsq" with
 * REP_GOOD, else a loop over registers (copy_page_64.S).  The same is counted here.
 */
static void bench_copy(void)
{
	bool ours = core_is_ours(), string = has_rep_good();
	size_t i;

	errno = 0;
	need(has_erms(), "the processor has no ERMS");
	for (i = 0; i < PAGES; i++) {
		if (i % COPIES == 0)
			row_start();
		if (ours)
			copy_string(buffer + PAGE, buffer, 1);
		else if (string)
			copy_string(buffer + PAGE, buffer, 8);
		else
			copy_registers(buffer + PAGE, buffer);
		if (i % COPIES == COPIES - 1)
			row_stop("copy", COPIES);
	}
}

static void bench_private(int fd)
{
	unsigned char *map;

	map = map_file(fd, FILE_SIZE, 1, RW, MAP_PRIVATE);
	row_start();
	load_step(map, FILE_SIZE, PAGE);
	row_stop("private-read", PAGES);
	row_start();
	store_pages(map, PAGE);
	row_stop("private-copy-after-read", PAGES);
	drop(map);

	map = map_file(fd, FILE_SIZE, 1, RW, MAP_PRIVATE);
	row_start();
	store_pages(map, PAGE);
	row_stop("private-copy", PAGES);
	drop(map);
	bench_copy();
	row_set("private-copy-rest", row_get("private-copy") - row_get("copy"));
}

/* Rows of PMDs are of PMDs: no other page of one takes a fault. */
static void check_pmds(const unsigned char *map)
{
	unsigned long n = faults();

	load_step(map + PMD / 2, FILE_SIZE, PMD);
	n = faults() - n;
	check(n < 4, "%lu faults in %zu PMDs that are mapped", n, PMDS);
}

static void bench_pmds(int fd)
{
	unsigned char *map;

	map = map_file(fd, FILE_SIZE, 0, RW, MAP_SHARED);
	row_start();
	load_step(map, FILE_SIZE, PMD);
	row_stop("pmd-read-first", PMDS);
	check_pmds(map);
	row_start();
	store_pages(map, PMD);
	row_stop("pmd-write-after-read", PMDS);
	row_start();
	check(!msync(map, FILE_SIZE, MS_SYNC), "msync");
	row_stop("pmd-msync", PMDS);
	drop(map);

	map = map_file(fd, FILE_SIZE, 0, RW, MAP_SHARED);
	row_start();
	load_step(map, FILE_SIZE, PMD);
	row_stop("pmd-read-again", PMDS);
	drop(map);

	/* a page beside the file's PMDs: pages alone, which the entries serve */
	map = map_file(fd, FILE_SIZE, 1, PROT_READ, MAP_SHARED);
	row_start();
	load_step(map, FILE_SIZE, PAGE);
	row_stop("read-in-pmd", PAGES);
	drop(map);

	map = map_file(fd, FILE_SIZE, 0, RW, MAP_SHARED);
	row_start();
	store_pages(map, PMD);
	row_stop("pmd-write", PMDS);
	check_pmds(map);
	row_start();
	check(!ftruncate(fd, 0), "truncate");
	row_stop("pmd-truncate", PMDS);
}

static void bench_rw(int fd)
{
	static const struct { const char *read, *write; size_t len; } row[] = {
		{ "pread-4k", "pwrite-4k", PAGE },
		{ "pread-64k", "pwrite-64k", 64 * KIB },
		{ "pread-2m", "pwrite-2m", 2 * MIB },
	};
	size_t i, at, len;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		len = row[i].len;
		row_start();
		for (at = 0; at < FILE_SIZE; at += len)
			check(pread(fd, buffer, len, at) == (ssize_t)len, "read");
		row_stop(row[i].read, FILE_SIZE / len);
		row_start();
		for (at = 0; at < FILE_SIZE; at += len)
			check(pwrite(fd, buffer, len, at) == (ssize_t)len,
			      "write");
		row_stop(row[i].write, FILE_SIZE / len);
	}
}

static void bench_hole_pmds(void)
{
	int fd = file_new("hole", FILE_SIZE);
	unsigned char *map;

	map = map_file(fd, FILE_SIZE, 0, PROT_READ, MAP_SHARED);
	row_start();
	load_step(map, FILE_SIZE, PMD);
	row_stop("hole-pmd", PMDS);
	check_pmds(map);
	drop(map);
	close(fd);
}

static void bench_holes(void)
{
	int fd = file_new("hole", FILE_SIZE);
	unsigned char *map;

	map = map_file(fd, FILE_SIZE, 1, PROT_READ, MAP_SHARED);
	row_start();
	load_step(map, FILE_SIZE, PAGE);
	row_stop("hole", PAGES);
	drop(map);
	row_start();
	for (size_t i = 0; i < FILE_SIZE; i += PAGE)
		check(pread(fd, buffer, PAGE, i) == PAGE, "read");
	row_stop("hole-pread-4k", PAGES);
}

/* A page in 64 of a file without blocks. */
static void bench_sparse(void)
{
	int fd = file_new("sparse", SPARSE);

	bench_reading(fd, SPARSE, 64 * PAGE, &(struct reading){
		"hole-sparse", "memory-entries-hole", "memory-tables-hole" });
	close(fd);
}

/* Each page with blocks once, by chance; none has a neighbour in its extent. */
static void bench_fragmented(int fd)
{
	unsigned char *map = map_file(fd, FILE_SIZE, 1, PROT_READ, MAP_SHARED);
	size_t i, n = PAGES / 2;	/* a power of two, or some would be met twice */

	row_start();
	for (i = 0; i < n; i++)
		load(map + i * 2654435761UL % n * 2 * PAGE);
	row_stop("read-fragmented", n);
	drop(map);
}

/* Of each 16 pages, which is what a fault looks at, one is listed as bad. */
static void bench_beside_bad(int fd)
{
	unsigned char *map;
	size_t i;

	for (i = 0; i < BESIDE_BAD; i += 16)
		list_bad(block_of(fd, (i + 7) * PAGE, 0));
	map = map_file(fd, FILE_SIZE, 1, PROT_READ, MAP_SHARED);
	row_start();
	for (i = 0; i < BESIDE_BAD; i++)
		if (i % 16 != 7)
			load(map + i * PAGE);
	row_stop("read-beside-bad", BESIDE_BAD / 16 * 15);
	drop(map);
}

static void bench_truncate(int fd)
{
	unsigned char *map = map_file(fd, FILE_SIZE, 1, RW, MAP_SHARED);

	load_step(map, FILE_SIZE, PAGE);
	row_start();
	check(!ftruncate(fd, 0), "truncate");
	row_stop("truncate", PAGES);
}

static volatile int signals;

static void on_bus(int sig)
{
	(void)sig;
	signals++;
}

static void bench_poison(int fd)
{
	unsigned char *map = map_file(fd, FILE_SIZE, 1, RW, MAP_SHARED);
	size_t i;

	signal(SIGBUS, on_bus);
	load_pages(map, 2 * POISONED);
	for (i = 0; i < POISONED; i++) {
		if (i % (POISONED / ROUNDS) == 0)
			row_start();
		check(!madvise(map + i * PAGE, PAGE, MADV_HWPOISON), "madvise");
		if ((i + 1) % (POISONED / ROUNDS) == 0)
			row_stop("hwpoison", POISONED / ROUNDS);
	}
	check(signals == POISONED, "%d signals for %d pages", signals, POISONED);
}

static void prepare(void)
{
	static const char *const names[] = {
		"pages", "rw", "bad", "pmds0", "pmds1", "pmds2", "pmds3",
	};
	int fd = file_known("fragmented", PAGES);
	size_t i;

	for (i = 1; i < PAGES; i += 2)
		need(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				i * PAGE, PAGE), "punch");
	close(fd);

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		close(file_known(names[i], PAGES));
	sync();
}

static void bench_all(bool pmds)
{
	int fd = reopen("pages"), fd_rw;
	char name[16];
	size_t i;

	check_clock();
	buffer = scratch(2 * MIB, 1);
	bench_pages_read(fd);
	bench_pages_write(fd);
	bench_private(fd);
	for (i = 0; pmds && i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "pmds%zu", i);
		bench_pmds(reopen(name));
		/* the first of these makes the huge zero page */
		bench_hole_pmds();
	}
	fd_rw = reopen("rw");
	bench_reading(fd_rw, FILE_SIZE, 16 * PAGE, &(struct reading){
		"read-first-16", "memory-entries-16", "memory-tables-16" });
	bench_rw(fd_rw);
	bench_holes();
	bench_sparse();
	bench_fragmented(reopen("fragmented"));
	bench_truncate(fd);
	bench_beside_bad(reopen("bad"));
	/* last: from now on the core has poison to look out for */
	bench_poison(fd_rw);
	rows_print();
}

static void run(void)
{
	bench_all(true);
}

static void run_no_pmd(void)
{
	bench_all(false);
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "prepare", prepare },
		{ "run", run },
		{ "run-no-pmd", run_no_pmd },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
