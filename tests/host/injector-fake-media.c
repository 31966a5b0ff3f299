// SPDX-License-Identifier: GPL-2.0
/*
 * The media of the machine that is not there: pmem0 is SYSROOT/media, of which
 * /mnt/file has some pages, and /mnt/odd and /mnt/twin share one; SYSROOT/size is that file's size.  What is listed in
 * pmem0's badblocks is refused, a write of a whole page repairs it and one of a
 * part is refused; reading what only the firmware knows leaves its offset in
 * SYSROOT/consumed.  dax1.0 is SYSROOT/dax.  A file without a name is memory.
 *
 * FAKE_KILL=N     the Nth step is the last thing that this process does
 * FAKE_FAIL=ERRNO:N     the Nth step of a process, those of who forked it included, fails so
 * FAKE_FAIL=ERRNO:NAME  so does each step of that name
 * FAKE_HANGS=1    a child that was killed, or has ended, is in state D: no waitpid(2) gets it
 * FAKE_HOOK=PATH  is run before each step, as PATH STEP OFFSET
 * FAKE_OPEN=others  somebody else has the file open
 * FAKE_FREEZE=1     its filesystem cannot be frozen
 * FAKE_MOUNTED=1    somebody has pmem0 itself, as a mount, a partition of it that is in
 *                   use or the device mapper do
 * FAKE_WRITE=EIO    no write succeeds
 * FAKE_MADVISE=ERRNO  MADV_HWPOISON fails so; else its caller is signalled, and no page
 *                   is poisoned
 * FAKE_CUT=N        sysfs shows N bytes of the list, which is SYSROOT/badblocks.full
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device-runs.h"
#include "injector-fake.h"
#include "platform.h"
#include "ranges.h"
#include "util.h"

#define FDS	64
#define BADBLOCKS	"/sys/block/pmem0/badblocks"
#define FULL		"/badblocks.full"

static const char scratch[] = "without a name", dax[] = "/dev/dax1.0";
static const char *opened[FDS];

/* Return: -errno if the COUNTth step, or one of this name, is to fail. */
static int failing(const char *what, int count)
{
	const char *given = getenv("FAKE_FAIL"), *which;
	char name[16];

	if (!given)
		return 0;
	which = strchr(given, ':');
	if (!which)
		abort();
	snprintf(name, sizeof(name), "%.*s", (int)(which - given), given);
	which++;
	if (strcmp(which, what) && atoi(which) != count)
		return 0;
	return -fake_errno(name);
}

int fake_step(const char *what, uint64_t off)
{
	const char *last = getenv("FAKE_KILL"), *hook = getenv("FAKE_HOOK");
	static int count;
	char line[512];

	if (++count == (last ? atoi(last) : 0))
		raise(SIGKILL);
	if (!hook)
		return failing(what, count);
	snprintf(line, sizeof(line), "'%s' %s %" PRIu64, hook, what, off);
	if (system(line))
		abort();
	return failing(what, count);
}

pid_t fake_fork(void)
{
	int rc = fake_step("fork", 0);
	pid_t pid = rc ? rc : fork();

	return pid == -1 && !rc ? -errno : pid;
}

pid_t fake_wait(pid_t pid, int *status, int options)
{
	pid_t got;

	if (getenv("FAKE_HANGS") && options & WNOHANG)
		return 0;
	if (getenv("FAKE_HANGS"))
		abort();	/* it would wait for ever */
	got = waitpid(pid, status, options);
	return got < 0 ? -errno : got;
}

uint64_t fake_file_size(void)
{
	char text[32];
	uint64_t v = 10 * PAGE + 100;

	if (read_text(text, sizeof(text), "/size") > 0)
		parse_size(text, &v);
	return v;
}

static void load_bad(struct ranges *r)
{
	char *text = read_whole(getenv("FAKE_CUT") ? FULL : BADBLOCKS), *at = text, *end;

	while (at && *at) {
		uint64_t first = strtoull(at, &end, 10);

		ranges_add(r, first * SECTOR, strtoull(end, &end, 10) * SECTOR);
		at = *end ? end + 1 : end;
	}
	free(text);
}

static void write_bad(const char *file, const struct ranges *r)
{
	char path[512];
	size_t i;
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", sysroot, file);
	f = fopen(path, "w");
	for (i = 0; i < r->n; i++)
		fprintf(f, "%" PRIu64 " %" PRIu64 "\n", r->v[i].start / SECTOR,
			r->v[i].len / SECTOR);
	fclose(f);
}

static void store_bad(const struct ranges *r)
{
	const char *cut = getenv("FAKE_CUT");
	char path[512];

	write_bad(BADBLOCKS, r);
	if (!cut)
		return;
	write_bad(FULL, r);
	snprintf(path, sizeof(path), "%s" BADBLOCKS, sysroot);
	if (strtoul(cut, NULL, 10) < ranges_total(r) / SECTOR * 6 &&
	    truncate(path, atol(cut)))
		abort();
}

