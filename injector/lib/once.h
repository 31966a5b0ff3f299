/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a machine has once: the registers of EINJ and of mce-inject, the filter of
 * debugfs hwpoison, an instance of tracefs.  Two commands that use one of them at
 * the same time would inject at each other's address, or lose poison to a filter
 * that the other one has just turned on again.  So there is one lock,
 * /run/poisonctl/lock; and what is changed is noted in /run/poisonctl/restore
 * before it is, so that the next command can put it back after a SIGKILL.
 */
#ifndef POISONCTL_ONCE_H
#define POISONCTL_ONCE_H

#include "util.h"

/**
 * once_name() - what this command is called in the message of who waits for it
 * @verb: static
 */
void once_name(const char *verb);

/**
 * once_lock() - become the one user of all that the machine has once
 * @d: gives up then
 *
 * Puts back first what a killed command left changed.  Does nothing if the lock is
 * held already.
 *
 * Context: held until once_unlock() or the end of the process; a child lets go with
 * once_forget().
 * Return: EXIT_OK; EXIT_TIMEOUT after a complaint that names the holder, EXIT_SETUP
 * after one about /run, EXIT_INTERRUPTED plus the signal.
 */
int once_lock(struct deadline d);

/**
 * once_held() - does this command have the lock?
 */
bool once_held(void);

/**
 * once_unlock() - put back what was changed, and let go
 *
 * Does nothing without the lock.
 */
void once_unlock(void);

/**
 * once_forget() - close a child's copy of the lock
 *
 * Context: between fork(2) and anything that may not return: a lock of flock(2)
 * belongs to the open file, and a child that hangs in the kernel would keep it.
 */
void once_forget(void);

/**
 * once_set() - change a setting for a while
 * @path: a file below the sysroot that shows what it holds
 * @fmt: the new value, without a newline
 *
 * Writes nothing if it is so already.
 *
 * Context: once_lock() is held.
 * Return: 0; -errno of reading the old value, of noting it, of writing the new one.
 */
int once_set(const char *path, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * once_folder() - note a folder of a kernel filesystem that has to go afterwards
 * @path: an instance of tracefs, below the sysroot; made by the caller
 *
 * Context: once_lock() is held.
 * Return: 0; -errno of noting it.
 */
int once_folder(const char *path);

/**
 * once_restore() - put back what once_set() and once_folder() changed
 *
 * What cannot be put back stays noted for the next command.
 *
 * Context: once_lock() is held.
 * Return: 0; -errno of the first write that failed.
 */
int once_restore(void);

/**
 * once_recover() - put back what a killed command left, if nobody holds the lock
 *
 * Says on stderr what it was.
 */
void once_recover(void);

#endif
