// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of scarce.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include "dax.h"
#include "scarce.h"

#define RW	(PROT_READ | PROT_WRITE)
#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)
#define NEW	0xee

/* The page that is stored to, or the first of those that are written to. */
#define AT	5

/* What system calls are done to: 3 pages from inside of one on. */
#define FROM	(AT * PAGE + 100)
#define LENGTH	(3 * PAGE)

static int said(long result)
{
	return result < 0 ? errno : 0;
}

/* A transfer that ends early is one that has failed. */
static int moved(ssize_t result, size_t len)
{
	if (result >= 0 && (size_t)result != len)
		return ENOMEM;
	return said(result);
}

static void will_store(struct world *w)
{
	w->after[AT * PAGE] = NEW;
}

static int store(struct world *w)
{
	return scarce_store(w->map + AT * PAGE, NEW);
}

static int fetch(struct world *w)
{
	return scarce_load(w->map + AT * PAGE);
}

/* Something stored into each page, but for that which the operation changes. */
static void make_dirty(struct world *w)
{
	size_t i;

	for (i = 0; i < w->size; i += PAGE)
		w->map[i] = w->after[i];
}

static void have_read_only(struct world *w)
{
	load_pages(w->map, w->size / PAGE);
	if (w->far)
		load_pages(w->far, w->size / PAGE);
}

static void have_read(struct world *w)
{
	have_read_only(w);
	will_store(w);
}

static void map_synced(struct world *w)
{
	need(!fallocate(w->fd, 0, 0, w->size), "fallocate");
	munmap(w->map, w->size);
	w->map = mmap(w->map, w->size, RW, MAP_SYNCED | MAP_FIXED, w->fd, 0);
	need(w->map != MAP_FAILED, "mmap");
	will_store(w);
}

static void map_private(struct world *w)
{
	w->map = mmap(w->map, w->size, RW, MAP_PRIVATE | MAP_FIXED, w->fd, 0);
	need(w->map != MAP_FAILED, "mmap");
}

static int store_private(struct world *w)
{
	int error = store(w);

	if (!error)
		check(w->map[AT * PAGE] == NEW &&
		      w->map[AT * PAGE + 1] == w->after[AT * PAGE + 1],
		      "a private copy");
	return error;
}

static int read_some(struct world *w)
{
	memset(w->buffer, 0x77, w->size);
	return moved(pread(w->fd, w->buffer + FROM, LENGTH, FROM), LENGTH) ?:
		memcmp(w->buffer + FROM, w->after + FROM, LENGTH);
}

/*
 * The whole file into pages that are not there yet.  Which of the two it was that could
 * not be reached, the file's page or the caller's, kernel/dax does not know if the
 * latter can be by then: EIO.
 */
static void forget_buffer(struct world *w)
{
	need(!madvise(w->buffer, w->size, MADV_DONTNEED), "madvise");
}

static int read_fresh(struct world *w)
{
	return moved(pread(w->fd, w->buffer, w->size, 0), w->size) ?:
		memcmp(w->buffer, w->after, w->size);
}

static void will_write(struct world *w)
{
	memset(w->after + FROM, NEW, LENGTH);
}

static void map_and_write(struct world *w)
{
	have_read_only(w);
	will_write(w);
}

static int write_some(struct world *w)
{
	memset(w->buffer, NEW, w->size);
	return moved(pwrite(w->fd, w->buffer, LENGTH, FROM), LENGTH);
}

static void will_write_direct(struct world *w)
{
	need(!fcntl(w->fd, F_SETFL, O_DIRECT), "O_DIRECT");
	memset(w->after + AT * PAGE, NEW, LENGTH);
}

static int write_direct(struct world *w)
{
	memset(w->buffer, NEW, w->size);
	return moved(pwrite(w->fd, w->buffer, LENGTH, AT * PAGE), LENGTH);
}

static int read_direct(struct world *w)
{
	need(!fcntl(w->fd, F_SETFL, O_DIRECT), "O_DIRECT");
	memset(w->buffer, 0x77, w->size);
	return moved(pread(w->fd, w->buffer, LENGTH, AT * PAGE), LENGTH) ?:
		memcmp(w->buffer, w->after + AT * PAGE, LENGTH);
}

