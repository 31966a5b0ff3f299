// SPDX-License-Identifier: GPL-2.0
/*
 * What faults of a page and of a PMD have in common.
 *
 * A fault locks its entry, asks the filesystem for blocks, and maps them.  The
 * entry lock is outermost: blocks are looked up and mapped under it, so that
 * whoever invalidates the entry waits until both have been done.
 *
 * mmap_lock
 *   invalidate_lock, journal		(filesystem)
 *     entry lock
 *       filesystem's own locks in ->iomap_begin, ->iomap_end
 *       i_mmap_rwsem			(unmap of what was mapped before)
 *       page table lock
 *         XArray lock
 */
#include "step.h"
#include <linux/fs.h>
#include <linux/memcontrol.h>
#include <linux/vmstat.h>
#include <trace/events/fs_dax.h>
#include "around.h"
#include "cow.h"
#include "entry.h"
#include "hole.h"
#include "media.h"
#include "poison.h"
#include "trace.h"

/**
 * dax_fault_error() - result of a fault for an error of the device
 * @vmf: the fault
 * @iter: the filesystem's mapping of its page
 * @error: of dax_media_map() and its like
 *
 * For poison the process gets BUS_MCEERR_AR and the address, as from a machine check.
 * Where a driver has the same error for other things, poison is what a repair could
 * reach.
 *
 * Context: Process context.
 * Return: VM_FAULT_HWPOISON, VM_FAULT_OOM or VM_FAULT_SIGBUS.
 */
vm_fault_t dax_fault_error(struct vm_fault *vmf,
		const struct iomap_iter *iter, int error)
{
	loff_t pos = (loff_t)vmf->pgoff << PAGE_SHIFT;

	if (error != -DAX_EPOISON || !dax_media_is_there(&iter->iomap, pos) ||
	    !dax_media_is_there(&iter->srcmap, pos))
		return vmf_error(error);
	trace_dax_fault_poisoned(iter->inode, vmf);
	return VM_FAULT_HWPOISON;
}

/*
 * Unmap what the entry has had mapped for the fault's range; nobody maps it again
 * while it is locked.
 */
static void dax_fault_unmap(const struct dax_fault *f)
{
	if (dax_entry_kind(f->entry) == DAX_EMPTY)
		return;
	unmap_mapping_pages(f->iter->inode->i_mapping, f->xas->xa_index,
			    1UL << f->order, false);
}

/*
 * Find the pages for the fault, and if they take the place of shared ones, fill
 * them before anybody can see them.  Any error makes a PMD fall back to pages,
 * each of which then meets its own fate.
 */
static int dax_fault_media(struct dax_fault *f, dax_pfn_t *pfn)
{
	const struct iomap *iomap = &f->iter->iomap;
	loff_t pos = (loff_t)f->xas->xa_index << PAGE_SHIFT;
	unsigned long pages = 1UL << f->order;
	bool cow = f->write && dax_iter_is_cow(f->iter);
	void *kaddr;
	int error;
	long nr;

	nr = dax_media_map(iomap, pos, pages * PAGE_SIZE, DAX_ACCESS,
			   cow ? &kaddr : NULL, pfn);
	if (nr < 0)
		return nr;
	if (nr < pages || !IS_ALIGNED(dax_pfn(*pfn), pages))
		return -EINVAL;
	/* Only devmap tells get_user_pages() what a PMD without rmap is. */
	if (f->order && !dax_pfn_has_page(*pfn))
		return -EINVAL;

	if (!cow)
		return dax_good_pages(dax_pfn(*pfn), pages) < pages ?
			-DAX_EPOISON : 0;
	dax_poison_prepare(dax_pfn(*pfn), pages);
	/* a store to what is copied would be lost */
	dax_fault_unmap(f);
	dax_set_may_share(f->iter->inode->i_mapping);
	error = dax_cow_fill(f->iter, pos, pages * PAGE_SIZE, kaddr);
	if (error)
		return error;
	dax_poison_repaired(dax_pfn(*pfn), pages);
	return 0;
}

static vm_fault_t dax_fault_insert(struct dax_fault *f, dax_pfn_t pfn)
{
	struct vm_fault *vmf = f->vmf;
	vm_fault_t ret;

	if (DAX_MAPS_PMD && f->order)
		trace_dax_pmd_insert_mapping(f->iter->inode, vmf, PMD_SIZE, pfn,
					     f->entry.slot);
	else
		trace_dax_insert_mapping(f->iter->inode, vmf, f->entry.slot);
	ret = dax_map_insert(vmf, pfn, f->order, f->write);
	if (ret == VM_FAULT_NOPAGE && f->first != f->last)
		dax_around_map(f, pfn);
	return ret;
}

