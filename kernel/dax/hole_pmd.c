// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a hole, a PMD at a time.  Built only if CONFIG_FS_DAX_PMD.
 */
#include "hole.h"
#include <linux/huge_mm.h>
#include <linux/pgtable.h>
#include <asm/pgalloc.h>
#include <trace/events/fs_dax.h>
#include "entry.h"

/*
 * Put the huge zero page into an empty PMD.  Returns false if the PMD is no
 * longer empty.
 */
static bool dax_pmd_map_zero(struct vm_fault *vmf, struct page *zero,
		pgtable_t table)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;
	spinlock_t *ptl = pmd_lock(mm, vmf->pmd);
	bool empty = pmd_none(*vmf->pmd);

	if (empty) {
		if (table) {
			pgtable_trans_huge_deposit(mm, vmf->pmd, table);
			mm_inc_nr_ptes(mm);
		}
		set_pmd_at(mm, vmf->address & PMD_MASK, vmf->pmd,
			   pmd_mkhuge(mk_pmd(zero, vma->vm_page_prot)));
	}
	spin_unlock(ptl);
	return empty;
}

/**
 * dax_pmd_hole() - map the huge zero page for a read of a hole
 * @f: read fault of a PMD, with its entry locked
 *
 * Context: Process context, entry lock held.  Sleeps.
 * Return: VM_FAULT_NOPAGE, or VM_FAULT_FALLBACK.
 */
vm_fault_t dax_pmd_hole(struct dax_fault *f)
{
	struct inode *inode = f->iter->inode;
	struct vm_fault *vmf = f->vmf;
	pgtable_t table = NULL;
	dax_huge_zero_t *zero;
	struct page *page;

	zero = dax_huge_zero_get(vmf->vma->vm_mm);
	if (!zero)
		goto fallback;
	if (arch_needs_pgtable_deposit()) {
		table = pte_alloc_one(vmf->vma->vm_mm);
		if (!table)
			goto fallback;
	}

	page = dax_huge_zero_page(zero);
	f->entry = dax_entry_set(f->xas, inode->i_mapping, f->entry,
				 dax_entry_make(page_to_pfn(page), DAX_ZERO,
						DAX_PMD_ORDER), false);
	if (!dax_pmd_map_zero(vmf, page, table)) {
		if (table)
			pte_free(vmf->vma->vm_mm, table);
		goto fallback;
	}
	trace_dax_pmd_load_hole(inode, vmf, zero, f->entry.slot);
	return VM_FAULT_NOPAGE;

fallback:
	trace_dax_pmd_load_hole_fallback(inode, vmf, zero, f->entry.slot);
	return VM_FAULT_FALLBACK;
}
