// SPDX-License-Identifier: GPL-2.0
/*
 * The life of an entry: it is made or found and locked by a fault, gets its
 * pages, is unlocked, is tagged dirty and clean, and is removed.
 *
 * mapping->nrpages counts the pages that entries cover, whatever is behind
 * them: writeback of a mapping starts only if that is not 0.
 */
#include "entry.h"
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include "lock.h"
#include "page.h"

/**
 * xas_dax_remove() - take an entry out of its mapping
 * @xas: cursor at the entry
 * @mapping: the mapping
 * @entry: the entry, whose pages are no longer associated
 *
 * Wakes all who wait: what they wait for will not come back, so each must look
 * again for itself.
 *
 * Context: The XArray's lock is held and is not dropped.
 */
void xas_dax_remove(struct xa_state *xas, struct address_space *mapping,
		struct dax_entry entry)
{
	xas_store(xas, NULL);
	mapping->nrpages -= dax_entry_pages(entry);
	xas_dax_wake_all(xas, entry);
}

/**
 * xas_dax_breathe() - let others have the lock in a walk over many entries
 * @xas: cursor of the walk, at the entry that was just dealt with
 * @scanned: entries dealt with so far, counted here; begins at 0
 *
 * Context: The XArray's lock is held; it is dropped and taken again once in
 * XA_CHECK_SCHED entries, and the walk goes on behind this one.  May sleep.
 */
void xas_dax_breathe(struct xa_state *xas, unsigned int *scanned)
{
	if (++*scanned % XA_CHECK_SCHED == 0) {
		xas_pause(xas);
		xas_unlock_irq(xas);
		cond_resched();
		xas_lock_irq(xas);
	}
}

/*
 * A PMD over a hole gives way to a fault of one page.  Its zero page is unmapped
 * first; the entry is locked meanwhile, so that nobody maps it again.
 */
static struct dax_entry xas_dax_drop_pmd(struct xa_state *xas,
		struct address_space *mapping, struct dax_entry entry)
{
	pgoff_t index = xas->xa_index;

	if (dax_entry_kind(entry) == DAX_ZERO) {
		xas_dax_lock(xas, entry);
		xas_unlock_irq(xas);
		unmap_mapping_pages(mapping, dax_entry_start(entry, index),
				    dax_entry_pages(entry), false);
		xas_dax_relock(xas);
	}
	xas_dax_remove(xas, mapping, entry);
	xas_set(xas, index);
	return DAX_NO_ENTRY;
}

static enum dax_grab xas_dax_grab(struct xa_state *xas,
		struct address_space *mapping, unsigned int order,
		struct dax_entry *entry)
{
	switch (xas_dax_get_unlocked(xas, order, entry)) {
	case DAX_LOOKUP_CONFLICT:
		xas_dax_pass_on(xas, *entry);
		return DAX_GRAB_CONFLICT;
	case DAX_LOOKUP_FOREIGN:
		return DAX_GRAB_FOREIGN;
	case DAX_LOOKUP_FOUND:
		if (dax_entry_order(*entry) > order &&
		    dax_entry_kind(*entry) != DAX_MEDIA)
			*entry = xas_dax_drop_pmd(xas, mapping, *entry);
		break;
	case DAX_LOOKUP_NONE:
		break;
	}

	if (dax_entry_exists(*entry)) {
		*entry = xas_dax_lock(xas, *entry);
		return DAX_GRAB_OK;
	}
	*entry = xas_dax_lock(xas, dax_entry_make(0, DAX_EMPTY, order));
	if (xas_error(xas))
		return DAX_GRAB_NOMEM;
	mapping->nrpages += 1UL << order;
	return DAX_GRAB_OK;
}

/*
 * A store that has no memory for a node leaves those that it has made above, and
 * without an entry they would outlive the mapping.
 */
static void dax_prune(struct xarray *xa, pgoff_t index)
{
	struct dax_entry entry = dax_entry_make(0, DAX_EMPTY, 0);
	XA_STATE(xas, xa, index);
	struct xa_node *node;

	xas_lock_irq(&xas);
	xas_load(&xas);
	node = xas.xa_node;
	if (!xas_not_node(node) && !node->count) {
		/* as large as a slot, it needs no memory, and takes the node along */
		xas.xa_shift = node->shift;
		xas_store(&xas, dax_entry_locked(entry).slot);
		xas_store(&xas, NULL);
	}
	xas_unlock_irq(&xas);
}

