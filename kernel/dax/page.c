// SPDX-License-Identifier: GPL-2.0
/*
 * Pages and entries: which mapping a page belongs to, whether somebody has it
 * pinned, and how memory_failure() locks it.
 *
 * page->mapping and page->index lead from a page to its file.  A page of a block
 * that several files share (reflink) leads to none: page->mapping then is
 * PAGE_MAPPING_DAX_COW and page->index counts the entries that have the page.
 * dax_page_owner() is the one reader of page->mapping that knows about this.
 *
 * The XArray's lock does not suffice for shared pages, which lie in several
 * XArrays, so changes of the two fields are made under a lock of the page's
 * own, hashed by PMD.  It nests inside the XArray's lock.
 */
#include "internal.h"
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include "trace.h"

/* What dax_lock_page() and dax_lock_mapping_entry() return besides an entry. */
#define DAX_COOKIE_FAILED	((dax_entry_t)0)
#define DAX_COOKIE_NOTHING	(~(dax_entry_t)0)

#define DAX_SHARED_MAPPING	((struct address_space *)PAGE_MAPPING_DAX_COW)

#define DAX_PAGE_LOCK_BITS	6

static spinlock_t dax_page_locks[1 << DAX_PAGE_LOCK_BITS] = {
	[0 ... (1 << DAX_PAGE_LOCK_BITS) - 1] =
		__SPIN_LOCK_UNLOCKED(dax_page_locks),
};

static spinlock_t *dax_page_lock(unsigned long pfn)
{
	return &dax_page_locks[hash_long(pfn >> DAX_PMD_ORDER,
					 DAX_PAGE_LOCK_BITS)];
}

/* Entries without media behind them, and devices without pages, have none. */
static bool dax_entry_has_pages(struct dax_entry entry)
{
	return !IS_ENABLED(CONFIG_FS_DAX_LIMITED) &&
		dax_entry_kind(entry) == DAX_MEDIA;
}

static void dax_page_associate(struct page *page,
		struct address_space *mapping, pgoff_t index)
{
	if (likely(!page->mapping)) {
		page->index = index;
		WRITE_ONCE(page->mapping, mapping);
	} else if (page->mapping == DAX_SHARED_MAPPING) {
		page->index++;
	} else {
		/* the owner so far and us */
		WRITE_ONCE(page->mapping, DAX_SHARED_MAPPING);
		page->index = 2;
	}
}

static noinline void dax_page_dissociate_shared(struct page *page)
{
	if (WARN_ON_ONCE(page->mapping != DAX_SHARED_MAPPING) || --page->index)
		return;
	WRITE_ONCE(page->mapping, NULL);
}

static void dax_page_dissociate(struct page *page,
		struct address_space *mapping)
{
	if (unlikely(page->mapping != mapping)) {
		dax_page_dissociate_shared(page);
		return;
	}
	WRITE_ONCE(page->mapping, NULL);
	page->index = 0;
}

/**
 * dax_pages_associate() - tell the pages behind an entry where they belong
 * @mapping: the mapping
 * @entry: the entry
 * @index: an index within the entry
 *
 * Context: The XArray's lock is held: page->mapping of an unshared page changes
 * only under the lock of the mapping it names.
 */
void dax_pages_associate(struct address_space *mapping,
		struct dax_entry entry, pgoff_t index)
{
	unsigned long i, nr = dax_entry_pages(entry);
	struct page *page;
	spinlock_t *lock;

	if (!dax_entry_has_pages(entry))
		return;
	page = pfn_to_page(dax_entry_pfn(entry));
	index = dax_entry_start(entry, index);
	lock = dax_page_lock(dax_entry_pfn(entry));
	spin_lock(lock);
	for (i = 0; i < nr; i++)
		dax_page_associate(page + i, mapping, index + i);
	spin_unlock(lock);
}

/**
 * dax_pages_associate_some() - dax_pages_associate() for entries of one page
 * @mapping: the mapping
 * @pfn: first page frame
 * @index: index of that page
 * @pages: a bit for each page that has a new entry, bit 0 first; they are
 *	within one PMD of the device
 *
 * Context: As dax_pages_associate().
 */
