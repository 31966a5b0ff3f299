/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of a DAX mapping: the lowest layer, which all others include.
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
 * cursor's XArray held with interrupts off, or comes back with it held.  Its
 * comment says if it can drop the lock.  dax_entry_*() with a cursor takes the lock
 * and lets go of it; without one it only looks at its argument.
 *
 * A header has what other layers may call of the file of its name, and a file calls
 * none of a layer above its own; which is above which says kernel/README.md.
 */
#ifndef FS_DAX_TYPES_H
#define FS_DAX_TYPES_H

#include <linux/dax.h>
#include <linux/huge_mm.h>
#include <linux/iomap.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
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

#endif /* FS_DAX_TYPES_H */
