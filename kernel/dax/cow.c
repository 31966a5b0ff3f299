// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks that take the place of others: what they hold, how it is seen that one was
 * replaced, and the entries of those that were.
 */
#include "cow.h"
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include "entry.h"
#include "lock.h"
#include "media.h"
#include "page.h"

/**
 * dax_cow_fill() - give a new block what the shared block held
 * @iter: write or zero iterator over a shared block; see dax_iter_is_cow()
 * @pos: first byte to fill, position in the file
 * @len: number of bytes; the range lies within @iter's mappings
 * @kaddr: address of the new block's byte at @pos
 *
 * A new block holds what its last owner left, so each byte of it that the
 * caller does not write has to come from somewhere: from the source, or, where
 * that is a hole or unwritten, it is 0.
 *
 * The source may be poisoned and nobody know it yet: the copy is one that
 * survives a machine check.
 *
 * Context: Under dax_read_lock().
 * Return: 0; -DAX_EPOISON if the source is poisoned; as dax_media_map() otherwise.
 */
int dax_cow_fill(const struct iomap_iter *iter, loff_t pos, size_t len,
		void *kaddr)
{
	const struct iomap *source = &iter->srcmap;

	while (len) {
		size_t chunk = len;
		void *from;
		long nr;

		if (dax_map_is_zero(source)) {
			memset(kaddr, 0, chunk);
		} else {
			nr = dax_media_map_good(source, pos, len, &from);
			if (nr < 0)
				return nr;
			chunk = min_t(size_t, len, nr * PAGE_SIZE -
				      offset_in_page(pos));
			if (copy_mc_to_kernel(kaddr, from, chunk))
				return -DAX_EPOISON;
		}
		dax_flush(iter->iomap.dax_dev, kaddr, chunk);
		pos += chunk;
		kaddr += chunk;
		len -= chunk;
	}
	return 0;
}

/*
 * Counts how often blocks were replaced, or took the place of holes, in a mapping or
 * in one of those that share its counter.
 */
#define DAX_COW_BITS	6

static atomic_t dax_cow_counts[1 << DAX_COW_BITS];

static atomic_t *dax_cow_count(struct address_space *mapping)
{
	return &dax_cow_counts[hash_ptr(mapping, DAX_COW_BITS)];
}

/**
 * dax_cow_sequence() - has a block or a hole of the mapping been replaced?
 * @mapping: the mapping
 *
 * Blocks come and go only while faults are kept out, except that a write fault of
 * a shared block puts another one in its place, and that a write fault and write(2)
 * put one where a hole was.  Whoever asks the filesystem for a mapping and then uses
 * it for entries that it has not locked takes the sequence before and compares it
 * under the XArray's lock: if it is the same, such a fault still has its entry
 * locked, or has left one, and such a write will yet drop what it finds.
 *
 * Context: Any context.
 * Return: A number that differs after each replacement.
 */
unsigned int dax_cow_sequence(struct address_space *mapping)
{
	return atomic_read_acquire(dax_cow_count(mapping));
}

/**
 * dax_cow_forgotten() - an entry goes that may be of a block in place of a hole
 * @mapping: the mapping
 *
 * From here on nothing but the sequence tells who asked before that block was there.
 *
 * Context: The XArray's lock is held.
 */
void dax_cow_forgotten(struct address_space *mapping)
{
	atomic_inc(dax_cow_count(mapping));
}

/**
 * dax_cow_committed() - a block of the mapping has been replaced
 * @mapping: the mapping
 *
 * Context: Process context.  Takes and releases the XArray's lock.
 */
void dax_cow_committed(struct address_space *mapping)
{
	xa_lock_irq(&mapping->i_pages);
	atomic_inc(dax_cow_count(mapping));
	xa_unlock_irq(&mapping->i_pages);
}

/*
 * Take an entry, which is locked, out of use in a range: a PMD that reaches out of it
 * leaves its other pages.  What was dirty is flushed: should the block not be
 * replaced after all, it still is the file's.
 */
static int dax_entry_retire(struct xa_state *xas, const struct iomap_iter *iter,
		struct dax_entry *entry, pgoff_t first, pgoff_t last, bool dirty)
{
	pgoff_t start = dax_entry_start(*entry, xas->xa_index);
	pgoff_t end = start + dax_entry_pages(*entry) - 1;
	int error = 0;

	unmap_mapping_pages(iter->inode->i_mapping, start, end - start + 1,
			    false);
	if (dax_entry_kind(*entry) != DAX_MEDIA)
		return 0;
	if (start < first || end > last)
		error = dax_entry_split(xas, entry, GFP_NOFS);
	if (dirty && !error)
		dax_flush_good(iter->iomap.dax_dev, dax_entry_pfn(*entry),
			       dax_entry_pages(*entry));
	return error;
}

