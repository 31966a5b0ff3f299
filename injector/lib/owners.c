// SPDX-License-Identifier: GPL-2.0
/* Which files of the mounted filesystems have a range of a namespace. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <linux/fiemap.h>
#include <linux/fsmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "intr.h"
#include "owners.h"
#include "ranges.h"
#include "util.h"

#define RECORDS		64	/* of FS_IOC_GETFSMAP at once */

/* The search for one range, in one filesystem after the other. */
struct search {
	uint64_t start, len;	/* bytes of the data area */
	owner_fn fn;
	void *arg;
	struct ident fs;	/* the filesystem's device */
	uint64_t dev;		/* its number */
	uint64_t *named;	/* inodes that were found by name */
	size_t n;
	struct ranges told;
	bool rest;		/* only what was not told of yet */
};

/* What has no inode is only told of bytes that nothing else has. */
static void tell(struct search *s, struct owner *o, uint64_t from, uint64_t to)
{
	struct ranges left = { 0 };
	size_t i;

	ranges_add(&left, from, to - from);
	for (i = 0; i < s->told.n && !o->ino; i++)
		ranges_sub(&left, s->told.v[i].start, s->told.v[i].len);
	for (i = 0; i < left.n; i++) {
		o->ns_off = left.v[i].start;
		o->len = left.v[i].len;
		s->fn(o, s->arg);
	}
	ranges_free(&left);
	ranges_add(&s->told, from, to - from);
	if (!o->path)
		return;
	if (s->n && s->named[s->n - 1] == o->ino)
		return;
	s->named = xrealloc(s->named, (s->n + 1) * sizeof(*s->named));
	s->named[s->n++] = o->ino;
}

/* A run of bytes of the filesystem's device, as much of it as was asked for. */
static void found(struct search *s, struct owner *o, uint64_t physical, uint64_t len)
{
	uint64_t end = s->start + s->len, off = o->off, n, at, from, to;

	for (; len; physical += n, off += n, len -= n) {
		n = len;
		if (!device_down(&s->fs.runs, s->fs.part_start, physical, &n, &at))
			return;
		from = at > s->start ? at : s->start;
		to = at + n < end ? at + n : end;
		if (from >= to)
			continue;
		o->off = off + (from - at);
		tell(s, o, from, to);
	}
}

static void look_file(struct search *s, const FTSENT *e)
{
	struct file_map map;
	size_t i;

	if (files_map(e->fts_accpath, 0, INT64_MAX, &map))
		return;
	for (i = 0; i < map.n && !map.realtime; i++) {
		struct owner o = {
			.use = "file",
			.path = e->fts_path,
			.dev = s->dev,
			.ino = e->fts_statp->st_ino,
			.off = map.v[i].logical,
			.shared = map.v[i].flags & FIEMAP_EXTENT_SHARED,
		};

		if (!(map.v[i].flags & (FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DATA_INLINE)))
			found(s, &o, map.v[i].physical, map.v[i].len);
	}
	free(map.v);
}

static int walk(struct search *s, char *top)
{
	char *paths[] = { top, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	FTSENT *e;

	if (!fts)
		return -errno;
	while (!interrupted() && (e = fts_read(fts)))
		if (e->fts_info == FTS_F && S_ISREG(e->fts_statp->st_mode) &&
		    e->fts_statp->st_dev == s->dev && e->fts_statp->st_blocks)
			look_file(s, e);
	fts_close(fts);
	return interrupted() ? -EINTR : 0;
}

static bool is_named(const struct search *s, uint64_t ino)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->named[i] == ino)
			return true;
	return false;
}

static void look_record(struct search *s, const struct fsmap *r)
{
	struct owner o = { .use = "metadata", .dev = s->dev };
	bool map = r->fmr_flags & (FMR_OF_ATTR_FORK | FMR_OF_EXTENT_MAP);

	if (r->fmr_device != s->dev)
		return;
	if (!(r->fmr_flags & FMR_OF_SPECIAL_OWNER)) {
		if (s->rest || (!map && is_named(s, r->fmr_owner)))
			return;
		o.use = map ? "metadata" : "file";
		o.ino = r->fmr_owner;
		o.off = r->fmr_offset;
		o.shared = r->fmr_flags & FMR_OF_SHARED;
	} else if (r->fmr_owner == FMR_OWN_UNKNOWN) {
		o.use = "in use";
	} else if (r->fmr_owner == FMR_OWN_FREE) {
		o.use = "free";
	}
	found(s, &o, r->fmr_physical, r->fmr_length);
}

/* Return: is there more before a byte of the filesystem's device? */
static bool look_records(struct search *s, const struct fsmap_head *h, uint64_t end)
{
	uint32_t i;

	for (i = 0; i < h->fmh_entries; i++) {
		const struct fsmap *r = &h->fmh_recs[i];

		if (r->fmr_device != s->dev || r->fmr_physical >= end)
			return false;
		look_record(s, r);
	}
	return h->fmh_entries && !(h->fmh_recs[i - 1].fmr_flags & FMR_OF_LAST);
}

