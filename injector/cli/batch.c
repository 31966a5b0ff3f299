// SPDX-License-Identifier: GPL-2.0
/* Many command lines of one verb, from a file or from stdin. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "intr.h"
#include "once.h"
#include "out.h"
#include "talk.h"
#include "until.h"

#define WORDS_MAX	32
#define LINE_BYTES	(64 * 1024)

struct batch {
	const struct verb *verb;
	const struct request *base;
	batch_fn fn;
	uint64_t line;
	size_t done, failed, wrong;
	int first;		/* exit code of the first line that failed */
	int64_t due;		/* ns, CLOCK_MONOTONIC: not before that, see --rate */
	struct until until;
};

static bool is_blank(char c)
{
	return c && strchr(" \t\r\n", c);
}

/* The word at @s moves to the front, without its backslashes. */
static char *end_word(char *s)
{
	char *to = s;

	for (; *s && !is_blank(*s); s++) {
		if (*s == '\\' && (!*++s || *s == '\n'))
			return NULL;
		*to++ = *s;
	}
	if (*s)
		s++;
	*to = '\0';
	return s;
}

int batch_split(char *line, char **words, int max)
{
	int n = 0;

	for (;;) {
		while (is_blank(*line))
			line++;
		if (!*line || *line == '#')
			return n;
		if (n == max)
			return -E2BIG;
		words[n++] = line;
		line = end_word(line);
		if (!line) {
			words[n - 1] = NULL;
			return -EINVAL;
		}
	}
}

/* Return: false if a signal came, or what --until waits for. */
static bool pace(struct batch *b)
{
	int64_t now, ms;

	while (b->base->rate && !interrupted() && !b->until.w.done) {
		now = now_ns();
		ms = (b->due - now) / 1000000;
		if (ms <= 0) {
			/* what came late is not made up for by a burst */
			b->due = (b->due > now ? b->due : now) +
				 (int64_t)(UINT64_C(1000000000) / b->base->rate);
			break;
		}
		until_wait(&b->until, (int)(ms < 1000 ? ms : 1000));
	}
	return !interrupted() && !b->until.w.done;
}

/* What belongs to the whole of it is not for a line. */
static int check_line(const struct request *req, const struct request *base)
{
	if (req->help || req->json || req->batch)
		return complain(EXIT_USAGE,
			"--batch, --json and --help are not for a line");
	if (table_is_styled(&req->table))
		return complain(EXIT_USAGE, "--columns, --noheadings and --raw are not for a line");
	if (req->nmore)
		return complain(EXIT_USAGE, "one target at a time, not '%s'", *req->more);
	if (req->rate || req->until_set)
		return complain(EXIT_USAGE,
			"--rate and --until are for all lines: give them on the command line");
	if (req->dry_run != base->dry_run)
		return complain(EXIT_USAGE,
			"--dry-run is for all lines: give it on the command "
			"line");
	return EXIT_OK;
}

static int do_words(struct batch *b, int argc, char **argv, json_object **doc)
{
	struct request *req = opts_request(b->verb, b->base);
	int rc;

	req->batch = NULL;
	req->of_line = true;
	req->json = false;
	req->rate = 0;
	req->until_set = false;
	rc = opts_parse(b->verb, argc, argv, req);
	if (!rc)
		rc = check_line(req, b->base);
	if (!rc)
		rc = b->fn(req, doc);
	once_unlock();
	free(req);
	return rc;
}

static void copy_key(json_object *to, json_object *from, const char *key)
{
	json_object *v;

	if (json_object_object_get_ex(from, key, &v))
		json_object_object_add(to, key, json_object_get(v));
}

/* A line of text has what a person looks for; one of JSON everything. */
static json_object *short_form(json_object *doc, const char *reason)
{
	static const char * const keys[] = { "target", "mechanism", "access", "state", "verdict" };
	json_object *o = json_object_new_object(), *list, *first;
	size_t i;

	copy_key(o, doc, "line");
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		copy_key(o, doc, keys[i]);
	if (json_object_object_get_ex(doc, "extents", &list)) {
		first = json_object_array_get_idx(list, 0);
		if (first)
			copy_key(o, first, "spa");
	}
	if (reason)
		put_str(o, "reason", reason);
	json_object_put(doc);
	return o;
}

