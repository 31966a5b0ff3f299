/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The DAX core's own types and functions.
 *
 * Conventions in this folder:
 *
 *   index    page offset in the file
 *   start    index of the first page that an entry covers
 *   order    size of an entry or fault: 0 or DAX_PMD_ORDER
 *   pos, len bytes in the file; iomap and iter speak bytes as well
 *   kaddr    address in the kernel's own mapping of the device
 *
 * A function named xas_dax_*() works on a cursor and expects the lock of the
 * cursor's XArray held with interrupts off.  Its comment says if it can drop
 * the lock.  dax_entry_*() without a cursor only looks at its argument.
 */
#ifndef FS_DAX_INTERNAL_H
#define FS_DAX_INTERNAL_H

#include <linux/dax.h>
#include <linux/huge_mm.h>
#include <linux/iomap.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pfn_t.h>
#include <linux/xarray.h>
#include "compat.h"

#define DAX_PMD_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define DAX_PMD_PAGES	(1UL << DAX_PMD_ORDER)

/**
 * struct dax_entry - what a DAX mapping's XArray holds for a page or a PMD
 * @slot: an XArray value, or NULL for "no entry"
 *
 * The struct exists so that the compiler keeps entries apart from pages,
 * errors and the XArray's internal pointers.  Only the functions below look
 * inside.  The word of the value is:
 *
 *   bit  0    locked; see lock.c
 *   bit  1    covers a PMD; otherwise one page
 *   bits 2,3  enum dax_kind
 *   bits 4..  page frame number of the first page, of the zero page for
 *             DAX_ZERO, 0 for DAX_EMPTY
 */
struct dax_entry {
	void *slot;
};

/**
 * enum dax_kind - what is behind an entry
 * @DAX_MEDIA: pages of the device; they are associated with the mapping
 * @DAX_ZERO: a hole that was read through the zero page
 * @DAX_EMPTY: nothing yet; exists only while it is locked
 */
enum dax_kind {
	DAX_MEDIA,
	DAX_ZERO,
	DAX_EMPTY,
};

#define DAX_ENTRY_LOCKED	BIT(0)
#define DAX_ENTRY_PMD		BIT(1)
#define DAX_ENTRY_KIND_SHIFT	2
#define DAX_ENTRY_KIND_MASK	(BIT(2) | BIT(3))
#define DAX_ENTRY_PFN_SHIFT	4

#define DAX_NO_ENTRY		((struct dax_entry){ NULL })

static inline struct dax_entry dax_entry_make(unsigned long pfn,
		enum dax_kind kind, unsigned int order)
{
	unsigned long word = pfn << DAX_ENTRY_PFN_SHIFT;

	word |= (unsigned long)kind << DAX_ENTRY_KIND_SHIFT;
	if (order)
		word |= DAX_ENTRY_PMD;
	return (struct dax_entry){ xa_mk_value(word) };
}

static inline bool dax_entry_exists(struct dax_entry entry)
{
	return entry.slot;
}

static inline unsigned long dax_entry_word(struct dax_entry entry)
{
	return xa_to_value(entry.slot);
}

static inline unsigned long dax_entry_pfn(struct dax_entry entry)
{
	return dax_entry_word(entry) >> DAX_ENTRY_PFN_SHIFT;
}

static inline enum dax_kind dax_entry_kind(struct dax_entry entry)
{
	return (dax_entry_word(entry) & DAX_ENTRY_KIND_MASK) >>
		DAX_ENTRY_KIND_SHIFT;
}

static inline bool dax_entry_is_locked(struct dax_entry entry)
{
	return dax_entry_word(entry) & DAX_ENTRY_LOCKED;
}

static inline struct dax_entry dax_entry_locked(struct dax_entry entry)
{
	return (struct dax_entry){
		xa_mk_value(dax_entry_word(entry) | DAX_ENTRY_LOCKED) };
}

static inline struct dax_entry dax_entry_unlocked(struct dax_entry entry)
{
	return (struct dax_entry){
		xa_mk_value(dax_entry_word(entry) & ~DAX_ENTRY_LOCKED) };
}

