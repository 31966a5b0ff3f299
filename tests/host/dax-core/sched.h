/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who runs next.  Threads run freely, or, in play(), one at a time: at each
 * sched_point() a number drawn from the seed says who goes on, so that a seed is an
 * interleaving and gives the same one each time.
 */
#ifndef DAX_SHIM_SCHED_H
#define DAX_SHIM_SCHED_H

#include <stdbool.h>

/* Another thread may run here. */
void sched_point(void);
/* Is this thread one of a play? */
bool sched_scheduled(void);
/* Wait until sched_wake() of the same address; only if sched_scheduled(). */
void sched_wait(const void *what);
void sched_wake(const void *what);
/* The case has failed: say why and with which seed, and end the program. */
void __attribute__((noreturn, format(printf, 1, 2))) sched_fail(const char *text, ...);
/* This function sleeps: no spinlock is held, and no RCU. */
void might_sleep(void);

#define PLAYERS	4

/*
 * A play: @set makes what the bodies share; each body runs in a thread, in every
 * order that the seeds give; @check looks at what they left, and takes it down.
 */
struct play {
	void (*set)(void);
	void (*body[PLAYERS])(void);
	void (*check)(void);
	unsigned int rounds;
};

void play(const struct play *play);
/* A number below @n, from the seed: what a body does is part of the play. */
unsigned int play_choice(unsigned int n);

#endif
