/* SPDX-License-Identifier: GPL-2.0 */
/* SIGINT, SIGTERM and SIGHUP: noted at once, obeyed by main() in the end. */
#ifndef POISONCTL_SIGNALS_H
#define POISONCTL_SIGNALS_H

#include <stdbool.h>

/**
 * signals_catch() - note the signals from now on, and ignore SIGPIPE
 *
 * System calls are restarted (SA_RESTART), so that no write to the media and no
 * call of the firmware is cut short; poll(2) and nanosleep(2) never are.
 */
void signals_catch(void);

/**
 * signals_pipe_ignored() - was SIGPIPE ignored when this program began?
 *
 * This one does; one that it runs starts as it would have without us.
 */
bool signals_pipe_ignored(void);

/**
 * signals_obey() - die by the signal that came
 *
 * So that a shell which runs a script sees that its command was interrupted,
 * and ends the script as well.
 */
void signals_obey(void) __attribute__((noreturn));

#endif
