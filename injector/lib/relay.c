// SPDX-License-Identifier: GPL-2.0
/* The streams of a command, passed on byte by byte. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "relay.h"
#include "util.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void relay_init(struct relay *r)
{
	int i;

	*r = (struct relay){ 0 };
	for (i = 0; i < RELAY_STREAMS; i++)
		r->v[i].from = r->v[i].child = -1;
}

int relay_open(struct relay *r, const char *marker, bool to_stderr)
{
	int i, fd[2];

	r->marker = marker;
	for (i = 0; i < RELAY_STREAMS; i++) {
		if (pipe2(fd, O_CLOEXEC)) {
			int rc = -errno;

			relay_close(r);
			return rc;
		}
		/* of our end alone: the command's is another open file */
		fcntl(fd[0], F_SETFL, O_NONBLOCK);
		r->v[i].from = fd[0];
		r->v[i].child = fd[1];
		r->v[i].to = to_stderr ? STDERR_FILENO : STDOUT_FILENO + i;
	}
	return 0;
}

void relay_started(struct relay *r)
{
	int i;

	for (i = 0; i < RELAY_STREAMS; i++)
		close_fd(&r->v[i].child);
}

void relay_poll(const struct relay *r, struct pollfd *p)
{
	int i;

	for (i = 0; i < RELAY_STREAMS; i++) {
		const struct stream *s = &r->v[i];

		p[i] = s->at < s->end ?
			(struct pollfd){ .fd = s->to, .events = POLLOUT } :
			(struct pollfd){ .fd = s->from, .events = POLLIN };
	}
}

void relay_write(struct relay *r, const struct pollfd *p)
{
	int i;

	for (i = 0; i < RELAY_STREAMS; i++) {
		struct stream *s = &r->v[i];
		ssize_t n;

		if (s->at == s->end || p[i].fd != s->to || !p[i].revents)
			continue;
		n = write(s->to, s->buf + s->at, s->end - s->at);
		if (n > 0) {
			s->at += (size_t)n;
		} else if (errno != EAGAIN && errno != EINTR) {
			s->at = s->end;
			close_fd(&s->from);
		}
	}
}

/* The marker has no line feed, so where it is found is one line. */
static bool holds_marker(struct stream *s, const char *marker)
{
	char text[MARKER_MAX + PIPE_BUF];
	size_t n = s->tail_len, len = strlen(marker);
	bool found;

	memcpy(text, s->tail, n);
	memcpy(text + n, s->buf, s->end);
	n += s->end;
	found = memmem(text, n, marker, len);
	s->tail_len = n < len - 1 ? n : len - 1;
	memcpy(s->tail, text + n - s->tail_len, s->tail_len);
	return found;
}

void relay_read(struct relay *r, bool ended)
{
	int i;

	for (i = 0; i < RELAY_STREAMS; i++) {
		struct stream *s = &r->v[i];
		ssize_t n;

		if (s->from < 0 || s->at < s->end)
			continue;
		n = read(s->from, s->buf, sizeof(s->buf));
		s->at = 0;
		s->end = n > 0 ? (size_t)n : 0;
		if (n > 0 && r->marker)
			r->found = holds_marker(s, r->marker) || r->found;
		else if (!n || (n < 0 && ended && errno == EAGAIN))
			close_fd(&s->from);
	}
}

bool relay_done(const struct relay *r)
{
	int i;

	for (i = 0; i < RELAY_STREAMS; i++)
		if (r->v[i].from >= 0 || r->v[i].at < r->v[i].end)
			return false;
	return true;
}

void relay_close(struct relay *r)
{
	int i;

	for (i = 0; i < RELAY_STREAMS; i++) {
		close_fd(&r->v[i].from);
		close_fd(&r->v[i].child);
	}
}
