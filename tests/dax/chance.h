/* SPDX-License-Identifier: GPL-2.0 */
/* What goes by chance: the dice of a seed, and programs that play for some time. */
#ifndef TESTS_DAX_CHANCE_H
#define TESTS_DAX_CHANCE_H

#include "dax.h"

/* Of the command line, see chance_main(). */
extern unsigned int seconds, seed;

/**
 * dice_begin() - begin this thread's dice anew
 * @number: the same gives the same
 */
void dice_begin(unsigned long number);

/**
 * dice() - throw this thread's
 *
 * Return: 0 to @sides - 1.
 */
unsigned long dice(unsigned long sides);

/**
 * chance_main() - dax_main() of "PROGRAM CASE FOLDER [SECONDS [SEED]]"
 *
 * Return: as dax_main().
 */
int chance_main(int argc, char **argv, const struct dax_case *cases);

#endif
