// SPDX-License-Identifier: GPL-2.0
/*
 * write(2) beside stores to blocks that a clone shares: what one of them changed
 * is there afterwards, whoever was first, and nobody's block is written to after
 * it was given back.
 *
 * A writer and a storer change different bytes of the same pages at the same
 * time, so each byte has one owner and the outcome is exact.  It takes several
 * processors; a round that did not meet the moment proves nothing, so there are
 * many, and each begins with blocks that are shared anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "dax.h"

#define RW	(PROT_READ | PROT_WRITE)
#define WROTE	0xee	/* by write(2) */
#define STORED	0x5c	/* by a store */
#define AT	3000	/* byte of its page that is stored to */

/**
 * struct race - one round
 * @fd: the file
 * @map: its mapping
 * @pages: pages of it in play
 * @step: pages that the writer is given at a time
 * @from: first byte of them that it writes
 * @len: bytes that it writes; 0: to the end of the step
 * @colour: of the mapping, see map_place()
 * @lost: what was missing afterwards, all rounds
 * @turn: page that both are at, where they go together
 */
struct race {
	int fd;
	unsigned char *map;
	size_t pages;
	size_t step;
	size_t from;
	size_t len;
	size_t colour;
	unsigned int lost;
	atomic_size_t turn;
	atomic_int ready;
};

/* Both threads are here before either goes on. */
static void together(struct race *race, int nr)
{
	atomic_fetch_add(&race->ready, 1);
	while (atomic_load(&race->ready) < 2 * nr)
		;
}

static void *writer(void *arg)
{
	struct race *race = arg;
	size_t len = race->len ? race->len : race->step * PAGE - race->from;
	unsigned char *mem = scratch(len, WROTE);
	size_t page;
	int nr = 1;

	for (page = 0; page < race->pages; page += race->step) {
		together(race, nr++);
		need(pwrite(race->fd, mem, len, page * PAGE + race->from) ==
		     (ssize_t)len, "pwrite");
	}
	munmap(mem, len);
	return NULL;
}

static void *storer(void *arg)
{
	struct race *race = arg;
	size_t page, i;
	int nr = 1;

	for (page = 0; page < race->pages; page += race->step) {
		together(race, nr++);
		for (i = 0; i < race->step; i++)
			*(volatile unsigned char *)(race->map +
				(page + i) * PAGE + AT) = STORED;
	}
	return NULL;
}

static bool written(const struct race *race, size_t byte)
{
	size_t len = race->len ? race->len : race->step * PAGE - race->from;
	size_t in = byte % (race->step * PAGE);

	return in >= race->from && in < race->from + len;
}

/* Where both changed a byte, either is right. */
static void judge(struct race *race)
{
	size_t i, size = race->pages * PAGE;
	unsigned char *mem = scratch(size, 0);

	need(pread(race->fd, mem, size, 0) == (ssize_t)size, "pread");
	for (i = 0; i < size; i++) {
		unsigned char want = written(race, i) ? WROTE : known(i / PAGE);

		if (i % PAGE == AT && mem[i] == STORED)
			continue;
		if (i % PAGE == AT && !written(race, i))
			want = STORED;
		if (mem[i] != want) {
			race->lost++;
			i |= PAGE - 1;
		}
	}
	check(!memcmp(mem, race->map, size), "the mapping is not the file");
	munmap(mem, size);
}

static void run(struct race *race)
{
	pthread_t threads[2];

	race->map = map_file(race->fd, race->pages * PAGE, race->colour, RW,
			     MAP_SHARED);
	atomic_store(&race->ready, 0);
	need(!pthread_create(&threads[0], NULL, writer, race) &&
	     !pthread_create(&threads[1], NULL, storer, race) &&
	     !pthread_join(threads[0], NULL) &&
	     !pthread_join(threads[1], NULL), "threads");
	judge(race);
	munmap(race->map, race->pages * PAGE);
}

/* The clone is raced for, its source must not change. */
static void rounds(struct race *race, unsigned int nr)
{
	int source = file_known("source", race->pages);
	unsigned int i;
	size_t page;

	for (i = 0; i < nr; i++) {
		race->fd = clone_of(source, "clone");
		run(race);
		for (page = 0; page < race->pages; page++)
			check_file(source, page * PAGE, PAGE, known(page),
				   "the source");
		close(race->fd);
	}
	check(!race->lost, "%u pages of %zu lost what was written or stored",
	      race->lost, nr * race->pages);
}

