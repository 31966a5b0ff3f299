// SPDX-License-Identifier: GPL-2.0
/*
 * Poisoned pages of DAX files, and what else kernel/dax does better than Linux's
 * own fs/dax.c: each case holds for one as for the other what it does.
 *
 * Poison here is PG_hwpoison alone (MADV_HWPOISON: nothing on the media) or a
 * badblock of the kernel's list alone; tests/guest/002-consume has the media's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "dax.h"

#define RW	(PROT_READ | PROT_WRITE)
#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)
#define BAD	5	/* the page that is poisoned */
#define AROUND	16	/* pages that a read fault maps: 64 KiB */

/* MADV_HWPOISON of a page: its caller gets the signal at once. */
static void poison_page(int fd, size_t page)
{
	unsigned char *map = map_file(fd, (page + 1) * PAGE, 1, RW, MAP_SHARED);
	unsigned char *bad = map + page * PAGE;
	struct bus bus;

	load(bad);
	bus = bus_of(bad, POISON);
	check(bus_is(bus, BUS_MCEERR_AR, bad),
	      "MADV_HWPOISON: code %d lsb %d at %p, expected %d, 12, %p",
	      bus.code, bus.lsb, bus.addr, BUS_MCEERR_AR, bad);
	munmap(map, (page + 1) * PAGE);
}

static void check_access(unsigned char *p, enum access access, const char *what)
{
	struct bus bus = bus_of(p, access);

	if (core_is_ours())
		check(bus_is(bus, BUS_MCEERR_AR, p),
		      "%s: code %d lsb %d at %p, expected %d, 12, %p", what,
		      bus.code, bus.lsb, bus.addr, BUS_MCEERR_AR, p);
	else
		check(!bus.code, "%s: code %d, stock maps it", what, bus.code);
}

static void check_fault(void)
{
	int fd = file_known("fault", 64);
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mine = map_file(fd, 64 * PAGE, 1, RW, MAP_PRIVATE);

	poison_page(fd, BAD);
	load_pages(map, BAD);
	load_pages(map + (BAD + 1) * PAGE, 58);
	check_access(map + BAD * PAGE, LOAD, "load");
	check_access(mine + BAD * PAGE, LOAD, "private load");
	check_access(mine + BAD * PAGE, STORE, "private store");
	check_access(map + BAD * PAGE, STORE, "store");
	check_access(map + BAD * PAGE, LOAD, "load, again");
	check_known(map + (BAD + 1) * PAGE, BAD + 1, 58, "pages behind");
	check_known(mine, 0, BAD, "pages in front, private");
}

static void check_read(void)
{
	int fd = file_known("read", 64);
	unsigned char *mem = scratch(64 * PAGE, 0);
	ssize_t n;

	poison_page(fd, BAD);
	n = pread(fd, mem, 64 * PAGE, PAGE + 7);
	if (!core_is_ours()) {
		check(n == 63 * PAGE - 7, "read gave %zd, stock reads it", n);
		return;
	}
	check(n == (BAD - 1) * PAGE - 7, "read in front of poison gave %zd", n);
	check_mem(mem, PAGE - 7, known(1), "what was read");
	n = pread(fd, mem, 100, BAD * PAGE + 20);
	check(n == -1 && errno == EIO, "read of poison gave %zd, errno %d", n,
	      errno);
	check_file(fd, (BAD + 1) * PAGE, PAGE, known(BAD + 1), "page behind");
}

static void check_write(void)
{
	int fd = file_known("write", 64);
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mem = scratch(3 * PAGE, 0x77);
	ssize_t n;

	poison_page(fd, BAD);
	n = pwrite(fd, mem, 100, BAD * PAGE + 10);
	if (core_is_ours())
		check(n == -1 && errno == EIO,
		      "write of part of a page gave %zd, errno %d", n, errno);
	else
		check(n == 100, "write of part of a page gave %zd", n);
	check_access(map + BAD * PAGE, LOAD, "load after a partial write");
	check(pwrite(fd, mem, 3 * PAGE, (BAD - 1) * PAGE) == 3 * PAGE,
	      "write of whole pages");
	check(!bus_of(map + BAD * PAGE, LOAD).code, "load after repair");
	check(!bus_of(map + BAD * PAGE, STORE).code, "store after repair");
	check(map[BAD * PAGE] == 0x5a, "the store");
	check_mem(map + BAD * PAGE + 1, PAGE - 1, 0x77, "the repaired page");
	check_file(fd, BAD * PAGE + 1, PAGE - 1, 0x77, "read after repair");
}

