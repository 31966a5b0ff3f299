// SPDX-License-Identifier: GPL-2.0
/*
 * Fault-around: a read fault maps its neighbours, too.
 *
 * Most of a fault's cost does not depend on how many pages it maps: the
 * exception, the filesystem's locks and its search for the extent.  So a read
 * asks for the extent of a small window around its page and maps what of it is
 * there.  The neighbours are mapped read-only and their entries are not tagged:
 * nothing becomes dirty that was not written.
 *
 * A store that follows others, page by page, maps what lies ahead of it writable, as
 * far as it is written: dax_around_store().
 *
 * In a PMD entry, which the fault has locked, all pages have their entry.
 *
 * Neighbours are a bonus.  Where anything is in the way (a locked entry, a PMD,
 * poison, no memory), the page is left out and its own fault will see to it.
 */
#include "around.h"
#include <linux/bitops.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/log2.h>
#include <linux/moduleparam.h>
#include <linux/pgtable.h>
#include <linux/sizes.h>
#include "cow.h"
#include "entry.h"
#include "media.h"
#include "page.h"
#include "poison.h"

/*
 * 64 KiB is what mm uses for the page cache.  A window never leaves its page
 * table.
 */
#define DAX_AROUND_BYTES	SZ_64K

static unsigned long dax_around_bytes __read_mostly = DAX_AROUND_BYTES;

static int dax_around_set(const char *arg, const struct kernel_param *param)
{
	unsigned long bytes;
	int error = kstrtoul(arg, 0, &bytes);

	if (error)
		return error;
	if (!is_power_of_2(bytes) || bytes < PAGE_SIZE || bytes > PMD_SIZE)
		return -EINVAL;
	WRITE_ONCE(dax_around_bytes, bytes);
	return 0;
}

static const struct kernel_param_ops dax_around_ops = {
	.set = dax_around_set,
	.get = param_get_ulong,
};

module_param_cb(fault_around_bytes, &dax_around_ops, &dax_around_bytes, 0644);
MODULE_PARM_DESC(fault_around_bytes,
	"bytes that a read fault maps, a power of two from one page to a PMD");

/*
 * Pages that a store maps at most, its own among them: as much as a load.  What it
 * maps may be flushed for nothing.
 */
#define DAX_STORE_PAGES		(DAX_AROUND_BYTES / PAGE_SIZE)

static bool dax_write_around __read_mostly = true;

module_param_named(write_around, dax_write_around, bool, 0644);
MODULE_PARM_DESC(write_around,
	"map pages writable, and so dirty, ahead of stores that go page by page");

/*
 * Neighbours are for nothing where a file is read by a page here and a page there.  So what
 * is far from all that was read comes alone, and a walk has a fault more than it would.
 */
static bool dax_around_wanted(struct address_space *mapping, pgoff_t index)
{
	return !mapping->nrpages ||
	       xa_load(&mapping->i_pages, index - 1) ||
	       xa_load(&mapping->i_pages, index) ||
	       xa_load(&mapping->i_pages, index + 1);
}

/**
 * dax_around_window() - choose what a read fault may map
 * @f: the fault; sets @f->first, @f->last and @f->cow_seq
 * @pages: size of the file, pages; the fault lies within
 *
 * The window is the page alone if the file has entries, but not of it or a page beside it.
 * Else it is aligned in the address space, lies within the VMA, and ends at the end of the file.
 *
 * Context: Before the filesystem is asked for blocks.
 */
void dax_around_window(struct dax_fault *f, pgoff_t pages)
{
	struct address_space *mapping = f->iter->inode->i_mapping;
	unsigned long bytes = READ_ONCE(dax_around_bytes);
	struct vm_area_struct *vma = f->vmf->vma;
	unsigned long address = f->vmf->address;
	unsigned long from, to;

	if (!dax_around_wanted(mapping, f->vmf->pgoff))
		bytes = PAGE_SIZE;
	from = max(round_down(address, bytes), vma->vm_start);
	to = min(round_down(address, bytes) + bytes, vma->vm_end);
	f->first = f->vmf->pgoff - ((address - from) >> PAGE_SHIFT);
	f->last = f->vmf->pgoff + ((to - address) >> PAGE_SHIFT) - 1;
	f->last = min(f->last, pages - 1);
	f->cow_seq = dax_cow_sequence(mapping);
}

/* Can the pages from @first to @last be mapped as one run? */
static bool dax_around_media(const struct dax_fault *f, pgoff_t first,
		pgoff_t last, dax_pfn_t *pfn)
{
	unsigned long pages = last - first + 1;

	return dax_media_map(&f->iter->iomap, (loff_t)first << PAGE_SHIFT,
			     pages * PAGE_SIZE, DAX_ACCESS, NULL, pfn) ==
		(long)pages;
}

