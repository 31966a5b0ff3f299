// SPDX-License-Identifier: GPL-2.0
/*
 * Results of faults, as the tracepoints of both cores show them.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "dax.h"

#define RW		(PROT_READ | PROT_WRITE)
#define PTE_DONE	"fs_dax/dax_pte_fault_done"
#define PMD_DONE	"fs_dax/dax_pmd_fault_done"

/* One fault: what is in the line of its tracepoint, and what is not. */
static void check_result(const char *event, void *addr, bool store,
		const char *word, const char *not, const char *what)
{
	unsigned int n;

	trace_start(event);
	if (store)
		*(volatile unsigned char *)addr = 1;
	else
		load(addr);
	n = trace_count(word);
	/* since 6.6 mm can ask for a PMD again, with mmap_lock (vmf_can_call_fault) */
	check(n == 1 || (n == 2 && !strcmp(word, "FALLBACK")),
	      "%s: %u results with %s", what, n, word);
	check(!trace_count(not), "%s: a result with %s", what, not);
	trace_stop(event);
}

/* As check_result(), of an access that is a signal. */
static void check_refusal(const char *event, void *addr, enum access access,
		const char *word, const char *what)
{
	trace_start(event);
	check(bus_of(addr, access).code == BUS_ADRERR, "%s: no BUS_ADRERR", what);
	check(trace_count(word), "%s: no result with %s", what, word);
	check(!trace_count("NOPAGE"), "%s: a result with NOPAGE", what);
	trace_stop(event);
}

/*
 * The results of faults are those of Linux's own core, 6.1 to 7.2: VM_FAULT_MAJOR is
 * for a page that got a block, not for a PMD.
 */
static void check_pages(void)
{
	int fd = file_known("results", PMD / PAGE);
	int hole = file_new("results2", 2 * PMD);
	int synced = file_new("results4", 0);
	unsigned char *map = map_file(fd, PMD, 1, RW, MAP_SHARED);
	unsigned char *mine = map_file(fd, PMD, 2, RW, MAP_PRIVATE);
	unsigned char *small = map_file(hole, 2 * PMD, 1, RW, MAP_SHARED);
	unsigned char *tail = map_file(file_known("results5", 3), PMD, 0, RW,
				       MAP_PRIVATE);
	unsigned char *page;

	check_result(PTE_DONE, map, false, "NOPAGE", "MAJOR", "read of data");
	check_result(PTE_DONE, map + PAGE, true, "NOPAGE", "MAJOR", "store to data");
	check_result(PTE_DONE, map, true, "NOPAGE", "MAJOR", "store after read");
	check_result(PTE_DONE, mine + 70 * PAGE, true, "DONE_COW", "MAJOR",
		     "private store");
	check_result(PTE_DONE, small, false, "NOPAGE", "MAJOR", "read of a hole");
	check_result(PTE_DONE, small, true, "MAJOR|NOPAGE", "SIGBUS",
		     "store to a hole");
	/* a page table that is there, and that a child has: no PMD is tried */
	tail[0] = 1;
	check_refusal(PTE_DONE, tail + 5 * PAGE, LOAD, "SIGBUS",
		      "load behind the end");
	check_refusal(PTE_DONE, tail + 5 * PAGE, STORE, "SIGBUS",
		      "store behind the end");
	need(!fallocate(synced, 0, 0, PMD), "fallocate");
	page = map_file(synced, PMD, 1, RW, MAP_SYNCED);
	check_result(PTE_DONE, page + PMD - PAGE, true, "NEEDDSYNC", "NOPAGE",
		     "synchronous store");
}

static void check_pmds(void)
{
	int hole = file_new("results6", 2 * PMD);
	int large = file_known("results3", PMD / PAGE);
	int synced = file_new("results7", 0);
	unsigned char *small = map_file(hole, 2 * PMD, 1, RW, MAP_SHARED);
	unsigned char *holes = map_file(hole, 2 * PMD, 0, RW, MAP_SHARED);
	unsigned char *big = map_file(large, 2 * PMD, 0, RW, MAP_SHARED);
	unsigned char *mine = map_file(large, PMD, 0, RW, MAP_PRIVATE);
	unsigned char *page, *sync;

	small[0] = 1;
	check_result(PMD_DONE, holes + PMD, false, "NOPAGE", "MAJOR",
		     "read of a hole");
	check_result(PMD_DONE, holes + PMD, true, "NOPAGE", "MAJOR",
		     "store to a hole");
	check_result(PMD_DONE, holes + PAGE, true, "FALLBACK", "NOPAGE",
		     "PMD over a page");
	check_result(PMD_DONE, big, false, "NOPAGE", "MAJOR", "read");
	check_result(PMD_DONE, big + PAGE, true, "NOPAGE", "MAJOR",
		     "store after read");
	check_result(PMD_DONE, mine, true, "FALLBACK", "NOPAGE", "private store");
	check_refusal(PMD_DONE, big + PMD, LOAD, "SIGBUS", "load behind the end");
	need(!fallocate(synced, 0, 0, PMD), "fallocate");
	sync = map_file(synced, PMD, 0, RW, MAP_SYNCED);
	page = map_file(synced, PMD, 1, RW, MAP_SYNCED);
	page[PMD - PAGE] = 1;
	check_result(PMD_DONE, sync, true, "FALLBACK", "NEEDDSYNC",
		     "synchronous store, PMD over a page");
}

/*
 * A page that was dirty when it was poisoned is an EIO of fsync(2), once for each
 * descriptor; it is none of a synchronous store to another page, whose metadata are
 * durable all the same (vfs_fsync_range() tells the error before it comes to them).
 */
static void check_late(void)
{
	int fd = file_known("late", 64), other = open(dax_path("late"), O_RDWR);
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *sync = map_file(fd, 128 * PAGE, 1, RW, MAP_SYNCED);
	int refused = core_is_ours() ? -1 : 0;
	struct bus bus;

	need(other >= 0, "open");
	map[5 * PAGE] = 1;
	bus = bus_of(map + 5 * PAGE, POISON);
	check(bus_is(bus, BUS_MCEERR_AR, map + 5 * PAGE), "MADV_HWPOISON");
	check(fsync(other) == refused, "fsync of another descriptor");
	need(!fallocate(fd, 0, 64 * PAGE, 64 * PAGE), "fallocate");
	bus = bus_of(sync + 100 * PAGE, STORE);
	check(!bus.code, "a synchronous store to a good page: code %d", bus.code);
	check(sync[100 * PAGE] == 0x5a, "the store");
	check(fsync(fd) == refused, "fsync after a synchronous store");
	check(!fsync(fd), "fsync, again");
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "pages", check_pages },
		{ "pmds", check_pmds },
		{ "late", check_late },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
