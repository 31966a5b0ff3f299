// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a hole, a page at a time.
 */
#include "hole.h"
#include <linux/pgtable.h>
#include <trace/events/fs_dax.h>
#include "entry.h"

/**
 * dax_fault_hole() - map the zero page for a read of a hole
 * @f: read fault of one page, with its entry locked
 *
 * The entry is there so that a later write finds out that zero pages have to be
 * unmapped.  Which one it was is not important: on some machines there are
 * several, and the address chooses, so that it suits their caches.
 *
 * Context: Process context, entry lock held.  Sleeps.
 * Return: VM_FAULT_NOPAGE, or why it could not be mapped.
 */
vm_fault_t dax_fault_hole(struct dax_fault *f)
{
	unsigned long address = f->vmf->address;
	unsigned long pfn = my_zero_pfn(address);
	struct inode *inode = f->iter->inode;
	vm_fault_t ret;

	f->entry = dax_entry_set(f->xas, inode->i_mapping, f->entry,
				 dax_entry_make(pfn, DAX_ZERO, 0), false);
	ret = dax_map_zero(f->vmf, pfn);
	trace_dax_load_hole(inode, f->vmf, (__force int)ret);
	return ret;
}
