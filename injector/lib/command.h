/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program of the user's: found, started in a process group of its own, told of
 * signals, waited for.  If this process had the terminal, the program has it until it
 * ends or is stopped, as a shell does it.
 */
#ifndef POISONCTL_COMMAND_H
#define POISONCTL_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

struct command {
	char **argv;		/* ended by NULL */
	int out[2];		/* its stdout and stderr, -1: ours */
	bool sigpipe_ignored;	/* it is to start so */
	pid_t pid;
	int fd;			/* for poll(2): readable when it has ended; or -1 */
	int tty;		/* the terminal that it was given, or -1 */
	bool ended;
	int status;		/* of waitpid(2) then */
};

/**
 * command_find() - could it be started?
 * @name: a path, or a name to be looked for in PATH
 *
 * What execve(2) alone knows (an interpreter that is missing, a format) it does not see.
 *
 * Return: 0; -ENOENT; -EACCES if it is there and no program.
 */
int command_find(const char *name);

/**
 * command_start() - start it
 * @c: argv, out, and sigpipe_ignored are set; fds of out are the caller's to close
 *
 * Return: 0; -errno of making a process, or of execvp(3).
 */
int command_start(struct command *c);

/**
 * command_signal() - send a signal to its process group
 *
 * A group that is stopped goes on with it.
 */
void command_signal(const struct command *c, int signo);

/**
 * command_look() - has it ended?
 *
 * Does not wait.  If it was stopped and has the terminal, this process stops as well,
 * and both go on together.
 */
bool command_look(struct command *c);

/**
 * command_release() - take the terminal back, close the descriptor
 */
void command_release(struct command *c);

#endif
