// SPDX-License-Identifier: GPL-2.0
/* A process's virtual addresses, by /proc/PID/smaps and pagemap. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intr.h"
#include "memmap.h"
#include "process.h"
#include "platform.h"
#include "util.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define PM_PFN_MASK	((UINT64_C(1) << 55) - 1)
#define PM_SWAP		(UINT64_C(1) << 62)
#define PM_PRESENT	(UINT64_C(1) << 63)

#define PF_KTHREAD	0x00200000	/* include/linux/sched.h */
#define HUGE_PMD	(UINT64_C(2) << 20)
#define ENTRIES_AT_ONCE	512		/* pagemap entries read at once */

/* One mapping as smaps shows it. */
struct vma {
	uint64_t start, end;
	uint64_t file_off;
	uint64_t page;		/* KernelPageSize, bytes */
	uint64_t huge;		/* bytes mapped by PMDs, where they are counted */
	uint64_t swap;		/* bytes that are really swapped out */
	bool file;		/* has an inode */
	bool device;		/* VM_PFNMAP or VM_IO */
	bool hugetlb;
};

int process_start_time(uint64_t pid, uint64_t *start)
{
	char text[1024], *rest, state;
	unsigned long flags;
	int rc = read_text(text, sizeof(text), "/proc/%" PRIu64 "/stat", pid);

	if (rc == -ENOENT || rc == -ESRCH)
		return complain(EXIT_USAGE, "no process '%" PRIu64 "'", pid);
	if (rc < 0)
		return complain(EXIT_SETUP, "cannot look at process '%" PRIu64
				"': %s", pid, strerror(-rc));
	/* the second field is a name in parentheses, which may hold any */
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest + 1,
			    " %c %*s %*s %*s %*s %*s %lu %*s %*s %*s %*s %*s "
			    "%*s %*s %*s %*s %*s %*s %*s %" SCNu64, &state,
			    &flags, start) != 3)
		return complain(EXIT_SETUP, "cannot read the state of process '%"
				PRIu64 "'", pid);
	if (flags & PF_KTHREAD)
		return complain(EXIT_UNSUPPORTED,
			"process '%" PRIu64 "' is a kernel thread: it has no "
			"memory of its own", pid);
	if (state == 'Z' || state == 'X')
		return complain(EXIT_UNSUPPORTED,
			"process '%" PRIu64 "' has ended", pid);
	return EXIT_OK;
}

static bool parse_head(const char *line, struct vma *v)
{
	unsigned long inode;
	uint64_t start, end, off;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %" SCNx64
		   " %*x:%*x %lu", &start, &end, &off, &inode) != 4)
		return false;
	*v = (struct vma){
		.start = start, .end = end, .file_off = inode ? off : 0,
		.page = PAGE, .file = inode,
	};
	return true;
}

static void parse_detail(const char *line, struct vma *v)
{
	uint64_t kb;

	if (sscanf(line, "KernelPageSize: %" SCNu64, &kb) == 1)
		v->page = kb * 1024;
	else if (sscanf(line, "AnonHugePages: %" SCNu64, &kb) == 1 ||
		 sscanf(line, "ShmemPmdMapped: %" SCNu64, &kb) == 1 ||
		 sscanf(line, "FilePmdMapped: %" SCNu64, &kb) == 1)
		v->huge += kb * 1024;
	else if (sscanf(line, "Swap: %" SCNu64, &kb) == 1)
		v->swap = kb * 1024;
	else if (!strncmp(line, "VmFlags:", 8)) {
		v->device = strstr(line, " pf") || strstr(line, " io");
		v->hugetlb = strstr(line, " ht");
	}
}

/* Return: 1 if @va is mapped, 0 if not, -errno. */
static int find_vma(uint64_t pid, uint64_t va, struct vma *found)
{
	char path[64], *text, *line, *rest;
	struct vma v = { 0 };
	int rc = 0;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/smaps", pid);
	text = read_whole(path);
	if (!text)
		return -errno;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (!parse_head(line, &v))
			parse_detail(line, &v);
		if (va >= v.start && va < v.end) {
			*found = v;	/* grows with each detail */
			rc = 1;
		}
	}
	free(text);
	return rc;
}