/**
 * dax_entry_grab() - find or make the entry for a fault and lock it
 * @xas: cursor at the index of the fault, of its order
 * @mapping: the mapping
 * @order: 0 or DAX_PMD_ORDER
 * @entry: the entry, locked; it can be larger than asked for, and then it has
 *	media behind it
 *
 * Context: Process context.  Takes and releases the XArray's lock, sleeps.
 * Return: DAX_GRAB_OK, and then the caller must call dax_entry_release(); else
 * nothing is held.
 */
enum dax_grab dax_entry_grab(struct xa_state *xas,
		struct address_space *mapping, unsigned int order,
		struct dax_entry *entry)
{
	gfp_t gfp = mapping_gfp_mask(mapping) & ~__GFP_HIGHMEM;
	enum dax_grab result;

	do {
		xas_lock_irq(xas);
		result = xas_dax_grab(xas, mapping, order, entry);
		xas_unlock_irq(xas);
	} while (xas_nomem(xas, gfp));
	if (result == DAX_GRAB_NOMEM)
		dax_prune(xas->xa, xas->xa_index);
	return result;
}

/* Does @new, a page or PMD at @index, say something that @old does not? */
static bool dax_entry_differs(struct dax_entry old, struct dax_entry new,
		pgoff_t index)
{
	if (dax_entry_kind(old) != dax_entry_kind(new))
		return true;
	/* the zero page depends on the address that faulted: any one will do */
	if (dax_entry_kind(new) == DAX_ZERO)
		return false;
	return dax_entry_pfn_at(old, index) != dax_entry_pfn_at(new, index);
}

/**
 * dax_entry_set() - put what a fault found out into the entry it has locked
 * @xas: cursor with which the entry was locked
 * @mapping: the mapping
 * @old: the entry, locked by the caller; not larger than @new, unless it has
 *	the same page at this index
 * @new: what the filesystem says now
 * @dirty: the caller maps it writable, and nothing was written to the journal
 *	for it that dax_finish_sync_fault() would wait for
 *
 * Where another page was behind the entry (the zero page of a hole that now has
 * a block, or a shared block that was copied), it is unmapped everywhere before
 * the new one is published.  The entry lock keeps faults from mapping the old
 * one again in between.
 *
 * Context: Process context.  Takes and releases the XArray's lock, sleeps.
 * Return: The entry as it is stored now, still locked.
 */
struct dax_entry dax_entry_set(struct xa_state *xas,
		struct address_space *mapping, struct dax_entry old,
		struct dax_entry new, bool dirty)
{
	pgoff_t index = xas->xa_index;
	bool differs = dax_entry_differs(old, new, index);

	if (differs && dax_entry_kind(old) != DAX_EMPTY)
		unmap_mapping_pages(mapping, dax_entry_start(old, index),
				    dax_entry_pages(old), false);
	if (!differs && !dirty)
		return old;

	xas_dax_relock(xas);
	if (differs) {
		new = dax_entry_locked(new);
		dax_pages_dissociate(mapping, old, index);
		dax_pages_associate(mapping, new, index);
		WARN_ON_ONCE(xas_dax_replace(xas, new).slot != old.slot);
		old = new;
	}
	if (dirty)
		xas_set_mark(xas, PAGECACHE_TAG_DIRTY);
	xas_unlock_irq(xas);
	/* after the tag: writeback that finds none takes the inode for clean */
	if (dirty)
		__mark_inode_dirty(mapping->host, I_DIRTY_PAGES);
	return old;
}

/**
 * dax_entry_release() - end what dax_entry_grab() began
 * @xas: cursor with which the entry was locked
 * @mapping: the mapping
 * @entry: the entry, locked by the caller
 *
 * An entry that stayed empty is removed: it would keep PMDs away for nothing.
 *
 * Context: Process context.  Takes and releases the XArray's lock.
 */