/* @name: what was to be the target, if it is known */
static int tell(struct batch *b, const char *name, json_object *doc, int rc)
{
	bool json = b->base->json;

	if (!doc) {
		doc = json_object_new_object();
		if (name)
			put_str(doc, "target", name);
		put_str(doc, "state", exit_name(rc));
	}
	if (b->line)
		put_u64(doc, "line", b->line);
	if (rc)
		put_error(doc, rc);
	rc = out_line(json ? doc : short_form(doc, rc ? complaint() : NULL));
	if (!rc)
		return EXIT_OK;
	out_drop();
	return complain(EXIT_SETUP, "cannot write the result: %s",
			strerror(-rc));
}

static void count_one(struct batch *b, int rc)
{
	if (!rc)
		return;
	b->failed++;
	b->wrong += rc == EXIT_WRONG;
	b->first = b->first ? b->first : rc;
}

/* @words: ended by NULL; getopt_long(3) changes their order */
static const char *named(const struct batch *b, char **words)
{
	int n = 0;

	while (words[n])
		n++;
	return opts_target(b->verb, n, words);
}

/* What came of the last one, with what it may have set off. */
static int tell_and_look(struct batch *b, const char *name, json_object *doc, int rc)
{
	rc = tell(b, name, doc, rc);
	return rc ? rc : until_wait(&b->until, 0);
}

/* Return: not EXIT_OK if no other line can be done. */
static int do_line(struct batch *b, char *text, size_t len)
{
	char *words[WORDS_MAX + 1] = { (char *)b->verb->name };
	const char *name;
	json_object *doc = NULL;
	int n, rc;

	b->line++;
	talk_of_line(b->line);
	n = strlen(text) < len ? -EILSEQ :
	    batch_split(text, words + 1, WORDS_MAX - 1);
	if (!n)
		return EXIT_OK;
	if (!pace(b))
		return EXIT_OK;
	b->done++;
	name = named(b, words);
	if (n > 0) {
		rc = do_words(b, n + 1, words, &doc);
	} else {
		rc = complain(EXIT_USAGE, n == -E2BIG ? "too many words" :
			      n == -EINVAL ? "nothing follows the backslash" :
			      "a line with a NUL byte");
	}
	count_one(b, rc);
	talk_of_line(0);
	return tell_and_look(b, name, doc, rc);
}

static int all_lines(struct batch *b, FILE *f)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t n;
	int rc = EXIT_OK;

	errno = 0;
	while (!rc && !interrupted() && !b->until.w.done &&
	       (n = getline(&text, &size, f)) >= 0 &&
	       !ferror(f)) {
		rc = do_line(b, text, (size_t)n);
		errno = 0;
	}
	free(text);
	if (!rc && interrupted())
		rc = complain(EXIT_TIMEOUT, "interrupted");
	if (!rc && ferror(f) && errno == EMSGSIZE)
		rc = complain(EXIT_USAGE, "line %" PRIu64 " of '%s' is too long: expected %d bytes at most",
			      b->line + 1, b->base->batch, LINE_BYTES);
	else if (!rc && ferror(f) && errno == ETIMEDOUT)
		rc = complain(EXIT_TIMEOUT, "no line %" PRIu64 " of '%s' after %" PRIu64 " seconds: expected it, or the end, by --deadline",
			      b->line + 1, b->base->batch, b->base->deadline);
	else if (!rc && ferror(f))
		rc = complain(EXIT_SETUP, "cannot read '%s': %s",
			      b->base->batch, strerror(errno));
	return rc;
}

struct input {
	int fd;
	unsigned int seconds;	/* to wait for more of it */
	size_t line;		/* bytes of the line that is being read */
};

/*
 * A read that waits is not ended by a signal (SA_RESTART), poll(2) is; and
 * getline(3) has no limit.
 */
