/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages and page tables as Linux 7 has them.
 *
 * A page of a device that nobody uses has no reference.  Who maps it counts it as any
 * other page of a file, by a reference and by rmap; what is more than that is
 * get_user_pages().  What a PMD maps has to be one folio, and cannot be parted as long
 * as there is a reference; see "Linux 7" in kernel/README.md.
 *
 * For kernel/compat's header of a version, which includes this file or ref-devmap.h.
 */
#ifndef FS_DAX_REF_H
#define FS_DAX_REF_H

#include <linux/huge_mm.h>
#include <linux/iomap.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>

typedef unsigned long dax_pfn_t;

static inline unsigned long dax_pfn(dax_pfn_t pfn)
{
	return pfn;
}

/* The drivers that had none are gone. */
static inline bool dax_pfn_has_page(dax_pfn_t pfn)
{
	return true;
}

/* All folios are pages. */
#define DAX_MAPS_PMD	false

/* folio->share, which is there for other cores, is the same word: 0 of a free page. */
static inline pgoff_t *dax_page_indexp(struct page *page)
{
	return &page_folio(page)->index;
}

static inline void dax_page_forget(struct page *page)
{
	WRITE_ONCE(page->mapping, NULL);
	*dax_page_indexp(page) = 0;
}

/*
 * 1 if nobody uses the page but who has it mapped.  Unmapping drops rmap before the
 * reference: a page may seem to be used that is not any more, and never the reverse.
 */
static inline int dax_page_users(struct page *page)
{
	struct folio *folio = page_folio(page);
	int mapped = folio_mapcount(folio);

	return 1 + folio_ref_count(folio) - mapped;
}

static inline bool dax_pmd_is_leaf(pmd_t pmd)
{
	return pmd_trans_huge(pmd);
}

static inline vm_fault_t dax_map_insert(struct vm_fault *vmf, dax_pfn_t pfn,
		unsigned int order, bool write)
{
	struct folio *folio = pfn_folio(pfn);
	vm_fault_t ret;

	/* mm maps nothing that is free */
	folio_ref_inc(folio);
	ret = vmf_insert_page_mkwrite(vmf, pfn_to_page(pfn), write);
	folio_put(folio);
	return ret;
}

static inline vm_fault_t dax_map_zero(struct vm_fault *vmf, unsigned long pfn)
{
	return vmf_insert_page_mkwrite(vmf, pfn_to_page(pfn), false);
}

static inline void dax_map_pte(struct vm_area_struct *vma, unsigned long address,
		pte_t *pte, unsigned long pfn, pgprot_t prot)
{
	struct page *page = pfn_to_page(pfn);
	struct folio *folio = page_folio(page);

	folio_ref_inc(folio);
	inc_mm_counter(vma->vm_mm, mm_counter_file(folio));
	folio_add_file_rmap_pte(folio, page, vma);
	set_pte_at(vma->vm_mm, address, pte, mk_pte(page, prot));
}

static inline bool dax_pte_is_watched(pte_t pte)
{
	return pte_uffd(pte);
}

/* What its driver has mapped it with is not asked for a page that is counted. */
static inline pgprot_t dax_map_prot(struct vm_area_struct *vma, dax_pfn_t pfn)
{
	return vma->vm_page_prot;
}

#define dax_for_each_vma(vma, mapping, first, last) \
	mapping_rmap_tree_foreach(vma, mapping, first, last)

static inline void dax_iter_took(struct iomap_iter *iter, s64 done)
{
	if (done < 0)
		iter->status = done;
	else
		iter->status = iomap_iter_advance(iter, done);
}

#define my_zero_pfn(address)	zero_pfn(address)

/* There are no tracepoints any more where a page is mapped. */
static inline void trace_dax_insert_mapping(struct inode *inode,
		struct vm_fault *vmf, void *entry)
{
}

static inline void trace_dax_pmd_insert_mapping(struct inode *inode,
		struct vm_fault *vmf, long length, dax_pfn_t pfn, void *entry)
{
}

#endif /* FS_DAX_REF_H */