static vm_fault_t dax_fault_map(struct dax_fault *f)
{
	struct address_space *mapping = f->iter->inode->i_mapping;
	const struct iomap *iomap = &f->iter->iomap;
	bool sync = f->write && (f->vmf->vma->vm_flags & VM_SYNC) &&
		(iomap->flags & IOMAP_F_DIRTY);
	struct dax_entry new;
	dax_pfn_t pfn;
	int error, id;

	id = dax_read_lock();
	error = dax_fault_media(f, &pfn);
	dax_read_unlock(id);
	if (error)
		return f->order ? VM_FAULT_FALLBACK :
			dax_fault_error(f->vmf, f->iter, error);

	if (dax_entry_order(f->entry) > f->order &&
	    dax_entry_pfn_at(f->entry, f->xas->xa_index) != dax_pfn(pfn) &&
	    dax_entry_split(f->xas, &f->entry, GFP_NOFS))
		return VM_FAULT_OOM;

	new = dax_entry_make(dax_pfn(pfn), DAX_MEDIA, f->order);
	f->entry = dax_entry_set(f->xas, mapping, f->entry, new,
				 f->write && !sync);
	if (sync) {
		/* not before the metadata that leads to the block is durable */
		if (WARN_ON_ONCE(!f->pfnp))
			return VM_FAULT_SIGBUS;
		*f->pfnp = pfn;
		return VM_FAULT_NEEDDSYNC;
	}
	return dax_fault_insert(f, pfn);
}

/*
 * Resolve a fault from one mapping of the filesystem, which contains all of it.
 * VM_FAULT_NOPAGE is success, or to be tried again.
 */
static vm_fault_t dax_fault_step(struct dax_fault *f)
{
	const struct iomap *iomap = &f->iter->iomap;
	vm_fault_t ret;

	if (!f->write && dax_map_is_zero(iomap)) {
		if (DAX_MAPS_PMD && f->order)
			return dax_pmd_hole(f);
		ret = dax_fault_hole(f);
		if (ret == VM_FAULT_NOPAGE && f->first != f->last)
			dax_around_map_zeroes(f);
		return ret;
	}
	if (WARN_ON_ONCE(iomap->type != IOMAP_MAPPED))
		return f->order ? VM_FAULT_FALLBACK : VM_FAULT_SIGBUS;
	return dax_fault_map(f);
}

static vm_fault_t dax_fault_major(struct vm_fault *vmf)
{
	count_vm_event(PGMAJFAULT);
	count_memcg_event_mm(vmf->vma->vm_mm, PGMAJFAULT);
	return VM_FAULT_MAJOR;
}

/*
 * Ask for the window of a fault from its front on.  An extent there that does not
 * reach the page is none of the page's business, nor is an error: then ask again,
 * from the page on.
 */
static int dax_fault_ask(struct dax_fault *f, const struct iomap_ops *ops)
{
	loff_t pos = (loff_t)f->xas->xa_index << PAGE_SHIFT;
	struct iomap_iter *iter = f->iter;
	u64 end = iter->pos + iter->len;
	int ret = iomap_iter(iter, ops);

	if (iter->pos == pos ||
	    (ret > 0 && iter->pos + iomap_length(iter) > pos))
		return ret;
	/* nothing was processed, so that this is the end of it */
	if (ret > 0)
		iomap_iter(iter, ops);
	f->first = f->vmf->pgoff;
	*iter = (struct iomap_iter) {
		.inode	= iter->inode,
		.pos	= pos,
		.len	= end - pos,
		.flags	= iter->flags,
	};
	return iomap_iter(iter, ops);
}

/**
 * dax_fault_iterate() - ask the filesystem for blocks and map them
 * @f: the fault, with its entry locked
 * @ops: the filesystem's
 * @error: the filesystem's own error, 0 if there is none
 *
 * A read may ask for more than its page, to map what is around it.  It stops at
 * the extent that contains the page without having processed it, which is how to
 * leave the iterator early.
 *
 * Context: Process context, entry lock held.  Sleeps.
 * Return: VM_FAULT_NOPAGE if it is mapped, or is to be tried again;
 * VM_FAULT_NEEDDSYNC with the pfn in @f->pfnp; VM_FAULT_HWPOISON,
 * VM_FAULT_SIGBUS or VM_FAULT_OOM; VM_FAULT_FALLBACK for a PMD that has to be
 * done as pages; 0 if the filesystem had no mapping.
 */
vm_fault_t dax_fault_iterate(struct dax_fault *f, const struct iomap_ops *ops,
		int *error)
{
	loff_t pos = (loff_t)f->xas->xa_index << PAGE_SHIFT;
	size_t size = PAGE_SIZE << f->order;
	struct iomap_iter *iter = f->iter;
	vm_fault_t ret = 0;
	bool moved = false;

	*error = dax_fault_ask(f, ops);
	for (; *error > 0; *error = iomap_iter(iter, ops)) {
		/* of a PMD all pages, or it was not tried: dax_pmd_is_plain() */
		if (f->write)
			dax_take_new(iter, size);
		if (iter->pos + iomap_length(iter) < pos + size) {
			/* a block is a page, or there is no DAX */
			if (WARN_ON_ONCE(!f->order))
				dax_iter_took(iter, -EIO);
			else
				ret = VM_FAULT_FALLBACK;
			continue;
		}
		ret = dax_fault_step(f);
		if (ret & VM_FAULT_ERROR)
			continue;
		if (!f->order && (iter->iomap.flags & IOMAP_F_NEW))
			ret |= dax_fault_major(f->vmf);
		moved = f->write && dax_iter_is_cow(iter);
		if (f->write)
			dax_iter_took(iter, size);
	}
	/*
	 * After ->iomap_end has put the new block in place.  One in place of a hole shows
	 * by its entry, unless the fault failed and leaves none.
	 */
	if (moved || (f->write && dax_entry_kind(f->entry) == DAX_EMPTY))
		dax_cow_committed(iter->inode->i_mapping);
	return ret;
}
