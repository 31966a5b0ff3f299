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
	pte_t new;

	for (; pages; pages >>= 1, pte++, address += PAGE_SIZE, pfn++) {
		if (!(pages & 1) || !pte_none(ptep_get(pte)) || dax_pfn_poisoned(pfn))
			continue;
		new = pte_mkdevmap(pfn_pte(pfn, prot));
		set_pte_at(vma->vm_mm, address, pte, new);
		update_mmu_cache(vma, address, pte);
	}
}
