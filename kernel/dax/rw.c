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
#include <linux/gfp.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include "cow.h"
#include "media.h"
#include "poison.h"

/* Bytes of the range [@pos, @pos + @len) on the @nr pages that begin with it. */
static size_t dax_chunk(loff_t pos, size_t len, long nr)
{
	return min_t(size_t, len, nr * PAGE_SIZE - offset_in_page(pos));
}

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

		chunk = dax_chunk(pos, len - done, nr);
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
 * struct dax_target - where the next bytes of a write go
 * @pgoff: page offset on the device of the first
 * @kaddr: its address
 * @pfn: its page frame, once there was any poison
 * @len: how many of them can be written at once
 * @recovery: the driver has to clear poison on the way
 * @rewrite: a poisoned page, which the write replaces as a whole
 */
struct dax_target {
	pgoff_t pgoff;
	void *kaddr;
	dax_pfn_t pfn;
	size_t len;
	bool recovery;
	bool rewrite;
};

/*
 * Without a badblock nothing but the flag is wrong with a page, and new content
 * for all of it makes it good.
 */
static int dax_target_flagged(const struct iomap_iter *iter, loff_t pos,
		long nr, struct dax_target *target)
{
	unsigned long pfn = dax_pfn(target->pfn);
	unsigned long good;

	if (dax_iter_is_cow(iter)) {
		/* filled by us: nobody's yet */
		dax_poison_prepare(pfn, nr);
		dax_poison_repaired(pfn, nr);
		return 0;
	}
	good = dax_good_pages(pfn, nr);
	if (good) {
		target->len = dax_chunk(pos, target->len, good);
		return 0;
	}
	if (offset_in_page(pos) || target->len < PAGE_SIZE)
		return -DAX_EPOISON;
	target->len = PAGE_SIZE;
	target->rewrite = true;
	dax_poison_prepare(pfn, 1);
	return 0;
}

static int dax_target_find(const struct iomap_iter *iter, loff_t pos,
		size_t len, struct dax_target *target)
{
	const struct iomap *iomap = &iter->iomap;
	bool flagged = READ_ONCE(dax_poison_seen);
	long nr;

	target->recovery = false;
	target->rewrite = false;
	target->pgoff = dax_media_pgoff(iomap, pos);
	nr = dax_media_map(iomap, pos, len, DAX_ACCESS, &target->kaddr,
			   unlikely(flagged) ? &target->pfn : NULL);
	if (nr == -DAX_EPOISON) {
		nr = dax_media_map(iomap, pos, len, DAX_RECOVERY_WRITE,
				   &target->kaddr,
				   unlikely(flagged) ? &target->pfn : NULL);
		target->recovery = nr > 0;
		/* the driver puts back what is marked alone */
		if (nr > 0 && flagged)
			dax_poison_prepare(dax_pfn(target->pfn), nr);
	}
	if (nr < 0)
		return nr;
	target->len = dax_chunk(pos, len, nr);

	if (!target->recovery)
		return unlikely(flagged) ?
			dax_target_flagged(iter, pos, nr, target) : 0;
	/*
	 * Drivers clear poison by whole pages.  A partial page at either end
	 * goes alone, so as not to spoil it for the rest.
	 */
	if (offset_in_page(pos))
		target->len = dax_chunk(pos, target->len, 1);
	else if (target->len > PAGE_SIZE)
		target->len = round_down(target->len, PAGE_SIZE);
	return 0;
}

static size_t dax_target_write(struct dax_device *dax_dev,
		const struct dax_target *target, struct iov_iter *from)
{
	size_t copied;

	if (unlikely(target->recovery))
		return dax_recovery_write(dax_dev, target->pgoff,
					  target->kaddr, target->len, from);
	copied = dax_copy_from_iter(dax_dev, target->pgoff, target->kaddr,
				    target->len, from);
	if (unlikely(target->rewrite) && copied == target->len)
		dax_poison_repaired(dax_pfn(target->pfn), 1);
	return copied;
}

/* Fill what a write leaves of a new block on the page of @pos. */
static int dax_write_edge(const struct iomap_iter *iter, loff_t pos, size_t len)
{
	void *kaddr;
	dax_pfn_t pfn;
	long nr;

	if (!len)
		return 0;
	nr = dax_media_map(&iter->iomap, pos, len, DAX_ACCESS, &kaddr, &pfn);
	if (nr < 0)
		return nr;
	dax_poison_prepare(dax_pfn(pfn), nr);
	return dax_cow_fill(iter, pos, len, kaddr);
}

