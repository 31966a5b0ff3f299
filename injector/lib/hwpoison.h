/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the mechanisms share that poison a page by its address: the filter of
 * debugfs hwpoison in the way, the look afterwards, and the way back.
 */
#ifndef POISONCTL_HWPOISON_H
#define POISONCTL_HWPOISON_H

#include <stdint.h>

#include "mech.h"

#define CORRUPT_PFN	DEBUGFS "/hwpoison/corrupt-pfn"
#define UNPOISON_PFN	DEBUGFS "/hwpoison/unpoison-pfn"
#define HARD_OFFLINE	"/sys/devices/system/memory/hard_offline_page"
#define SOFT_OFFLINE	"/sys/devices/system/memory/soft_offline_page"

/**
 * hwpoison_usable() - may the pages of a target be given to memory_failure()?
 *
 * Refuses frames that /proc/kpageflags shows as the kernel's own (slab, page
 * tables, reserved): memory_failure() cannot isolate those, it only leaves
 * PG_hwpoison on memory that goes on being used.
 *
 * Return: EXIT_OK, or EXIT_REFUSED after a complaint.
 */
int hwpoison_usable(const struct planting *p);

/**
 * hwpoison_unit() - the unit of all of them: the base page
 */
int hwpoison_unit(const struct target *t, uint64_t *unit, const char **why);

/*
 * Tell the kernel to poison the page at @spa.  Return: 0 or -errno of the
 * write.
 */
typedef int (*poison_page_fn)(uint64_t spa);

/**
 * hwpoison_pages() - poison a target page by page, and look after each
 * @p: the planting; its target is rounded to pages
 * @fn: how
 *
 * While @fn runs, hwpoison/corrupt-filter-enable is off: with the filter on,
 * memory_failure() drops what does not
 * match and the writer still sees success (mm/memory-failure.c,
 * hwpoison_filter; mm/hwpoison-inject.c; memory_failure's -EOPNOTSUPP becomes
 * 0).  It is on again afterwards if it was.
 *
 * Return: EXIT_OK if every page shows PG_hwpoison, or the kernel's log names
 * it where the flags are hidden; EXIT_UNSEEN; EXIT_UNSUPPORTED if the kernel
 * refused the first page and nothing was planted; EXIT_SETUP; EXIT_PARTLY;
 * all after a complaint.
 */
int hwpoison_pages(struct planting *p, poison_page_fn fn);

/**
 * hwpoison_look() - does every page of a target show PG_hwpoison?
 *
 * Source: /proc/kpageflags.
 *
 * Return: EXIT_OK, or EXIT_UNSEEN after a complaint.
 */
int hwpoison_look(struct planting *p);

/**
 * hwpoison_unfiltered() - do something while the filter is off
 * @fn: does it
 * @rc: receives what @fn returned
 *
 * Return: EXIT_OK; EXIT_UNSUPPORTED if the filter stays on, @fn was not called
 * then; EXIT_SETUP if it could not be turned on again; after a complaint.
 */
int hwpoison_unfiltered(int (*fn)(void *arg), void *arg, int *rc);

/**
 * hwpoison_unpoison() - take PG_hwpoison off a page of System RAM
 * @spa: in the page
 *
 * By hwpoison/unpoison-pfn of debugfs (mm/memory-failure.c, unpoison_memory).
 *
 * Return: 0; -EIO if it is no System RAM; -EOPNOTSUPP for good after a real
 * machine check; -EBUSY if the page is not poisoned or somebody holds it;
 * -ENOENT without the file; -EPERM.
 */
int hwpoison_unpoison(uint64_t spa);

#endif
