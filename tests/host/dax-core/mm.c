// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables for the DAX core in user space: what mm/memory.c and
 * mm/huge_memory.c do for a file of DAX, with the same answers.
 */
#include <stdlib.h>

#include "case.h"

int shim_events[SHIM_EVENTS];
bool shim_deposit, shim_no_huge_zero, shim_no_tables;

pmd_t *pmd_of(struct mm_struct *mm, unsigned long address)
{
	return &mm->pmd[(address - MM_BASE) >> PMD_SHIFT];
}

unsigned long address_of(struct vm_area_struct *vma, pgoff_t index)
{
	return vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT);
}

static pgoff_t vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

struct mm_struct *new_mm(void)
{
	struct mm_struct *mm = calloc(1, sizeof(*mm));

	spin_lock_init(&mm->ptl);
	return mm;
}

void free_mm(struct mm_struct *mm)
{
	unsigned int i;

	for (i = 0; i < PMDS; i++)
		free(pmd_table(&mm->pmd[i]));
	free(mm);
}

struct vm_area_struct *map_file(struct mm_struct *mm, struct shim_file *file,
		unsigned long at, pgoff_t pgoff, unsigned long pages,
		unsigned long flags)
{
	struct vm_area_struct *vma = calloc(1, sizeof(*vma));

	vma->vm_mm = mm;
	vma->vm_start = MM_BASE + (at << PAGE_SHIFT);
	vma->vm_end = vma->vm_start + (pages << PAGE_SHIFT);
	vma->vm_pgoff = pgoff;
	vma->vm_flags = flags;
	vma->vm_page_prot.val = PTE_PRESENT;	/* a store asks first */
	vma->vm_file = &file->file;
	vma->next = file->mapping.i_mmap;
	file->mapping.i_mmap = vma;
	return vma;
}

static pte_t *pte_of(pmd_t *pmd, unsigned long address)
{
	return &pmd_table(pmd)[(address & (PMD_SIZE - 1)) >> PAGE_SHIFT];
}

unsigned long mapped(struct vm_area_struct *vma, pgoff_t index)
{
	unsigned long address = address_of(vma, index);
	pmd_t *pmd = pmd_of(vma->vm_mm, address);

	if (pmd_is_huge(pmd))
		return pmd->val + (address & (PMD_SIZE - 1) & PAGE_MASK);
	return pmd_table(pmd) ? pte_of(pmd, address)->val : 0;
}

/* --- tables --- */
spinlock_t *pmd_lock(struct mm_struct *mm, pmd_t *pmd)
{
	spin_lock(&mm->ptl);
	return &mm->ptl;
}

pte_t *pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd,
		unsigned long address, spinlock_t **ptl)
{
	spin_lock(&mm->ptl);
	*ptl = &mm->ptl;
	if (pmd_table(pmd))
		return pte_of(pmd, address);
#ifdef SHIM_LINUX_6_1
	sched_fail("a page table where there is none");
#endif
	spin_unlock(&mm->ptl);
	return NULL;
}

/* The table for a page, made if need be; with the lock. */
static pte_t *get_locked_pte(struct mm_struct *mm, unsigned long address)
{
	pmd_t *pmd = pmd_of(mm, address);

	spin_lock(&mm->ptl);
	if (pmd_is_huge(pmd))
		sched_fail("a page is put into a huge PMD");
	if (!pmd_table(pmd))
		pmd->val = (unsigned long)calloc(DAX_PMD_PAGES, sizeof(pte_t));
	return pte_of(pmd, address);
}

bool arch_needs_pgtable_deposit(void)
{
	return shim_deposit;
}

pgtable_t pte_alloc_one(struct mm_struct *mm)
{
	return kmalloc(1, GFP_KERNEL);
}

void pte_free(struct mm_struct *mm, pgtable_t table)
{
	kfree(table);
}

void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmd,
		pgtable_t table)
{
	kfree(table);
}

/* --- what faults insert --- */
static vm_fault_t insert_pfn(struct vm_area_struct *vma, unsigned long address,
		pfn_t pfn, bool write)
{
	pte_t *pte, new;

	might_sleep();
	if (address < vma->vm_start || address >= vma->vm_end)
		return VM_FAULT_SIGBUS;
	if (shim_no_tables && !pmd_table(pmd_of(vma->vm_mm, address)))
		return VM_FAULT_OOM;
	pte = get_locked_pte(vma->vm_mm, address);
	new = pfn_pte(pfn_t_to_pfn(pfn), vma->vm_page_prot);
	if (pfn_t_devmap(pfn))
		new = pte_mkdevmap(new);
	if (write)
		new.val |= PTE_WRITE | PTE_DIRTY;
	if (pte_none(*pte))
		*pte = new;
	else if (write && pte_pfn(*pte) == pfn_t_to_pfn(pfn))
		pte->val |= PTE_WRITE | PTE_DIRTY;
	else
		WARN_ON_ONCE(write && pte_pfn(*pte) >= PFN);
	spin_unlock(&vma->vm_mm->ptl);
	return VM_FAULT_NOPAGE;
}

vm_fault_t vmf_insert_mixed(struct vm_area_struct *vma, unsigned long address,
		pfn_t pfn)
{
	return insert_pfn(vma, address, pfn, false);
}