static int sync_map(struct world *w)
{
	return said(msync(w->map, w->size, MS_SYNC));
}

static int sync_file(struct world *w)
{
	return said(fsync(w->fd));
}

static void will_cut(struct world *w)
{
	make_dirty(w);
	w->end = FROM;
}

static int cut(struct world *w)
{
	return said(ftruncate(w->fd, w->end));
}

static void will_punch(struct world *w)
{
	make_dirty(w);
	memset(w->after + FROM, 0, LENGTH);
}

/* Without a store, which would end the sharing. */
static void map_and_punch(struct world *w)
{
	map_and_write(w);
	memset(w->after + FROM, 0, LENGTH);
}

static int punch(struct world *w)
{
	return said(fallocate(w->fd, PUNCH, FROM, LENGTH));
}

static int zero(struct world *w)
{
	return said(fallocate(w->fd, FALLOC_FL_ZERO_RANGE, FROM, LENGTH));
}

static int unshare(struct world *w)
{
	return said(fallocate(w->fd, FALLOC_FL_UNSHARE_RANGE, FROM, LENGTH));
}

/* The file is to become a clone of another, which is mapped and dirty. */
static void will_clone(struct world *w)
{
	w->other = file_known("scarce2", w->size / PAGE);
	w->far = map_file(w->other, w->size, 1, RW, MAP_SHARED);
	w->far[AT * PAGE] = NEW;
	load_pages(w->map, w->size / PAGE);
	need(pread(w->other, w->after, w->size, 0) == (ssize_t)w->size, "read");
}

static int clone_all(struct world *w)
{
	return said(ioctl(w->fd, FICLONE, w->other));
}

/* The two files are equal, but share nothing yet. */
static void will_dedupe(struct world *w)
{
	w->other = file_known("scarce2", w->size / PAGE);
	w->far = map_file(w->other, w->size, 1, RW, MAP_SHARED);
	load_pages(w->far, w->size / PAGE);
	make_dirty(w);
}

static int dedupe(struct world *w)
{
	union {
		struct file_dedupe_range range;
		char room[sizeof(struct file_dedupe_range) +
			  sizeof(struct file_dedupe_range_info)];
	} q = {
		.range = {
			.src_length	= w->size,
			.dest_count	= 1,
		},
	};

	q.range.info[0].dest_fd = w->fd;
	if (ioctl(w->other, FIDEDUPERANGE, &q))
		return errno;
	return -q.range.info[0].status;
}

static volatile sig_atomic_t told;

static void on_told(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	told = info->si_code;
}

static int poison(struct world *w)
{
	struct sigaction action = {
		.sa_sigaction	= on_told,
		.sa_flags	= SA_SIGINFO,
	}, old;
	int error;

	told = BUS_MCEERR_AR;
	need(!sigaction(SIGBUS, &action, &old), "sigaction");
	error = said(madvise(w->map + AT * PAGE, PAGE, MADV_HWPOISON));
	need(!sigaction(SIGBUS, &old, NULL), "sigaction");
	/* without memory for it a signal has no code (__send_signal_locked()) */
	check(told == BUS_MCEERR_AR || told == BUS_MCEERR_AO || !told, "code %d",
	      (int)told);
	return error;
}

/*
 * A page that was poisoned is a good one again when all of it is written, by the last
 * of those who share it.
 */
static void repair(struct world *w)
{
	need(pwrite(w->fd, w->after + AT * PAGE, PAGE, AT * PAGE) == PAGE, "write");
	if (w->other >= 0)
		need(pwrite(w->other, w->after + AT * PAGE, PAGE, AT * PAGE) == PAGE,
		     "write to the other file");
}

static int lock(struct world *w)
{
	int error = said(mlock(w->map, w->size));

	munlock(w->map, w->size);
	return error;
}

static int ends[2] = { -1, -1 };

static void open_pipe(struct world *w)
{
	(void)w;
	close(ends[0]);
	close(ends[1]);
	need(!pipe(ends), "pipe");
}

/* A pipe has pages pinned until they are read. */
static int pin(struct world *w)
{
	struct iovec vec = { .iov_base = w->map + AT * PAGE, .iov_len = LENGTH };
	ssize_t n = vmsplice(ends[1], &vec, 1, 0);
	int error = moved(n, LENGTH);

	if (n > 0)
		need(read(ends[0], w->buffer, n) == n, "pipe");
	return error;
}

