// SPDX-License-Identifier: GPL-2.0
/* The journal: what this tool planted since boot, and what it cleared. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "kmsg.h"
#include "out.h"
#include "state.h"
#include "util.h"

#define JOURNAL_DIR	"/run/poisonctl"
#define JOURNAL		JOURNAL_DIR "/journal"

/*
 * A full /run took part of a line: it goes again, or it would swallow the next
 * one.
 */
static int cut_back(int fd, ssize_t n)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < n || ftruncate(fd, end - n))
		return -EIO;
	return -ENOSPC;
}

static int append(json_object *line)
{
	char path[512], *text;
	ssize_t n;
	int fd, rc = 0;

	snprintf(path, sizeof(path), "%s" JOURNAL_DIR, sysroot);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s" JOURNAL, sysroot);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (asprintf(&text, "%s\n", json_object_to_json_string_ext(line,
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)) < 0) {
		close(fd);
		return -ENOMEM;
	}
	flock(fd, LOCK_EX);
	/* one write: a line is there as a whole or not at all */
	n = write(fd, text, strlen(text));
	if (n < 0)
		rc = -errno;
	else if ((size_t)n < strlen(text))
		rc = cut_back(fd, n);
	free(text);
	close(fd);
	return rc;
}

static int append_or_complain(json_object *line)
{
	int rc = append(line);

	json_object_put(line);
	if (rc)
		return complain(EXIT_SETUP, "cannot write '" JOURNAL "': %s",
				strerror(-rc));
	return EXIT_OK;
}

/* /run does not survive a boot; the id guards against one that does. */
static void put_event(json_object *o, const char *event)
{
	char boot[64];

	put_str(o, "event", event);
	put_u64(o, "time", (uint64_t)time(NULL));
	if (read_text(boot, sizeof(boot),
		      "/proc/sys/kernel/random/boot_id") > 0)
		put_str(o, "boot", boot);
}

static int plant_line(const char *event, const char *mechanism,
		      const struct target *t, const char *path,
		      const struct range *spa, uint64_t off)
{
	json_object *o = json_object_new_object();

	put_event(o, event);
	put_str(o, "mechanism", mechanism);
	put_str(o, "target", path ? path : target_key(t));
	put_str(o, "namespace", t->ns ? t->ns->name : "");
	put_u64(o, "offset", off);
	put_u64(o, "spa", spa->start);
	put_u64(o, "length", spa->len);
	put_u64(o, "diskseq", t->ns ? state_diskseq(t->ns) : 0);
	return append_or_complain(o);
}

/*
 * A file outlives its name on this command line and the process that maps it,
 * but not a new file of its name.
 */
static char *file_path(const struct target *t)
{
	char node[512];

	if (!target_by_file(t) || !target_has_node(t))
		return NULL;
	target_devnode(t, node, sizeof(node));
	return realpath(node, NULL);
}

static int range_line(const char *event, const char *mechanism,
		      const struct target *t, const struct range *spa)
{
	char *path = file_path(t);
	size_t i;
	int rc = EXIT_OK;

	for (i = 0; i < t->n; i++)
		if (spa->start >= t->v[i].spa &&
		    spa->start - t->v[i].spa < t->v[i].len)
			rc = plant_line(event, mechanism, t, path, spa,
					(path ? target_dev_off(t, &t->v[i]) :
						t->v[i].off) +
					(spa->start - t->v[i].spa));
	free(path);
	return rc;
}

int journal_range(const char *mechanism, const struct target *t,
		  const struct range *spa)
{
	return range_line("plant", mechanism, t, spa);
}

static int all_lines(const char *event, const char *mechanism,
		     const struct target *t)
{
	size_t i;
	int rc = EXIT_OK;

	for (i = 0; i < t->n && !rc; i++) {
		struct range r = { t->v[i].spa, t->v[i].len };

		rc = range_line(event, mechanism, t, &r);
	}
	return rc;
}

int journal_plant(const char *mechanism, const struct target *t)
{
	return all_lines("plant", mechanism, t);
}

int journal_cancel(const char *mechanism, const struct target *t)
{
	return all_lines("cancel", mechanism, t);
}

int journal_clear(const struct ranges *spa)
{
	uint64_t seq = kmsg_last();
	size_t i;
	int rc = EXIT_OK;

	for (i = 0; i < spa->n && !rc; i++) {
		json_object *o = json_object_new_object();

		put_event(o, "clear");
		put_u64(o, "kmsg", seq);
		put_u64(o, "spa", spa->v[i].start);
		put_u64(o, "length", spa->v[i].len);
		rc = append_or_complain(o);
	}
	return rc;
}

