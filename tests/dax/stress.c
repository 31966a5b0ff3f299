// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once on a few DAX files, and whether the data survive it.
 *
 *   stress CASE FOLDER SECONDS [SEED]
 *
 * CASE is "plain", "poison" (pages are poisoned and repaired as well) or "share"
 * (files share blocks as well, and pages are poisoned).
 *
 * Each word of a file says where it belongs, so a word that is neither 0 nor at
 * home came from another file or place.  Besides the files that all take part
 * in, each thread has pages of its own in one that is never truncated, and must
 * find there exactly what it wrote, whichever way it went in and comes out; or,
 * from when it has poisoned the page until it has written all of it, nothing.
 *
 * Exit status: 0; 1 wrong data, or a thread that does not come to an end; 99
 * set-up broken.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "chance.h"

#define RW	(PROT_READ | PROT_WRITE)
#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

#define PROCESSES	3
#define THREADS		2	/* of each process */
#define FILES		2
#define SIZE		(3 * PMD)
#define OWN		16	/* pages of the ledger, of each thread */
#define CHUNK		(64 * KIB)
#define MAGIC		0xda5eUL

/* What a thread can be late by before it is taken for hung, seconds. */
#define PATIENCE	60

static bool with_poison, with_share;
static unsigned long *operations;

static __thread sigjmp_buf on_signal;
static __thread volatile bool expecting;
struct file {
	int fd;
	unsigned char *map[2];	/* where PMDs fit, and where they do not */
};

/**
 * struct worker - one thread
 * @id: unique among all, from 0
 * @file: the files of all
 * @ledger: the file where pages have owners
 * @buffer: CHUNK bytes of its own
 * @pipe: both ends
 * @round: last value that was written to an own page
 */
struct worker {
	unsigned int id;
	struct file file[FILES];
	struct file ledger;
	unsigned long *buffer;
	int pipe[2];
	unsigned long round;
};

static void on_bus(int sig)
{
	if (!expecting) {
		static const char text[] = "a signal where none can be\n";

		if (write(2, text, sizeof(text) - 1) < 0)
			_exit(2);
		_exit(1);
	}
	(void)sig;
	siglongjmp(on_signal, 1);
}

/* What a word of a file must be, if it is not 0. */
static unsigned long home(unsigned int file, size_t offset)
{
	return MAGIC << 48 | (unsigned long)file << 40 | offset / PAGE << 8;
}

static void check_word(unsigned long word, unsigned int file, size_t offset,
		const char *how)
{
	/* blocks are shared at the same offset only */
	unsigned long ignore = with_share ? 0xffUL << 40 : 0;

	check(!word || !((word ^ home(file, offset)) & ~(ignore | 0xff)),
	      "%s: the word at %#zx of file %u is %#lx", how, offset, file,
	      word);
}

static void check_words(const unsigned long *words, size_t len,
		unsigned int file, size_t offset, const char *how)
{
	size_t i;

	for (i = 0; i < len / 8; i++)
		check_word(words[i], file, offset + i * 8, how);
}

/* Loads and stores through a mapping. */
static void touch(struct worker *w, unsigned int n, size_t at, bool store)
{
	unsigned char *map = w->file[n].map[dice(2)];
	unsigned long *p;
	size_t i;

	for (i = 0; i < 24; i++, at = (at + PAGE) % SIZE) {
		p = (unsigned long *)(map + at);
		if (store)
			*(volatile unsigned long *)p = home(n, at) | w->id;
		else
			check_word(*(volatile unsigned long *)p, n, at, "load");
	}
}

/* A private mapping sees the file and keeps its own stores. */
static void touch_private(struct worker *w, unsigned int n, size_t at)
{
	unsigned char *map;
	size_t i;

	at &= ~(PAGE - 1);
	map = mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE, w->file[n].fd, at);
	check(map != MAP_FAILED, "mmap");
	if (!sigsetjmp(on_signal, 1)) {
		for (i = 0; i < 8 && at + i * PAGE < SIZE; i++) {
			check_words((void *)(map + i * PAGE), PAGE, n,
				    at + i * PAGE, "private load");
			map[i * PAGE + 3] = 0x55;
			check(map[i * PAGE + 3] == 0x55, "private store");
		}
	}
	munmap(map, 8 * PAGE);
}

static void transfer(struct worker *w, unsigned int n, size_t at, bool store)
{
	size_t len = 8 + dice(CHUNK - 8) / 8 * 8, i;
	ssize_t got;

	if (store) {
		for (i = 0; i < len / 8; i++)
			w->buffer[i] = home(n, at + i * 8) | w->id;
		if (at + len <= SIZE)
			pwrite(w->file[n].fd, w->buffer, len, at);
		return;
	}
	got = pread(w->file[n].fd, w->buffer, len, at);
	if (got > 0)
		check_words(w->buffer, got & ~7, n, at, "read");
}

