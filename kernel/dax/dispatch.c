// SPDX-License-Identifier: GPL-2.0
/*
 * Page faults: by size.
 */
#include <linux/dax.h>
#include <linux/export.h>
#include "pmd.h"
#include "pte.h"
#include "types.h"

/**
 * dax_iomap_fault() - resolve a page fault on a DAX file
 * @vmf: the fault
 * @fault_size: size of the page table entry to fill, see dax_fault_order()
 * @pfnp: where to leave the page frame if dax_finish_sync_fault() is needed
 * @errp: where to leave the filesystem's own error, which VM_FAULT_SIGBUS would
 *	hide from it; NULL if it does not ask.  Written only if the filesystem
 *	was asked for the block of a page: a PMD falls back to pages
 * @ops: the filesystem's
 *
 * Context: Process context.  The filesystem holds truncation off
 * (invalidate_lock), and for a write to a shared mapping has a journal handle
 * where it needs one.  Sleeps.
 * Return: VM_FAULT_NOPAGE or VM_FAULT_DONE_COW, with VM_FAULT_MAJOR if a block
 * was allocated for a page; VM_FAULT_NEEDDSYNC: nothing is mapped, make the metadata
 * durable and call dax_finish_sync_fault(); VM_FAULT_FALLBACK: try the next
 * smaller size; VM_FAULT_HWPOISON: the page is poisoned; VM_FAULT_OOM;
 * VM_FAULT_SIGBUS: beyond the end of the file, or @errp tells.
 */
vm_fault_t dax_iomap_fault(struct vm_fault *vmf, dax_fault_size_t fault_size,
		dax_pfn_t *pfnp, int *errp, const struct iomap_ops *ops)
{
	switch (dax_fault_order(fault_size)) {
	case 0:
		return dax_pte_fault(vmf, pfnp, errp, ops);
	case DAX_PMD_ORDER:
		if (DAX_MAPS_PMD)
			return dax_pmd_fault(vmf, pfnp, ops);
		return VM_FAULT_FALLBACK;
	default:
		return VM_FAULT_FALLBACK;
	}
}
EXPORT_SYMBOL_GPL(dax_iomap_fault);
