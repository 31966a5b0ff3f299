// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on ranges of files: zero, unshare, compare, prepare to clone.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/string.h>
#include "cow.h"
#include "media.h"
#include "poison.h"

/* Zero part of the page that contains @pos, in place or on its way to a copy. */
static int dax_zero_part(const struct iomap_iter *iter, loff_t pos, size_t len)
{
	const struct iomap *iomap = &iter->iomap;
	unsigned int head = offset_in_page(pos);
	size_t tail = PAGE_SIZE - head - len;
	void *kaddr;
	int error = 0;
	dax_pfn_t pfn;
	long nr;

	nr = dax_media_map(iomap, pos, len, DAX_ACCESS, &kaddr, &pfn);
	if (nr < 0)
		return nr;
	if (dax_iter_is_cow(iter)) {
		dax_poison_prepare(dax_pfn(pfn), 1);
		error = dax_cow_fill(iter, pos - head, head, kaddr - head);
		if (!error)
			error = dax_cow_fill(iter, pos + len, tail,
					     kaddr + len);
		if (error)
			return error;
		dax_poison_repaired(dax_pfn(pfn), 1);
	} else if (!dax_good_pages(dax_pfn(pfn), 1)) {
		return -DAX_EPOISON;
	}
	memset(kaddr, 0, len);
	dax_flush(iomap->dax_dev, kaddr, len);
	return 0;
}

/* Zero the page at @pos.  The driver clears poison if there is any. */
static int dax_zero_page(const struct iomap_iter *iter, loff_t pos)
{
	const struct iomap *iomap = &iter->iomap;
	dax_pfn_t pfn;
	int error;
	long nr;

	nr = dax_media_map(iomap, pos, PAGE_SIZE, DAX_RECOVERY_WRITE, NULL,
			   &pfn);
	if (nr < 0)
		return nr;
	dax_poison_prepare(dax_pfn(pfn), 1);
	error = dax_zero_page_range(iomap->dax_dev,
				    dax_media_pgoff(iomap, pos), 1);
	if (!error)
		dax_poison_repaired(dax_pfn(pfn), 1);
	return error;
}

static s64 dax_zero_step(struct iomap_iter *iter, bool *did_zero)
{
	u64 len = iomap_length(iter), done, part;
	bool cow = dax_iter_is_cow(iter);
	int error = 0, id;

	if (!cow && dax_map_is_zero(&iter->iomap))
		return len;
	if (cow || (iter->iomap.flags & IOMAP_F_NEW))
		error = dax_drop_stale(iter, iter->pos, len);
	if (error)
		return error;

	id = dax_read_lock();
	for (done = 0; done < len; done += part) {
		loff_t pos = iter->pos + done;

		part = min_t(u64, len - done, PAGE_SIZE - offset_in_page(pos));
		if (part == PAGE_SIZE)
			error = dax_zero_page(iter, pos);
		else
			error = dax_zero_part(iter, pos, part);
		if (error)
			break;
		if (did_zero)
			*did_zero = true;
	}
	dax_read_unlock(id);
	return error ? error : len;
}

/**
 * dax_zero_range() - write zeroes to a range of a file
 * @inode: the file
 * @pos: first byte
 * @len: number of bytes
 * @did_zero: set to true if anything had to be written; NULL if not asked for
 * @ops: the filesystem's
 *
 * Holes and unwritten blocks are left alone.
 *
 * Context: Process context, truncation and faults kept out by the filesystem.
 * Return: 0; -EIO if part of a page had to be zeroed and the page is poisoned;
 * the filesystem's own.
 */
int dax_zero_range(struct inode *inode, loff_t pos, loff_t len, bool *did_zero,
		const struct iomap_ops *ops)
{
	struct iomap_iter iter = {
		.flags	= IOMAP_ZERO | IOMAP_DAX,
		.len	= len,
		.pos	= pos,
		.inode	= inode,
	};
	int ret;

	while ((ret = iomap_iter(&iter, ops)) > 0)
		dax_iter_took(&iter, dax_zero_step(&iter, did_zero));
	return dax_io_error(ret);
}
EXPORT_SYMBOL_GPL(dax_zero_range);

