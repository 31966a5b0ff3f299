/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long an injection takes by EINJ, as a share of one by the ACPI _DSM
 *
 *   speed ADDRESS
 *
 * Both poison lines of persistent memory from ADDRESS on that nobody may use, the
 * same number of times in turns, without notification; what is poisoned is taken
 * back.  Prints the share in thousandths.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ndctl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define EINJ		"/sys/kernel/debug/apei/einj/"
#define ROUNDS		100
#define STEP		4096

/* ACPI 6.5, 9.19.7: functions of the NVDIMM root device */
#define FN_INJECT	7
#define FN_UNINJECT	8

struct range {
	uint64_t spa, len;
	uint8_t options;
} __attribute__((packed));

static int bus;

static void die(const char *what)
{
	fprintf(stderr, "speed: cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static void put(const char *path, const char *format, uint64_t value)
{
	char text[32];
	int fd = open(path, O_WRONLY), len;

	len = snprintf(text, sizeof(text), format, value);
	if (fd < 0 || write(fd, text, len) != len)
		die(path);
	close(fd);
}

static void dsm(unsigned int fn, uint64_t spa, size_t in, size_t out)
{
	struct range range = { .spa = spa, .len = 256 };
	struct {
		struct nd_cmd_pkg pkg;
		uint8_t data[64];
	} call = {
		.pkg = {
			.nd_command = fn,
			.nd_size_in = in,
			.nd_size_out = out,
		},
	};

	memcpy(call.data, &range, sizeof(range));
	if (ioctl(bus, ND_IOCTL_CALL, &call))
		die("call _DSM");
	errno = EIO;
	if (*(uint32_t *)(call.data + in) & 0xffff)
		die("inject or take back by _DSM");
}

static void by_dsm(uint64_t spa)
{
	dsm(FN_INJECT, spa, sizeof(struct range), 4);
}

static void by_einj(uint64_t spa)
{
	put(EINJ "param1", "0x%lx", spa);
	put(EINJ "error_inject", "%lu", 1);
}

static double seconds(void (*inject)(uint64_t spa), uint64_t spa)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	inject(spa);
	clock_gettime(CLOCK_MONOTONIC, &to);
	dsm(FN_UNINJECT, spa, 16, 4);
	return to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9;
}

int main(int argc, char **argv)
{
	uint64_t spa = argc == 2 ? strtoull(argv[1], NULL, 0) : 0;
	double einj = 0, other = 0;

	if (!spa || spa % STEP) {
		fprintf(stderr, "speed: bad arguments: expected the address of a page\n");
		return 2;
	}
	bus = open("/dev/ndctl0", O_RDWR);
	if (bus < 0)
		die("/dev/ndctl0");
	put(EINJ "error_type", "0x%lx", 0x10);
	put(EINJ "flags", "%lu", 0);
	put(EINJ "notrigger", "%lu", 1);
	put(EINJ "param2", "0x%lx", UINT64_MAX);
	for (int i = 0; i < ROUNDS; i++) {
		einj += seconds(by_einj, spa + i * STEP);
		other += seconds(by_dsm, spa + i * STEP);
	}
	printf("%.0f\n", 1000 * einj / other);
	return 0;
}
