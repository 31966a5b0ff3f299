// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings that fsx sees its files through: loads and stores, and what they must
 * come to.
 */
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fsx.h"

#define RW	(PROT_READ | PROT_WRITE)

/* Of each file, from its start; a colour of 0 is fit for PMDs. */
static const struct {
	size_t colour;
	int flags;
} views[VIEWS] = {
	{ 0, MAP_SHARED },
	{ 1, MAP_SHARED },
	{ 0, MAP_SYNCED },
	{ 0, MAP_PRIVATE },
	{ 3, MAP_PRIVATE },
};

/**
 * struct view - a mapping of a file
 * @map: its start
 * @colour: what it is aligned to now
 * @copied: the pages of which a private mapping has its own
 * @copy: what these hold
 */
struct view {
	unsigned char *map;
	size_t colour;
	bool copied[PAGES];
	unsigned char *copy;
};

static struct view view[FILES][VIEWS];
static sigjmp_buf back;
static volatile bool expecting;
static volatile struct bus seen;

static void on_bus(int sig, siginfo_t *info, void *context)
{
	(void)context;
	check(expecting && sig == SIGBUS, "signal %d, code %d at %p, where none can be",
	      sig, info->si_code, info->si_addr);
	seen.code = info->si_code;
	seen.addr = info->si_addr;
	seen.lsb = info->si_code == BUS_MCEERR_AR ? info->si_addr_lsb : 0;
	siglongjmp(back, 1);
}

/* What an access comes to; as bus_of(), but in this process. */
static struct bus touch(volatile unsigned char *p, bool store, unsigned char byte)
{
	memset((void *)&seen, 0, sizeof(seen));
	expecting = true;
	if (!sigsetjmp(back, 0)) {
		if (store)
			*p = byte;
		else
			load((const void *)p);
	}
	expecting = false;
	return seen;
}

/**
 * view_private() - is it of a private mapping?
 */
bool view_private(unsigned int v)
{
	return views[v].flags == MAP_PRIVATE;
}

/**
 * view_at() - the address of a byte
 */
void *view_at(unsigned int file, unsigned int v, size_t at)
{
	return view[file][v].map + at;
}

/**
 * view_shows() - is the address, in any mapping, one of a page's block?
 * : address of a page
 * : a file that has the block
 * : where
 */
bool view_shows(const void *p, unsigned int file, size_t page)
{
	unsigned int other, v;

	for (other = 0; other < FILES; other++) {
		for (v = 0; v < VIEWS; v++) {
			size_t at = (size_t)p - (size_t)view[other][v].map;

			if (at < MOST && model_same_block(file, page, other, at / PAGE))
				return true;
		}
	}
	return false;
}

/**
 * views_open() - map a file
 * @file: its number
 * @fd: the file
 */
void views_open(unsigned int file, int fd)
{
	struct sigaction action = {
		.sa_sigaction	= on_bus,
		.sa_flags	= SA_SIGINFO | SA_NODEFER,
	};
	unsigned int v;

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	for (v = 0; v < VIEWS; v++) {
		view[file][v].colour = views[v].colour;
		view[file][v].map = map_file(fd, MOST, views[v].colour, RW,
					     views[v].flags);
		if (view_private(v))
			view[file][v].copy = scratch(MOST, 0);
	}
}

/* The pages of one's own are gone. */
static void lose_copies(unsigned int file, unsigned int v, size_t first,
		size_t end)
{
	memset(view[file][v].copied + first, 0, end - first);
}

/**
 * views_cut() - a file was cut off: what is behind is gone from private mappings, too
 */
void views_cut(unsigned int file)
{
	unsigned int v;

	for (v = 0; v < VIEWS; v++)
		lose_copies(file, v, pages_up(model_size(file)), PAGES);
}

/* What an access to the page must come to, as si_code; 0 if it must go well. */
static int expected(unsigned int file, unsigned int v, size_t page)
{
	if (view[file][v].copied[page])
		return 0;
	if (page >= pages_up(model_size(file)))
		return BUS_ADRERR;
	return model_bad(file, page) ? BUS_MCEERR_AR : 0;
}