/* Pins pages while others may cut them off. */
static void splice_out(struct worker *w, unsigned int n, size_t at)
{
	struct iovec from = { w->file[n].map[1] + (at & ~(PAGE - 1)), 4 * PAGE };
	ssize_t len;

	if ((at & ~(PAGE - 1)) + 4 * PAGE > SIZE)
		return;
	len = vmsplice(w->pipe[1], &from, 1, SPLICE_F_NONBLOCK);
	if (dice(2))
		sched_yield();
	if (len > 0 && read(w->pipe[0], w->buffer, len) == len)
		check_words(w->buffer, len & ~7, n, at & ~(PAGE - 1), "splice");
}

static void share(struct worker *w, unsigned int n, size_t at)
{
	struct file_clone_range range = {
		.src_fd		= w->file[n].fd,
		.src_offset	= at & ~(PAGE - 1),
		.src_length	= 32 * PAGE,
		.dest_offset	= at & ~(PAGE - 1),
	};

	if (range.src_offset + range.src_length <= SIZE)
		ioctl(w->file[(n + 1) % FILES].fd, FICLONERANGE, &range);
}

static void change(struct worker *w, unsigned int n, size_t at)
{
	size_t len = 8 + dice(dice(2) ? PMD : 3 * PAGE) / 8 * 8;
	int fd = w->file[n].fd, rc = 0;

	switch (dice(6)) {
	case 0:
		rc = ftruncate(fd, at);
		break;
	case 1:
	case 2:
		rc = fallocate(fd, PUNCH, at, len);
		break;
	case 3:
		rc = fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
			       at, len);
		break;
	case 4:
		rc = fallocate(fd, FALLOC_FL_KEEP_SIZE, at, len);
		break;
	case 5:
		if (with_share)
			rc = fallocate(fd, FALLOC_FL_UNSHARE_RANGE |
				       FALLOC_FL_KEEP_SIZE, at, len);
		break;
	}
	/* -EIO is of a poisoned page that could be zeroed in part only */
	check(!rc || errno == ENOSPC || errno == EIO || errno == EINVAL ||
	      errno == EINTR, "a change failed: %s", strerror(errno));
	ftruncate(fd, SIZE);
}

static void play(struct worker *w)
{
	unsigned int n = dice(FILES), what = dice(20);
	size_t at = dice(SIZE) & ~7UL;
	unsigned char *map = w->file[n].map[dice(2)];

	if (what < 5)
		touch(w, n, at, false);
	else if (what < 8)
		touch(w, n, at, true);
	else if (what < 10)
		transfer(w, n, at, false);
	else if (what < 12)
		transfer(w, n, at, true);
	else if (what == 12)
		change(w, n, at);
	else if (what == 13)
		msync(map + (at & ~(PAGE - 1)), 8 * PAGE, MS_SYNC);
	else if (what == 14)
		fdatasync(w->file[n].fd);
	else if (what == 15)
		touch_private(w, n, at);
	else if (what == 16)
		madvise(map, SIZE, MADV_DONTNEED);
	else if (what == 17)
		splice_out(w, n, at);
	else if (what == 18 && with_poison && !dice(4))
		madvise(map + (at & ~(PAGE - 1)), PAGE, MADV_HWPOISON);
	else if (what == 19 && with_share)
		share(w, n, at);
	__atomic_fetch_add(&operations[what], 1, __ATOMIC_RELAXED);
}

/* One of the thread's own pages, in one way; must be @want in another. */
static void check_own(struct worker *w, size_t at, unsigned long want)
{
	unsigned long *p = w->buffer;
	size_t i;

	if (dice(2)) {
		p = (unsigned long *)(w->ledger.map[dice(2)] + at);
	} else {
		memset(p, 0xff, PAGE);
		check(pread(w->ledger.fd, p, PAGE, at) == PAGE,
		      "read of an own page");
	}
	for (i = 0; i < PAGE / 8; i++)
		check(p[i] == want, "own page at %#zx: word %zu is %#lx, "
		      "expected %#lx", at, i, p[i], want);
}

/* Poisons an own page; until it is repaired, nobody reads it. */
static void poison_own(struct worker *w, size_t at)
{
	unsigned char *p = w->ledger.map[1] + at;
	volatile bool refused = false;
	ssize_t n;

	load(p);
	if (!sigsetjmp(on_signal, 1)) {
		expecting = true;
		if (madvise(p, PAGE, MADV_HWPOISON)) {
			expecting = false;
			return;
		}
	}
	if (core_is_ours()) {
		n = pread(w->ledger.fd, w->buffer, PAGE, at);
		check(n == -1 && errno == EIO, "read of poison gave %zd", n);
		if (sigsetjmp(on_signal, 1))
			refused = true;
		else
			load(w->ledger.map[dice(2)] + at);
		check(refused, "a load of poison went well");
	}
	expecting = false;
}

