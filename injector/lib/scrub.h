/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's Address Range Scrub of a whole bus, as nfit/scrub shows it: the
 * number of scrubs that have ended since the driver was loaded, and '+' while
 * one runs (drivers/acpi/nfit/core.c, scrub_show).  Also the one after boot.
 */
#ifndef POISONCTL_SCRUB_H
#define POISONCTL_SCRUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform.h"
#include "util.h"

struct scrub_state {
	uint64_t count;		/* that have ended */
	bool active;
};

/**
 * scrub_parse() - the text of nfit/scrub
 *
 * Return: 0, -EPROTO if it is anything else.
 */
int scrub_parse(const char *text, struct scrub_state *s);

/**
 * scrub_look() - what nfit/scrub says now
 * @bus: ndbusN
 *
 * Return: 0; -EOPNOTSUPP if the bus has no scrub; -EPROTO if it says anything
 * else; -errno of reading it.
 */
int scrub_look(const char *bus, struct scrub_state *s);

/**
 * scrub_start() - ask the kernel for a scrub of every region of a bus
 * @bus: ndbusN
 * @since: receives the state right after: the scrub that was asked for is the
 *	one that runs then, or has ended already if none does
 *
 * A request that comes while a scrub runs is queued, and both end as one.
 *
 * Return: 0; -EBUSY if every region has such a request pending already, which
 * has not begun and so covers this one; -EOPNOTSUPP; -errno.
 */
int scrub_start(const char *bus, struct scrub_state *since);

/**
 * scrub_wait() - wait until the scrub of a moment has ended
 * @bus: ndbusN
 * @since: the state then
 * @now: receives the last state; if it is active on success, somebody has
 *	started another one meanwhile, which is not waited for
 * @d: gives up then
 *
 * Sleeps in poll(2) and looks once a second, upon which the kernel asks the
 * firmware more often than it would by itself.
 *
 * Return: 0, at once if none was active; -ETIMEDOUT; -errno as scrub_look().
 */
int scrub_wait(const char *bus, const struct scrub_state *since,
	       struct scrub_state *now, struct deadline d);

/**
 * scrub_buses() - all NVDIMM buses
 * @v: receives an array of names, which the caller frees
 * @n: receives their number
 *
 * Return: 0, also if there are none; -errno, and *n is 0.
 */
int scrub_buses(char (**v)[NAME_LEN], size_t *n);

#endif