/**
 * dax_truncate_page() - zero a block from a position to its end
 * @inode: the file
 * @pos: first byte
 * @did_zero: as dax_zero_range()
 * @ops: as dax_zero_range()
 *
 * Context: As dax_zero_range().
 * Return: As dax_zero_range().
 */
int dax_truncate_page(struct inode *inode, loff_t pos, bool *did_zero,
		const struct iomap_ops *ops)
{
	unsigned int block = i_blocksize(inode);
	unsigned int offset = pos & (block - 1);

	if (!offset)
		return 0;
	return dax_zero_range(inode, pos, block - offset, did_zero, ops);
}
EXPORT_SYMBOL_GPL(dax_truncate_page);

/*
 * All of the pages in question get new blocks, whatever part of them was asked
 * for: a new block without content is somebody else's.
 */
static s64 dax_unshare_step(struct iomap_iter *iter)
{
	u64 len = iomap_length(iter);
	loff_t from = round_down(iter->pos, PAGE_SIZE);
	loff_t end = round_up(iter->pos + len, PAGE_SIZE);
	int error = 0, id;

	/*
	 * Where nothing is shared, XFS gives a file that shares elsewhere blocks all
	 * the same: for a hole, which may be mapped as the zero page, and for all of
	 * one unwritten extent.
	 */
	if (!dax_iter_is_cow(iter) && !(iter->iomap.flags & IOMAP_F_NEW))
		return len;
	/* a store to a block that was copied would be lost */
	error = dax_drop_stale(iter, iter->pos, len);
	if (error)
		return error;
	if (!dax_iter_is_cow(iter)) {
		dax_take_new(iter, len);
		return len;
	}

	id = dax_read_lock();
	while (from < end && !error) {
		void *kaddr;
		dax_pfn_t pfn;
		long nr = dax_media_map(&iter->iomap, from, end - from,
					DAX_ACCESS, &kaddr, &pfn);

		if (nr < 0) {
			error = nr;
			break;
		}
		dax_poison_prepare(dax_pfn(pfn), nr);
		error = dax_cow_fill(iter, from, nr * PAGE_SIZE, kaddr);
		if (!error)
			dax_poison_repaired(dax_pfn(pfn), nr);
		from += nr * PAGE_SIZE;
	}
	dax_read_unlock(id);
	return error ? error : len;
}

/**
 * dax_file_unshare() - give a file blocks of its own
 * @inode: the file
 * @pos: first byte of the range that shares blocks with other files
 * @len: number of bytes
 * @ops: the filesystem's
 *
 * Context: As dax_zero_range().
 * Return: 0; -EIO if a shared block is poisoned; the filesystem's own.
 */
int dax_file_unshare(struct inode *inode, loff_t pos, loff_t len,
		const struct iomap_ops *ops)
{
	loff_t left = i_size_read(inode) - pos;
	struct iomap_iter iter = {
		.flags	= IOMAP_UNSHARE | IOMAP_WRITE | IOMAP_DAX,
		.len	= min(len, left),
		.pos	= pos,
		.inode	= inode,
	};
	int ret;

	if (pos < 0 || left <= 0)
		return 0;
	while ((ret = iomap_iter(&iter, ops)) > 0)
		dax_iter_took(&iter, dax_unshare_step(&iter));
	return dax_io_error(ret);
}
EXPORT_SYMBOL_GPL(dax_file_unshare);

/*
 * Bytes at the start of what @iter has left, not more than @len, that can be
 * looked at in one piece: @kaddr, or NULL if they are zeroes.
 */
static s64 dax_compare_side(const struct iomap_iter *iter, u64 len,
		void **kaddr)
{
	long nr;

	len = min(len, iomap_length(iter));
	if (dax_map_is_zero(&iter->iomap)) {
		*kaddr = NULL;
		return len;
	}
	if (WARN_ON_ONCE(iter->iomap.type != IOMAP_MAPPED))
		return -EIO;
	nr = dax_media_map_good(&iter->iomap, iter->pos, len, kaddr);
	if (nr < 0)
		return nr;
	return min_t(u64, len, nr * PAGE_SIZE - offset_in_page(iter->pos));
}

