// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of a benchmark, and the clock that counts instructions.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "bench-rows.h"
#include "dax.h"

#define ROWS		64
#define CLOCK_ROUNDS	5

static struct timespec begun;

/* What was measured: the least of all rounds, without the timer's interrupt. */
static struct { const char *name; double each; } rows[ROWS];

void row_start(void)
{
	clock_gettime(CLOCK_MONOTONIC_RAW, &begun);
}

void row_set(const char *name, double each)
{
	size_t i;

	for (i = 0; rows[i].name && strcmp(rows[i].name, name); i++)
		need(i < ROWS - 2, "too many rows");
	if (!rows[i].name || each < rows[i].each)
		rows[i].each = each;
	rows[i].name = name;
}

double row_get(const char *name)
{
	size_t i;

	errno = 0;
	for (i = 0; rows[i].name && strcmp(rows[i].name, name); i++)
		;
	need(rows[i].name, "row '%s' was not measured", name);
	return rows[i].each;
}

/* Nanoseconds since row_start(). */
static long since_start(void)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC_RAW, &end);
	return (end.tv_sec - begun.tv_sec) * 1000000000L +
		end.tv_nsec - begun.tv_nsec;
}

/* What an operation took since row_start(); there were @n. */
void row_stop(const char *name, size_t n)
{
	row_set(name, (double)since_start() / n);
}

/* Two instructions a turn: a clock that does not count them is of no use. */
void check_clock(void)
{
	long ns = LONG_MAX, took;
	unsigned long turns;
	int i;

	/* as with rows, the least: what the kernel does besides is in the others */
	for (i = 0; i < CLOCK_ROUNDS; i++) {
		turns = 1000000;
		row_start();
		asm volatile("1: dec %0; jnz 1b" : "+r" (turns) : : "cc");
		took = since_start();
		ns = took < ns ? took : ns;
	}
	errno = 0;
	need(ns > 1990000 && ns < 2050000,
	     "2000000 instructions took %ld ns: the guest's clock does not "
	     "count instructions", ns);
}

void rows_print(void)
{
	size_t i;

	for (i = 0; rows[i].name; i++)
		printf("%s %.0f\n", rows[i].name, rows[i].each);
}
