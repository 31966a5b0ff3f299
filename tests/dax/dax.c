// SPDX-License-Identifier: GPL-2.0
/*
 * What the programs share that test the DAX core in the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include "dax.h"

#define TRACING	"/sys/kernel/tracing/"

static const char *folder;
/* Of this thread's bus_of(); shared with its child only. */
static __thread struct bus *seen;

static void say_and_exit(int status, const char *what, va_list args)
{
	vfprintf(stderr, what, args);
	fputc('\n', stderr);
	exit(status);
}

/**
 * check() - a property that the case is about
 * @holds: whether it does; if not, the program ends with 1
 * @what: what does not hold, as printf
 */
void check(bool holds, const char *what, ...)
{
	va_list args;

	if (holds)
		return;
	va_start(args, what);
	say_and_exit(1, what, args);
}

/**
 * need() - something that the case cannot be tried without
 * @there: whether it is; if not, the program ends with 99
 * @what: what failed, as printf; errno's text is said in front
 */
void need(bool there, const char *what, ...)
{
	va_list args;

	if (there)
		return;
	fprintf(stderr, "%s: ", strerror(errno));
	va_start(args, what);
	say_and_exit(99, what, args);
}

/**
 * core_is_ours() - is it kernel/dax that runs?
 *
 * Return: false for Linux's own fs/dax.c.
 */
bool core_is_ours(void)
{
	struct utsname name;

	need(!uname(&name), "uname");
	return strstr(name.release, "-poisonctl-ours");
}

/**
 * core_as_ours_since() - does it as kernel/dax does, where Linux's own core has
 * learned to?
 * @major: the first Linux whose core does
 * @minor: 6, 12 is Linux 6.12
 *
 * Return: true for kernel/dax, too.
 */
bool core_as_ours_since(int major, int minor)
{
	struct utsname name;
	int is_major, is_minor;

	need(!uname(&name), "uname");
	need(sscanf(name.release, "%d.%d", &is_major, &is_minor) == 2, "release");
	return core_is_ours() || is_major > major ||
		(is_major == major && is_minor >= minor);
}

/**
 * dax_path() - the path of a file in the case's folder
 * @name: its name
 *
 * Return: the path, good until the fourth call from here.
 */
const char *dax_path(const char *name)
{
	static char paths[4][256];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(paths[turn], sizeof(paths[0]), "%s/%s", folder, name);
	return paths[turn];
}

/**
 * dax_main() - run one case
 * @argc: of main()
 * @argv: of main(): PROGRAM CASE FOLDER
 * @cases: the program's, ended by one without a name
 *
 * Return: 0; it does not return if the case fails.
 */
int dax_main(int argc, char **argv, const struct dax_case *cases)
{
	const struct dax_case *c;

	if (access("/run/poisonctl-guest", F_OK)) {
		fprintf(stderr, "not in a guest\n");
		return 99;
	}
	for (c = cases; argc == 3 && c->name; c++) {
		if (strcmp(c->name, argv[1]))
			continue;
		folder = argv[2];
		c->run();
		return 0;
	}
	fprintf(stderr, "usage: %s CASE FOLDER\n", argv[0]);
	return 99;
}

/**
 * file_new() - a file without blocks, on DAX
 * @name: its name in the case's folder
 * @size: bytes
 *
 * Return: a descriptor, open for reading and writing.
 */
int file_new(const char *name, size_t size)
{
	struct statx st;
	int fd;

	unlink(dax_path(name));
	fd = open(dax_path(name), O_RDWR | O_CREAT | O_EXCL, 0600);
	need(fd >= 0, "open '%s'", dax_path(name));
	need(!ftruncate(fd, size), "ftruncate");
	need(!statx(fd, "", AT_EMPTY_PATH, 0, &st), "statx");
	errno = 0;
	need(st.stx_attributes & STATX_ATTR_DAX, "'%s' is not on DAX", name);
	return fd;
}

/**
 * known() - the byte that a page of a known file is full of
 * @page: number of the page; neighbours differ
 */