static int look_vma(uint64_t pid, uint64_t va, struct vma *v)
{
	int rc = find_vma(pid, va, v);

	if (rc == -EACCES || rc == -EPERM)
		return complain(EXIT_UNSUPPORTED,
			"the mappings of process '%" PRIu64 "' are hidden: "
			"not root?", pid);
	if (rc < 0)
		return complain(EXIT_SETUP, "cannot read the mappings of process "
				"'%" PRIu64 "': %s", pid, strerror(-rc));
	if (!rc)
		return complain(EXIT_USAGE,
			"process '%" PRIu64 "' maps nothing at %#" PRIx64, pid,
			va);
	if (v->device)
		return complain(EXIT_UNSUPPORTED,
			"process '%" PRIu64 "' at %#" PRIx64 " maps a device's "
			"memory (VM_PFNMAP or VM_IO)", pid, va);
	return EXIT_OK;
}

static int absent(uint64_t pid, uint64_t va, uint64_t entry,
		  const struct vma *v)
{
	const char *why = "is not there: it was never touched, or was dropped";

	/* smaps counts no entry for migration or poison as swapped */
	if (entry & PM_SWAP)
		why = v->swap ? "may be swapped out" :
				"is poisoned already, or moves";
	return complain(EXIT_UNSUPPORTED, "the page of process '%" PRIu64
			"' at %#" PRIx64 " %s", pid, va, why);
}

/* Is the frame the process's own, to be poisoned without harm to others? */
static int check_frame(uint64_t pid, uint64_t va, uint64_t pfn, uint64_t *flags)
{
	const char *owner;
	int rc = memmap_flags(pfn, flags);

	if (rc)
		return complain(EXIT_SETUP, "cannot read the flags of frame %#"
				PRIx64 ": %s", pfn, strerror(-rc));
	if (memmap_hidden(*flags))
		return EXIT_OK;		/* ZONE_DEVICE */
	if (*flags & (UINT64_C(1) << KPF_ZERO_PAGE))
		return complain(EXIT_UNSUPPORTED,
			"the page of process '%" PRIu64 "' at %#" PRIx64
			" is the zero page, which all share", pid, va);
	owner = memmap_kernel_owned(*flags);
	if (owner)
		return complain(EXIT_UNSUPPORTED,
			"the page of process '%" PRIu64 "' at %#" PRIx64
			" belongs to the kernel (%s)", pid, va, owner);
	return EXIT_OK;
}

/*
 * What one page table entry covers, where that is certain.  A PMD needs the
 * whole 2 MiB inside of the mapping, and a frame that is as far inside its own
 * 2 MiB; Linux 6.1 does not count PMDs of ZONE_DEVICE pages.
 */
static uint64_t map_size(const struct vma *v, uint64_t va, uint64_t pfn,
			 uint64_t flags)
{
	uint64_t base = round_down64(va, HUGE_PMD);

	if (v->page > PAGE)
		return v->page;		/* hugetlb, device-dax */
	if (base < v->start || base + HUGE_PMD > v->end ||
	    (va - base) / PAGE != pfn % (HUGE_PMD / PAGE))
		return PAGE;
	if (memmap_hidden(flags))
		return 0;
	if (!(flags & (UINT64_C(1) << KPF_THP)) || !v->huge)
		return PAGE;
	return v->huge == v->end - v->start ? HUGE_PMD : 0;
}

static void add_page(struct process_map *map, const struct process_run *page)
{
	struct process_run *last = map->n ? &map->v[map->n - 1] : NULL;

	if (last && last->spa + last->len == page->spa &&
	    last->file_off + (page->file_off ? last->len : 0) ==
	    page->file_off && last->map_size == page->map_size &&
	    last->hugetlb == page->hugetlb) {
		last->len += page->len;
		return;
	}
	map->v = xrealloc(map->v, (map->n + 1) * sizeof(*map->v));
	map->v[map->n++] = *page;
}

