// SPDX-License-Identifier: GPL-2.0
/*
 * fsx's files: what is read from them, written, cut, shared and compared, and what each
 * of these must come to.
 *
 * What must be refused: kernel/README.md, "What differs"; where Linux's own core runs,
 * nothing is.  What is refused must change nothing, so an operation that has to fail for
 * part of a page is reduced to that part: what else it would have done is the
 * filesystem's choice.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "fsx.h"

#define PUNCH		(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)
#define ZERO		(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE)
#define UNSHARE		(FALLOC_FL_UNSHARE_RANGE | FALLOC_FL_KEEP_SIZE)

/* Who is told once of a page that could not be written back: fsync(2) of each of two
 * descriptors, and whoever flushes the mapping (filemap_check_errors()). */
#define TOLD		3

/**
 * struct file - a file of the test
 * @fd: descriptors, the second with O_DIRECT
 */
static struct file {
	int fd[2];
} files[FILES];

/* How often EIO may yet be said of pages that were dirty when they were poisoned. */
static unsigned int late;

static unsigned char *buffer, *bytes;
static bool on_xfs;

/**
 * bytes_of() - the bytes that an operation writes
 *
 * Return: others for each @arg, at each offset; good until the next call.
 */
unsigned char *bytes_of(const struct op *op)
{
	unsigned long word = (op->arg + 1) * 0x9e3779b97f4a7c15UL, *to;
	size_t i;

	to = (unsigned long *)bytes;
	for (i = 0; i < (op->len + 7) / 8; i++) {
		word ^= word << 13;
		word ^= word >> 7;
		word ^= word << 17;
		to[i] = word;
	}
	return bytes;
}

/**
 * told_late() - may a call that failed be tried again?
 * @failed: did it?  errno says how
 *
 * Return: true if it was told of a page that was dirty when it was poisoned.
 */
bool told_late(bool failed)
{
	if (!failed || errno != EIO || !late)
		return false;
	late--;
	return true;
}

/* A file grows: does XFS zero the rest of a last page that is poisoned? */
static bool grows_over_bad(unsigned int file, size_t to)
{
	size_t size = model_size(file);

	return on_xfs && to > size && model_bad_part(file, size);
}

/* How much of a write must go well. */
static size_t write_good(unsigned int file, struct range range)
{
	size_t end = range.at + range.len;

	if (grows_over_bad(file, range.at))
		return 0;
	/* a page is written as a whole, or it stays bad */
	if (model_bad_part(file, range.at) ||
	    (range.at / PAGE == end / PAGE && model_bad(file, range.at / PAGE)))
		return 0;
	return model_bad_part(file, end) ? end / PAGE * PAGE - range.at : range.len;
}

/*
 * What becomes of the size where a write that would have made a file longer has failed:
 * ext4 adds the error to the offset (ext4_handle_inode_extension()).
 */
static void write_refused(unsigned int file, struct range range)
{
	if (!on_xfs && range.at + range.len > model_size(file) &&
	    range.at > model_size(file) + EIO)
		model_resize(file, range.at - EIO);
}

static void write_from(const struct op *op, const void *from, size_t len,
		const unsigned char *what)
{
	struct range range = { op->at, len };
	size_t good = write_good(op->file, range);
	ssize_t n = pwrite(files[op->file].fd[op->arg & 1], from, len, op->at);

	if (!good)
		write_refused(op->file, range);
	if (good)
		check(n == (ssize_t)good, "write gave %zd, errno %d, expected %zu",
		      n, errno, good);
	else
		check(n == -1 && errno == EIO, "write gave %zd, errno %d, expected EIO",
		      n, errno);
	range.len = good;
	if (good)
		model_write(op->file, range, what);
}

void file_write(const struct op *op)
{
	write_from(op, bytes_of(op), op->len, bytes);
}

static void check_bytes(const unsigned char *got, unsigned int file,
		struct range range, const char *how)
{
	const unsigned char *want = model_bytes(file, range.at);
	size_t i;

	if (!memcmp(got, want, range.len))
		return;
	for (i = 0; i < range.len; i++)
		check(got[i] == want[i], "%s at %#zx of file %u: %#x, expected %#x",
		      how, range.at + i, file, got[i], want[i]);
}

/* read(2) of a range; returns how much was good. */
static size_t read_right(unsigned int file, unsigned int fd, struct range range)
{
	size_t good = model_good(file, range);
	ssize_t n = pread(files[file].fd[fd], buffer, range.len, range.at);

	if (!good && range.at < model_size(file))
		check(n == -1 && errno == EIO,
		      "read of poison at %#zx of file %u gave %zd, errno %d",
		      range.at, file, n, errno);
	else
		check(n == (ssize_t)good, "read of %zu bytes at %#zx of file %u gave %zd, errno %d, expected %zu",
		      range.len, range.at, file, n, errno, good);
	range.len = good;
	check_bytes(buffer, file, range, "read");
	return good;
}