void dax_entry_release(struct xa_state *xas, struct address_space *mapping,
		struct dax_entry entry)
{
	xas_dax_relock(xas);
	if (dax_entry_kind(entry) == DAX_EMPTY)
		xas_dax_remove(xas, mapping, entry);
	else
		xas_dax_unlock(xas, dax_entry_unlocked(entry));
	xas_unlock_irq(xas);
}

/**
 * xas_dax_fill_node() - xas_dax_fill() where there is no leaf
 * @xas: as xas_dax_fill()
 * @new: as xas_dax_fill()
 *
 * The leaf is left to xas_store(), but no more than one empty node: of two, the
 * second may not be had, and the first would stay for good.
 *
 * Context: As xas_dax_fill().
 * Return: As xas_dax_fill().
 */
bool xas_dax_fill_node(struct xa_state *xas, struct dax_entry new)
{
	struct xa_node *node = xas->xa_node;

	/* where the tree has to grow, what it was is in the nodes on top */
	if (xas_not_node(node) ? xas->xa_index >> (2 * XA_CHUNK_SHIFT) != 0 :
				 node->shift > XA_CHUNK_SHIFT)
		return false;
	xas_store(xas, new.slot);
	return !xas_error(xas);
}

/*
 * Nodes for a split of a PMD's slot into 512, a level of the XArray at a time, as
 * xas_split() can go no further.  False if there was no memory.
 */
static bool xas_dax_split_alloc(struct xa_state *xas, struct dax_entry entry,
		gfp_t gfp)
{
	pgoff_t start = xas->xa_index;
	unsigned int order, next;
	unsigned long i;

	/* the nodes wait at the cursor, in a list */
	for (order = DAX_PMD_ORDER; order; order = next) {
		next = (order - 1) / XA_CHUNK_SHIFT * XA_CHUNK_SHIFT;
		xas_set_order(xas, start, next);
		for (i = 0; i < DAX_PMD_PAGES >> order; i++) {
			xas_split_alloc(xas, entry.slot, order, gfp);
			if (xas_error(xas))
				return false;
		}
	}
	return true;
}

/* With the XArray's lock held.  The marks of the PMD become those of each page. */
static void xas_dax_split(struct xa_state *xas, struct dax_entry entry)
{
	pgoff_t start = xas->xa_index;
	unsigned int order, next;
	unsigned long i;

	for (order = DAX_PMD_ORDER; order; order = next) {
		next = (order - 1) / XA_CHUNK_SHIFT * XA_CHUNK_SHIFT;
		for (i = 0; i < DAX_PMD_PAGES; i += 1UL << order) {
			xas_set_order(xas, start + i, next);
			xas_split(xas, entry.slot, order);
		}
	}
}

/**
 * dax_entry_split() - let the pages of a PMD take its place
 * @xas: cursor with which the entry was locked, of a page
 * @entry: the entry, locked by the caller, with media behind it; afterwards that of
 *	the page at the cursor, locked as well
 * @gfp: for the nodes of the XArray
 *
 * One page of it gets another block, or is cut off.  Nothing is lost of the others:
 * that they are dirty, that they are mapped, and that they are pinned, which
 * truncation finds by way of entries alone.  Their entries are not locked.
 *
 * Context: Process context.  Takes and releases the XArray's lock, sleeps.
 * Return: 0; -ENOMEM, and nothing has changed.
 */
int dax_entry_split(struct xa_state *xas, struct dax_entry *entry, gfp_t gfp)
{
	pgoff_t index = xas->xa_index, start = dax_entry_start(*entry, index);
	struct dax_entry old = *entry, new;
	XA_STATE(pages, xas->xa, start);
	unsigned long i;

	if (!xas_dax_split_alloc(&pages, old, gfp))
		return -ENOMEM;

	xas_lock_irq(&pages);
	xas_dax_split(&pages, old);
	xas_set(&pages, start);
	xas_load(&pages);
	for (i = 0; i < DAX_PMD_PAGES; i++, xas_next(&pages)) {
		new = dax_entry_make(dax_entry_pfn(old) + i, DAX_MEDIA, 0);
		if (start + i == index)
			*entry = new = dax_entry_locked(new);
		xas_store(&pages, new.slot);
	}
	xas_set(xas, index);
	xas_load(xas);
	xas_dax_wake_all(xas, old);
	xas_unlock_irq(&pages);
	return 0;
}
