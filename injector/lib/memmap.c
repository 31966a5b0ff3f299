// SPDX-License-Identifier: GPL-2.0
/* Physical memory as the kernel describes it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memmap.h"
#include "ranges.h"
#include "platform.h"
#include "util.h"

/* Not in the exported header; the numbers are in pagemap.rst. */
#define KPF_RESERVED	32

static enum memory_kind kind_of(const char *name)
{
	if (!strncmp(name, "System RAM", 10))
		return MEMORY_RAM;
	if (!strncmp(name, "Persistent Memory", 17))
		return MEMORY_PMEM;
	return MEMORY_OTHER;
}

/* Parents come before their children, so the last match is the innermost. */
static void take_line(char *line, uint64_t spa, struct memory *m, bool *shown)
{
	uint64_t first, last;
	int used = 0;
	enum memory_kind kind;

	if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %n", &first, &last,
		   &used) != 2 || !used)
		return;
	*shown = *shown || last;
	if (spa < first || spa > last)
		return;
	copy_name(m->name, NAME_LEN, line + used);
	kind = kind_of(line + used);
	if (kind == MEMORY_OTHER)
		return;
	m->kind = kind;
	m->end = last + 1;
}

int memmap_at(uint64_t spa, struct memory *m)
{
	char *text = read_whole("/proc/iomem"), *line, *rest;
	bool shown = false;

	if (!text)
		return -errno;
	*m = (struct memory){ .kind = MEMORY_OTHER };
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		take_line(line, spa, m, &shown);
	free(text);
	return shown ? 0 : -EPERM;
}

int memmap_ram(uint64_t spa, uint64_t len)
{
	char *text = read_whole("/proc/iomem"), *line, *rest;
	struct ranges ram = { 0 }, in = { 0 };
	uint64_t first, last, total;
	int used;

	if (!text && !is_absent(-errno))
		return -errno;
	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		used = 0;
		if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %n", &first, &last,
			   &used) == 2 && used && last &&
		    kind_of(line + used) == MEMORY_RAM)
			ranges_add(&ram, first, last - first + 1);
	}
	free(text);
	ranges_clip(&in, &ram, spa, len);
	total = ranges_total(&in);
	ranges_free(&ram);
	ranges_free(&in);
	if (!total)
		return 0;
	return total == len ? 1 : -EXDEV;
}

/* Opened once: a target may have a million pages. */
static int flags_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = machine->open_file("/proc/kpageflags", 0);
	return fd;
}

int memmap_flags(uint64_t pfn, uint64_t *flags)
{
	int fd = flags_fd();
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, flags, sizeof(*flags), (off_t)(pfn * sizeof(*flags)));
	if (n < 0)
		return -errno;
	if (n != sizeof(*flags))
		*flags = UINT64_C(1) << KPF_NOPAGE;
	return 0;
}

bool memmap_hidden(uint64_t flags)
{
	return flags & (UINT64_C(1) << KPF_NOPAGE);
}

const char *memmap_kernel_owned(uint64_t flags)
{
	static const struct {
		unsigned int bit;
		const char *what;
	} owned[] = {
		{ KPF_SLAB, "slab memory" },
		{ KPF_PGTABLE, "page tables" },
		{ KPF_OFFLINE, "offline" },
		{ KPF_RESERVED, "reserved" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(owned); i++)
		if (flags & (UINT64_C(1) << owned[i].bit))
			return owned[i].what;
	return NULL;
}

void memmap_flag_names(uint64_t flags, char *buf, size_t size)
{
	/* names and numbers of tools/vm/page-types.c */
	static const char * const names[] = {
		"locked", "error", "referenced", "uptodate", "dirty", "lru",
		"active", "slab", "writeback", "reclaim", "buddy", "mmap",
		"anonymous", "swapcache", "swapbacked", "compound_head",
		"compound_tail", "huge", "unevictable", "hwpoison", "nopage",
		"ksm", "thp", "offline", "zero_page", "idle_page", "pgtable",
		[KPF_RESERVED] = "reserved", "mlocked", "mappedtodisk",
		"private", "private_2", "owner_private", "arch", "uncached",
		"softdirty", "arch_2",
	};
	size_t i, n = 0;

	copy_name(buf, size, "none");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && flags & (UINT64_C(1) << i) && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s",
					      n ? "," : "", names[i]);
}
