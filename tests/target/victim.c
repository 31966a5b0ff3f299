// SPDX-License-Identifier: GPL-2.0
/*
 * An application that meets poison, for "poisonctl run":
 *
 *	victim survive FILE PAGE	loads from a mapping; a handler of SIGBUS says
 *					what came, "CODE LSB", and it goes on: status 0
 *	victim die FILE PAGE		the same without a handler
 *	victim read FILE PAGE		read(2) of the page; says what failed: status 9
 *
 * Writes "ready" first. Without poison it gives up after two minutes: status 1.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096
#define TRIES	12000		/* of 10 ms */

static sigjmp_buf out;
static volatile int code, lsb;

static void bus(int sig, siginfo_t *si, void *context)
{
	(void)sig;
	(void)context;
	code = si->si_code;
	lsb = si->si_addr_lsb;
	siglongjmp(out, 1);
}

static int load(int fd, off_t off)
{
	volatile char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, off);
	int i;

	if (p == MAP_FAILED)
		err(1, "mmap");
	if (sigsetjmp(out, 1)) {
		printf("%d %d\n", code, lsb);
		return 0;
	}
	puts("ready");
	for (i = 0; i < TRIES; i++) {
		(void)p[512];
		usleep(10000);
	}
	return 1;
}

static int read_it(int fd, off_t off)
{
	static char buf[PAGE];
	int i;

	puts("ready");
	for (i = 0; i < TRIES; i++) {
		if (pread(fd, buf, PAGE, off) < 0) {
			puts(strerrorname_np(errno));
			return 9;
		}
		usleep(10000);
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_sigaction = bus, .sa_flags = SA_SIGINFO };
	off_t off;
	int fd;

	if (argc != 4)
		errx(2, "usage: victim survive|die|read FILE PAGE");
	setvbuf(stdout, NULL, _IOLBF, 0);
	off = strtol(argv[3], NULL, 10) * PAGE;
	fd = open(argv[2], O_RDWR);
	if (fd < 0)
		err(1, "%s", argv[2]);
	if (!strcmp(argv[1], "read"))
		return read_it(fd, off);
	if (!strcmp(argv[1], "survive"))
		sigaction(SIGBUS, &sa, NULL);
	return load(fd, off);
}