static void keep_ledger(struct worker *w)
{
	size_t at = (w->id + dice(OWN) * PROCESSES * THREADS) * PAGE, i;
	unsigned long *p, want = ++w->round << 8 | w->id;

	if (with_poison && !dice(16))
		poison_own(w, at);
	if (dice(2)) {
		for (i = 0; i < PAGE / 8; i++)
			w->buffer[i] = want;
		check(pwrite(w->ledger.fd, w->buffer, PAGE, at) == PAGE,
		      "write of an own page");
	} else {
		/* whole-page writes repair; stores cannot */
		memset(w->buffer, 0, PAGE);
		check(pwrite(w->ledger.fd, w->buffer, PAGE, at) == PAGE,
		      "write of an own page");
		p = (unsigned long *)(w->ledger.map[dice(2)] + at);
		for (i = 0; i < PAGE / 8; i++)
			p[i] = want;
	}
	/* another page of the file, dirty when it was poisoned, is -EIO here */
	if (!dice(4))
		check(!msync(w->ledger.map[1] + at, PAGE, MS_SYNC) ||
		      (with_poison && errno == EIO),
		      "msync of an own page: %s", strerror(errno));
	check_own(w, at, want);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct timespec now, end;

	dice_begin((seed * 1000003UL + w->id) << 20);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	do {
		expecting = false;
		if (!dice(3))
			keep_ledger(w);
		if (!sigsetjmp(on_signal, 1)) {
			expecting = true;
			play(w);
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec);
	return NULL;
}

static void open_file(struct file *file, const char *name)
{
	file->fd = open(dax_path(name), O_RDWR);
	need(file->fd >= 0, "open '%s'", name);
	file->map[0] = map_file(file->fd, SIZE, 0, RW, MAP_SHARED);
	file->map[1] = map_file(file->fd, SIZE, 1, RW, MAP_SHARED);
}

static void process(unsigned int number)
{
	struct worker workers[THREADS] = {};
	pthread_t threads[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		struct worker *w = &workers[i];

		w->id = number * THREADS + i;
		w->buffer = scratch(CHUNK, 1);
		open_file(&w->file[0], "file0");
		open_file(&w->file[1], "file1");
		open_file(&w->ledger, "ledger");
		need(!pipe(w->pipe), "pipe");
		need(!pthread_create(&threads[i], NULL, work, w), "thread");
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

/* Waits for all; one that does not end has lost a wake-up, or spins. */
static void wait_for_all(void)
{
	struct timespec nap = { .tv_nsec = 50000000 };
	unsigned int left = PROCESSES, turns = 20 * (seconds + PATIENCE);
	int status;

	while (left) {
		pid_t pid = waitpid(-1, &status, WNOHANG);

		if (pid > 0) {
			left--;
			check(WIFEXITED(status) && !WEXITSTATUS(status),
			      "a process ended with status %#x", status);
			continue;
		}
		check(turns--, "%u processes do not come to an end", left);
		nanosleep(&nap, NULL);
	}
}

static void check_files(void)
{
	unsigned long *mem = scratch(PAGE, 1), bad = 0;
	unsigned int n;
	size_t at;

	for (n = 0; n < FILES; n++) {
		int fd = open(dax_path(n ? "file1" : "file0"), O_RDONLY);

		need(fd >= 0, "open");
		for (at = 0; at < SIZE; at += PAGE) {
			ssize_t got = pread(fd, mem, PAGE, at);

			check(got >= 0 || (with_poison && errno == EIO),
			      "read of file %u at %#zx", n, at);
			bad += got < 0;
			if (got > 0)
				check_words(mem, got & ~7, n, at, "at the end");
		}
		close(fd);
	}
	printf("%lu pages poisoned at the end; operations:", bad);
	for (n = 0; n < 20; n++)
		printf(" %lu", operations[n]);
	printf("\n");
}

static void run(void)
{
	struct sigaction action = { .sa_handler = on_bus };
	unsigned int n;

	close(file_new("file0", SIZE));
	close(file_new("file1", SIZE));
	close(file_known("ledger", SIZE / PAGE));
	operations = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(operations != MAP_FAILED, "mmap");
	sigaction(SIGBUS, &action, NULL);
	fflush(NULL);
	for (n = 0; n < PROCESSES; n++) {
		pid_t pid = fork();

		need(pid >= 0, "fork");
		if (!pid)
			process(n);
	}
	wait_for_all();
	check_files();
}

static void run_poison(void)
{
	with_poison = true;
	run();
}

static void run_share(void)
{
	with_share = true;
	run_poison();
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "plain", run },
		{ "poison", run_poison },
		{ "share", run_share },
		{ NULL, NULL },
	};

	return chance_main(argc, argv, cases);
}
