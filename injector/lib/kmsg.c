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
#include "platform.h"
#include "util.h"

#define KMSG	"/dev/kmsg"

static const char * const wanted[] = {
	"Memory failure:", "mce:", "Machine Check", "nfit", "hardware memory",
};

static int open_kmsg(void)
{
	return machine->open_file(KMSG, O_NONBLOCK);
}

/* Split a record.  Return: its text, NULL if it is not the kernel's. */
static const char *parse_record(struct kmsg_record *r)
{
	char *text, *end;

	r->seq = 0;
	if (strtoul(r->buf, &end, 10) >> 3)
		return NULL;
	if (*end == ',')
		r->seq = strtoull(end + 1, NULL, 10);
	text = strchr(r->buf, ';');
	text = text ? text + 1 : r->buf;
	end = strchr(text, '\n');
	if (end)
		*end = '\0';
	return text;
}

const char *kmsg_next(int fd, struct kmsg_record *r)
{
	const char *text = NULL;
	ssize_t n;

	r->lost = false;
	r->err = 0;
	while (!text) {
		n = read(fd, r->buf, sizeof(r->buf) - 1);
		if (n < 0 && (errno == EPIPE || errno == EINTR)) {
			r->lost = r->lost || errno == EPIPE;
			continue;
		}
		if (n < 0 && errno != EAGAIN)
			r->err = -errno;
		if (n <= 0)
			return NULL;
		r->buf[n] = '\0';
		text = parse_record(r);
	}
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

const char *kmsg_strerror(int rc)
{
	return rc == -EPIPE ? "the kernel overwrote records before they were read" :
			      strerror(-rc);
}

int kmsg_complain(int code, int rc)
{
	return complain(code, "cannot read " KMSG ": %s", kmsg_strerror(rc));
}

/*
 * Lines about memory errors that came since the last look.  Return: -errno, -EPIPE if
 * there are some more that nobody can read any more.
 */
static int add_lines(int fd, json_object *list)
{
	struct kmsg_record r;
	const char *line;
	bool lost = false;
	size_t i;

	while (line = kmsg_next(fd, &r), lost = lost || r.lost, line)
		for (i = 0; i < ARRAY_SIZE(wanted); i++)
			if (strstr(line, wanted[i])) {
				json_object_array_add(list,
					json_object_new_string(line));
				break;
			}
	return lost && !r.err ? -EPIPE : r.err;
}

int kmsg_since(int fd, json_object **lines)
{
	int rc;

	*lines = json_object_new_array();
	if (fd < 0)
		return is_absent(fd) ? 0 : fd;
	rc = add_lines(fd, *lines);
	close(fd);
	return rc;
}

bool kmsg_action(const char *line, struct kmsg_action *a)
{
	static const char head[] = "Memory failure: ";
	static const char words[] = ": recovery action for ";
	const char *result;
	char *end;

	if (strncmp(line, head, strlen(head)))
		return false;
	a->pfn = strtoull(line + strlen(head), &end, 16);
	if (strncmp(end, words, strlen(words)))
		return false;
	line = end + strlen(words);
	result = strstr(line, ": ");
	if (!result)
		return false;
	snprintf(a->type, sizeof(a->type), "%.*s", (int)(result - line), line);
	copy_name(a->result, sizeof(a->result), result + 2);
	return true;
}

/* Those of the pages from FIRST to LAST, in lines from FROM on. */
static void count_failures(struct kmsg_failures *f, size_t from, uint64_t first,
			   uint64_t last)
{
	struct kmsg_action a;
	size_t i;

	for (i = from; i < json_object_array_length(f->lines); i++) {
		if (!kmsg_action(json_object_get_string(
				json_object_array_get_idx(f->lines, i)), &a) ||
		    a.pfn < first || a.pfn > last)
			continue;
		f->count++;
		f->failed |= strcmp(a.result, "Recovered") != 0;
	}
}

struct kmsg_failures kmsg_failures(int fd, uint64_t spa, uint64_t len, int want,
				   struct deadline d)
{
	struct kmsg_failures f = {
		.lines = json_object_new_array(),
		.err = fd < 0 && !is_absent(fd) ? fd : 0,
	};
	size_t had;

	if (fd < 0)
		return f;
	do {
		had = json_object_array_length(f.lines);
		f.err = add_lines(fd, f.lines);
		count_failures(&f, had, spa / PAGE, (spa + len - 1) / PAGE);
	} while (!f.err && f.count < want && deadline_nap(&d));
	close(fd);
	return f;
}

/*
 * A failure that "Failed" has set no PG_hwpoison: mf_generic_kill_procs() found
 * nobody who maps the page, or the filesystem had metadata there.
 */
int kmsg_hwpoison(struct kmsg_page **v, size_t *n)
{
	struct kmsg_record r;
	struct kmsg_action a;
	const char *line;
	int fd = open_kmsg();

	*v = NULL;
	*n = 0;
	if (fd < 0)
		return is_absent(fd) ? 0 : fd;
	while ((line = kmsg_next(fd, &r))) {
		if (!kmsg_action(line, &a) || strcmp(a.type, "dax page") ||
		    !strcmp(a.result, "Failed"))
			continue;
		*v = xrealloc(*v, (*n + 1) * sizeof(**v));
		(*v)[(*n)++] = (struct kmsg_page){
			.seq = r.seq,
			.spa = a.pfn * PAGE,
		};
	}
	close(fd);
	if (!r.err)
		return 0;
	free(*v);
	*v = NULL;
	*n = 0;
	return r.err;
}

int kmsg_last(uint64_t *seq)
{
	struct kmsg_record r;
	int fd = open_kmsg();

	*seq = 0;
	if (fd < 0)
		return is_absent(fd) ? 0 : fd;
	while (kmsg_next(fd, &r))
		*seq = r.seq;
	close(fd);
	return r.err;
}