static const char *text_of(json_object *o, const char *key)
{
	json_object *v = json_object_object_get(o, key);

	return v ? json_object_get_string(v) : "";
}

static uint64_t number_of(json_object *o, const char *key)
{
	return json_object_get_uint64(json_object_object_get(o, key));
}

static void add_planted(json_object *o, struct planted **v, size_t *n)
{
	struct planted *p;

	*v = xrealloc(*v, (*n + 1) * sizeof(**v));
	p = &(*v)[(*n)++];
	copy_name(p->mechanism, sizeof(p->mechanism), text_of(o, "mechanism"));
	copy_name(p->target, sizeof(p->target), text_of(o, "target"));
	copy_name(p->ns, sizeof(p->ns), text_of(o, "namespace"));
	p->off = number_of(o, "offset");
	p->spa = number_of(o, "spa");
	p->len = number_of(o, "length");
	p->diskseq = number_of(o, "diskseq");
}

/* A clearing takes effect on everything planted before it. */
static void drop_cleared(json_object *o, struct planted *v, size_t *n)
{
	uint64_t spa = number_of(o, "spa"), len = number_of(o, "length");
	size_t i, kept = 0;

	for (i = 0; i < *n; i++)
		if (v[i].spa < spa || v[i].spa - spa >= len ||
		    v[i].len > len - (v[i].spa - spa))
			v[kept++] = v[i];
	*n = kept;
}

/* Nothing came of a planting: take the last line of it back. */
static void drop_cancelled(json_object *o, struct planted *v, size_t *n)
{
	size_t i;

	for (i = *n; i-- > 0;)
		if (v[i].spa == number_of(o, "spa") &&
		    v[i].len == number_of(o, "length") &&
		    !strcmp(v[i].mechanism, text_of(o, "mechanism"))) {
			memmove(&v[i], &v[i + 1], (*n - i - 1) * sizeof(*v));
			(*n)--;
			return;
		}
}

static bool of_this_boot(json_object *o)
{
	char boot[64];

	if (read_text(boot, sizeof(boot),
		      "/proc/sys/kernel/random/boot_id") <= 0)
		return true;
	return !strcmp(text_of(o, "boot"), boot);
}

typedef void (*each_fn)(json_object *o, const char *event, void *arg);

static int for_each(each_fn fn, void *arg)
{
	char *text = read_whole(JOURNAL), *line, *next;

	if (!text)
		return errno == ENOENT ? EXIT_OK :
			complain(EXIT_SETUP, "cannot read '" JOURNAL "': %s",
				 strerror(errno));
	for (line = strtok_r(text, "\n", &next); line;
	     line = strtok_r(NULL, "\n", &next)) {
		json_object *o = json_tokener_parse(line);

		if (o && of_this_boot(o))
			fn(o, text_of(o, "event"), arg);
		json_object_put(o);
	}
	free(text);
	return EXIT_OK;
}

struct left_list {
	struct planted *v;
	size_t n;
};

static void keep_left(json_object *o, const char *event, void *arg)
{
	struct left_list *l = arg;

	if (!strcmp(event, "plant"))
		add_planted(o, &l->v, &l->n);
	else if (!strcmp(event, "cancel"))
		drop_cancelled(o, l->v, &l->n);
	else
		drop_cleared(o, l->v, &l->n);
}

int journal_left(struct planted **v, size_t *n)
{
	struct left_list l = { 0 };
	int rc = for_each(keep_left, &l);

	*v = l.v;
	*n = l.n;
	return rc;
}

struct cleared_list {
	struct cleared *v;
	size_t n;
};

static void keep_cleared(json_object *o, const char *event, void *arg)
{
	struct cleared_list *l = arg;

	if (strcmp(event, "clear"))
		return;
	l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	l->v[l->n++] = (struct cleared){
		.spa = number_of(o, "spa"),
		.len = number_of(o, "length"),
		.kmsg = number_of(o, "kmsg"),
	};
}

int journal_cleared(struct cleared **v, size_t *n)
{
	struct cleared_list l = { 0 };
	int rc = for_each(keep_cleared, &l);

	*v = l.v;
	*n = l.n;
	return rc;
}
