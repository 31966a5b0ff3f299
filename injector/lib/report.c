// SPDX-License-Identifier: GPL-2.0
/* What the library has to say: kept, and told to who listens. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "intr.h"
#include "report.h"

#define TEXT_MAX_BYTES	(8 * 1024)

static __thread struct report own;
static __thread struct report *used;

static struct report *current(void)
{
	return used ? used : &own;
}

struct report *report_use(struct report *r)
{
	struct report *before = used;

	used = r;
	return before;
}

/* A name may hold anything, and a message is one line that does nothing to a terminal. */
static void to_one_line(char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			*text = '?';
}

static void tell(enum report_kind kind, const char *text)
{
	const struct report *r = current();

	if (r->tell)
		r->tell(r->arg, kind, text);
}

static void __attribute__((format(printf, 2, 0)))
tell_about(enum report_kind kind, const char *fmt, va_list args)
{
	char text[TEXT_MAX_BYTES];

	if (!current()->tell)
		return;
	vsnprintf(text, sizeof(text), fmt, args);
	to_one_line(text);
	tell(kind, text);
}

int complain(int code, const char *fmt, ...)
{
	struct report *r = current();
	va_list args;

	if (interrupted() && (code == EXIT_TIMEOUT || code == EXIT_UNSEEN)) {
		snprintf(r->text, sizeof(r->text), "interrupted by %s",
			 intr_name());
		code = EXIT_INTERRUPTED + interrupted();
	} else {
		va_start(args, fmt);
		vsnprintf(r->text, sizeof(r->text), fmt, args);
		va_end(args);
		to_one_line(r->text);
	}
	r->code = code;
	tell(REPORT_PROBLEM, r->text);
	return code;
}

const char *complaint(void)
{
	return current()->text;
}

void note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell_about(REPORT_NOTE, fmt, args);
	va_end(args);
}

void progress(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell_about(REPORT_PROGRESS, fmt, args);
	va_end(args);
}

void progress_end(void)
{
	tell(REPORT_PROGRESS_END, NULL);
}

void no_memory(void)
{
	tell(REPORT_NO_MEMORY, "out of memory");
	abort();
}