/*
 * There is a bad or a distant page in the window: cut it down to the run of good
 * ones that contains the page.  Each half costs a question for each bit of its size.
 */
static void dax_around_cut(struct dax_fault *f, dax_pfn_t *pfn)
{
	pgoff_t page = f->vmf->pgoff, good, bad, mid;

	for (good = page, bad = f->last + 1; bad - good > 1; ) {
		mid = good + (bad - good) / 2;
		if (dax_around_media(f, page, mid, pfn))
			good = mid;
		else
			bad = mid;
	}
	f->last = good;
	for (good = 0, bad = page - f->first + 1; bad - good > 1; ) {
		mid = good + (bad - good) / 2;
		if (dax_around_media(f, page - mid, page, pfn))
			good = mid;
		else
			bad = mid;
	}
	f->first = page - good;
}

/* Cut the window down to extent and PMD; false if that is the page alone. */
static bool dax_around_extent(struct dax_fault *f)
{
	pgoff_t start = dax_entry_start(f->entry, f->vmf->pgoff);
	const struct iomap *iomap = &f->iter->iomap;

	if (dax_entry_order(f->entry)) {
		f->first = max(f->first, start);
		f->last = min(f->last, start + DAX_PMD_PAGES - 1);
	}
	f->first = max_t(pgoff_t, f->first, PHYS_PFN(iomap->offset));
	f->last = min_t(pgoff_t, f->last,
			PHYS_PFN(iomap->offset + iomap->length) - 1);
	return f->first != f->last;
}

/* What part of the window can be mapped, and the page frame of its start. */
static bool dax_around_trim(struct dax_fault *f, dax_pfn_t *pfn)
{
	bool whole;
	int id;

	if (!dax_around_extent(f))
		return false;

	id = dax_read_lock();
	whole = dax_around_media(f, f->first, f->last, pfn);
	if (!whole) {
		dax_around_cut(f, pfn);
		whole = f->first != f->last &&
			dax_around_media(f, f->first, f->last, pfn);
	}
	dax_read_unlock(id);
	return whole;
}

/*
 * Find or make the entries of @nr pages, up to 64, from @index on.  Returns a
 * bit for each page that the file has an unlocked entry for, bit 0 first.
 */
static u64 xas_dax_around_entries(struct xa_state *xas,
		struct address_space *mapping, pgoff_t index,
		unsigned long pfn, unsigned int nr)
{
	u64 found = 0, made = 0, bit = 1;
	struct dax_entry new;
	unsigned int i;
	void *slot;

	xas_set(xas, index);
	slot = xas_load(xas);
	for (i = 0; ; bit <<= 1, slot = xas_next(xas)) {
		new = dax_entry_make(pfn + i, DAX_MEDIA, 0);
		if (slot == new.slot) {
			found |= bit;
		} else if (!slot && !dax_pfn_poisoned(pfn + i)) {
			if (!xas_dax_fill(xas, new))
				break;
			made |= bit;
		}
		if (++i == nr)
			break;
	}
	if (made) {
		mapping->nrpages += hweight64(made);
		dax_pages_associate_some(mapping, pfn, index, made);
	}
	return found | made;
}

/*
 * Tag pages from @index on that have a bit in @pages; they have entries.  Returns those
 * that were tagged: not what is marked, which fsync would have to complain of.
 */
static u64 xas_dax_around_tag(struct xa_state *xas, pgoff_t index,
		unsigned long pfn, u64 pages)
{
	u64 bit = 1, left = pages;

	xas_set(xas, index);
	for (xas_load(xas); left; left >>= 1, bit <<= 1, pfn++, xas_next(xas)) {
		if (!(left & 1))
			continue;
		if (dax_pfn_poisoned(pfn))
			pages &= ~bit;
		else
			xas_set_mark(xas, PAGECACHE_TAG_DIRTY);
	}
	return pages;
}

