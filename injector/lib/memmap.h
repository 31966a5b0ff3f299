/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Physical memory as the kernel describes it: what lies at an address
 * (/proc/iomem), and what a page frame is used for (/proc/kpageflags).
 */
#ifndef POISONCTL_MEMMAP_H
#define POISONCTL_MEMMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform.h"

enum memory_kind {
	MEMORY_OTHER,		/* reserved, a device, or nothing */
	MEMORY_RAM,		/* "System RAM" */
	MEMORY_PMEM,		/* "Persistent Memory" */
};

/* What lies at an address. */
struct memory {
	enum memory_kind kind;
	uint64_t end;		/* of the resource that says so: the byte after */
	char name[NAME_LEN];	/* innermost resource; empty if there is none */
};

/**
 * memmap_at() - what lies at a system physical address
 * @spa: bytes
 * @m: filled on success
 *
 * The innermost resource named "System RAM" or "Persistent Memory" decides;
 * "System RAM (kmem)" inside of persistent memory is RAM.
 *
 * Return: 0; -EPERM if the addresses are hidden (no CAP_SYS_ADMIN); -errno of
 * reading /proc/iomem.
 */
int memmap_at(uint64_t spa, struct memory *m);

/**
 * memmap_ram() - is a range System RAM?
 * @spa, @len: bytes
 *
 * Also what device-dax gave to the kernel: "System RAM (kmem)".
 *
 * Return: 1 if all of it is, 0 if nothing is or there is no map, -EXDEV if a part
 * is; -errno if the map cannot be read.
 */
int memmap_ram(uint64_t spa, uint64_t len);

/**
 * memmap_flags() - flags of a page frame
 * @pfn: page frame number
 * @flags: receives bits numbered KPF_* (linux/kernel-page-flags.h and
 *	Documentation/admin-guide/mm/pagemap.rst)
 *
 * Linux 6.1 has KPF_NOPAGE for ZONE_DEVICE frames, and shows none behind the last
 * frame of RAM (fs/proc/page.c, get_max_dump_pfn()): those are KPF_NOPAGE too.
 *
 * Return: 0; -errno of open(2) or read(2).
 */
int memmap_flags(uint64_t pfn, uint64_t *flags);

/**
 * memmap_hidden() - does the kernel not show what a frame is used for?
 * @flags: as from memmap_flags()
 */
bool memmap_hidden(uint64_t flags);

/**
 * memmap_kernel_owned() - what the kernel itself uses a frame for
 * @flags: as from memmap_flags()
 *
 * Return: "slab memory", "page tables", "offline" or "reserved"; NULL for a page that
 * belongs to a process or a file, or is free.
 */
const char *memmap_kernel_owned(uint64_t flags);

#define MEMMAP_NAMES_MAX 256

/**
 * memmap_flag_names() - flags as page-types(8) names them
 * @flags: as from memmap_flags()
 * @buf: receives names with commas between; "none" if there are none
 * @size: of @buf, at most MEMMAP_NAMES_MAX is needed
 */
void memmap_flag_names(uint64_t flags, char *buf, size_t size);

#endif