static s64 dax_write_media(struct iomap_iter *iter, struct iov_iter *from,
		size_t len)
{
	struct dax_target target;
	loff_t pos = iter->pos;
	size_t done = 0, copied;
	int error;

	while (done < len) {
		error = fatal_signal_pending(current) ? -EINTR :
			dax_target_find(iter, pos, len - done, &target);
		if (error)
			return done ? done : error;
		copied = dax_target_write(iter->iomap.dax_dev, &target, from);
		pos += copied;
		done += copied;
		if (copied == target.len)
			continue;
		if (dax_media_cut(&iter->iomap, pos)) {
			/* a page that is marked by now is written as a whole */
			copied = min_t(size_t, copied, offset_in_page(pos));
			iov_iter_revert(from, copied);
			pos -= copied;
			done -= copied;
			continue;
		}
		if (done)
			return done;
		/* what cannot be cleared is not the caller's fault */
		if (target.recovery && !fault_in_iov_iter_readable(from, 1))
			return -EIO;
		return -EFAULT;
	}
	return done;
}

/*
 * What a write of @len bytes leaves of the pages that it begins and ends on.  The
 * old blocks are unmapped first: a store to one that was copied would be lost.
 */
static int dax_write_edges(const struct iomap_iter *iter, size_t len)
{
	unsigned int head = offset_in_page(iter->pos);
	loff_t end = iter->pos + len;
	int error, id;

	error = dax_drop_stale(iter, iter->pos, len);
	if (error)
		return error;
	id = dax_read_lock();
	error = dax_write_edge(iter, iter->pos - head, head);
	if (!error)
		error = dax_write_edge(iter, end, -end & (PAGE_SIZE - 1));
	dax_read_unlock(id);
	return error;
}

static s64 dax_write_step(struct iomap_iter *iter, struct iov_iter *from)
{
	size_t len = iomap_length(iter);
	int error = 0, id;
	s64 ret;

	if (WARN_ON_ONCE(iter->iomap.type != IOMAP_MAPPED))
		return -EIO;
	if (iter->iomap.flags & IOMAP_F_NEW)
		error = dax_drop_stale(iter, iter->pos, len);
	if (error)
		return error;
	dax_take_new(iter, 1);

	id = dax_read_lock();
	ret = dax_write_media(iter, from, len);
	dax_read_unlock(id);
	if (ret > 0 && dax_iter_is_cow(iter)) {
		/* where the write really ended, which may be early */
		error = dax_write_edges(iter, ret);
		if (error) {
			/* what was written in front may be returned */
			iov_iter_revert(from, ret);
			return error;
		}
	}
	return ret;
}

/*
 * Write to a file whose blocks nobody can replace.  Returns as iomap_iter(), and 1
 * if the filesystem has answered with a new block for a shared one after all.
 */
static int dax_write_own(struct iomap_iter *iter, struct iov_iter *from,
		const struct iomap_ops *ops)
{
	int ret;

	while ((ret = iomap_iter(iter, ops)) > 0) {
		if (unlikely(dax_iter_is_cow(iter)))
			break;
		dax_iter_took(iter, dax_write_step(iter, from));
	}
	return ret;
}

/*
 * Write with faults kept out, not more than the pages of one PMD.  The caller's
 * memory may be a mapping of this very file, of which a fault would wait for us, so
 * it is read only as far as it is present.  Returns 0 if all was written; -EFAULT,
 * after what was there, if some of it was not.
 */
static int dax_write_locked(struct iomap_iter *all, struct iov_iter *from,
		const struct iomap_ops *ops)
{
	struct address_space *mapping = all->inode->i_mapping;
	struct iomap_iter iter = {
		.inode	= all->inode,
		.pos	= all->pos,
		.len	= min_t(u64, min_t(u64, iov_iter_count(from), all->len),
				PMD_SIZE - (all->pos & (PMD_SIZE - 1))),
		.flags	= all->flags,
	};
	int ret;

	if (!(all->flags & IOMAP_NOWAIT))
		filemap_invalidate_lock(mapping);
	else if (!down_write_trylock(&mapping->invalidate_lock))
		return -EAGAIN;
	while ((ret = iomap_iter(&iter, ops)) > 0) {
		pagefault_disable();
		dax_iter_took(&iter, dax_write_step(&iter, from));
		pagefault_enable();
	}
	filemap_invalidate_unlock(mapping);
	all->len -= iter.pos - all->pos;
	all->pos = iter.pos;
	return ret;
}

