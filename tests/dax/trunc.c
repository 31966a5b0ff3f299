// SPDX-License-Identifier: GPL-2.0
/*
 * Truncation and hole punching against pages that are mapped, or pinned because
 * a transfer is under way: the blocks must not go to another file before.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "dax.h"

#define RW	(PROT_READ | PROT_WRITE)
#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

/* A disk that is not DAX, whose transfers refer to the pages of the buffer. */
#define DISK	"/dev/pmem1"

static void nap(void)
{
	struct timespec t = { .tv_nsec = 5000000 };

	nanosleep(&t, NULL);
}

/* The state of a process in /proc/PID/stat, 0 if there is none. */
static char state_of(pid_t pid)
{
	char path[64], line[256] = "", *paren;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	paren = strrchr(line, ')');
	return paren && paren[1] ? paren[2] : 0;
}

static void check_truncate_mapped(size_t colour)
{
	int fd = file_known("trmap", 2 * PMD / PAGE);
	unsigned char *map = map_file(fd, 2 * PMD, colour, RW, MAP_SHARED);
	struct bus bus;
	size_t i;

	for (i = 0; i < 2 * PMD; i += PAGE)
		map[i + 1] = 0x66;
	check(!ftruncate(fd, PMD - 3 * PAGE + 5), "truncate");
	bus = bus_of(map + PMD, LOAD);
	check(bus_is(bus, BUS_ADRERR, map + PMD), "load of a PMD that was cut "
	      "off: code %d", bus.code);
	bus = bus_of(map + PMD - 2 * PAGE, STORE);
	check(bus_is(bus, BUS_ADRERR, map + PMD - 2 * PAGE),
	      "store to a page that was cut off: code %d", bus.code);
	check(map[PMD - 3 * PAGE + 1] == 0x66, "the page of the new end");
	check_mem(map + PMD - 3 * PAGE + 5, PAGE - 5, 0, "behind the new end");
	check(!ftruncate(fd, 2 * PMD), "truncate");
	check_mem(map + PMD - 2 * PAGE, PMD, 0, "grown again");
	check(map[PAGE + 1] == 0x66 && map[PAGE] == known(1), "in front");
}

static void check_truncate_pte(void)
{
	check_truncate_mapped(1);
}

static void check_truncate_pmd(void)
{
	check_truncate_mapped(0);
}

static void check_punch_mapped(size_t colour)
{
	int fd = file_known("pumap", 2 * PMD / PAGE);
	unsigned char *map = map_file(fd, 2 * PMD, colour, RW, MAP_SHARED);
	size_t from = 10 * PAGE + 100, to = PMD + 20 * PAGE + 200, i;

	for (i = 0; i < 2 * PMD; i += PAGE)
		load(map + i);
	map[11 * PAGE] = map[PMD] = 0x66;
	check(!fallocate(fd, PUNCH, from, to - from), "punch");
	check_known(map, 0, 10, "in front of the hole");
	check_mem(map + 10 * PAGE, 100, known(10), "bytes in front of the hole");
	check_mem(map + from, to - from, 0, "the hole");
	check_mem(map + to, PAGE - 200, known(PMD / PAGE + 20),
		  "bytes behind the hole");
	check_known(map + PMD + 21 * PAGE, PMD / PAGE + 21, 100,
		    "behind the hole");
	map[PMD] = 0x67;
	check_file(fd, PMD, 1, 0x67, "store into the hole");
	check_file(fd, PMD + 1, PAGE, 0, "the hole around it");
}

static void check_punch_pte(void)
{
	check_punch_mapped(1);
}

static void check_punch_pmd(void)
{
	check_punch_mapped(0);
}

/* Blocks of a hole that was punched, or a file that was cut, are free again. */
static void check_reuse(void)
{
	int fd = file_known("reuse", 64), other;
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);

	load_pages(map, 64);
	need(!fallocate(fd, PUNCH, 0, 64 * PAGE), "punch");
	other = file_known("reuse2", 256);
	check_mem(map, 64 * PAGE, 0, "the hole shows another file");
	memset(map, 0x15, 64 * PAGE);
	map = map_file(other, 256 * PAGE, 1, RW, MAP_SHARED);
	check_known(map, 0, 256, "another file's data");
}

/* What a child is to do while a page is pinned. */
typedef int (*change_fn)(int fd);

static int cut(int fd)
{
	return ftruncate(fd, 0);
}

static int punch(int fd)
{
	return fallocate(fd, PUNCH, PAGE, 4 * PAGE);
}

static pid_t start(change_fn change, int fd, const int *pipe_fd)
{
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pipe_fd[0]);
		close(pipe_fd[1]);
		_exit(change(fd) ? errno : 0);
	}
	return pid;
}

/* A page of the pipe is a page of the file from here on. */
static void pin(int *pipe_fd, unsigned char *page)
{
	struct iovec from = { page, PAGE };

	load(page);
	need(!pipe(pipe_fd), "pipe");
	need(vmsplice(pipe_fd[1], &from, 1, 0) == PAGE, "vmsplice");
}

