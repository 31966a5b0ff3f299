/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the DAX core takes of Linux 6.1 in another way than of 6.12.  In a kernel
 * tree this file is fs/dax/compat.h.  The functions here are those of every file
 * in this folder.
 */
#ifndef FS_DAX_COMPAT_H
#define FS_DAX_COMPAT_H

#include <linux/dax.h>
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/pipe_fs_i.h>
#include <linux/uio.h>
#include "ref-devmap.h"

/* What a driver has for its badblocks, and the core for pages that are marked. */
#define DAX_EPOISON	EIO

/* @error, for a system call. */
static inline int dax_io_error(int error)
{
	return error;
}

/* How the fault handlers of a filesystem are told the size of a fault. */
typedef enum page_entry_size dax_fault_size_t;

/* The order of that size. */
static inline unsigned int dax_fault_order(dax_fault_size_t size)
{
	if (size == PE_SIZE_PUD)
		return PUD_SHIFT - PAGE_SHIFT;
	return size == PE_SIZE_PMD ? PMD_SHIFT - PAGE_SHIFT : 0;
}

/* What memory_failure() calls a page of a device. */
typedef struct page dax_failing_t;

static inline struct page *dax_failing_page(dax_failing_t *failing)
{
	return failing;
}

/* What mm calls the zero page of a PMD. */
typedef struct page dax_huge_zero_t;

static inline dax_huge_zero_t *dax_huge_zero_get(struct mm_struct *mm)
{
	return mm_get_huge_zero_page(mm);
}

static inline struct page *dax_huge_zero_page(dax_huge_zero_t *zero)
{
	return zero;
}

/*
 * Lock the page table of a fault at @address; NULL if there is none any more.  Sparse
 * does not follow a lock that is taken or not, so it is told to forget this one.
 */
static inline pte_t *dax_pte_lock(struct vm_fault *vmf, unsigned long address,
		spinlock_t **ptl)
{
	pte_t *pte;

	if (pmd_none(*vmf->pmd) || pmd_devmap_trans_unstable(vmf->pmd))
		return NULL;
	pte = pte_offset_map_lock(vmf->vma->vm_mm, vmf->pmd, address, ptl);
	__release(*ptl);
	return pte;
}

static inline void dax_pte_unlock(pte_t *pte, spinlock_t *ptl)
{
	__acquire(ptl);
	pte_unmap_unlock(pte, ptl);
}

/* mm names each page that is cut off to dax_delete_mapping_entry(). */
#define DAX_CUT_NAMES_ALL	true

/* Flush what was stored, with no device at hand to say whether it has a cache. */
static inline void dax_flush_anyway(void *addr, size_t size)
{
}

/* Is it the caller's memory, or pipe, that takes no more? */
static inline bool dax_iter_is_full(const struct iov_iter *to)
{
	const struct pipe_inode_info *pipe = to->pipe;

	if (iov_iter_is_pipe(to))
		return pipe_full(pipe->head, pipe->tail, pipe->max_usage);
	return fault_in_iov_iter_writeable(to, 1);
}

#endif /* FS_DAX_COMPAT_H */
