/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory as processes see it: page tables of two levels, a PMD and its pages, with
 * the bits that DAX and mm set there; VMAs of whole files; and faults.
 */
#ifndef DAX_SHIM_MM_H
#define DAX_SHIM_MM_H

#define CONFIG_FS_DAX_PMD	1
#define CONFIG_ARCH_HAS_PTE_SPECIAL	1
#define PMD_SIZE		(1UL << PMD_SHIFT)
#define PMD_MASK		(~(PMD_SIZE - 1))
#define PMDS			4	/* of an address space */
#define MM_BASE			0x40000000UL

#define PTE_PRESENT		BIT(0)
#define PTE_WRITE		BIT(1)
#define PTE_DIRTY		BIT(2)
#define PTE_DEVMAP		BIT(3)
#define PTE_FLAGS		(PAGE_SIZE - 1)

typedef struct { unsigned long val; } pte_t;
typedef struct { unsigned long val; } pgprot_t;
typedef void *pgtable_t;

/* Empty, a page of 2 MiB with PTE_PRESENT, or the address of a table. */
typedef struct { unsigned long val; } pmd_t;

struct mm_struct {
	spinlock_t ptl;
	pmd_t pmd[PMDS];
	int nr_ptes;
};

#define VM_SHARED		BIT(3)
#define VM_WRITE		BIT(1)
#define VM_SYNC			BIT(23)

struct vm_area_struct {
	struct vm_area_struct *next;	/* of the same file */
	struct mm_struct *vm_mm;
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_pgoff;
	unsigned long vm_flags;
	pgprot_t vm_page_prot;
	struct file *vm_file;
	/* what pfn_mkclean_range() said */
	int told;
	unsigned long pfn;
	unsigned long pages;
	pgoff_t pgoff;
};

#define FAULT_FLAG_WRITE	BIT(0)
struct vm_fault {
	struct vm_area_struct *vma;
	pgoff_t pgoff;
	unsigned long address;
	unsigned int flags;
	pmd_t *pmd;
	pte_t *pte;
	struct page *cow_page;
};

#ifdef SHIM_LINUX_6_1
enum page_entry_size { PE_SIZE_PTE, PE_SIZE_PMD, PE_SIZE_PUD };
typedef enum page_entry_size shim_size_t;
#else
enum { PE_SIZE_PTE = 0, PE_SIZE_PMD = 9, PE_SIZE_PUD = 18 };
typedef unsigned int shim_size_t;
/* no folio here has more than a page */
#define folio			page
#define folio_page(folio, n)	((folio) + (n))
#define mm_get_huge_zero_folio	mm_get_huge_zero_page
#define dax_mem2blk_err(error)	((error) == -EHWPOISON ? -EIO : (error))
#endif
/* what a driver has for a badblock */
#ifdef SHIM_LINUX_6_1
#define SHIM_EPOISON		EIO
#else
#define SHIM_EPOISON		EHWPOISON
#define arch_wb_cache_pmem(addr, size) dax_flush(NULL, addr, size)
#endif
#define VM_FAULT_OOM		0x0001
#define VM_FAULT_SIGBUS		0x0002
#define VM_FAULT_MAJOR		0x0004
#define VM_FAULT_HWPOISON	0x0010
#define VM_FAULT_NOPAGE		0x0100
#define VM_FAULT_FALLBACK	0x0800
#define VM_FAULT_DONE_COW	0x1000
#define VM_FAULT_NEEDDSYNC	0x2000
#define VM_FAULT_ERROR		(VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_HWPOISON)
#define vmf_error(error)	((error) == -ENOMEM ? VM_FAULT_OOM : \
				 (error) == -EHWPOISON ? VM_FAULT_HWPOISON : \
				 VM_FAULT_SIGBUS)

/* --- entries of page tables; pfn_t says what get_user_pages() may do --- */
#define PFN_DEV			BIT_ULL(61)
#define PFN_MAP			BIT_ULL(60)
#define PFN_FLAGS		(PFN_DEV | PFN_MAP)
#define pfn_to_pfn_t(pfn)	((pfn_t){ (pfn) })
#define pfn_t_to_pfn(pfn)	((unsigned long)((pfn).val & ~PFN_FLAGS))
#define pfn_t_devmap(pfn)	(((pfn).val & PFN_FLAGS) == PFN_FLAGS)

#define pfn_pte(pfn, prot)	((pte_t){ (pfn) << PAGE_SHIFT | (prot).val })
#define ptep_get(ptep)		(*(ptep))
#define pte_none(pte)		(!(pte).val)
#define pte_present(pte)	((pte).val & PTE_PRESENT)
#define pte_pfn(pte)		((pte).val >> PAGE_SHIFT)
#define pte_mkdevmap(pte)	((pte_t){ (pte).val | PTE_DEVMAP })
#define pte_write(pte)		((pte).val & PTE_WRITE)
#define pte_dirty(pte)		((pte).val & PTE_DIRTY)
#define pte_uffd_wp(pte)	false
#define pte_mksoft_dirty(pte)	(pte)
#define maybe_mkwrite(pte, vma)						\
	((pte_t){ (pte).val | ((vma)->vm_flags & VM_WRITE ? PTE_WRITE : 0) })
