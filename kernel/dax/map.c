// SPDX-License-Identifier: GPL-2.0
/*
 * Page table entries, a run at a time.  What is mapped of a page alone, or of a PMD,
 * is mm's.
 */
#include "map.h"
#include <linux/pgtable.h>
#include "poison.h"

/**
 * dax_map_range() - fill in what a page table has empty of a run of pages
 * @vma: where they are mapped
 * @address: of the first
 * @pte: its entry
 * @pfn: its page frame
 * @prot: for all of them
 * @pages: a bit for each that is wanted, bit 0 first
 *
 * Those that are marked are left out.
 *
 * Context: The lock of the page table is held, with that of the XArray, in which each
 * page has an entry, inside.
 */
void dax_map_range(struct vm_area_struct *vma, unsigned long address,
		pte_t *pte, unsigned long pfn, pgprot_t prot, u64 pages)
{
	for (; pages; pages >>= 1, pte++, address += PAGE_SIZE, pfn++) {
		if (!(pages & 1) || !pte_none(ptep_get(pte)) || dax_pfn_poisoned(pfn))
			continue;
		dax_map_pte(vma, address, pte, pfn, prot);
		update_mmu_cache(vma, address, pte);
	}
}

/**
 * dax_map_writable() - make pages of a run writable that were not stored to yet
 * @vma: as for dax_map_range()
 * @address: as for dax_map_range()
 * @pte: as for dax_map_range()
 * @pfn: as for dax_map_range()
 * @prot: as for dax_map_range()
 * @pages: as for dax_map_range()
 *
 * Those that are there for reading, too.  They are not dirty in the page table until
 * the processor stores to them, but for soft-dirty, which it does not know.
 *
 * Context: As dax_map_range(); the entries are tagged dirty.
 */
void dax_map_writable(struct vm_area_struct *vma, unsigned long address,
		pte_t *pte, unsigned long pfn, pgprot_t prot, u64 pages)
{
	pte_t old;

	for (; pages; pages >>= 1, pte++, address += PAGE_SIZE, pfn++) {
		if (!(pages & 1) || dax_pfn_poisoned(pfn))
			continue;
		if (pte_none(ptep_get(pte)))
			dax_map_pte(vma, address, pte, pfn, prot);
		old = ptep_get(pte);
		if (!pte_present(old) || pte_pfn(old) != pfn || pte_write(old) ||
		    dax_pte_is_watched(old))
			continue;
		ptep_set_access_flags(vma, address, pte,
				      maybe_mkwrite(pte_mksoft_dirty(old), vma), 1);
		update_mmu_cache(vma, address, pte);
	}
}

/**
 * dax_map_zeroes() - dax_map_range() for holes
 * @vma: as for dax_map_range()
 * @address: as for dax_map_range()
 * @pte: as for dax_map_range()
 * @pages: as for dax_map_range()
 *
 * Context: As dax_map_range(), on a machine with ARCH_HAS_PTE_SPECIAL: elsewhere the
 * zero page is counted.
 */
void dax_map_zeroes(struct vm_area_struct *vma, unsigned long address,
		pte_t *pte, u64 pages)
{
	pte_t new;

	for (; pages; pages >>= 1, pte++, address += PAGE_SIZE) {
		if (!(pages & 1) || !pte_none(ptep_get(pte)))
			continue;
		new = pte_mkspecial(pfn_pte(my_zero_pfn(address),
					    vma->vm_page_prot));
		set_pte_at(vma->vm_mm, address, pte, new);
		update_mmu_cache(vma, address, pte);
	}
}
