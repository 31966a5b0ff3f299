// SPDX-License-Identifier: GPL-2.0
/*
 * read(2) and write(2): copy between the device and an iov_iter.
 *
 * A transfer ends early at poison that it cannot get past, with what was
 * transferred in front of it, or with -EIO if that is nothing.  -EFAULT is for
 * the caller's memory alone.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include "media.h"
#include "write.h"

static s64 dax_read_zeroes(struct iov_iter *to, size_t len)
{
	size_t done = iov_iter_zero(len, to);

	return done ? done : -EFAULT;
}

static s64 dax_read_media(struct iomap_iter *iter, struct iov_iter *to,
		size_t len)
{
	const struct iomap *iomap = &iter->iomap;
	loff_t pos = iter->pos;
	size_t done = 0, chunk, copied;
	void *kaddr;
	long nr;

	while (done < len) {
		if (fatal_signal_pending(current))
			return done ? done : -EINTR;
		nr = dax_media_map_good(iomap, pos, len - done, &kaddr);
		if (nr < 0)
			return done ? done : nr;

		chunk = dax_media_bytes(pos, len - done, nr);
		copied = dax_copy_to_iter(iomap->dax_dev,
					  dax_media_pgoff(iomap, pos), kaddr,
					  chunk, to);
		pos += copied;
		done += copied;
		if (copied == chunk || dax_media_cut(iomap, pos))
			continue;
		/*
		 * Poison that nobody knew of, or the caller's memory.  If it is
		 * the former, trying again would only consume it again: this
		 * read ends here.  The length is what the iterator goes by.
		 */
		if (done) {
			iter->len = done;
			return done;
		}
		return dax_iter_is_full(to) ? -EFAULT : -EIO;
	}
	return done;
}

static s64 dax_read_step(struct iomap_iter *iter, struct iov_iter *to)
{
	loff_t size = i_size_read(iter->inode);
	u64 len = iomap_length(iter);
	s64 ret;
	int id;

	if (iter->pos >= size)
		return 0;
	len = min_t(u64, len, size - iter->pos);
	if (dax_map_is_zero(&iter->iomap))
		return dax_read_zeroes(to, len);
	if (WARN_ON_ONCE(iter->iomap.type != IOMAP_MAPPED))
		return -EIO;

	id = dax_read_lock();
	ret = dax_read_media(iter, to, len);
	dax_read_unlock(id);
	return ret;
}

/**
 * dax_iomap_rw() - read from or write to a DAX file
 * @iocb: file and position; the position is advanced
 * @iter: the caller's memory, and the direction
 * @ops: the filesystem's
 *
 * Context: Process context, i_rwsem held as the filesystem needs it against
 * truncation, exclusively for a write.  Sleeps unless IOCB_NOWAIT.
 * Return: Number of bytes transferred, which is less than asked for at the end
 * of the file or in front of an error; 0 at the end of the file; -EIO for
 * poison; -EFAULT for memory of the caller's; -EINTR if it is being killed; the
 * filesystem's own.
 */
ssize_t dax_iomap_rw(struct kiocb *iocb, struct iov_iter *iter,
		const struct iomap_ops *ops)
{
	struct iomap_iter iomi = {
		.inode	= iocb->ki_filp->f_mapping->host,
		.pos	= iocb->ki_pos,
		.len	= iov_iter_count(iter),
		.flags	= IOMAP_DAX,
	};
	bool write = iov_iter_rw(iter) == WRITE;
	loff_t done;
	int ret;

	if (!iomi.len)
		return 0;
	if (write) {
		lockdep_assert_held_write(&iomi.inode->i_rwsem);
		iomi.flags |= IOMAP_WRITE;
	}
	if (iocb->ki_flags & IOCB_NOWAIT)
		iomi.flags |= IOMAP_NOWAIT;

	if (write)
		ret = dax_write(&iomi, iter, ops);
	else
		while ((ret = iomap_iter(&iomi, ops)) > 0)
			dax_iter_took(&iomi, dax_read_step(&iomi, iter));

	done = iomi.pos - iocb->ki_pos;
	iocb->ki_pos = iomi.pos;
	return done ? done : dax_io_error(ret);
}
EXPORT_SYMBOL_GPL(dax_iomap_rw);
