// SPDX-License-Identifier: GPL-2.0
/*
 * The data side of a repair: keep what is put at risk, write whole pages.
 *
 * The pages of a file are read and written through the namespace's block device,
 * under a file that nobody else has open, or in a filesystem that stands still: so
 * nothing moves, nothing is stored in between, and its size stays as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fiemap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intr.h"
#include "journal.h"
#include "keep.h"
#include "rewrite.h"
#include "rewrite-read.h"
#include "sharers.h"
#include "state.h"

/*
 * A partition and a device of the device mapper are written as themselves: the
 * namespace's own device is in use as soon as another part of it is.
 */
static bool by_itself(const struct target *t)
{
	return t->kind == TARGET_BLOCK && (t->part_start || t->runs.n);
}

/*
 * The bytes of a file are written through the file.  A block device is opened
 * exclusively, which fails while a filesystem on it is mounted.
 */
static int open_target(struct repair *r)
{
	const struct target *t = r->t;
	bool file = target_by_file(t);
	char node[512];

	if (by_itself(t))
		copy_name(node, sizeof(node), t->name);
	else
		target_devnode(t, node, sizeof(node));
	r->fd = machine->open(node, O_RDWR | (file ? 0 : O_DIRECT | O_EXCL));
	if (r->fd == -EBUSY && !file)
		return complain(EXIT_SETUP,
			"'%s' is in use: name the file to be repaired, or "
			"unmount", node);
	if (r->fd < 0)
		return complain(EXIT_SETUP, "cannot open '%s': %s", node,
				strerror(-r->fd));
	/* who else has the block may have it open as well */
	r->alone = !file || (!r->sharers.n && !machine->alone(r->fd));
	snprintf(node, sizeof(node), "/dev/%s", t->ns->blockdev);
	r->bdev = machine->open(node, (file ? O_RDWR : O_RDONLY) | O_DIRECT);
	if (r->bdev < 0)
		return complain(EXIT_SETUP, "cannot open '%s': %s", node,
				strerror(-r->bdev));
	return EXIT_OK;
}

int rewrite_check_place(const struct repair *r, int fd, uint64_t off,
			uint64_t spa, uint64_t len)
{
	uint64_t at, run = len;
	struct file_map map = { 0 };
	int rc = machine->map(fd, off, len, &map);
	bool same = device_up(&r->t->runs, r->t->part_start,
			      spa - r->t->ns->data_base, &run, &at) &&
		    run == len && map.n && map.v[0].logical <= off &&
		    map.v[0].physical + (off - map.v[0].logical) == at &&
		    off + len - map.v[0].logical <= map.v[0].len;

	/* several extents may follow each other on the media */
	if (!rc && !same && len > PAGE) {
		free(map.v);
		for (; !rc && len; off += PAGE, spa += PAGE, len -= PAGE)
			rc = rewrite_check_place(r, fd, off, spa, PAGE);
		return rc;
	}
	if (same && map.v[0].flags & FIEMAP_EXTENT_UNWRITTEN)
		same = false;
	if (same && map.v[0].flags & FIEMAP_EXTENT_SHARED && !r->punch && !r->sharers.n)
		same = false;
	free(map.v);
	return rc ? rc : same ? 0 : -ESTALE;
}

/* Is it of this page, and not of what had its bytes before? */
static bool is_of(const struct repair *r, const struct kept *k, uint64_t spa, uint64_t off)
{
	struct media_stat st;

	if (!target_by_file(r->t))
		return k->off == off;
	if (machine->stat(r->fd, &st) || k->dev != st.dev)
		return false;
	return (k->ino == st.ino && k->off == off) || sharers_have(r, spa, k->ino, k->off);
}

/* What an earlier repair, or this one, kept before it put the page at risk. */
static void add_kept(const struct repair *r, uint64_t spa, uint64_t off,
		     struct content *c)
{
	uint8_t old[PAGE];
	struct kept k;
	unsigned int i;

