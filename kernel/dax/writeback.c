// SPDX-License-Identifier: GPL-2.0
/*
 * Writeback: get what was stored through mappings out of the CPU's caches.
 *
 * An entry is dirty while it may be mapped writable.  To clean it, its mappings
 * are write-protected, then it is flushed, then the tag goes.  A store in
 * between faults, and the fault waits for the entry lock before it can set the
 * tag again.
 */
#include <linux/bitmap.h>
#include <linux/fs.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/writeback.h>
#include <trace/events/fs_dax.h>
#include "entry.h"
#include "lock.h"
#include "media.h"

static void dax_write_protect(struct address_space *mapping, pgoff_t start,
		unsigned long pfn, unsigned long pages)
{
	struct vm_area_struct *vma;

	i_mmap_lock_read(mapping);
	dax_for_each_vma(vma, mapping, start, start + pages - 1) {
		/*
		 * Does pages and PMDs, compares the page frame before it
		 * changes anything, and tells secondary MMUs once.
		 */
		pfn_mkclean_range(pfn, pages, start, vma);
		cond_resched();
	}
	i_mmap_unlock_read(mapping);
}

/*
 * What of a range is dirty is to be written: as tag_pages_for_writeback(), but that a
 * leaf of the XArray takes no longer than a page.
 */
static void dax_tag_range(struct address_space *mapping, pgoff_t first,
		pgoff_t last)
{
	XA_STATE(xas, &mapping->i_pages, first);
	unsigned int scanned = 0;
	struct xa_node *node;
	void *slot;

	xas_lock_irq(&xas);
	xas_for_each_marked(&xas, slot, last, PAGECACHE_TAG_DIRTY) {
		xas_set_mark(&xas, PAGECACHE_TAG_TOWRITE);
		node = xas.xa_node;
		if (!xas_not_node(node) && !node->shift &&
		    (xas.xa_index & ~XA_CHUNK_MASK) >= first &&
		    (xas.xa_index | XA_CHUNK_MASK) <= last) {
			bitmap_or(dax_node_marks(node, PAGECACHE_TAG_TOWRITE),
				  dax_node_marks(node, PAGECACHE_TAG_TOWRITE),
				  dax_node_marks(node, PAGECACHE_TAG_DIRTY),
				  XA_CHUNK_SIZE);
			xas.xa_index |= XA_CHUNK_MASK;
			xas.xa_offset = XA_CHUNK_MASK;
		}
		xas_dax_breathe(&xas, &scanned);
	}
	xas_unlock_irq(&xas);
}

/* Take a mark from @nr entries of a leaf, or one anywhere, up to that at the cursor. */
static void xas_dax_clear_marks(struct xa_state *xas, unsigned long nr,
		xa_mark_t mark)
{
	if (nr > 1)
		bitmap_clear(dax_node_marks(xas->xa_node, mark),
			     xas->xa_offset + 1 - nr, nr - 1);
	xas_clear_mark(xas, mark);
}

static void dax_trace_written(struct address_space *mapping,
		struct dax_entry entry, pgoff_t start, unsigned long nr)
{
	if (trace_dax_writeback_one_enabled())
		for (; nr; nr--, start++)
			trace_dax_writeback_one(mapping->host, start,
						dax_entry_pages(entry));
}

/*
 * Drops the XArray's lock while it works, with the entries locked.  The cursor is at
 * the last of them afterwards.
 */
static int xas_dax_clean(struct xa_state *xas, struct dax_device *dax_dev,
		struct address_space *mapping, struct dax_entry entry,
		pgoff_t last)
{
	pgoff_t start = dax_entry_start(entry, xas->xa_index);
	unsigned long nr = xas_dax_lock_run(xas, entry, last,
					    PAGECACHE_TAG_TOWRITE);
	unsigned long pages = nr << dax_entry_order(entry);
	int error;

	xas_unlock_irq(xas);

	dax_write_protect(mapping, start, dax_entry_pfn(entry), pages);
	error = dax_flush_good(dax_dev, dax_entry_pfn(entry), pages);

	xas_dax_relock(xas);
	xas_dax_unlock_run(xas, entry, nr);
	/*
	 * Both tags stay until the work is done.  Another writeback goes by them:
	 * it finds the entry locked and waits, or it would return before what it
	 * was called for is durable.
	 */
	xas_dax_clear_marks(xas, nr, PAGECACHE_TAG_TOWRITE);
	xas_dax_clear_marks(xas, nr, PAGECACHE_TAG_DIRTY);
	dax_trace_written(mapping, entry, start, nr);
	return error;
}

static int xas_dax_writeback(struct xa_state *xas, struct dax_device *dax_dev,
		struct address_space *mapping, struct dax_entry entry,
		pgoff_t last)
{
	if (WARN_ON_ONCE(!xa_is_value(entry.slot)))
		return -EIO;

	if (unlikely(dax_entry_is_locked(entry))) {
		unsigned long pfn = dax_entry_pfn_at(entry, xas->xa_index);

		if (xas_dax_get_unlocked(xas, 0, &entry) != DAX_LOOKUP_FOUND) {
			xas_reset(xas);
			return 0;	/* truncated */
		}
		/*
		 * Nothing to do if the page moved, in which case whoever moved
		 * it took care of it, or if another writeback was first.
		 */
		if (dax_entry_pfn_at(entry, xas->xa_index) != pfn ||
		    !xas_get_mark(xas, PAGECACHE_TAG_TOWRITE)) {
			xas_dax_pass_on(xas, entry);
			return 0;
		}
	}
	if (WARN_ON_ONCE(dax_entry_kind(entry) != DAX_MEDIA)) {
		xas_dax_pass_on(xas, entry);
		return -EIO;
	}
	return xas_dax_clean(xas, dax_dev, mapping, entry, last);
}

/**
 * dax_writeback_mapping_range() - flush what is dirty in a range of a file
 * @mapping: the file's mapping
 * @dax_dev: the device that all of its blocks are on
 * @wbc: the range, bytes; only WB_SYNC_ALL does anything
 *
 * Context: Process context.  Sleeps.
 * Return: 0; -EIO if something dirty was poisoned, after the rest was flushed,
 * or if the mapping is not one of DAX.
 */
int dax_writeback_mapping_range(struct address_space *mapping,
		struct dax_device *dax_dev, struct writeback_control *wbc)
{
	XA_STATE(xas, &mapping->i_pages, wbc->range_start >> PAGE_SHIFT);
	pgoff_t last = wbc->range_end >> PAGE_SHIFT;
	struct inode *inode = mapping->host;
	unsigned int scanned = 0;
	struct dax_entry entry;
	int error, ret = 0;

	if (WARN_ON_ONCE(inode->i_blkbits != PAGE_SHIFT))
		return -EIO;
	/* There is no memory to win, only durability, which nobody asked for. */
	if (mapping_empty(mapping) || wbc->sync_mode != WB_SYNC_ALL)
		return 0;

	trace_dax_writeback_range(inode, xas.xa_index, last);
	dax_tag_range(mapping, xas.xa_index, last);

	xas_lock_irq(&xas);
	xas_for_each_marked(&xas, entry.slot, last, PAGECACHE_TAG_TOWRITE) {
		error = xas_dax_writeback(&xas, dax_dev, mapping, entry, last);
		if (error) {
			mapping_set_error(mapping, error);
			ret = error;
		}
		xas_dax_breathe(&xas, &scanned);
	}
	xas_unlock_irq(&xas);
	trace_dax_writeback_range_done(inode, xas.xa_index, last);
	return ret;
}
EXPORT_SYMBOL_GPL(dax_writeback_mapping_range);
