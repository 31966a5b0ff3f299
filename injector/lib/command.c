// SPDX-License-Identifier: GPL-2.0
/* A program of the user's: found, started, told of signals, waited for. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "command.h"
#include "util.h"

static int check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode) || access(path, X_OK))
		return -EACCES;
	return 0;
}

/* As execvp(3): what may not be run is passed over, and told if there is no other. */
int command_find(const char *name)
{
	const char *path = getenv("PATH"), *end;
	int rc = -ENOENT, one;
	char full[4096];

	if (strchr(name, '/')) {
		one = check_program(name);
		return one == -EACCES || !one ? one : -ENOENT;
	}
	for (path = path ? path : "/bin:/usr/bin"; *name; path = end + 1) {
		end = strchrnul(path, ':');
		snprintf(full, sizeof(full), "%.*s%s%s", (int)(end - path), path,
			 end > path ? "/" : "", name);
		one = check_program(full);
		if (!one)
			return 0;
		rc = one == -EACCES ? one : rc;
		if (!*end)
			break;
	}
	return rc;
}

/* Who is in the background and sets the terminal's group is stopped, but for this. */
static void give_terminal(int tty, pid_t group)
{
	sigset_t set, old;

	if (tty < 0)
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, &old);
	tcsetpgrp(tty, group);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void become(const struct command *c, int tell)
{
	int i, err;

	setpgid(0, 0);
	give_terminal(c->tty, getpid());
	for (i = 0; i < 2; i++)
		if (c->out[i] >= 0)
			dup2(c->out[i], 1 + i);
	signal(SIGPIPE, c->sigpipe_ignored ? SIG_IGN : SIG_DFL);
	execvp(c->argv[0], c->argv);
	err = errno;
	if (write(tell, &err, sizeof(err)) < 0)
		err = 0;
	child_exit(127);
}

/* The terminal, if this process is in its foreground. */
static int own_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && tcgetpgrp(fd) != getpgrp()) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int command_start(struct command *c)
{
	int tell[2], err = 0;

	c->fd = -1;
	c->ended = false;
	if (pipe2(tell, O_CLOEXEC))
		return -errno;
	c->tty = own_terminal();
	fflush(NULL);
	c->pid = machine->fork();
	if (c->pid == 0)
		become(c, tell[1]);
	if (c->pid < 0)
		err = -c->pid;
	close(tell[1]);
	/* closed by a successful execve(2), without a word */
	if (!err && read(tell[0], &err, sizeof(err)) == sizeof(err))
		machine->wait(c->pid, &c->status, 0);
	close(tell[0]);
	if (err) {
		c->pid = 0;
		command_release(c);
		return -err;
	}
	c->fd = pidfd_open(c->pid, 0);
	return 0;
}

void command_signal(const struct command *c, int signo)
{
	kill(-c->pid, signo);
	kill(-c->pid, SIGCONT);
}

/*
 * As the terminal does it, with all of our group: a shell sees its job stopped, and
 * gives it the terminal when it goes on, or does not.  Where no shell is, the kernel
 * stops nobody (an orphaned process group).
 */
static void stop_together(struct command *c)
{
	give_terminal(c->tty, getpgrp());
	kill(0, SIGTSTP);
	if (tcgetpgrp(c->tty) == getpgrp())
		give_terminal(c->tty, c->pid);
	kill(-c->pid, SIGCONT);
}

bool command_look(struct command *c)
{
	int status;

	while (!c->ended &&
	       machine->wait(c->pid, &status, WNOHANG | WUNTRACED) == c->pid) {
		if (!WIFSTOPPED(status)) {
			c->ended = true;
			c->status = status;
		} else if (c->tty >= 0) {
			stop_together(c);
		}
	}
	return c->ended;
}

void command_release(struct command *c)
{
	if (c->tty >= 0) {
		give_terminal(c->tty, getpgrp());
		close(c->tty);
	}
	if (c->fd >= 0)
		close(c->fd);
	c->tty = c->fd = -1;
}