/* Return: 0, also where the filesystem does not say. */
static int ask_fsmap(struct search *s, const char *top, uint64_t physical,
		     uint64_t len)
{
	struct fsmap_head *h = xrealloc(NULL, fsmap_sizeof(RECORDS));
	int fd = open(top, O_RDONLY | O_CLOEXEC);

	memset(h, 0, fsmap_sizeof(RECORDS));
	h->fmh_count = RECORDS;
	h->fmh_keys[0].fmr_device = (uint32_t)s->dev;
	h->fmh_keys[0].fmr_physical = physical;
	h->fmh_keys[1].fmr_device = s->rest ? UINT32_MAX : (uint32_t)s->dev;
	h->fmh_keys[1].fmr_physical = s->rest ? UINT64_MAX : physical + len - 1;
	h->fmh_keys[1].fmr_owner = UINT64_MAX;
	h->fmh_keys[1].fmr_offset = UINT64_MAX;
	h->fmh_keys[1].fmr_flags = UINT32_MAX;
	while (fd >= 0 && !interrupted() && !ioctl(fd, FS_IOC_GETFSMAP, h) &&
	       look_records(s, h, physical + len))
		fsmap_advance(h);
	if (fd >= 0)
		close(fd);
	free(h);
	return interrupted() ? -EINTR : 0;
}

static int search_fs(struct search *s, char *top)
{
	uint64_t pos = s->start, end = s->start + s->len, n, off;
	int rc = walk(s, top);

	for (; pos < end && !rc; pos += n) {
		n = end - pos;
		if (!device_up(&s->fs.runs, s->fs.part_start, pos, &n, &off)) {
			n = SECTOR - pos % SECTOR < end - pos ?
			    SECTOR - pos % SECTOR : end - pos;
			continue;
		}
		rc = ask_fsmap(s, top, off, n);
		/*
		 * XFS can be silent about what lies between two of its records
		 * if the range ends there, and ext4 if it ends much later: what
		 * the first question leaves is asked again to the device's end.
		 */
		s->rest = true;
		if (!rc && !ranges_cover(&s->told, pos, n))
			rc = ask_fsmap(s, top, off, n);
		s->rest = false;
	}
	free(s->named);
	s->named = NULL;
	s->n = 0;
	ranges_free(&s->told);
	return rc;
}

/* proc(5) writes blanks, line feeds and backslashes of a name as \ooo. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\\' && s[1] && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
				       (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* The filesystems of a namespace, of which each is searched once. */
struct mounts {
	const struct nsinfo *ns;
	struct search s;
	uint64_t *seen;
	size_t n;
	bool any;
};

/* A line of mountinfo, see proc(5). */
struct mount {
	char *root;		/* "/", or the part of it that is bound here */
	char *top;
	char *source;
};

static bool parse_mount(char *line, struct mount *m)
{
	char *field[5], *rest = line, *tail = strstr(line, " - ");
	size_t i;

	if (!tail)
		return false;
	*tail = '\0';
	for (i = 0; i < 5; i++) {
		field[i] = strsep(&rest, " ");
		if (!field[i])
			return false;
	}
	/* its type comes first, which is of no interest */
	m->source = strchr(tail + 3, ' ');
	if (!m->source)
		return false;
	m->source++;
	m->source[strcspn(m->source, " ")] = '\0';
	m->root = field[3];
	m->top = field[4];
	unescape(m->source);
	unescape(m->top);
	return true;
}

static int look_mount(struct mounts *all, const struct mount *m)
{
	struct stat top, dev;
	size_t i;

	if (*m->source != '/' || files_identify(m->source, &all->s.fs) ||
	    all->s.fs.kind != IDENT_BLOCK ||
	    strcmp(all->s.fs.dev, all->ns->blockdev))
		return 0;
	all->any = true;
	/*
	 * Not so where another filesystem is mounted over it, or where it has
	 * devices of its own making: FIEMAP's bytes are not the device's then.
	 */
	if (stat(m->source, &dev) || stat(m->top, &top) ||
	    top.st_dev != dev.st_rdev)
		return 0;
	for (i = 0; i < all->n; i++)
		if (all->seen[i] == top.st_dev)
			return 0;
	all->seen = xrealloc(all->seen, (all->n + 1) * sizeof(*all->seen));
	all->seen[all->n++] = top.st_dev;
	all->s.dev = top.st_dev;
	return search_fs(&all->s, m->top);
}

/* Mounts of whole filesystems, or those of parts of one. */
static int each_mount(struct mounts *all, bool whole)
{
	char *text = read_whole("/proc/self/mountinfo"), *line, *rest;
	struct mount m;
	int rc = 0;

	if (!text)
		return -errno;
	for (line = strtok_r(text, "\n", &rest); line && !rc;
	     line = strtok_r(NULL, "\n", &rest))
		if (parse_mount(line, &m) && whole == !strcmp(m.root, "/"))
			rc = look_mount(all, &m);
	free(text);
	return rc;
}

int owners_each(const struct nsinfo *ns, uint64_t start, uint64_t len,
		owner_fn fn, void *arg)
{
	struct mounts all = {
		.ns = ns,
		.s = { .start = start, .len = len, .fn = fn, .arg = arg },
	};
	int rc = each_mount(&all, true);

	/* what is seen in part is better than nothing */
	if (!rc)
		rc = each_mount(&all, false);
	free(all.seen);
	return rc ? rc : all.any ? 0 : -ENOENT;
}
