// SPDX-License-Identifier: GPL-2.0
/* What the library says, on stderr. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "report.h"
#include "talk.h"
#include "util.h"

static int64_t begin;
static uint64_t line_number;
static bool shown;

static void show_wait(const char *text)
{
	int64_t now = now_ns() / INT64_C(1000000000);

	if (!begin)
		begin = now;
	if (now - begin < 2 || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\rpoisonctl: %s, %ld s\033[K", text,
		(long)(now - begin));
	fflush(stderr);
	shown = true;
}

static void wait_over(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
	begin = 0;
}

static void on_stderr(void *arg, enum report_kind kind, const char *text)
{
	(void)arg;
	switch (kind) {
	case REPORT_PROGRESS:
		show_wait(text);
		return;
	case REPORT_PROGRESS_END:
		wait_over();
		return;
	case REPORT_PROBLEM:
	case REPORT_NOTE:
	case REPORT_NO_MEMORY:
		fputs("poisonctl: ", stderr);
		if (line_number)
			fprintf(stderr, "line %" PRIu64 ": ", line_number);
		fprintf(stderr, "%s\n", text);
	}
	if (kind == REPORT_NO_MEMORY)
		_exit(EXIT_SETUP);
}

void talk_of_line(uint64_t number)
{
	line_number = number;
}

void talk_start(void)
{
	static struct report talk = { .tell = on_stderr };

	report_use(&talk);
}
