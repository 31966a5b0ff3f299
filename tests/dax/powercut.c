// SPDX-License-Identifier: GPL-2.0
/*
 * What must survive a power cut: files that were stored to and synced.
 *
 *   powercut msync|sync|fsync FOLDER   makes file after file, by stores and
 *                                      msync(2), by stores to a MAP_SYNC mapping,
 *                                      or by write(2) and fsync(2); says the
 *                                      number of each once it is durable
 *   powercut check FOLDER NUMBER       the files up to NUMBER are whole
 *
 * Exit status: 0; 1 with a line on stderr if a file is not; 99 set-up broken.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dax.h"

#define RW	(PROT_READ | PROT_WRITE)

#define FILE_PAGES	8
#define FILES		2000

/* A file's every word is its number and the word's. */
static unsigned long word(unsigned int number, size_t i)
{
	return (unsigned long)number << 32 | i;
}

static void fill(unsigned long *words, unsigned int number)
{
	size_t i;

	for (i = 0; i < FILE_PAGES * PAGE / sizeof(*words); i++)
		words[i] = word(number, i);
}

/* What the processor has not written yet, for MAP_SYNC. */
static void flush(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 64)
		__builtin_ia32_clflush(p + i);
	__builtin_ia32_sfence();
}

static int open_number(unsigned int number, int flags)
{
	char name[32];

	snprintf(name, sizeof(name), "%u", number);
	return open(dax_path(name), flags, 0600);
}

static void write_files(int flags, bool call)
{
	size_t len = FILE_PAGES * PAGE;
	unsigned long *mem = scratch(len, 0), *map;
	unsigned int number;
	int fd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (number = 1; number <= FILES; number++) {
		fd = open_number(number, O_RDWR | O_CREAT | O_EXCL);
		need(fd >= 0, "open");
		if (call) {
			fill(mem, number);
			need(write(fd, mem, len) == (ssize_t)len, "write");
			need(!fsync(fd), "fsync");
		} else {
			need(!ftruncate(fd, len), "ftruncate");
			map = map_file(fd, len, 1, RW, flags);
			fill(map, number);
			if (flags == MAP_SYNCED)
				flush((char *)map, len);
			else
				need(!msync(map, len, MS_SYNC), "msync");
			munmap(map, len);
		}
		close(fd);
		printf("%u\n", number);
	}
	pause();
}

static void by_msync(void)
{
	write_files(MAP_SHARED, false);
}

static void by_sync(void)
{
	write_files(MAP_SYNCED, false);
}

static void by_fsync(void)
{
	write_files(0, true);
}

static unsigned int last;

static void check_files(void)
{
	size_t len = FILE_PAGES * PAGE, i;
	unsigned long *mem = scratch(len, 0);
	unsigned int number;
	ssize_t n;
	int fd;

	check(last > 0, "no file was said to be durable");
	for (number = 1; number <= last; number++) {
		fd = open_number(number, O_RDONLY);
		check(fd >= 0, "file %u of %u is not there", number, last);
		n = read(fd, mem, len);
		check(n == (ssize_t)len, "file %u of %u has %zd bytes", number,
		      last, n);
		for (i = 0; i < len / sizeof(*mem); i++)
			check(mem[i] == word(number, i),
			      "file %u of %u: word %zu is %#lx", number, last, i,
			      mem[i]);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	static const struct dax_case cases[] = {
		{ "check", check_files },
		{ "fsync", by_fsync },
		{ "msync", by_msync },
		{ "sync", by_sync },
		{ NULL, NULL },
	};

	if (argc == 4)
		last = strtoul(argv[--argc], NULL, 10);
	return dax_main(argc, argv, cases);
}
