// SPDX-License-Identifier: GPL-2.0
/*
 * What stores to one page make of the pages behind it.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dax.h"

#define RW		(PROT_READ | PROT_WRITE)
#define PAGES		64
#define PARAMETER	"/sys/module/fsdax/parameters/write_around"
#define WRITEBACK	"fs_dax/dax_writeback_one"

/* How many pages fsync has to write. */
static unsigned int dirty_pages(int fd)
{
	unsigned int n;

	trace_start(WRITEBACK);
	check(!fsync(fd), "fsync");
	n = trace_count("dax_writeback_one");
	trace_stop(WRITEBACK);
	return n;
}

/* Store to @pages of the file, @step pages apart; @want of them are dirty then. */
static void check_stores(int fd, unsigned char *map, size_t pages, size_t step,
		unsigned int want, const char *what)
{
	unsigned int n;
	size_t i;

	for (i = 0; i < pages; i++)
		map[i * step * PAGE] = known(i * step);
	n = dirty_pages(fd);
	check(n == want, "%s: %u pages are dirty of %zu that were stored to, "
	      "expected %u", what, n, pages, want);
	check(!dirty_pages(fd), "%s: dirty once more", what);
}

/*
 * Stores to page after page: ours makes as many dirty ahead as were stored to, 1, 2, 4,
 * 8 and so on up to 16 with the one that faults: 1, then 3, 7, 15, 31.
 */
static void check_ahead(void)
{
	int fd = file_known("ahead", PAGES), file;
	unsigned char *map = map_file(fd, PAGES * PAGE, 16, RW, MAP_SHARED);
	unsigned long n;
	size_t i;

	check_stores(fd, map, 1, 1, 1, "one store");
	check_stores(fd, map, 3, 1, 3, "three stores");
	check_stores(fd, map, 10, 1, core_is_ours() ? 15 : 10, "ten stores");
	check_stores(fd, map, 32, 1, core_is_ours() ? 47 : 32, "32 stores");
	check_stores(fd, map, 20, 3, 20, "stores to each third page");
	load_pages(map, PAGES);
	n = faults();
	for (i = 0; i < PAGES; i++)
		map[i * PAGE] = known(i);
	n = faults() - n;
	check(core_is_ours() ? n < 10 : n >= PAGES, "%lu faults for %d stores", n,
	      PAGES);
	check_known(map, 0, PAGES, "the file");
	check(dirty_pages(fd) == PAGES, "all pages");

	file = open(PARAMETER, O_WRONLY);
	check((file >= 0) == core_is_ours(), "the parameter is%s there",
	      file < 0 ? " not" : "");
	if (file < 0)
		return;
	need(write(file, "N", 1) == 1, "write to '%s'", PARAMETER);
	check_stores(fd, map, 10, 1, 10, "ten stores, parameter N");
	need(write(file, "Y", 1) == 1, "write to '%s'", PARAMETER);
}

/* Nothing is allocated ahead of a store. */
static void check_sparse(void)
{
	int fd = file_new("sparse", PAGES * PAGE);
	unsigned char *map = map_file(fd, PAGES * PAGE, 16, RW, MAP_SHARED);
	struct stat st;
	size_t i;

	need(!fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4 * PAGE), "fallocate");
	for (i = 0; i < 10; i++)
		map[i * PAGE] = known(i);
	check(!fsync(fd) && !fstat(fd, &st), "fsync");
	check(st.st_blocks == 10 * PAGE / 512, "%lu blocks of 512 bytes for ten pages",
	      (unsigned long)st.st_blocks);
	check_file(fd, 10 * PAGE, (PAGES - 10) * PAGE, 0, "behind the stores");
}

static void check_all(void)
{
	check_ahead();
	check_sparse();
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "ahead", check_all },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