static inline unsigned int dax_entry_order(struct dax_entry entry)
{
	return dax_entry_word(entry) & DAX_ENTRY_PMD ? DAX_PMD_ORDER : 0;
}

static inline unsigned long dax_entry_pages(struct dax_entry entry)
{
	return 1UL << dax_entry_order(entry);
}

/* Index of the first page that @entry covers, found at @index. */
static inline pgoff_t dax_entry_start(struct dax_entry entry, pgoff_t index)
{
	return round_down(index, dax_entry_pages(entry));
}

/* Page frame that @entry, found at @index, has for @index; DAX_MEDIA only. */
static inline unsigned long dax_entry_pfn_at(struct dax_entry entry,
		pgoff_t index)
{
	return dax_entry_pfn(entry) + index - dax_entry_start(entry, index);
}

/**
 * enum dax_lookup - result of a search for an entry
 * @DAX_LOOKUP_NONE: nothing there
 * @DAX_LOOKUP_FOUND: an unlocked entry
 * @DAX_LOOKUP_CONFLICT: a smaller entry somewhere in the range asked for
 * @DAX_LOOKUP_FOREIGN: something that DAX did not put there
 */
enum dax_lookup {
	DAX_LOOKUP_NONE,
	DAX_LOOKUP_FOUND,
	DAX_LOOKUP_CONFLICT,
	DAX_LOOKUP_FOREIGN,
};

/* lock.c */
enum dax_lookup xas_dax_get_unlocked(struct xa_state *xas, unsigned int order,
		struct dax_entry *entry);
void xas_dax_pass_on(struct xa_state *xas, struct dax_entry entry);
void xas_dax_wake_all(struct xa_state *xas, struct dax_entry entry);
void xas_dax_wait_and_leave(struct xa_state *xas, struct dax_entry entry)
	__releases(xas->xa->xa_lock);
struct dax_entry xas_dax_lock(struct xa_state *xas, struct dax_entry entry);
void xas_dax_relock(struct xa_state *xas) __acquires(xas->xa->xa_lock);
void xas_dax_unlock(struct xa_state *xas, struct dax_entry entry);

/* entry.c */
/**
 * enum dax_grab - result of dax_entry_grab()
 * @DAX_GRAB_OK: the entry is there and locked
 * @DAX_GRAB_CONFLICT: there are smaller entries in the range; fault them singly
 * @DAX_GRAB_NOMEM: no memory for a node of the XArray
 * @DAX_GRAB_FOREIGN: the mapping holds something that DAX did not put there
 */
enum dax_grab {
	DAX_GRAB_OK,
	DAX_GRAB_CONFLICT,
	DAX_GRAB_NOMEM,
	DAX_GRAB_FOREIGN,
};

enum dax_grab dax_entry_grab(struct xa_state *xas,
		struct address_space *mapping, unsigned int order,
		struct dax_entry *entry);
struct dax_entry dax_entry_set(struct xa_state *xas,
		struct address_space *mapping, struct dax_entry old,
		struct dax_entry new, bool dirty);
void dax_entry_release(struct xa_state *xas, struct address_space *mapping,
		struct dax_entry entry);
int dax_entry_split(struct xa_state *xas, struct dax_entry *entry, gfp_t gfp);
void xas_dax_remove(struct xa_state *xas, struct address_space *mapping,
		struct dax_entry entry);
void xas_dax_breathe(struct xa_state *xas, unsigned int *scanned);

/**
 * xas_dax_fill() - put an entry where there is none
 * @xas: cursor at a slot that was seen empty
 * @new: an entry of one page, not locked
 *
 * xas_store() is made for everything that can be stored anywhere, a hundred
 * instructions of it, which at one a page would be the largest part of a read
 * fault that maps many.  Here a value without marks takes the place of NULL in a
 * leaf, so that the leaf's two counts (see struct xa_node) are all there is to
 * keep.
 *
 * A leaf that has to be made first is left to xas_store(), but no more than one
 * empty node: of two, the second may not be had, and the first would stay for good.
 *
 * Context: The XArray's lock is held and was not dropped since the slot was seen.
 * Return: False if there was no memory, or more than one node would be needed.
 */
