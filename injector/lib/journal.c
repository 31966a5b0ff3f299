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
#include "journal-read.h"
#include "kmsg.h"
#include "put.h"
#include "state.h"
#include "util.h"

#define JOURNAL_DIR	"/run/poisonctl"
#define COMPACT_AT	(64 * 1024)	/* bytes */
#define LOCK_S		10		/* others hold it for one write */

/* Lines on their way to the file, which takes them in one write. */
struct lines {
	char *text;
	size_t len;
	FILE *f;
	char boot[64];
};

static void open_lines(struct lines *l)
{
	l->f = open_memstream(&l->text, &l->len);
	if (!l->f)
		no_memory();
	/* /run does not survive a boot; the id guards against one that does */
	if (read_text(l->boot, sizeof(l->boot),
		      "/proc/sys/kernel/random/boot_id") <= 0)
		l->boot[0] = '\0';
}

static void put_line(struct lines *l, json_object *o)
{
	fputs(json_object_to_json_string_ext(o,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE), l->f);
	fputc('\n', l->f);
	json_object_put(o);
}

static json_object *event(const struct lines *l, const char *name, uint64_t when)
{
	json_object *o = json_object_new_object();

	put_str(o, "event", name);
	put_u64(o, "time", when);
	if (*l->boot)
		put_str(o, "boot", l->boot);
	return o;
}

/* A signal does not end this wait: what is done must be noted. */
static int lock(int fd)
{
	struct deadline d = deadline_in(LOCK_S);

	while (flock(fd, LOCK_EX | LOCK_NB))
		if ((errno != EWOULDBLOCK && errno != EINTR) ||
		    !deadline_sleep(&d))
			return errno == EWOULDBLOCK ? -EDEADLK : -errno;
	return 0;
}

/*
 * Locked, and the file of that name: another process may have put a shorter one
 * in its place while this one waited.
 */
static int open_journal_locked(void)
{
	char path[512];
	struct stat a, b;
	int fd, rc;

	snprintf(path, sizeof(path), "%s" JOURNAL_DIR, sysroot);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s" JOURNAL, sysroot);
	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (fd < 0)
			return -errno;
		rc = lock(fd);
		if (!rc && fstat(fd, &a))
			rc = -errno;
		if (rc) {
			close(fd);
			return rc;
		}
		if (!stat(path, &b) && a.st_ino == b.st_ino &&
		    a.st_dev == b.st_dev)
			return fd;
		close(fd);
	}
}

/* A line without an end would swallow the next one. */
static int end_last_line(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last = '\n';

	if (end > 0 && pread(fd, &last, 1, end - 1) != 1)
		return -EIO;
	return last == '\n' || write(fd, "\n", 1) == 1 ? 0 : -ENOSPC;
}

/* All of it or nothing: what a full /run took of it goes again. */
static int write_whole(int fd, const char *text, size_t len)
{
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t n = write(fd, text, len);
	int rc = n < 0 ? -errno : -ENOSPC;

	if (n == (ssize_t)len)
		return 0;
	if (n > 0 && ftruncate(fd, end))
		return -EIO;
	return rc;
}

/* The lines go into a file, which is closed then; @fd may be an error. */
static int end_lines(struct lines *l, int fd)
{
	int rc = fd < 0 ? fd : end_last_line(fd);

	fclose(l->f);
	if (!rc)
		rc = write_whole(fd, l->text, l->len);
	if (fd >= 0 && close(fd) && !rc)
		rc = -errno;
	free(l->text);
	return rc;
}

static int append(struct lines *l)
{
	int rc = end_lines(l, open_journal_locked());

	if (rc)
		return complain(EXIT_SETUP, "cannot write '" JOURNAL "': %s",
				rc == -EDEADLK ? "another process keeps it locked" :
						 strerror(-rc));
	return EXIT_OK;
}

static void put_planted(struct lines *l, const char *what,
			const struct planted *p)
{
	json_object *o = event(l, what, p->time);

	put_str(o, "mechanism", p->mechanism);
	put_str(o, "target", p->target);
	put_str(o, "namespace", p->ns);
	put_u64(o, "offset", p->off);
	put_u64(o, "spa", p->spa);
	put_u64(o, "length", p->len);
	put_u64(o, "diskseq", p->diskseq);
	put_line(l, o);
}

/*
 * A file outlives its name on this command line and the process that maps it,
 * but not a new file of its name.  A device has the name that it is found by from
 * anywhere.
 */
static char *path_of(const struct target *t)
{
	char node[512];

	if (t->kind == TARGET_BLOCK || t->kind == TARGET_DEVDAX)
		return realpath(t->name, NULL);
	if (!target_by_file(t) || !target_has_node(t))
		return NULL;
	target_devnode(t, node, sizeof(node));
	return realpath(node, NULL);
}

static struct planted describe(const char *mechanism, const struct target *t)
{
	char *path = path_of(t);
	struct planted p = {
		.diskseq = t->ns ? state_diskseq(t->ns) : 0,
		.time = (uint64_t)time(NULL),
		.by_path = path,
	};

	copy_name(p.mechanism, sizeof(p.mechanism), mechanism);
	copy_name(p.target, sizeof(p.target), path ? path : target_key(t));
	copy_name(p.ns, sizeof(p.ns), t->ns ? t->ns->name : "");
	free(path);
	return p;
}

static void put_part(struct lines *l, const char *what, const struct target *t,
		     struct planted *p, const struct extent *e,
		     const struct range *spa)
{
	p->off = (p->by_path && target_by_file(t) ? target_dev_off(t, e) :
						    e->off) +
		 (spa->start - e->spa);
	p->spa = spa->start;
	p->len = spa->len;
	put_planted(l, what, p);
}

