/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest test of poisoned system RAM: kinds of memory, and who consumes it
 *
 * The outcomes are those of Linux 6.1.  Unless said otherwise the page is mapped
 * dirty, so that hwpoison_user_mappings() (mm/memory-failure.c) unmaps it and
 * kill_procs() kills: kill_proc() sends BUS_MCEERR_AR to current, by
 * kill_me_maybe() (arch/x86/kernel/cpu/mce/core.c), and lsb is the size of the
 * mapping.  What is left in the page table is an entry that do_swap_page()
 * (mm/memory.c) answers with VM_FAULT_HWPOISON, BUS_MCEERR_AR again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ras.h"

#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

/* Poison, consume, look at the pages around and once more at this one. */
static void consume(char *page)
{
	unsigned long pfn = ras_inject(page + BAD, false);

	say_load("beside", page + BAD - 1, page);
	say_load("load", page + BAD, page);
	say_recovery(pfn);
	say_load("next page", page + PAGE, page + PAGE);
	say_load("again", page + BAD, page);
}

static void anonymous(void)
{
	consume(ras_map(2 * PAGE, RW, ANON, -1));
}

static void locked(void)
{
	char *p = ras_map(2 * PAGE, RW, ANON | MAP_LOCKED, -1);

	consume(p);
}

static void shared(void)
{
	consume(ras_map(2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1));
}

/* Is the page part of a transparent huge page?  /proc/kpageflags, bit 22. */
static bool is_thp(const char *p)
{
	uint64_t flags = 0;
	int fd = open("/proc/kpageflags", O_RDONLY);

	if (fd < 0 || pread(fd, &flags, sizeof(flags),
			    ras_pfn(p) * sizeof(flags)) != sizeof(flags))
		broken("/proc/kpageflags");
	close(fd);
	return flags >> 22 & 1;
}

static void thp(void)
{
	char *p = mmap(NULL, 2 * PMD, RW, ANON, -1, 0);
	char *huge = (char *)(((uintptr_t)p + PMD - 1) & -PMD);

	if (p == MAP_FAILED || madvise(huge, PMD, MADV_HUGEPAGE))
		broken("huge page");
	memset(huge, BYTE, PMD);
	errno = ENOMEM;
	if (!is_thp(huge))
		broken("no transparent huge page");
	consume(huge + 5 * PAGE);
	say_load("last page", huge + PMD - 1, huge + PMD - PAGE);
}

static void hugetlb(void)
{
	char *p = ras_map(2 * PMD, RW, ANON | MAP_HUGETLB, -1);
	unsigned long pfn = ras_inject(p + 5 * PAGE + BAD, false);

	say_load("load", p + 5 * PAGE + BAD, p);
	say_recovery(pfn);
	say_load("same huge page", p + PMD - 1, p);
	say_load("next huge page", p + PMD, p + PMD);
}

static void file_clean(void)
{
	int fd = ras_file();
	char *p = ras_map(PAGE, PROT_READ, MAP_SHARED, fd), was[PAGE];
	unsigned long pfn;

	say_load("before", p, p);
	pfn = ras_inject(p + BAD, false);
	say_load("load", p + BAD, p);
	say_recovery(pfn);
	say("%s frame", ras_pfn(p) == pfn ? "same" : "another");
	say_call("read", pread(fd, was, PAGE, 0));
	say_call("fsync", fsync(fd));
}

static void file_dirty(void)
{
	int fd = ras_file();
	char *p = ras_map(PAGE, RW, MAP_SHARED, fd), was[PAGE];
	unsigned long pfn;

	p[0] = BYTE + 1;
	pfn = ras_inject(p + BAD, false);
	say_load("load", p + BAD, p);
	say_recovery(pfn);
	say_call("fsync", fsync(fd));
	say_call("fsync again", fsync(fd));
	say_call("read", pread(fd, was, PAGE, 0));
	say("%s", was[0] == BYTE ? "what was on disk" : "wrong data");
}

static void copy_in(void)
{
	char *p = ras_map(PAGE, RW, ANON, -1);
	unsigned long pfn;
	int fds[2];

	if (pipe(fds))
		broken("pipe");
	pfn = ras_inject(p, false);
	say_call("write", write(fds[1], p, PAGE));
	say_recovery(pfn);
	say("%s", any_signal() ? "a signal" : "no signal");
	say_load("load", p, p);
}

static void copy_in_part(void)
{
	int fd = ras_file();
	char *p = ras_map(PAGE, RW, ANON, -1);

	ras_inject(p + BAD, false);
	say_call("write of the part before", pwrite(fd, p, BAD, 0));
	say_call("write", pwrite(fd, p + BAD, BAD, 0));
	say_load("load", p + BAD, p);
}

