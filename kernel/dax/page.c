// SPDX-License-Identifier: GPL-2.0
/*
 * Pages and entries: which files a page belongs to, and whether somebody has it
 * pinned.
 *
 * page->mapping and page->index lead from a page to its file, which is all that
 * mm looks at.  The page of a block that several files share (reflink), or that
 * one file has twice, has one of them there, its owner: the one that had it
 * first.  The others are in a list at page->private.  When the owner's entry
 * goes, one of the list becomes the owner, so that page->mapping is NULL only if
 * no file has the page.
 *
 * A page lies in several XArrays then, and the lock of none suffices.  The three
 * fields change under a lock of the page's own, hashed by PMD, which nests
 * inside the XArray's lock.  Three rules follow:
 *
 *   - Under the lock of an XArray and the page's, if the page names that mapping,
 *     as owner or in the list, the mapping has an entry that covers the index.
 *   - While that entry is locked, or the XArray's lock is held, the name stays.
 *   - So an owner stays the owner while its entry is locked, whatever other files
 *     do; without that, ownership can come to a mapping, but not leave it, without
 *     the lock of its XArray.
 */
#include "page.h"
#include <linux/hash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

/* One file that has a page besides the page's owner. */
struct dax_sharer {
	struct dax_sharer *next;
	struct dax_place place;
};

/*
 * A sharer was not put down for want of memory.  It then is not told of poison
 * in the page, and to find it missing is no error.
 */
static bool dax_sharer_lost;

#define DAX_PAGE_LOCK_BITS	6

/* @sharers: of all pages below this lock, lost ones included.  0: each has one file. */
struct dax_page_lock {
	spinlock_t lock;
	unsigned long sharers;
};

static struct dax_page_lock dax_page_locks[1 << DAX_PAGE_LOCK_BITS] = {
	[0 ... (1 << DAX_PAGE_LOCK_BITS) - 1] = {
		.lock = __SPIN_LOCK_UNLOCKED(dax_page_locks.lock),
	},
};

static struct dax_page_lock *dax_page_lock(unsigned long pfn)
{
	return &dax_page_locks[hash_long(pfn >> DAX_PMD_ORDER,
					 DAX_PAGE_LOCK_BITS)];
}

/**
 * dax_entry_has_pages() - are there pages behind an entry?
 * @entry: the entry
 *
 * Context: Any.
 * Return: False for entries without media, and on devices without pages.
 */
bool dax_entry_has_pages(struct dax_entry entry)
{
	return !IS_ENABLED(CONFIG_FS_DAX_LIMITED) &&
		dax_entry_kind(entry) == DAX_MEDIA;
}

static struct dax_sharer *dax_page_list(struct page *page)
{
	return (struct dax_sharer *)page_private(page);
}

static noinline void dax_page_share(struct dax_page_lock *lock, struct page *page,
		struct address_space *mapping, pgoff_t index)
{
	struct dax_sharer *sharer;

	lock->sharers++;
	sharer = kmalloc(sizeof(*sharer), GFP_ATOMIC | __GFP_NOWARN);
	if (!sharer) {
		WRITE_ONCE(dax_sharer_lost, true);
		return;
	}
	sharer->place = (struct dax_place){ mapping, index };
	sharer->next = dax_page_list(page);
	set_page_private(page, (unsigned long)sharer);
}

/* Take a sharer out of the list; false if it is not there. */
static noinline bool dax_page_unshare(struct dax_page_lock *lock,
		struct page *page, struct address_space *mapping, pgoff_t index)
{
	struct dax_sharer *sharer, *before = NULL;

	for (sharer = dax_page_list(page); sharer; sharer = sharer->next) {
		if (sharer->place.mapping == mapping &&
		    sharer->place.index == index)
			break;
		before = sharer;
	}
	if (!sharer)
		return false;
	if (before)
		before->next = sharer->next;
	else
		set_page_private(page, (unsigned long)sharer->next);
	kfree(sharer);
	lock->sharers--;
	return true;
}

static noinline void dax_page_inherit(struct dax_page_lock *lock,
		struct page *page)
{
	struct dax_sharer *heir = dax_page_list(page);

	*dax_page_indexp(page) = heir->place.index;
	WRITE_ONCE(page->mapping, heir->place.mapping);
	set_page_private(page, (unsigned long)heir->next);
	kfree(heir);
	lock->sharers--;
}

/* Of a page that may be shared. */
static void dax_page_dissociate(struct dax_page_lock *lock, struct page *page,
		struct address_space *mapping, pgoff_t index)
{
	if (unlikely(page->mapping != mapping || *dax_page_indexp(page) != index)) {
		WARN_ON_ONCE(!dax_page_unshare(lock, page, mapping, index) &&
			     !READ_ONCE(dax_sharer_lost));
		return;
	}
	if (unlikely(dax_page_list(page))) {
		dax_page_inherit(lock, page);
		return;
	}
	dax_page_forget(page);
}

/*
 * The pages of a PMD are most of what it costs to fault and to truncate it, and none can
 * be left out: get_futex_key() goes by the words of each.  So they are done by sixteen.
 */
#define DAX_UNROLL	16	/* as the pragmas below */

static void dax_page_own(struct dax_page_lock *lock, struct page *page,
		struct address_space *mapping, pgoff_t index)
{
	if (unlikely(page->mapping)) {
		dax_page_share(lock, page, mapping, index);
		return;
	}
	*dax_page_indexp(page) = index;
	WRITE_ONCE(page->mapping, mapping);
}

