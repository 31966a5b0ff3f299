// SPDX-License-Identifier: GPL-2.0
/*
 * Metrics of a watch, by the rules of "Exposition formats" of the Prometheus manual:
 * HELP and TYPE before the samples of a metric, all of them in one group, a line feed
 * at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "metrics.h"
#include "pageflags.h"

#define PREFIX	"poisonctl_"

static void head(FILE *f, const char *name, const char *type, const char *help)
{
	const char * const words[] = {
		"# HELP " PREFIX, name, " ", help, "\n# TYPE " PREFIX, name, " ", type, "\n",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		fputs(words[i], f);
}

static void put_value(FILE *f, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), " %" PRIu64 "\n", v);
	fputs(text, f);
}

static void single(FILE *f, const char *name, const char *type, const char *help, uint64_t v)
{
	head(f, name, type, help);
	fputs(PREFIX, f);
	fputs(name, f);
	put_value(f, v);
}

/* Backslash, double quote and line feed have escapes; nothing else has. */
static void put_label(FILE *f, const char *name, const char *value)
{
	fputs(name, f);
	fputs("=\"", f);
	for (; *value; value++) {
		if (*value == '\n') {
			fputs("\\n", f);
			continue;
		}
		if (*value == '\\' || *value == '"')
			fputc('\\', f);
		fputc(*value, f);
	}
	fputc('"', f);
}

static uint64_t bad_bytes(const struct watch *w, const struct source *s)
{
	struct ranges in = { 0 };
	uint64_t sum;
	size_t i;

	for (i = 0; w->t && i < w->t->n; i++)
		ranges_clip(&in, &s->last, w->t->v[i].spa, w->t->v[i].len);
	sum = ranges_total(w->t ? &in : &s->last);
	ranges_free(&in);
	return sum;
}

/* An interleaved namespace has its bytes on all of its DIMMs. */
static void badblocks(FILE *f, const struct watch *w)
{
	char dimms[DIMMS_MAX * (NAME_LEN + 1)];
	size_t i, k, n;

	head(f, "badblock_bytes", "gauge",
	     "Bytes of the namespace that the kernel lists as bad blocks.");
	for (i = 0; i < w->n; i++) {
		const struct nsinfo *ns = w->v[i].ns;

		if (!ns || w->v[i].fd < 0)
			continue;
		for (k = 0, n = 0, *dimms = '\0'; k < ns->ndimms; k++)
			n += (size_t)snprintf(dimms + n, sizeof(dimms) - n, "%s%s",
					      k ? "," : "", ns->dimms[k].name);
		fputs(PREFIX "badblock_bytes{", f);
		put_label(f, "namespace", ns->name);
		fputc(',', f);
		put_label(f, "region", ns->region);
		fputc(',', f);
		put_label(f, "dimm", dimms);
		fputc('}', f);
		put_value(f, bad_bytes(w, &w->v[i]));
	}
}

static void failures(FILE *f, const struct watch *w)
{
	size_t i;

	head(f, "memory_failures_total", "counter",
	     "Pages that memory_failure() dealt with since the watch began, by its result.");
	for (i = 0; i < w->nresults; i++) {
		fputs(PREFIX "memory_failures_total{", f);
		put_label(f, "result", w->results[i].name);
		fputc('}', f);
		put_value(f, w->results[i].count);
	}
}

static void scrub(FILE *f, const struct watch *w, bool active)
{
	const char *name = active ? "scrub_active" : "scrubs_total";
	size_t i;

	if (active)
		head(f, name, "gauge", "Whether the bus is being scrubbed (ARS).");
	else
		head(f, name, "counter", "Scrubs of the bus that have ended since boot.");
	for (i = 0; i < w->n; i++) {
		const struct source *s = &w->v[i];

		if (!*s->bus)
			continue;
		fputs(PREFIX, f);
		fputs(name, f);
		fputc('{', f);
		put_label(f, "bus", s->bus);
		fputc('}', f);
		put_value(f, active ? s->scrub.active : s->scrub.count);
	}
}

static char *metrics_text(const struct metrics *m, const struct watch *w, bool running)
{
	char *text = NULL;
	size_t size;
	uint64_t bytes;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		no_memory();
	single(f, "watch_running", "gauge", "Whether the watch goes on: 0 once it has ended.",
	       running);
	single(f, "watch_start_time_seconds", "gauge",
	       "When the watch began, in seconds of the Unix epoch.", (uint64_t)m->since);
	badblocks(f, w);
	failures(f, w);
	single(f, "sigbus_total", "counter",
	       "Signals that memory_failure() sent since the watch began.",
	       w->counts[EVENT_SIGBUS]);
	single(f, "machine_checks_total", "counter",
	       "Machine checks that the kernel told of since the watch began.",
	       w->counts[EVENT_MACHINE_CHECK]);
	single(f, "lost_total", "counter",
	       "How often a source could not keep everything since the watch began.",
	       w->counts[EVENT_LOST]);
	if (!pageflags_corrupted(&bytes))
		single(f, "hardware_corrupted_bytes", "gauge",
		       "HardwareCorrupted of /proc/meminfo.", bytes);
	scrub(f, w, true);
	scrub(f, w, false);
	if (fclose(f))
		no_memory();
	return text;
}

/* In the same folder, so that rename(2) can do it; not "*.prom", so that nobody reads it. */
static int make_part(const char *path, char *part)
{
	const char *name = strrchr(path, '/');
	int fd;

	name = name ? name + 1 : path;
	if (snprintf(part, PATH_MAX, "%.*s.%s.XXXXXX", (int)(name - path), path, name) >=
	    PATH_MAX)
		return -ENAMETOOLONG;
	fd = mkostemp(part, O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int metrics_open(struct metrics *m, const char *path)
{
	char part[PATH_MAX];
	struct stat st;
	int fd;

	*m = (struct metrics){ .path = path, .since = time(NULL) };
	if (!*path)
		return -ENOENT;
	/* rename(2) would put a file in the place of /dev/null, or of a link */
	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		return -EINVAL;
	fd = make_part(path, part);
	if (fd < 0)
		return fd;
	close(fd);
	unlink(part);
	return 0;
}

static int replace(const char *path, const char *text)
{
	size_t len = strlen(text), done = 0;
	char part[PATH_MAX];
	int fd = make_part(path, part), err = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	while (done < len && !err) {
		n = write(fd, text + done, len - done);
		if (n < 0 && errno != EINTR)
			err = -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	/* the exporter is another user */
	if (!err && fchmod(fd, 0644))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(part, path))
		err = -errno;
	if (err)
		unlink(part);
	return err;
}

void metrics_write(struct metrics *m, const struct watch *w, bool running)
{
	char *text = metrics_text(m, w, running);
	int err = 0;

	if (m->last && !strcmp(text, m->last)) {
		free(text);
		return;
	}
	err = replace(m->path, text);
	if (err && !m->err) {
		note("cannot write '%s': %s", m->path, strerror(-err));
		m->err = err;
	}
	if (err) {
		free(text);
		return;
	}
	free(m->last);
	m->last = text;
}

void metrics_close(struct metrics *m)
{
	free(m->last);
}
