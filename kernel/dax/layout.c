// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks are about to be freed: Linux 7 has the core wait for pinned pages and remove
 * the entries, of which mm expects none when it truncates.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>
#include "entry.h"
#include "lock.h"
#include "media.h"
#include "page.h"

/*
 * Filesystems name all of a file where a part of it goes.  A page that stays, and that
 * was stored to, has no entry from here on by which fsync(2) could find it: make it
 * durable now.  Nobody has it mapped, nor can fault it.
 */
static void xas_dax_remove_durable(struct xa_state *xas,
		struct address_space *mapping, struct dax_entry entry)
{
	bool dirty = xas_get_mark(xas, PAGECACHE_TAG_DIRTY);
	unsigned long pfn = dax_entry_pfn(entry);

	if (dirty && dax_entry_has_pages(entry)) {
		entry = xas_dax_lock(xas, entry);
		xas_unlock_irq(xas);
		dax_flush_good_anyway(pfn, 1);
		xas_dax_relock(xas);
	}
	WARN_ON_ONCE(dax_pages_dissociate(mapping, entry, xas->xa_index));
	xas_dax_remove(xas, mapping, entry);
}

/**
 * dax_delete_mapping_range() - remove all entries of a range, whatever their state
 * @mapping: mapping that is truncated
 * @start: first byte
 * @end: last byte; LLONG_MAX for the end of the file
 *
 * Context: As dax_delete_mapping_entry(), nothing of the range mapped.  Waits for
 * entry locks.
 */
void dax_delete_mapping_range(struct address_space *mapping, loff_t start,
		loff_t end)
{
	XA_STATE(xas, &mapping->i_pages, start >> PAGE_SHIFT);
	pgoff_t last = end == LLONG_MAX ? ULONG_MAX : end >> PAGE_SHIFT;
	unsigned int scanned = 0;
	struct dax_entry entry;

	xas_lock_irq(&xas);
	xas_for_each(&xas, entry.slot, last) {
		if (xas_dax_get_unlocked(&xas, 0, &entry) != DAX_LOOKUP_FOUND) {
			xas_reset(&xas);
			continue;
		}
		xas_dax_remove_durable(&xas, mapping, entry);
		xas_dax_breathe(&xas, &scanned);
	}
	xas_unlock_irq(&xas);
}
EXPORT_SYMBOL_GPL(dax_delete_mapping_range);

/**
 * dax_break_layout() - wait for the pinned pages of a range, and remove its entries
 * @inode: the file
 * @start: first byte
 * @end: last byte; LLONG_MAX or -1 for the end of the file
 * @cb: sleeps without the locks of the filesystem; NULL: do not wait
 *
 * Context: Process context, i_rwsem and invalidate_lock held exclusively, which @cb
 * drops for a time: all is looked at again after it.
 * Return: 0 if no page of the range is pinned and no entry is left; -ERESTARTSYS if
 * one is and @cb is NULL, or a signal came.
 */
int dax_break_layout(struct inode *inode, loff_t start, loff_t end,
		void (cb)(struct inode *))
{
	struct address_space *mapping = inode->i_mapping;
	struct page *page;
	int error;

	if (!dax_mapping(mapping))
		return 0;
	while ((page = dax_layout_busy_page_range(mapping, start, end))) {
		if (!cb)
			return -ERESTARTSYS;
		error = ___wait_var_event(page, dax_page_is_idle(page),
					  TASK_INTERRUPTIBLE, 0, 0, cb(inode));
		if (error)
			return error;
	}
	dax_delete_mapping_range(mapping, start, end);
	return 0;
}
EXPORT_SYMBOL_GPL(dax_break_layout);

/**
 * dax_break_layout_final() - dax_break_layout() for an inode that goes
 * @inode: the file; nobody opens it any more
 *
 * Context: Process context, no locks.  Sleeps as long as a page is pinned.
 */
void dax_break_layout_final(struct inode *inode)
{
	struct address_space *mapping = inode->i_mapping;
	struct page *page;

	if (!dax_mapping(mapping))
		return;
	while ((page = dax_layout_busy_page(mapping)))
		wait_var_event(page, dax_page_is_idle(page));
	dax_delete_mapping_range(mapping, 0, LLONG_MAX);
}
EXPORT_SYMBOL_GPL(dax_break_layout_final);

/**
 * dax_folio_reset_order() - part a folio of a device into its pages
 * @folio: the folio; without references
 *
 * For drivers that take a device over.  This core makes no folio of more than a page,
 * but its like may have left some.
 *
 * Context: Nobody else can reach the folio.
 * Return: The order that it had.
 */
int dax_folio_reset_order(struct folio *folio)
{
	struct dev_pagemap *pgmap = page_pgmap(&folio->page);
	unsigned int order = folio_order(folio);
	unsigned long i;

	if (order)
		folio_reset_order(folio);
	for (i = 0; i < 1UL << order; i++) {
		struct page *page = pfn_to_page(folio_pfn(folio) + i);
		struct folio *part = (struct folio *)page;

		if (order) {
			ClearPageHead(page);
			clear_compound_head(page);
		}
		part->mapping = NULL;
		part->share = 0;
		part->pgmap = pgmap;
	}
	return order;
}
EXPORT_SYMBOL_GPL(dax_folio_reset_order);