void file_read(const struct op *op)
{
	read_right(op->file, op->arg & 1, range_of(op));
}

/* What there is in another file, by a buffer or straight from its mapping. */
void file_copy(const struct op *op)
{
	struct range source = { op->from, op->len };
	const void *from = buffer;
	size_t len = model_good(op->other, source);

	if (!len || (op->file == op->other && op->at < op->from + len &&
		     op->from < op->at + len))
		return;
	memcpy(bytes, model_bytes(op->other, op->from), len);
	if (op->arg & 2)
		from = view_at(op->other, op->arg >> 2 & 1, op->from);
	else
		read_right(op->other, op->arg & 1, (struct range){ op->from, len });
	write_from(op, from, len, bytes);
}

static int allocate(const struct op *op, int mode, struct range range)
{
	int rc;

	do
		rc = fallocate(files[op->file].fd[0], mode, range.at, range.len);
	while (told_late(rc));
	return rc;
}

/* Punches or zeroes; part of a bad page is refused. */
static void wipe(const struct op *op, int mode)
{
	struct range range = range_of(op);
	size_t end = range.at + range.len, size = model_size(op->file);
	int rc;

	/* ext4_punch_hole() takes the last page as a whole */
	if (mode == PUNCH && !on_xfs && end > size && range.at < size)
		range.len = most(end, pages_up(size) * PAGE) - range.at;
	if (model_bad_edge(op->file, &range)) {
		rc = fallocate(files[op->file].fd[0], mode, range.at, range.len);
		check(rc == -1 && errno == EIO,
		      "%zu bytes of poison at %#zx: %d, errno %d, expected EIO",
		      range.len, range.at, rc, errno);
		return;
	}
	rc = allocate(op, mode, range);
	check(!rc, "%s", strerror(errno));
	model_zero(op->file, range);
	if (!(mode & FALLOC_FL_KEEP_SIZE) && end > size)
		model_resize(op->file, end);
}

void file_punch(const struct op *op)
{
	wipe(op, PUNCH);
}

void file_zero(const struct op *op)
{
	bool grow = (op->arg & 1) && !model_bad_part(op->file, model_size(op->file));

	wipe(op, grow ? FALLOC_FL_ZERO_RANGE : ZERO);
}

void file_alloc(const struct op *op)
{
	size_t end = op->at + op->len;
	bool grow = (op->arg & 1) && !model_bad_part(op->file, model_size(op->file));
	int rc = allocate(op, grow ? 0 : FALLOC_FL_KEEP_SIZE, range_of(op));

	check(!rc, "%s", strerror(errno));
	if (grow && end > model_size(op->file))
		model_resize(op->file, end);
}

/* Copies what is shared, so that a page that is bad and shared is refused. */
void file_unshare(const struct op *op)
{
	size_t end = least(op->at + op->len, model_size(op->file)), page;
	struct range range = range_of(op);
	bool refused = false;
	int rc;

	for (page = op->at / PAGE; !refused && page * PAGE < end; page++) {
		if (!model_bad(op->file, page))
			continue;
		refused = model_shares(op->file, page);
		if (!refused)
			return;
		range = (struct range){ page * PAGE, PAGE };
	}
	if (refused) {
		rc = fallocate(files[op->file].fd[0], UNSHARE, range.at, range.len);
		check(rc == -1 && errno == EIO, "%d, errno %d, expected EIO", rc,
		      errno);
		return;
	}
	rc = allocate(op, UNSHARE, range);
	check(!rc, "%s", strerror(errno));
	model_unshare(op->file, range);
}

void file_truncate(const struct op *op)
{
	size_t edge = least(op->at, model_size(op->file));
	int rc;

	/* ext4 does not heed what its zeroing comes to (ext4_truncate()) */
	if (on_xfs && model_bad_part(op->file, edge)) {
		rc = ftruncate(files[op->file].fd[0], op->at);
		check(rc == -1 && errno == EIO, "%d, errno %d, expected EIO", rc,
		      errno);
		return;
	}
	do
		rc = ftruncate(files[op->file].fd[0], op->at);
	while (told_late(rc));
	check(!rc, "%s", strerror(errno));
	model_resize(op->file, op->at);
	views_cut(op->file);
}

/* Two ranges that the kernel takes as they are; @len becomes what is there. */
static bool ranges_fit(const struct op *op, size_t *len)
{
	size_t there = model_size(op->other);

	if (op->from >= there || grows_over_bad(op->file, op->at))
		return false;
	*len = op->arg & 1 ? there - op->from : op->len;
	*len = least(*len, least(there - op->from, MOST - op->at));
	return op->file != op->other || op->at >= op->from + *len ||
		op->from >= op->at + *len;
}