/*
 * The caller's memory does not stay present, or has poison that nobody knew of:
 * take a page of it into the kernel's while faults can be served.
 */
static int dax_write_bounced(struct iomap_iter *all, struct iov_iter *from,
		const struct iomap_ops *ops)
{
	void *page = (void *)__get_free_page(GFP_KERNEL);
	loff_t pos = all->pos;
	struct iov_iter bounce;
	struct kvec vec;
	int ret = -EFAULT;

	if (!page)
		return -ENOMEM;
	vec.iov_base = page;
	vec.iov_len = copy_from_iter(page, min_t(u64, all->len, PAGE_SIZE -
						 offset_in_page(pos)), from);
	if (vec.iov_len) {
		iov_iter_kvec(&bounce, WRITE, &vec, 1, vec.iov_len);
		ret = dax_write_locked(all, &bounce, ops);
		iov_iter_revert(from, vec.iov_len - (all->pos - pos));
	}
	free_page((unsigned long)page);
	return ret;
}

/*
 * Write to a file that shares blocks, or did.  A store to a shared page makes the
 * filesystem put another block in its place, and in that of its neighbours, shared
 * or not.  It gives the same new block to a write and a fault that come together, so
 * that one would fill it over the other; and a block that was replaced is somebody
 * else's.  So while blocks are looked up and written there is no fault.
 */
static int dax_write_shared(struct iomap_iter *iter, struct iov_iter *from,
		const struct iomap_ops *ops)
{
	int ret = 0;

	while (iter->len && !ret) {
		loff_t pos = iter->pos;

		/* what cannot be had now is met again below */
		fault_in_iov_iter_readable(from, min_t(u64, iter->len, PMD_SIZE));
		ret = dax_write_locked(iter, from, ops);
		if (ret == -EFAULT)
			ret = iter->pos > pos ? 0 :
				dax_write_bounced(iter, from, ops);
		else if (iter->pos == pos)
			break;
	}
	return ret;
}

static int dax_write_range(struct iomap_iter *iter, struct iov_iter *from,
		const struct iomap_ops *ops)
{
	struct address_space *mapping = iter->inode->i_mapping;
	int ret;

	if (likely(!dax_may_share(mapping))) {
		ret = dax_write_own(iter, from, ops);
		if (likely(ret <= 0))
			return ret;
		/* nothing was processed: the new block goes back */
		filemap_invalidate_lock(mapping);
		ret = iomap_iter(iter, ops);
		filemap_invalidate_unlock(mapping);
		if (ret)
			return ret;
		dax_set_may_share(mapping);
	}
	return dax_write_shared(iter, from, ops);
}

/*
 * A page of a mapping that is called new may be an old one, dax_take_new().  Of the pages
 * of a write the first is new if any is, and those in between are replaced as a whole,
 * marked or not; the last is asked for alone, to be a first.  Of a shared one that is
 * poisoned it is the one that cannot be copied, and keeps none of the others back.
 */
static size_t dax_write_alone(const struct iomap_iter *iter)
{
	size_t tail = offset_in_page(iter->pos + iter->len);

	if (likely(!READ_ONCE(dax_poison_seen)) ||
	    offset_in_page(iter->pos) + iter->len <= PAGE_SIZE)
		return 0;
	return tail;
}

static int dax_write(struct iomap_iter *iter, struct iov_iter *from,
		const struct iomap_ops *ops)
{
	size_t tail = dax_write_alone(iter);
	int ret;

	iter->len -= tail;
	ret = dax_write_range(iter, from, ops);
	if (likely(!tail) || ret || iter->len)
		return ret;
	*iter = (struct iomap_iter) {
		.inode	= iter->inode,
		.pos	= iter->pos,
		.len	= tail,
		.flags	= iter->flags,
	};
	return dax_write_range(iter, from, ops);
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
