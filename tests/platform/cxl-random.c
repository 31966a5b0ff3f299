// SPDX-License-Identifier: GPL-2.0
/*
 * cxl-random DAX MEM SEED OPERATIONS - poison of a CXL device, by chance, against a model
 *
 * DAX is the device-dax, with pages of 4 KiB, of a region that the device MEM alone makes,
 * from its first byte on.  Lines of 64 bytes are poisoned and cleared by debugfs, bytes are
 * loaded; a load must end in SIGBUS, BUS_MCEERR_AR, where it meets a line that is poisoned,
 * and nowhere else, the line beside it in the same page included.  Now and then the device
 * is asked for its list, which must be the model's.
 *
 * A page that has bitten is given up: Linux does not give it back (memory_failure_dev_pagemap(),
 * mm/memory-failure.c).
 *
 * Exit status: 0 all was as in the model, and a line says how often what was done; 1 it was
 * not, or something failed, and a line says what, and at which operation.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LINE		64ul
#define PAGE		4096ul
#define PAGES		16384ul
#define LINES		(PAGES * PAGE / LINE)
/* QEMU's device has room for 256, CXL_POISON_LIST_LIMIT of its hw/cxl/cxl_device.h */
#define MOST		200
#define ASKED_EVERY	500
#define TRACING		"/sys/kernel/tracing/"

static bool poisoned[LINES], given_up[PAGES];
static unsigned int bad[MOST];		/* the lines that are, in no order */
static unsigned int bad_count;
static volatile uint8_t *dax;
static const char *mem;
static unsigned long number, injected, cleared, loads, bites, asked;

static sigjmp_buf back;
static volatile int code;
static void *volatile where;

__attribute__((format(printf, 1, 2), noreturn))
static void fail(const char *format, ...)
{
	va_list ap;

	printf("operation %lu: ", number);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	exit(1);
}

static unsigned long dice(unsigned long sides)
{
	return (unsigned long)random() % sides;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail("cannot write '%s' to '%s': %s", text, path, strerror(errno));
	close(fd);
}

/* what: "inject" or "clear" */
static void poison(const char *what, unsigned int line)
{
	char path[128], dpa[32];

	snprintf(path, sizeof(path), "/sys/kernel/debug/cxl/%s/%s_poison", mem, what);
	snprintf(dpa, sizeof(dpa), "%#lx", line * LINE);
	put(path, dpa);
}

/* a line of a page that is not given up; half the time beside one that is poisoned */
static unsigned int some_line(void)
{
	unsigned int line;

	do {
		line = dice(LINES);
		if (bad_count && dice(2))
			line = (bad[dice(bad_count)] + dice(3) + LINES - 1) % LINES;
	} while (given_up[line * LINE / PAGE]);
	return line;
}

static void inject(void)
{
	unsigned int line = some_line();

	poison("inject", line);
	injected++;
	if (!poisoned[line]) {
		poisoned[line] = true;
		bad[bad_count++] = line;
	}
}

/* one that is poisoned, most of the time; one of a page that was given up as well */
static void clear(void)
{
	unsigned int line = bad_count && dice(8) ? bad[dice(bad_count)] : dice(LINES);
	unsigned int at;

	poison("clear", line);
	cleared++;
	if (!poisoned[line])
		return;
	poisoned[line] = false;
	for (at = 0; bad[at] != line; at++)
		;
	bad[at] = bad[--bad_count];
}

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	code = info->si_code;
	where = info->si_addr;
	siglongjmp(back, 1);
}

static uint64_t fetch(volatile uint8_t *at, unsigned int size)
{
	switch (size) {
	case 1:
		return *at;
	case 2:
		return *(volatile uint16_t *)at;
	case 4:
		return *(volatile uint32_t *)at;
	default:
		return *(volatile uint64_t *)at;
	}
}

/* a load may lie in two lines, of one page */
static void load(void)
{
	unsigned long size = 1ul << dice(4);
	unsigned long at = some_line() * LINE + dice(LINE);
	bool must;

	at -= at % PAGE > PAGE - size ? size : 0;
	must = poisoned[at / LINE] || poisoned[(at + size - 1) / LINE];
	loads++;
	if (sigsetjmp(back, 1)) {
		bites++;
		given_up[at / PAGE] = true;
		if (!must)
			fail("a load of %lu bytes at %#lx bites, which are good", size, at);
		if (code != BUS_MCEERR_AR ||
		    ((uintptr_t)where ^ (uintptr_t)(dax + at)) & -PAGE)
			fail("a load at %#lx: si_code %d, si_addr %p instead of %p", at,
			     code, where, dax + at);
		return;
	}
	fetch(dax + at, size);
	if (must)
		fail("a load of %lu bytes at %#lx does not bite, which are bad", size, at);
}

/* what the kernel's trace has of the device's answer */
static void listed(void)
{
	FILE *trace;
	char path[128], line[1024];
	unsigned int found = 0;

	snprintf(path, sizeof(path), "/sys/bus/cxl/devices/%s/trigger_poison_list", mem);
	put(TRACING "trace", "");
	put(path, "1");
	trace = fopen(TRACING "trace", "r");
	if (!trace)
		fail("cannot read the trace: %s", strerror(errno));
	while (fgets(line, sizeof(line), trace)) {
		const char *dpa = strstr(line, " dpa=0x");
		unsigned long pa;

		if (!strstr(line, " cxl_poison: ") || !dpa)
			continue;
		pa = strtoul(dpa + 5, NULL, 16);
		if (pa % LINE || pa / LINE >= LINES || !poisoned[pa / LINE])
			fail("the device lists %#lx, which is good", pa);
		found++;
	}
	fclose(trace);
	if (found != bad_count)
		fail("the device lists %u lines of %u", found, bad_count);
	asked++;
}

static void one(void)
{
	unsigned long what = dice(10);

	if (!(number % ASKED_EVERY))
		listed();
	else if (what < 4 && bad_count < MOST)
		inject();
	else if (what < 7)
		clear();
	else
		load();
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO, .sa_sigaction = on_sigbus };
	unsigned long operations;
	int fd;

	if (argc != 5) {
		fputs("usage: cxl-random DAX MEM SEED OPERATIONS\n", stderr);
		return 2;
	}
	mem = argv[2];
	srandom(strtoul(argv[3], NULL, 10));
	operations = strtoul(argv[4], NULL, 10);
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		fail("cannot open '%s': %s", argv[1], strerror(errno));
	dax = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (dax == MAP_FAILED)
		fail("cannot map '%s': %s", argv[1], strerror(errno));
	sigaction(SIGBUS, &sa, NULL);
	put(TRACING "events/cxl/cxl_poison/enable", "1");

	for (number = 1; number <= operations; number++)
		one();
	listed();
	printf("%lu injections, %lu clearings, %lu loads, %lu of which bit, %lu lists\n",
	       injected, cleared, loads, bites, asked);
	return 0;
}
