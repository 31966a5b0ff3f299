// SPDX-License-Identifier: GPL-2.0
/* The kernel's Address Range Scrub of a whole bus: look, start, wait. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intr.h"
#include "scrub.h"

#define LOOK_MS		250

int scrub_parse(const char *text, struct scrub_state *s)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EPROTO;
	s->count = strtoull(text, &end, 10);
	s->active = *end == '+';
	end += s->active;
	return *end && *end != '\n' ? -EPROTO : 0;
}

static int open_scrub(const char *bus)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/nfit/scrub", bus);
	fd = machine->open_file(path, 0);
	return fd == -ENOENT ? -EOPNOTSUPP : fd;
}

/* Arms the descriptor too: what changes later makes poll(2) return. */
static int read_state(int fd, struct scrub_state *s)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return scrub_parse(text, s);
}

int scrub_look(const char *bus, struct scrub_state *s)
{
	int fd = open_scrub(bus), rc;

	*s = (struct scrub_state){ 0 };
	if (fd < 0)
		return fd;
	rc = read_state(fd, s);
	close(fd);
	return rc;
}

int scrub_start(const char *bus, struct scrub_state *since)
{
	int rc = scrub_look(bus, since);

	if (!rc)
		rc = machine->start_scrub(bus);
	/*
	 * The kernel raises '+' before the request returns, so it is up here
	 * unless that scrub has ended; what came before does not matter.
	 */
	return rc ? rc : scrub_look(bus, since);
}

static bool has_ended(const struct scrub_state *since,
		      const struct scrub_state *now)
{
	return !since->active || !now->active || now->count > since->count;
}

int scrub_wait(const char *bus, const struct scrub_state *since,
	       struct scrub_state *now, struct deadline d)
{
	int fd = open_scrub(bus), left, rc;

	if (fd < 0)
		return fd;
	while (!(rc = read_state(fd, now)) && !has_ended(since, now)) {
		left = deadline_left(&d);
		if (!left)
			rc = -ETIMEDOUT;
		else
			rc = intr_poll(fd, POLLPRI,
				       left < LOOK_MS ? left : LOOK_MS);
		if (rc < 0)
			break;
		progress("'%s' is scrubbed", bus);
	}
	progress_end();
	close(fd);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(a, b);
}

int scrub_buses(char (**v)[NAME_LEN], size_t *n)
{
	DIR *dir = open_folder("/sys/bus/nd/devices");
	struct dirent *e;

	*v = NULL;
	*n = 0;
	if (!dir)
		return is_absent(-errno) ? 0 : -errno;
	while ((e = readdir(dir))) {
		if (strncmp(e->d_name, "ndbus", 5))
			continue;
		*v = xrealloc(*v, (*n + 1) * sizeof(**v));
		copy_name((*v)[(*n)++], NAME_LEN, e->d_name);
	}
	closedir(dir);
	if (*n)
		qsort(*v, *n, sizeof(**v), by_name);
	return 0;
}
