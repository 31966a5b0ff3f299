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

const char *kmsg_next(int fd, struct kmsg_record *r)
{
	char *text, *end;
	ssize_t n;

	r->lost = false;
	while ((n = read(fd, r->buf, sizeof(r->buf) - 1)) < 0 &&
	       (errno == EPIPE || errno == EINTR))
		r->lost = r->lost || errno == EPIPE;
	if (n <= 0)
		return NULL;
	r->buf[n] = '\0';
	r->seq = 0;
	r->facility = (unsigned int)strtoul(r->buf, &end, 10) >> 3;
	if (*end == ',')
		r->seq = strtoull(end + 1, NULL, 10);
	text = strchr(r->buf, ';');
	text = text ? text + 1 : r->buf;
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
	struct kmsg_record r;
	const char *line;
	size_t i;

	if (fd < 0)
		return list;
	while ((line = kmsg_next(fd, &r)))
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
	struct kmsg_record r;
	const char *line;
	int fd = open_kmsg();

	*v = NULL;
	*n = 0;
	if (fd < 0)
		return;
	while ((line = kmsg_next(fd, &r))) {
		unsigned long long pfn;
		char *end;

		if (strncmp(line, head, strlen(head)))
			continue;
		pfn = strtoull(line + strlen(head), &end, 16);
		if (strncmp(end, tail, strlen(tail)))
			continue;
		*v = xrealloc(*v, (*n + 1) * sizeof(**v));
		(*v)[(*n)++] = (struct kmsg_page){
			.seq = r.seq,
			.spa = pfn * PAGE,
		};
	}
	close(fd);
}

uint64_t kmsg_last(void)
{
	struct kmsg_record r;
	uint64_t last = 0;
	int fd = open_kmsg();

	if (fd < 0)
		return 0;
	while (kmsg_next(fd, &r))
		last = r.seq;
	close(fd);
	return last;
}