int journal_range(const char *mechanism, const struct target *t,
		  const struct range *spa)
{
	struct planted p = describe(mechanism, t);
	struct lines l;
	size_t i;

	open_lines(&l);
	for (i = 0; i < t->n; i++)
		if (spa->start >= t->v[i].spa &&
		    spa->start - t->v[i].spa < t->v[i].len) {
			put_part(&l, "plant", t, &p, &t->v[i], spa);
			break;
		}
	return append(&l);
}

static int all_lines(const char *what, const char *mechanism,
		     const struct target *t)
{
	struct planted p = describe(mechanism, t);
	struct lines l;
	size_t i;

	open_lines(&l);
	for (i = 0; i < t->n; i++)
		put_part(&l, what, t, &p, &t->v[i], &(struct range){
			t->v[i].spa, t->v[i].len });
	return append(&l);
}

int journal_plant(const char *mechanism, const struct target *t)
{
	return all_lines("plant", mechanism, t);
}

int journal_cancel(const char *mechanism, const struct target *t)
{
	return all_lines("cancel", mechanism, t);
}

static void put_cleared(struct lines *l, const struct cleared *c)
{
	json_object *o = event(l, "clear", (uint64_t)time(NULL));

	put_u64(o, "kmsg", c->kmsg);
	put_u64(o, "spa", c->spa);
	put_u64(o, "length", c->len);
	put_line(l, o);
}

/*
 * A clearing matters as long as the kernel's log says that its page is bad; all do if
 * it cannot be read.
 */
static void put_needed(struct lines *l, const struct cleared *good, size_t n)
{
	struct kmsg_page *page;
	struct ranges said = { 0 };
	size_t npages, i;
	bool all = kmsg_hwpoison(&page, &npages);

	for (i = 0; i < npages; i++)
		ranges_add(&said, page[i].spa, PAGE);
	for (i = 0; i < n; i++)
		if (all || ranges_touch(&said, good[i].spa, good[i].len))
			put_cleared(l, &good[i]);
	ranges_free(&said);
	free(page);
}

/*
 * What counts of the lines so far, for a new file.  Return: false if that is more
 * than half of them, which is not worth the writing.
 */
static bool put_rest(struct lines *l, char *text, size_t len)
{
	struct journal_state j;
	bool worth;
	struct planted *left;
	struct cleared *good;
	size_t n, i;

	journal_settle(text, len, l->boot, &j);
	journal_rest(&j, &left, &n);
	worth = n <= j.lines / 2;
	for (i = 0; i < n && worth; i++)
		put_planted(l, "plant", &left[i]);
	free(left);
	journal_good(&j, &good, &n);
	put_needed(l, good, n);
	free(good);
	if (j.kept_len)
		fwrite(j.kept, 1, j.kept_len, l->f);
	journal_forget(&j);
	return worth;
}

/*
 * The new file takes the old one's place at once, so a crash leaves one of the
 * two.  It is an economy: a failure leaves the journal as it is.
 */
static void compact_locked(void)
{
	char path[512], part[512], *text;
	struct lines l;
	size_t len;
	int fd;

	text = read_bytes(JOURNAL, &len);
	if (!text)
		return;
	snprintf(path, sizeof(path), "%s" JOURNAL, sysroot);
	snprintf(part, sizeof(part), "%s" JOURNAL ".part", sysroot);
	open_lines(&l);
	if (!put_rest(&l, text, len)) {
		fclose(l.f);
		free(l.text);
		return;
	}
	fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (end_lines(&l, fd < 0 ? -errno : fd) || rename(part, path))
		unlink(part);
}

static void compact(void)
{
	int fd = open_journal_locked();
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_size >= COMPACT_AT)
		compact_locked();
	close(fd);
}

int journal_clear(const struct ranges *spa)
{
	struct cleared c;
	struct lines l;
	size_t i;
	int rc = kmsg_last(&c.kmsg);

	if (rc)
		note("where the kernel log ends is not known (%s): by it, what was cleared "
		     "may look poisoned", strerror(-rc));
	open_lines(&l);
	for (i = 0; i < spa->n; i++) {
		c.spa = spa->v[i].start;
		c.len = spa->v[i].len;
		put_cleared(&l, &c);
	}
	rc = append(&l);
	compact();
	return rc;
}

static int settle(struct journal_state *j)
{
	size_t len = 0;
	char boot[64] = "", *text = read_bytes(JOURNAL, &len);

	if (!text && errno != ENOENT)
		return complain(EXIT_SETUP, "cannot read '" JOURNAL "': %s",
				strerror(errno));
	if (read_text(boot, sizeof(boot),
		      "/proc/sys/kernel/random/boot_id") <= 0)
		boot[0] = '\0';
	journal_settle(text, len, boot, j);
	return EXIT_OK;
}

int journal_left_damaged(struct planted **v, size_t *n, size_t *damaged,
			 size_t *line)
{
	struct journal_state j;
	int rc;

	*v = NULL;
	*n = *damaged = 0;
	rc = settle(&j);
	if (rc)
		return rc;
	journal_rest(&j, v, n);
	*damaged = j.damaged;
	*line = j.damaged_line;
	journal_forget(&j);
	return EXIT_OK;
}

int journal_left(struct planted **v, size_t *n)
{
	size_t damaged, line;
	int rc = journal_left_damaged(v, n, &damaged, &line);

	if (damaged)
		note("'" JOURNAL "' is damaged in %zu lines, the first is line "
		     "%zu: what they say is not known", damaged, line);
	return rc;
}

int journal_cleared(struct cleared **v, size_t *n)
{
	struct journal_state j;
	int rc;

	*v = NULL;
	*n = 0;
	rc = settle(&j);
	if (rc)
		return rc;
	journal_good(&j, v, n);
	journal_forget(&j);
	return EXIT_OK;
}