void dax_pages_associate_some(struct address_space *mapping,
		unsigned long pfn, pgoff_t index, u64 pages)
{
	struct page *page = pfn_to_page(pfn);
	spinlock_t *lock = dax_page_lock(pfn);

	spin_lock(lock);
	for (; pages; pages >>= 1, page++, index++)
		if (pages & 1)
			dax_page_associate(page, mapping, index);
	spin_unlock(lock);
}

/**
 * dax_pages_dissociate() - undo dax_pages_associate()
 * @mapping: the mapping
 * @entry: the same entry, locked or not
 *
 * Context: As dax_pages_associate().
 * Return: True if one of the pages is pinned; see dax_entry_busy_page().
 */
bool dax_pages_dissociate(struct address_space *mapping,
		struct dax_entry entry)
{
	unsigned long nr = dax_entry_pages(entry);
	struct page *page, *end;
	spinlock_t *lock;
	int users = 0;

	if (!dax_entry_has_pages(entry))
		return false;
	page = pfn_to_page(dax_entry_pfn(entry));
	lock = dax_page_lock(dax_entry_pfn(entry));
	spin_lock(lock);
	for (end = page + nr; page < end; page++) {
		users |= page_ref_count(page);
		dax_page_dissociate(page, mapping);
	}
	spin_unlock(lock);
	return users > 1;
}

/**
 * dax_entry_busy_page() - find a page that somebody outside DAX uses
 * @entry: the entry
 *
 * A page of the device that nobody uses has one reference, its driver's.  More
 * of them are get_user_pages(): perhaps a device writes to it.
 *
 * Context: The XArray's lock is held.
 * Return: The first such page behind @entry, or NULL.
 */
struct page *dax_entry_busy_page(struct dax_entry entry)
{
	unsigned long nr = dax_entry_pages(entry);
	struct page *page, *end;

	if (!dax_entry_has_pages(entry))
		return NULL;
	page = pfn_to_page(dax_entry_pfn(entry));
	for (end = page + nr; page < end; page++)
		if (page_ref_count(page) > 1)
			return page;
	return NULL;
}

static dax_entry_t dax_cookie(struct dax_entry entry)
{
	return (dax_entry_t)entry.slot;
}

static struct dax_entry dax_cookie_entry(dax_entry_t cookie)
{
	return (struct dax_entry){ (void *)cookie };
}

/* The one mapping that a page belongs to; shared and free pages have none. */
static struct address_space *dax_page_owner(struct page *page)
{
	struct address_space *mapping = READ_ONCE(page->mapping);

	return mapping == DAX_SHARED_MAPPING ? NULL : mapping;
}

/*
 * Lock the entry of @page if @mapping still is its owner.  Returns false with
 * nothing held if the page moved or its entry was locked: look again.
 */
static bool dax_try_lock_page(struct page *page,
		struct address_space *mapping, dax_entry_t *cookie)
{
	XA_STATE(xas, &mapping->i_pages, 0);
	struct dax_entry entry;

	xas_lock_irq(&xas);
	if (mapping != dax_page_owner(page)) {
		xas_unlock_irq(&xas);
		return false;
	}
	/* Under the lock an owner has an entry, and it covers page->index. */
	xas_set(&xas, page->index);
	entry.slot = xas_load(&xas);
	if (WARN_ON_ONCE(!xa_is_value(entry.slot) ||
			 dax_entry_kind(entry) != DAX_MEDIA)) {
		xas_unlock_irq(&xas);
		*cookie = DAX_COOKIE_FAILED;
		return true;
	}
	if (dax_entry_is_locked(entry)) {
		/*
		 * The lock holder keeps the inode; RCU need not, and must not
		 * across a sleep.
		 */
		rcu_read_unlock();
		xas_dax_wait_and_leave(&xas, entry);
		rcu_read_lock();
		return false;
	}
	xas_dax_lock(&xas, entry);
	xas_unlock_irq(&xas);
	*cookie = dax_cookie(entry);
	return true;
}

