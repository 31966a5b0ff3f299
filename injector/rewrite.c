// SPDX-License-Identifier: GPL-2.0
/* The data side of a repair: keep what can be read, write whole pages. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"
#include "rewrite.h"
#include "state.h"

#define KEPT_MAX	(UINT64_C(64) << 20)

/*
 * The bytes of a file are written through the file.  A block device is opened
 * exclusively, which fails while a filesystem on it is mounted.
 */
static int open_target(struct repair *r)
{
	const struct target *t = r->t;
	bool file = target_by_file(t);
	char node[512];
	struct stat st;

	target_devnode(t, node, sizeof(node));
	r->fd = open(node, O_RDWR | O_CLOEXEC | (file ? 0 : O_DIRECT | O_EXCL));
	if (r->fd < 0 && errno == EBUSY && !file)
		return complain(EXIT_SETUP,
			"'%s' is in use: name the file to be repaired, or "
			"unmount", node);
	if (r->fd < 0)
		return complain(EXIT_SETUP, "cannot open '%s': %s", node,
				strerror(errno));
	if (fstat(r->fd, &st))
		return complain(EXIT_SETUP, "cannot look at '%s': %s", node,
				strerror(errno));
	r->file_size = (uint64_t)st.st_size;
	snprintf(node, sizeof(node), "/dev/%s", t->ns->blockdev);
	r->bdev = open(node, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (r->bdev < 0)
		return complain(EXIT_SETUP, "cannot open '%s': %s", node,
				strerror(errno));
	return EXIT_OK;
}

/*
 * After a machine check the kernel has no mapping of the whole page, so a page
 * that is both listed and PG_hwpoison is not even tried.
 */
static bool page_is_lost(const struct repair *r, uint64_t spa)
{
	return ranges_touch(&r->found.bad, spa, PAGE) &&
	       ranges_touch(&r->found.hwp, spa, PAGE);
}

static bool sector_is_known(const struct repair *r, uint64_t spa)
{
	return ranges_touch(&r->found.bad, spa, SECTOR) ||
	       ranges_touch(&r->found.fw, spa, SECTOR);
}

/* Return: bytes of the page that could be read into @to. */
static uint64_t salvage_page(const struct repair *r, uint64_t spa, uint8_t *to)
{
	static uint8_t sector[SECTOR] __attribute__((aligned(4096)));
	uint64_t pos, got = 0;

	if (page_is_lost(r, spa))
		return 0;
	for (pos = 0; pos < PAGE; pos += SECTOR) {
		off_t at = (off_t)(spa + pos - r->t->ns->data_base);

		if (sector_is_known(r, spa + pos) ||
		    pread(r->bdev, sector, SECTOR, at) != SECTOR)
			continue;
		memcpy(to + pos, sector, SECTOR);
		got += SECTOR;
	}
	return got;
}

/* Was the page poisoned in an earlier life of the disk, in this boot? */
static bool from_earlier_life(const struct repair *r, uint64_t spa)
{
	uint64_t now = state_diskseq(r->t->ns);
	struct planted *v;
	bool earlier = false;
	size_t n, i;

	if (journal_left(&v, &n))
		n = 0;
	for (i = 0; i < n; i++)
		if (v[i].spa < spa + PAGE && v[i].spa + v[i].len > spa)
			earlier = v[i].diskseq != now;
	free(v);
	return earlier;
}

/*
 * After a machine check the kernel's mapping of the page is gone until the
 * driver clears PG_hwpoison.  Linux 6.1 loses the flag, but not the gap, when
 * the namespace is set up anew (remove_pte_table() and phys_pte_init() leave
 * an entry alone that is not present).  A write of such a page is an oops.  It
 * shows in that a read fails although nothing is listed there, or in that the
 * page was poisoned, and reported, before the disk was set up.
 */
static int salvage_or_refuse(struct repair *r, uint64_t spa, uint8_t *to)
{
	uint64_t got = salvage_page(r, spa, to);
	bool listed = ranges_touch(&r->found.bad, spa, PAGE);
	bool whole = ranges_cover(&r->found.fw, spa, PAGE);

	if ((!got && !listed && !whole) ||
	    (page_is_lost(r, spa) && from_earlier_life(r, spa)))
		return complain(EXIT_UNSUPPORTED,
			"the kernel lost its mapping of frame %#" PRIx64
			" in a machine check before the namespace was set up: "
			"a write would crash it; reboot", spa / PAGE);
	r->lost += PAGE - got;
	if (r->zero) {
		memset(to, 0, PAGE);
		r->lost += got;
	}
	return EXIT_OK;
}

int rewrite_prepare(struct repair *r)
{
	uint64_t total = ranges_total(&r->pages), pos;
	uint8_t *to;
	size_t i;
	int rc;

	r->fd = r->bdev = -1;
	r->kept = NULL;
	if (!total)
		return EXIT_OK;
	if (total > KEPT_MAX)
		return complain(EXIT_UNSUPPORTED,
			"%" PRIu64 " bytes to repair at once, at most %" PRIu64 ": "
			"name a smaller range", total, KEPT_MAX);
	rc = open_target(r);
	if (rc)
		return rc;
	if (posix_memalign((void **)&r->kept, PAGE, total))
		return complain(EXIT_SETUP, "out of memory");
	memset(r->kept, 0, total);
	to = r->kept;
	for (i = 0; i < r->pages.n && !rc; i++)
		for (pos = 0; pos < r->pages.v[i].len && !rc; pos += PAGE) {
			rc = salvage_or_refuse(r, r->pages.v[i].start + pos,
					       to);
			to += PAGE;
		}
	return rc;
}

/* The last page of a file is written whole, then the file is cut again. */
static int write_page(const struct repair *r, uint64_t off, const uint8_t *data)
{
	const struct target *t = r->t;
	ssize_t n = pwrite(r->fd, data, PAGE, (off_t)off);

	if (n < 0)
		return -errno;
	if (n != (ssize_t)PAGE)
		return -EIO;
	if (target_by_file(t) && off + PAGE > r->file_size &&
	    ftruncate(r->fd, (off_t)r->file_size))
		return -errno;
	return 0;
}

int rewrite_pages(struct repair *r)
{
	const uint8_t *data = r->kept;
	uint64_t pos, done = 0;
	size_t i;
	int err = 0;

	for (i = 0; i < r->pages.n && !err; i++)
		for (pos = 0; pos < r->pages.v[i].len && !err; pos += PAGE) {
			uint64_t off = target_dev_off_at(r->t,
						r->pages.v[i].start + pos);

			err = write_page(r, off, data);
			data += PAGE;
			done += !err;
		}
	if (!err && done && fsync(r->fd))
		err = -errno;
	if (err)
		return complain(done ? EXIT_PARTLY : EXIT_SETUP,
			"cannot write '%s' after %" PRIu64 " pages: %s",
			r->t->name, done, strerror(-err));
	return EXIT_OK;
}

void rewrite_end(struct repair *r)
{
	if (r->fd >= 0)
		close(r->fd);
	if (r->bdev >= 0)
		close(r->bdev);
	free(r->kept);
	r->kept = NULL;
	r->fd = r->bdev = -1;
}

static int zero_range(int fd, const struct target *t, const struct range *p)
{
	uint64_t unit = target_map_align(t);
	uint64_t off = target_dev_off_at(t, p->start), end = off + p->len;

	while (off < end) {
		uint64_t base = round_down64(off, unit);
		uint64_t stop = base + unit < end ? base + unit : end;
		uint8_t *m = mmap(NULL, unit, PROT_READ | PROT_WRITE,
				  MAP_SHARED, fd, (off_t)base);

		if (m == MAP_FAILED)
			return -errno;
		memset(m + (off - base), 0, stop - off);
		munmap(m, unit);
		off = stop;
	}
	return 0;
}

int rewrite_devdax(struct repair *r)
{
	char node[512];
	size_t i;
	int fd, err = 0;

	target_devnode(r->t, node, sizeof(node));
	fd = open(node, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err = -errno;
	for (i = 0; i < r->pages.n && !err; i++)
		err = zero_range(fd, r->t, &r->pages.v[i]);
	if (fd >= 0)
		close(fd);
	if (err)
		return complain(EXIT_SETUP, "cannot write '%s': %s", node,
				strerror(-err));
	return EXIT_OK;
}
