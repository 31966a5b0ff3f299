/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the DAX core takes of Linux since 6.12 in another way than of 6.1.
 *
 * For kernel/compat's headers of these versions, which include it.
 */
#ifndef FS_DAX_SINCE_6_12_H
#define FS_DAX_SINCE_6_12_H

#include <linux/dax.h>
#include <linux/huge_mm.h>
#include <linux/libnvdimm.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/uio.h>

/* What a driver has for its badblocks, and the core for pages that are marked. */
#define DAX_EPOISON	EHWPOISON

/* @error, for a system call. */
static inline int dax_io_error(int error)
{
	return dax_mem2blk_err(error);
}

/* How the fault handlers of a filesystem are told the size of a fault. */
typedef unsigned int dax_fault_size_t;

/* The order of that size. */
static inline unsigned int dax_fault_order(dax_fault_size_t size)
{
	return size;
}

/*
 * What memory_failure() calls a page of a device.  A folio of fsdax is a page; of
 * device-dax, which may have larger ones, the first page has the mapping.
 */
typedef struct folio dax_failing_t;

#define dax_lock_page	dax_lock_folio
#define dax_unlock_page	dax_unlock_folio

static inline struct page *dax_failing_page(dax_failing_t *failing)
{
	return folio_page(failing, 0);
}

/* What mm calls the zero page of a PMD. */
typedef struct folio dax_huge_zero_t;

static inline dax_huge_zero_t *dax_huge_zero_get(struct mm_struct *mm)
{
	return mm_get_huge_zero_folio(mm);
}

static inline struct page *dax_huge_zero_page(dax_huge_zero_t *zero)
{
	return folio_page(zero, 0);
}

/*
 * Lock the page table of a fault at @address; NULL if there is none any more.  Sparse
 * does not follow a lock that is taken or not, so it does not see this one.
 */
static inline pte_t *dax_pte_lock(struct vm_fault *vmf, unsigned long address,
		spinlock_t **ptl)
{
	return pte_offset_map_lock(vmf->vma->vm_mm, vmf->pmd, address, ptl);
}

static inline void dax_pte_unlock(pte_t *pte, spinlock_t *ptl)
{
	__acquire(ptl);
	pte_unmap_unlock(pte, ptl);
}

/*
 * Of the pages of one entry that are cut off, mm names the first to
 * dax_delete_mapping_entry() and no other; see find_get_entries().
 */
#define DAX_CUT_NAMES_ALL	false

/* Flush what was stored, with no device at hand to say whether it has a cache. */
static inline void dax_flush_anyway(void *addr, size_t size)
{
	arch_wb_cache_pmem(addr, size);
}

/* Is it the caller's memory that takes no more?  No iterator is a pipe. */
static inline bool dax_iter_is_full(const struct iov_iter *to)
{
	return fault_in_iov_iter_writeable(to, 1);
}

#endif /* FS_DAX_SINCE_6_12_H */
