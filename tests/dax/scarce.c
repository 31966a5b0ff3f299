// SPDX-License-Identifier: GPL-2.0
/*
 * Want of memory: each allocation of an operation fails once.
 *
 * A number N in /proc/thread-self/fail-nth makes the N-th allocation of this task
 * fail, of slab or of pages, that the kernel makes from then on, whatever the task
 * does; afterwards it reads 0, or what is left of N if there were less than N
 * (Documentation/fault-injection/fault-injection.rst).  So N goes from 1 up until the
 * operation has ended without having met one.
 *
 * Whether it succeeds or not, each byte of the file is what it was or what the
 * operation makes of it, and all are the latter if it says that it has succeeded.
 * Nothing is left: it can be done again, and then does succeed, and the file can be
 * cut, which waits for what is pinned.  A fault that finds no memory is taken again
 * by the processor (pagefault_out_of_memory(), mm/oom_kill.c), and is not seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "dax.h"
#include "scarce.h"

/* No operation here makes as many allocations. */
#define MOST	600

#define RW	(PROT_READ | PROT_WRITE)

static sigjmp_buf back;
static volatile sig_atomic_t trying;
static int nth = -1;

static void on_bus(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	if (!trying || info->si_code != BUS_ADRERR)
		_exit(1);
	siglongjmp(back, 1);
}

/**
 * scarce_store() - store a byte
 * @p: where
 * @byte: the byte
 *
 * Return: 0, or BUS if that was a SIGBUS, which said BUS_ADRERR.
 */
int scarce_store(unsigned char *p, unsigned char byte)
{
	if (sigsetjmp(back, 1)) {
		trying = 0;
		return BUS;
	}
	trying = 1;
	*(volatile unsigned char *)p = byte;
	trying = 0;
	return 0;
}

/**
 * scarce_load() - load a byte
 * @p: where
 *
 * Return: As scarce_store().
 */
int scarce_load(const unsigned char *p)
{
	if (sigsetjmp(back, 1)) {
		trying = 0;
		return BUS;
	}
	trying = 1;
	load(p);
	trying = 0;
	return 0;
}

static void fail_nth(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	need(pwrite(nth, text, len, 0) == len, "fail-nth");
}

/* What is left of the number: 0 if an allocation has failed. */
static unsigned int fail_left(void)
{
	char text[16] = "";

	need(pread(nth, text, sizeof(text) - 1, 0) > 0, "fail-nth");
	return strtoul(text, NULL, 10);
}

static void begin(const struct op *op, struct world *w)
{
	*w = (struct world) {
		.fd	= -1,
		.other	= -1,
		.size	= op->pages * PAGE,
		.end	= op->pages * PAGE,
	};
	w->buffer = scratch(w->size, 0x77);
	w->after = scratch(w->size, 0);
	if (op->hole) {
		w->fd = file_new("scarce", w->size);
	} else {
		w->fd = file_known("scarce", op->pages);
		need(pread(w->fd, w->after, w->size, 0) == (ssize_t)w->size, "read");
	}
	if (op->clone) {
		w->other = clone_of(w->fd, "scarce2");
		w->far = map_file(w->other, w->size, op->colour, RW, MAP_SHARED);
	}
	w->map = map_file(w->fd, w->size, op->colour, RW, MAP_SHARED);
	if (op->begin)
		op->begin(w);
}

/* Each byte is as before or as after; as after if @done. */
static void check_bytes(const struct op *op, unsigned int n, bool done,
		const unsigned char *got, size_t len, const struct world *w,
		const char *how)
{
	unsigned char old;
	size_t i;

	for (i = 0; i < len; i++) {
		old = op->hole ? 0 : known(i / PAGE);
		check(got[i] == w->after[i] || (!done && got[i] == old),
		      "%s, allocation %u: %s of byte %zu gave %#x, expected %#x%s",
		      op->name, n, how, i, got[i], w->after[i], done ? "" :
		      " or what it was");
	}
}

