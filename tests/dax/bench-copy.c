// SPDX-License-Identifier: GPL-2.0
/* The ways in which the kernel copies a page, for bench.c to count. */
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include "bench-copy.h"
#include "dax.h"

bool has_erms(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & (1U << 9);
}

bool has_rep_good(void)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[8192];
	bool has = false;

	need(f, "open /proc/cpuinfo");
	while (!has && fgets(line, sizeof(line), f))
		has = !strncmp(line, "flags", 5) && strstr(line, " rep_good ");
	fclose(f);
	return has;
}

void copy_string(void *to, const void *from, size_t unit)
{
	size_t n = PAGE / unit;

	if (unit == 1)
		asm volatile("rep movsb" : "+S" (from), "+D" (to), "+c" (n)
			     : : "memory");
	else
		asm volatile("rep movsq" : "+S" (from), "+D" (to), "+c" (n)
			     : : "memory");
}

void copy_registers(void *to, const void *from)
{
	size_t turns = PAGE / 64;

	asm volatile("1: dec %2\n"
		     "mov 0(%1), %%rax\n mov 8(%1), %%rbx\n"
		     "mov 16(%1), %%rdx\n mov 24(%1), %%r8\n"
		     "mov 32(%1), %%r9\n mov 40(%1), %%r10\n"
		     "mov 48(%1), %%r11\n mov 56(%1), %%r12\n"
		     "prefetcht0 320(%1)\n"
		     "mov %%rax, 0(%0)\n mov %%rbx, 8(%0)\n"
		     "mov %%rdx, 16(%0)\n mov %%r8, 24(%0)\n"
		     "mov %%r9, 32(%0)\n mov %%r10, 40(%0)\n"
		     "mov %%r11, 48(%0)\n mov %%r12, 56(%0)\n"
		     "lea 64(%1), %1\n lea 64(%0), %0\n jnz 1b"
		     : "+D" (to), "+S" (from), "+c" (turns) :
		     : "rax", "rbx", "rdx", "r8", "r9", "r10", "r11", "r12",
		       "memory", "cc");
}
