// SPDX-License-Identifier: GPL-2.0
/* The parent's side of child processes: start, go, end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access.h"
#include "already.h"
#include "child.h"
#include "consumer.h"
#include "intr.h"
#include "once.h"

#define REAP_S	5	/* for a killed child to go away */

_Static_assert(sizeof(struct child_report) <= 512, "reports must be atomic");

/*
 * Wait for one report.  Return: 1 if there is one, 0 if the child closed the
 * pipe without (it died), -ETIMEDOUT, or -errno.
 */
static int hear(struct child *c, const struct deadline *d,
		struct child_report *rep)
{
	int rc = intr_wait(c->report, POLLIN, d);
	ssize_t n;

	if (rc < 0)
		return rc;
	if (!rc)
		return -ETIMEDOUT;
	n = read(c->report, rep, sizeof(*rep));
	if (n < 0)
		return -errno;
	return n == sizeof(*rep);
}

static bool has_ended(pid_t pid, int *status)
{
	pid_t got = machine->wait(pid, status, WNOHANG);

	return got == pid || (got < 0 && got != -EINTR);
}

/*
 * A child that is dying, or was killed, is gone in a moment; one that hangs in the
 * kernel (state D) is not, and nobody can wait for that.  Its parent is, sooner or
 * later, so init reaps it.
 */
static bool reap(struct child *c)
{
	struct deadline d = deadline_in(REAP_S);

	do {
		c->ended = has_ended(c->pid, &c->status);
	} while (!c->ended && deadline_sleep(&d));
	return c->ended;
}

static bool kill_and_reap(struct child *c)
{
	kill(c->pid, SIGKILL);
	if (reap(c))
		return true;
	note("a child, process %ld, hangs in the kernel and is left behind",
	     (long)c->pid);
	return false;
}

void child_exit(int status)
{
	_exit(status);
}

int child_wait(pid_t pid, int *status, struct deadline d)
{
	struct child c = { .pid = pid };

	do {
		if (has_ended(pid, status))
			return 0;
	} while (deadline_nap(&d));
	kill_and_reap(&c);
	return -ETIMEDOUT;
}

static int spawn(const struct child_plan *plan, struct child *c)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC))
		return -errno;
	if (pipe2(from, O_CLOEXEC)) {
		int rc = -errno;

		close(to[0]);
		close(to[1]);
		return rc;
	}
	fflush(NULL);
	c->pid = machine->fork();
	if (c->pid == 0) {
		once_forget();
		close(to[1]);
		close(from[0]);
		consumer_main(plan, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	c->go = to[1];
	c->report = from[0];
	c->ended = false;
	c->status = 0;
	if (c->pid < 0) {
		int rc = c->pid;

		c->ended = true;
		child_end(c);
		return rc;
	}
	return 0;
}

int child_complain(const struct target *t, int err)
{
	switch (err) {
	case EHWPOISON:
		return complain_poisoned(t);
	case ESTALE:
		return complain(EXIT_SETUP,
			"'%s' moved while it was looked at", t->name);
	default:
		return complain(EXIT_SETUP, "a child cannot map '%s': %s",
				t->name, strerror(err));
	}
}

int child_start(const struct child_plan *plan, struct child *c,
		struct deadline d, struct child_report *rep)
{
	int rc = spawn(plan, c);

	if (rc)
		return complain(EXIT_SETUP, "cannot start a child: %s",
				strerror(-rc));
	rc = hear(c, &d, rep);
	if (rc == 1 && !rep->setup_errno)
		return EXIT_OK;
	child_end(c);
	if (rc == -ETIMEDOUT)
		return complain(EXIT_TIMEOUT,
			"a child did not map '%s' in time", plan->t->name);
	if (rc == 1)
		return child_complain(plan->t, rep->setup_errno);
	return complain(EXIT_SETUP,
		"a child died before it had mapped '%s': is it poisoned?",
		plan->t->name);
}

int child_go(struct child *c, struct deadline d, struct child_report *rep)
{
	int rc;

	memset(rep, 0, sizeof(*rep));
	if (write(c->go, "g", 1) != 1 && errno != EPIPE)
		return complain(EXIT_SETUP, "cannot reach a child: %s",
				strerror(errno));
	rc = hear(c, &d, rep);
	if (rc == -ETIMEDOUT)
		return complain(EXIT_TIMEOUT,
			"a child neither reported nor died in time");
	if (rc < 0)
		return complain(EXIT_SETUP, "cannot hear a child: %s",
				strerror(-rc));
	if (rc == 0) {
		memset(rep, 0, sizeof(*rep));
		if (!reap(c))
			return complain(EXIT_TIMEOUT,
				"a child, process %ld, hangs in the kernel",
				(long)c->pid);
	}
	return EXIT_OK;
}

void child_end(struct child *c)
{
	if (!c->ended) {
		kill_and_reap(c);
		c->ended = true;
	}
	if (c->go >= 0)
		close(c->go);
	if (c->report >= 0)
		close(c->report);
	c->go = c->report = -1;
}

int child_once(const struct child_plan *plan, struct deadline d,
	       struct child_report *rep)
{
	struct child c;
	int rc = child_start(plan, &c, d, rep);

	if (rc)
		return rc;
	rc = child_go(&c, d, rep);
	if (!rc && rep->setup_errno)
		rc = child_complain(plan->t, rep->setup_errno);
	child_end(&c);
	return rc;
}

static int snapshot_map(int fd, uint64_t unit, uint64_t off, uint8_t *page)
{
	uint64_t start = round_down64(off, unit);
	uint8_t *p = machine->mmap(NULL, unit, PROT_READ, MAP_SHARED, fd, start);

	if (p == MAP_FAILED)
		return -errno;
	memcpy(page, p + (round_down64(off, PAGE) - start), PAGE);
	munmap(p, unit);
	return 0;
}

int child_snapshot(const struct target *t, uint64_t dev_off, uint8_t *page)
{
	uint64_t start = round_down64(dev_off, PAGE);
	char node[512];
	int fd, flags = O_RDONLY, rc = 0;
	ssize_t n;

	target_devnode(t, node, sizeof(node));
	if (!target_by_file(t) && t->ns->mode != NS_DEVDAX)
		flags |= O_DIRECT;
	fd = machine->open(node, flags);
	if (fd < 0)
		return fd;
	if (t->ns->mode == NS_DEVDAX) {
		rc = snapshot_map(fd, target_map_align(t), dev_off, page);
	} else {
		memset(page, 0, PAGE);
		n = machine->read(fd, page, PAGE, start);
		if (n < 0)
			rc = (int)n;
	}
	close(fd);
	return rc;
}

int child_plant_code(const struct target *t, uint64_t dev_off)
{
	uint64_t unit = target_map_align(t);
	uint64_t start = round_down64(dev_off, unit);
	char node[512];
	uint8_t *p;
	int fd, rc = 0;

	target_devnode(t, node, sizeof(node));
	fd = machine->open(node, O_RDWR);
	if (fd < 0)
		return fd;
	p = machine->mmap(NULL, unit, PROT_READ | PROT_WRITE, MAP_SHARED, fd, start);
	if (p == MAP_FAILED) {
		rc = -errno;
	} else {
		memcpy(p + round_down64(dev_off - start, 8), access_code,
		       ACCESS_CODE_LEN);
		/* what stays dirty and is poisoned would fail the next fsync */
		if (target_by_file(t))
			rc = machine->msync(p, unit);
		munmap(p, unit);
	}
	close(fd);
	return rc;
}