	if (c->known == ALL_SECTORS || !keep_load(spa, &k, old) || !is_of(r, &k, spa, off))
		return;
	for (i = 0; i < SECTORS; i++)
		if (!(c->known & 1U << i) && k.sectors & 1U << i) {
			memcpy(c->data + i * SECTOR, old + i * SECTOR, SECTOR);
			c->known |= 1U << i;
		}
}

/* What was poisoned in an earlier life of the disk, in this boot. */
static void find_earlier(const struct repair *r, struct ranges *earlier)
{
	uint64_t now = state_diskseq(r->t->ns);
	struct planted *v;
	size_t n, i;

	if (journal_left(&v, &n))
		n = 0;
	for (i = 0; i < n; i++)
		if (v[i].diskseq != now)
			ranges_add(earlier, v[i].spa, v[i].len);
		else
			ranges_sub(earlier, v[i].spa, v[i].len);
	free(v);
}

/*
 * After a machine check the kernel's mapping of the page is gone until the
 * driver clears PG_hwpoison.  Linux 6.1 loses the flag, but not the gap, when
 * the namespace is set up anew (remove_pte_table() and phys_pte_init() leave
 * an entry alone that is not present).  A write of such a page is an oops.  It
 * shows in that a read fails although nothing is listed there, or in that the
 * page was poisoned, and reported, before the disk was set up.
 */
static int check_mapping(const struct repair *r, uint64_t spa,
			 const struct content *c,
			 const struct ranges *earlier)
{
	bool listed = ranges_touch(&r->work.bad, spa, PAGE);
	bool whole = ranges_cover(&r->work.fw, spa, PAGE);

	if ((c->read || listed || whole) &&
	    (!page_is_lost(r, spa) || c->read ||
	     !ranges_touch(earlier, spa, PAGE)))
		return EXIT_OK;
	return complain(EXIT_UNSUPPORTED,
		"the kernel lost its mapping of frame %#" PRIx64 " in a "
		"machine check before the namespace was set up: a write would "
		"crash it; reboot", spa / PAGE);
}

static void note_path(const struct repair *r, struct kept *k)
{
	char node[512], *path;

	target_devnode(r->t, node, sizeof(node));
	path = realpath(node, NULL);
	copy_name(k->path, sizeof(k->path), path ? path : node);
	free(path);
}

static int keep_page(const struct repair *r, uint64_t spa,
		     const struct content *c)
{
	struct kept k = {
		.spa = spa,
		.off = target_dev_off_at(r->t, spa),
		.sectors = c->known,
	};
	struct media_stat st;
	int rc = 0;

	if (target_by_file(r->t)) {
		rc = machine->stat(r->fd, &st);
		k.dev = st.dev;
		k.ino = st.ino;
		note_path(r, &k);
	}
	if (!rc)
		rc = keep_save(&k, c->data);
	if (rc)
		return complain(EXIT_SETUP,
			"cannot keep the page at %" PRIu64 " of '%s' in '"
			KEPT_DIR "': %s", k.off, r->t->name, strerror(-rc));
	return EXIT_OK;
}

/* One page of rewrite_prepare(); what is listed is at no further risk. */
static int prepare_page(const struct repair *r, uint64_t spa,
			const struct ranges *plant,
			const struct ranges *earlier)
{
	struct content c;
	int rc;

	if (ranges_touch(&r->work.bad, spa, PAGE) && !page_is_lost(r, spa))
		return EXIT_OK;
	read_page(r, spa, &c);
	rc = check_mapping(r, spa, &c, earlier);
	if (rc || !c.known || r->zero || !ranges_touch(plant, spa, PAGE))
		return rc;
	return keep_page(r, spa, &c);
}

