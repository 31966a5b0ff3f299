/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The entry lock and its waiters.
 */
#ifndef FS_DAX_LOCK_H
#define FS_DAX_LOCK_H

#include "types.h"

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

/**
 * dax_node_marks() - a mark of all entries of a node, as a bitmap
 * @node: node of an XArray
 * @mark: the mark
 *
 * Context: Under the XArray's lock.
 */
static inline unsigned long *dax_node_marks(struct xa_node *node, xa_mark_t mark)
{
	return node->marks[(__force unsigned int)mark];
}

enum dax_lookup xas_dax_get_unlocked(struct xa_state *xas, unsigned int order,
		struct dax_entry *entry);
void xas_dax_pass_on(struct xa_state *xas, struct dax_entry entry);
void xas_dax_wake_all(struct xa_state *xas, struct dax_entry entry);
void xas_dax_wait_and_leave(struct xa_state *xas, struct dax_entry entry)
	__releases(xas->xa->xa_lock);
struct dax_entry xas_dax_replace(struct xa_state *xas,
		struct dax_entry entry);
struct dax_entry xas_dax_lock(struct xa_state *xas, struct dax_entry entry);
void xas_dax_relock(struct xa_state *xas) __acquires(xas->xa->xa_lock);
void xas_dax_unlock(struct xa_state *xas, struct dax_entry entry);
unsigned long xas_dax_lock_run(struct xa_state *xas, struct dax_entry entry,
		pgoff_t last, xa_mark_t mark);
void xas_dax_unlock_run(struct xa_state *xas, struct dax_entry entry,
		unsigned long nr);

#endif /* FS_DAX_LOCK_H */