/*
 * Who cuts off a pinned page waits until the pipe has been read. Asleep and not
 * ended a while later is what waiting is.
 */
static void check_waits(change_fn change, int fd, int *pipe_fd, size_t page,
		bool waits)
{
	unsigned char *mem = scratch(PAGE, 0);
	pid_t pid = start(change, fd, pipe_fd), ended = 0;
	int status, turns;

	for (turns = 0; turns < 2000 && !ended && state_of(pid) != 'S'; turns++) {
		nap();
		ended = waitpid(pid, &status, WNOHANG);
	}
	for (turns = 0; turns < 40 && !ended; turns++) {
		nap();
		ended = waitpid(pid, &status, WNOHANG);
	}
	check(!ended == waits, "it %s", ended ?
	      "did not wait for a page that is pinned" : "waits");
	check(read(pipe_fd[0], mem, PAGE) == PAGE, "read of the pipe");
	check_mem(mem, PAGE, known(page), "the pinned page");
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	for (turns = 0; turns < 2000 && !ended; turns++) {
		nap();
		ended = waitpid(pid, &status, WNOHANG);
	}
	if (!ended)
		kill(pid, SIGKILL);
	check(ended == pid, "it still waits 10 s after the page was let go");
	check(WIFEXITED(status) && !WEXITSTATUS(status),
	      "it ended with status %#x", status);
}

static void check_pinned(const char *name, change_fn change, bool mapped,
		bool waits)
{
	int fd = file_known(name, 16), pipe_fd[2];
	unsigned char *map = map_file(fd, 16 * PAGE, 1, RW, MAP_SHARED);

	pin(pipe_fd, map + 2 * PAGE);
	if (!mapped)
		munmap(map, 16 * PAGE);
	check_waits(change, fd, pipe_fd, 2, waits);
}

static void check_cut_pinned(void)
{
	check_pinned("pin-cut", cut, true, true);
}

/* Linux 6.1 looks only at files that are mapped (dax_layout_busy_page_range). */
static void check_cut_unmapped(void)
{
	check_pinned("pin-unmapped", cut, false, core_is_ours());
}

static void check_punch_pinned(void)
{
	check_pinned("pin-punch", punch, true, true);
}

/* A file of one PMD, mapped as that; its pages are a clone's as well. */
static unsigned char *shared_pmd(int *fd)
{
	int source = file_known("pmd-source", PMD / PAGE);
	unsigned char *big;

	*fd = clone_of(source, "pmd-clone");
	big = map_file(*fd, PMD, 0, RW, MAP_SHARED);
	load(big);
	return big;
}

static int punch_pin(int fd)
{
	return fallocate(fd, PUNCH, 7 * PAGE, PAGE);
}

static int write_part(int fd)
{
	return pwrite(fd, "w", 1, 5 * PAGE + 9) != 1;
}

static int punch_part(int fd)
{
	return fallocate(fd, PUNCH, 5 * PAGE, PAGE);
}

/*
 * Page 7 of a PMD is pinned, page 5 gets another block: the pin is not forgotten.
 * Linux 6.1 overwrites the PMD's entry, the only thing that leads to it, and panics.
 */
static void check_give_store(void)
{
	int fd, pipe_fd[2];
	unsigned char *big = shared_pmd(&fd);
	unsigned char *small = map_file(fd, PMD, 1, RW, MAP_SHARED);

	pin(pipe_fd, big + 7 * PAGE);
	/* by PTE: a PMD would be copied as a whole */
	small[5 * PAGE] = 0x77;
	check_waits(punch_pin, fd, pipe_fd, 7, true);
}

/* Linux 6.1 does not notice, and keeps the entry. */
static void check_give_write(void)
{
	int fd, pipe_fd[2];
	unsigned char *big = shared_pmd(&fd);

	pin(pipe_fd, big + 7 * PAGE);
	need(!write_part(fd), "write");
	check_waits(punch_pin, fd, pipe_fd, 7, true);
}

static void on_told(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	_exit(info->si_code == BUS_MCEERR_AR && info->si_addr_lsb == 12 ? 0 : 2);
}

/*
 * A process that has page 9 of a PMD mapped by itself is told of poison in it
 * after page 5 gave way.  Who has it mapped no longer has to fault it first, which
 * would be no test: nothing is loaded behind the change.
 */
static void check_told(int fd, change_fn change, bool told)
{
	struct sigaction action = { .sa_sigaction = on_told,
				    .sa_flags = SA_SIGINFO };
	unsigned char *big, *small;
	int status;
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (!pid) {
		sigaction(SIGBUS, &action, NULL);
		big = map_file(fd, PMD, 0, RW, MAP_SHARED);
		small = map_file(fd, PMD, 1, RW, MAP_SHARED);
		load(big);
		load(small + 9 * PAGE);
		need(!change(fd), "change");
		errno = 0;
		madvise(small + 9 * PAGE, PAGE, MADV_HWPOISON);
		fprintf(stderr, "no signal, errno %d\n", errno);
		_exit(3);
	}
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	big = scratch(PAGE, known(9));
	need(pwrite(fd, big, PAGE, 9 * PAGE) == PAGE, "repair");
	check(!status == told, "it ended with status %#x", status);
}