/* One byte written, another stored, to each page. */
static void check_bytes(void)
{
	struct race race = { .pages = 1024, .step = 1, .len = 1, .colour = 1 };

	rounds(&race, 4);
}

/* A long write over pages that are stored to meanwhile. */
static void check_long(void)
{
	struct race race = { .pages = 512, .step = 512, .from = 100,
			     .colour = 1 };

	rounds(&race, 24);
}

/*
 * The storer's faults are of 2 MiB, and of blocks that the long write has got in
 * pieces: they fall back, which gives new blocks back.
 */
static void check_huge(void)
{
	struct race race = { .pages = 1024, .step = 1024, .from = 100 };

	rounds(&race, 12);
}

/*
 * Pages of the file's own among shared ones.  To copy a shared page XFS takes
 * blocks for 32 (the default of cowextsize), and then moves their neighbours
 * there as well, shared or not, when they are stored to.
 */
static void check_neighbours(void)
{
	struct race race = { .pages = 512, .step = 512, .colour = 1 };
	int source = file_known("source", race.pages);
	unsigned char *mem = scratch(31 * PAGE, 0);
	unsigned int i;
	size_t page;

	for (i = 0; i < 24; i++) {
		race.fd = clone_of(source, "clone");
		for (page = 1; page < race.pages; page += 32)
			need(pwrite(race.fd, mem, 31 * PAGE, page * PAGE) ==
			     31 * PAGE, "pwrite");
		need(!fsync(race.fd), "fsync");
		run(&race);
		close(race.fd);
	}
	check(!race.lost, "%u pages of %zu lost what was written or stored",
	      race.lost, i * race.pages);
}

/*
 * Two processes have the file mapped; one may write its pages without a fault while
 * the other's stores move them.  Who stores a byte reads it back.
 */
static void *counter(void *arg)
{
	struct race *race = arg;
	unsigned char *map = map_file(race->fd, race->pages * PAGE, 1, RW,
				      MAP_SHARED);
	size_t page;
	int nr = 1;

	for (page = 0; page < race->pages; page += race->step) {
		volatile unsigned char *p = map + (page + 1) * PAGE;
		unsigned int i;

		*p = 0;
		together(race, nr++);
		for (i = 1; i < 4000; i++) {
			*p = i;
			race->lost += *p != (unsigned char)i;
		}
	}
	munmap(map, race->pages * PAGE);
	return NULL;
}