static void check_punch(void)
{
	int fd = file_known("punch", 64);
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);

	poison_page(fd, BAD);
	check(!fallocate(fd, PUNCH, BAD * PAGE, PAGE), "punch");
	check_mem(map + BAD * PAGE, PAGE, 0, "the hole");
	check(!bus_of(map + BAD * PAGE, STORE).code, "store into the hole");
	check_file(fd, BAD * PAGE + 1, PAGE - 1, 0, "the new block");
	check_known(map + (BAD + 1) * PAGE, BAD + 1, 58, "pages behind");
}

/* The poison goes with its file; who gets the block next gets a good one. */
static void check_reuse(void)
{
	int fd = file_known("reuse", 64);

	poison_page(fd, BAD);
	close(fd);
	unlink(dax_path("reuse"));
	sync();
	fd = file_known("reuse", 4096);
	check_file(fd, BAD * PAGE, PAGE, known(BAD), "new file");
	check_known(map_file(fd, 4096 * PAGE, 1, RW, MAP_SHARED), 0, 4096,
		    "new file, mapped");
}

/* Of a PMD with a bad page, 511 pages are good. */
static void check_pmd(void)
{
	int fd = file_known("pmd", PMD / PAGE);
	unsigned char *map = map_file(fd, PMD, 0, RW, MAP_SHARED);
	unsigned int done, back;

	poison_page(fd, BAD);
	trace_start("fs_dax/dax_pmd_fault_done");
	load(map + 100 * PAGE);
	done = trace_count("NOPAGE");
	back = trace_count("FALLBACK");
	trace_stop("fs_dax/dax_pmd_fault_done");
	if (core_is_ours())
		check(!done && back, "%u PMDs with poison were mapped", done);
	check_access(map + BAD * PAGE, LOAD, "load");
	check_known(map, 0, BAD, "pages in front");
	check_known(map + (BAD + 1) * PAGE, BAD + 1, 506, "pages behind");
}

/* Linux's way with marked pages, for who relies on it: they are mapped again. */
static void check_parameter(void)
{
	const char *name = "/sys/module/fsdax/parameters/refuse_poisoned";
	int fd = file_known("parameter", 16), file = open(name, O_RDWR);
	unsigned char *map = map_file(fd, 16 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mem = scratch(PAGE, 0x33);

	check((file >= 0) == core_is_ours(), "the parameter is%s there",
	      file < 0 ? " not" : "");
	poison_page(fd, BAD);
	check_access(map + BAD * PAGE, LOAD, "load");
	if (file < 0)
		return;
	check(pread(fd, mem, PAGE, BAD * PAGE) == -1 && errno == EIO, "read");
	need(write(file, "N", 1) == 1, "write to '%s'", name);
	check(!bus_of(map + BAD * PAGE, LOAD).code, "load, parameter N");
	check(!bus_of(map + BAD * PAGE, STORE).code, "store, parameter N");
	check_file(fd, BAD * PAGE + 1, PAGE - 1, known(BAD), "read, parameter N");
	check(pwrite(fd, "p", 1, BAD * PAGE + 9) == 1, "write, parameter N");
	need(write(file, "Y", 1) == 1, "write to '%s'", name);
	map = map_file(fd, 16 * PAGE, 1, RW, MAP_SHARED);
	check_access(map + BAD * PAGE, LOAD, "load, parameter Y again");
}

/* Soft offline moves a page's data; nobody can move a DAX page's. */
static void check_soft(void)
{
	int fd = file_known("soft", 16);
	unsigned char *map = map_file(fd, 16 * PAGE, 1, RW, MAP_SHARED);

	load(map);
	check(madvise(map, PAGE, MADV_SOFT_OFFLINE) == -1 && errno == EIO,
	      "MADV_SOFT_OFFLINE: errno %d", errno);
	check_known(map, 0, 16, "pages");
}

/* XFS with rmapbt knows all files that share a page. */
static void check_shared(void)
{
	int fd = file_known("shared", 16), copy, up[2], status;
	unsigned char *map;
	sigset_t set;
	siginfo_t info;
	pid_t pid;

	copy = file_new("shared2", 0);
	need(!ioctl(copy, FICLONE, fd) && !pipe(up), "FICLONE");
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		sigemptyset(&set);
		sigaddset(&set, SIGBUS);
		sigprocmask(SIG_BLOCK, &set, NULL);
		prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0);
		alarm(20);
		map = map_file(copy, 16 * PAGE, 1, PROT_READ, MAP_SHARED);
		load(map + BAD * PAGE);
		need(write(up[1], "r", 1) == 1, "pipe");
		check(sigwaitinfo(&set, &info) == SIGBUS &&
		      info.si_code == BUS_MCEERR_AO &&
		      info.si_addr == map + BAD * PAGE,
		      "the clone's process: code %d at %p", info.si_code,
		      info.si_addr);
		_exit(0);
	}
	need(read(up[0], &status, 1) == 1, "pipe");
	poison_page(fd, BAD);
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	check(!status, "the clone's process ended with status %#x", status);
}

