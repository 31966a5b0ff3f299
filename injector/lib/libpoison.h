/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libpoison: plant, find, repair and judge poison in persistent memory.
 *
 * Every call returns a status: enum poison_status, or POISON_INTERRUPTED plus the
 * number of a signal.  poison_message() has the reason of one that is not POISON_OK.
 * Results are JSON texts, of the form that poisonctl(1) describes.  Nothing is
 * printed, and no call ends the program.
 *
 * The machine has one firmware and one set of kernel switches: one thread at a time.
 */
#ifndef LIBPOISON_H
#define LIBPOISON_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct poison;
struct poison_target;

enum poison_status {
	POISON_OK = 0,		/* everything asked for was done and verified */
	POISON_WRONG = 1,	/* trial: the outcome is not the expected one */
	POISON_USAGE = 2,	/* an argument or the target is wrong */
	POISON_UNSUPPORTED = 3,	/* this target, kernel or firmware cannot do it */
	POISON_FAILED = 4,	/* a step on the way failed */
	POISON_TIMEOUT = 5,	/* the deadline passed */
	POISON_PARTLY = 6,	/* done in part; the result has what is left */
	POISON_UNSEEN = 7,	/* planted, but it does not show up */
	POISON_REFUSED = 8,	/* a safety rule says no */
	POISON_INTERRUPTED = 128,	/* plus the number of the signal */
};

enum poison_talk {
	POISON_PROBLEM,		/* what ends a call, or one of its targets */
	POISON_NOTE,		/* worth knowing, ends nothing */
	POISON_PROGRESS,	/* what is waited for; again and again */
	POISON_PROGRESS_END,	/* the wait is over; no text */
	POISON_NO_MEMORY,	/* memory is out: abort(3) comes when this returns */
};

#define POISON_DRY_RUN		0x01	/* only see whether it could be done */
#define POISON_REAL_MEDIA	0x02	/* the media is not emulated, and that is meant */
#define POISON_FATAL		0x04	/* the machine may go down, and that is meant */
#define POISON_SHARED		0x08	/* the blocks of other files too, and that is meant */
#define POISON_ZERO		0x10	/* repair: fill with zeroes what is poisoned */
#define POISON_PUNCH		0x20	/* repair: punch it out of the file */

/* One for a program; NULL: memory is out. */
struct poison *poison_new(void);
void poison_free(struct poison *p);

/* Of the last call that failed; empty if none did. */
const char *poison_message(const struct poison *p);

/* "success", "usage", ... */
const char *poison_status_name(int status);

/* Who hears what a call has to say while it runs; NULL: nobody. */
void poison_listen(struct poison *p,
		   void (*tell)(void *arg, enum poison_talk kind, const char *text),
		   void *arg);

/* Most seconds of a wait; 60 unless set. */
void poison_set_deadline(struct poison *p, unsigned int seconds);

/* From a handler of SIGINT, SIGTERM or SIGHUP: what runs ends at its next wait. */
void poison_stop(int signo);

/*
 * A target by name, as poisonctl(1) has it, and a place in it in bytes; @length 0: 512.
 * The target belongs to @p.
 */
int poison_target_new(struct poison *p, const char *name, uint64_t offset,
		      uint64_t length, struct poison_target **t);
void poison_target_free(struct poison_target *t);

/*
 * @json receives a text for free(3), or NULL if there is none; it may be NULL.
 */

/* Every view of the target's bytes. */
int poison_resolve(struct poison_target *t, char **json);

/* Namespaces and the poison in them, by source. */
int poison_list(struct poison *p, char **json);

/* Ways to plant poison, and whether they are usable here. */
int poison_mechanisms(struct poison *p, char **json);

/* @mechanism and @error: NULL: the default. */
int poison_inject(struct poison_target *t, const char *mechanism,
		  const char *error, unsigned int flags, char **json);

int poison_repair(struct poison_target *t, unsigned int flags, char **json);

/* All that was planted since boot, by whatever program. */
int poison_repair_all(struct poison *p, unsigned int flags, char **json);

/* A child process meets the poison by @access (NULL: the default), and is judged. */
int poison_trial(struct poison_target *t, const char *mechanism,
		 const char *access, unsigned int flags, char **json);

#ifdef __cplusplus
}
#endif

#endif
