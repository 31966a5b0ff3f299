// SPDX-License-Identifier: GPL-2.0
/*
 * latch NMEM [VALUE] - Enable Latch System Shutdown Status of a DIMM
 *
 * Function 10 of the Intel family (NVDIMM DSM Interface) on /dev/nmemN, as libndctl's
 * ndctl_dimm_cmd_new_ack_shutdown_count() makes it, which no command of ndctl does: the
 * helper of ndctl's udev rule has it, and that is in few distributions.  Prints the
 * function's status.
 *
 * Exit status: 0 it is 0; 1 it is not, or the kernel refused.
 */
#include <fcntl.h>
#include <linux/ndctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define LATCH_SHUTDOWN 10

int main(int argc, char **argv)
{
	struct {
		struct nd_cmd_pkg pkg;
		unsigned char enable;
		unsigned int status;
	} __attribute__((packed)) call = {
		.pkg = {
			.nd_family = NVDIMM_FAMILY_INTEL,
			.nd_command = LATCH_SHUTDOWN,
			.nd_size_in = 1,
			.nd_size_out = sizeof(unsigned int),
		},
		.enable = argc > 2 ? atoi(argv[2]) : 1,
	};
	int fd;

	if (argc < 2) {
		fputs("latch: no device given\n", stderr);
		return 1;
	}
	fd = open(argv[1], O_RDWR);
	if (fd < 0 || ioctl(fd, ND_IOCTL_CALL, &call)) {
		perror("latch");
		return 1;
	}
	printf("%u\n", call.status);
	return call.status != 0;
}
