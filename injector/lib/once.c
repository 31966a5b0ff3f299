// SPDX-License-Identifier: GPL-2.0
/* What a machine has once: one user at a time, put back as it was. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "intr.h"
#include "once.h"

#define DIR		"/run/poisonctl"
#define LOCK		DIR "/lock"
#define NOTES		DIR "/restore"
#define FOLDER		"rmdir"		/* instead of a value */

/* A line of the notes: BOOT, PATH and VALUE, apart by tabs. */
struct changed {
	char path[128];
	char value[64];
};

static int lock_fd = -1;
static const char *name = "poisonctl";
static struct changed *list;
static size_t n;

void once_name(const char *verb)
{
	name = verb;
}

static int open_below_run(const char *path, int flags)
{
	char full[512];
	int fd;

	snprintf(full, sizeof(full), "%s" DIR, sysroot);
	mkdir(full, 0755);
	snprintf(full, sizeof(full), "%s%s", sysroot, path);
	fd = open(full, flags | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

#define NO_BOOT		"-"		/* its id is not known */

static void boot_id(char *buf, size_t size)
{
	if (read_text(buf, size, "/proc/sys/kernel/random/boot_id") <= 0)
		copy_name(buf, size, NO_BOOT);
}

static int put_back(const struct changed *c)
{
	char full[512];

	if (strcmp(c->value, FOLDER))
		return write_text(c->path, "%s\n", c->value);
	snprintf(full, sizeof(full), "%s%s", sysroot, c->path);
	return rmdir(full) && errno != ENOENT ? -errno : 0;
}

static void remove_notes(void)
{
	char full[512];

	snprintf(full, sizeof(full), "%s" NOTES, sysroot);
	unlink(full);
}

/* Before the change: a note of what did not happen does no harm. */
static int take_note(const char *path, const char *value)
{
	int fd = open_below_run(NOTES, O_WRONLY | O_CREAT | O_APPEND), len;
	char boot[64], line[300];
	int rc = 0;
	off_t end;

	if (fd < 0)
		return fd;
	boot_id(boot, sizeof(boot));
	len = snprintf(line, sizeof(line), "%s\t%s\t%s\n", boot, path, value);
	end = lseek(fd, 0, SEEK_END);
	if (len >= (int)sizeof(line)) {
		rc = -ENOSPC;
	} else if (write(fd, line, (size_t)len) != len) {
		/* a part of a line would spoil the next one */
		rc = ftruncate(fd, end) ? -EIO : -ENOSPC;
	}
	close(fd);
	if (rc)
		return rc;
	list = xrealloc(list, (n + 1) * sizeof(*list));
	copy_name(list[n].path, sizeof(list[n].path), path);
	copy_name(list[n].value, sizeof(list[n].value), value);
	n++;
	return 0;
}

/* Files answer in a base of their own. */
static bool same(const char *a, const char *b)
{
	char *end_a, *end_b;
	unsigned long long x = strtoull(a, &end_a, 0), y = strtoull(b, &end_b, 0);

	if (end_a == a || end_b == b || *end_a || *end_b)
		return !strcmp(a, b);
	return x == y;
}

int once_set(const char *path, const char *fmt, ...)
{
	char was[64], value[64];
	va_list args;
	int rc;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	rc = read_text(was, sizeof(was), "%s", path);
	if (rc < 0)
		return rc;
	if (same(was, value))
		return 0;
	/* what shows nothing has nothing to go back to */
	rc = *was ? take_note(path, was) : 0;
	if (rc)
		return rc;
	rc = write_text(path, "%s\n", value);
	if (rc && *was && !--n)
		remove_notes();
	return rc;
}

int once_folder(const char *path)
{
	return take_note(path, FOLDER);
}

int once_restore(void)
{
	int first = 0, rc;

	if (!n)
		return 0;
	while (n) {
		rc = put_back(&list[--n]);
		first = first ? first : rc;
	}
	if (!first)
		remove_notes();
	free(list);
	list = NULL;
	return first;
}

/*
 * One line of the notes of a command that was killed.  Return: false if it must be
 * tried again.
 */
static bool recover_line(char *line, const char *boot)
{
	char *from, *path, *value, *next;
	struct changed c;
	int rc;

	from = strtok_r(line, "\t", &next);
	path = from ? strtok_r(NULL, "\t", &next) : NULL;
	value = path ? strtok_r(NULL, "\t", &next) : NULL;
	if (!value || *path != '/' || strlen(path) >= sizeof(c.path) ||
	    strlen(value) >= sizeof(c.value)) {
		note("'" NOTES "' has a damaged line: a setting of the kernel may "
		     "stay changed");
		return true;
	}
	if (strcmp(from, boot) && strcmp(from, NO_BOOT) && strcmp(boot, NO_BOOT))
		return true;
	copy_name(c.path, sizeof(c.path), path);
	copy_name(c.value, sizeof(c.value), value);
	rc = put_back(&c);
	if (!rc)
		note("a command was killed and left '%s': put back to '%s'",
		     path, value);
	else
		note("a command was killed and left '%s', which does not go "
		     "back to '%s': %s", path, value, strerror(-rc));
	return !rc || rc == -ENOENT;
}

/* From behind: the oldest note of a file says what it was. */
static void recover(void)
{
	size_t size, i;
	char *text = read_bytes(NOTES, &size), *end, boot[64];
	bool all = true;

	if (!text)
		return;
	/* damage like any other, not the end of the notes */
	for (i = 0; i < size; i++)
		text[i] = text[i] ? text[i] : '?';
	boot_id(boot, sizeof(boot));
	while (*text) {
		end = strrchr(text, '\n');
		if (end && !end[1]) {
			*end = '\0';
			continue;
		}
		all &= recover_line(end ? end + 1 : text, boot);
		*(end ? end + 1 : text) = '\0';
	}
	free(text);
	if (all)
		remove_notes();
}

static void sign(void)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%ld %s\n", (long)getpid(), name);

	if (ftruncate(lock_fd, 0) || pwrite(lock_fd, text, (size_t)len, 0) != len)
		note("cannot sign '" LOCK "': %s", strerror(errno));
}

/* False between the locking and the signing. */
static bool holder(char *buf, size_t size)
{
	char text[64], verb[32];
	long pid;

	if (read_text(text, sizeof(text), LOCK) > 0 &&
	    sscanf(text, "%ld %31s", &pid, verb) == 2) {
		snprintf(buf, size, "'poisonctl %s', process %ld", verb, pid);
		return true;
	}
	copy_name(buf, size, "another process");
	return false;
}

static int wait_lock(int fd, struct deadline d)
{
	bool said = false;
	char who[96];

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return complain(EXIT_SETUP, "cannot lock '" LOCK "': %s",
					strerror(errno));
		if (holder(who, sizeof(who)) && !said) {
			note("waiting for %s", who);
			said = true;
		}
		if (!deadline_nap(&d))
			return complain(EXIT_TIMEOUT,
				"%s still holds '" LOCK "'", who);
	}
	return EXIT_OK;
}

