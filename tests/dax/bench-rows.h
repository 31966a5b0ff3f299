/* SPDX-License-Identifier: GPL-2.0 */
/* The rows of bench.c, and the clock that counts instructions. */
#ifndef TESTS_DAX_BENCH_ROWS_H
#define TESTS_DAX_BENCH_ROWS_H

#include <stddef.h>

/** check_clock() - end with 99 unless a nanosecond of the clock is an instruction */
void check_clock(void);

/** row_start() - an operation begins */
void row_start(void);

/**
 * row_stop() - it has ended
 * @name: of its row; kept, not copied
 * @n: how many there were since row_start()
 *
 * The row has instructions for each, the least of all that were measured.
 */
void row_stop(const char *name, size_t n);

/**
 * row_set() - put a figure in a row, if none there is less
 * @name: of the row; kept, not copied
 * @each: the figure
 */
void row_set(const char *name, double each);

/** row_get() - the figure of a row, which has to be there */
double row_get(const char *name);

/** rows_print() - a line "NAME FIGURE" for each row */
void rows_print(void);

#endif
