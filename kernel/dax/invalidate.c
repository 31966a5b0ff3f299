// SPDX-License-Identifier: GPL-2.0
/*
 * Entries that have to go: truncation, invalidation; and the search for pages that
 * cannot go yet.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include "cow.h"
#include "entry.h"
#include "lock.h"
#include "media.h"
#include "page.h"

/*
 * Does an entry that is being cut at @index go as a whole?  The file has its new
 * size before what lies behind it is truncated.  A hole does not show: then it may
 * be any part of a PMD.
 */
static bool dax_entry_ends(struct address_space *mapping,
		struct dax_entry entry, pgoff_t index)
{
	loff_t start = (loff_t)dax_entry_start(entry, index) << PAGE_SHIFT;

	return !dax_entry_order(entry) || mapping_exiting(mapping) ||
		start >= i_size_read(mapping->host);
}

/*
 * Part of a PMD is cut off.  The rest may be mapped by pages where the caller does
 * not unmap, be dirty, or be pinned.  Returns what is to be removed: the page at
 * the cursor, or the PMD if nothing of all that is to be kept.
 */
static struct dax_entry xas_dax_give_way(struct xa_state *xas,
		struct address_space *mapping, struct dax_entry entry)
{
	entry = xas_dax_lock(xas, entry);
	xas_unlock_irq(xas);
	unmap_mapping_pages(mapping, dax_entry_start(entry, xas->xa_index),
			    dax_entry_pages(entry), false);
	xas_dax_relock(xas);
	if (dax_entry_kind(entry) != DAX_MEDIA ||
	    (!xas_get_mark(xas, PAGECACHE_TAG_DIRTY) &&
	     !dax_entry_busy_page(entry)))
		return entry;
	xas_unlock_irq(xas);
	/* truncation cannot fail */
	dax_entry_split(xas, &entry, GFP_NOFS | __GFP_NOFAIL);
	/* what is behind, which nobody has mapped */
	if (!DAX_CUT_NAMES_ALL)
		dax_flush_good_anyway(dax_entry_pfn(entry), DAX_PMD_PAGES -
				      xas->xa_index % DAX_PMD_PAGES);
	xas_dax_relock(xas);
	return entry;
}

/*
 * A PMD was split at @index, which is gone, and mm does not name the other pages that
 * go.  Those behind it may be among them, but for the pinned ones, which would have
 * been waited for.  None is mapped, and what was stored there is durable: none is
 * needed.
 */
static void xas_dax_cut_behind(struct xa_state *xas,
		struct address_space *mapping, pgoff_t index)
{
	pgoff_t last = index | (DAX_PMD_PAGES - 1);
	struct dax_entry entry;

	xas_set(xas, index);
	xas_for_each(xas, entry.slot, last) {
		if (xas_dax_get_unlocked(xas, 0, &entry) != DAX_LOOKUP_FOUND) {
			xas_reset(xas);
			continue;
		}
		if (dax_entry_busy_page(entry)) {
			xas_dax_pass_on(xas, entry);
			continue;
		}
		dax_pages_dissociate(mapping, entry, xas->xa_index);
		xas_dax_remove(xas, mapping, entry);
	}
}

/**
 * dax_delete_mapping_entry() - remove an entry, whatever its state
 * @mapping: mapping that is truncated
 * @index: index within the entry
 *
 * The filesystem keeps faults out and has waited for pinned pages with
 * dax_layout_busy_page(); a page that still is pinned is reported, as its block
 * is about to get another owner.
 *
 * mm names a page.  Where that is one of a PMD whose others may stay, they do, if
 * there is anything about them that an entry has to say; see DAX_CUT_NAMES_ALL.
 *
 * Context: Process context, i_rwsem and invalidate_lock of the file held so
 * that nothing new appears.  Waits for the entry lock.
 * Return: 1; 0 if there was no entry, which the caller has just seen.
 */
int dax_delete_mapping_entry(struct address_space *mapping, pgoff_t index)
{
	XA_STATE(xas, &mapping->i_pages, index);
	struct dax_entry entry;
	bool split = false;
	int deleted = 0;

	xas_lock_irq(&xas);
	if (xas_dax_get_unlocked(&xas, 0, &entry) == DAX_LOOKUP_FOUND) {
		if (unlikely(!dax_entry_ends(mapping, entry, index))) {
			entry = xas_dax_give_way(&xas, mapping, entry);
			split = !dax_entry_order(entry);
		}
		WARN_ON_ONCE(dax_pages_dissociate(mapping, entry, index));
		xas_dax_remove(&xas, mapping, entry);
		if (!DAX_CUT_NAMES_ALL && split)
			xas_dax_cut_behind(&xas, mapping, index);
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

/* Returns whether the entry, which is clean, was removed. */
static bool xas_dax_invalidate(struct xa_state *xas,
		struct address_space *mapping, struct dax_entry entry)
{
	pgoff_t index = xas->xa_index;

	entry = xas_dax_lock(xas, entry);
	xas_unlock_irq(xas);
	/* nobody can pin it from here on; see dax_layout_busy_page_range() */
	unmap_mapping_pages(mapping, dax_entry_start(entry, index),
			    dax_entry_pages(entry), false);
	xas_dax_relock(xas);
	if (dax_entry_busy_page(entry)) {
		xas_dax_unlock(xas, dax_entry_unlocked(entry));
		return false;
	}
	dax_pages_dissociate(mapping, entry, index);
	xas_dax_remove(xas, mapping, entry);
	dax_cow_forgotten(mapping);
	return true;
}

/**
 * dax_invalidate_mapping_entry_sync() - remove an entry if it is clean
 * @mapping: the mapping
 * @index: index within the entry
 *
 * The caller unmaps its range, of which a PMD may reach out: what the entry covers
 * is unmapped here.  As with a page of the page cache that is in use, an entry stays
 * that is pinned.
 *
 * Context: Process context.  Waits for the entry lock.
 * Return: 1 if it was removed; 0 if it is dirty or pinned, or there is none.
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
		    xas_get_mark(&xas, PAGECACHE_TAG_TOWRITE))
			xas_dax_pass_on(&xas, entry);
		else
			removed = xas_dax_invalidate(&xas, mapping, entry);
	}
	xas_unlock_irq(&xas);
	return removed;
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
			    DAX_LOOKUP_FOUND) {
				xas_reset(&xas);
				continue;
			}
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
