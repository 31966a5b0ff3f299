// SPDX-License-Identifier: GPL-2.0
/* Long waits on a terminal: what is waited for, and for how long. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

static time_t begin;
static bool shown;

static time_t seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

void progress(const char *fmt, ...)
{
	time_t now = seconds();
	va_list args;

	if (!begin)
		begin = now;
	if (now - begin < 2 || !isatty(STDERR_FILENO))
		return;
	fputs("\rpoisonctl: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, ", %ld s\033[K", (long)(now - begin));
	fflush(stderr);
	shown = true;
}

void progress_end(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
	begin = 0;
}
