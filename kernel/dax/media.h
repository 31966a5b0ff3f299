/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the filesystem's mapping to bytes of the device.
 */
#ifndef FS_DAX_MEDIA_H
#define FS_DAX_MEDIA_H

#include <linux/dax.h>
#include <linux/iomap.h>
#include "poison.h"
#include "types.h"

/* Does reading this mapping give zeroes? */
static inline bool dax_map_is_zero(const struct iomap *iomap)
{
	return iomap->type == IOMAP_HOLE || iomap->type == IOMAP_UNWRITTEN;
}

int dax_flush_good(struct dax_device *dax_dev, unsigned long pfn,
		unsigned long pages);
void dax_flush_good_anyway(unsigned long pfn, unsigned long pages);
bool dax_media_cut(const struct iomap *iomap, loff_t pos);
bool dax_media_is_there(const struct iomap *iomap, loff_t pos);
long dax_media_map_prefix(const struct iomap *iomap, loff_t pos, size_t len,
		void **kaddr);

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
 * dax_media_bytes() - what of a range lies on its first pages
 * @pos: position in the file, bytes
 * @len: length of the range, bytes
 * @nr: pages, from the one that contains @pos
 */
static inline size_t dax_media_bytes(loff_t pos, size_t len, long nr)
{
	return min_t(size_t, len, nr * PAGE_SIZE - offset_in_page(pos));
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
		size_t len, enum dax_access_mode mode, void **kaddr, dax_pfn_t *pfn)
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

#endif /* FS_DAX_MEDIA_H */
