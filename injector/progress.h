/* SPDX-License-Identifier: GPL-2.0 */
/* Long waits on a terminal: what is waited for, and for how long. */
#ifndef POISONCTL_PROGRESS_H
#define POISONCTL_PROGRESS_H

/**
 * progress() - say what is waited for, with the time since the first call
 * @fmt: as note()
 *
 * Overwrites one line of stderr, from the second second on and if stderr is a
 * terminal; a log gets nothing.
 */
void progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * progress_end() - wipe the line, and start anew with the next call
 */
void progress_end(void);

#endif
