// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions per fault where threads fault side by side, by the guest's clock: under
 * QEMU's -icount shift=0 a nanosecond is an instruction, of whichever processor.  So
 * what threads cost each other shows, by spinning as by waking, and not how long they
 * wait: the processors take turns.
 *
 *   bench-threads prepare FOLDER   makes the files
 *   bench-threads run FOLDER       prints a line "NAME FIGURE" a way of walking; to be
 *                                  run after the filesystem was mounted anew, so that
 *                                  no page has an entry yet
 *
 * Exit status: 0; 1 an operation was not what it claims to be; 99 set-up broken.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "bench-rows.h"
#include "dax.h"

#define THREADS		4	/* at most; each has a processor of its own */
#define WALK_SIZE	(8 * MIB)	/* of all threads */
#define PAGES		(WALK_SIZE / PAGE)
#define ROUNDS		3	/* the least counts: the timer ticks in each */

/**
 * struct walk - a way to fault the pages of a walk
 * @read: row of the loads, of pages without entry
 * @write: row of the stores, which come to pages that were read in another mapping
 * @threads: how many take part
 * @files: how many files, one for all or one for each
 * @mixed: the threads take turns page by page; else each has a part of its own
 */
struct walk {
	const char *read;
	const char *write;
	unsigned int threads;
	unsigned int files;
	bool mixed;
};

static const struct walk walks[] = {
	{ "read-1-thread", "write-1-thread", 1, 1, false },
	{ "read-2-threads", "write-2-threads", 2, 1, false },
	{ "read-4-threads", "write-4-threads", 4, 1, false },
	{ "read-4-mixed", "write-4-mixed", 4, 1, true },
	{ "read-4-files", "write-4-files", 4, 4, false },
};

#define WALKS	(sizeof(walks) / sizeof(walks[0]))

/**
 * struct walker - what a thread does
 * @cpu: its processor
 * @ready: all of them, and who looks at the clock, are there
 * @map: its first page
 * @step: bytes from a page to its next one
 * @pages: how many
 * @store: by storing
 */
struct walker {
	unsigned int cpu;
	pthread_barrier_t *ready;
	unsigned char *map;
	size_t step;
	size_t pages;
	bool store;
};

static void *walk_pages(void *arg)
{
	const struct walker *w = arg;
	cpu_set_t cpu;
	size_t i;

	CPU_ZERO(&cpu);
	CPU_SET(w->cpu, &cpu);
	need(!sched_setaffinity(0, sizeof(cpu), &cpu), "processor %u", w->cpu);
	pthread_barrier_wait(w->ready);
	for (i = 0; i < w->pages; i++) {
		if (w->store)
			w->map[i * w->step] = 1;
		else
			load(w->map + i * w->step);
	}
	return NULL;
}

/* The name of a file of a walk in a round. */
static const char *file_name(size_t walk, unsigned int round, unsigned int file)
{
	static char name[32];

	snprintf(name, sizeof(name), "walk%zu-%u-%u", walk, round, file);
	return name;
}

static void bench_walk(const struct walk *walk, unsigned char *const *maps, bool store)
{
	struct walker walkers[THREADS];
	pthread_t threads[THREADS];
	pthread_barrier_t ready;
	unsigned int i, n = walk->threads;
	size_t part = WALK_SIZE / n;

	need(!pthread_barrier_init(&ready, NULL, n + 1), "barrier");
	for (i = 0; i < n; i++) {
		walkers[i] = (struct walker){
			.cpu	= i,
			.ready	= &ready,
			.map	= walk->files > 1 ? maps[i] :
				maps[0] + i * (walk->mixed ? PAGE : part),
			.step	= walk->mixed ? n * PAGE : PAGE,
			.pages	= PAGES / n,
			.store	= store,
		};
		need(!pthread_create(&threads[i], NULL, walk_pages, &walkers[i]), "thread");
	}
	/* all of them wait by now, or their way to the barrier is counted */
	usleep(100000);
	row_start();
	pthread_barrier_wait(&ready);
	for (i = 0; i < n; i++)
		need(!pthread_join(threads[i], NULL), "join");
	row_stop(store ? walk->write : walk->read, PAGES);
	pthread_barrier_destroy(&ready);
}

static void bench_round(size_t w, unsigned int round)
{
	const struct walk *walk = &walks[w];
	size_t len = WALK_SIZE / walk->files;
	unsigned char *maps[THREADS];
	int fds[THREADS];
	unsigned int i;
	int prot, store;

	for (i = 0; i < walk->files; i++) {
		fds[i] = open(dax_path(file_name(w, round, i)), O_RDWR | O_NOATIME);
		need(fds[i] >= 0, "open");
	}
	for (store = 0; store < 2; store++) {
		prot = store ? PROT_READ | PROT_WRITE : PROT_READ;
		/* a page beside the file's PMDs: pages alone */
		for (i = 0; i < walk->files; i++)
			maps[i] = map_file(fds[i], len, 1, prot, MAP_SHARED);
		bench_walk(walk, maps, store);
		for (i = 0; i < walk->files; i++) {
			check(page_present(maps[i] + len - PAGE), "page not mapped");
			need(!munmap(maps[i], len), "munmap");
		}
	}
	for (i = 0; i < walk->files; i++)
		close(fds[i]);
}

static void prepare(void)
{
	unsigned int round, file;
	size_t w;

	for (w = 0; w < WALKS; w++)
		for (round = 0; round < ROUNDS; round++)
			for (file = 0; file < walks[w].files; file++)
				close(file_known(file_name(w, round, file),
						 PAGES / walks[w].files));
	sync();
}

static void run(void)
{
	unsigned int round;
	size_t w;

	need(sysconf(_SC_NPROCESSORS_ONLN) >= THREADS, "%u processors", THREADS);
	check_clock();
	for (w = 0; w < WALKS; w++)
		for (round = 0; round < ROUNDS; round++)
			bench_round(w, round);
	rows_print();
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "prepare", prepare },
		{ "run", run },
		{ NULL, NULL },
	};

	return dax_main(argc, argv, cases);
}