unsigned char known(size_t page)
{
	return page % 251 + 1;
}

/**
 * file_known() - a file of known data, on the media
 * @name: its name in the case's folder
 * @pages: its size, pages
 *
 * Return: a descriptor, open for reading and writing.
 */
int file_known(const char *name, size_t pages)
{
	int fd = file_new(name, 0);
	unsigned char *mem = scratch(pages * PAGE, 0);
	size_t i;

	for (i = 0; i < pages; i++)
		memset(mem + i * PAGE, known(i), PAGE);
	/* one allocation, so that a PMD's worth is contiguous */
	need(!fallocate(fd, 0, 0, pages * PAGE), "fallocate");
	need(pwrite(fd, mem, pages * PAGE, 0) == (ssize_t)(pages * PAGE),
	     "write '%s'", name);
	need(!fsync(fd), "fsync");
	munmap(mem, pages * PAGE);
	return fd;
}

/**
 * clone_of() - a file that shares all blocks of another
 * @fd: the other file
 * @name: name of the new one in the case's folder
 *
 * Return: a descriptor, open for reading and writing.
 */
int clone_of(int fd, const char *name)
{
	int copy = file_new(name, 0);

	need(!ioctl(copy, FICLONE, fd), "FICLONE");
	return copy;
}

/**
 * scratch() - memory that is no file's
 * @len: bytes
 * @byte: what it is full of
 */
void *scratch(size_t len, int byte)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(mem != MAP_FAILED, "mmap of %zu bytes", len);
	if (byte)
		memset(mem, byte, len);
	return mem;
}

/**
 * check_mem() - all bytes are the same
 * @mem: the first
 * @len: how many
 * @byte: what they must be
 * @what: said if one is not
 */
void check_mem(const void *mem, size_t len, int byte, const char *what)
{
	const unsigned char *p = mem;
	size_t i;

	for (i = 0; i < len; i++)
		check(p[i] == (unsigned char)byte,
		      "%s: byte %zu of %zu is %#x, expected %#x", what, i, len,
		      p[i], (unsigned char)byte);
}

/**
 * check_known() - pages hold what file_known() wrote
 * @mem: the first page
 * @first: its number in the file
 * @pages: how many
 * @what: said if one does not
 */
void check_known(const unsigned char *mem, size_t first, size_t pages,
		const char *what)
{
	size_t i;

	for (i = 0; i < pages; i++)
		check_mem(mem + i * PAGE, PAGE, known(first + i), what);
}

/**
 * check_file() - read(2) gives these bytes
 * @fd: the file
 * @offset: of the first byte
 * @len: how many
 * @byte: what they must be
 * @what: said if one is not
 */
void check_file(int fd, size_t offset, size_t len, int byte, const char *what)
{
	/* not the byte that is expected, or a read of nothing would pass */
	unsigned char *mem = scratch(len, ~byte);
	ssize_t n = pread(fd, mem, len, offset);

	check(n == (ssize_t)len, "%s: read of %zu bytes at %zu gave %zd", what,
	      len, offset, n);
	check_mem(mem, len, byte, what);
	munmap(mem, len);
}

/**
 * map_place() - an address to map a file at
 * @len: bytes
 * @colour: pages behind a multiple of 2 MiB; 0 allows PMDs, another does not
 *
 * Return: address; up to it and from its end on nothing is mapped.
 */
