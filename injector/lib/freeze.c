// SPDX-License-Identifier: GPL-2.0
/* A filesystem that stands still for a moment. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exit.h"
#include "freeze.h"
#include "once.h"

static struct {
	int fd;			/* of whoever asked */
	pid_t pid;
	int go;			/* write end: its end is the word to let go */
	int answer;		/* read end: an errno each of FIFREEZE and FITHAW */
} keeper;

/* Whoever asked may be gone, and SIGPIPE is blocked. */
static void answer(int to, int err)
{
	(void)!write(to, &err, sizeof(err));
}

/*
 * Out of reach of what kills a process group.  A freeze that nobody waits for any
 * more ends as soon as it has begun.
 */
static void keep(int fd, int go, int to)
{
	sigset_t all;
	char end;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	once_forget();
	close_range(STDIN_FILENO, STDERR_FILENO, 0);
	err = ioctl(fd, FIFREEZE, 0) ? errno : 0;
	answer(to, err);
	if (err)
		_exit(EXIT_OK);
	while (read(go, &end, 1) < 0 && errno == EINTR)
		;
	answer(to, ioctl(fd, FITHAW, 0) ? errno : 0);
	_exit(EXIT_OK);
}

static void dismiss(void)
{
	close(keeper.go);
	close(keeper.answer);
	keeper.go = keeper.answer = -1;
}

/* Return: what it said, as -errno; -EIO if it was killed. */
static int hear(void)
{
	int err;

	if (read(keeper.answer, &err, sizeof(err)) != sizeof(err))
		return -EIO;
	return -err;
}

/* A signal does not end it: pages that were planted for the repair are to be written. */
static int wait_answer(void)
{
	struct pollfd p = { .fd = keeper.answer, .events = POLLIN };
	int n;

	do {
		n = poll(&p, 1, FREEZE_SECONDS * 1000);
	} while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : n ? -errno : -ETIMEDOUT;
}

int freeze_begin(int fd)
{
	int go[2], to[2], err;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(to, O_CLOEXEC)) {
		err = -errno;
		close(go[0]);
		close(go[1]);
		return err;
	}
	keeper.fd = fd;
	keeper.go = go[1];
	keeper.answer = to[0];
	keeper.pid = fork();
	err = keeper.pid < 0 ? -errno : 0;
	if (!keeper.pid) {
		dismiss();
		keep(fd, go[0], to[1]);
	}
	close(go[0]);
	close(to[1]);
	if (!err)
		err = wait_answer();
	if (!err)
		err = hear();
	if (err)
		dismiss();
	if (err && keeper.pid > 0)
		waitpid(keeper.pid, NULL, WNOHANG);
	return err;
}

int freeze_end(void)
{
	int err;

	close(keeper.go);
	keeper.go = -1;
	err = hear();
	if (err == -EIO)
		err = ioctl(keeper.fd, FITHAW, 0) ? -errno : 0;
	dismiss();
	while (waitpid(keeper.pid, NULL, 0) < 0 && errno == EINTR)
		;
	return err;
}