static inline bool xas_dax_fill(struct xa_state *xas, struct dax_entry new)
{
	struct xa_node *node = xas->xa_node;

	if (!xas_not_node(node) && !node->shift) {
		rcu_assign_pointer(node->slots[xas->xa_offset], new.slot);
		node->count++;
		node->nr_values++;
		return true;
	}
	/* where the tree has to grow, what it was is in the nodes on top */
	if (xas_not_node(node) ? xas->xa_index >> (2 * XA_CHUNK_SHIFT) != 0 :
				 node->shift > XA_CHUNK_SHIFT)
		return false;
	xas_store(xas, new.slot);
	return !xas_error(xas);
}

/* page.c */
/**
 * struct dax_place - where a page is in a file
 * @mapping: the file's mapping
 * @index: the page's index there
 */
struct dax_place {
	struct address_space *mapping;
	pgoff_t index;
};

bool dax_entry_has_pages(struct dax_entry entry);
void dax_pages_associate(struct address_space *mapping,
		struct dax_entry entry, pgoff_t index);
void dax_pages_associate_some(struct address_space *mapping,
		unsigned long pfn, pgoff_t index, u64 pages);
bool dax_pages_dissociate(struct address_space *mapping,
		struct dax_entry entry, pgoff_t index);
bool dax_page_index(struct page *page, struct address_space *mapping,
		pgoff_t *index);
unsigned int dax_page_sharers(struct page *page, struct dax_place *places,
		unsigned int max);
struct page *dax_entry_busy_page(struct dax_entry entry);

/* poison.c */
extern bool dax_poison_seen;

bool __dax_pfn_poisoned(unsigned long pfn);
unsigned long __dax_good_pages(unsigned long pfn, unsigned long nr);
void dax_poison_note(unsigned long pfn);
void dax_poison_prepare(unsigned long pfn, unsigned long nr);
void dax_poison_repaired(unsigned long pfn, unsigned long nr);

/**
 * dax_pfn_poisoned() - is this page of the device known to be bad?
 * @pfn: page frame of the device
 *
 * Costs a load and a branch until the first DAX page of this boot is poisoned.
 */
static inline bool dax_pfn_poisoned(unsigned long pfn)
{
	return unlikely(READ_ONCE(dax_poison_seen)) && __dax_pfn_poisoned(pfn);
}

/**
 * dax_good_pages() - length of the run of pages that are not poisoned
 * @pfn: first page frame
 * @nr: pages to look at
 *
 * Context: Process context.  May sleep.
 * Return: 0 to @nr.  The kernel can read and write these pages.
 */
static inline unsigned long dax_good_pages(unsigned long pfn, unsigned long nr)
{
	return unlikely(READ_ONCE(dax_poison_seen)) ?
		__dax_good_pages(pfn, nr) : nr;
}

/* media.c */
bool dax_media_is_there(const struct iomap *iomap, loff_t pos);
long dax_media_map_prefix(const struct iomap *iomap, loff_t pos, size_t len,
		void **kaddr);
int dax_cow_fill(const struct iomap_iter *iter, loff_t pos, size_t len,
		void *kaddr);
void dax_take_new(const struct iomap_iter *iter, u64 sure);

/**
 * dax_media_pgoff() - page offset on the DAX device of a position in a file
 * @iomap: mapping that contains @pos
 * @pos: position in the file, bytes
 */
static inline pgoff_t dax_media_pgoff(const struct iomap *iomap, loff_t pos)
{
	return PHYS_PFN(iomap->addr + (pos & PAGE_MASK) - iomap->offset);
}