#define ptep_set_access_flags(vma, address, ptep, pte, dirty) (*(ptep) = (pte))
#define pte_mkspecial(pte)	(pte)
#define set_pte_at(mm, address, ptep, pte) (*(ptep) = (pte))
#define update_mmu_cache(vma, address, ptep) do { } while (0)
#define track_pfn_insert(vma, prot, pfn) do { } while (0)

#define pmd_none(pmd)		(!(pmd).val)
#define pmd_trans_huge(pmd)	(((pmd).val & (PTE_PRESENT | PTE_DEVMAP)) == PTE_PRESENT)
#define pmd_devmap(pmd)		(!!((pmd).val & PTE_DEVMAP))
#define pmd_devmap_trans_unstable(pmd) (!pmd_table(pmd))
#define pmd_mkhuge(pmd)		(pmd)
#define mk_pmd(page, prot)	((pmd_t){ page_to_pfn(page) << PAGE_SHIFT | (prot).val })
#define set_pmd_at(mm, address, pmdp, pmd) (*(pmdp) = (pmd))

pte_t *pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd,
		unsigned long address, spinlock_t **ptl);
#define pte_unmap_unlock(pte, ptl) ((void)(pte), spin_unlock(ptl))
spinlock_t *pmd_lock(struct mm_struct *mm, pmd_t *pmd);

bool arch_needs_pgtable_deposit(void);
pgtable_t pte_alloc_one(struct mm_struct *mm);
void pte_free(struct mm_struct *mm, pgtable_t table);
void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmd,
		pgtable_t table);
#define mm_inc_nr_ptes(mm)	((mm)->nr_ptes++)

/* --- what faults insert --- */
vm_fault_t vmf_insert_mixed(struct vm_area_struct *vma, unsigned long address,
		pfn_t pfn);
vm_fault_t vmf_insert_mixed_mkwrite(struct vm_area_struct *vma,
		unsigned long address, pfn_t pfn);
vm_fault_t vmf_insert_pfn_pmd(struct vm_fault *vmf, pfn_t pfn, bool write);
vm_fault_t finish_fault(struct vm_fault *vmf);
void split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd,
		unsigned long address);
struct page *mm_get_huge_zero_page(struct mm_struct *mm);
#define my_zero_pfn(address)	(ZERO_PFN + ((address) >> PAGE_SHIFT) % 2)

void unmap_mapping_pages(struct address_space *mapping, pgoff_t start,
		pgoff_t nr, bool even_cows);
int pfn_mkclean_range(unsigned long pfn, unsigned long nr_pages, pgoff_t pgoff,
		struct vm_area_struct *vma);

/* --- pages of mm's own: one, for a private copy --- */
#define kmap_local_page(page)	page_address(page)
#define kunmap_local(kaddr)	((void)(kaddr))
#define clear_user_highpage(page, address) memset(page_address(page), 0, PAGE_SIZE)
#define __SetPageUptodate(page)	((page)->uptodate = true)

enum { PGMAJFAULT, THP_FAULT_FALLBACK, SHIM_EVENTS };
extern int shim_events[SHIM_EVENTS];
#define count_vm_event(event)	__atomic_add_fetch(&shim_events[event], 1, __ATOMIC_RELAXED)
#define count_memcg_event_mm(mm, event) ((void)(mm))

/* What a PMD has, which others may change unless its lock is held. */
static inline bool pmd_is_huge(const pmd_t *pmd)
{
	return READ_ONCE(pmd->val) & PTE_PRESENT;
}

static inline pte_t *pmd_table(const pmd_t *pmd)
{
	return pmd_is_huge(pmd) ? NULL : (pte_t *)READ_ONCE(pmd->val);
}

/* --- for the cases --- */
#define HUGE_ZERO_PFN		0UL	/* pages 0 to 511 of the device are no device's */
#define ZERO_PFN		510UL
#define COW_PFN			509UL	/* mm's page for a private copy */

struct mm_struct *new_mm(void);
void free_mm(struct mm_struct *mm);
/* Map @pages of a file from @pgoff on, at page @at of the address space. */
struct vm_area_struct *map_file(struct mm_struct *mm, struct shim_file *file,
		unsigned long at, pgoff_t pgoff, unsigned long pages,
		unsigned long flags);
pmd_t *pmd_of(struct mm_struct *mm, unsigned long address);
/* What is mapped for a page of the file: PTE_* and the page frame, or 0. */
unsigned long mapped(struct vm_area_struct *vma, pgoff_t index);
unsigned long address_of(struct vm_area_struct *vma, pgoff_t index);

#endif
