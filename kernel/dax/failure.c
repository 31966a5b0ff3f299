// SPDX-License-Identifier: GPL-2.0
/*
 * What memory_failure() asks of DAX: a page that stays with its file while
 * processes are looked up, signalled and unmapped.
 *
 * memory_failure() follows page->mapping, and so tells the processes of one file,
 * the page's owner.  Filesystems that know all files of a block (XFS with rmapbt)
 * call mf_dax_kill_procs() for each.  For the others we do, for the files that
 * page.c has in its list: when memory_failure() lets go of the page of the owner,
 * in the same thread, so that one that consumed the poison through another file
 * finds its own signal there.
 */
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "lock.h"
#include "page.h"
#include "poison.h"
#include "trace.h"

/* What dax_lock_page() and dax_lock_mapping_entry() return besides an entry. */
#define DAX_COOKIE_FAILED	((dax_entry_t)0)
#define DAX_COOKIE_NOTHING	(~(dax_entry_t)0)

/* The sharers of a broken page, with a reference to the inode of each. */
struct dax_others {
	unsigned int nr;
	struct dax_place places[];
};

/*
 * Who tells other files of poison, and in which page.  By the time that a file is
 * told, it may have another page at that index, which is good; the one place to
 * see that is dax_lock_mapping_entry(), under the XArray's lock.
 */
static DEFINE_MUTEX(dax_telling);
static struct task_struct *dax_teller;
static unsigned long dax_told_pfn;

static dax_entry_t dax_cookie(struct dax_entry entry)
{
	return (dax_entry_t)entry.slot;
}

static struct dax_entry dax_cookie_entry(dax_entry_t cookie)
{
	return (struct dax_entry){ (void *)cookie };
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
	pgoff_t index;

	xas_lock_irq(&xas);
	if (!dax_page_index(page, mapping, &index)) {
		xas_unlock_irq(&xas);
		return false;
	}
	xas_set(&xas, index);
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
 * @failing: a page of a DAX device, with a dev_pagemap reference
 *
 * memory_failure()'s stand-in for lock_page(): until dax_unlock_page() the page
 * stays at page->mapping and page->index, and the inode is not freed.
 *
 * Pages of device-dax need no lock: the caller's reference to the dev_pagemap
 * keeps their inode.
 *
 * Context: Process context, no reference to the inode.  Sleeps.
 * Return: A cookie for dax_unlock_page(), or 0 if the page belongs to no file
 * at present.
 */
dax_entry_t dax_lock_page(dax_failing_t *failing)
{
	struct page *page = dax_failing_page(failing);
	dax_entry_t cookie = DAX_COOKIE_FAILED;
	struct address_space *mapping;

	/* Inodes are freed by RCU: mapping->host can be looked at inside. */
	rcu_read_lock();
	do {
		/*
		 * NULL before the first look, if the page is free, and after
		 * any sleep, if it was truncated meanwhile.
		 */
		mapping = READ_ONCE(page->mapping);
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

/*
 * Look up who is to be told, while the page is still held.  This may not fail: one
 * that met the poison and is not told goes back to the same load.
 */
static struct dax_others *dax_others_get(struct page *page)
{
	unsigned int i, nr = dax_page_sharers(page, NULL, 0);
	struct dax_others *others;

	if (likely(!nr))
		return NULL;
	/* the filesystem may wait for our entry: to evict the inode */
	others = kvmalloc(struct_size(others, places, nr),
			  GFP_NOFS | __GFP_NOFAIL);
	rcu_read_lock();
	others->nr = min(nr, dax_page_sharers(page, others->places, nr));
	for (i = 0; i < others->nr; i++)
		if (!igrab(others->places[i].mapping->host))
			others->places[i].mapping = NULL;
	rcu_read_unlock();
	return others;
}

static void dax_others_tell(struct dax_others *others, unsigned long pfn)
{
	unsigned int i;

	mutex_lock(&dax_telling);
	WRITE_ONCE(dax_told_pfn, pfn);
	WRITE_ONCE(dax_teller, current);
	for (i = 0; i < others->nr; i++)
		if (others->places[i].mapping)
			mf_dax_kill_procs(others->places[i].mapping,
					  others->places[i].index, 1, 0);
	WRITE_ONCE(dax_teller, NULL);
	mutex_unlock(&dax_telling);
}

static void dax_others_put(struct dax_others *others)
{
	unsigned int i;

	for (i = 0; i < others->nr; i++)
		if (others->places[i].mapping)
			iput(others->places[i].mapping->host);
	kvfree(others);
}

/* Is this the thread that tells of a page, at a place that has another one now? */
static bool dax_told_wrongly(unsigned long pfn)
{
	return READ_ONCE(dax_teller) == current &&
		READ_ONCE(dax_told_pfn) != pfn;
}

/**
 * dax_unlock_page() - undo dax_lock_page()
 * @failing: the same page
 * @cookie: what dax_lock_page() returned, not 0
 *
 * What is stored is the cookie.  The entry and its size are not derived from
 * the page again: it may be any page of a PMD, and neither PageHead nor its
 * neighbours tell.
 *
 * Tells the other files that have the page, if it was marked PG_hwpoison: no two
 * entries are locked at once, and the last reference to an inode is not put while
 * one is.
 *
 * Context: Process context, no locks of a filesystem.  Sleeps.
 */
void dax_unlock_page(dax_failing_t *failing, dax_entry_t cookie)
{
	struct page *page = dax_failing_page(failing);
	struct dax_others *others = NULL;

	dax_poison_note(page_to_pfn(page));
	if (cookie == DAX_COOKIE_NOTHING)
		return;
	if (IS_ENABLED(CONFIG_MEMORY_FAILURE) && PageHWPoison(page))
		others = dax_others_get(page);
	dax_cookie_unlock(page->mapping, *dax_page_indexp(page), cookie);
	if (others) {
		dax_others_tell(others, page_to_pfn(page));
		dax_others_put(others);
	}
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
		if (dax_entry_has_pages(entry) &&
		    !dax_told_wrongly(dax_entry_pfn_at(entry, index))) {
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
