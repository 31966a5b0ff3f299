/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A filesystem that stands still for a moment.
 *
 * A file that others have open for writing cannot be repaired by a read and a write:
 * what they store between the two would be overwritten.  Nothing else than FIFREEZE
 * keeps them out, stores through mappings included: it waits for all writers, writes
 * back what is dirty, which write-protects it, and lets write faults wait
 * (freeze_super() in fs/super.c, sb_start_pagefault()).
 */
#ifndef POISONCTL_FREEZE_H
#define POISONCTL_FREEZE_H

#define FREEZE_SECONDS	10

/**
 * freeze_begin() - stop all writers of the filesystem of an open file
 * @fd: of that file
 *
 * A process of its own freezes it, which lets it go when freeze_end() says so or this
 * process has ended, whatever ended it.
 *
 * Context: not nested.  Until freeze_end() nothing may be written that could lie on
 * that filesystem, messages included.
 * Return: 0; -EBUSY if somebody else froze it; -EOPNOTSUPP if it cannot be frozen;
 * -ETIMEDOUT after FREEZE_SECONDS, however many signals come; -errno of pipe(2), fork(2)
 * and the ioctl.
 */
int freeze_begin(int fd);

/**
 * freeze_end() - let the writers go on
 *
 * Return: 0; -errno of FITHAW, and the filesystem stays frozen.
 */
int freeze_end(void);

#endif