static void check_badblock(void)
{
	int want = core_as_ours_since(6, 12) ? BUS_MCEERR_AR : BUS_ADRERR;
	int fd = file_known("badblock", PMD / PAGE);
	unsigned char *map = map_file(fd, PMD, 0, RW, MAP_SHARED), *bad;
	unsigned char *mem = scratch(64 * PAGE, 0x44);
	struct bus bus;
	ssize_t n;

	list_bad(block_of(fd, BAD * PAGE, 0));
	bad = map + BAD * PAGE;
	bus = bus_of(bad, LOAD);
	check(bus_is(bus, want, bad), "load: code %d lsb %d", bus.code, bus.lsb);
	bus = bus_of(bad, STORE);
	check(bus_is(bus, want, bad), "store: code %d lsb %d", bus.code, bus.lsb);
	check_known(map, 0, BAD, "pages in front");
	check_known(map + (BAD + 1) * PAGE, BAD + 1, 506, "pages behind");

	n = pread(fd, mem, 64 * PAGE, 0);
	check(core_is_ours() ? n == BAD * PAGE : n == -1 && errno == EIO,
	      "read across it gave %zd", n);
	n = pread(fd, mem, PAGE, BAD * PAGE);
	check(n == -1 && errno == EIO, "read of it gave %zd", n);
	n = pwrite(fd, mem, 100, BAD * PAGE + 10);
	want = core_is_ours() ? EIO : EFAULT;
	check(n == -1 && errno == want,
	      "write of part of it gave %zd, errno %d, expected %d", n, errno,
	      want);
	memset(mem, 0x44, 64 * PAGE);
	check(pwrite(fd, mem, PAGE, BAD * PAGE) == PAGE, "write of all of it");
	check(!bus_of(bad, LOAD).code, "load after repair");
	check_mem(bad, PAGE, 0x44, "repaired page");
}

/*
 * The driver clears poison of whole pages only (pmem_recovery_write), so a write
 * that begins and ends inside the pages around a bad one has to be taken apart.
 */
static void check_span(void)
{
	int fd = file_known("span", 16);
	unsigned char *mem = scratch(2 * PAGE, 0x66);
	ssize_t n;

	list_bad(block_of(fd, BAD * PAGE, 0));
	n = pread(fd, mem, PAGE, BAD * PAGE);
	check(n == -1 && errno == EIO, "read of it gave %zd", n);
	memset(mem, 0x66, 2 * PAGE);
	n = pwrite(fd, mem, 2 * PAGE, BAD * PAGE - 100);
	check(n == 2 * PAGE, "write across it gave %zd", n);
	check_file(fd, BAD * PAGE - 100, 2 * PAGE, 0x66, "what was written");
	check_file(fd, (BAD - 1) * PAGE, PAGE - 100, known(BAD - 1), "in front");
	check_file(fd, (BAD + 2) * PAGE - 100, 100, known(BAD + 1), "behind");
}

