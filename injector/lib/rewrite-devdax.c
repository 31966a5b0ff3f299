// SPDX-License-Identifier: GPL-2.0
/* The data side of a repair of device-dax: store zeroes, in a child. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "once.h"
#include "rewrite.h"

static int zero_range(int fd, const struct target *t, const struct range *p)
{
	uint64_t unit = target_map_align(t);
	uint64_t off = target_dev_off_at(t, p->start), end = off + p->len;

	while (off < end) {
		uint64_t base = round_down64(off, unit);
		uint64_t stop = base + unit < end ? base + unit : end;
		uint8_t *m = machine->mmap(NULL, unit, PROT_READ | PROT_WRITE,
					   MAP_SHARED, fd, base);

		if (m == MAP_FAILED)
			return errno;
		memset(m + (off - base), 0, stop - off);
		munmap(m, unit);
		off = stop;
	}
	return 0;
}

static void store_all(const struct repair *r, int fd)
{
	int err = 0;
	size_t i;

	for (i = 0; i < r->pages.n && !err; i++)
		err = zero_range(fd, r->t, &r->pages.v[i]);
	child_exit(err);
}

/*
 * A store may meet poison that came since, or a page that the kernel took away,
 * and either is a SIGBUS: it is a child's.
 */
static int in_child(const struct repair *r, int fd, struct deadline d)
{
	pid_t pid = machine->fork();
	int status = 0, rc;

	if (pid < 0)
		return pid;
	if (!pid) {
		once_forget();
		store_all(r, fd);
	}
	rc = child_wait(pid, &status, d);
	if (rc)
		return rc;
	if (WIFSIGNALED(status))
		return -EFAULT;
	return -WEXITSTATUS(status);
}

int rewrite_devdax(struct repair *r, struct deadline d)
{
	char node[512];
	int fd, err;

	target_devnode(r->t, node, sizeof(node));
	fd = machine->open(node, O_RDWR);
	err = fd < 0 ? fd : in_child(r, fd, d);
	if (fd >= 0)
		close(fd);
	if (err == -ETIMEDOUT)
		return complain(EXIT_TIMEOUT,
			"'%s' was not filled with zeroes in time", node);
	if (err)
		return complain(EXIT_SETUP, "cannot write '%s': %s", node,
			err == -EFAULT ? "a store was answered by a signal" :
					 strerror(-err));
	return EXIT_OK;
}
