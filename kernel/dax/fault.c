// SPDX-License-Identifier: GPL-2.0
/*
 * Page faults.
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
#include "internal.h"
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/memcontrol.h>
#include <linux/uaccess.h>
#include <linux/vmstat.h>
#include <trace/events/fs_dax.h>
#include "trace.h"

/*
 * Result of a fault for an error of the device.  For poison the process gets
 * BUS_MCEERR_AR and the address, as from a machine check.  Where a driver has
 * the same error for other things, poison is what a repair could reach.
 */
static vm_fault_t dax_media_error(struct vm_fault *vmf,
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
 * A write to a private mapping: mm has a page for the copy.  The file's page is
 * read once and not mapped, so there is no entry to it, no more than for
 * read(2); the filesystem keeps truncation away from both.
 */
static vm_fault_t dax_private_copy_step(struct vm_fault *vmf,
		const struct iomap_iter *iter)
{
	vm_fault_t ret;
	void *from, *to;
	long nr;
	int id;

	if (WARN_ON_ONCE(!dax_map_is_zero(&iter->iomap) &&
			 iter->iomap.type != IOMAP_MAPPED))
		return VM_FAULT_SIGBUS;
	if (dax_map_is_zero(&iter->iomap)) {
		clear_user_highpage(vmf->cow_page, vmf->address);
	} else {
		id = dax_read_lock();
		nr = dax_media_map_good(&iter->iomap, iter->pos, PAGE_SIZE,
					&from);
		if (nr > 0) {
			to = kmap_local_page(vmf->cow_page);
			if (copy_mc_to_kernel(to, from, PAGE_SIZE))
				nr = -DAX_EPOISON;
			kunmap_local(to);
		}
		dax_read_unlock(id);
		if (nr < 0)
			return dax_media_error(vmf, iter, nr);
	}

	__SetPageUptodate(vmf->cow_page);
	ret = finish_fault(vmf);
	if (ret)
		return ret;
	/*
	 * Success without a page table: a PMD was mapped here meanwhile.  mm
	 * has to drop its page and look again.
	 */
	return vmf->pte ? VM_FAULT_DONE_COW : VM_FAULT_NOPAGE;
}

static vm_fault_t dax_private_copy(struct vm_fault *vmf,
		struct iomap_iter *iter, int *errp, const struct iomap_ops *ops)
{
	vm_fault_t ret = 0;
	int error;

	while ((error = iomap_iter(iter, ops)) > 0)
		ret = dax_private_copy_step(vmf, iter);
	if (errp)
		*errp = error;
	return ret || !error ? ret : vmf_error(error);
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
static int dax_fault_media(struct dax_fault *f, pfn_t *pfn)
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
	if (nr < pages || !IS_ALIGNED(pfn_t_to_pfn(*pfn), pages))
		return -EINVAL;
	/* Only devmap tells get_user_pages() what a PMD without rmap is. */
	if (f->order && !pfn_t_devmap(*pfn))
		return -EINVAL;

	if (!cow)
		return dax_good_pages(pfn_t_to_pfn(*pfn), pages) < pages ?
			-DAX_EPOISON : 0;
	dax_poison_prepare(pfn_t_to_pfn(*pfn), pages);
	/* a store to what is copied would be lost */
	dax_fault_unmap(f);
	dax_set_may_share(f->iter->inode->i_mapping);
	error = dax_cow_fill(f->iter, pos, pages * PAGE_SIZE, kaddr);
	if (error)
		return error;
	dax_poison_repaired(pfn_t_to_pfn(*pfn), pages);
	return 0;
}

static vm_fault_t dax_fault_insert(struct dax_fault *f, pfn_t pfn)
{
	struct vm_fault *vmf = f->vmf;
	vm_fault_t ret;

	if (IS_ENABLED(CONFIG_FS_DAX_PMD) && f->order) {
		trace_dax_pmd_insert_mapping(f->iter->inode, vmf, PMD_SIZE, pfn,
					     f->entry.slot);
		return vmf_insert_pfn_pmd(vmf, pfn, f->write);
	}

	trace_dax_insert_mapping(f->iter->inode, vmf, f->entry.slot);
	if (f->write)
		return vmf_insert_mixed_mkwrite(vmf->vma, vmf->address, pfn);
	ret = vmf_insert_mixed(vmf->vma, vmf->address, pfn);
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
	pfn_t pfn;
	int error, id;

	id = dax_read_lock();
	error = dax_fault_media(f, &pfn);
	dax_read_unlock(id);
	if (error)
		return f->order ? VM_FAULT_FALLBACK :
			dax_media_error(f->vmf, f->iter, error);

	if (dax_entry_order(f->entry) > f->order &&
	    dax_entry_pfn_at(f->entry, f->xas->xa_index) != pfn_t_to_pfn(pfn) &&
	    dax_entry_split(f->xas, &f->entry, GFP_NOFS))
		return VM_FAULT_OOM;

	new = dax_entry_make(pfn_t_to_pfn(pfn), DAX_MEDIA, f->order);
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

	if (!f->write && dax_map_is_zero(iomap)) {
		if (IS_ENABLED(CONFIG_FS_DAX_PMD) && f->order)
			return dax_pmd_hole(f);
		return dax_fault_hole(f);
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
	bool cow = false;

	*error = dax_fault_ask(f, ops);
	for (; *error > 0; *error = iomap_iter(iter, ops)) {
		/* of a PMD all pages, or it was not tried: dax_pmd_is_plain() */
		if (f->write)
			dax_take_new(iter, size);
		if (iter->pos + iomap_length(iter) < pos + size) {
			/* a block is a page, or there is no DAX */
			if (WARN_ON_ONCE(!f->order))
				iter->processed = -EIO;
			else
				ret = VM_FAULT_FALLBACK;
			continue;
		}
		ret = dax_fault_step(f);
		if (ret & VM_FAULT_ERROR)
			continue;
		if (!f->order && (iter->iomap.flags & IOMAP_F_NEW))
			ret |= dax_fault_major(f->vmf);
		cow = f->write && dax_iter_is_cow(iter);
		if (f->write)
			iter->processed = size;
	}
	/* after ->iomap_end has put the new block in place */
	if (cow)
		dax_cow_committed(iter->inode->i_mapping);
	return ret;
}

static vm_fault_t dax_fault_grab_error(enum dax_grab result)
{
	switch (result) {
	case DAX_GRAB_CONFLICT:
		return VM_FAULT_FALLBACK;
	case DAX_GRAB_NOMEM:
		return VM_FAULT_OOM;
	default:
		return VM_FAULT_SIGBUS;
	}
}

/*
 * Writeback takes an entry that may be written to out of the page table, and puts it
 * back write-protected, under the lock of the table (page_vma_mkclean_one()).  A load
 * that found none in between is no new use of the page: as long as it stays mapped,
 * the list of bad pages is none of its business.
 */
static bool dax_fault_is_settled(const struct dax_fault *f)
{
	spinlock_t *ptl;
	bool present;
	pte_t *pte;

	if (f->write)
		return false;
	pte = dax_pte_lock(f->vmf, f->vmf->address, &ptl);
	if (!pte)
		return false;
	present = pte_present(ptep_get(pte));
	dax_pte_unlock(pte, ptl);
	return present;
}

static vm_fault_t dax_pte_fault_locked(struct dax_fault *f, int *errp,
		const struct iomap_ops *ops)
{
	vm_fault_t ret;
	int error;

	/*
	 * A PMD may have been mapped here since mm looked, by a fault that got
	 * the entry first.  There is no page table to put a page in.
	 */
	if (pmd_trans_huge(*f->vmf->pmd) || pmd_devmap(*f->vmf->pmd))
		return VM_FAULT_NOPAGE;

	ret = dax_fault_iterate(f, ops, &error);
	if ((ret & VM_FAULT_HWPOISON) && dax_fault_is_settled(f))
		ret = VM_FAULT_NOPAGE;
	if (errp)
		*errp = error;
	if (!ret && error)
		ret = vmf_error(error);
	return ret;
}

static vm_fault_t dax_pte_fault(struct vm_fault *vmf, pfn_t *pfnp, int *errp,
		const struct iomap_ops *ops)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	XA_STATE(xas, &mapping->i_pages, vmf->pgoff);
	struct iomap_iter iter = {
		.inode	= mapping->host,
		.flags	= IOMAP_DAX | IOMAP_FAULT,
	};
	struct dax_fault f = {
		.vmf	= vmf,
		.xas	= &xas,
		.iter	= &iter,
		.first	= vmf->pgoff,
		.last	= vmf->pgoff,
		.write	= (vmf->flags & FAULT_FLAG_WRITE) && !vmf->cow_page,
		.pfnp	= pfnp,
	};
	pgoff_t pages = DIV_ROUND_UP_ULL(i_size_read(iter.inode), PAGE_SIZE);
	vm_fault_t ret = VM_FAULT_SIGBUS;
	enum dax_grab grab;

	trace_dax_pte_fault(iter.inode, vmf, (__force int)ret);
	/* The filesystem keeps truncation out: one look at the size will do. */
	if (vmf->pgoff >= pages)
		goto out;

	if (f.write)
		iter.flags |= IOMAP_WRITE;
	else if (!vmf->cow_page)
		dax_around_window(&f, pages);
	iter.pos = (loff_t)f.first << PAGE_SHIFT;
	iter.len = (u64)(f.last - f.first + 1) << PAGE_SHIFT;

	if (vmf->cow_page) {
		ret = dax_private_copy(vmf, &iter, errp, ops);
		goto out;
	}
	grab = dax_entry_grab(&xas, mapping, 0, &f.entry);
	if (grab != DAX_GRAB_OK) {
		ret = dax_fault_grab_error(grab);
		goto out;
	}
	ret = dax_pte_fault_locked(&f, errp, ops);
	dax_entry_release(&xas, mapping, f.entry);
out:
	trace_dax_pte_fault_done(iter.inode, vmf, (__force int)ret);
	return ret;
}

/**
 * dax_iomap_fault() - resolve a page fault on a DAX file
 * @vmf: the fault
 * @fault_size: size of the page table entry to fill, see dax_fault_order()
 * @pfnp: where to leave the page frame if dax_finish_sync_fault() is needed
 * @errp: where to leave the filesystem's own error, which VM_FAULT_SIGBUS would
 *	hide from it; NULL if it does not ask.  Written only if the filesystem
 *	was asked for the block of a page: a PMD falls back to pages
 * @ops: the filesystem's
 *
 * Context: Process context.  The filesystem holds truncation off
 * (invalidate_lock), and for a write to a shared mapping has a journal handle
 * where it needs one.  Sleeps.
 * Return: VM_FAULT_NOPAGE or VM_FAULT_DONE_COW, with VM_FAULT_MAJOR if a block
 * was allocated for a page; VM_FAULT_NEEDDSYNC: nothing is mapped, make the metadata
 * durable and call dax_finish_sync_fault(); VM_FAULT_FALLBACK: try the next
 * smaller size; VM_FAULT_HWPOISON: the page is poisoned; VM_FAULT_OOM;
 * VM_FAULT_SIGBUS: beyond the end of the file, or @errp tells.
 */
vm_fault_t dax_iomap_fault(struct vm_fault *vmf, dax_fault_size_t fault_size,
		pfn_t *pfnp, int *errp, const struct iomap_ops *ops)
{
	switch (dax_fault_order(fault_size)) {
	case 0:
		return dax_pte_fault(vmf, pfnp, errp, ops);
	case DAX_PMD_ORDER:
		if (IS_ENABLED(CONFIG_FS_DAX_PMD))
			return dax_pmd_fault(vmf, pfnp, ops);
		return VM_FAULT_FALLBACK;
	default:
		return VM_FAULT_FALLBACK;
	}
}
EXPORT_SYMBOL_GPL(dax_iomap_fault);
