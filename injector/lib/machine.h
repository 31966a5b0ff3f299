/* SPDX-License-Identifier: GPL-2.0 */
/* This machine and this process: what the mechanisms depend on. */
#ifndef POISONCTL_MACHINE_H
#define POISONCTL_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "mech.h"

#define DEBUGFS		"/sys/kernel/debug"

/**
 * machine_is_admin() - does this process have CAP_SYS_ADMIN?
 *
 * Source: the effective set in /proc/self/status; without it the kernel has the
 * last word, so the answer is yes.
 */
bool machine_is_admin(void);

/**
 * machine_check_admin() - the same, to be asked before anything starts
 * @verb: for the message
 *
 * Return: EXIT_OK, or EXIT_SETUP after a complaint.
 */
int machine_check_admin(const char *verb);

/**
 * machine_has_debugfs() - is debugfs mounted where it belongs?
 *
 * Source: /proc/mounts.
 */
bool machine_has_debugfs(void);

/**
 * machine_panics() - does memory_failure() panic here?
 *
 * Return: 1 if so, 0 if not or without memory_failure(), -errno if that cannot be read.
 *
 * Source: vm.memory_failure_recovery, which is 0 then.
 */
int machine_panics(void);

/**
 * machine_cpu_vendor() - who made the processor?
 * @buf: receives the name that CPUID has, "GenuineIntel"
 *
 * Source: vendor_id in /proc/cpuinfo.
 *
 * Return: true if it is known.
 */
bool machine_cpu_vendor(char *buf, size_t size);

/**
 * machine_recovery() - can the processor signal errors that software recovers?
 * @cap: receives IA32_MCG_CAP, of which bit 24 (MCG_SER_P) says so
 *
 * Source: /dev/cpu/0/msr; user space has no other.
 */
enum avail machine_recovery(uint64_t *cap);

#endif