/* A page that is lost cannot be made durable: said once, and the rest is. */
static void check_msync(void)
{
	int fd = file_known("msync", 64), want = core_is_ours() ? -1 : 0;
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned int n;
	int ret;

	map[(BAD - 1) * PAGE] = map[BAD * PAGE] = map[(BAD + 1) * PAGE] = 1;
	poison_page(fd, BAD);
	trace_start("fs_dax/dax_writeback_one");
	ret = msync(map, 64 * PAGE, MS_SYNC);
	check(ret == want && (!ret || errno == EIO),
	      "msync gave %d, errno %d, expected %d", ret, errno, want);
	n = trace_count("dax_writeback_one");
	trace_stop("fs_dax/dax_writeback_one");
	check(n == 3, "msync went over %u entries of 3", n);
	check(!msync(map, 64 * PAGE, MS_SYNC), "msync, again: errno %d", errno);
}

/*
 * Poison that nobody knows of, met by the kernel's copy for a private store: the
 * copy survives the machine check.  Stock's does not, nor does the kernel.
 */
static void check_copy(void)
{
	int fd = file_known("copy", 16);
	unsigned char *mine = map_file(fd, 16 * PAGE, 1, RW, MAP_PRIVATE);
	unsigned char *bad = mine + BAD * PAGE;
	char command[512];
	struct bus bus;

	snprintf(command, sizeof(command),
		 "poisonctl inject -m dsm-latent -o %lu '%s' >/run/inject.out 2>&1",
		 BAD * PAGE, dax_path("copy"));
	errno = 0;
	need(!system(command), "%s", command);
	bus = bus_of(bad, STORE);
	check(bus_is(bus, BUS_MCEERR_AR, bad),
	      "store: code %d lsb %d at %p, expected %d, 12, %p", bus.code,
	      bus.lsb, bus.addr, BUS_MCEERR_AR, bad);
	check(!bus_of(bad - PAGE, STORE).code, "store to the page in front");
	check(!bus_of(bad + PAGE, STORE).code, "store to the page behind");
	snprintf(command, sizeof(command),
		 "poisonctl clear '%s' >/run/clear.out 2>&1", dax_path("copy"));
	need(!system(command), "%s", command);
	check(!bus_of(bad, STORE).code, "store after repair");
}

static void check_hole_buffer(void)
{
	int fd = file_new("hole-buffer", 4 * PAGE), want = core_is_ours() ? -1 : 0;
	ssize_t n = pread(fd, map_place(PAGE, 0), PAGE, 0);

	check(n == want && (!n || errno == EFAULT),
	      "read of a hole into nothing gave %zd, errno %d, expected %d", n,
	      errno, want);
}

/*
 * Fault-around: one fault for 16 pages, and no page beside the extent.  Where that
 * begins within the 16, it is mapped from the page that faulted on.
 */
static void check_around(void)
{
	int fd = file_known("around", 256);
	unsigned char *map = map_file(fd, 256 * PAGE, 16, PROT_READ, MAP_SHARED);
	unsigned long n = faults(), want = 256;

	load_pages(map, 256);
	n = faults() - n;
	if (core_is_ours())
		want /= AROUND;
	check(n >= want && n < want + 8, "%lu faults for 256 pages, expected %lu",
	      n, want);

	need(!fallocate(fd, PUNCH, 20 * PAGE, PAGE), "punch");
	poison_page(fd, 25);
	map = map_file(fd, 30 * PAGE, 16, PROT_READ, MAP_SHARED);
	/* since Linux 6.15 a punch leaves no entry, and a page beside none comes alone */
	load(map + 21 * PAGE);
	load(map + 22 * PAGE);
	for (n = 0; n < 30; n++) {
		bool inside = n == 21 || n == 22 ||
			(core_is_ours() && n > 22 && n != 25);

		check(page_present(map + n * PAGE) == inside,
		      "after faults of pages 21 and 22, page %lu is%s mapped", n,
		      inside ? " not" : "");
	}
}

