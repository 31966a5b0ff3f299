// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the kernel of a partition that no table names, as addpart(8) did, which
 * util-linux 2.41 has no more.
 *
 *	partition DEVICE NUMBER START LENGTH
 *
 * START and LENGTH in sectors of 512 bytes.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/blkpg.h>
#include <stdlib.h>
#include <sys/ioctl.h>

static long long number(const char *word, long long most)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(word, &end, 10);
	if (errno || end == word || *end || n < 0 || n > most)
		errx(2, "bad number '%s': expected 0 to %lld", word, most);
	return n;
}

int main(int argc, char **argv)
{
	struct blkpg_partition part = { 0 };
	struct blkpg_ioctl_arg arg = {
		.op = BLKPG_ADD_PARTITION,
		.datalen = sizeof(part),
		.data = &part,
	};
	int fd;

	if (argc != 5)
		errx(2, "usage: partition DEVICE NUMBER START LENGTH");
	part.pno = (int)number(argv[2], INT_MAX);
	part.start = number(argv[3], 1LL << 40) * 512;
	part.length = number(argv[4], 1LL << 40) * 512;
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "cannot open '%s'", argv[1]);
	if (ioctl(fd, BLKPG, &arg))
		err(1, "cannot add partition %d to '%s'", part.pno, argv[1]);
	return 0;
}
