/* SPDX-License-Identifier: GPL-2.0 */
/* What is poisoned before anything is planted. */
#ifndef POISONCTL_ALREADY_H
#define POISONCTL_ALREADY_H

#include "target.h"

/**
 * already_poisoned() - is there poison in the pages of a target?
 * @lead: bytes in front of the first page that must be good as well
 *
 * Sources: badblocks, the firmware's records, PG_hwpoison where the kernel shows it.
 * The kernel's log is not asked: it knows nothing of repairs, and a child that meets
 * the poison says so.
 *
 * Return: EXIT_OK; EXIT_SETUP after a complaint if there is, or if a list cannot be
 * read; EXIT_INTERRUPTED plus the signal.
 */
int already_poisoned(const struct target *t, uint64_t lead);

/**
 * complain_poisoned() - the complaint about it
 *
 * Return: EXIT_SETUP.
 */
int complain_poisoned(const struct target *t);

#endif