int once_lock(struct deadline d)
{
	int fd, rc;

	if (lock_fd >= 0)
		return EXIT_OK;
	fd = open_below_run(LOCK, O_RDWR | O_CREAT);
	if (fd < 0)
		return complain(EXIT_SETUP, "cannot open '" LOCK "': %s",
				strerror(-fd));
	rc = wait_lock(fd, d);
	if (rc) {
		close(fd);
		return rc;
	}
	lock_fd = fd;
	sign();
	recover();
	return EXIT_OK;
}

bool once_held(void)
{
	return lock_fd >= 0;
}

void once_forget(void)
{
	if (lock_fd >= 0)
		close(lock_fd);
	lock_fd = -1;
}

void once_unlock(void)
{
	int rc;

	if (lock_fd < 0)
		return;
	rc = once_restore();
	if (rc)
		note("a setting of the kernel stays changed: %s",
		     strerror(-rc));
	if (ftruncate(lock_fd, 0))
		note("'" LOCK "' keeps a name: %s", strerror(errno));
	once_forget();
}

void once_recover(void)
{
	int fd;

	if (file_access(NOTES, F_OK))
		return;
	fd = open_below_run(LOCK, O_RDWR | O_CREAT);
	if (fd < 0)
		return;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		recover();
	close(fd);
}