static ssize_t read_ready(void *cookie, char *buf, size_t size)
{
	struct input *in = cookie;
	struct deadline d = deadline_in(in->seconds);
	int rc = intr_wait(in->fd, POLLIN, &d);
	const char *end;
	ssize_t n;

	if (rc < 0)
		errno = -rc;
	else if (!rc)
		errno = ETIMEDOUT;
	if (rc <= 0)
		return rc < 0 || !interrupted() ? -1 : 0;
	n = read(in->fd, buf, size);
	if (n <= 0)
		return n;
	end = memrchr(buf, '\n', (size_t)n);
	in->line = end ? (size_t)(buf + n - end) : in->line + (size_t)n;
	if (in->line <= LINE_BYTES)
		return n;
	errno = EMSGSIZE;
	return -1;
}

static int close_input(void *cookie)
{
	const struct input *in = cookie;

	return close(in->fd);
}

/* One that was judged is not one that failed: EXIT_WRONG stays what it is. */
static int conclude(struct batch *b, const char *what)
{
	int rc = until_settle(&b->until, (unsigned int)b->base->deadline);

	if (rc || !b->failed || (b->done == 1 && b->first))
		return rc ? rc : b->first;
	if (b->wrong == b->failed)
		return complain(EXIT_WRONG, "%zu of %zu %s have a wrong outcome", b->wrong,
				b->done, what);
	complain(EXIT_PARTLY, "%zu of %zu %s failed", b->failed, b->done, what);
	return b->failed < b->done ? EXIT_PARTLY : b->first;
}

int batch_run(const struct verb *verb, const struct request *base, batch_fn fn)
{
	struct batch b = { .verb = verb, .base = base, .fn = fn };
	/* a FIFO that nobody writes to yet is waited for in poll(2), too */
	struct input in = {
		.seconds = (unsigned int)base->deadline,
		.fd = strcmp(base->batch, "-") ?
		      open(base->batch, O_RDONLY | O_NONBLOCK | O_CLOEXEC) :
		      fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0),
	};
	FILE *f = in.fd < 0 ? NULL : fopencookie(&in, "r", (cookie_io_functions_t) {
		.read = read_ready,
		.close = close_input,
	});
	int rc;

	if (!f) {
		rc = complain(EXIT_SETUP, "cannot open '%s': %s", base->batch,
			      strerror(errno));
		if (in.fd >= 0)
			close(in.fd);
		return rc;
	}
	rc = until_start(&b.until, base);
	if (!rc)
		rc = all_lines(&b, f);
	fclose(f);
	rc = rc ? rc : conclude(&b, "lines");
	until_end(&b.until);
	return rc;
}

/* Return: not EXIT_OK if no other can be done. */
static int do_one(struct batch *b, struct request *req, bool alike)
{
	json_object *doc = NULL;
	int rc = b->fn(req, &doc), failed = rc;

	once_unlock();
	b->done++;
	count_one(b, rc);
	if (rc && !doc && req->place.offset_set) {
		doc = json_object_new_object();
		put_str(doc, "target", req->target);
		put_u64(doc, "offset", req->place.offset);
		put_str(doc, "state", exit_name(rc));
	}
	rc = tell_and_look(b, req->target, doc, rc);
	if (!rc && alike && b->done == 1 &&
	    (failed == EXIT_UNSUPPORTED || failed == EXIT_REFUSED))
		return failed;
	return rc;
}

int batch_each(const struct verb *verb, const struct request *base, batch_fn fn,
	       batch_next_fn next, void *arg, bool alike)
{
	struct batch b = { .verb = verb, .base = base, .fn = fn };
	int rc = until_start(&b.until, base);

	while (!rc && !b.until.w.done) {
		struct request *req = opts_request(verb, base);

		req->json = false;
		if (!next(arg, req)) {
			free(req);
			break;
		}
		if (pace(&b))
			rc = do_one(&b, req, alike);
		else if (interrupted())
			rc = complain(EXIT_TIMEOUT, "interrupted");
		free(req);
	}
	rc = rc ? rc : conclude(&b, "targets");
	until_end(&b.until);
	return rc;
}
