// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel does if somebody consumes the bytes: of DAX by the truth table of trials
 * (expect.h), of System RAM by mm/memory-failure.c, error_states[] and
 * hwpoison_user_mappings().
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "memmap.h"
#include "util.h"
#include "who-fate.h"

/* include/linux/sched.h; field 9 of proc(5)'s stat has them */
#define PF_MCE_PROCESS	0x00000080UL
#define PF_MCE_EARLY	0x08000000UL

/* Behind those of linux/kernel-page-flags.h: include/linux/kernel-page-flags.h */
#define KPF_MLOCKED	33

#define F(name)		(UINT64_C(1) << KPF_##name)
#define DIRTY_ANON	(F(ANON) | F(SWAPBACKED))

/*
 * The first that fits, as error_states[] is searched.  What is anonymous counts as dirty:
 * try_to_unmap() hands the bit of the page table on before it is asked for.  What is not
 * told: a page that MADV_FREE gave up, clean shmem, KSM.
 */
static const struct {
	uint64_t mask, value;
	struct fate fate;
} ram[] = {
	{ F(BUDDY), F(BUDDY), { "free buddy page", "Recovered", NULL, NULL } },
	{ F(KSM), F(KSM), { 0 } },
	{ F(HUGE), F(HUGE), { "huge page", NULL, "BUS_MCEERR_AR", NULL } },
	{ F(SWAPCACHE) | F(DIRTY), F(SWAPCACHE) | F(DIRTY),
	  { "dirty swapcache page", "Delayed", "BUS_MCEERR_AR", NULL } },
	{ F(SWAPCACHE), F(SWAPCACHE), { "clean swapcache page", "Recovered", NULL, NULL } },
	{ F(MLOCKED) | F(DIRTY), F(MLOCKED) | F(DIRTY),
	  { "dirty mlocked LRU page", "Recovered", "BUS_MCEERR_AR", NULL } },
	{ F(MLOCKED) | DIRTY_ANON, F(MLOCKED) | DIRTY_ANON,
	  { "dirty mlocked LRU page", "Recovered", "BUS_MCEERR_AR", NULL } },
	{ F(UNEVICTABLE) | F(DIRTY), F(UNEVICTABLE) | F(DIRTY),
	  { "dirty unevictable LRU page", "Recovered", "BUS_MCEERR_AR", NULL } },
	{ F(LRU) | F(DIRTY), F(LRU) | F(DIRTY),
	  { "dirty LRU page", "Recovered", "BUS_MCEERR_AR", NULL } },
	{ F(LRU) | DIRTY_ANON, F(LRU) | DIRTY_ANON,
	  { "dirty LRU page", "Recovered", "BUS_MCEERR_AR", NULL } },
	{ F(LRU) | F(ANON) | F(SWAPBACKED) | F(UNEVICTABLE), F(LRU),
	  { "clean LRU page", "Recovered", "none", NULL } },
};

/* A load by the kernel itself: severity.c, "Data load in unrecoverable area of kernel". */
static const struct fate kernel_page = { .load = "panic" };

static void ram_fate(uint64_t spa, struct fate *f)
{
	uint64_t flags;
	size_t i;

	if (memmap_flags(spa / PAGE, &flags) || memmap_hidden(flags))
		return;
	if (memmap_kernel_owned(flags)) {
		*f = kernel_page;
		return;
	}
	for (i = 0; i < ARRAY_SIZE(ram) && (flags & ram[i].mask) != ram[i].value; i++)
		;
	if (i < ARRAY_SIZE(ram))
		*f = ram[i].fate;
	/* nobody can load from what is not mapped */
	if (!(flags & F(MMAP)))
		f->load = NULL;
}

static bool look_up(enum device_kind dev, enum access_kind access, enum family family,
		    struct outcome *o)
{
	struct situation s = {
		.dev = dev,
		.poison = POISON_LATENT,
		.access = access,
		.map = MAP_IS_SHARED,
		.when = WHEN_BEFORE,
		.family = family,
		.maps = access_maps(access),
		.threads = 1,
		.map_shift = 12,
		.request = PAGE,
	};
	const char *source;

	return expect_outcome(&s, o, &source);
}

void who_rules(struct fate_rules *rules)
{
	char text[128];

	if (rules->read)
		return;
	*rules = (struct fate_rules){ .read = true, .early = EARLY_UNKNOWN };
	if (read_text(text, sizeof(text), "/proc/sys/kernel/osrelease") >= 0) {
		rules->known = true;
		rules->family = expect_family(text);
	}
	if (read_text(text, sizeof(text), "/proc/sys/vm/memory_failure_early_kill") >= 0)
		rules->early = strtol(text, NULL, 10) ? EARLY_YES : EARLY_NO;
}

static void table_fate(const struct fate_rules *rules, enum device_kind dev, struct fate *f)
{
	struct outcome load = { 0 }, read = { 0 };

	if (!rules->known)
		return;
	if (look_up(dev, ACCESS_LOAD, rules->family, &load) && load.access.code) {
		f->load = signal_code_name(load.access.code);
		/* memory_failure_dev_pagemap() */
		f->page_type = "dax page";
		f->result = "Recovered";
	}
	if (look_up(dev, ACCESS_READ, rules->family, &read) && read.err[0])
		f->read = strerrorname_np(read.err[0]);
}

void who_fate(const struct fate_rules *rules, const struct nsinfo *ns,
	      const struct owner *o, uint64_t spa, struct fate *f)
{
	*f = (struct fate){ 0 };
	if (!ns)
		ram_fate(spa, f);
	else if (ns->mode == NS_DEVDAX)
		table_fate(rules, DEV_DEVDAX, f);
	else if (ns->mode == NS_FSDAX && o->ino)
		table_fate(rules, DEV_FILE, f);
	else
		table_fate(rules, DEV_BLOCK, f);
}

/* As find_early_kill_thread(), of one thread. */
static enum early early_of(const char *stat, enum early sysctl)
{
	/* the second field is a name in parentheses, which may hold any */
	const char *rest = strrchr(stat, ')');
	unsigned long flags;

	if (!rest || sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %lu", &flags) != 1)
		return EARLY_UNKNOWN;
	if (flags & PF_MCE_PROCESS)
		return flags & PF_MCE_EARLY ? EARLY_YES : EARLY_NO;
	return sysctl;
}

enum early who_early(const struct fate_rules *rules, const char *pid)
{
	enum early found = EARLY_UNKNOWN, one;
	char text[1024], path[256];
	struct dirent *e;
	DIR *dir;

	if (rules->early == EARLY_UNKNOWN)
		return EARLY_UNKNOWN;
	snprintf(path, sizeof(path), "/proc/%.20s/task", pid);
	dir = open_folder(path);
	if (!dir)
		return EARLY_UNKNOWN;
	while (found != EARLY_YES && (e = readdir(dir))) {
		if (*e->d_name == '.' ||
		    read_text(text, sizeof(text), "/proc/%.20s/task/%.20s/stat", pid, e->d_name) < 0)
			continue;
		one = early_of(text, rules->early);
		found = one == EARLY_UNKNOWN ? found : one;
	}
	closedir(dir);
	return found;
}
