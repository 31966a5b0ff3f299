/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page table entries of a fault.
 */
#ifndef FS_DAX_MAP_H
#define FS_DAX_MAP_H

#include <linux/iomap.h>
#include <linux/mm.h>
#include "types.h"

/**
 * struct dax_fault - one fault on its way
 * @vmf: the fault as mm sees it
 * @xas: cursor at the fault's index, of the fault's order
 * @iter: the filesystem's mapping; covers @first to @last for reads
 * @entry: the entry, locked by this fault
 * @first: first index of the file that a read fault may map
 * @last: last index that a read fault may map
 * @order: 0 or DAX_PMD_ORDER
 * @cow_seq: dax_cow_sequence() from before the filesystem was asked
 * @write: a write to a shared mapping
 * @pfnp: where a fault that needs dax_finish_sync_fault() leaves the pfn
 */
struct dax_fault {
	struct vm_fault *vmf;
	struct xa_state *xas;
	struct iomap_iter *iter;
	struct dax_entry entry;
	pgoff_t first;
	pgoff_t last;
	unsigned int order;
	unsigned int cow_seq;
	bool write;
	dax_pfn_t *pfnp;
};

void dax_map_range(struct vm_area_struct *vma, unsigned long address,
		pte_t *pte, unsigned long pfn, pgprot_t prot, u64 pages);
void dax_map_zeroes(struct vm_area_struct *vma, unsigned long address,
		pte_t *pte, u64 pages);

#endif /* FS_DAX_MAP_H */