#define SMALL	16
#define LARGE	(PMD / PAGE)

const struct op scarce_ops[] = {
	{ "read-fault", SMALL, 1, .run = fetch },
	{ "read-hole", SMALL, 1, .hole = true, .run = fetch },
	{ "write-fault", SMALL, 1, .begin = will_store, .run = store, .allowed = { BUS } },
	{ "write-hole", SMALL, 1, .hole = true, .begin = will_store, .run = store, .allowed = { BUS } },
	{ "write-after-read", SMALL, 1, .begin = have_read, .run = store, .allowed = { BUS } },
	{ "write-sync", SMALL, 1, .hole = true, .begin = map_synced, .run = store, .allowed = { BUS } },
	{ "pmd-read", LARGE, 0, .run = fetch },
	{ "pmd-read-hole", LARGE, 0, .hole = true, .run = fetch },
	{ "pmd-write", LARGE, 0, .begin = will_store, .run = store, .allowed = { BUS } },
	{ "pmd-write-hole", LARGE, 0, .hole = true, .begin = will_store, .run = store, .allowed = { BUS } },
	{ "private-write", SMALL, 1, .begin = map_private, .run = store_private },
	{ "read", SMALL, 1, .run = read_some },
	{ "read-fresh", SMALL, 1, .allowed = { EFAULT, EIO },
	  .begin = forget_buffer, .run = read_fresh },
	{ "write", SMALL, 1, .begin = will_write, .run = write_some },
	{ "write-to-hole", SMALL, 1, .hole = true, .begin = will_write, .run = write_some },
	{ "direct-read", SMALL, 1, .run = read_direct },
	{ "direct-write", SMALL, 1, .begin = will_write_direct, .run = write_direct },
	{ "msync", SMALL, 1, .begin = make_dirty, .run = sync_map },
	{ "pmd-fsync", LARGE, 0, .begin = make_dirty, .run = sync_file },
	{ "truncate", SMALL, 1, .begin = will_cut, .run = cut },
	{ "pmd-truncate", LARGE, 0, .begin = will_cut, .run = cut },
	{ "punch", SMALL, 1, .begin = will_punch, .run = punch },
	{ "pmd-punch", LARGE, 0, .begin = will_punch, .run = punch },
	{ "zero", SMALL, 1, .begin = will_punch, .run = zero },
	{ "mlock", SMALL, 1, .allowed = { EAGAIN }, .run = lock },
	{ "pin", SMALL, 1, .allowed = { EFAULT }, .begin = open_pipe, .run = pin },
	{ "poison", SMALL, 1, .begin = have_read_only, .run = poison, .settle = repair },
	{ "shared-read", SMALL, 1, .clone = true, .run = fetch },
	{ "shared-store", SMALL, 1, .clone = true, .begin = will_store, .run = store, .allowed = { BUS } },
	{ "shared-store-after-read", SMALL, 1, .clone = true, .begin = have_read,
	  .run = store, .allowed = { BUS } },
	{ "shared-pmd-store", LARGE, 0, .clone = true, .begin = have_read, .run = store, .allowed = { BUS } },
	{ "shared-write", SMALL, 1, .clone = true, .begin = will_write,
	  .run = write_some },
	{ "shared-mapped-write", SMALL, 1, .clone = true, .begin = map_and_write,
	  .run = write_some },
	{ "shared-pmd-write", LARGE, 0, .clone = true, .begin = map_and_write,
	  .run = write_some },
	{ "shared-punch", SMALL, 1, .clone = true, .begin = map_and_punch, .run = punch },
	{ "shared-zero", SMALL, 1, .clone = true, .begin = map_and_punch, .run = zero },
	{ "unshare", SMALL, 1, .clone = true, .run = unshare },
	{ "shared-poison", SMALL, 1, .clone = true, .begin = have_read_only, .run = poison,
	  .settle = repair },
	{ "clone", SMALL, 1, .hole = true, .begin = will_clone, .run = clone_all },
	{ "dedupe", SMALL, 1, .begin = will_dedupe, .run = dedupe },
	{ NULL },
};