static int take_page(uint64_t pid, const struct vma *v, uint64_t va,
		     uint64_t len, uint64_t entry, struct process_map *map)
{
	struct process_run page = {
		.va = va, .len = len, .hugetlb = v->hugetlb,
		.file_off = v->file ? v->file_off + (va - v->start) : 0,
	};
	uint64_t pfn = entry & PM_PFN_MASK, flags = 0;
	int rc;

	if (!(entry & PM_PRESENT))
		return absent(pid, va, entry, v);
	if (!pfn)
		return complain(EXIT_UNSUPPORTED,
			"the page frames of process '%" PRIu64 "' are hidden: "
			"CAP_SYS_ADMIN is needed", pid);
	rc = check_frame(pid, va, pfn, &flags);
	if (rc)
		return rc;
	page.spa = pfn * PAGE + va % PAGE;
	page.map_size = map_size(v, va, pfn, flags);
	add_page(map, &page);
	return EXIT_OK;
}

/* The pages of one mapping, from @va to @end. */
static int walk_vma(int fd, uint64_t pid, const struct vma *v, uint64_t va,
		    uint64_t end, struct process_map *map)
{
	uint64_t entries[ENTRIES_AT_ONCE];
	int rc = EXIT_OK;

	while (va < end && !rc) {
		uint64_t left = (end - 1) / PAGE - va / PAGE + 1, i;
		size_t want = (left < ENTRIES_AT_ONCE ? left : ENTRIES_AT_ONCE) *
			      sizeof(*entries);
		ssize_t n = pread(fd, entries, want, (off_t)(va / PAGE *
							sizeof(*entries)));

		if (interrupted())
			return intr_check();
		if (n != (ssize_t)want)
			return complain(EXIT_SETUP,
				"cannot read the page table of process '%" PRIu64
				"' at %#" PRIx64 ": %s", pid, va,
				n < 0 ? strerror(errno) : "it has ended");
		for (i = 0; i < want / sizeof(*entries) && !rc; i++) {
			uint64_t next = round_down64(va, PAGE) + PAGE;

			next = next < end ? next : end;
			rc = take_page(pid, v, va, next - va, entries[i], map);
			va = next;
		}
	}
	return rc;
}

static int open_pagemap(uint64_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/pagemap", pid);
	return machine->open_file(path, 0);
}

static void name_file(uint64_t pid, const struct vma *v, bool only,
		      struct process_map *map)
{
	*map->node = '\0';
	if (only && v->file)
		snprintf(map->node, sizeof(map->node), "/proc/%" PRIu64
			 "/map_files/%" PRIx64 "-%" PRIx64, pid, v->start,
			 v->end);
}

int process_map(uint64_t pid, uint64_t va, uint64_t len,
		struct process_map *map)
{
	uint64_t pos = va, end = va + len, stop;
	struct vma v;
	int fd, rc;

	*map = (struct process_map){ 0 };
	rc = process_start_time(pid, &map->start_time);
	if (rc)
		return rc;
	fd = open_pagemap(pid);
	if (fd < 0)
		return complain(fd == -EACCES ? EXIT_UNSUPPORTED : EXIT_SETUP,
			"cannot open the page table of process '%" PRIu64
			"': %s", pid, strerror(-fd));
	while (pos < end && !rc) {
		rc = look_vma(pid, pos, &v);
		if (rc)
			break;
		stop = v.end < end ? v.end : end;
		rc = walk_vma(fd, pid, &v, pos, stop, map);
		if (!rc)
			name_file(pid, &v, pos == va && stop == end, map);
		pos = stop;
	}
	close(fd);
	if (rc) {
		free(map->v);
		map->v = NULL;
	}
	return rc;
}
