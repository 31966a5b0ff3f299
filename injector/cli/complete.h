/* SPDX-License-Identifier: GPL-2.0 */
/* What may stand at a place of the command line, for the completions of the shells. */
#ifndef POISONCTL_COMPLETE_H
#define POISONCTL_COMPLETE_H

#define COMPLETE_FILE	"<file>"	/* in place of a word: the name of any file */

#define COMPLETE_COMMAND	"<command>"	/* the name of any command */

/**
 * complete() - print the words that may stand where the last one is
 * @argc, @argv: the words behind "poisonctl", the last one as far as it is written;
 *	none is one that is empty
 *
 * On stdout one a line, then a tab and what it is, if that is known; only those that
 * begin as the last word does.  COMPLETE_FILE and COMPLETE_COMMAND ask the shell.
 */
void complete(int argc, char **argv);

#endif