/**
 * dax_media_map() - find the device memory behind part of a file
 * @iomap: mapping that contains the range, with blocks behind it
 * @pos: position in the file, bytes
 * @len: length, bytes; need not end on a page
 * @mode: DAX_ACCESS, or DAX_RECOVERY_WRITE to reach pages that are bad
 * @kaddr: address of the byte at @pos; NULL if not wanted
 * @pfn: page frame that contains @pos; NULL if not wanted
 *
 * What is not wanted is not asked for: some drivers have to work for it.
 *
 * Context: Under dax_read_lock().
 * Return: Number of pages, from the one that contains @pos, that are
 * consecutive in memory, not more than the range needs; -DAX_EPOISON if one of them is
 * in the device's badblocks; -ENXIO if the device is gone; -ERANGE if it ends
 * before @pos.
 */
static inline long dax_media_map(const struct iomap *iomap, loff_t pos,
		size_t len, enum dax_access_mode mode, void **kaddr, pfn_t *pfn)
{
	unsigned int offset = offset_in_page(pos);
	long nr;

	nr = dax_direct_access(iomap->dax_dev, dax_media_pgoff(iomap, pos),
			       PFN_UP(offset + len), mode, kaddr, pfn);
	if (nr > 0 && kaddr)
		*kaddr += offset;
	return nr;
}

/**
 * dax_media_map_good() - find the part of a range that can be read
 * @iomap: as for dax_media_map()
 * @pos: as for dax_media_map()
 * @len: as for dax_media_map()
 * @kaddr: address of the byte at @pos
 *
 * Context: Under dax_read_lock().
 * Return: Number of pages, as dax_media_map(), none of them poisoned;
 * -DAX_EPOISON if the first one is.
 */
static inline long dax_media_map_good(const struct iomap *iomap, loff_t pos,
		size_t len, void **kaddr)
{
	long nr = dax_media_map(iomap, pos, len, DAX_ACCESS, kaddr, NULL);

	if (unlikely(nr == -DAX_EPOISON || READ_ONCE(dax_poison_seen)))
		return dax_media_map_prefix(iomap, pos, len, kaddr);
	return nr;
}

/* Does reading this mapping give zeroes? */
static inline bool dax_map_is_zero(const struct iomap *iomap)
{
	return iomap->type == IOMAP_HOLE || iomap->type == IOMAP_UNWRITTEN;
}

/*
 * Does @iter write to a block that takes the place of a shared one?  The
 * filesystem then says IOMAP_F_SHARED and, unless the source is a hole, gives
 * it in srcmap.  It is a question for iterators that write or zero.
 */
static inline bool dax_iter_is_cow(const struct iomap_iter *iter)
{
	return iter->iomap.flags & IOMAP_F_SHARED;
}

/*
 * Bit of mapping->flags: the file shares blocks with another, or did.  What
 * <linux/pagemap.h> has there counts from 0.
 */
#define DAX_AS_SHARES	(BITS_PER_LONG - 1)

static inline bool dax_may_share(struct address_space *mapping)
{
	return test_bit(DAX_AS_SHARES, &mapping->flags);
}

static inline void dax_set_may_share(struct address_space *mapping)
{
	if (!dax_may_share(mapping))
		set_bit(DAX_AS_SHARES, &mapping->flags);
}

/* invalidate.c */
unsigned int dax_cow_sequence(struct address_space *mapping);
void dax_cow_committed(struct address_space *mapping);
int dax_drop_stale(const struct iomap_iter *iter, loff_t pos, u64 len);

/* writeback.c */
int dax_flush_good(struct dax_device *dax_dev, unsigned long pfn,
		unsigned long pages);

/* fault.c */
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
	pfn_t *pfnp;
};

vm_fault_t dax_fault_iterate(struct dax_fault *f, const struct iomap_ops *ops,
		int *error);

/* around.c */
void dax_around_window(struct dax_fault *f, pgoff_t pages_in_file);
void dax_around_map(struct dax_fault *f, pfn_t pfn);

/* hole.c */
vm_fault_t dax_fault_hole(struct dax_fault *f);

/* pmd.c; not there without CONFIG_FS_DAX_PMD: test that before a call */
vm_fault_t dax_pmd_fault(struct vm_fault *vmf, pfn_t *pfnp,
		const struct iomap_ops *ops);
vm_fault_t dax_pmd_hole(struct dax_fault *f);

#endif /* FS_DAX_INTERNAL_H */
