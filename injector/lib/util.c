// SPDX-License-Identifier: GPL-2.0
/* Numbers, deadlines and small files in /sys and /proc. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intr.h"
#include "platform.h"
#include "util.h"

#define NAP_MAX_MS	64

const char *sysroot = "";

const char *exit_name(int code)
{
	static const char * const names[] = {
		[EXIT_OK] = "success",
		[EXIT_WRONG] = "wrong outcome",
		[EXIT_USAGE] = "usage",
		[EXIT_UNSUPPORTED] = "unsupported here",
		[EXIT_SETUP] = "set-up failed",
		[EXIT_TIMEOUT] = "timed out",
		[EXIT_PARTLY] = "partly done",
		[EXIT_UNSEEN] = "not seen",
		[EXIT_REFUSED] = "refused",
		[EXIT_RUN_TIMEOUT] = "command timed out",
		[EXIT_RUN] = "run failed",
		[EXIT_RUN_CANNOT] = "command not startable",
		[EXIT_RUN_MISSING] = "command not found",
	};

	if (code > EXIT_INTERRUPTED)
		return "interrupted";
	if (code < 0 || (size_t)code >= ARRAY_SIZE(names) || !names[code])
		return "unknown";
	return names[code];
}

/* "K", or "KiB" for those who want to be plain; "KB" would be 1000 to some. */
static bool read_suffix(const char *text, unsigned int *shift)
{
	static const char suffixes[] = "kmgt";
	const char *s;

	*shift = 0;
	if (!*text)
		return true;
	s = strchr(suffixes, tolower((unsigned char)*text));
	if (!s || (text[1] && strcmp(text + 1, "iB")))
		return false;
	*shift = 10 * (unsigned int)(s - suffixes + 1);
	return true;
}

int parse_size(const char *text, uint64_t *value)
{
	unsigned int shift;
	unsigned long long v;
	char *end;

	/* 010 is 8 to some and 10 to others */
	if (!isdigit((unsigned char)text[0]) ||
	    (text[0] == '0' && isdigit((unsigned char)text[1])))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno == ERANGE)
		return -ERANGE;
	if (!read_suffix(end, &shift))
		return -EINVAL;
	if (shift && v >> (64 - shift))
		return -ERANGE;
	*value = (uint64_t)v << shift;
	return 0;
}

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

struct deadline deadline_in(unsigned int seconds)
{
	struct deadline d = { .nap_ms = 1 };

	clock_gettime(CLOCK_MONOTONIC, &d.at);
	d.at.tv_sec += seconds;
	return d;
}

static int ms_left(const struct deadline *d)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (int64_t)(d->at.tv_sec - now.tv_sec) * 1000 +
	     (d->at.tv_nsec - now.tv_nsec) / 1000000;
	if (ms <= 0)
		return 0;
	return ms > 0x7fffffff ? 0x7fffffff : (int)ms;
}

int deadline_left(const struct deadline *d)
{
	return interrupted() ? 0 : ms_left(d);
}

bool deadline_nap(struct deadline *d)
{
	return !interrupted() && deadline_sleep(d);
}

bool deadline_sleep(struct deadline *d)
{
	unsigned int left = (unsigned int)ms_left(d);
	struct timespec ts = { 0 };
	unsigned int ms;

	if (!left)
		return false;
	ms = d->nap_ms < left ? d->nap_ms : left;
	ts.tv_nsec = ms * 1000000L;
	nanosleep(&ts, NULL);
	if (d->nap_ms < NAP_MAX_MS)
		d->nap_ms *= 2;
	return true;
}

int read_text(char *buf, size_t size, const char *fmt, ...)
{
	char path[512];
	va_list args;
	ssize_t n;
	int fd, rc;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);

	fd = machine->open_file(path, 0);
	if (fd < 0)
		return fd;
	n = read(fd, buf, size - 1);
	rc = n < 0 ? -errno : (int)n;
	close(fd);
	if (rc < 0)
		return rc;
	if (rc > 0 && buf[rc - 1] == '\n')
		rc--;
	buf[rc] = '\0';
	return rc;
}

char *read_bytes(const char *path, size_t *size)
{
	size_t cap = 4096, len = 0;
	int fd = machine->open_file(path, 0);
	char *buf;
	ssize_t n;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	buf = xrealloc(NULL, cap);
	while ((n = read(fd, buf + len, cap - len - 1)) > 0) {
		len += (size_t)n;
		if (len + 1 == cap) {
			cap *= 2;
			buf = xrealloc(buf, cap);
		}
	}
	if (n < 0) {
		int err = errno;

		close(fd);
		free(buf);
		errno = err;
		return NULL;
	}
	close(fd);
	buf[len] = '\0';
	*size = len;
	return buf;
}

char *read_whole(const char *path)
{
	size_t size;

	return read_bytes(path, &size);
}

int write_text(const char *path, const char *fmt, ...)
{
	char text[256];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return machine->write_file(path, text, (size_t)n);
}

int file_access(const char *path, int mode)
{
	return machine->access_file(path, mode);
}

bool is_absent(int rc)
{
	return rc == -ENOENT || rc == -ENOTDIR;
}

DIR *open_folder(const char *path)
{
	int fd = machine->open_file(path, O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd < 0)
		errno = -fd;
	else if (!dir)
		close(fd);
	return dir;
}

void copy_name(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p)
		no_memory();
	return p;
}
