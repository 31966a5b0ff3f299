/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as the DAX core needs, in user space.  XArray, bit
 * operations and lists are the kernel's own; tasks, wait queues, RCU, pages and
 * mappings are here and in shim.c, page tables in mm.h, the filesystem, the driver
 * and the caller's memory in fs.h, the order of threads in sched.h.
 */
#ifndef DAX_SHIM_H
#define DAX_SHIM_H

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/log2.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/export.h>
#include <linux/xarray.h>

#undef READ_ONCE
#undef WRITE_ONCE
#define READ_ONCE(x) ({							\
	__typeof__(({ x; })) __value;					\
	__atomic_load(&(x), &__value, __ATOMIC_RELAXED);		\
	__value;							\
})
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)

/* counted, so that a test can say which warnings it expects */
extern int shim_warnings;
#undef WARN_ON_ONCE
#define WARN_ON_ONCE(cond) ({						\
	bool __warn = !!(cond);						\
	if (__warn)							\
		__atomic_add_fetch(&shim_warnings, 1, __ATOMIC_RELAXED);	\
	__warn;								\
})

#define __init
#define __read_mostly
#define fs_initcall(fn) \
	static void __attribute__((constructor)) fn##_run(void) { fn(); }
#define cond_resched()		do { } while (0)

/* --- sizes: those of x86-64 --- */
#define PAGE_SHIFT		12
#undef PAGE_SIZE
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define PMD_SHIFT		21
#define PUD_SHIFT		30
#define PHYS_PFN(x)		((unsigned long)((x) >> PAGE_SHIFT))
#undef round_down
#define round_down(x, y)	((x) & ~((__typeof__(x))((y) - 1)))
#define offset_in_page(x)	((unsigned long)(x) & ~PAGE_MASK)
#undef round_up
#define round_up(x, y)		((((x) - 1) | ((__typeof__(x))((y) - 1))) + 1)
#define DIV_ROUND_UP_ULL(x, y)	(((x) + (y) - 1) / (y))
#undef IS_ALIGNED
#define IS_ALIGNED(x, y)	(!((x) & ((__typeof__(x))(y) - 1)))
#define PFN_UP(x)		(((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
typedef unsigned long pgoff_t;
typedef unsigned int vm_fault_t;
typedef unsigned long sector_t;
typedef struct { u64 val; } pfn_t;

#define DEFINE_MUTEX(x)		pthread_mutex_t x = PTHREAD_MUTEX_INITIALIZER
void mutex_lock(pthread_mutex_t *mutex);
void mutex_unlock(pthread_mutex_t *mutex);
#ifndef __GFP_NOWARN
#define __GFP_NOWARN		0
#endif
#ifndef GFP_NOFS
#define GFP_NOFS		GFP_KERNEL
#endif
#define kvmalloc(size, gfp)	kmalloc(size, gfp)
#define kvfree(p)		kfree(p)
#ifndef __GFP_NOFAIL
#define __GFP_NOFAIL		0
#endif
#define CONFIG_MEMORY_FAILURE	1

/* --- tasks and wait queues --- */
#define TASK_UNINTERRUPTIBLE	2
#define TASK_NORMAL		3

struct wait_queue_head {
	pthread_mutex_t lock;
	struct list_head list;
	int waiters;
};
typedef struct wait_queue_head wait_queue_head_t;

struct wait_queue_entry {
	bool exclusive;
	struct shim_task *task;
	int (*func)(struct wait_queue_entry *wait, unsigned int mode, int sync,
		    void *key);
	struct list_head entry;
	wait_queue_head_t *head;
};
typedef struct wait_queue_entry wait_queue_entry_t;

struct shim_task *shim_current(void);
#define task_struct		shim_task
#define current			shim_current()

void init_waitqueue_head(wait_queue_head_t *wq);
void init_wait(wait_queue_entry_t *wait);
void prepare_to_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait, int mode);
void prepare_to_wait_exclusive(wait_queue_head_t *wq, wait_queue_entry_t *wait,
		int mode);