void *map_place(size_t len, size_t colour)
{
	char *p = mmap(NULL, len + 3 * PMD, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	need(p != MAP_FAILED, "mmap of %zu bytes", len);
	return (char *)(((size_t)p + PMD - 1) & ~(PMD - 1)) + colour * PAGE;
}

/**
 * map_file() - map a file from its start
 * @fd: the file
 * @len: bytes
 * @colour: as map_place()
 * @prot: of mmap(2)
 * @flags: of mmap(2)
 */
void *map_file(int fd, size_t len, size_t colour, int prot, int flags)
{
	void *p = mmap(map_place(len, colour), len, prot, flags | MAP_FIXED,
		       fd, 0);

	need(p != MAP_FAILED, "mmap");
	return p;
}

/**
 * load() - read a byte, which the compiler must not leave out
 * @p: its address
 */
void load(const void *p)
{
	(void)*(const volatile char *)p;
}

/**
 * load_pages() - read a byte of each page, upwards
 * @p: the first page
 * @pages: how many
 */
void load_pages(const void *p, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		load((const char *)p + i * PAGE);
}

static void on_bus(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	seen->code = info->si_code;
	seen->addr = info->si_addr;
	if (info->si_code == BUS_MCEERR_AR || info->si_code == BUS_MCEERR_AO)
		seen->lsb = info->si_addr_lsb;
	_exit(0);
}

/**
 * bus_of() - what an access comes to, tried in a child
 * @addr: address
 * @access: what to do there
 *
 * Return: what its SIGBUS said; all zero if there was none.
 */
struct bus bus_of(void *addr, enum access access)
{
	struct sigaction action = {
		.sa_sigaction	= on_bus,
		.sa_flags	= SA_SIGINFO,
	};
	struct bus bus;
	int status;
	pid_t pid;

	/* not one page for all: the processes that a case forks try accesses, too */
	seen = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(seen != MAP_FAILED, "mmap");
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		sigaction(SIGBUS, &action, NULL);
		if (access == STORE)
			*(volatile char *)addr = 0x5a;
		else if (access == LOAD)
			load(addr);
		else if (madvise(addr, PAGE, MADV_HWPOISON))
			_exit(errno);
		_exit(0);
	}
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	check(WIFEXITED(status) && !WEXITSTATUS(status),
	      "the access ended with status %#x", status);
	bus = *seen;
	munmap(seen, PAGE);
	return bus;
}

/**
 * bus_is() - was it this signal?
 * @bus: from bus_of()
 * @code: BUS_ADRERR, BUS_MCEERR_AR (of a page, not more)
 * @addr: where
 */
bool bus_is(struct bus bus, int code, const void *addr)
{
	size_t apart = (size_t)bus.addr ^ (size_t)addr;

	if (code == BUS_MCEERR_AR && bus.lsb != 12)
		return false;
	return bus.code == code && apart < PAGE;
}

/**
 * page_present() - does a page table of this process map the page?
 * @p: its address
 *
 * Bit 63 of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst).
 */
bool page_present(const void *p)
{
	unsigned long long word = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	need(fd >= 0 && pread(fd, &word, 8, (size_t)p / PAGE * 8) == 8,
	     "pagemap");
	close(fd);
	return word >> 63;
}

/**
 * faults() - page faults of this process so far
 */
unsigned long faults(void)
{
	struct rusage usage;

	need(!getrusage(RUSAGE_SELF, &usage), "getrusage");
	return usage.ru_minflt + usage.ru_majflt;
}

static void trace_write(const char *file, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", file);
	fd = open(path, O_WRONLY | O_TRUNC);
	need(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text),
	     "'%s'", path);
	close(fd);
}

static void trace_enable(const char *event, const char *value)
{
	char file[128];

	snprintf(file, sizeof(file), "events/%s/enable", event);
	trace_write(file, value);
}

/**
 * trace_start() - empty the trace and record an event
 * @event: "GROUP/NAME"
 */
void trace_start(const char *event)
{
	trace_enable(event, "1");
	trace_write("trace", "\n");
}

/**
 * trace_count() - how often a recorded event has a word in its line
 * @word: the word
 */
unsigned int trace_count(const char *word)
{
	FILE *f = fopen(TRACING "trace", "r");
	unsigned int n = 0;
	char line[1024];

	need(f, "trace");
	while (fgets(line, sizeof(line), f))
		n += line[0] != '#' && strstr(line, word);
	fclose(f);
	return n;
}

/**
 * trace_stop() - record the event no more
 * @event: as trace_start()
 */
void trace_stop(const char *event)
{
	trace_enable(event, "0");
}
