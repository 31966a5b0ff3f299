// SPDX-License-Identifier: GPL-2.0
/*
 * From the filesystem's mapping to the bytes of the device.
 *
 * What an address is returned by is called between dax_read_lock() and
 * dax_read_unlock(), and the address is good until the latter.
 */
#include "media.h"
#include <linux/uaccess.h>

/**
 * dax_media_is_there() - can a page be reached, be it poisoned or not?
 * @iomap: as for dax_media_map(); what has no blocks is there
 * @pos: as for dax_media_map()
 *
 * For -DAX_EPOISON of dax_media_map(), which a driver has for its badblocks, but, where
 * that is EIO, also for want of a device behind it.
 *
 * Context: Process context.
 * Return: true if a write that clears poison could reach it.
 */
bool dax_media_is_there(const struct iomap *iomap, loff_t pos)
{
	long nr;
	int id;

	if (iomap->type != IOMAP_MAPPED)
		return true;
	id = dax_read_lock();
	nr = dax_media_map(iomap, pos, PAGE_SIZE, DAX_RECOVERY_WRITE, NULL,
			   NULL);
	dax_read_unlock(id);
	return nr > 0;
}

/**
 * dax_media_map_prefix() - dax_media_map_good() where there is poison
 * @iomap: as for dax_media_map()
 * @pos: as for dax_media_map()
 * @len: as for dax_media_map()
 * @kaddr: as for dax_media_map_good()
 *
 * A driver refuses a range for any bad page in it.  Then the pages in front of
 * the first bad one are found by bisection: the driver's answer for a prefix is
 * the only thing it tells about badblocks.
 *
 * Context: As dax_media_map_good().
 * Return: As dax_media_map_good().
 */
long dax_media_map_prefix(const struct iomap *iomap, loff_t pos, size_t len,
		void **kaddr)
{
	size_t head = PAGE_SIZE - offset_in_page(pos);
	long good = 0, bad, mid, nr;
	dax_pfn_t pfn;

	nr = dax_media_map(iomap, pos, len, DAX_ACCESS, kaddr, &pfn);
	if (nr == -DAX_EPOISON) {
		bad = PFN_UP(offset_in_page(pos) + len);
		while (bad - good > 1) {
			mid = good + (bad - good) / 2;
			nr = dax_media_map(iomap, pos,
					   head + (mid - 1) * PAGE_SIZE,
					   DAX_ACCESS, kaddr, &pfn);
			if (nr == -DAX_EPOISON) {
				bad = mid;
				continue;
			}
			if (nr < mid) {
				good = max(good, nr);
				break;
			}
			good = mid;
		}
		if (!good)
			return nr;
		nr = dax_media_map(iomap, pos, head + (good - 1) * PAGE_SIZE,
				   DAX_ACCESS, kaddr, &pfn);
	}
	if (nr <= 0)
		return nr;
	nr = dax_good_pages(dax_pfn(pfn), nr);
	return nr ? nr : -DAX_EPOISON;
}

/**
 * dax_media_cut() - did a copy end for no fault of its page or of the caller's memory?
 * @iomap: as for dax_media_map()
 * @pos: where it ended
 *
 * Context: Under dax_read_lock().
 * Return: As dax_poison_cut(); false if there is no page.
 */
bool dax_media_cut(const struct iomap *iomap, loff_t pos)
{
	dax_pfn_t pfn;
	long nr;

	if (likely(!READ_ONCE(dax_poison_seen)))
		return false;
	nr = dax_media_map(iomap, pos, 1, DAX_RECOVERY_WRITE, NULL, &pfn);
	return nr > 0 && dax_poison_cut(dax_pfn(pfn));
}

/* Flush the pages that are good; -EIO if one of them was poisoned. */
static __always_inline int dax_flush_runs(struct dax_device *dax_dev,
		unsigned long pfn, unsigned long pages, bool anyway)
{
	unsigned long good;
	int error = 0;

	for (; pages; pfn += good, pages -= good) {
		void *addr = page_address(pfn_to_page(pfn));

		good = dax_good_pages(pfn, pages);
		if (!good) {
			error = -EIO;
			good = 1;
		} else if (anyway) {
			dax_flush_anyway(addr, good * PAGE_SIZE);
		} else {
			dax_flush(dax_dev, addr, good * PAGE_SIZE);
		}
	}
	return error;
}

/**
 * dax_flush_good() - flush pages, except those that are poisoned
 * @dax_dev: the device
 * @pfn: first page frame
 * @pages: how many
 *
 * A poisoned page has nothing worth writing, and after a machine check it is not
 * even mapped by the kernel.
 *
 * Context: The pages are behind an entry that the caller has locked.
 * Return: 0; -EIO if one of them was poisoned.
 */
int dax_flush_good(struct dax_device *dax_dev, unsigned long pfn,
		unsigned long pages)
{
	return dax_flush_runs(dax_dev, pfn, pages, false);
}

/**
 * dax_flush_good_anyway() - dax_flush_good() with no device at hand
 * @pfn: first page frame
 * @pages: how many
 *
 * See dax_flush_anyway().
 *
 * Context: As dax_flush_good(), or that nobody can reach the pages.
 */
void dax_flush_good_anyway(unsigned long pfn, unsigned long pages)
{
	dax_flush_runs(NULL, pfn, pages, true);
}