/**
 * dax_lock_page() - keep a page with its mapping
 * @page: a page of a DAX device, with a dev_pagemap reference
 *
 * memory_failure()'s stand-in for lock_page(): until dax_unlock_page() the page
 * stays at page->mapping and page->index, and the inode is not freed.
 *
 * Pages of device-dax need no lock: the caller's reference to the dev_pagemap
 * keeps their inode.
 *
 * Context: Process context, no reference to the inode.  Sleeps.
 * Return: A cookie for dax_unlock_page(), or 0 if the page belongs to no file
 * at present or to several.
 */
dax_entry_t dax_lock_page(struct page *page)
{
	dax_entry_t cookie = DAX_COOKIE_FAILED;
	struct address_space *mapping;

	/* Inodes are freed by RCU: mapping->host can be looked at inside. */
	rcu_read_lock();
	do {
		/*
		 * NULL before the first look, if the page is free, and after
		 * any sleep, if it was truncated meanwhile.
		 */
		mapping = dax_page_owner(page);
		if (!mapping || !dax_mapping(mapping))
			break;
		if (S_ISCHR(mapping->host->i_mode)) {
			cookie = DAX_COOKIE_NOTHING;
			break;
		}
	} while (!dax_try_lock_page(page, mapping, &cookie));
	rcu_read_unlock();
	trace_dax_page_lock(page, cookie);
	return cookie;
}

static void dax_cookie_unlock(struct address_space *mapping, pgoff_t index,
		dax_entry_t cookie)
{
	XA_STATE(xas, &mapping->i_pages, index);

	xas_lock_irq(&xas);
	xas_dax_unlock(&xas, dax_cookie_entry(cookie));
	xas_unlock_irq(&xas);
}

/**
 * dax_unlock_page() - undo dax_lock_page()
 * @page: the same page
 * @cookie: what dax_lock_page() returned, not 0
 *
 * What is stored is the cookie.  The entry and its size are not derived from
 * the page again: it may be any page of a PMD, and neither PageHead nor its
 * neighbours tell.
 *
 * Context: Process context.
 */
void dax_unlock_page(struct page *page, dax_entry_t cookie)
{
	dax_poison_note(page_to_pfn(page));
	if (cookie != DAX_COOKIE_NOTHING)
		dax_cookie_unlock(page->mapping, page->index, cookie);
}

/**
 * dax_lock_mapping_entry() - lock what a file has at an index
 * @mapping: the file's mapping; the caller has a reference to the inode
 * @index: page offset in the file
 * @page: the page there; not touched if there is none
 *
 * For filesystems that find the files of a broken block themselves.
 *
 * Context: Process context.  Sleeps.
 * Return: A cookie for dax_unlock_mapping_entry(), which can stand for nothing
 * being there; 0 if this is not a DAX mapping.
 */
dax_entry_t dax_lock_mapping_entry(struct address_space *mapping,
		unsigned long index, struct page **page)
{
	XA_STATE(xas, &mapping->i_pages, index);
	dax_entry_t cookie = DAX_COOKIE_NOTHING;
	struct dax_entry entry;

	if (!dax_mapping(mapping))
		return DAX_COOKIE_FAILED;

	xas_lock_irq(&xas);
	if (xas_dax_get_unlocked(&xas, 0, &entry) == DAX_LOOKUP_FOUND) {
		if (dax_entry_has_pages(entry)) {
			xas_dax_lock(&xas, entry);
			*page = pfn_to_page(dax_entry_pfn_at(entry, index));
			cookie = dax_cookie(entry);
		} else {
			xas_dax_pass_on(&xas, entry);
		}
	}
	xas_unlock_irq(&xas);
	if (cookie != DAX_COOKIE_NOTHING)
		trace_dax_page_lock(*page, cookie);
	return cookie;
}

/**
 * dax_unlock_mapping_entry() - undo dax_lock_mapping_entry()
 * @mapping: the same mapping
 * @index: the same index
 * @cookie: what dax_lock_mapping_entry() returned, not 0
 *
 * Context: Process context.
 */
void dax_unlock_mapping_entry(struct address_space *mapping,
		unsigned long index, dax_entry_t cookie)
{
	if (cookie == DAX_COOKIE_NOTHING)
		return;
	dax_poison_note(dax_entry_pfn_at(dax_cookie_entry(cookie), index));
	dax_cookie_unlock(mapping, index, cookie);
}
