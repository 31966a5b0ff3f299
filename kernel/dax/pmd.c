// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that fill a PMD.  Built only if CONFIG_FS_DAX_PMD.
 */
#include "pmd.h"
#include <linux/huge_mm.h>
#include <linux/pgtable.h>
#include <linux/vmstat.h>
#include <trace/events/fs_dax.h>
#include "entry.h"
#include "poison.h"
#include "step.h"

/* Can a PMD be mapped here at all? */
static bool dax_pmd_fits(struct vm_fault *vmf, pgoff_t pages, bool write)
{
	unsigned long start = vmf->address & PMD_MASK;
	struct vm_area_struct *vma = vmf->vma;

	/* the file's PMDs have to be the address space's */
	if ((vmf->pgoff ^ (vmf->address >> PAGE_SHIFT)) & (DAX_PMD_PAGES - 1))
		return false;
	/* private copies are made a page at a time */
	if (write && !(vma->vm_flags & VM_SHARED))
		return false;
	if (start < vma->vm_start || start + PMD_SIZE > vma->vm_end)
		return false;
	/* pages beyond the end of the file must not become accessible */
	return (vmf->pgoff | (DAX_PMD_PAGES - 1)) < pages;
}

/*
 * Is a PMD's range all hole, or all unwritten, or all written?  If not, and there are
 * marked pages, a filesystem's word that blocks are new does not say which, so that its
 * pages are to be asked for one at a time: dax_take_new().  A page that is marked from
 * here on has an entry, which this PMD would have met.
 */
static bool dax_pmd_is_plain(const struct dax_fault *f,
		const struct iomap_ops *ops)
{
	struct iomap_iter iter = {
		.inode	= f->iter->inode,
		.pos	= f->iter->pos,
		.len	= f->iter->len,
		.flags	= IOMAP_DAX | IOMAP_FAULT | IOMAP_ZERO,
	};
	bool plain;

	if (likely(!f->write || !READ_ONCE(dax_poison_seen)))
		return true;
	if (iomap_iter(&iter, ops) <= 0)
		return false;
	plain = iomap_length(&iter) == PMD_SIZE;
	/* nothing was processed, so that this is the end of it */
	iomap_iter(&iter, ops);
	return plain;
}

static vm_fault_t dax_pmd_fault_locked(struct dax_fault *f,
		const struct iomap_ops *ops)
{
	pmd_t pmd = READ_ONCE(*f->vmf->pmd);
	vm_fault_t ret;
	int error;

	/*
	 * A fault of a page may have put a page table here since mm looked.
	 * Success means to look again.
	 */
	if (!pmd_none(pmd) && !pmd_trans_huge(pmd) && !pmd_devmap(pmd))
		return 0;

	if (!dax_pmd_is_plain(f, ops))
		return VM_FAULT_FALLBACK;
	ret = dax_fault_iterate(f, ops, &error);
	if (!ret)
		ret = VM_FAULT_FALLBACK;
	return ret;
}

static vm_fault_t dax_pmd_try(struct dax_fault *f, const struct iomap_ops *ops)
{
	struct address_space *mapping = f->iter->inode->i_mapping;
	vm_fault_t ret;

	/*
	 * A smaller entry in the range, and no memory, are both reasons to go
	 * on with pages.
	 */
	if (dax_entry_grab(f->xas, mapping, DAX_PMD_ORDER,
			   &f->entry) != DAX_GRAB_OK)
		return VM_FAULT_FALLBACK;
	ret = dax_pmd_fault_locked(f, ops);
	dax_entry_release(f->xas, mapping, f->entry);
	return ret;
}

/**
 * dax_pmd_fault() - dax_iomap_fault() for a PMD
 * @vmf: the fault
 * @pfnp: as dax_iomap_fault()
 * @ops: as dax_iomap_fault()
 *
 * Context: As dax_iomap_fault().
 * Return: As dax_iomap_fault(); VM_FAULT_FALLBACK for everything that can be
 * left to the fault of a page.
 */
vm_fault_t dax_pmd_fault(struct vm_fault *vmf, dax_pfn_t *pfnp,
		const struct iomap_ops *ops)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	XA_STATE_ORDER(xas, &mapping->i_pages, vmf->pgoff, DAX_PMD_ORDER);
	bool write = vmf->flags & FAULT_FLAG_WRITE;
	struct iomap_iter iter = {
		.inode	= mapping->host,
		.pos	= (loff_t)xas.xa_index << PAGE_SHIFT,
		.len	= PMD_SIZE,
		.flags	= IOMAP_DAX | IOMAP_FAULT | (write ? IOMAP_WRITE : 0),
	};
	struct dax_fault f = {
		.vmf	= vmf,
		.xas	= &xas,
		.iter	= &iter,
		.order	= DAX_PMD_ORDER,
		.write	= write,
		.pfnp	= pfnp,
	};
	pgoff_t pages = DIV_ROUND_UP_ULL(i_size_read(iter.inode), PAGE_SIZE);
	vm_fault_t ret = VM_FAULT_FALLBACK;

	trace_dax_pmd_fault(iter.inode, vmf, pages, (__force int)ret);
	/* not a fallback: the page's fault would say the same, again and again */
	if (vmf->pgoff >= pages)
		ret = VM_FAULT_SIGBUS;
	else if (dax_pmd_fits(vmf, pages, write))
		ret = dax_pmd_try(&f, ops);

	if (ret & VM_FAULT_FALLBACK) {
		split_huge_pmd(vmf->vma, vmf->pmd, vmf->address);
		count_vm_event(THP_FAULT_FALLBACK);
	}
	trace_dax_pmd_fault_done(iter.inode, vmf, pages, (__force int)ret);
	return ret;
}