static void xas_dax_around(struct xa_state *xas,
		struct address_space *mapping, const struct dax_fault *f,
		pte_t *pte, unsigned long address, dax_pfn_t pfn)
{
	struct vm_area_struct *vma = f->vmf->vma;
	pgprot_t prot = dax_map_prot(vma, pfn);
	unsigned long frame = dax_pfn(pfn);
	pgoff_t index = f->first;
	unsigned long nr;
	u64 pages;

	for (; index <= f->last; index += nr, frame += nr, pte += nr) {
		nr = min(f->last - index + 1, 64UL);
		nr = min(nr, DAX_PMD_PAGES - frame % DAX_PMD_PAGES);
		pages = dax_entry_order(f->entry) ? GENMASK_ULL(nr - 1, 0) :
			xas_dax_around_entries(xas, mapping, index, frame, nr);
		if (!f->write) {
			dax_map_range(vma, address, pte, frame, prot, pages);
		} else {
			/* a PMD was tagged for the page that was stored to */
			if (!dax_entry_order(f->entry))
				pages = xas_dax_around_tag(xas, index, frame, pages);
			dax_map_writable(vma, address, pte, frame, prot, pages);
		}
		address += nr << PAGE_SHIFT;
	}
}

/*
 * As xas_dax_around_entries(), of a hole.  An entry of a zero page is as good as any
 * other of one: see dax_entry_set().
 */
static u64 xas_dax_around_zeroes(struct xa_state *xas,
		struct address_space *mapping, pgoff_t index,
		unsigned long address, unsigned int nr)
{
	u64 pages = 0, bit = 1;
	struct dax_entry entry;

	xas_set(xas, index);
	entry.slot = xas_load(xas);
	for (; ; bit <<= 1, address += PAGE_SIZE, entry.slot = xas_next(xas)) {
		if (!dax_entry_exists(entry)) {
			entry = dax_entry_make(my_zero_pfn(address), DAX_ZERO, 0);
			if (!xas_dax_fill(xas, entry))
				break;
			mapping->nrpages++;
			pages |= bit;
		} else if (!dax_entry_is_locked(entry) &&
			   !dax_entry_order(entry) &&
			   dax_entry_kind(entry) == DAX_ZERO) {
			pages |= bit;
		}
		if (!--nr)
			break;
	}
	return pages;
}

static void xas_dax_around_hole(struct xa_state *xas,
		struct address_space *mapping, const struct dax_fault *f,
		pte_t *pte, unsigned long address)
{
	pgoff_t index = f->first;
	unsigned long nr;
	u64 pages;

	for (; index <= f->last; index += nr, pte += nr) {
		nr = min(f->last - index + 1, 64UL);
		pages = xas_dax_around_zeroes(xas, mapping, index, address, nr);
		dax_map_zeroes(f->vmf->vma, address, pte, pages);
		address += nr << PAGE_SHIFT;
	}
}

/* The window from @pfn on, or of the zero page without one. */
static void dax_around_fill(struct dax_fault *f, const dax_pfn_t *pfn)
{
	struct address_space *mapping = f->iter->inode->i_mapping;
	XA_STATE(xas, &mapping->i_pages, f->first);
	struct vm_fault *vmf = f->vmf;
	unsigned long address;
	spinlock_t *ptl;
	pte_t *pte;

	address = vmf->address - ((vmf->pgoff - f->first) << PAGE_SHIFT);
	/* no page table, although we have just filled an entry: it was zapped */
	pte = dax_pte_lock(vmf, address, &ptl);
	if (!pte)
		return;
	xas_lock_irq(&xas);
	if (dax_cow_sequence(mapping) == f->cow_seq) {
		if (pfn)
			xas_dax_around(&xas, mapping, f, pte, address, *pfn);
		else
			xas_dax_around_hole(&xas, mapping, f, pte, address);
	}
	xas_unlock_irq(&xas);
	dax_pte_unlock(pte, ptl);
}

/**
 * dax_around_map() - map the neighbours of a page
 * @f: a read fault that has just mapped its page
 * @pfn: that page
 *
 * The neighbours' entries are not locked.  Instead their entries and page table
 * entries appear together, under the page table lock with the XArray's lock
 * inside.  Whoever removes an entry unmaps its range afterwards and so finds
 * both, or neither.  memory_failure() holds the entry lock from before it marks
 * the page until it is unmapped: the entry is seen locked and passed over, or
 * unlocked and the page marked.
 *
 * The extent is still what the filesystem said.  Truncation is kept out, and a
 * block that was replaced since then shows in dax_cow_sequence().
 *
 * Context: Process context, entry lock of the page that faulted held.
 */
void dax_around_map(struct dax_fault *f, dax_pfn_t pfn)
{
	if (dax_pfn_has_page(pfn) && dax_around_trim(f, &pfn))
		dax_around_fill(f, &pfn);
}

/**
 * dax_around_map_zeroes() - map the zero page for the neighbours of a page
 * @f: a read fault that has just mapped the zero page for its own
 *
 * As dax_around_map(), but that a hole does not stay one: write(2) puts blocks there,
 * and does not keep faults out.  It drops the entries of holes after it has the
 * blocks, and the filesystem was asked here before: either dax_cow_sequence() has
 * moved, or the entries are in place when they are dropped.
 *
 * Context: As dax_around_map().
 */