static void dax_pages_own(struct dax_page_lock *lock, struct page *page,
		unsigned long nr, struct address_space *mapping, pgoff_t index)
{
	struct page *end = page + nr;
	int i;

	for (; end - page >= DAX_UNROLL; page += DAX_UNROLL, index += DAX_UNROLL) {
#pragma GCC unroll 16
		for (i = 0; i < DAX_UNROLL; i++)
			dax_page_own(lock, page + i, mapping, index + i);
	}
	for (; page < end; page++, index++)
		dax_page_own(lock, page, mapping, index);
}

/* Of pages that are not shared, or this would not be the only file.  Returns users. */
static int dax_pages_disown(struct page *page, unsigned long nr)
{
	struct page *end = page + nr;
	int i, users = 0;

	for (; end - page >= DAX_UNROLL; page += DAX_UNROLL) {
#pragma GCC unroll 16
		for (i = 0; i < DAX_UNROLL; i++) {
			users |= dax_page_users(page + i);
			dax_page_forget(page + i);
		}
	}
	for (; page < end; page++) {
		users |= dax_page_users(page);
		dax_page_forget(page);
	}
	return users;
}

/**
 * dax_pages_associate() - tell the pages behind an entry where they belong
 * @mapping: the mapping
 * @entry: the entry
 * @index: an index within the entry
 *
 * Context: The lock of @mapping's XArray is held with interrupts off, without a
 * break from here until the entry is stored.
 */
void dax_pages_associate(struct address_space *mapping,
		struct dax_entry entry, pgoff_t index)
{
	struct dax_page_lock *lock;
	struct page *page;

	if (!dax_entry_has_pages(entry))
		return;
	page = pfn_to_page(dax_entry_pfn(entry));
	index = dax_entry_start(entry, index);
	lock = dax_page_lock(dax_entry_pfn(entry));
	spin_lock(&lock->lock);
	dax_pages_own(lock, page, dax_entry_pages(entry), mapping, index);
	spin_unlock(&lock->lock);
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
	struct dax_page_lock *lock = dax_page_lock(pfn);
	struct page *page = pfn_to_page(pfn);

	spin_lock(&lock->lock);
	for (; pages; pages >>= 1, page++, index++)
		if (pages & 1)
			dax_page_own(lock, page, mapping, index);
	spin_unlock(&lock->lock);
}

/**
 * dax_pages_dissociate() - undo dax_pages_associate()
 * @mapping: the mapping
 * @entry: the same entry, locked or not
 * @index: an index within the entry
 *
 * Context: As dax_pages_associate(), until the entry is removed or replaced.
 * Return: True if one of the pages is pinned; see dax_entry_busy_page().
 */
bool dax_pages_dissociate(struct address_space *mapping,
		struct dax_entry entry, pgoff_t index)
{
	unsigned long i, nr = dax_entry_pages(entry);
	struct dax_page_lock *lock;
	struct page *page;
	int users = 0;

	if (!dax_entry_has_pages(entry))
		return false;
	page = pfn_to_page(dax_entry_pfn(entry));
	index = dax_entry_start(entry, index);
	lock = dax_page_lock(dax_entry_pfn(entry));
	spin_lock(&lock->lock);
	if (likely(!lock->sharers)) {
		users = dax_pages_disown(page, nr);
	} else {
		for (i = 0; i < nr; i++) {
			users |= dax_page_users(page + i);
			dax_page_dissociate(lock, page + i, mapping, index + i);
		}
	}
	spin_unlock(&lock->lock);
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
	int i, users = 0;

	if (!dax_entry_has_pages(entry))
		return NULL;
	page = pfn_to_page(dax_entry_pfn(entry));
	end = page + nr;
	for (; end - page >= DAX_UNROLL && users <= 1; page += DAX_UNROLL) {
#pragma GCC unroll 16
		for (i = 0; i < DAX_UNROLL; i++)
			users |= dax_page_users(page + i);
	}
	/* one of those that were looked at last */
	if (users > 1)
		page -= DAX_UNROLL;
	for (; page < end; page++)
		if (dax_page_users(page) > 1)
			return page;
	return NULL;
}

/**
 * dax_page_index() - where in a mapping its owner has a page
 * @page: a page of a DAX device
 * @mapping: the mapping
 * @index: the index
 *
 * Context: The lock of @mapping's XArray is held, by which the answer holds.
 * Return: True if @mapping is the owner, which then has an entry there.
 */
bool dax_page_index(struct page *page, struct address_space *mapping,
		pgoff_t *index)
{
	struct dax_page_lock *lock = dax_page_lock(page_to_pfn(page));
	bool owner;

	/* two words that another owner's file can change together */
	spin_lock(&lock->lock);
	owner = page->mapping == mapping;
	*index = *dax_page_indexp(page);
	spin_unlock(&lock->lock);
	return owner;
}

/**
 * dax_page_sharers() - who has a page besides its owner
 * @page: a page of a DAX device
 * @places: room for @max of them; NULL if that is 0
 * @max: how many are wanted
 *
 * Context: Takes the page lock.  Under RCU, if the mappings are to be looked at:
 * nothing else keeps their inodes.
 * Return: How many there are, which may be more than @max.
 */
unsigned int dax_page_sharers(struct page *page, struct dax_place *places,
		unsigned int max)
{
	struct dax_page_lock *lock = dax_page_lock(page_to_pfn(page));
	struct dax_sharer *sharer;
	unsigned int n = 0;

	/* nests in an XArray's lock, which interrupts can take */
	spin_lock_irq(&lock->lock);
	for (sharer = dax_page_list(page); sharer; sharer = sharer->next, n++)
		if (n < max)
			places[n] = sharer->place;
	spin_unlock_irq(&lock->lock);
	return n;
}
