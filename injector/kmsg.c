// SPDX-License-Identifier: GPL-2.0
/* The kernel log: what memory_failure() and its friends said. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmsg.h"
#include "util.h"

#define RECORD_MAX	8192	/* of /dev/kmsg, fs/proc and dmesg alike */

static const char * const wanted[] = {
	"Memory failure:", "mce:", "Machine Check", "nfit", "hardware memory",
};

static int open_kmsg(void)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/kmsg", sysroot);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * Next record: its text without the prefix "level,seq,time,flags;", and its
 * number; NULL at the end.  A record that was overwritten while we read is skipped (EPIPE).
 */
static const char *next_line(int fd, char *buf, uint64_t *seq)
{
	char *text, *end;
	ssize_t n;

	do {
		n = read(fd, buf, RECORD_MAX - 1);
	} while (n < 0 && (errno == EPIPE || errno == EINTR));
	if (n <= 0)
		return NULL;
	buf[n] = '\0';
	*seq = 0;
	sscanf(buf, "%*u,%" SCNu64, seq);
	text = strchr(buf, ';');
	text = text ? text + 1 : buf;
	end = strchr(text, '\n');
	if (end)
		*end = '\0';
	return text;
}

int kmsg_mark(void)
{
	int fd = open_kmsg();

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

json_object *kmsg_since(int fd)
{
	json_object *list = json_object_new_array();
	char buf[RECORD_MAX];
	const char *line;
	uint64_t seq;
	size_t i;

	if (fd < 0)
		return list;
	while ((line = next_line(fd, buf, &seq)))
		for (i = 0; i < ARRAY_SIZE(wanted); i++)
			if (strstr(line, wanted[i])) {
				json_object_array_add(list,
					json_object_new_string(line));
				break;
			}
	close(fd);
	return list;
}

void kmsg_hwpoison(struct kmsg_page **v, size_t *n)
{
	static const char head[] = "Memory failure: ";
	static const char tail[] = ": recovery action for dax page";
	char buf[RECORD_MAX];
	const char *line;
	uint64_t seq;
	int fd = open_kmsg();

	*v = NULL;
	*n = 0;
	if (fd < 0)
		return;
	while ((line = next_line(fd, buf, &seq))) {
		unsigned long long pfn;
		char *end;

		if (strncmp(line, head, strlen(head)))
			continue;
		pfn = strtoull(line + strlen(head), &end, 16);
		if (strncmp(end, tail, strlen(tail)))
			continue;
		*v = xrealloc(*v, (*n + 1) * sizeof(**v));
		(*v)[(*n)++] = (struct kmsg_page){
			.seq = seq,
			.spa = pfn * PAGE,
		};
	}
	close(fd);
}

uint64_t kmsg_last(void)
{
	char buf[RECORD_MAX];
	uint64_t seq, last = 0;
	int fd = open_kmsg();

	if (fd < 0)
		return 0;
	while (next_line(fd, buf, &seq))
		last = seq;
	close(fd);
	return last;
}
