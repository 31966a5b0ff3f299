// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that memory_failure() has marked PG_hwpoison.
 *
 * Poison that the driver lists in its badblocks is refused by direct_access.
 * That leaves pages without a badblock: MADV_HWPOISON, an injection by page
 * frame, or a machine check whose badblock is still on its way.  They keep the
 * flag until the driver clears it, or until their whole content was written
 * anew.
 */
#include "poison.h"
#include <linux/moduleparam.h>
#include <linux/page-flags.h>
#include <linux/set_memory.h>
#include "trace.h"

/*
 * True since the first page was poisoned.  num_poisoned_pages will not do for
 * this: memory_failure() raises it only after it has let go of the entry, and a
 * thread that faults in between would get the page mapped again.
 */
bool dax_poison_seen __read_mostly;

/* N is Linux's way: the flag keeps nobody from a page that the driver gives. */
static bool dax_refuse_poisoned __read_mostly = true;

module_param_named(refuse_poisoned, dax_refuse_poisoned, bool, 0644);
MODULE_PARM_DESC(refuse_poisoned,
	"do not hand out pages marked PG_hwpoison, badblock or not");

static bool dax_pfn_flagged(unsigned long pfn)
{
	return !IS_ENABLED(CONFIG_FS_DAX_LIMITED) &&
		PageHWPoison(pfn_to_page(pfn));
}

/**
 * __dax_pfn_poisoned() - dax_pfn_poisoned() once there was any poison
 * @pfn: page frame of the device
 *
 * Context: Any context.
 * Return: true if the page is marked and was not repaired since, and marked pages
 * are refused.
 */
bool __dax_pfn_poisoned(unsigned long pfn)
{
	return READ_ONCE(dax_refuse_poisoned) && dax_pfn_flagged(pfn);
}

static bool dax_pfn_taken(unsigned long pfn)
{
	return !IS_ENABLED(CONFIG_FS_DAX_LIMITED) &&
		!kernel_page_present(pfn_to_page(pfn));
}

/*
 * The kernel takes a page that a machine check was about out of its own mapping
 * (set_mce_nospec(), x86), and does so after memory_failure() has returned.  Whoever
 * repairs the page in between, we or the driver, leaves a page that is good, not
 * marked, and soon not there.  So what is not marked is put back when the kernel is
 * about to touch it.
 */
static void dax_pfn_put_back(unsigned long pfn)
{
	if (unlikely(dax_pfn_taken(pfn)))
		clear_mce_nospec(pfn);
}

/**
 * __dax_good_pages() - dax_good_pages() once there was any poison
 * @pfn: first page frame
 * @nr: pages to look at
 *
 * The kernel can read and write the pages that are good.
 *
 * Context: Process context.  May sleep.
 * Return: How many pages from @pfn on are good, up to the first that is marked.
 */
unsigned long __dax_good_pages(unsigned long pfn, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		if (!dax_pfn_flagged(pfn + i))
			dax_pfn_put_back(pfn + i);
		else if (READ_ONCE(dax_refuse_poisoned))
			break;
	return i;
}

/**
 * dax_poison_note() - memory_failure() is done with a page
 * @pfn: the page, which may have been marked or not
 *
 * Context: Called before the entry is unlocked, so that the next holder of the
 * lock knows.
 */
void dax_poison_note(unsigned long pfn)
{
	if (dax_pfn_flagged(pfn))
		WRITE_ONCE(dax_poison_seen, true);
}

/**
 * dax_poison_cut() - did a copy end at a page because the kernel has it not mapped?
 * @pfn: the page
 *
 * It may have been good when the copy began, see above; what that begins anew finds the
 * page back or marked.
 *
 * Context: Any context; there was poison, dax_poison_seen.
 * Return: true if the copy is worth to be tried again, which is as often as there
 * are machine checks of the page.
 */
bool dax_poison_cut(unsigned long pfn)
{
	/* Linux's way leaves a marked page where it is */
	return dax_pfn_taken(pfn) &&
		(READ_ONCE(dax_refuse_poisoned) || !dax_pfn_flagged(pfn));
}

/**
 * dax_poison_prepare() - make pages writable for the kernel, poisoned or not
 * @pfn: first page frame
 * @nr: number of pages
 *
 * A page that is going to be overwritten as a whole is put back into the kernel's
 * own mapping; it stays marked until dax_poison_repaired().
 *
 * Context: Process context.  May sleep.
 */
void dax_poison_prepare(unsigned long pfn, unsigned long nr)
{
	if (likely(!READ_ONCE(dax_poison_seen)))
		return;
	for (; nr; nr--, pfn++)
		dax_pfn_put_back(pfn);
}

/**
 * dax_poison_repaired() - the whole content of these pages was written anew
 * @pfn: first page frame
 * @nr: number of pages
 *
 * The driver has no badblock for them, or has just cleared it.  Should one turn
 * up later, from the machine check's workqueue, it refuses the page again.
 *
 * Context: Process context.  May sleep.
 */
void dax_poison_repaired(unsigned long pfn, unsigned long nr)
{
	if (likely(!READ_ONCE(dax_poison_seen)))
		return;
	for (; nr; nr--, pfn++) {
		if (!dax_pfn_flagged(pfn))
			continue;
		clear_mce_nospec(pfn);
		ClearPageHWPoison(pfn_to_page(pfn));
		trace_dax_poison_repaired(pfn);
	}
}
