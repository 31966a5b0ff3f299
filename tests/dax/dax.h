/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs share that test the DAX core in the guest.
 *
 * A program is a table of cases; each case checks one property on files that it
 * makes below the folder it is given.  Exit status: 0 the property holds, 1 it
 * does not, 99 the set-up is broken; the last two with a line on stderr.
 */
#ifndef TESTS_DAX_H
#define TESTS_DAX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PAGE	4096UL
#define KIB	1024UL
#define MIB	(1024UL * KIB)
#define PMD	(2 * MIB)

/* Flags of mmap(2) that older headers lack the sum of. */
#define MAP_SYNCED	(MAP_SHARED_VALIDATE | MAP_SYNC)

/**
 * struct dax_case - one row of a program's table
 * @name: what the command line calls it
 * @run: returns if the property holds
 */
struct dax_case {
	const char *name;
	void (*run)(void);
};

/**
 * struct bus - what an access came to
 * @code: si_code of its SIGBUS, 0 if it went well
 * @lsb: si_addr_lsb, where @code is of a machine check
 * @addr: si_addr
 */
struct bus {
	int code;
	int lsb;
	void *addr;
};

/* What to do with an address in bus_of(). */
enum access {
	LOAD,
	STORE,
	POISON,		/* madvise(MADV_HWPOISON) of the page */
};

int dax_main(int argc, char **argv, const struct dax_case *cases);
const char *dax_path(const char *name);
bool core_is_ours(void);
bool core_as_ours_since(int major, int minor);

void check(bool holds, const char *what, ...)
	__attribute__((format(printf, 2, 3)));
void need(bool there, const char *what, ...)
	__attribute__((format(printf, 2, 3)));

int file_new(const char *name, size_t size);
int file_known(const char *name, size_t pages);
int clone_of(int fd, const char *name);
unsigned long long block_of(int fd, size_t offset, unsigned int flags);
void list_bad(unsigned long long byte);
unsigned char known(size_t page);
void check_file(int fd, size_t offset, size_t len, int byte, const char *what);
void check_mem(const void *mem, size_t len, int byte, const char *what);
void check_known(const unsigned char *mem, size_t first, size_t pages,
		const char *what);
void *scratch(size_t len, int byte);

void *map_place(size_t len, size_t colour);
void *map_file(int fd, size_t len, size_t colour, int prot, int flags);
void load(const void *p);
void load_pages(const void *p, size_t pages);
struct bus bus_of(void *addr, enum access access);
bool bus_is(struct bus bus, int code, const void *addr);
bool page_present(const void *p);

unsigned long faults(void);
void trace_start(const char *event);
unsigned int trace_count(const char *word);
void trace_stop(const char *event);

#endif