int fake_open(const char *path, int flags)
{
	static const char * const paths[] = {
		"/mnt/file", "/mnt/odd", "/mnt/twin", "/dev/pmem0", "/dev/pmem0p1",
		"/dev/pmem0p2", "/dev/dm-0", dax,
	};
	char image[512];
	size_t i = 0;
	int fd, rc;

	while (i < ARRAY_SIZE(paths) && strcmp(path, paths[i]))
		i++;
	if (i == ARRAY_SIZE(paths))
		return -ENOENT;
	rc = fake_step("open", 0);
	if (rc)
		return rc;
	if (!strcmp(path, "/dev/pmem0") && flags & O_EXCL &&
	    getenv("FAKE_MOUNTED"))
		return -EBUSY;
	snprintf(image, sizeof(image), "%s/%s", sysroot, paths[i] == dax ? "dax" : "media");
	fd = open(image, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	opened[fd % FDS] = paths[i];
	return fd;
}

int fake_stat(int fd, struct media_stat *st)
{
	const char *path = opened[fd % FDS];
	struct ident id;
	int rc = fake_step("stat", 0);

	if (rc)
		return rc;
	if (machine->identify(path, &id))
		abort();
	*st = (struct media_stat){ 1, fake_inode(path), id.size };
	return 0;
}

int fake_alone(int fd)
{
	(void)fd;
	return getenv("FAKE_OPEN") ? -EAGAIN : 0;
}

int fake_map(int fd, uint64_t off, uint64_t len, struct file_map *map)
{
	int rc = fake_step("map", off);

	if (rc)
		return rc;
	return machine->file_map(opened[fd % FDS], off, len, map);
}

/* Byte of pmem0 that a byte of the file or device is. */
static uint64_t place(int fd, uint64_t off)
{
	uint64_t at = off, len = 1;
	struct file_map map;
	struct ident id;

	if (machine->identify(opened[fd % FDS], &id))
		abort();
	if (id.kind != IDENT_FILE) {
		if (!device_down(&id.runs, id.part_start, off, &len, &at))
			abort();
		return at;
	}
	if (!machine->file_map(opened[fd % FDS], off, 1, &map) && map.n)
		at = id.part_start + map.v[0].physical + off - map.v[0].logical;
	free(map.v);
	return at;
}

ssize_t fake_read(int fd, void *to, size_t len, uint64_t off)
{
	struct ranges bad = { 0 }, fw = { 0 };
	ssize_t n = fake_step("read", off);
	char path[512];
	uint64_t at;

	if (n)
		return n;
	if (opened[fd % FDS] == scratch)
		return pread(fd, to, len, (off_t)off);
	at = place(fd, off);
	load_bad(&bad);
	fake_fw_load(&fw);
	if (ranges_touch(&bad, at, len)) {
		n = -EIO;
	} else if (ranges_touch(&fw, FAKE_DATA0 + at, len)) {
		snprintf(path, sizeof(path), "%s/consumed", sysroot);
		close(open(path, O_CREAT | O_WRONLY, 0644));
	} else {
		n = pread(fd, to, len, (off_t)at);
	}
	ranges_free(&bad);
	ranges_free(&fw);
	return n;
}

ssize_t fake_write(int fd, const void *from, size_t len, uint64_t off)
{
	struct ranges bad = { 0 }, fw = { 0 };
	ssize_t n = fake_step("write", off);
	uint64_t at;
	int rc;

	if (n)
		return n;
	if (opened[fd % FDS] == scratch)
		return pwrite(fd, from, len, (off_t)off);
	at = place(fd, off);
	n = -EIO;
	load_bad(&bad);
	if (!getenv("FAKE_WRITE") &&
	    (len == PAGE || !ranges_touch(&bad, at, len)))
		n = pwrite(fd, from, len, (off_t)at);
	if (n == (ssize_t)PAGE && ranges_touch(&bad, at, len)) {
		fake_fw_load(&fw);
		ranges_sub(&fw, FAKE_DATA0 + at, len);
		fake_fw_store(&fw);
		ranges_sub(&bad, at, len);
		store_bad(&bad);
	}
	ranges_free(&bad);
	rc = fake_step("written", off);
	return rc ? rc : n;
}

/* Real memory, of the media: what is poisoned there bites nobody. */
void *fake_mmap(void *at, size_t len, int prot, int flags, int fd, uint64_t off)
{
	int rc = fake_step("mmap", off);

	if (rc) {
		errno = -rc;
		return MAP_FAILED;
	}
	return mmap(at, len, prot, flags, fd, (off_t)place(fd, off));
}

/* What the kernel tells the caller; the page stays as good as it is. */
int fake_poison(void *page, bool soft)
{
	const char *err = getenv("FAKE_MADVISE");
	siginfo_t si = { .si_signo = SIGBUS, .si_code = BUS_MCEERR_AR };
	int rc = fake_step("madvise", 0);

	if (rc)
		return rc;
	if (err)
		return -fake_errno(err);
	if (soft)
		return -EIO;
	si.si_addr = page;
	si.si_addr_lsb = 12;
	return syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGBUS, &si) ? -errno : 0;
}

int fake_freeze(int fd)
{
	(void)fd;
	if (getenv("FAKE_FREEZE"))
		return -EOPNOTSUPP;
	return fake_step("freeze", 0);
}

int fake_thaw(void)
{
	return fake_step("thaw", 0);
}

int fake_punch(int fd, uint64_t off, uint64_t len)
{
	(void)fd;
	(void)len;
	return fake_step("punch", off);
}

int fake_sync(int fd)
{
	(void)fd;
	return fake_step("sync", 0);
}

int fake_msync(void *at, size_t len)
{
	int rc = fake_step("msync", 0);

	if (rc)
		return rc;
	return msync(at, len, MS_SYNC) ? -errno : 0;
}

/* The poison of a page that is read from is the kernel's to meet, and nobody's here. */
int fake_scratch(const char *path, uint64_t len)
{
	int fd, rc = fake_step("scratch", 0);

	(void)path;
	if (rc)
		return rc;
	fd = memfd_create("scratch", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)len))
		abort();
	opened[fd % FDS] = scratch;
	return fd;
}
