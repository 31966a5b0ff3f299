/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks that take the place of others.
 */
#ifndef FS_DAX_COW_H
#define FS_DAX_COW_H

#include <linux/bitops.h>
#include <linux/iomap.h>
#include <linux/pagemap.h>
#include "poison.h"

int dax_cow_fill(const struct iomap_iter *iter, loff_t pos, size_t len,
		void *kaddr);
void __dax_take_new(const struct iomap_iter *iter, u64 sure);
unsigned int dax_cow_sequence(struct address_space *mapping);
void dax_cow_committed(struct address_space *mapping);
void dax_cow_forgotten(struct address_space *mapping);
int dax_drop_stale(const struct iomap_iter *iter, loff_t pos, u64 len);

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

/**
 * dax_take_new() - blocks that the filesystem has just zeroed are good
 * @iter: write iterator, before its range is advanced
 * @sure: bytes from its position on that are known to have had no content
 *
 * Costs a load and a branch until the first DAX page of this boot is poisoned.
 *
 * Context: Process context.  May sleep.
 */
static inline void dax_take_new(const struct iomap_iter *iter, u64 sure)
{
	if (unlikely(READ_ONCE(dax_poison_seen)))
		__dax_take_new(iter, sure);
}

#endif /* FS_DAX_COW_H */
