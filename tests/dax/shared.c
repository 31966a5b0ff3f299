// SPDX-License-Identifier: GPL-2.0
/*
 * Poison in pages that several files share, on a filesystem that cannot say which
 * those are (XFS, reflink=1, rmapbt=0): who is told is the DAX core's to find out.
 *
 * kill_proc() (mm/memory-failure.c) signals BUS_MCEERR_AR to the thread that met
 * the poison and BUS_MCEERR_AO to processes that asked for early kill.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "dax.h"

#define PAGES	16
#define BAD	5
#define ROUNDS	4000
#define HARD	"/sys/devices/system/memory/hard_offline_page"

/* A process that has the page of a file and waits to be told of it. */
static pid_t bystander(int fd)
{
	unsigned char *map;
	siginfo_t info;
	sigset_t set;
	int up[2];
	pid_t pid;
	char c;

	need(!pipe(up), "pipe");
	pid = fork();
	need(pid >= 0, "fork");
	if (pid) {
		close(up[1]);
		need(read(up[0], &c, 1) == 1, "pipe");
		close(up[0]);
		return pid;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGBUS);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0);
	alarm(60);
	map = map_file(fd, PAGES * PAGE, 1, PROT_READ, MAP_SHARED);
	load(map + BAD * PAGE);
	need(write(up[1], "r", 1) == 1, "pipe");
	check(sigwaitinfo(&set, &info) == SIGBUS &&
	      info.si_code == BUS_MCEERR_AO && info.si_addr_lsb == 12 &&
	      info.si_addr == map + BAD * PAGE,
	      "bystander: code %d lsb %d at %p", info.si_code,
	      info.si_addr_lsb, info.si_addr);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	check(bus_of(map + BAD * PAGE, LOAD).code == BUS_MCEERR_AR,
	      "the page was handed out again");
	_exit(0);
}

static void check_told(pid_t pid, const char *who)
{
	int status;

	need(waitpid(pid, &status, 0) == pid, "waitpid");
	check(!status, "%s ended with status %#x", who, status);
}

/* The page fails through @fd: its process is told at once. */
static void meet(int fd, enum access how)
{
	unsigned char *map = map_file(fd, PAGES * PAGE, 1, PROT_READ, MAP_SHARED);
	unsigned char *bad = map + BAD * PAGE;
	struct bus bus;

	if (how == POISON)
		load(bad);
	bus = bus_of(bad, how);
	check(bus_is(bus, BUS_MCEERR_AR, bad),
	      "code %d lsb %d at %p, expected %d, 12, %p", bus.code, bus.lsb,
	      bus.addr, BUS_MCEERR_AR, bad);
}

/* Two files; the second one is no owner, and its process meets the poison. */
static void check_second(void)
{
	int fd = file_known("second", PAGES), copy = clone_of(fd, "second2");
	pid_t pid = bystander(fd);

	meet(copy, POISON);
	check_told(pid, "the owner's process");
}

static void check_owner(void)
{
	int fd = file_known("owner", PAGES), copy = clone_of(fd, "owner2");
	unsigned char *map = map_file(fd, PAGES * PAGE, 1, PROT_READ, MAP_SHARED);
	pid_t pid;

	load(map + BAD * PAGE);
	pid = bystander(copy);
	meet(fd, POISON);
	check_told(pid, "the clone's process");
}

static void check_three(void)
{
	int fd = file_known("three", PAGES);
	int second = clone_of(fd, "three2"), third = clone_of(fd, "three3");
	pid_t one, two;

	/* all clones are there by now: to clone unmaps the source */
	one = bystander(fd);
	two = bystander(second);
	meet(third, POISON);
	check_told(one, "the first file's process");
	check_told(two, "the second file's process");
}

/* The file that had the page first is gone. */
static void check_alone(void)
{
	int fd = file_known("alone", PAGES), copy = clone_of(fd, "alone2");
	unsigned char *map = map_file(fd, PAGES * PAGE, 1, PROT_READ, MAP_SHARED);
	unsigned char *other = map_file(copy, PAGES * PAGE, 1, PROT_READ, MAP_SHARED);

	load(map + BAD * PAGE);
	load(other + BAD * PAGE);
	munmap(map, PAGES * PAGE);
	need(!ftruncate(fd, 0), "ftruncate");
	meet(copy, POISON);
}

static uint64_t address_of(const void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t word;

	need(fd >= 0 && pread(fd, &word, 8, (uintptr_t)p / PAGE * 8) == 8 &&
	     word >> 63, "pagemap");
	close(fd);
	return (word & ((1ULL << 55) - 1)) * PAGE;
}