/* Touches a byte; is the page there? */
static bool touch_right(unsigned int file, unsigned int v, size_t at, bool store,
		unsigned char byte)
{
	unsigned char *p = view_at(file, v, at);
	int code = expected(file, v, at / PAGE);
	struct bus bus = touch(p, store, byte);

	/* arch/x86/mm/fault.c, do_sigbus(): the address is that of the access */
	check(bus.code == code && bus.addr == (code ? p : NULL) &&
	      bus.lsb == (code == BUS_MCEERR_AR ? 12 : 0),
	      "%s at %#zx of file %u through view %u: code %d lsb %d at %p, expected %d at %p",
	      store ? "store" : "load", at, file, v, bus.code, bus.lsb,
	      bus.addr, code, code ? p : NULL);
	return !code;
}

static const unsigned char *wanted(unsigned int file, unsigned int v, size_t at)
{
	if (view[file][v].copied[at / PAGE])
		return view[file][v].copy + at;
	return model_bytes(file, at);
}

/**
 * view_load() - look at a range
 * @file: the file
 * @v: which mapping
 * @range: bytes, page by page up to one behind the end of the file
 */
void view_load(unsigned int file, unsigned int v, struct range range)
{
	size_t at = range.at, end = range.at + range.len, n, i;

	for (; at < end; at += n) {
		const unsigned char *got = view_at(file, v, at), *want;

		n = least(PAGE - at % PAGE, end - at);
		if (!touch_right(file, v, at, false, 0)) {
			if (at >= model_size(file))
				return;
			continue;
		}
		want = wanted(file, v, at);
		for (i = 0; memcmp(got, want, n) && i < n; i++)
			check(got[i] == want[i],
			      "load at %#zx of file %u through view %u: %#x, expected %#x",
			      at + i, file, v, got[i], want[i]);
	}
}

/* A store of @n bytes that goes well, as the model has it. */
static void stored(unsigned int file, unsigned int v, struct range range,
		const unsigned char *bytes)
{
	struct view *w = &view[file][v];
	size_t page = range.at / PAGE;

	if (!view_private(v)) {
		/* a size that a mapping does not change */
		model_write(file, range, bytes);
		return;
	}
	if (!w->copied[page])
		memcpy(w->copy + page * PAGE, model_bytes(file, page * PAGE), PAGE);
	w->copied[page] = true;
	memcpy(w->copy + range.at, bytes, range.len);
}

/**
 * view_store() - store to a range
 * @file: the file
 * @v: which mapping
 * @range: bytes; nothing is stored to the last page behind the end of the file, for
 *	it is not said whether that lasts
 * @bytes: what
 */
void view_store(unsigned int file, unsigned int v, struct range range,
		const unsigned char *bytes)
{
	size_t at = range.at, end = range.at + range.len, n;
	size_t size = model_size(file);

	for (; at < end; at += n, bytes += n) {
		n = least(PAGE - at % PAGE, end - at);
		if (at < size)
			n = least(n, size - at);
		else if (at / PAGE < pages_up(size))
			continue;
		if (!touch_right(file, v, at, true, bytes[0])) {
			if (at >= size)
				return;
			continue;
		}
		memcpy(view_at(file, v, at), bytes, n);
		stored(file, v, (struct range){ at, n }, bytes);
	}
}

/* The pages that a range has part of. */
static struct range whole_pages(struct range range)
{
	size_t at = range.at / PAGE * PAGE;

	return (struct range){ at, pages_up(range.at + range.len) * PAGE - at };
}

/**
 * view_forget() - MADV_DONTNEED: a private mapping is as the file again
 */
void view_forget(unsigned int file, unsigned int v, struct range range)
{
	struct range all = whole_pages(range);

	check(!madvise(view_at(file, v, all.at), all.len, MADV_DONTNEED),
	      "MADV_DONTNEED");
	lose_copies(file, v, all.at / PAGE, (all.at + all.len) / PAGE);
}

/**
 * view_renew() - map the file anew in the same place
 */
void view_renew(unsigned int file, unsigned int v, int fd)
{
	void *p = view_at(file, v, 0);

	check(mmap(p, MOST, RW, views[v].flags | MAP_FIXED, fd, 0) == p, "mmap");
	lose_copies(file, v, 0, PAGES);
}

/**
 * view_move() - move a mapping, between places that are fit for PMDs and not
 */
void view_move(unsigned int file, unsigned int v)
{
	struct view *w = &view[file][v];
	void *to, *p;

	w->colour = w->colour ? 0 : 5;
	to = map_place(MOST, w->colour);
	p = mremap(w->map, MOST, MOST, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	check(p == to, "mremap gave %p", p);
	w->map = p;
}
