// SPDX-License-Identifier: GPL-2.0
/*
 * A lane of bytes for each writer in every page of a file, while the pages are cloned,
 * deduplicated, pinned and written back.
 *
 *   lanes CASE FOLDER SECONDS [SEED]
 *
 * CASE is "plain" or "share" (the file is cloned, and clones are deduplicated).
 *
 * A writer stores or writes a number to its lane of a page, greater each time, and says
 * so before and after.  So what it has in the page is known exactly to itself, and to
 * everybody else within what was said: one lost store, write or clone is seen.  Each
 * writer has a file of its own besides, a clone or a copy of the first, that it cuts,
 * punches and writes, and knows each byte of.
 *
 * Exit status: 0; 1 wrong data; 99 set-up broken.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "chance.h"

#define RW	(PROT_READ | PROT_WRITE)
#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

#define WRITERS	6
#define LANE	512		/* bytes; not all of a page, which is copied as a whole */
#define WORDS	(LANE / 8)
#define PAGES	64		/* four windows of fault-around, two of XFS's cowextsize */
#define SIZE	(PAGES * PAGE)

static bool with_share;

/* What each writer has begun to write to its lane of a page, and has written. */
static unsigned long begun[WRITERS][PAGES], done[WRITERS][PAGES];

/**
 * struct writer - one thread
 * @id: below WRITERS
 * @fd: the file of all, and @map two mappings of it, one fit for PMDs
 * @own: the writer's own file, and @mine its mapping
 * @known: what @own holds
 * @buffer: SIZE bytes
 * @pipe: both ends
 * @turns: how much was done
 */
struct writer {
	unsigned int id;
	int fd;
	unsigned char *map[2];
	int own;
	unsigned char *mine;
	unsigned char *known;
	unsigned char *buffer;
	int pipe[2];
	unsigned long turns;
};

static unsigned long said(const unsigned long *where)
{
	return __atomic_load_n(where, __ATOMIC_SEQ_CST);
}

static void write_lane(struct writer *w, size_t page)
{
	unsigned long words[WORDS], to = done[w->id][page] + WRITERS, i;
	size_t at = page * PAGE + w->id * LANE;

	for (i = 0; i < WORDS; i++)
		words[i] = to;
	__atomic_store_n(&begun[w->id][page], to, __ATOMIC_SEQ_CST);
	if (dice(2))
		memcpy(w->map[dice(2)] + at, words, LANE);
	else
		check(pwrite(w->fd, words, LANE, at) == LANE, "write: %s",
		      strerror(errno));
	__atomic_store_n(&done[w->id][page], to, __ATOMIC_SEQ_CST);
}

/* A page as it was seen while each lane had at least @from and at most @to. */
static void check_page(const unsigned char *bytes, size_t page,
		const unsigned long *from, const unsigned long *to, const char *how)
{
	const unsigned long *words = (const unsigned long *)bytes;
	unsigned int lane, i;

	for (lane = 0; lane < WRITERS; lane++) {
		for (i = 0; i < WORDS; i++) {
			unsigned long word = words[lane * WORDS + i];

			check(word >= from[lane] && word <= to[lane] &&
			      (!word || word % WRITERS == lane),
			      "%s: page %zu, lane %u, word %u is %lu, expected %lu to %lu",
			      how, page, lane, i, word, from[lane], to[lane]);
		}
	}
}

/* Looks at a page by a mapping, by read(2) or by a pin. */
static void look(struct writer *w, size_t page)
{
	struct iovec iov = { w->map[dice(2)] + page * PAGE, PAGE };
	unsigned long from[WRITERS], to[WRITERS];
	unsigned int lane, how = dice(3);

	for (lane = 0; lane < WRITERS; lane++)
		from[lane] = said(&done[lane][page]);
	if (how == 0) {
		memcpy(w->buffer, iov.iov_base, PAGE);
	} else if (how == 1) {
		check(pread(w->fd, w->buffer, PAGE, page * PAGE) == (ssize_t)PAGE,
		      "read: %s", strerror(errno));
	} else {
		load(iov.iov_base);
		check(vmsplice(w->pipe[1], &iov, 1, 0) == (ssize_t)PAGE,
		      "vmsplice: %s", strerror(errno));
		sched_yield();
		check(read(w->pipe[0], w->buffer, PAGE) == (ssize_t)PAGE,
		      "read of a pipe: %s", strerror(errno));
	}
	for (lane = 0; lane < WRITERS; lane++)
		to[lane] = said(&begun[lane][page]);
	check_page(w->buffer, page, from, to,
		   how == 0 ? "load" : how == 1 ? "read" : "pin");
}

static void check_own(struct writer *w, const char *what)
{
	unsigned char *got = w->mine;
	size_t i;

	if (dice(2)) {
		got = w->buffer;
		check(pread(w->own, got, SIZE, 0) == (ssize_t)SIZE, "read: %s",
		      strerror(errno));
	}
	for (i = 0; memcmp(got, w->known, SIZE) && i < SIZE; i++)
		check(got[i] == w->known[i], "%s: own file at %#zx: %#x, expected %#x",
		      what, i, got[i], w->known[i]);
}

