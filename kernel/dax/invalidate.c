// SPDX-License-Identifier: GPL-2.0
/*
 * Entries that have to go: truncation, invalidation, blocks that were replaced;
 * and the search for pages that cannot go yet.
 */
#include "internal.h"
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/sched.h>

/**
 * dax_delete_mapping_entry() - remove an entry, whatever its state
 * @mapping: mapping that is truncated
 * @index: index within the entry
 *
 * The filesystem keeps faults out and has waited for pinned pages with
 * dax_layout_busy_page(); a page that still is pinned is reported, as its block
 * is about to get another owner.
 *
 * Context: Process context, i_rwsem and invalidate_lock of the file held so
 * that nothing new appears.  Waits for the entry lock.
 * Return: 1; 0 if there was no entry, which the caller has just seen.
 */
int dax_delete_mapping_entry(struct address_space *mapping, pgoff_t index)
{
	XA_STATE(xas, &mapping->i_pages, index);
	struct dax_entry entry;
	int deleted = 0;

	xas_lock_irq(&xas);
	if (xas_dax_get_unlocked(&xas, 0, &entry) == DAX_LOOKUP_FOUND) {
		WARN_ON_ONCE(dax_pages_dissociate(mapping, entry, index));
		xas_dax_remove(&xas, mapping, entry);
		deleted = 1;
	}
	xas_unlock_irq(&xas);
	/*
	 * Only truncation removes dirty entries, and the caller is the only
	 * one that truncates.
	 */
	WARN_ON_ONCE(!deleted);
	return deleted;
}

/**
 * dax_invalidate_mapping_entry_sync() - remove an entry if it is clean
 * @mapping: the mapping
 * @index: index within the entry
 *
 * Context: Process context.  Waits for the entry lock.  The caller unmaps the
 * range afterwards: what was mapped before that has no entry any more, and
 * what is mapped later has a new one.
 * Return: 1 if it was removed; 0 if it is dirty or there is none.
 */
int dax_invalidate_mapping_entry_sync(struct address_space *mapping,
		pgoff_t index)
{
	XA_STATE(xas, &mapping->i_pages, index);
	struct dax_entry entry;
	int removed = 0;

	xas_lock_irq(&xas);
	if (xas_dax_get_unlocked(&xas, 0, &entry) == DAX_LOOKUP_FOUND) {
		if (xas_get_mark(&xas, PAGECACHE_TAG_DIRTY) ||
		    xas_get_mark(&xas, PAGECACHE_TAG_TOWRITE)) {
			xas_dax_pass_on(&xas, entry);
		} else {
			dax_pages_dissociate(mapping, entry, index);
			xas_dax_remove(&xas, mapping, entry);
			removed = 1;
		}
	}
	xas_unlock_irq(&xas);
	return removed;
}

/*
 * Counts the blocks that were replaced in a mapping, or in one of those that
 * share its counter.
 */
#define DAX_COW_BITS	6

static atomic_t dax_cow_counts[1 << DAX_COW_BITS];

static atomic_t *dax_cow_count(struct address_space *mapping)
{
	return &dax_cow_counts[hash_ptr(mapping, DAX_COW_BITS)];
}

/**
 * dax_cow_sequence() - has a block of the mapping been replaced?
 * @mapping: the mapping
 *
 * Blocks come and go only while faults are kept out, except that a write fault of
 * a shared block puts another one in its place.  Whoever asks the filesystem for
 * a mapping and then uses it for entries that it has not locked takes the
 * sequence before and compares it under the XArray's lock: if it is the same,
 * such a fault still has its entry locked.
 *
 * Context: Any context.
 * Return: A number that differs after each replacement.
 */
unsigned int dax_cow_sequence(struct address_space *mapping)
{
	return atomic_read_acquire(dax_cow_count(mapping));
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

/**
 * dax_drop_stale() - forget what a range had mapped before it got blocks
 * @mapping: the mapping
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * Holes were mapped as the zero page, shared blocks as the source of a copy;
 * neither is what the file holds after the write in progress.
 *
 * Context: Process context.  Sleeps.
 */
void dax_drop_stale(struct address_space *mapping, loff_t pos, u64 len)
{
	invalidate_inode_pages2_range(mapping, pos >> PAGE_SHIFT,
				      (pos + len - 1) >> PAGE_SHIFT);
}

/**
 * dax_layout_busy_page_range() - find a page that keeps blocks from being freed
 * @mapping: mapping of which blocks will be freed
 * @start: first byte
 * @end: last byte; LLONG_MAX for the end of the file
 *
 * The range is unmapped first.  get_user_pages() of an unmapped page has to
 * fault and waits for the invalidate_lock, that of a mapped page was either
 * quicker than the unmapping, and the reference it took shows in the scan, or
 * comes after it and faults.  So no page becomes busy behind the scan's back.
 *
 * Pages can be pinned in a file that is no longer mapped: the entries are
 * scanned all the same.
 *
 * Context: Process context, invalidate_lock held exclusively.  Sleeps.
 * Return: The first page with a reference besides its driver's, for which the
 * caller waits before it calls again; NULL if there is none.
 */
struct page *dax_layout_busy_page_range(struct address_space *mapping,
		loff_t start, loff_t end)
{
	XA_STATE(xas, &mapping->i_pages, start >> PAGE_SHIFT);
	pgoff_t last = end == LLONG_MAX ? ULONG_MAX : end >> PAGE_SHIFT;
	unsigned int scanned = 0;
	struct page *page = NULL;
	struct dax_entry entry;

	if (IS_ENABLED(CONFIG_FS_DAX_LIMITED) || !dax_mapping(mapping) ||
	    mapping_empty(mapping))
		return NULL;

	/* 0 pages stand for "to the end" and is what ULONG_MAX + 1 gives */
	unmap_mapping_pages(mapping, xas.xa_index, last - xas.xa_index + 1,
			    false);

	xas_lock_irq(&xas);
	xas_for_each(&xas, entry.slot, last) {
		if (WARN_ON_ONCE(!xa_is_value(entry.slot)))
			continue;
		if (unlikely(dax_entry_is_locked(entry))) {
			if (xas_dax_get_unlocked(&xas, 0, &entry) !=
			    DAX_LOOKUP_FOUND)
				continue;
			xas_dax_pass_on(&xas, entry);
		}
		page = dax_entry_busy_page(entry);
		if (page)
			break;
		xas_dax_breathe(&xas, &scanned);
	}
	xas_unlock_irq(&xas);
	return page;
}
EXPORT_SYMBOL_GPL(dax_layout_busy_page_range);

/**
 * dax_layout_busy_page() - dax_layout_busy_page_range() for a whole file
 * @mapping: mapping of which blocks will be freed
 *
 * Context: As dax_layout_busy_page_range().
 * Return: As dax_layout_busy_page_range().
 */
struct page *dax_layout_busy_page(struct address_space *mapping)
{
	return dax_layout_busy_page_range(mapping, 0, LLONG_MAX);
}
EXPORT_SYMBOL_GPL(dax_layout_busy_page);
