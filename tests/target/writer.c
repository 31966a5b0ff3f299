// SPDX-License-Identifier: GPL-2.0
/*
 * Writes one page of a file over and over, and looks whether what it wrote stays.
 *
 *	writer store FILE PAGE		a counter, through a shared mapping
 *	writer write FILE PAGE		the whole page, by write(2)
 *	writer append FILE PAGE		eight bytes now and then, as long as they fit in
 *					the page that FILE ends in
 *
 * The counter lies in the page's second half, and is looked at through a mapping of
 * its own: writeback takes an entry that is writable out of the page table for a
 * moment (page_vma_mkclean_one()), and a load that finds none there meets the list of
 * bad pages.  Ends at SIGTERM: "kept N", or "lost N"
 * at the first that did not stay, and status 1; status 3 at SIGBUS.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE	4096

static volatile sig_atomic_t ended;

static void end(int sig)
{
	(void)sig;
	ended = 1;
}

static void bus(int sig)
{
	static const char text[] = "SIGBUS\n";

	(void)sig;
	_exit(write(STDOUT_FILENO, text, sizeof(text) - 1) < 0 ? 4 : 3);
}

static uint64_t lost(uint64_t n)
{
	printf("lost %llu\n", (unsigned long long)n);
	exit(1);
}

static volatile uint64_t *map(int fd, off_t at, int prot)
{
	uint8_t *p = mmap(NULL, PAGE, prot, MAP_SHARED, fd, at);

	if (p == MAP_FAILED)
		err(4, "mmap");
	return (volatile uint64_t *)(p + PAGE / 2);
}

static uint64_t store(int fd, off_t at)
{
	volatile uint64_t *to = map(fd, at, PROT_READ | PROT_WRITE);
	volatile uint64_t *from = map(fd, at, PROT_READ);
	uint64_t n;

	*to = 0;
	for (n = 0; !ended; *to = ++n)
		if (*from != n)
			lost(n);
	return n;
}

/* Nothing of a page with poison can be read, and a write of all of it repairs it. */
static uint64_t whole(int fd, off_t at)
{
	uint64_t page[PAGE / sizeof(uint64_t)], back, n;

	for (n = 1; !ended; n++) {
		memset(page, (int)n, sizeof(page));
		if (pwrite(fd, page, PAGE, at) != PAGE)
			err(4, "write");
		if (pread(fd, &back, sizeof(back), at + PAGE / 2) == sizeof(back)) {
			if (back != page[0])
				lost(n);
		} else if (errno != EIO) {
			err(4, "read");
		}
	}
	return n;
}

static uint64_t append(int fd, off_t at)
{
	off_t size = lseek(fd, 0, SEEK_END);
	struct stat st;
	uint64_t n;

	for (n = 1; !ended; n++) {
		if (fstat(fd, &st) || st.st_size != size)
			lost(n);
		if (n % 256 || size + (off_t)sizeof(n) > at + PAGE)
			continue;
		if (pwrite(fd, &n, sizeof(n), size) == sizeof(n))
			size += (off_t)sizeof(n);
		else if (errno != EIO)
			err(4, "write");
	}
	return n;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t (*run)(int fd, off_t at);
	} ways[] = { { "store", store }, { "write", whole }, { "append", append } };
	size_t i;
	int fd;

	for (i = 0; argc == 4 && i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(argv[1], ways[i].name))
			continue;
		fd = open(argv[2], O_RDWR);
		if (fd < 0)
			err(4, "'%s'", argv[2]);
		signal(SIGTERM, end);
		signal(SIGBUS, bus);
		printf("kept %llu\n", (unsigned long long)ways[i].run(fd, atoll(argv[3]) * PAGE));
		return 0;
	}
	fprintf(stderr, "usage: writer store|write|append FILE PAGE\n");
	return 2;
}
