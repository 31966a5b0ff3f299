// SPDX-License-Identifier: GPL-2.0
/*
 * dsm NMEM FUNCTION OUTPUT [INPUT] - call a function of a DIMM
 *
 * A function of the Intel family (NVDIMM DSM Interface) on /dev/nmemN, for what no command
 * of ndctl does.  OUTPUT is the number of bytes that are asked for, INPUT the hexadecimal
 * digits of its input.  Prints those of its output.
 *
 * Exit status: 0; 1 the kernel refused; 2 bad arguments.
 */
#include <fcntl.h>
#include <linux/ndctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define MOST 4096

static struct {
	struct nd_cmd_pkg pkg;
	unsigned char payload[2 * MOST];
} call;

static unsigned long number(const char *text, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (*end || end == text || n > most) {
		fprintf(stderr, "dsm: bad number '%s': expected at most %lu\n", text, most);
		exit(2);
	}
	return n;
}

static void put_input(const char *hex)
{
	size_t length = strlen(hex) / 2;

	if (strlen(hex) % 2 || length > MOST) {
		fprintf(stderr, "dsm: bad input '%s': expected hexadecimal digits of bytes\n", hex);
		exit(2);
	}
	for (size_t i = 0; i < length; i++) {
		if (sscanf(hex + 2 * i, "%2hhx", &call.payload[i]) != 1) {
			fprintf(stderr, "dsm: bad input '%s': expected hexadecimal digits\n", hex);
			exit(2);
		}
	}
	call.pkg.nd_size_in = length;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc < 4 || argc > 5) {
		fputs("dsm: expected a device, a function, bytes of output, and input\n", stderr);
		return 2;
	}
	call.pkg.nd_family = NVDIMM_FAMILY_INTEL;
	call.pkg.nd_command = number(argv[2], 31);
	call.pkg.nd_size_out = number(argv[3], MOST);
	if (argc == 5)
		put_input(argv[4]);
	fd = open(argv[1], O_RDWR);
	if (fd < 0 || ioctl(fd, ND_IOCTL_CALL, &call)) {
		perror("dsm");
		return 1;
	}
	for (size_t i = 0; i < call.pkg.nd_size_out && i < call.pkg.nd_fw_size; i++)
		printf("%02x", call.payload[call.pkg.nd_size_in + i]);
	putchar('\n');
	return 0;
}