static void check_stores(void)
{
	struct race race = { .pages = 1024, .step = 32, .colour = 1 };
	int source = file_known("source", race.pages);
	unsigned char *mem = scratch(31 * PAGE, 0);
	pthread_t threads[2];
	unsigned int i;
	size_t page;

	for (i = 0; i < 6; i++) {
		race.fd = clone_of(source, "clone");
		for (page = 1; page < race.pages; page += 32)
			need(pwrite(race.fd, mem, 31 * PAGE, page * PAGE) ==
			     31 * PAGE, "pwrite");
		race.map = map_file(race.fd, race.pages * PAGE, 1, RW,
				    MAP_SHARED);
		atomic_store(&race.ready, 0);
		need(!pthread_create(&threads[0], NULL, counter, &race) &&
		     !pthread_create(&threads[1], NULL, storer, &race) &&
		     !pthread_join(threads[0], NULL) &&
		     !pthread_join(threads[1], NULL), "threads");
		munmap(race.map, race.pages * PAGE);
		close(race.fd);
	}
	check(!race.lost, "%u stores were lost", race.lost);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/*
 * A process meets latent poison; the page is written as soon as it is marked, which
 * shows by memory_failure() taking it from this process as well.
 */
static void meet_and_repair(int fd, unsigned char *bad, const unsigned char *mem,
		off_t at)
{
	double stop = now() + 60;
	struct bus *bus = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char command[512];
	int status;
	pid_t pid;

	snprintf(command, sizeof(command),
		 "poisonctl inject %s -o %lu -m dsm-latent --shared >/run/inject.out 2>&1",
		 dax_path("early"), (unsigned long)at);
	need(!system(command), "%s", command);
	need(page_present(bad), "the page is not mapped");
	pid = fork();
	need(pid >= 0 && bus != MAP_FAILED, "fork");
	if (!pid) {
		*bus = bus_of(bad, LOAD);
		_exit(0);
	}
	while (page_present(bad))
		need(now() < stop, "the page was not marked");
	/* its badblock may be on the way, and end this one */
	if (pwrite(fd, mem, PAGE, at) != (ssize_t)PAGE)
		check(errno == EIO, "write: errno %d", errno);
	need(waitpid(pid, &status, 0) == pid && !status, "the load");
	check(bus_is(*bus, BUS_MCEERR_AR, bad), "the load: code %d", bus->code);
	munmap(bus, PAGE);
}

/*
 * The machine check is still being handled when its page is repaired.  Its badblock
 * may come after that; in the end the page is as good as any.
 */
static void check_early(void)
{
	int fd = file_known("early", 64);
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mem = scratch(PAGE, 0x77), *back = scratch(PAGE, 0);
	double stop;
	off_t at;

	/* the core looks for marks since the first */
	load(map + 63 * PAGE);
	need(bus_of(map + 63 * PAGE, POISON).code == BUS_MCEERR_AR, "poison");
	for (at = PAGE; at < (off_t)(40 * PAGE); at += 4 * PAGE) {
		load(map + at);
		meet_and_repair(fd, map + at, mem, at);
		stop = now() + 60;
		while (pwrite(fd, mem, PAGE, at) != (ssize_t)PAGE ||
		       pread(fd, back, PAGE, at) != (ssize_t)PAGE)
			check(now() < stop, "page %ld is not good again",
			      at / PAGE);
		check_mem(back, PAGE, 0x77, "what was written");
		check(pwrite(fd, "p", 1, at + 9) == 1, "write of a part");
		map[at + 10] = 0x78;
		check(!fsync(fd), "fsync");
		check_file(fd, at + 10, 1, 0x78, "what was stored");
	}
	need(pwrite(fd, mem, PAGE, 63 * PAGE) == (ssize_t)PAGE, "repair");
}

struct flush {
	unsigned char *page;
	atomic_int stage;	/* 1: go, 2: done */
	int err;
};

static void *flusher(void *arg)
{
	struct flush *flush = arg;

	while (atomic_load(&flush->stage) < 1)
		;
	flush->err = msync(flush->page, PAGE, MS_SYNC) ? errno : 0;
	atomic_store(&flush->stage, 2);
	return NULL;
}

static sigjmp_buf met;

static void on_bus(int sig)
{
	(void)sig;
	siglongjmp(met, 1);
}

/* A child, as of bus_of(), has a page table of its own. */
static bool loads_here(const void *p)
{
	if (sigsetjmp(met, 1))
		return false;
	load(p);
	return true;
}

/*
 * A dirty page is listed as bad while it is mapped, and written back while it is read:
 * its entry is out of the page table for a moment then.  Afterwards it may not be
 * stored to, which shows that the writeback was one.
 */
static void check_flush(void)
{
	int fd = file_known("flush", 64), round, lost = 0;
	unsigned char *map = map_file(fd, 64 * PAGE, 1, RW, MAP_SHARED);
	unsigned char *mem = scratch(PAGE, 0x77);
	struct flush flush = { .page = map + 7 * PAGE };
	pthread_t thread;

	signal(SIGBUS, on_bus);
	for (round = 0; round < 40; round++) {
		atomic_store(&flush.stage, 0);
		need(!pthread_create(&thread, NULL, flusher, &flush), "thread");
		flush.page[9] = (unsigned char)round;
		list_bad(block_of(fd, 7 * PAGE, 0));
		atomic_store(&flush.stage, 1);
		while (atomic_load(&flush.stage) < 2)
			lost += !loads_here(flush.page);
		pthread_join(thread, NULL);
		need(!flush.err, "msync: %s", strerror(flush.err));
		need(bus_of(flush.page, STORE).code, "a store after it");
		need(pwrite(fd, mem, PAGE, 7 * PAGE) == (ssize_t)PAGE, "repair");
	}
	check(!lost, "%d loads of a page that was mapped all the time", lost);
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "bytes", check_bytes },
		{ "early", check_early },
		{ "flush", check_flush },
		{ "huge", check_huge },
		{ "long", check_long },
		{ "neighbours", check_neighbours },
		{ "stores", check_stores },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
