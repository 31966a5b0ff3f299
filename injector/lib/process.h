/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process's virtual addresses: /proc/PID/smaps says what is mapped,
 * /proc/PID/pagemap which page frame is there now.
 */
#ifndef POISONCTL_PROCESS_H
#define POISONCTL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pages that follow each other in the process and in the SPA space. */
struct process_run {
	uint64_t va;
	uint64_t spa;
	uint64_t len;		/* bytes */
	uint64_t file_off;	/* of va in the mapped file, 0 without one */
	uint64_t map_size;	/* bytes of one page table entry, 0: unknown */
	bool hugetlb;
};

struct process_map {
	uint64_t start_time;	/* of the process, in clock ticks since boot */
	char node[64];		/* a path to the mapped file, or empty */
	struct process_run *v;	/* freed by the caller */
	size_t n;
};

/**
 * process_start_time() - what tells a process from a later one with its number
 * @pid: as in /proc
 * @start: receives clock ticks since boot (field 22 of proc(5))
 *
 * Return: EXIT_OK; EXIT_USAGE if there is no such process, EXIT_UNSUPPORTED
 * if it is a kernel thread or a zombie, EXIT_SETUP: after a complaint.
 */
int process_start_time(uint64_t pid, uint64_t *start);

/**
 * process_map() - the page frames behind virtual addresses
 * @pid: as in /proc
 * @va: first byte
 * @len: bytes, 1 or more; @va + @len does not wrap
 * @map: filled on success, its first run begins at @va
 *
 * Refuses what has no page of the process's own: addresses that are not
 * mapped, pages that were not touched, are swapped out, migrate or are poisoned
 * already, the zero page, VM_PFNMAP and VM_IO mappings, and pages of the kernel
 * (the vdso). Every page must be there.
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int process_map(uint64_t pid, uint64_t va, uint64_t len,
		struct process_map *map);

#endif
