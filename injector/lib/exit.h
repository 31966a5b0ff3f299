/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The exit codes of poisonctl, for every verb.  Scripts and tests branch on
 * these; the manual's EXIT STATUS section lists the same names and numbers.
 */
#ifndef POISONCTL_EXIT_H
#define POISONCTL_EXIT_H

enum exit_code {
	EXIT_OK = 0,		/* everything asked for was done and verified */
	EXIT_WRONG = 1,		/* trial: the outcome is not the expected one */
	EXIT_USAGE = 2,		/* command line or target is wrong */
	EXIT_UNSUPPORTED = 3,	/* this target, kernel or firmware cannot do it */
	EXIT_SETUP = 4,		/* a step on the way failed */
	EXIT_TIMEOUT = 5,	/* the deadline passed */
	EXIT_PARTLY = 6,	/* done in part; what is left was listed */
	EXIT_UNSEEN = 7,	/* planted, but it does not show up */
	EXIT_REFUSED = 8,	/* a safety rule says no */
	/* run passes on the status of its command, and has these of its own */
	EXIT_RUN_TIMEOUT = 124,	/* the command was ended by --timeout */
	EXIT_RUN = 125,		/* whatever else went wrong */
	EXIT_RUN_CANNOT = 126,	/* the command is there and cannot be started */
	EXIT_RUN_MISSING = 127,	/* there is no such command */
	EXIT_INTERRUPTED = 128,	/* plus the number of the signal */
};

/**
 * exit_name() - the documented name of an exit code
 * @code: one of enum exit_code
 *
 * Return: a static string, "unknown" for a number that is not a code.
 */
const char *exit_name(int code);

#endif
