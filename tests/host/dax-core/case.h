/* SPDX-License-Identifier: GPL-2.0 */
/* What the cases know of the user-space kernel. */
#ifndef DAX_CASE_H
#define DAX_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "shim.h"
#include "internal.h"

#define PFN		512UL	/* the first page of a PMD of the device */

struct shim_calls {
	int unmaps;
	pgoff_t unmap_start;
	pgoff_t unmap_nr;
	size_t flushed;
	void (*on_unmap)(struct address_space *mapping);
	unsigned int told;
	struct dax_place told_at[8];
	void (*on_tell)(struct address_space *mapping, pgoff_t index);
};

extern struct shim_calls shim_calls;
extern int shim_nodes;
extern int shim_allocations;
extern bool shim_no_memory;
extern int shim_nodes_left;	/* how many more there are; -1: enough */

/* cases.c: a file without entries; an entry, locked; what a fault does */
struct address_space *new_mapping(void);
void free_mapping(struct address_space *mapping);
struct dax_entry grab(struct xa_state *xas, struct address_space *mapping,
		unsigned int order);
void fault(struct address_space *mapping, pgoff_t index, unsigned int order,
		unsigned long pfn, enum dax_kind kind, bool dirty);
struct dax_entry look(struct address_space *mapping, pgoff_t index);

/* blocks.c */
void what_is_not_wanted_is_not_asked_for(void **state);
void who_maps_is_told_once(void **state);
void truncation_asks_nothing_for_each_page(void **state);
void a_page_that_was_repaired_early_comes_back(void **state);

/* give.c */
void a_pmd_gives_way_to_its_pages(void **state);
void no_memory_keeps_the_pmd(void **state);
void a_pmd_that_is_cut_keeps_the_rest(void **state);
void what_is_pinned_is_not_invalidated(void **state);
void the_scan_waits_for_a_locked_entry(void **state);
void writeback_waits_for_a_locked_entry(void **state);
void what_a_write_replaces_is_dropped(void **state);
void a_write_to_a_hole_drops_zero_pages_alone(void **state);
void what_is_not_filled_leaves_no_node(void **state);
void who_waits_for_a_pmd_gets_its_page(void **state);

/* shared.c */
void shared_pages_keep_an_owner(void **state);
void ownership_passes_to_who_still_has_the_page(void **state);
void one_file_may_have_a_page_twice(void **state);
void sharing_a_locked_page_moves_nothing(void **state);
void all_who_share_are_told(void **state);
void who_has_another_page_by_then_is_not_told(void **state);
void a_sharer_without_memory_is_no_error(void **state);

/* threads.c */
void a_wake_up_is_passed_on(void **state);
void who_will_not_lock_takes_no_wake_up(void **state);
void waiters_of_a_pmd_meet(void **state);
void removal_wakes_all(void **state);
void the_inode_may_go_while_a_page_is_waited_for(void **state);
void threads_exclude_each_other_and_all_end(void **state);
void a_page_is_shared_while_it_fails(void **state);

#endif
