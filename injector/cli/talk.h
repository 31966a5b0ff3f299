/* SPDX-License-Identifier: GPL-2.0 */
/* What the library says, on stderr. */
#ifndef POISONCTL_TALK_H
#define POISONCTL_TALK_H

/**
 * talk_start() - from now on
 *
 * Problems and notes are a line each.  What is waited for overwrites one line, with
 * the time since the wait began, from the second second on and if stderr is a
 * terminal; a log gets nothing of it.
 */
void talk_start(void);

#endif
