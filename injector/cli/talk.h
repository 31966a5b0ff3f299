/* SPDX-License-Identifier: GPL-2.0 */
/* What the library says, on stderr. */
#ifndef POISONCTL_TALK_H
#define POISONCTL_TALK_H

#include <stdint.h>

/**
 * talk_start() - from now on
 *
 * Problems and notes are a line each.  What is waited for overwrites one line, with
 * the time since the wait began, from the second second on and if stderr is a
 * terminal; a log gets nothing of it.
 */
void talk_start(void);

/**
 * talk_of_line() - the line of an input that problems and notes are of
 * @number: from 1 on; 0: of none
 */
void talk_of_line(uint64_t number);

#endif