void finish_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait);
int autoremove_wake_function(wait_queue_entry_t *wait, unsigned int mode,
		int sync, void *key);
bool waitqueue_active(wait_queue_head_t *wq);
void __wake_up(wait_queue_head_t *wq, unsigned int mode, int nr_exclusive,
		void *key);
void schedule(void);
int shim_sleepers(void);

/* --- atomics, pages, inodes, mappings --- */
#define atomic_inc(v)		__atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)
#define atomic_dec(v)		__atomic_sub_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)
#define atomic_read(v)		READ_ONCE((v)->counter)
#define atomic_read_acquire(v)	__atomic_load_n(&(v)->counter, __ATOMIC_ACQUIRE)

struct inode {
	struct address_space *i_mapping;
	int references;
	mode_t i_mode;
	unsigned int i_blkbits;
	loff_t i_size;
	int i_rwsem;
	bool dax;
	bool dirty;
};

struct address_space {
	struct xarray i_pages;
	struct inode *host;
	unsigned long nrpages;
	unsigned long flags;
	struct vm_area_struct *i_mmap;
	pthread_rwlock_t invalidate_lock;
	int error;
};

#define i_mmap_lock_read(m)	do { } while (0)
#define i_mmap_unlock_read(m)	do { } while (0)
#define vma_interval_tree_foreach(vma, root, first, last)		\
	for ((void)(first), (void)(last), (vma) = *(root); (vma);	\
	     (vma) = (vma)->next)

#define WB_SYNC_ALL		1
struct writeback_control {
	int sync_mode;
	loff_t range_start;
	loff_t range_end;
};
void tag_pages_for_writeback(struct address_space *mapping, pgoff_t start,
		pgoff_t end);
#define mapping_set_error(m, e)	WRITE_ONCE((m)->error, e)

struct page {
	struct address_space *mapping;
	pgoff_t index;
	unsigned long private;
	struct { int counter; } _refcount;
	int poisoned;
	int absent;	/* from the kernel's mapping */
	bool uptodate;
};

#define SHIM_PAGES		2048
extern struct page shim_pages[SHIM_PAGES];
/* what they hold, and what of that is durable */
extern char shim_media[SHIM_PAGES][1UL << 12];
extern char shim_durable[SHIM_PAGES][1UL << 12];
#define pfn_to_page(pfn)	(&shim_pages[pfn])
#define page_to_pfn(page)	((unsigned long)((page) - shim_pages))
#define data_race(x)		READ_ONCE(x)
#define PageHWPoison(page)	READ_ONCE((page)->poisoned)
#define SetPageHWPoison(page)	WRITE_ONCE((page)->poisoned, 1)
#define ClearPageHWPoison(page)	WRITE_ONCE((page)->poisoned, 0)
#define kernel_page_present(page) (!READ_ONCE((page)->absent) && !is_latent(page_to_pfn(page)))
bool is_latent(unsigned long pfn);
#define page_address(page)	((void *)shim_media[page_to_pfn(page)])
#define page_private(page)	((page)->private)
#define set_page_private(page, v) ((page)->private = (v))
#define PAGECACHE_TAG_DIRTY	XA_MARK_0
#define PAGECACHE_TAG_WRITEBACK	XA_MARK_1
#define PAGECACHE_TAG_TOWRITE	XA_MARK_2
#define I_DIRTY_PAGES		1
#define mapping_exiting(m)	false
#define mapping_gfp_mask(m)	GFP_KERNEL
#define mapping_empty(m)	xa_empty(&(m)->i_pages)
#define __mark_inode_dirty(inode, flags) WRITE_ONCE((inode)->dirty, true)

#undef set_bit
#undef test_bit
#define set_bit(bit, word)	__atomic_fetch_or(word, BIT(bit), __ATOMIC_SEQ_CST)
#define test_bit(bit, word)	(!!(READ_ONCE(*(word)) & BIT(bit)))
#define fatal_signal_pending(task) READ_ONCE(shim_killed)
extern bool shim_killed;