/* Extents in front cost one question; a badblock, what is behind it. */
static void check_fragments(void)
{
	unsigned int most = core_is_ours() ? 2 : 1, n;
	int fd = file_known("fragments", 64);
	unsigned char *map = map_file(fd, 64 * PAGE, 16, PROT_READ, MAP_SHARED);
	unsigned char *mem = scratch(PAGE, 1);
	size_t page;

	for (page = 1; page < 16; page += 2)
		need(!fallocate(fd, PUNCH, page * PAGE, PAGE), "punch");
	trace_start("iomap/iomap_iter_dstmap");
	load(map + 14 * PAGE);
	n = trace_count("iomap_iter_dstmap:");
	trace_stop("iomap/iomap_iter_dstmap");
	check(n >= 1 && n <= most, "%u questions for one page, expected %u", n,
	      most);
	list_bad(block_of(fd, 41 * PAGE, 0));
	load(map + 35 * PAGE);
	load(map + 36 * PAGE);
	for (page = 32; page < 48; page++)
		check(page_present(map + page * PAGE) ==
		      (page == 35 || page == 36 || (core_is_ours() && page < 41)),
		      "beside a badblock: page %zu", page);
	need(pwrite(fd, mem, PAGE, 41 * PAGE) == PAGE, "repair");
}

/* Reading makes nothing dirty, but on Linux 6.1: fsync has nothing to write. */
static void check_clean(void)
{
	int fd = file_known("clean", 256);
	unsigned char *map = map_file(fd, 256 * PAGE, 1, PROT_READ, MAP_SHARED);
	unsigned int n, want = core_as_ours_since(6, 12) ? 0 : 256;

	check(!fsync(fd), "fsync");
	trace_start("fs_dax/dax_writeback_one");
	load_pages(map, 256);
	check(!fsync(fd), "fsync");
	n = trace_count("dax_writeback_one");
	trace_stop("fs_dax/dax_writeback_one");
	check(n == want, "fsync wrote %u entries after 256 reads, expected %u", n,
	      want);
}

/* Tracepoints of ours: locks that pair, the page lock, refused faults, repair. */
static void check_trace(void)
{
	int fd = file_known("trace", 16), has;
	unsigned char *map = map_file(fd, 16 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mem = scratch(PAGE, 1);
	unsigned int locks, unlocks;

	has = !access("/sys/kernel/tracing/events/dax_core", F_OK);
	check(has == core_is_ours(), "the events are%s there", has ? "" : " not");
	if (!has)
		return;
	trace_start("dax_core");
	map[0] = map[PAGE] = 1;
	poison_page(fd, BAD);
	bus_of(map + BAD * PAGE, LOAD);
	need(pwrite(fd, mem, PAGE, BAD * PAGE) == PAGE, "write");
	locks = trace_count("dax_entry_lock:");
	unlocks = trace_count("dax_entry_unlock:");
	trace_stop("dax_core");
	check(locks >= 3 && locks == unlocks, "%u locks, %u unlocks", locks,
	      unlocks);
	check(trace_count("dax_fault_poisoned:") == 1, "%u refused faults of 1",
	      trace_count("dax_fault_poisoned:"));
	check(trace_count("dax_poison_repaired:") == 1, "%u repairs of 1",
	      trace_count("dax_poison_repaired:"));
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "around", check_around },
		{ "badblock", check_badblock },
		{ "clean", check_clean },
		{ "copy", check_copy },
		{ "fault", check_fault },
		{ "fragments", check_fragments },
		{ "hole-buffer", check_hole_buffer },
		{ "msync", check_msync },
		{ "parameter", check_parameter },
		{ "pmd", check_pmd },
		{ "punch", check_punch },
		{ "read", check_read },
		{ "reuse", check_reuse },
		{ "shared", check_shared },
		{ "soft", check_soft },
		{ "span", check_span },
		{ "trace", check_trace },
		{ "write", check_write },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