/* To punch unmaps all of the file (dax_layout_busy_page). */
static void check_told_punch(void)
{
	check_told(file_known("told-punch", PMD / PAGE), punch_part, true);
}

static void check_told_write(void)
{
	int fd;

	shared_pmd(&fd);
	check_told(fd, write_part, core_is_ours());
}

/*
 * A PMD that was stored to is cut in the middle: what is left is still written by
 * fsync.  Linux 6.1 forgets that it is dirty (__dax_invalidate_entry).  ext4: XFS
 * writes the page of the new end first (xfs_setattr_size), and the PMD with it.
 */
static void check_cut_dirty(void)
{
	int fd = file_known("cut-dirty", PMD / PAGE);
	unsigned char *big = map_file(fd, PMD, 0, RW, MAP_SHARED);
	unsigned int written;

	big[3 * PAGE] = 0x33;
	trace_start("fs_dax/dax_writeback_one");
	need(!ftruncate(fd, PMD / 2), "ftruncate");
	check(!fsync(fd), "fsync");
	written = trace_count("dax_writeback_one");
	trace_stop("fs_dax/dax_writeback_one");
	check(!!written == core_is_ours(), "fsync wrote %u entries", written);
	check_file(fd, 3 * PAGE, 1, 0x33, "what was stored");
	check_mem(big + 4 * PAGE, PAGE, known(4), "a page that was left");
}

/*
 * Transfers between a DAX buffer and a disk that is not DAX, while the buffer's
 * file is cut and grown again: each is whole or EFAULT, and writes to the disk
 * only what the buffer may hold.
 */
static void check_direct(void)
{
	int fd = file_known("direct", 64), disk, status, i, whole = 0;
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mem = scratch(16 * PAGE, 0xd1);
	struct timespec stop, now;
	ssize_t n;
	pid_t pid;

	disk = open(DISK, O_RDWR | O_DIRECT);
	need(disk >= 0, "open '" DISK "'");
	need(pwrite(disk, mem, 16 * PAGE, 0) == 16 * PAGE, "write the disk");
	check(pread(disk, map, 16 * PAGE, 0) == 16 * PAGE, "read into a file");
	check_file(fd, 0, 16 * PAGE, 0xd1, "what was read into the file");
	check(pwrite(disk, map + 32 * PAGE, 16 * PAGE, MIB) == 16 * PAGE,
	      "write from a file");
	need(pread(disk, mem, 16 * PAGE, MIB) == 16 * PAGE, "read the disk");
	check_known(mem, 32, 16, "what was written from the file");

	pid = fork();
	need(pid >= 0, "fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!pid) {
		if (ftruncate(fd, 4 * PAGE) || ftruncate(fd, 64 * PAGE) ||
		    fallocate(fd, PUNCH, 2 * PAGE, 9 * PAGE))
			_exit(1);
		sched_yield();
	}
	clock_gettime(CLOCK_MONOTONIC, &stop);
	for (i = 0; i < 2000 || !whole; i++) {
		n = pread(disk, map, 16 * PAGE, 0);
		check(n > 0 || (n == -1 && errno == EFAULT),
		      "read into a file that is cut gave %zd", n);
		whole += n == 16 * PAGE;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - stop.tv_sec > (whole ? 2 : 60))
			break;
	}
	kill(pid, SIGKILL);
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	check(!WIFEXITED(status), "truncation failed on the way");
	check(whole, "no transfer of %d came through", i);
	need(!ftruncate(fd, 64 * PAGE), "ftruncate");
	for (i = 0; i < 64; i++)
		check(map[i * PAGE] == 0 || map[i * PAGE] == 0xd1 ||
		      map[i * PAGE] == known(i), "page %d holds %#x", i,
		      map[i * PAGE]);
}

/* An open file without a name keeps its blocks until it is closed. */
static void check_unlinked(void)
{
	int fd = file_known("unlinked", 64), other;
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);

	unlink(dax_path("unlinked"));
	map[3 * PAGE] = 9;
	close(fd);
	other = file_known("other", 64);
	check(map[3 * PAGE] == 9, "a store to a file without a name is lost");
	check_known(map + 4 * PAGE, 4, 60, "a file without a name");
	munmap(map, 64 * PAGE);
	check_file(other, 3 * PAGE, PAGE, known(3), "the other file");
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "cut-dirty", check_cut_dirty },
		{ "cut-pinned", check_cut_pinned },
		{ "cut-unmapped", check_cut_unmapped },
		{ "direct", check_direct },
		{ "give-store", check_give_store },
		{ "give-write", check_give_write },
		{ "punch-pinned", check_punch_pinned },
		{ "punch-pmd", check_punch_pmd },
		{ "punch-pte", check_punch_pte },
		{ "reuse", check_reuse },
		{ "told-punch", check_told_punch },
		{ "told-write", check_told_write },
		{ "truncate-pmd", check_truncate_pmd },
		{ "truncate-pte", check_truncate_pte },
		{ "unlinked", check_unlinked },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
