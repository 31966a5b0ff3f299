// SPDX-License-Identifier: GPL-2.0
/* Interruption: noted at once, obeyed at the next wait. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "intr.h"

static volatile sig_atomic_t came;
static volatile sig_atomic_t noted[NSIG];	/* not taken yet */
static int wake_fd = -1;
static pid_t owner;

void intr_note(int signo)
{
	static const uint64_t one = 1;
	int err = errno;

	noted[signo] = 1;
	if (!came)
		came = signo;
	/* children share the eventfd: one of them must not wake its parent */
	if (getpid() == owner && write(wake_fd, &one, sizeof(one)) < 0)
		came = signo;
	errno = err;
}

void intr_listen(void)
{
	owner = getpid();
	if (wake_fd < 0)
		wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int intr_take(void)
{
	uint64_t count;
	int signo;

	/* one that comes in between is found by the next call, and interrupts still */
	if (read(wake_fd, &count, sizeof(count)) < 0 && !came)
		return 0;
	came = 0;
	for (signo = 1; signo < NSIG; signo++)
		if (noted[signo]) {
			noted[signo] = 0;
			return signo;
		}
	return 0;
}

int interrupted(void)
{
	return came;
}

int intr_fd(void)
{
	return wake_fd;
}

int intr_poll(int fd, short events, int ms)
{
	struct pollfd p[] = {
		{ .fd = fd, .events = events },
		{ .fd = wake_fd, .events = POLLIN },
	};
	int rc;

	do {
		rc = poll(p, ARRAY_SIZE(p), came ? 0 : ms);
	} while (rc < 0 && errno == EINTR && !came);
	if (rc < 0 && errno != EINTR)
		return -errno;
	return p[0].revents ? 1 : 0;
}

int intr_wait(int fd, short events, const struct deadline *d)
{
	return intr_poll(fd, events, deadline_left(d));
}

int intr_check(void)
{
	return came ? complain(EXIT_TIMEOUT, "interrupted") : EXIT_OK;
}

const char *intr_name(void)
{
	switch (came) {
	case SIGINT:
		return "SIGINT";
	case SIGHUP:
		return "SIGHUP";
	default:
		return "SIGTERM";
	}
}
