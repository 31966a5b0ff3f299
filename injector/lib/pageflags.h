/* SPDX-License-Identifier: GPL-2.0 */
/* Flags of many pages at once, from /proc/kpageflags. */
#ifndef POISONCTL_PAGEFLAGS_H
#define POISONCTL_PAGEFLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "ranges.h"

/* What to do with a page that the kernel shows.  Return: true to end the walk. */
typedef bool (*page_fn)(uint64_t pfn, uint64_t flags, void *arg);

/**
 * pageflags_each() - every page of a window that the kernel shows
 * @spa, @len: whole pages, in bytes
 * @fn: called in order of address; a page with KPF_NOPAGE is passed over
 * @arg: for @fn
 *
 * Return: 0; -EINTR if a signal came (intr.h); -errno of open(2) or read(2).  The
 * file may end inside the window.
 */
int pageflags_each(uint64_t spa, uint64_t len, page_fn fn, void *arg);

/**
 * pageflags_poisoned() - pages of a window that show PG_hwpoison
 * @spa, @len: whole pages, in bytes
 * @set: they are added, as SPA ranges
 *
 * A signal does not end it: who looks for what has to be repaired must not take a
 * part of it for all.
 *
 * Return: 0; -errno of open(2) or read(2).
 */
int pageflags_poisoned(uint64_t spa, uint64_t len, struct ranges *set);

/**
 * pageflags_corrupted() - HardwareCorrupted of /proc/meminfo
 * @bytes: receives it, 0 if it cannot be read
 *
 * Return: 0; -ENOENT if it is not there; -errno.
 */
int pageflags_corrupted(uint64_t *bytes);

/**
 * pageflags_ram() - pages of System RAM that show PG_hwpoison
 * @set: they are added, as SPA ranges
 * @size: receives the size of System RAM in bytes, 0 if there was no need to look
 *
 * Sources: /proc/iomem for where RAM is, also what device-dax gave to the kernel.
 * HardwareCorrupted in /proc/meminfo (num_poisoned_pages, which counts pages of
 * persistent memory too) spares the look if it is 0.
 *
 * Return: 0; -EPERM if the addresses are hidden; -EINTR if a signal came; -errno.
 */
int pageflags_ram(struct ranges *set, uint64_t *size);

#endif