static int stand_still(const struct repair *r)
{
	int err = r->alone ? 0 : machine->freeze(r->fd);

	if (!err)
		return EXIT_OK;
	return complain(EXIT_REFUSED,
		"others have '%s' open, and its filesystem cannot be frozen: "
		"%s", r->t->name, strerror(-err));
}

static int go_on(const struct repair *r)
{
	int err = r->alone ? 0 : machine->thaw();

	if (!err)
		return EXIT_OK;
	return complain(EXIT_PARTLY,
		"the filesystem of '%s' stays frozen: %s", r->t->name,
		strerror(-err));
}

int rewrite_prepare(struct repair *r, const struct ranges *plant)
{
	uint64_t spa, end;
	struct ranges earlier = { 0 };
	size_t i;
	int rc;

	r->fd = r->bdev = -1;
	if (!r->pages.n)
		return EXIT_OK;
	rc = open_target(r);
	if (!rc)
		find_earlier(r, &earlier);
	for (i = 0; i < r->pages.n && !rc; i++) {
		spa = r->pages.v[i].start;
		end = spa + r->pages.v[i].len;
		for (; spa < end && !rc; spa += PAGE) {
			if (interrupted()) {
				rc = complain(EXIT_TIMEOUT, "interrupted");
				break;
			}
			rc = prepare_page(r, spa, plant, &earlier);
		}
	}
	ranges_free(&earlier);
	if (!rc && plant->n)
		rc = stand_still(r);
	if (!rc && plant->n)
		rc = go_on(r);
	return rc;
}

/*
 * Pages that are repaired before others may write again: few enough that these do
 * not wait for long.
 */
#define AT_ONCE		32

/* What became of a page; it is said when the filesystem goes on. */
struct page_end {
	uint64_t spa;
	bool written;
	unsigned int lost;	/* bytes */
	int rc;
	char *why;		/* NULL if rc is EXIT_OK */
};

static int later(struct page_end *e, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int later(struct page_end *e, int rc, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&e->why, fmt, args) < 0)
		e->why = NULL;
	va_end(args);
	e->rc = rc;
	return rc;
}

static int check_file(const struct repair *r, uint64_t off, uint64_t *size,
		      struct page_end *e)
{
	struct media_stat st;
	int err = machine->stat(r->fd, &st);

	if (!err && off >= st.size)
		return later(e, EXIT_SETUP,
			     "'%s' was cut to %" PRIu64 " bytes while it was "
			     "repaired", r->t->name, st.size);
	if (!err)
		err = rewrite_check_place(r, r->fd, off, e->spa, PAGE);
	*size = st.size;
	if (err == -ESTALE)
		return later(e, EXIT_SETUP,
			     "'%s' moved at %" PRIu64 " while it was repaired: "
			     "look again", r->t->name, off);
	return !err ? EXIT_OK :
	       later(e, EXIT_SETUP, "cannot map '%s': %s", r->t->name,
		     strerror(-err));
}

/* A file's pages are written past it, see above. */
static int written_to(const struct repair *r)
{
	return target_by_file(r->t) ? r->bdev : r->fd;
}

static int write_page(const struct repair *r, uint64_t spa, const uint8_t *data)
{
	const struct target *t = r->t;
	uint64_t at = spa - t->ns->data_base, run = PAGE;
	ssize_t n;

	if (by_itself(t) &&
	    (!device_up(&t->runs, t->part_start, at, &run, &at) || run < PAGE))
		return -EXDEV;
	n = machine->write(written_to(r), data, PAGE, at);
	if (n < 0)
		return (int)n;
	return n == (ssize_t)PAGE ? 0 : -EIO;
}

/*
 * What reads well needs no write: somebody repaired it, or an earlier repair did
 * and was killed.
 */
static bool must_write(const struct repair *r, uint64_t spa,
		       const struct content *c)
{
	bool listed = ranges_touch(&r->work.bad, spa, PAGE) ||
		      ranges_touch(&r->planted, spa, PAGE);

	if (c->read != ALL_SECTORS)
		return true;
	return !listed && (r->zero || ranges_touch(&r->work.hwp, spa, PAGE));
}

