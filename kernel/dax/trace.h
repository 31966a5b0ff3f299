/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the entry lock and of poison.
 *
 * Index, start and pages are in pages of the file; pfn is a page frame; all are
 * printed in hexadecimal.  These are not a stable ABI.  The events of faults and
 * writeback, which are older, are in include/trace/events/fs_dax.h.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dax_core

#if !defined(FS_DAX_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define FS_DAX_TRACE_H

#include <linux/mm.h>
#include <linux/tracepoint.h>
#include "types.h"

TRACE_DEFINE_ENUM(DAX_MEDIA);
TRACE_DEFINE_ENUM(DAX_ZERO);
TRACE_DEFINE_ENUM(DAX_EMPTY);

DECLARE_EVENT_CLASS(dax_entry_class,
	TP_PROTO(struct xa_state *xas, struct dax_entry dax),
	TP_ARGS(xas, dax),
	TP_STRUCT__entry(
		__field(void *, xa)
		__field(pgoff_t, start)
		__field(unsigned long, pages)
		__field(unsigned long, pfn)
		__field(unsigned int, kind)
	),
	TP_fast_assign(
		__entry->xa = xas->xa;
		__entry->start = dax_entry_start(dax, xas->xa_index);
		__entry->pages = dax_entry_pages(dax);
		__entry->pfn = dax_entry_pfn(dax);
		__entry->kind = dax_entry_kind(dax);
	),
	TP_printk("xa %p start %#lx pages %#lx %s pfn %#lx",
		__entry->xa,
		__entry->start,
		__entry->pages,
		__print_symbolic(__entry->kind,
			{ DAX_MEDIA, "media" },
			{ DAX_ZERO, "zero" },
			{ DAX_EMPTY, "empty" }),
		__entry->pfn
	)
)

#define DEFINE_DAX_ENTRY_EVENT(name) \
DEFINE_EVENT(dax_entry_class, name, \
	TP_PROTO(struct xa_state *xas, struct dax_entry dax), \
	TP_ARGS(xas, dax))

DEFINE_DAX_ENTRY_EVENT(dax_entry_lock);
DEFINE_DAX_ENTRY_EVENT(dax_entry_wait);
DEFINE_DAX_ENTRY_EVENT(dax_entry_unlock);

TRACE_EVENT(dax_page_lock,
	TP_PROTO(struct page *page, dax_entry_t cookie),
	TP_ARGS(page, cookie),
	TP_STRUCT__entry(
		__field(unsigned long, pfn)
		__field(unsigned long, cookie)
	),
	TP_fast_assign(
		__entry->pfn = page_to_pfn(page);
		__entry->cookie = cookie;
	),
	TP_printk("pfn %#lx cookie %#lx", __entry->pfn, __entry->cookie)
);

TRACE_EVENT(dax_fault_poisoned,
	TP_PROTO(struct inode *inode, struct vm_fault *vmf),
	TP_ARGS(inode, vmf),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(unsigned long, ino)
		__field(unsigned long, address)
		__field(pgoff_t, index)
		__field(unsigned int, flags)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->address = vmf->address;
		__entry->index = vmf->pgoff;
		__entry->flags = vmf->flags;
	),
	TP_printk("dev %d:%d ino %#lx address %#lx index %#lx %s",
		MAJOR(__entry->dev),
		MINOR(__entry->dev),
		__entry->ino,
		__entry->address,
		__entry->index,
		__print_flags(__entry->flags, "|", FAULT_FLAG_TRACE)
	)
);

TRACE_EVENT(dax_poison_repaired,
	TP_PROTO(unsigned long pfn),
	TP_ARGS(pfn),
	TP_STRUCT__entry(
		__field(unsigned long, pfn)
	),
	TP_fast_assign(
		__entry->pfn = pfn;
	),
	TP_printk("pfn %#lx", __entry->pfn)
);

#endif /* FS_DAX_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
