// SPDX-License-Identifier: GPL-2.0
/*
 * Work of a known amount for scripts/bench-platform, which measures from outside
 * what it costs QEMU.
 *
 *   bench inject COUNT SPA STEP   function 7 of the NVDIMM root device (ACPI 6.5,
 *                                 9.19.7.9), COUNT times, 256 bytes at SPA, SPA +
 *                                 STEP, ... without notification
 *   bench take-back COUNT SPA STEP   function 8 for the same ranges
 *   bench hits DEVICE COUNT       COUNT loads of 8 bytes from 16 pages of a
 *                                 device-dax DEVICE, after one of each: all by the
 *                                 TLB.  No load is from the last 256 bytes of a page.
 *   bench misses DEVICE COUNT     COUNT loads, each of a page that the TLB has not
 *
 * Exit status: 0; 1 a call was refused; 99 set-up broken.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/ndctl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE		4096UL
#define HIT_PAGES	16UL
#define MISS_PAGES	1024UL
#define RANGE		256UL	/* the overlay's clear unit */
/* More pages than Linux flushes one by one (tlb_single_page_flush_ceiling, 33). */
#define FLUSH_PAGES	64UL

enum { FN_INJECT = 7, FN_TAKE_BACK = 8, STATUS = 4, SETUP = 99 };

static uint64_t number(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	if (*end || end == text)
		errx(SETUP, "bad number '%s'", text);
	return n;
}

/* Input: address, length, and of function 7 the options; output: status. */
static void call(unsigned int function, uint64_t count, uint64_t spa, uint64_t step)
{
	struct {
		struct nd_cmd_pkg pkg;
		unsigned char payload[17 + STATUS];
	} c;
	const unsigned int in = function == FN_INJECT ? 17 : 16;
	const uint64_t length = RANGE;
	uint32_t status;
	int fd = open("/dev/ndctl0", O_RDWR);

	if (fd < 0)
		err(SETUP, "/dev/ndctl0");
	for (; count--; spa += step) {
		memset(&c, 0, sizeof(c));
		c.pkg.nd_command = function;
		c.pkg.nd_size_in = in;
		c.pkg.nd_size_out = STATUS;
		memcpy(c.payload, &spa, sizeof(spa));
		memcpy(c.payload + 8, &length, sizeof(length));
		if (ioctl(fd, ND_IOCTL_CALL, &c) < 0)
			err(SETUP, "function %u", function);
		memcpy(&status, c.payload + in, sizeof(status));
		if (status)
			errx(1, "function %u at 0x%llx: status 0x%x", function,
			     (unsigned long long)spa, status);
	}
	close(fd);
}

static volatile uint64_t *map(const char *device)
{
	int fd = open(device, O_RDWR);
	void *p;

	if (fd < 0)
		err(SETUP, "%s", device);
	p = mmap(NULL, MISS_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		err(SETUP, "mmap of %s", device);
	close(fd);
	return p;
}

static void touch(volatile uint64_t *p, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		(void)p[i * (PAGE / 8)];
}

static void hits(const char *device, uint64_t count)
{
	const uint64_t words = (PAGE - RANGE) / 8;
	volatile uint64_t *p = map(device);

	touch(p, HIT_PAGES);
	while (count) {
		volatile uint64_t *page = p + count % HIT_PAGES * (PAGE / 8);

		for (uint64_t i = 0; i < words && count; i += 8, count--)
			(void)page[i];
	}
}

static void misses(const char *device, uint64_t count)
{
	volatile uint64_t *p = map(device);
	char *flush = mmap(NULL, FLUSH_PAGES * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (flush == MAP_FAILED)
		err(SETUP, "mmap");
	touch(p, MISS_PAGES);
	for (; count >= MISS_PAGES; count -= MISS_PAGES) {
		/* a change of so many pages empties the TLB */
		if (mprotect(flush, FLUSH_PAGES * PAGE, PROT_READ) ||
		    mprotect(flush, FLUSH_PAGES * PAGE, PROT_READ | PROT_WRITE))
			err(SETUP, "mprotect");
		touch(p, MISS_PAGES);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (argc == 5 && !strcmp(what, "inject"))
		call(FN_INJECT, number(argv[2]), number(argv[3]), number(argv[4]));
	else if (argc == 5 && !strcmp(what, "take-back"))
		call(FN_TAKE_BACK, number(argv[2]), number(argv[3]), number(argv[4]));
	else if (argc == 4 && !strcmp(what, "hits"))
		hits(argv[2], number(argv[3]));
	else if (argc == 4 && !strcmp(what, "misses"))
		misses(argv[2], number(argv[3]));
	else
		errx(SETUP, "bad arguments: expected inject, take-back, hits or misses");
	return 0;
}
