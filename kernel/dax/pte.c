// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of a page, and the copy of one for a private mapping.
 */
#include "pte.h"
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/uaccess.h>
#include <trace/events/fs_dax.h>
#include "around.h"
#include "entry.h"
#include "media.h"
#include "step.h"

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
			return dax_fault_error(vmf, iter, nr);
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
	if (dax_pmd_is_leaf(*f->vmf->pmd))
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

/**
 * dax_pte_fault() - dax_iomap_fault() for a page
 * @vmf: the fault
 * @pfnp: as dax_iomap_fault()
 * @errp: as dax_iomap_fault()
 * @ops: as dax_iomap_fault()
 *
 * Context: As dax_iomap_fault().
 * Return: As dax_iomap_fault().
 */
vm_fault_t dax_pte_fault(struct vm_fault *vmf, dax_pfn_t *pfnp, int *errp,
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
