// SPDX-License-Identifier: GPL-2.0
/* PG_hwpoison of many pages at once, from /proc/kpageflags. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kernel-page-flags.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intr.h"
#include "pageflags.h"
#include "platform.h"
#include "util.h"

#define PAGES_AT_ONCE	8192

static int walk(int fd, uint64_t spa, uint64_t len, bool stop, page_fn fn,
		void *arg)
{
	static uint64_t flags[PAGES_AT_ONCE];
	uint64_t pfn = spa / PAGE, end = (spa + len) / PAGE, want, i;
	ssize_t n;

	for (; pfn < end; pfn += (uint64_t)n / sizeof(*flags)) {
		if (stop && interrupted())
			return -EINTR;
		want = end - pfn < PAGES_AT_ONCE ? end - pfn : PAGES_AT_ONCE;
		n = pread(fd, flags, want * sizeof(*flags),
			  (off_t)(pfn * sizeof(*flags)));
		if (n < 0)
			return -errno;
		if ((size_t)n < sizeof(*flags))
			return 0;
		for (i = 0; i < (uint64_t)n / sizeof(*flags); i++)
			if (!(flags[i] >> KPF_NOPAGE & 1) &&
			    fn(pfn + i, flags[i], arg))
				return 0;
	}
	return 0;
}

static bool add_poisoned(uint64_t pfn, uint64_t flags, void *arg)
{
	if (flags >> KPF_HWPOISON & 1)
		ranges_add(arg, pfn * PAGE, PAGE);
	return false;
}

static int open_flags(void)
{
	return machine->open_file("/proc/kpageflags", 0);
}

static int walk_window(uint64_t spa, uint64_t len, bool stop, page_fn fn,
		       void *arg)
{
	int fd = open_flags(), rc;

	if (fd < 0)
		return fd;
	rc = walk(fd, spa, len, stop, fn, arg);
	close(fd);
	return rc;
}

int pageflags_each(uint64_t spa, uint64_t len, page_fn fn, void *arg)
{
	return walk_window(spa, len, true, fn, arg);
}

int pageflags_poisoned(uint64_t spa, uint64_t len, struct ranges *set)
{
	return walk_window(spa, len, false, add_poisoned, set);
}

/* "START-END : NAME" lines, indented where one lies in another. */
static int find_ram(struct ranges *ram)
{
	char *text = read_whole("/proc/iomem"), *line, *next;
	uint64_t from, to;
	bool hidden = false;

	if (!text)
		return -errno;
	for (line = strtok_r(text, "\n", &next); line;
	     line = strtok_r(NULL, "\n", &next)) {
		if (!strstr(line, " : System RAM") ||
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) != 2)
			continue;
		hidden = hidden || !to;
		ranges_add(ram, from, to - from + 1);
	}
	free(text);
	return hidden ? -EPERM : 0;
}

int pageflags_corrupted(uint64_t *bytes)
{
	static const char key[] = "HardwareCorrupted:";
	char *text = read_whole("/proc/meminfo");
	char *at = text ? strstr(text, key) : NULL;
	int rc = at ? 0 : text ? -ENOENT : -errno;

	*bytes = at ? strtoull(at + strlen(key), NULL, 10) * 1024 : 0;
	free(text);
	return rc;
}

int pageflags_ram(struct ranges *set, uint64_t *size)
{
	struct ranges ram = { 0 };
	uint64_t bytes;
	int fd, rc;
	size_t i;

	*size = 0;
	if (!pageflags_corrupted(&bytes) && !bytes)
		return 0;
	rc = find_ram(&ram);
	*size = ranges_total(&ram);
	if (!rc) {
		fd = open_flags();
		rc = fd < 0 ? fd : 0;
		for (i = 0; i < ram.n && !rc; i++)
			rc = walk(fd, ram.v[i].start, ram.v[i].len, true,
				  add_poisoned, set);
		if (fd >= 0)
			close(fd);
	}
	ranges_free(&ram);
	return rc;
}
