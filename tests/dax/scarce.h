/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocations that fail, one after the other: what scarce.c and its operations share.
 */
#ifndef TESTS_DAX_SCARCE_H
#define TESTS_DAX_SCARCE_H

#include <stdbool.h>
#include <stddef.h>

/* What an access that was a SIGBUS has in place of an errno. */
#define BUS	4096

/**
 * struct world - the files that an operation works on, made anew for each try
 * @fd: the file that it changes
 * @other: a file that shares its blocks, or is cloned from; -1 if there is none
 * @map: @fd, mapped shared, or private where the operation says so
 * @far: @other, mapped, or NULL
 * @buffer: memory of this process as long as the file, there and in its page table
 * @after: what @fd holds when the operation has succeeded
 * @size: bytes of @fd
 * @end: bytes of @fd when the operation has succeeded
 */
struct world {
	int fd;
	int other;
	unsigned char *map;
	unsigned char *far;
	unsigned char *buffer;
	unsigned char *after;
	size_t size;
	size_t end;
};

/**
 * struct op - an operation
 * @name: what it is called
 * @pages: of the file
 * @colour: as map_place()
 * @hole: the file has no blocks
 * @clone: it shares all of them with another file; not on ext4
 * @allowed: errors besides ENOMEM that want of memory may come out as
 * @begin: prepares; NULL if there is nothing to do; sets what changes of @after
 * @run: does it.  Returns 0, an errno or BUS; may be done again
 * @settle: makes the file readable again, where that is not so; NULL if it is
 */
struct op {
	const char *name;
	size_t pages;
	size_t colour;
	bool hole;
	bool clone;
	int allowed[3];
	void (*begin)(struct world *w);
	int (*run)(struct world *w);
	void (*settle)(struct world *w);
};

extern const struct op scarce_ops[];

int scarce_store(unsigned char *p, unsigned char byte);
int scarce_load(const unsigned char *p);

#endif