void dax_around_map_zeroes(struct dax_fault *f)
{
	if (IS_ENABLED(CONFIG_ARCH_HAS_PTE_SPECIAL) && dax_around_extent(f))
		dax_around_fill(f, NULL);
}

/*
 * How many pages right in front of a page were stored to by way of the same page
 * table, as far as it matters.  A page that is mapped writable and was not stored to
 * is not dirty there: the processor says which.
 */
static unsigned long dax_around_stored(const struct dax_fault *f)
{
	unsigned long address = f->vmf->address, n = 0, most;
	pte_t *pte, entry;
	spinlock_t *ptl;

	most = min(address - f->vmf->vma->vm_start, address & ~PMD_MASK);
	most = min(most >> PAGE_SHIFT, DAX_STORE_PAGES - 1);
	if (!most)
		return 0;
	pte = dax_pte_lock(f->vmf, address, &ptl);
	if (!pte)
		return 0;
	for (; n < most; n++) {
		entry = ptep_get(pte - n - 1);
		if (!pte_present(entry) || !pte_write(entry) || !pte_dirty(entry))
			break;
	}
	dax_pte_unlock(pte, ptl);
	return n;
}

/* Can pages of this extent be stored to without another question? */
static bool dax_around_is_written(const struct dax_fault *f,
		const struct iomap *iomap)
{
	bool sync = (f->vmf->vma->vm_flags & VM_SYNC) &&
		(iomap->flags & IOMAP_F_DIRTY);

	return !sync && iomap->type == IOMAP_MAPPED &&
		!(iomap->flags & (IOMAP_F_NEW | IOMAP_F_SHARED));
}

/* Pages to map from the one that was stored to on; 1 or less is none but itself. */
static unsigned long dax_around_ahead(const struct dax_fault *f)
{
	pgoff_t page = f->vmf->pgoff;
	/* not the page that the file ends in: its block may have to be asked for */
	pgoff_t end = i_size_read(f->iter->inode) >> PAGE_SHIFT;
	unsigned long address = f->vmf->address, room;

	room = min(f->vmf->vma->vm_end - address, PMD_SIZE - (address & ~PMD_MASK));
	room = min(PFN_UP(room), end > page ? end - page : 0);
	if (room < 2)
		return 0;
	return min(room, rounddown_pow_of_two(dax_around_stored(f) + 1));
}

/**
 * dax_around_store() - map what lies ahead of a page that was stored to
 * @f: a write fault that has mapped its page, of a block that it found there
 * @ops: the filesystem's
 *
 * If the pages in front were stored to, those behind are likely to be next, and so
 * they are mapped writable: as many as were stored to, at most, and not more than
 * DAX_STORE_PAGES with its own.  What is mapped writable is tagged dirty with it,
 * under the locks of dax_around_map(), for the reasons given there.  The inode is dirty
 * by then and stays so: the page that was stored to is tagged, and its entry is locked.
 *
 * The filesystem is asked again, from this page on, which has a block by now: so it
 * tells how far that extent goes, and allocates none for the pages behind.
 *
 * Context: Process context, entry lock of the page that faulted held.  Sleeps.
 */
void dax_around_store(struct dax_fault *f, const struct iomap_ops *ops)
{
	unsigned long pages = READ_ONCE(dax_write_around) ? dax_around_ahead(f) : 0;
	struct dax_fault ahead;
	struct iomap_iter iter;
	dax_pfn_t pfn;

	if (pages < 2)
		return;
	iter = (struct iomap_iter) {
		.inode	= f->iter->inode,
		.pos	= (loff_t)f->vmf->pgoff << PAGE_SHIFT,
		.len	= pages << PAGE_SHIFT,
		.flags	= f->iter->flags,
	};
	ahead = *f;
	ahead.iter = &iter;
	ahead.first = f->vmf->pgoff;
	ahead.last = ahead.first + pages - 1;
	ahead.cow_seq = dax_cow_sequence(iter.inode->i_mapping);
	if (iomap_iter(&iter, ops) <= 0)
		return;
	if (dax_around_is_written(f, &iter.iomap) &&
	    dax_around_trim(&ahead, &pfn) && dax_pfn_has_page(pfn))
		dax_around_fill(&ahead, &pfn);
	/* the other pages may have copies on their way, which are not ours to end */
	iter.len = PAGE_SIZE;
	dax_iter_took(&iter, PAGE_SIZE);
	iomap_iter(&iter, ops);
}
