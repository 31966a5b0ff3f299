// SPDX-License-Identifier: GPL-2.0
/*
 * The kinds of fsx's operations.  Poison is MADV_HWPOISON.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fsx.h"

/* Blocks that are poisoned at a time: most of a file is to be looked at. */
#define BAD_MOST	8

static void do_load(const struct op *op)
{
	view_load(op->file, op->arg % VIEWS, range_of(op));
}

static void do_store(const struct op *op)
{
	view_store(op->file, op->arg % VIEWS, range_of(op), bytes_of(op));
}

static void do_sync(const struct op *op)
{
	int rc, fd = file_fd(op->file, op->arg >> 1 & 1);

	do
		rc = op->arg & 1 ? fsync(fd) : fdatasync(fd);
	while (told_late(rc));
	check(!rc, "%s", strerror(errno));
}

static void do_msync(const struct op *op)
{
	size_t at = op->at / PAGE * PAGE;
	int rc;

	do
		rc = msync(view_at(op->file, op->arg % 3, at),
			   op->at + op->len - at, MS_SYNC);
	while (told_late(rc));
	check(!rc, "%s", strerror(errno));
}

static void do_forget(const struct op *op)
{
	view_forget(op->file, op->arg % VIEWS, range_of(op));
}

static void do_renew(const struct op *op)
{
	view_renew(op->file, op->arg % VIEWS, file_fd(op->file, op->arg & 1));
}

static void do_move(const struct op *op)
{
	view_move(op->file, op->arg % VIEWS);
}

/* Entries that are clean go. */
static void do_drop(const struct op *op)
{
	check(!posix_fadvise(file_fd(op->file, 0), op->at, op->len,
			     POSIX_FADV_DONTNEED), "POSIX_FADV_DONTNEED");
}

/* The first page from there on, round the file, that is bad or, else, could be. */
static bool find_page(const struct op *op, bool bad, size_t *found)
{
	size_t count = pages_up(model_size(op->file)), i;

	for (i = 0; i < count; i++) {
		size_t page = (op->at / PAGE + i) % count;

		*found = page;
		if (bad ? model_bad(op->file, page) :
		    model_has_block(op->file, page) && !model_bad(op->file, page))
			return true;
	}
	return false;
}

static void do_poison(const struct op *op)
{
	unsigned int view = op->arg & 1;
	struct op sync = *op;
	unsigned char *p;
	struct bus bus;
	size_t page;

	if (model_bad_blocks() >= BAD_MOST || !find_page(op, false, &page))
		return;
	/* whether it is dirty, and shared, is by chance */
	p = view_at(op->file, view, page * PAGE);
	if (op->arg & 2)
		view_load(op->file, view, (struct range){ page * PAGE, 1 });
	if (op->arg & 4)
		do_sync(&sync);
	else
		late_to_tell();
	bus = bus_of(p, POISON);
	/* a child has page tables of its parent's private mappings; 21 is of a PMD */
	check(bus.code == BUS_MCEERR_AR && (bus.lsb == 12 || bus.lsb == 21) &&
	      view_shows(bus.addr, op->file, page),
	      "MADV_HWPOISON of page %zu of file %u at %p: code %d lsb %d at %p",
	      page, op->file, p, bus.code, bus.lsb, bus.addr);
	model_poison(op->file, page);
}

/* Writes, punches or zeroes a whole bad page. */
static void do_repair(const struct op *op)
{
	struct op whole = *op;
	size_t page;

	if (!find_page(op, true, &page))
		return;
	whole.at = page * PAGE;
	whole.len = PAGE;
	if (op->arg % 4 == 0)
		file_punch(&whole);
	else if (op->arg % 4 == 1)
		file_zero(&whole);
	else
		file_write(&whole);
}

/* How often of about a hundred, what for, and how it is done. */
static const struct {
	const char *name;
	unsigned int weight, with;
	void (*run)(const struct op *op);
} table[] = {
	{ "load",	16, 0, do_load },
	{ "store",	16, 0, do_store },
	{ "read",	8, 0, file_read },
	{ "write",	14, 0, file_write },
	{ "copy",	5, 0, file_copy },
	{ "punch",	5, 0, file_punch },
	{ "zero",	5, 0, file_zero },
	{ "alloc",	2, 0, file_alloc },
	{ "truncate",	4, 0, file_truncate },
	{ "sync",	2, 0, do_sync },
	{ "msync",	4, 0, do_msync },
	{ "forget",	4, 0, do_forget },
	{ "renew",	1, 0, do_renew },
	{ "move",	1, 0, do_move },
	{ "drop",	2, 0, do_drop },
	{ "clone",	6, WITH_SHARE, file_clone },
	{ "dedupe",	4, WITH_SHARE, file_dedupe },
	{ "unshare",	3, WITH_SHARE, file_unshare },
	{ "poison",	5, WITH_POISON, do_poison },
	{ "repair",	4, WITH_POISON, do_repair },
};

const unsigned int kinds = sizeof(table) / sizeof(table[0]);

/**
 * kind_name() - what a kind of operations is called
 */
const char *kind_name(unsigned int kind)
{
	return table[kind].name;
}

/**
 * kind_weight() - how often there is one of a kind, of the sum of all
 */
unsigned int kind_weight(unsigned int kind, unsigned int with)
{
	return table[kind].with & ~with ? 0 : table[kind].weight;
}

/**
 * kind_find() - the kind of a name
 *
 * Return: -1 if there is none.
 */
int kind_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < kinds; i++)
		if (!strcmp(table[i].name, name))
			return i;
	return -1;
}

/**
 * op_run() - do an operation to the files and to the model
 */
void op_run(const struct op *op)
{
	table[op->kind].run(op);
}