static void settle(const struct op *op, struct world *w)
{
	if (op->settle)
		op->settle(w);
}

static void check_content(const struct op *op, unsigned int n, bool done,
		const struct world *w)
{
	unsigned char *got = scratch(w->size, 0x77), *map;
	struct stat st;
	size_t len;

	need(!fstat(w->fd, &st), "fstat");
	len = st.st_size;
	check(len == w->end || (!done && len == w->size),
	      "%s, allocation %u: the file has %zu bytes", op->name, n, len);
	check(pread(w->fd, got, w->size, 0) == (ssize_t)len,
	      "%s, allocation %u: read", op->name, n);
	check_bytes(op, n, done, got, len, w, "read");
	map = map_file(w->fd, w->size, 1, PROT_READ, MAP_SHARED);
	check_bytes(op, n, done, map, len, w, "load");
	munmap(map, w->size);
	munmap(got, w->size);
	if (w->other < 0 || !op->clone)
		return;
	check_known(w->far, 0, op->pages, "the other file");
}

static void end(struct world *w)
{
	/* a pin that is lost is waited for */
	alarm(120);
	check(!ftruncate(w->fd, 0), "truncate");
	if (w->far)
		munmap(w->far, w->size);
	if (w->other >= 0)
		close(w->other);
	munmap(w->map, w->size);
	munmap(w->buffer, w->size);
	munmap(w->after, w->size);
	close(w->fd);
	unlink(dax_path("scarce"));
	unlink(dax_path("scarce2"));
	alarm(0);
}

/*
 * ext4 answers a store with SIGBUS if there is no memory for a journal handle
 * (ext4_dax_huge_fault(), fs/ext4/file.c), before the DAX core comes to it.
 */
static bool is_allowed(const struct op *op, const struct world *w, int error)
{
	struct statfs st;
	size_t i;

	need(!fstatfs(w->fd, &st), "fstatfs");
	if (error == BUS && st.f_type != EXT4_SUPER_MAGIC)
		return false;
	for (i = 0; i < sizeof(op->allowed) / sizeof(op->allowed[0]); i++)
		if (error == op->allowed[i])
			return true;
	return error == ENOMEM;
}

/* Returns whether an allocation has failed. */
static bool try(const struct op *op, unsigned int n, unsigned int *failed)
{
	struct world w;
	unsigned int left;
	int error, again;

	begin(op, &w);
	fail_nth(n);
	error = op->run(&w);
	left = fail_left();
	fail_nth(0);
	check(!error || (!left && is_allowed(op, &w, error)),
	      "%s, allocation %u%s: error %d", op->name, n,
	      left ? ", which is not" : "", error);
	settle(op, &w);
	check_content(op, n, !error, &w);
	if (error) {
		++*failed;
		again = op->run(&w);
		check(!again, "%s, allocation %u: again: error %d", op->name, n,
		      again);
		settle(op, &w);
		check_content(op, n, true, &w);
	}
	end(&w);
	return !left;
}

/* The operation that the command line names. */
static const struct op *chosen;

static void try_all(void)
{
	unsigned int n, failed = 0;

	for (n = 1; try(chosen, n, &failed); n++)
		check(n < MOST, "more than %u allocations", MOST);
	printf("of %u allocations that fail %u make it fail\n", n - 1, failed);
}

int main(int argc, char **argv)
{
	struct sigaction action = {
		.sa_sigaction	= on_bus,
		.sa_flags	= SA_SIGINFO,
	};
	struct dax_case cases[2] = { { NULL, try_all } };

	for (chosen = scarce_ops; argc > 1 && chosen->name; chosen++)
		if (!strcmp(chosen->name, argv[1]))
			break;
	cases[0].name = chosen->name;
	need(!sigaction(SIGBUS, &action, NULL), "sigaction");
	nth = open("/proc/thread-self/fail-nth", O_RDWR);
	need(nth >= 0, "fail-nth");
	return dax_main(argc, argv, cases);
}
