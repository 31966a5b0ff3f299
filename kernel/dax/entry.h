/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of an entry.
 */
#ifndef FS_DAX_ENTRY_H
#define FS_DAX_ENTRY_H

#include "types.h"

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

bool xas_dax_fill_node(struct xa_state *xas, struct dax_entry new);

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
 * Context: The XArray's lock is held and was not dropped since the slot was seen.
 * Return: False if there was no memory, or more than one node would be needed.
 */
static inline bool xas_dax_fill(struct xa_state *xas, struct dax_entry new)
{
	struct xa_node *node = xas->xa_node;

	if (xas_not_node(node) || node->shift)
		return xas_dax_fill_node(xas, new);
	rcu_assign_pointer(node->slots[xas->xa_offset], new.slot);
	node->count++;
	node->nr_values++;
	return true;
}

#endif /* FS_DAX_ENTRY_H */