/* Nobody meets it: the kernel is told of a page frame. */
static void check_hard(void)
{
	int fd = file_known("hard", PAGES), copy = clone_of(fd, "hard2");
	unsigned char *map = map_file(fd, PAGES * PAGE, 1, PROT_READ, MAP_SHARED);
	pid_t one = bystander(fd), two = bystander(copy);
	FILE *f = fopen(HARD, "w");
	uint64_t address;

	load(map + BAD * PAGE);
	address = address_of(map + BAD * PAGE);
	munmap(map, PAGES * PAGE);
	need(f && fprintf(f, "%#llx\n", (unsigned long long)address) > 0, HARD);
	check(!fclose(f), "hard_offline_page: errno %d", errno);
	check_told(one, "the owner's process");
	check_told(two, "the clone's process");
}

/* Poison on the media that nobody knew, met through the clone. */
static void check_latent(void)
{
	int fd = file_known("latent", PAGES), copy = clone_of(fd, "latent2");
	unsigned char *map = map_file(copy, PAGES * PAGE, 1, PROT_READ, MAP_SHARED);
	pid_t pid = bystander(fd);
	char command[512];

	snprintf(command, sizeof(command),
		 "poisonctl inject %s -o %lu -m dsm-latent --shared >/run/inject.out 2>&1",
		 dax_path("latent"), BAD * PAGE);
	load(map);
	need(!system(command), "%s", command);
	meet(copy, LOAD);
	check_told(pid, "the owner's process");
}

/* The ends of two pipes: to who tries an access meanwhile, and back. */
static int ask[2], answer[2];

static void meanwhile(int sig __attribute__((unused)))
{
	char c = 'a';

	need(write(ask[1], &c, 1) == 1 && read(answer[0], &c, 1) == 1, "pipe");
}

/*
 * bus_of() of two processes, one of them between the signal of the other's child and
 * the look at it: SIGCHLD comes there.
 */
static void check_apart(void)
{
	struct sigaction act = { .sa_handler = meanwhile,
				 .sa_flags = SA_RESTART | SA_RESETHAND };
	unsigned char *map = map_file(file_known("apart", 1), 2 * PAGE, 1, PROT_READ,
				      MAP_SHARED);
	pid_t pid;
	char c;

	need(!pipe(ask) && !pipe(answer), "pipe");
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		need(read(ask[0], &c, 1) == 1, "pipe");
		check(!bus_of(map, LOAD).code, "a load of the file");
		need(write(answer[1], &c, 1) == 1, "pipe");
		_exit(0);
	}
	sigaction(SIGCHLD, &act, NULL);
	check(bus_is(bus_of(map + PAGE, LOAD), BUS_ADRERR, map + PAGE),
	      "a load behind the end, and one of the file meanwhile");
	check_told(pid, "the other process");
}

static volatile sig_atomic_t signals;

static void count(int sig __attribute__((unused)))
{
	signals++;
}

static void fault_clone(unsigned char *map, volatile unsigned int *at)
{
	unsigned int page;

	while ((page = *at) < ROUNDS)
		bus_of(map + page * PAGE, LOAD);
	_exit(0);
}

/* Pages of one file fail while they come to be shared. */
static void check_race(void)
{
	int fd = file_known("race", ROUNDS), copy = clone_of(fd, "race2");
	unsigned char *map = map_file(fd, ROUNDS * PAGE, 1, PROT_READ, MAP_SHARED);
	unsigned char *other = map_file(copy, ROUNDS * PAGE, 1, PROT_READ, MAP_SHARED);
	unsigned int *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sigaction act = { .sa_handler = count };
	unsigned int page, done = 0;
	pid_t pid;

	load_pages(map, ROUNDS);
	need(at != MAP_FAILED, "mmap");
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid)
		fault_clone(other, at);
	sigaction(SIGBUS, &act, NULL);
	for (page = 0; page < ROUNDS; page++) {
		__atomic_store_n(at, page, __ATOMIC_SEQ_CST);
		done += !madvise(map + page * PAGE, PAGE, MADV_HWPOISON);
	}
	__atomic_store_n(at, ROUNDS, __ATOMIC_SEQ_CST);
	check_told(pid, "the faults' process");
	check(done == ROUNDS && signals == ROUNDS,
	      "%u of %u pages failed, %d signals", done, ROUNDS, (int)signals);
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "alone", check_alone },
		{ "apart", check_apart },
		{ "hard", check_hard },
		{ "latent", check_latent },
		{ "owner", check_owner },
		{ "race", check_race },
		{ "second", check_second },
		{ "three", check_three },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
