/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel and the firmware say about poison, each with its source:
 * badblocks (sysfs), injected ranges (_DSM function 9), PG_hwpoison
 * (/proc/kpageflags where it shows the page, else the kernel log).
 */
#ifndef POISONCTL_STATE_H
#define POISONCTL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ranges.h"
#include "scrub.h"
#include "target.h"
#include "util.h"

/**
 * state_badblocks() - the kernel's list of a namespace, as SPA ranges
 * @ns: active namespace
 * @set: ranges inside the data area are added
 *
 * Source: badblocks of the block device; of the region for device-dax, which
 * has no list of its own.
 *
 * A list that sysfs cuts is said to be, on stderr.
 *
 * Return: 0 or -errno.
 */
int state_badblocks(const struct nsinfo *ns, struct ranges *set);

/**
 * state_badblocks_shown() - the same, and how far the list can be seen
 * @end: receives the SPA up to which sysfs shows the list, which it does from the
 *	lowest sector on; UINT64_MAX if all of it
 *
 * A file of sysfs holds one page less a byte, a list up to 512 entries.
 *
 * Return: 0 or -errno.
 */
int state_badblocks_shown(const struct nsinfo *ns, struct ranges *set,
			  uint64_t *end);

/**
 * state_badblocks_cut() - the same, and whether sysfs shows all of the list
 * @cut: as badblocks_parse()
 */
int state_badblocks_cut(const struct nsinfo *ns, struct ranges *set,
			bool *cut);

/**
 * state_list_badblock() - enter a range into the kernel's list by hand
 * @ns: active namespace with a block device
 * @r: SPA range in its data area, of whole sectors
 * @some: set if the list took a part of it, else left as it is
 *
 * Through the badblocks of the block device, which Linux takes as an entry of its
 * own (badblocks_store()).  At most LISTED_RUN_MAX go in one piece.
 *
 * Return: 0; -EINTR if a signal came; -ENOSPC if the list of 512 entries is full;
 * -errno.
 */
int state_list_badblock(const struct nsinfo *ns, const struct range *r,
			bool *some);

/**
 * state_injected() - the firmware's list, or that of CXL devices, of a namespace
 *
 * Return: 0; -EOPNOTSUPP if the bus has no error injection; else as
 * fw_injected().
 */
int state_injected(const struct nsinfo *ns, struct ranges *set);

/*
 * Longest run, in bytes, that the kernel's list takes at once.  badblocks_set()
 * of Linux 6.1 cuts a longer run into entries of 512 sectors and inserts each
 * in front of the one before; the search in a list so disordered misses most
 * of the run, and reads are not refused nor writes taken for repairs.
 */
#define LISTED_RUN_MAX	(512 * SECTOR)

/**
 * state_page_flags() - flags of one page
 * @pfn: page frame number
 * @flags: receives KPF_ bits, from /proc/kpageflags
 *
 * Return: true; false if the kernel does not show the page.
 */
bool state_page_flags(uint64_t pfn, uint64_t *flags);

enum page_state {
	PAGE_GOOD,		/* flags visible, PG_hwpoison not set */
	PAGE_POISONED,
	PAGE_HIDDEN,		/* the kernel does not show this page */
};

/**
 * state_page() - PG_hwpoison of one page
 * @pfn: page frame number
 *
 * Linux 6.1 shows no ZONE_DEVICE page (fs/proc/page.c), hence PAGE_HIDDEN.
 */
enum page_state state_page(uint64_t pfn);

/**
 * state_hwpoison() - pages of a window that are or may be PG_hwpoison
 * @spa, @len: window
 * @set: pages are added, as SPA ranges
 * @certain: set to false if a page's flags were hidden, so that the kernel
 *	log since boot was believed instead; it does not tell of repairs
 *
 * Return: 0; -errno if the flags, or that log, cannot be read.
 */
int state_hwpoison(uint64_t spa, uint64_t len, struct ranges *set,
		   bool *certain);

/**
 * state_scrub_wait() - wait until no ARS runs on a bus
 * @d: gives up then
 *
 * Return: EXIT_OK, EXIT_TIMEOUT after a complaint.  A bus without scrub (not
 * an NFIT bus) is never busy.
 */
int state_scrub_wait(const char *bus, struct deadline d);

/**
 * state_listed() - wait until ranges show up among the badblocks
 * @ns: namespace that holds @want
 * @want: SPA ranges
 * @all: every byte of @want, else any
 * @since: of scrub_look() before they were planted, if the firmware told the kernel
 *	of them, which scrubs then; else NULL
 *
 * badblocks_set() of Linux 6.1 loses a part of a range that overlaps with several
 * entries, and no further look brings it back.  So a scrub that has ended since, with
 * none after it, is the end of the wait.
 *
 * Return: 0; -ETIMEDOUT; -EOVERFLOW at once if it lies where sysfs, which cuts the
 * list, does not show it; -EUCLEAN if the kernel was told and does not list it;
 * -errno of reading the list.
 */
int state_listed(const struct nsinfo *ns, const struct ranges *want, bool all,
		 const struct scrub_state *since, struct deadline d);

/**
 * state_diskseq() - number of the present life of a namespace's block device
 *
 * It grows with every set-up of a disk (Linux 5.15 and later).
 *
 * Return: the number, 0 if there is no block device or no number.
 */
uint64_t state_diskseq(const struct nsinfo *ns);

#endif
