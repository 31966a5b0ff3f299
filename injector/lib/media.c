// SPDX-License-Identifier: GPL-2.0
/* The data side of a repair's door to the machine, as system calls. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media.h"
#include "util.h"

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101	/* asm-generic/mman-common.h; glibc hides it */
#endif

pid_t media_fork(void)
{
	pid_t pid = fork();

	return pid < 0 ? -errno : pid;
}

pid_t media_wait(pid_t pid, int *status, int options)
{
	pid_t got = waitpid(pid, status, options);

	return got < 0 ? -errno : got;
}

int media_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int media_stat(int fd, struct media_stat *st)
{
	struct stat s;

	if (fstat(fd, &s))
		return -errno;
	*st = (struct media_stat){
		.dev = s.st_dev, .ino = s.st_ino, .size = (uint64_t)s.st_size,
	};
	return 0;
}

/*
 * A write lease is given only if no other open file and no mapping refers to
 * the inode, and holds back every open(2) and truncate(2) until it is given up
 * (fcntl(2), leases).  The signal of a break is one that is ignored by default.
 */
int media_alone(int fd)
{
	if (fcntl(fd, F_SETSIG, SIGURG) < 0 || fcntl(fd, F_SETLEASE, F_WRLCK))
		return -errno;
	return 0;
}

ssize_t media_read(int fd, void *to, size_t len, uint64_t off)
{
	ssize_t n = pread(fd, to, len, (off_t)off);

	return n < 0 ? -errno : n;
}

ssize_t media_write(int fd, const void *from, size_t len, uint64_t off)
{
	ssize_t n = pwrite(fd, from, len, (off_t)off);

	return n < 0 ? -errno : n;
}

void *media_mmap(void *at, size_t len, int prot, int flags, int fd, uint64_t off)
{
	return mmap(at, len, prot, flags, fd, (off_t)off);
}

int media_poison(void *page, bool soft)
{
	return madvise(page, PAGE, soft ? MADV_SOFT_OFFLINE : MADV_HWPOISON) ? -errno : 0;
}

int media_punch(int fd, uint64_t off, uint64_t len)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			 (off_t)off, (off_t)len) ? -errno : 0;
}

int media_sync(int fd)
{
	return fsync(fd) ? -errno : 0;
}

int media_msync(void *at, size_t len)
{
	return msync(at, len, MS_SYNC) ? -errno : 0;
}

int media_scratch(const char *path, uint64_t len)
{
	struct statx stx;
	char folder[512];
	int fd, rc = 0;

	copy_name(folder, sizeof(folder), path);
	fd = open(dirname(folder), O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)len) ||
	    statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx))
		rc = -errno;
	else if (!(stx.stx_attributes & STATX_ATTR_DAX))
		rc = -EOPNOTSUPP;
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

int media_open_file(const char *path, int flags)
{
	char full[512];
	int fd;

	snprintf(full, sizeof(full), "%s%s", sysroot, path);
	fd = open(full, O_RDONLY | O_CLOEXEC | flags);
	return fd < 0 ? -errno : fd;
}

int media_access_file(const char *path, int mode)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", sysroot, path);
	return access(full, mode) ? -errno : 0;
}

int media_write_file(const char *path, const void *data, size_t len)
{
	char full[512];
	ssize_t n;
	int fd, rc = 0;

	snprintf(full, sizeof(full), "%s%s", sysroot, path);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = write(fd, data, len);
	if (n < 0)
		rc = -errno;
	else if ((size_t)n != len)
		rc = -EIO;
	close(fd);
	return rc;
}
