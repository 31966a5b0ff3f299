/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the library has to say.  It prints nothing: the problem that ends a call is
 * kept, code and message, in the report of the caller, and whoever wants to hear it,
 * and what else there is to say, at once gives the report a function.
 */
#ifndef POISONCTL_REPORT_H
#define POISONCTL_REPORT_H

#include "exit.h"

enum report_kind {
	REPORT_PROBLEM,		/* complain() */
	REPORT_NOTE,		/* note() */
	REPORT_PROGRESS,	/* progress() */
	REPORT_PROGRESS_END,	/* progress_end(); no text */
	REPORT_NO_MEMORY,	/* the last thing that is said; see no_memory() */
};

struct report {
	int code;		/* of the last problem */
	char text[512];		/* its message; empty: there was none */
	/* NULL: nobody listens.  @text is good until it returns. */
	void (*tell)(void *arg, enum report_kind kind, const char *text);
	void *arg;
};

/**
 * report_use() - whose report the following calls of this thread fill
 * @r: must live until the next call; NULL: the thread's own, to which nobody listens
 *
 * Return: the one before, for report_use().
 */
struct report *report_use(struct report *r);

/**
 * complain() - report the problem that ends the call
 * @code: exit code of a command that ends by it
 * @fmt: lower case, problem first, subject in single quotes
 *
 * A wait that a signal ended (intr.h) did not time out: EXIT_TIMEOUT and
 * EXIT_UNSEEN become an interruption then, and so does the message.
 *
 * Return: @code, so that callers can write "return complain(...)"; or
 * EXIT_INTERRUPTED plus the signal.
 */
int complain(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * complaint() - the last message given to complain()
 *
 * Return: text of the report in use, empty if there was none.
 */
const char *complaint(void);

/**
 * note() - say something that does not end the call
 * @fmt: as complain()
 */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * progress() - say what is waited for; to be called again and again
 * @fmt: as note()
 */
void progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * progress_end() - the wait is over
 */
void progress_end(void);

/**
 * no_memory() - memory is out
 *
 * json-c and libndctl have no way back from that, so there is none: the listener may
 * end the program as it likes, else abort(3) does.
 */
void no_memory(void) __attribute__((noreturn));

#endif
