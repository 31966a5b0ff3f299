/* SPDX-License-Identifier: GPL-2.0 */
/* What the cases know of the user-space kernel. */
#ifndef DAX_CASE_H
#define DAX_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "shim.h"
#include "around.h"
#include "cow.h"
#include "entry.h"
#include "hole.h"
#include "lock.h"
#include "media.h"
#include "page.h"
#include "pmd.h"
#include "poison.h"
#include "pte.h"
#include "step.h"

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
	int fault_error;
	struct vm_area_struct *on_sync;		/* of which page 2 was mapped, */
	unsigned long mapped_at_sync;		/* when metadata were written */
};

/* What the driver was asked, and how it answers. */
struct shim_driver {
	bool asked_kaddr;
	bool asked_pfn;
	int asked;
	int zeroed;
	int recoveries;
	bool gone;		/* there is no device any more */
	bool lost;		/* it has nothing there, and says -EIO */
	bool whole;		/* a recovery takes more than one page */
	int consumed;		/* loads that met poison nobody knew of */
	bool pageless;		/* its pages are none of devmap's */
	bool broken;		/* poison cannot be cleared */
	bool evicts;		/* what a caller faulted in does not stay */
	unsigned long gap;	/* this page does not follow the one before */
	unsigned long taken;	/* this one leaves the kernel's mapping when half of */
	int takes;		/* it is copied, so many times, */
	bool marks;		/* and is marked by then */
};

extern struct shim_calls shim_calls;
extern struct shim_driver shim_driver;
extern int shim_nodes;
extern int shim_allocations;
extern bool shim_no_memory;
extern int shim_nodes_left;	/* how many more there are; -1: enough */
extern bool shim_deposit, shim_no_huge_zero, shim_no_tables;

/* parameters of the module */
extern bool *const shim_param_refuse_poisoned;
extern bool *const shim_param_write_around;
extern const struct kernel_param_ops *const shim_param_fault_around_bytes;

/* all as it was before the first fault */
void new_world(void);
void new_device(void);
void new_filesystem(void);
void check_freed(void);

/* user.c */
vm_fault_t fault_of(struct vm_area_struct *vma, pgoff_t index, bool write,
		shim_size_t size);
vm_fault_t fault_in(struct vm_area_struct *vma, pgoff_t index, bool write);
vm_fault_t load(struct vm_area_struct *vma, pgoff_t index, unsigned int offset,
		char *byte);
vm_fault_t store(struct vm_area_struct *vma, pgoff_t index, unsigned int offset,
		char byte);
int fail_memory(unsigned long pfn);
ssize_t transfer(struct shim_file *file, int direction, loff_t pos, char *bytes,
		size_t len, size_t good);
ssize_t write_bytes(struct shim_file *file, loff_t pos, char byte, size_t len);
/* of a play, which ends where they fail */
void must_store(struct vm_area_struct *to, pgoff_t index, unsigned int offset,
		char byte);
/* Store to byte @lane of a page and @sync, so often; each time it is durable then. */
void must_be_durable(struct vm_area_struct *to, pgoff_t index, unsigned int lane,
		int times, int (*sync)(struct shim_file *file));
void check_file(struct shim_file *file);
/* A file and who maps it: nothing is wrong with them, and they go. */
void end_file(struct shim_file *file, struct mm_struct *mm);

/* cases.c: a file without entries; an entry, locked; what a fault does */
struct address_space *new_mapping(void);
void free_mapping(struct address_space *mapping);
struct dax_entry grab(struct xa_state *xas, struct address_space *mapping,
		unsigned int order);
void fault(struct address_space *mapping, pgoff_t index, unsigned int order,
		unsigned long pfn, enum dax_kind kind, bool dirty);
struct dax_entry look(struct address_space *mapping, pgoff_t index);

/* The cases, of which each is a function. */
#define CASE(name) void name(void **state);
#include "list.h"
#undef CASE

#endif
