// SPDX-License-Identifier: GPL-2.0
/*
 * write(2): copy from an iov_iter to the device.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include "cow.h"
#include "media.h"
#include "poison.h"
#include "write.h"

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
		target->len = dax_media_bytes(pos, target->len, good);
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
	target->len = dax_media_bytes(pos, len, nr);

	if (!target->recovery)
		return unlikely(flagged) ?
			dax_target_flagged(iter, pos, nr, target) : 0;
	/*
	 * Drivers clear poison by whole pages.  A partial page at either end
	 * goes alone, so as not to spoil it for the rest.
	 */
	if (offset_in_page(pos))
		target->len = dax_media_bytes(pos, target->len, 1);
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

/*
 * A copy has ended early at @pos, after @copied bytes: if the page was lost meanwhile, it
 * is marked by now and will be written as a whole.  Returns how many bytes to go back for
 * that; -EFAULT if it is the caller's memory.
 */
static ssize_t dax_write_lost(const struct iomap *iomap, struct iov_iter *from,
		loff_t pos, size_t copied)
{
	if (!dax_media_cut(iomap, pos))
		return -EFAULT;
	copied = min_t(size_t, copied, offset_in_page(pos));
	iov_iter_revert(from, copied);
	return copied;
}

/* The rest of a write of which @done bytes are done, past what poison there may be. */
static noinline s64 dax_write_careful(const struct iomap_iter *iter,
		struct iov_iter *from, size_t done, size_t len)
{
	loff_t pos = iter->pos + done;
	struct dax_target target;
	size_t copied;
	ssize_t back;
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
		back = dax_write_lost(&iter->iomap, from, pos, copied);
		if (back >= 0) {
			pos -= back;
			done -= back;
			continue;
		}
		if (done)
			return done;
		/* what cannot be cleared is not the caller's fault */
		if (target.recovery && !fault_in_iov_iter_readable(from, 1))
			return -EIO;
		return back;
	}
	return done;
}

/*
 * While there has been no poison in this boot and the driver has none on its list, all
 * that a write needs is an address.
 */
static __always_inline s64 dax_write_media(const struct iomap_iter *iter,
		struct iov_iter *from, size_t len)
{
	const struct iomap *iomap = &iter->iomap;
	loff_t pos = iter->pos;
	size_t done = 0, chunk, copied;
	ssize_t back;
	void *kaddr;
	long nr;

	while (done < len) {
		if (fatal_signal_pending(current))
			return done ? done : -EINTR;
		if (unlikely(READ_ONCE(dax_poison_seen)))
			break;
		nr = dax_media_map(iomap, pos, len - done, DAX_ACCESS, &kaddr, NULL);
		if (unlikely(nr <= 0))
			break;
		chunk = dax_media_bytes(pos, len - done, nr);
		copied = dax_copy_from_iter(iomap->dax_dev,
					    dax_media_pgoff(iomap, pos), kaddr,
					    chunk, from);
		pos += copied;
		done += copied;
		if (likely(copied == chunk))
			continue;
		back = dax_write_lost(iomap, from, pos, copied);
		if (back < 0)
			return done ? done : back;
		done -= back;
		break;
	}
	return likely(done == len) ? done :
		dax_write_careful(iter, from, done, len);
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

static __always_inline s64 dax_write_step(struct iomap_iter *iter,
		struct iov_iter *from)
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
 * Write block after block.  Returns as iomap_iter(); where faults are not kept out, 1 if
 * the filesystem has answered with a new block for a shared one.  Inlined: @locked is a
 * constant of each caller.
 */
static __always_inline int dax_write_blocks(struct iomap_iter *iter,
		struct iov_iter *from, const struct iomap_ops *ops, bool locked)
{
	int ret;

	while ((ret = iomap_iter(iter, ops)) > 0) {
		if (unlikely(dax_iter_is_cow(iter)) && !locked)
			break;
		if (unlikely(locked))
			pagefault_disable();
		dax_iter_took(iter, dax_write_step(iter, from));
		if (unlikely(locked))
			pagefault_enable();
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
	ret = dax_write_blocks(&iter, from, ops, true);
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

static noinline int dax_write_range(struct iomap_iter *iter, struct iov_iter *from,
		const struct iomap_ops *ops)
{
	struct address_space *mapping = iter->inode->i_mapping;
	int ret;

	if (likely(!dax_may_share(mapping))) {
		ret = dax_write_blocks(iter, from, ops, false);
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
	return offset_in_page(iter->pos) + iter->len <= PAGE_SIZE ? 0 :
		offset_in_page(iter->pos + iter->len);
}

/**
 * dax_write() - write to a DAX file
 * @iter: position, length and flags of the write; what is done is taken from it
 * @from: the memory that is copied
 * @ops: the filesystem's
 *
 * Context: Process context, i_rwsem held exclusively.  Sleeps unless IOMAP_NOWAIT.
 * Return: 0, or what ended it before all was written, which @iter tells: -DAX_EPOISON;
 * -EIO for poison that the driver could not clear; -EFAULT for memory of the caller's;
 * -EINTR if it is being killed; -EAGAIN for IOMAP_NOWAIT; -ENOMEM; the filesystem's own.
 */
int dax_write(struct iomap_iter *iter, struct iov_iter *from,
		const struct iomap_ops *ops)
{
	size_t tail;
	int ret;

	if (likely(!READ_ONCE(dax_poison_seen)))
		return dax_write_range(iter, from, ops);
	for (tail = dax_write_alone(iter); ; tail = 0) {
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
	}
}
