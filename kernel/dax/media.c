// SPDX-License-Identifier: GPL-2.0
/*
 * From the filesystem's mapping to the bytes of the device.
 *
 * What an address is returned by is called between dax_read_lock() and
 * dax_read_unlock(), and the address is good until the latter.
 */
#include "internal.h"
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
	pfn_t pfn;

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
	nr = dax_good_pages(pfn_t_to_pfn(pfn), nr);
	return nr ? nr : -DAX_EPOISON;
}

/**
 * dax_cow_fill() - give a new block what the shared block held
 * @iter: write or zero iterator over a shared block; see dax_iter_is_cow()
 * @pos: first byte to fill, position in the file
 * @len: number of bytes; the range lies within @iter's mappings
 * @kaddr: address of the new block's byte at @pos
 *
 * A new block holds what its last owner left, so each byte of it that the
 * caller does not write has to come from somewhere: from the source, or, where
 * that is a hole or unwritten, it is 0.
 *
 * The source may be poisoned and nobody know it yet: the copy is one that
 * survives a machine check.
 *
 * Context: Under dax_read_lock().
 * Return: 0; -DAX_EPOISON if the source is poisoned; as dax_media_map() otherwise.
 */
int dax_cow_fill(const struct iomap_iter *iter, loff_t pos, size_t len,
		void *kaddr)
{
	const struct iomap *source = &iter->srcmap;

	while (len) {
		size_t chunk = len;
		void *from;
		long nr;

		if (dax_map_is_zero(source)) {
			memset(kaddr, 0, chunk);
		} else {
			nr = dax_media_map_good(source, pos, len, &from);
			if (nr < 0)
				return nr;
			chunk = min_t(size_t, len, nr * PAGE_SIZE -
				      offset_in_page(pos));
			if (copy_mc_to_kernel(kaddr, from, chunk))
				return -DAX_EPOISON;
		}
		dax_flush(iter->iomap.dax_dev, kaddr, chunk);
		pos += chunk;
		kaddr += chunk;
		len -= chunk;
	}
	return 0;
}

static void dax_new_pages(const struct iomap *iomap, loff_t pos, u64 len)
{
	pfn_t pfn;
	long nr;

	while (len) {
		nr = dax_media_map(iomap, pos, len, DAX_ACCESS, NULL, &pfn);
		if (nr <= 0)
			return;
		dax_poison_prepare(pfn_t_to_pfn(pfn), nr);
		dax_poison_repaired(pfn_t_to_pfn(pfn), nr);
		len -= min_t(u64, len, nr * PAGE_SIZE - offset_in_page(pos));
		pos = (pos & PAGE_MASK) + nr * PAGE_SIZE;
	}
}

/**
 * dax_take_new() - blocks that the filesystem has just zeroed are good
 * @iter: write iterator, before its range is advanced
 * @sure: bytes from its position on that are known to have had no content
 *
 * IOMAP_F_NEW is not for all of a mapping: XFS gives what it has allocated or converted
 * and what was written long ago as one, if it lies behind on the media and within the
 * range that was asked for (xfs_bmapi_write()); that may be marked, and stays so.  New
 * are the page that was asked for first, and what lies behind the range: the rest of an
 * unwritten extent, or blocks behind the end of the file
 * (xfs_direct_write_iomap_begin()).  The latter is said to nobody else.
 *
 * Context: Process context.  May sleep.
 */
void dax_take_new(const struct iomap_iter *iter, u64 sure)
{
	const struct iomap *iomap = &iter->iomap;
	loff_t behind = round_up(iter->pos + iter->len, PAGE_SIZE);
	loff_t end = iomap->offset + iomap->length;
	int id;

	if (likely(!READ_ONCE(dax_poison_seen)) ||
	    !(iomap->flags & IOMAP_F_NEW) || dax_iter_is_cow(iter))
		return;
	id = dax_read_lock();
	dax_new_pages(iomap, iter->pos, min(sure, iomap_length(iter)));
	if (behind < end)
		dax_new_pages(iomap, behind, end - behind);
	dax_read_unlock(id);
}
