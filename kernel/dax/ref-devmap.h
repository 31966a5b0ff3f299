/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages and page tables as Linux 6 has them.
 *
 * A page of a device has one reference, its driver's, for all of its life.  To map it
 * adds none, nor does mm count how often it is mapped; a bit of the page table entry
 * (devmap) says what it is to get_user_pages(), which adds one.
 *
 * For kernel/compat's header of a version, which includes this file or ref-folio.h.
 */
#ifndef FS_DAX_REF_H
#define FS_DAX_REF_H

#include <linux/huge_mm.h>
#include <linux/iomap.h>
#include <linux/mm.h>
#include <linux/pfn_t.h>
#include <linux/pgtable.h>

/* What a driver says of a page frame, and is left to dax_finish_sync_fault(). */
typedef pfn_t dax_pfn_t;

static inline unsigned long dax_pfn(dax_pfn_t pfn)
{
	return pfn_t_to_pfn(pfn);
}

/* Is there a struct page that can be pinned? */
static inline bool dax_pfn_has_page(dax_pfn_t pfn)
{
	return pfn_t_devmap(pfn);
}

/* Can a PMD be mapped as such? */
#define DAX_MAPS_PMD	IS_ENABLED(CONFIG_FS_DAX_PMD)

/* Where a page has the place in its owner's file. */
static inline pgoff_t *dax_page_indexp(struct page *page)
{
	return &page->index;
}

/* No file has the page any more; nobody asks for its place then. */
static inline void dax_page_forget(struct page *page)
{
	WRITE_ONCE(page->mapping, NULL);
}

/* 1 if nobody uses the page besides its driver and who has it mapped. */
static inline int dax_page_users(struct page *page)
{
	/* as atomic_read(), which for a PMD costs 512 instructions more */
	return data_race(page->_refcount.counter);
}

/* Does @pmd map something, in place of a page table? */
static inline bool dax_pmd_is_leaf(pmd_t pmd)
{
	return pmd_trans_huge(pmd) || pmd_devmap(pmd);
}

/*
 * Map @pfn, a page or a PMD by @order, where @vmf asks for it.  Returns what the
 * handler of a fault does.
 */
static inline vm_fault_t dax_map_insert(struct vm_fault *vmf, dax_pfn_t pfn,
		unsigned int order, bool write)
{
	if (DAX_MAPS_PMD && order)
		return vmf_insert_pfn_pmd(vmf, pfn, write);
	if (write)
		return vmf_insert_mixed_mkwrite(vmf->vma, vmf->address, pfn);
	return vmf_insert_mixed(vmf->vma, vmf->address, pfn);
}

/* Map the zero page, of page frame @pfn. */
static inline vm_fault_t dax_map_zero(struct vm_fault *vmf, unsigned long pfn)
{
	return vmf_insert_mixed(vmf->vma, vmf->address, pfn_to_pfn_t(pfn));
}

/* Fill in @pte, which is empty; the lock of the page table is held. */
static inline void dax_map_pte(struct vm_area_struct *vma, unsigned long address,
		pte_t *pte, unsigned long pfn, pgprot_t prot)
{
	set_pte_at(vma->vm_mm, address, pte, pte_mkdevmap(pfn_pte(pfn, prot)));
}

/* Does userfaultfd want to know of a store? */
static inline bool dax_pte_is_watched(pte_t pte)
{
	return pte_uffd_wp(pte);
}

/* Protection of the pages of @vma from @pfn on. */
static inline pgprot_t dax_map_prot(struct vm_area_struct *vma, dax_pfn_t pfn)
{
	pgprot_t prot = vma->vm_page_prot;

	track_pfn_insert(vma, &prot, pfn);
	return prot;
}

/* All VMAs that map a page of @mapping from @first to @last. */
#define dax_for_each_vma(vma, mapping, first, last) \
	vma_interval_tree_foreach(vma, &(mapping)->i_mmap, first, last)

/* A step took @done bytes of what @iter has mapped, or failed with this error. */
static inline void dax_iter_took(struct iomap_iter *iter, s64 done)
{
	iter->processed = done;
}

#endif /* FS_DAX_REF_H */