/* Begins the own file anew, with what is in the file of all now. */
static void take(struct writer *w)
{
	static __thread unsigned long from[PAGES][WRITERS], to[PAGES][WRITERS];
	unsigned int lane;
	size_t page;

	for (page = 0; page < PAGES; page++)
		for (lane = 0; lane < WRITERS; lane++)
			from[page][lane] = said(&done[lane][page]);
	if (with_share) {
		check(!ioctl(w->own, FICLONE, w->fd), "FICLONE: %s", strerror(errno));
		check(pread(w->own, w->known, SIZE, 0) == (ssize_t)SIZE, "read");
	} else {
		check(pread(w->fd, w->known, SIZE, 0) == (ssize_t)SIZE, "read");
		check(pwrite(w->own, w->known, SIZE, 0) == (ssize_t)SIZE, "write");
	}
	for (page = 0; page < PAGES; page++) {
		for (lane = 0; lane < WRITERS; lane++)
			to[page][lane] = said(&begun[lane][page]);
		check_page(w->known + page * PAGE, page, from[page], to[page],
			   "what was taken");
	}
}

/* Shares what is equal in the own file and the file of all; changes neither. */
static void dedupe(struct writer *w, size_t page)
{
	struct { struct file_dedupe_range range; struct file_dedupe_range_info info; } q = {
		.range = {
			.src_offset	= page * PAGE,
			.src_length	= (PAGES - page) / 2 * PAGE,
			.dest_count	= 1,
		},
		.info = { .dest_fd = w->fd, .dest_offset = page * PAGE },
	};

	if (!with_share || !q.range.src_length)
		return;
	check(!ioctl(w->own, FIDEDUPERANGE, &q), "FIDEDUPERANGE: %s", strerror(errno));
	check(q.info.status >= 0, "FIDEDUPERANGE: status %d", q.info.status);
}

static void change_own(struct writer *w)
{
	size_t at = dice(SIZE - 1), len = 1 + dice(SIZE - at), n = dice(3 * PAGE);

	switch (dice(4)) {
	case 0:
		check(!fallocate(w->own, PUNCH, at, len), "punch: %s", strerror(errno));
		memset(w->known + at, 0, len);
		break;
	case 1:
		check(!ftruncate(w->own, at) && !ftruncate(w->own, SIZE),
		      "truncate: %s", strerror(errno));
		memset(w->known + at, 0, SIZE - at);
		break;
	case 2:
		len = len < n ? len : n;
		memset(w->mine + at, w->turns, len);
		memset(w->known + at, w->turns, len);
		break;
	case 3:
		memset(w->known + at, w->turns, len);
		check(pwrite(w->own, w->known + at, len, at) == (ssize_t)len,
		      "write: %s", strerror(errno));
		break;
	}
	check_own(w, "after a change");
}

static void turn(struct writer *w)
{
	size_t page = dice(PAGES);

	switch (dice(16)) {
	case 0:
		check_own(w, "some time later");
		take(w);
		break;
	case 1:
		change_own(w);
		break;
	case 2:
		dedupe(w, page);
		break;
	case 3:
		check(!msync(w->map[dice(2)] + page * PAGE, PAGE, MS_SYNC), "msync");
		break;
	case 4:
		madvise(w->map[dice(2)], SIZE, MADV_DONTNEED);
		break;
	case 5: case 6: case 7: case 8:
		look(w, page);
		break;
	default:
		write_lane(w, page);
		break;
	}
	w->turns++;
}

static void *work(void *arg)
{
	struct writer *w = arg;
	struct timespec now, end;

	dice_begin((seed * 1000003UL + w->id) << 20);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	do {
		turn(w);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec);
	return NULL;
}

static void begin(struct writer *w, unsigned int id)
{
	char name[16];

	w->id = id;
	w->fd = open(dax_path("lanes"), O_RDWR);
	need(w->fd >= 0, "open");
	w->map[0] = map_file(w->fd, SIZE, 0, RW, MAP_SHARED);
	w->map[1] = map_file(w->fd, SIZE, 1, RW, MAP_SHARED);
	snprintf(name, sizeof(name), "lanes%u", id);
	w->own = file_new(name, SIZE);
	w->mine = map_file(w->own, SIZE, 1, RW, MAP_SHARED);
	w->known = scratch(SIZE, 0);
	w->buffer = scratch(SIZE, 0);
	need(!pipe(w->pipe), "pipe");
}

static void run(void)
{
	static struct writer writers[WRITERS];
	pthread_t threads[WRITERS];
	unsigned long turns = 0;
	size_t page;
	unsigned int i;

	close(file_new("lanes", SIZE));
	for (i = 0; i < WRITERS; i++) {
		begin(&writers[i], i);
		/* the first number of a lane tells whose it is, as do all */
		for (page = 0; page < PAGES; page++)
			done[i][page] = i;
		for (page = 0; page < PAGES; page++)
			write_lane(&writers[i], page);
	}
	for (i = 0; i < WRITERS; i++)
		need(!pthread_create(&threads[i], NULL, work, &writers[i]), "thread");
	for (i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		turns += writers[i].turns;
	}
	for (i = 0; i < WRITERS; i++) {
		check_own(&writers[i], "at the end");
		for (page = 0; page < PAGES; page++)
			look(&writers[i], page);
	}
	printf("%lu turns\n", turns);
}

static void run_share(void)
{
	with_share = true;
	run();
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "plain", run },
		{ "share", run_share },
		{ NULL, NULL },
	};

	return chance_main(argc, argv, cases);
}
