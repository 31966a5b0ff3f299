/* SPDX-License-Identifier: GPL-2.0 */
/* The ways in which the kernel copies a page, for bench.c to count. */
#ifndef TESTS_DAX_BENCH_COPY_H
#define TESTS_DAX_BENCH_COPY_H

#include <stdbool.h>
#include <stddef.h>

/**
 * has_erms() - may the processor be told to copy bytes by one instruction?
 *
 * Source: CPUID.(7,0):EBX bit 9.
 */
bool has_erms(void);

/**
 * has_rep_good() - does the kernel copy pages by one instruction here?
 *
 * The kernel sets this flag by itself, for processors of its choice
 * (arch/x86/kernel/cpu); /proc/cpuinfo shows it.
 */
bool has_rep_good(void);

/**
 * copy_string() - copy a page by "rep movs"
 * @unit: bytes moved at a time, 1 or 8
 */
void copy_string(void *to, const void *from, size_t unit);

/**
 * copy_registers() - copy a page through eight registers, 64 bytes a turn
 */
void copy_registers(void *to, const void *from);

#endif