vm_fault_t vmf_insert_mixed_mkwrite(struct vm_area_struct *vma,
		unsigned long address, pfn_t pfn)
{
	return insert_pfn(vma, address, pfn, true);
}

vm_fault_t vmf_insert_pfn_pmd(struct vm_fault *vmf, pfn_t pfn, bool write)
{
	struct vm_area_struct *vma = vmf->vma;
	pmd_t *pmd = vmf->pmd;
	unsigned long new = pfn_t_to_pfn(pfn) << PAGE_SHIFT | PTE_PRESENT |
		PTE_DEVMAP;

	might_sleep();
	if (!pfn_t_devmap(pfn) || pfn_t_to_pfn(pfn) % DAX_PMD_PAGES)
		sched_fail("no page for a PMD");
	if (vmf->address < vma->vm_start || vmf->address >= vma->vm_end)
		return VM_FAULT_SIGBUS;
	if (write)
		new |= PTE_WRITE | PTE_DIRTY;
	spin_lock(&vma->vm_mm->ptl);
	if (pmd_none(*pmd))
		pmd->val = new;
	else if (pmd_is_huge(pmd) && write &&
		 pmd->val >> PAGE_SHIFT == pfn_t_to_pfn(pfn))
		pmd->val |= PTE_WRITE | PTE_DIRTY;
	else
		WARN_ON_ONCE(write && pmd->val >> PAGE_SHIFT != HUGE_ZERO_PFN);
	spin_unlock(&vma->vm_mm->ptl);
	return VM_FAULT_NOPAGE;
}

vm_fault_t finish_fault(struct vm_fault *vmf)
{
	pte_t *pte;

	if (pmd_is_huge(vmf->pmd))
		return 0;
	if (!vmf->cow_page->uptodate)
		sched_fail("a page that nobody filled");
	pte = get_locked_pte(vmf->vma->vm_mm, vmf->address);
	*pte = pfn_pte(page_to_pfn(vmf->cow_page), vmf->vma->vm_page_prot);
	pte->val |= PTE_WRITE | PTE_DIRTY;
	vmf->pte = pte;
	spin_unlock(&vmf->vma->vm_mm->ptl);
	return 0;
}

struct page *mm_get_huge_zero_page(struct mm_struct *mm)
{
	return shim_no_huge_zero ? NULL : pfn_to_page(HUGE_ZERO_PFN);
}

/* --- what takes away --- */
void split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd,
		unsigned long address)
{
	spin_lock(&vma->vm_mm->ptl);
	if (pmd_is_huge(pmd))
		WRITE_ONCE(pmd->val, 0);
	spin_unlock(&vma->vm_mm->ptl);
}

/*
 * Change what @vma has of the pages from @start to @last of its file.  @pfn is what
 * the page at @start should be.
 */
static void each_mapped(struct vm_area_struct *vma, pgoff_t start, pgoff_t last,
		unsigned long pfn,
		void (*change)(unsigned long *word, unsigned long pfn))
{
	pgoff_t index = max(start, vma->vm_pgoff), next;

	last = min(last, vma->vm_pgoff + vma_pages(vma) - 1);
	for (; index <= last; index = next) {
		unsigned long address = address_of(vma, index);
		unsigned long inside = (address & (PMD_SIZE - 1)) >> PAGE_SHIFT;
		pmd_t *pmd = pmd_of(vma->vm_mm, address);

		next = index + 1;
		spin_lock(&vma->vm_mm->ptl);
		if (pmd_table(pmd)) {
			change(&pte_of(pmd, address)->val, pfn + index - start);
		} else {
			next = index + DAX_PMD_PAGES - inside;
			if (pmd_is_huge(pmd))
				change(&pmd->val, pfn + index - start - inside);
		}
		spin_unlock(&vma->vm_mm->ptl);
	}
}

static void zap(unsigned long *word, unsigned long pfn)
{
	/* a private copy is not the file's */
	if (*word >> PAGE_SHIFT != COW_PFN)
		WRITE_ONCE(*word, 0);
}

void unmap_mapping_pages(struct address_space *mapping, pgoff_t start,
		pgoff_t nr, bool even_cows)
{
	struct vm_area_struct *vma;

	might_sleep();
	__atomic_add_fetch(&shim_calls.unmaps, 1, __ATOMIC_RELAXED);
	WRITE_ONCE(shim_calls.unmap_start, start);
	WRITE_ONCE(shim_calls.unmap_nr, nr);
	if (shim_calls.on_unmap)
		shim_calls.on_unmap(mapping);
	for (vma = mapping->i_mmap; vma; vma = vma->next)
		each_mapped(vma, start, nr ? start + nr - 1 : ULONG_MAX, 0, zap);
}

static void make_clean(unsigned long *word, unsigned long pfn)
{
	if (*word >> PAGE_SHIFT == pfn)
		*word &= ~(PTE_WRITE | PTE_DIRTY);
}

int pfn_mkclean_range(unsigned long pfn, unsigned long nr_pages, pgoff_t pgoff,
		struct vm_area_struct *vma)
{
	vma->told++;
	vma->pfn = pfn;
	vma->pages = nr_pages;
	vma->pgoff = pgoff;
	might_sleep();
	/* a case may have a VMA without memory, to count */
	if (vma->vm_mm)
		each_mapped(vma, pgoff, pgoff + nr_pages - 1, pfn, make_clean);
	return 0;
}