void file_clone(const struct op *op)
{
	struct file_clone_range range = {
		.src_fd		= files[op->other].fd[0],
		.src_offset	= op->from,
		.dest_offset	= op->at,
	};
	size_t len;
	int rc;

	if (!ranges_fit(op, &len))
		return;
	/* part of a block is shared at the end of both files only */
	if (op->from + len != model_size(op->other) ||
	    op->at + len < model_size(op->file))
		len = len / PAGE * PAGE;
	if (!len)
		return;
	range.src_length = len;
	do
		rc = ioctl(files[op->file].fd[0], FICLONERANGE, &range);
	while (told_late(rc));
	check(!rc, "%s", strerror(errno));
	model_share(op->other, op->from, op->file, (struct range){ op->at, len });
}

/* What FIDEDUPERANGE must find: the same, something else, or poison. */
static void check_dedupe(const struct op *op, struct range range, int status)
{
	struct range source = { op->from, range.len };
	size_t good = least(model_good(op->file, range),
			    model_good(op->other, source));
	bool same = !memcmp(model_bytes(op->file, op->at),
			    model_bytes(op->other, op->from), good);

	if (good < range.len) {
		check(status == -EIO || (status == FILE_DEDUPE_RANGE_DIFFERS && !same),
		      "status %d of files with poison", status);
		return;
	}
	check(status == (same ? FILE_DEDUPE_RANGE_SAME : FILE_DEDUPE_RANGE_DIFFERS),
	      "status %d of files that %s", status, same ? "are equal" : "differ");
	if (same)
		model_share(op->other, op->from, op->file, range);
}

void file_dedupe(const struct op *op)
{
	struct { struct file_dedupe_range range; struct file_dedupe_range_info info; } q = {
		.range = { .src_offset = op->from, .dest_count = 1 },
		.info = {
			.dest_fd	= files[op->file].fd[0],
			.dest_offset	= op->at,
		},
	};
	bool bad, failed;
	size_t len;

	if (op->at >= model_size(op->file) || !ranges_fit(op, &len))
		return;
	len = least(len, model_size(op->file) - op->at);
	if (op->from + len != model_size(op->other) ||
	    op->at + len != model_size(op->file))
		len = len / PAGE * PAGE;
	if (!len)
		return;
	bad = model_good(op->file, (struct range){ op->at, len }) < len ||
		model_good(op->other, (struct range){ op->from, len }) < len;
	q.range.src_length = len;
	do {
		check(!ioctl(files[op->other].fd[0], FIDEDUPERANGE, &q), "%s",
		      strerror(errno));
		errno = -q.info.status;
		failed = q.info.status < 0 && !bad;
	} while (told_late(failed));
	check_dedupe(op, (struct range){ op->at, len }, q.info.status);
}

/**
 * files_open() - new files, a model of them, and their mappings
 * @refused: is what is poisoned refused?
 */
void files_open(bool refused)
{
	struct statfs fs;
	unsigned int i;
	char name[8];

	model_open(refused);
	/* of what is copied, a page more than all */
	buffer = scratch(MOST, 0);
	bytes = scratch(MOST, 0);
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "fsx%u", i);
		files[i].fd[0] = file_new(name, 0);
		files[i].fd[1] = open(dax_path(name), O_RDWR | O_DIRECT);
		need(files[i].fd[1] >= 0, "open with O_DIRECT");
		views_open(i, files[i].fd[0]);
	}
	need(!fstatfs(files[0].fd[0], &fs), "fstatfs");
	on_xfs = fs.f_type == XFS_SUPER_MAGIC;
}

/**
 * files_check() - compare the files with the model
 * @mapped: through their mappings, too, which maps all of them
 */
void files_check(bool mapped)
{
	struct range all = { 0, MOST };
	unsigned int i, v;
	struct stat st;
	size_t at;

	for (i = 0; i < FILES; i++) {
		need(!fstat(files[i].fd[0], &st), "fstat");
		check(st.st_size == (off_t)model_size(i),
		      "file %u has %zd bytes, expected %zu", i, st.st_size,
		      model_size(i));
		for (at = 0; at < model_size(i); at = (at / PAGE + 1) * PAGE)
			at += read_right(i, 0, (struct range){ at, MOST - at });
		for (v = 0; mapped && v < VIEWS; v++)
			view_load(i, v, all);
	}
}

/**
 * file_fd() - a descriptor of a file, the plain one or the one with O_DIRECT
 */
int file_fd(unsigned int file, bool direct)
{
	return files[file].fd[direct];
}

/**
 * late_to_tell() - a page may be dirty that is about to be poisoned
 */
void late_to_tell(void)
{
	late += TOLD;
}