static void futex(void)
{
	char *p = ras_map(PAGE, RW, ANON, -1);
	unsigned long pfn = ras_inject(p + BAD, false);

	say_call("wait", syscall(SYS_futex, p + BAD, FUTEX_WAIT, 0, NULL, NULL,
				 0));
	say_recovery(pfn);
	say("%s", any_signal() ? "a signal" : "no signal");
	say_load("load", p + BAD, p);
}

static void call(void *fn)
{
	((void (*)(void))fn)();
}

static void fetch(void)
{
	char *p = ras_map(PAGE, RW | PROT_EXEC, ANON, -1);

	p[BAD] = p[BAD + 64] = (char)0xc3;		/* ret */
	call(p + BAD);
	ras_inject(p + BAD, false);
	call(p + BAD + 64);
	say("another line: runs");
	if (guarded("run", call, p + BAD, p))
		say("run: runs");
}

static void store_byte(void *p)
{
	*(volatile char *)p = BYTE;
}

static void copy_on_write(void)
{
	char *p = ras_map(2 * PAGE, RW, ANON, -1);
	unsigned long pfn = ras_inject(p + BAD, false);
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (guarded("child's store", store_byte, p, p))
			say("child's store: done");
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		broken("child");
	say_recovery(pfn);
	say_load("parent's load", p + BAD, p);
	say_load("next page", p + PAGE, p + PAGE);
}

/*
 * The kernel copies from the page cache to the user's memory: no fixup of
 * error_context() (mce/severity.c) is for the source, "Data load in unrecoverable
 * area of kernel".
 */
static void copy_out(void)
{
	int fd = ras_file();
	char *p = ras_map(PAGE, PROT_READ, MAP_SHARED, fd), buf[PAGE];

	say_load("before", p, p);
	ras_inject(p + BAD, false);
	say_call("read of the part before", pread(fd, buf, BAD, 0));
	puts("the next read is fatal");
	fflush(stdout);
	say_call("read", pread(fd, buf, PAGE, 0));
}

const struct ras_case ras_fatal[] = {
	{ "copyout", "copy to user, of a clean page of a file", copy_out, "a panic" },
	{ 0 }
};

#define ONE_PAGE	"beside: good; load: BUS_MCEERR_AR lsb 12; " \
			"Recovered; next page: good; again: BUS_MCEERR_AR lsb 12"

const struct ras_case ras_memory[] = {
	{ "anonymous", "anonymous page", anonymous, ONE_PAGE },
	{ "mlocked", "mlocked page", locked, ONE_PAGE },
	/* __do_fault() finds the page that me_pagecache_clean() left in shmem */
	{ "shared", "shared anonymous page", shared, ONE_PAGE },
	/* try_to_split_thp_page(): one of 512 pages is lost */
	{ "thp", "transparent huge page", thp, ONE_PAGE "; last page: good" },
	/* hugetlb is not split: try_memory_failure_hugetlb(), hugetlb_fault() */
	{ "hugetlb", "hugetlb page", hugetlb, "load: BUS_MCEERR_AR lsb 21; Recovered; "
		"same huge page: BUS_MCEERR_AR lsb 21; next huge page: good" },
	/* "corrupted page was clean: dropped without side effects" */
	{ "file-clean", "clean page of a file", file_clean, "before: good; load: good; "
		"Recovered; another frame; read: 4096; fsync: 0" },
	/* me_pagecache_dirty(): mapping_set_error(mapping, -EIO), truncated */
	{ "file-dirty", "dirty page of a file", file_dirty, "load: BUS_MCEERR_AR lsb 12; "
		"Recovered; fsync: EIO; fsync again: 0; read: 4096; what was on disk" },
	/* is_copy_from_user() (mce/severity.c), kill_me_never(): no signal */
	{ "copyin-pipe", "copy from user, by write(2) to a pipe", copy_in,
		"write: EFAULT; Recovered; no signal; load: BUS_MCEERR_AR lsb 12" },
	{ "copyin-file", "copy from user, by write(2) to a file", copy_in_part,
		"write of the part before: 1024; write: EFAULT; "
		"load: BUS_MCEERR_AR lsb 12" },
	/* futex_wait_setup(): get_user() twice, of one page */
	{ "futex", "futex(2), FUTEX_WAIT", futex,
		"wait: EFAULT; Recovered; no signal; load: BUS_MCEERR_AR lsb 12" },
	{ "fetch", "instruction fetch", fetch,
		"another line: runs; run: BUS_MCEERR_AR lsb 12" },
	/* copy_mc_user_highpage() fails: wp_page_copy() is VM_FAULT_HWPOISON */
	{ "cow", "copy on write", copy_on_write, "child's store: BUS_MCEERR_AR lsb 12; "
		"Recovered; parent's load: BUS_MCEERR_AR lsb 12; next page: good" },
	{ 0 }
};
