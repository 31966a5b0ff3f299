/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages marked PG_hwpoison.
 */
#ifndef FS_DAX_POISON_H
#define FS_DAX_POISON_H

#include <linux/compiler.h>
#include <linux/types.h>

extern bool dax_poison_seen;

bool __dax_pfn_poisoned(unsigned long pfn);
unsigned long __dax_good_pages(unsigned long pfn, unsigned long nr);
void dax_poison_note(unsigned long pfn);
bool dax_poison_cut(unsigned long pfn);
void dax_poison_prepare(unsigned long pfn, unsigned long nr);
void dax_poison_repaired(unsigned long pfn, unsigned long nr);

/**
 * dax_pfn_poisoned() - is this page of the device known to be bad?
 * @pfn: page frame of the device
 *
 * Costs a load and a branch until the first DAX page of this boot is poisoned.
 */
static inline bool dax_pfn_poisoned(unsigned long pfn)
{
	return unlikely(READ_ONCE(dax_poison_seen)) && __dax_pfn_poisoned(pfn);
}

/**
 * dax_good_pages() - length of the run of pages that are not poisoned
 * @pfn: first page frame
 * @nr: pages to look at
 *
 * Context: Process context.  May sleep.
 * Return: 0 to @nr.  The kernel can read and write these pages.
 */
static inline unsigned long dax_good_pages(unsigned long pfn, unsigned long nr)
{
	return unlikely(READ_ONCE(dax_poison_seen)) ?
		__dax_good_pages(pfn, nr) : nr;
}

#endif /* FS_DAX_POISON_H */
