// SPDX-License-Identifier: GPL-2.0
/* SIGINT, SIGTERM and SIGHUP: noted at once, obeyed by main() in the end. */
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "intr.h"
#include "signals.h"

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
static bool pipe_ignored;

void signals_catch(void)
{
	struct sigaction sa = {
		.sa_handler = intr_note,
		.sa_flags = SA_RESTART,
	};
	struct sigaction old;
	size_t i;

	pipe_ignored = signal(SIGPIPE, SIG_IGN) == SIG_IGN;
	intr_listen();
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < ARRAY_SIZE(caught); i++) {
		/* nohup(1), and background jobs of a plain shell */
		if (!sigaction(caught[i], NULL, &old) &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(caught[i], &sa, NULL);
	}
}

bool signals_pipe_ignored(void)
{
	return pipe_ignored;
}

void signals_obey(void)
{
	signal(interrupted(), SIG_DFL);
	raise(interrupted());
	_exit(EXIT_INTERRUPTED + interrupted());
}