typedef unsigned long dax_entry_t;
struct shim_file;
extern int shim_mapping_checks;
bool dax_mapping(struct address_space *mapping);
int invalidate_inode_pages2_range(struct address_space *mapping,
		pgoff_t start, pgoff_t end);

#include "mm.h"
#include "fs.h"
#include "sched.h"

struct inode *igrab(struct inode *inode);
void iput(struct inode *inode);
int mf_dax_kill_procs(struct address_space *mapping, pgoff_t index,
		unsigned long count, int mf_flags);

/* --- the interface, as include/linux/dax.h has it --- */
struct page *dax_layout_busy_page(struct address_space *mapping);
struct page *dax_layout_busy_page_range(struct address_space *mapping,
		loff_t start, loff_t end);
int dax_delete_mapping_entry(struct address_space *mapping, pgoff_t index);
int dax_invalidate_mapping_entry_sync(struct address_space *mapping,
		pgoff_t index);
#ifdef SHIM_LINUX_6_1
dax_entry_t dax_lock_page(struct page *page);
void dax_unlock_page(struct page *page, dax_entry_t cookie);
#else
dax_entry_t dax_lock_folio(struct page *page);
void dax_unlock_folio(struct page *page, dax_entry_t cookie);
#endif
dax_entry_t dax_lock_mapping_entry(struct address_space *mapping,
		unsigned long index, struct page **page);
void dax_unlock_mapping_entry(struct address_space *mapping,
		unsigned long index, dax_entry_t cookie);
int dax_writeback_mapping_range(struct address_space *mapping,
		struct dax_device *dax_dev, struct writeback_control *wbc);
vm_fault_t dax_iomap_fault(struct vm_fault *vmf, shim_size_t pe_size,
		pfn_t *pfnp, int *errp, const struct iomap_ops *ops);
vm_fault_t dax_finish_sync_fault(struct vm_fault *vmf,
		shim_size_t pe_size, pfn_t pfn);
ssize_t dax_iomap_rw(struct kiocb *iocb, struct iov_iter *iter,
		const struct iomap_ops *ops);
int dax_zero_range(struct inode *inode, loff_t pos, loff_t len, bool *did_zero,
		const struct iomap_ops *ops);
int dax_truncate_page(struct inode *inode, loff_t pos, bool *did_zero,
		const struct iomap_ops *ops);
int dax_file_unshare(struct inode *inode, loff_t pos, loff_t len,
		const struct iomap_ops *ops);
int dax_dedupe_file_range_compare(struct inode *src, loff_t srcoff,
		struct inode *dest, loff_t destoff, loff_t len, bool *same,
		const struct iomap_ops *ops);
int dax_remap_file_range_prep(struct file *file_in, loff_t pos_in,
		struct file *file_out, loff_t pos_out, loff_t *len,
		unsigned int remap_flags, const struct iomap_ops *ops);

/* --- parameters: as variables that a case can set --- */
struct kernel_param {
	void *arg;
};
struct kernel_param_ops {
	int (*set)(const char *arg, const struct kernel_param *param);
	int (*get)(char *buffer, const struct kernel_param *param);
};
static inline int param_get_ulong(char *buffer, const struct kernel_param *param)
{
	return 0;
}
int kstrtoul(const char *text, unsigned int base, unsigned long *value);
#define module_param_named(name, value, type, perm)			\
	type *const shim_param_##name = &(value)
#define module_param_cb(name, ops, value, perm)				\
	const struct kernel_param_ops *const shim_param_##name = (ops)
#define MODULE_PARM_DESC(name, text) extern int shim_text_##name

/* --- tracepoints: none --- */
#define TP_PROTO(args...)	args
#define TP_ARGS(args...)
#define DECLARE_EVENT_CLASS(args...)
#define DEFINE_EVENT(class, name, proto, args) \
	static inline void trace_##name(proto) { }
#define TRACE_DEFINE_ENUM(name)	extern int shim_trace_enum_##name
#define TRACE_EVENT(name, proto, args...) \
	static inline void trace_##name(proto) { }

#endif