static int repair_page(const struct repair *r, struct page_end *e)
{
	uint64_t off = target_dev_off_at(r->t, e->spa), size = UINT64_MAX;
	struct content c;
	unsigned int i;
	int rc = EXIT_OK, err;

	if (target_by_file(r->t))
		rc = check_file(r, off, &size, e);
	if (rc)
		return rc;
	read_page(r, e->spa, &c);
	if (!must_write(r, e->spa, &c))
		return EXIT_OK;
	add_kept(r, e->spa, off, &c);
	if (r->zero)
		memset(&c, 0, sizeof(c));
	/* the other file may be longer */
	if (size - off < PAGE && !r->sharers.n)
		memset(c.data + (size - off), 0, PAGE - (size - off));
	err = write_page(r, e->spa, c.data);
	if (err)
		return later(e, EXIT_SETUP,
			     "cannot write '%s' at %" PRIu64 ": %s", r->t->name,
			     off, strerror(-err));
	e->written = true;
	for (i = 0; i < SECTORS; i++)
		e->lost += c.known & 1U << i ? 0 : SECTOR;
	return EXIT_OK;
}

struct cursor {
	uint64_t spa;		/* of the next page */
	bool stopped;		/* by a signal, which left out some */
};

/*
 * The next pages to be written.  One that was planted for the repair is written in
 * any case; with others an interruption ends the repair.
 */
static size_t next_pages(const struct repair *r, const struct ranges *skip,
			 struct cursor *c, struct page_end *v)
{
	size_t n = 0, i;

	for (i = 0; i < r->pages.n && n < AT_ONCE; i++) {
		uint64_t spa = r->pages.v[i].start;
		uint64_t end = spa + r->pages.v[i].len;

		for (spa = c->spa > spa ? c->spa : spa; spa < end && n < AT_ONCE;
		     spa += PAGE) {
			c->spa = spa + PAGE;
			if (ranges_touch(skip, spa, PAGE))
				continue;
			if (!interrupted() ||
			    ranges_touch(&r->planted, spa, PAGE))
				v[n++] = (struct page_end){ .spa = spa };
			else
				c->stopped = true;
		}
	}
	return n;
}

/* Return: exit code after a complaint, the first of all; *@done counts pages. */
static int repair_pages(struct repair *r, struct page_end *v, size_t n,
			size_t *done)
{
	int rc = stand_still(r), first = EXIT_OK;
	size_t i;

	if (rc)
		return rc;
	for (i = 0; i < n; i++)
		repair_page(r, &v[i]);
	rc = go_on(r);
	for (i = 0; i < n; i++) {
		*done += v[i].written;
		r->lost += v[i].lost;
		if (v[i].rc)
			complain(v[i].rc, "%s", v[i].why ? v[i].why : "");
		first = first ? first : v[i].rc;
		free(v[i].why);
	}
	return first ? first : rc;
}

int rewrite_pages(struct repair *r, const struct ranges *skip)
{
	struct page_end v[AT_ONCE];
	struct cursor c = { 0 };
	size_t n, done = 0;
	int rc, first = EXIT_OK, err;

	while ((n = next_pages(r, skip, &c, v))) {
		rc = repair_pages(r, v, n, &done);
		first = first ? first : rc;
	}
	err = done ? machine->sync(written_to(r)) : 0;
	if (err)
		return complain(EXIT_PARTLY, "cannot sync '%s': %s", r->t->name,
				strerror(-err));
	if (!first && c.stopped)
		return complain(EXIT_TIMEOUT, "interrupted");
	return first && done ? EXIT_PARTLY : first;
}

void rewrite_end(struct repair *r)
{
	if (r->fd >= 0)
		close(r->fd);
	if (r->bdev >= 0)
		close(r->bdev);
	r->fd = r->bdev = -1;
}