static int xas_dax_drop(struct xa_state *xas, const struct iomap_iter *iter,
		struct dax_entry entry, pgoff_t first, pgoff_t last)
{
	struct address_space *mapping = iter->inode->i_mapping;
	bool dirty = xas_get_mark(xas, PAGECACHE_TAG_DIRTY);
	int error;

	entry = xas_dax_lock(xas, entry);
	xas_unlock_irq(xas);
	error = dax_entry_retire(xas, iter, &entry, first, last, dirty);
	xas_dax_relock(xas);
	if (error) {
		xas_dax_unlock(xas, dax_entry_unlocked(entry));
	} else {
		dax_pages_dissociate(mapping, entry, xas->xa_index);
		xas_dax_remove(xas, mapping, entry);
	}
	return error;
}

/**
 * dax_drop_stale() - forget what a range had mapped before it got blocks
 * @iter: write or zero iterator; its mapping has the new blocks
 * @pos: first byte
 * @len: number of bytes, not 0; the range lies within @iter's mapping
 *
 * Holes were mapped as the zero page; where the blocks take the place of others,
 * shared or not, of these.  Neither is what the file holds after the write in
 * progress.  Where a hole gets a block, pages are those of a fault that found it
 * there, and stay.
 *
 * Context: Process context.  Faults are kept out if blocks are replaced.  Sleeps.
 * Return: 0; -ENOMEM.
 */
int dax_drop_stale(const struct iomap_iter *iter, loff_t pos, u64 len)
{
	XA_STATE(xas, &iter->inode->i_mapping->i_pages, pos >> PAGE_SHIFT);
	pgoff_t first = xas.xa_index, last = (pos + len - 1) >> PAGE_SHIFT;
	bool cow = dax_iter_is_cow(iter);
	unsigned int scanned = 0;
	struct dax_entry entry;
	int error = 0;

	if (mapping_empty(iter->inode->i_mapping))
		return 0;
	xas_lock_irq(&xas);
	/* what is mapped from here on is of who asked for blocks before us */
	atomic_inc(dax_cow_count(iter->inode->i_mapping));
	xas_for_each(&xas, entry.slot, last) {
		if (xas_dax_get_unlocked(&xas, 0, &entry) != DAX_LOOKUP_FOUND) {
			xas_reset(&xas);
			continue;
		}
		if (cow || dax_entry_kind(entry) != DAX_MEDIA)
			error = xas_dax_drop(&xas, iter, entry, first, last);
		else
			xas_dax_pass_on(&xas, entry);
		if (error)
			break;
		xas_dax_breathe(&xas, &scanned);
	}
	xas_unlock_irq(&xas);
	return error;
}

static void dax_new_pages(const struct iomap *iomap, loff_t pos, u64 len)
{
	dax_pfn_t pfn;
	long nr;

	while (len) {
		nr = dax_media_map(iomap, pos, len, DAX_ACCESS, NULL, &pfn);
		if (nr <= 0)
			return;
		dax_poison_prepare(dax_pfn(pfn), nr);
		dax_poison_repaired(dax_pfn(pfn), nr);
		len -= min_t(u64, len, nr * PAGE_SIZE - offset_in_page(pos));
		pos = (pos & PAGE_MASK) + nr * PAGE_SIZE;
	}
}

/**
 * __dax_take_new() - which of its blocks are that, once there was any poison
 * @iter: write iterator, before its range is advanced
 * @sure: bytes from its position on that are known to have had no content
 *
 * IOMAP_F_NEW is not for all of a mapping: XFS gives what it has allocated or converted
 * and what was written long ago as one, if it lies behind on the media and within the
 * range that was asked for (xfs_bmapi_write()); that may be marked, and stays so.  New
 * are the page that was asked for first, and what lies behind the range: the rest of an
 * unwritten extent, or blocks behind the end of the file
 * (xfs_direct_write_iomap_begin()).  The latter is said to nobody else.
 *
 * Context: Process context.  May sleep.
 */
void __dax_take_new(const struct iomap_iter *iter, u64 sure)
{
	const struct iomap *iomap = &iter->iomap;
	loff_t behind = round_up(iter->pos + iter->len, PAGE_SIZE);
	loff_t end = iomap->offset + iomap->length;
	int id;

	if (!(iomap->flags & IOMAP_F_NEW) || dax_iter_is_cow(iter))
		return;
	id = dax_read_lock();
	dax_new_pages(iomap, iter->pos, min(sure, iomap_length(iter)));
	if (behind < end)
		dax_new_pages(iomap, behind, end - behind);
	dax_read_unlock(id);
}
