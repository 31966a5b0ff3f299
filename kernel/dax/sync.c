// SPDX-License-Identifier: GPL-2.0
/*
 * The second half of a MAP_SYNC write fault, once the filesystem has no journal handle.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <trace/events/fs_dax.h>
#include "entry.h"
#include "lock.h"
#include "map.h"
#include "poison.h"

/*
 * Maps what the first half left.  The entry was unlocked while the
 * filesystem wrote its metadata, so it is looked at as if for the first time.
 */
static vm_fault_t dax_map_synced(struct vm_fault *vmf, dax_pfn_t pfn,
		unsigned int order)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	XA_STATE_ORDER(xas, &mapping->i_pages, vmf->pgoff, order);
	struct dax_entry entry;
	vm_fault_t ret;

	xas_lock_irq(&xas);
	switch (xas_dax_get_unlocked(&xas, order, &entry)) {
	case DAX_LOOKUP_FOUND:
		if (dax_entry_kind(entry) == DAX_MEDIA &&
		    dax_entry_pfn_at(entry, xas.xa_index) == dax_pfn(pfn))
			break;
		fallthrough;
	case DAX_LOOKUP_CONFLICT:
		xas_dax_pass_on(&xas, entry);
		fallthrough;
	default:
		xas_unlock_irq(&xas);
		trace_dax_insert_pfn_mkwrite_no_entry(mapping->host, vmf,
				(__force int)VM_FAULT_NOPAGE);
		return VM_FAULT_NOPAGE;
	}
	entry = xas_dax_lock(&xas, entry);
	xas_set_mark(&xas, PAGECACHE_TAG_DIRTY);
	xas_unlock_irq(&xas);
	__mark_inode_dirty(mapping->host, I_DIRTY_PAGES);

	if (dax_good_pages(dax_pfn(pfn), 1UL << order) < 1UL << order)
		ret = order ? VM_FAULT_FALLBACK : VM_FAULT_HWPOISON;
	else
		ret = dax_map_insert(vmf, pfn, order, true);
	dax_entry_release(&xas, mapping, entry);
	trace_dax_insert_pfn_mkwrite(mapping->host, vmf, (__force int)ret);
	return ret;
}

/*
 * Makes the metadata of a fault durable.  Of a page that could not be written back, any
 * of the file's, fsync tells once for each struct file, and does not come to the metadata
 * then.  That is for whoever asks by fsync(2) or msync(2): a fault of another page
 * neither fails for it nor takes it from them.
 */
static int dax_sync_metadata(struct file *file, loff_t pos, loff_t last)
{
	errseq_t told = READ_ONCE(file->f_wb_err), before;
	int error = vfs_fsync_range(file, pos, last, 1);

	if (!error || READ_ONCE(file->f_wb_err) == told)
		return error;
	do {
		before = READ_ONCE(file->f_wb_err);
		error = vfs_fsync_range(file, pos, last, 1);
	} while (error && READ_ONCE(file->f_wb_err) != before);

	/* an fsync(2) may have told it meanwhile: twice is better than never */
	spin_lock(&file->f_lock);
	file->f_wb_err = told;
	spin_unlock(&file->f_lock);
	return error;
}

/**
 * dax_finish_sync_fault() - finish a fault that returned VM_FAULT_NEEDDSYNC
 * @vmf: the same fault
 * @fault_size: the same size
 * @pfn: what dax_iomap_fault() left in its @pfnp
 *
 * Context: Process context, invalidate_lock held, no journal handle.  Sleeps.
 * Return: VM_FAULT_NOPAGE if it is mapped or has to be tried again;
 * VM_FAULT_SIGBUS if the metadata could not be written; as dax_iomap_fault()
 * otherwise.
 */
vm_fault_t dax_finish_sync_fault(struct vm_fault *vmf,
		dax_fault_size_t fault_size, dax_pfn_t pfn)
{
	unsigned int order = dax_fault_order(fault_size);
	size_t size = PAGE_SIZE << order;
	loff_t pos = round_down((loff_t)vmf->pgoff << PAGE_SHIFT, size);

	if (dax_sync_metadata(vmf->vma->vm_file, pos, pos + size - 1))
		return VM_FAULT_SIGBUS;
	return dax_map_synced(vmf, pfn, order);
}
EXPORT_SYMBOL_GPL(dax_finish_sync_fault);
