// SPDX-License-Identifier: GPL-2.0
/*
 * Holds one page of each kind that a process can have, and says which frame it
 * is in, by its own reading of /proc/self/pagemap and /proc/kpageflags.  An
 * oracle for "poisonctl resolve": no line of this is the tool's.
 *
 *	mapper [FILE [DEVDAX]]
 *
 * One line for each mapping, "KIND ADDRESS PFN FLAGS" (ADDRESS and FLAGS in hex
 * with 0x, PFN decimal, 0 if no page is there), then "ready"; ends when
 * its standard input does.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096UL
#define HUGE	(2UL << 20)

static uint64_t word_at(const char *path, uint64_t index)
{
	int fd = open(path, O_RDONLY);
	uint64_t word = 0;

	if (fd < 0)
		err(1, "%s", path);
	if (pread(fd, &word, 8, (off_t)(index * 8)) != 8)
		word = 0;
	close(fd);
	return word;
}

static void say(const char *kind, const void *p)
{
	uint64_t entry = word_at("/proc/self/pagemap", (uintptr_t)p / PAGE);
	uint64_t pfn = entry >> 63 ? entry & ((1ULL << 55) - 1) : 0;

	printf("%s %#lx %" PRIu64 " %#" PRIx64 "\n", kind, (uintptr_t)p, pfn,
	       pfn ? word_at("/proc/kpageflags", pfn) : 0);
}

/* A load and a store that the compiler must leave in. */
static void touch(char *p)
{
	volatile char *v = p;

	*v = *v;
}

static char *map(size_t len, int prot, int flags, int fd, off_t off)
{
	char *p = mmap(NULL, len, prot, flags, fd, off);

	if (p == MAP_FAILED)
		err(1, "mmap of %zu bytes at %lld", len, (long long)off);
	return p;
}

/* An address that is a multiple of 2 MiB, in a mapping with nothing beside. */
static char *map_aligned(int flags, int fd)
{
	char *p = map(2 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	p = (char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1));
	p = mmap(p, HUGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
	if (p == MAP_FAILED)
		err(1, "mmap of 2 MiB");
	return p;
}

static void anonymous(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
	volatile char c;

	madvise(p, 4 * PAGE, MADV_NOHUGEPAGE);
	p[0] = p[PAGE] = 1;
	c = p[2 * PAGE];
	say("anon", p);
	say("anon-next", p + PAGE);
	say("zero", p + 2 * PAGE);
	say("untouched", p + 3 * PAGE);
	p = map_aligned(flags, -1);
	if (madvise(p, HUGE, MADV_HUGEPAGE))
		warn("MADV_HUGEPAGE");
	p[0] = 1;
	say("thp", p + 5 * PAGE);
	c = *(volatile char *)getauxval(AT_SYSINFO_EHDR);
	say("vdso", (void *)getauxval(AT_SYSINFO_EHDR));
	(void)c;
}

/* The first free huge page, if an administrator reserved one. */
static void hugetlb(void)
{
	char *p = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		       MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		return;
	p[0] = 1;
	say("hugetlb", p + 3 * PAGE);
}

/* A page of the first 4 MiB of physical memory: mapped by VM_PFNMAP. */
static void device(void)
{
	int fd = open("/dev/mem", O_RDONLY);
	volatile char *p;

	if (fd < 0)
		return;
	p = map(PAGE, PROT_READ, MAP_SHARED, fd, 0xf0000);
	(void)p[0];
	say("device", (const void *)p);
}

static void file(const char *path)
{
	int fd = open(path, O_RDWR);
	char *p;

	if (fd < 0)
		err(1, "%s", path);
	p = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
	touch(p);
	touch(p + PAGE);
	say("file", p);
	say("file-next", p + PAGE);
	p = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, PAGE);
	(void)*(volatile char *)p;
	p[PAGE] = 1;
	say("private", p);
	say("copied", p + PAGE);
}

static void devdax(const char *path)
{
	int fd = open(path, O_RDWR);
	char *p;

	if (fd < 0)
		err(1, "%s", path);
	p = map_aligned(MAP_SHARED, fd);
	touch(p);
	say("devdax", p + 7 * PAGE);
}

int main(int argc, char **argv)
{
	char c;

	anonymous();
	hugetlb();
	device();
	if (argc > 1)
		file(argv[1]);
	if (argc > 2)
		devdax(argv[2]);
	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