static bool dax_bytes_equal(const void *a, const void *b, size_t len)
{
	if (a && b)
		return !memcmp(a, b, len);
	if (!a)
		a = b;
	return !a || !memchr_inv(a, 0, len);
}

static s64 dax_compare_step(const struct iomap_iter *src,
		const struct iomap_iter *dest, bool *same)
{
	void *src_addr, *dest_addr;
	s64 len;
	int id;

	id = dax_read_lock();
	len = dax_compare_side(src, src->len, &src_addr);
	if (len > 0)
		len = dax_compare_side(dest, len, &dest_addr);
	if (len > 0)
		*same = dax_bytes_equal(src_addr, dest_addr, len);
	dax_read_unlock(id);
	return len;
}

/**
 * dax_dedupe_file_range_compare() - do two ranges hold the same bytes?
 * @src: one file
 * @srcoff: first byte in it
 * @dest: the other file, or the same
 * @destoff: first byte in it
 * @len: number of bytes to compare, no more and no less
 * @same: the answer
 * @ops: the filesystem's, for reading
 *
 * Holes and unwritten blocks are zeroes, and equal to zeroes that are stored.
 *
 * Context: Process context, both files kept from changing.
 * Return: 0 with the answer in @same; -EIO for poison; the filesystem's own.
 */
int dax_dedupe_file_range_compare(struct inode *src, loff_t srcoff,
		struct inode *dest, loff_t destoff, loff_t len, bool *same,
		const struct iomap_ops *ops)
{
	struct iomap_iter src_iter = {
		.inode	= src,
		.pos	= srcoff,
		.len	= len,
		.flags	= IOMAP_DAX,
	};
	struct iomap_iter dest_iter = {
		.inode	= dest,
		.pos	= destoff,
		.len	= len,
		.flags	= IOMAP_DAX,
	};
	s64 done;
	int ret;

	*same = true;
	/*
	 * Both sides are always advanced by the same amount, so they end
	 * together; a difference ends them with nothing processed.
	 */
	for (;;) {
		int dest_ret;

		ret = iomap_iter(&src_iter, ops);
		dest_ret = ret < 0 ? 0 : iomap_iter(&dest_iter, ops);
		if (ret >= 0 && dest_ret < 0)
			ret = dest_ret;
		if (ret <= 0 || dest_ret <= 0)
			return dax_io_error(ret);
		done = dax_compare_step(&src_iter, &dest_iter, same);
		if (done > 0 && !*same)
			done = 0;
		dax_iter_took(&src_iter, done);
		dax_iter_took(&dest_iter, done);
	}
}

/**
 * dax_remap_file_range_prep() - check and flush before blocks are shared
 * @file_in: source
 * @pos_in: first byte in it
 * @file_out: destination
 * @pos_out: first byte in it
 * @len: number of bytes; shortened to what can be done
 * @remap_flags: REMAP_FILE_*
 * @ops: the filesystem's, for reading
 *
 * Context: As generic_remap_file_range_prep(), i_rwsem of both files held
 * exclusively.
 * Return: As generic_remap_file_range_prep().
 */
int dax_remap_file_range_prep(struct file *file_in, loff_t pos_in,
		struct file *file_out, loff_t pos_out, loff_t *len,
		unsigned int remap_flags, const struct iomap_ops *ops)
{
	/* while nobody writes to either: see dax_write_shared() */
	dax_set_may_share(file_inode(file_in)->i_mapping);
	dax_set_may_share(file_inode(file_out)->i_mapping);
	return __generic_remap_file_range_prep(file_in, pos_in, file_out,
					       pos_out, len, remap_flags, ops);
}
EXPORT_SYMBOL_GPL(dax_remap_file_range_prep);
