/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Child processes that map a target, are told when to go on, and report.
 *
 * Order is kept by pipes: the parent sends one byte for "go", the child sends
 * fixed-size reports, which are smaller than PIPE_BUF and so never mixed.  A
 * child that meets SIGBUS during its access reports from the handler and
 * exits; it never returns to the access.
 */
#ifndef POISONCTL_CHILD_H
#define POISONCTL_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "expect.h"
#include "target.h"
#include "util.h"

/* What a child is to do; offsets are in target_devnode(). */
struct child_plan {
	const struct target *t;
	uint64_t dev_off;	/* the byte to access */
	uint64_t map_len;	/* bytes of the mapping around it, its unit */
	uint64_t lead;		/* read(2): bytes in front of the page */
	enum access_kind access;
	enum map_kind map;
	enum signal_policy policy;
	enum map_when when;
	bool sync;		/* MAP_SYNC */
	bool dirty;		/* store what is there, before it is ready */
	bool forked;		/* a child of its own makes the access */
	int threads;		/* 0 and 1 are the same */
	bool plant_by_madvise;	/* at "go", before the access */
	bool plant_soft;	/* by MADV_SOFT_OFFLINE instead of MADV_HWPOISON */
	uint64_t pfn;		/* frame that must be mapped at "go", or 0 */
	int (*plant_by)(void *arg);	/* at "go": 0 or -errno */
	void *plant_arg;
	bool unmapped;		/* neither opens nor maps the target */
	bool bystander;		/* maps, waits, reports what came */
	const uint8_t *old;	/* the page before the poison, or NULL */
};

/* A signal as it arrived. */
struct signal_seen {
	int32_t signo;		/* 0: none */
	int32_t code;
	int32_t lsb;
	int32_t pid;
	int32_t tid;
	int32_t thread;		/* enum who */
	uint64_t addr;
};

struct child_report {
	uint64_t base;		/* address of the mapping, 0 if there is none */
	uint64_t pfn;		/* of the byte to access, 0 if unknown */
	int32_t map_shift;	/* log2 of the page table entry, 0 if not touched */
	int32_t ended;		/* signal that ended the forked child */
	int32_t setup_errno;	/* opening or mapping failed */
	int32_t fork_errno;	/* there is no child to make the access */
	int32_t plant_errno;	/* MADV_HWPOISON failed */
	struct signal_seen plant;
	struct signal_seen access;
	int32_t accessed;
	int32_t err;		/* errno of the system call */
	uint64_t bytes;		/* that it, or the copy, moved */
	int32_t data;		/* enum data_state */
};

struct child {
	pid_t pid;
	int go;			/* write end */
	int report;		/* read end */
	int status;		/* of waitpid(2), once it has ended */
	bool ended;
};

/**
 * child_complain() - say why a child could not do its work
 * @err: setup_errno of its report; EHWPOISON if it met poison that was there
 *	already, ESTALE if it mapped another frame than the plan names
 *
 * Return: EXIT_SETUP.
 */
int child_complain(const struct target *t, int err);

/**
 * child_start() - fork a child and let it map
 * @plan: must stay until the child has ended
 * @c: the child
 * @d: for the report
 * @rep: its first report, made when it is ready
 *
 * Return: EXIT_OK; EXIT_SETUP or EXIT_TIMEOUT after a complaint, the child is
 * gone then.
 */
int child_start(const struct child_plan *plan, struct child *c,
		struct deadline d, struct child_report *rep);

/**
 * child_go() - let a child go on, and hear what happened
 * @rep: its last report; all zero if it died before
 *
 * Return: EXIT_OK, also if the child died (c->ended, c->status); EXIT_TIMEOUT
 * after a complaint.
 */
int child_go(struct child *c, struct deadline d, struct child_report *rep);

/**
 * child_end() - make sure that a child is gone
 *
 * Kills it if it still runs, and gives up on it if it then does not go away: it hangs
 * in the kernel.
 */
void child_end(struct child *c);

/**
 * child_exit() - end a process that the library forked, and no other
 *
 * Nothing is flushed and no handler is called: what the parent has of both is its own.
 */
void child_exit(int status) __attribute__((noreturn));

/**
 * child_wait() - wait until a process that this one forked has ended
 * @status: receives what waitpid(2) says of it
 * @d: kills it then, or when a signal comes
 *
 * Return: 0; -ETIMEDOUT, and it is gone unless it hangs in the kernel.
 */
int child_wait(pid_t pid, int *status, struct deadline d);

/**
 * child_once() - start, go and end in one
 *
 * Return: as child_start() and child_go().
 */
int child_once(const struct child_plan *plan, struct deadline d,
	       struct child_report *rep);

/**
 * child_snapshot() - read the page that holds a byte of the target
 * @t: target
 * @dev_off: the byte
 * @page: receives PAGE bytes, aligned to PAGE
 *
 * Return: 0 or -errno.
 */
int child_snapshot(const struct target *t, uint64_t dev_off, uint8_t *page);

/**
 * child_plant_code() - write what ACCESS_EXEC calls
 * @t: target
 * @dev_off: the byte to access; the code begins at the 8 bytes that hold it
 *
 * Return: 0 or -errno.
 */
int child_plant_code(const struct target *t, uint64_t dev_off);

#endif
