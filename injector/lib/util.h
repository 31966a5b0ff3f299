/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers, deadlines and small files in /sys and /proc. */
#ifndef POISONCTL_UTIL_H
#define POISONCTL_UTIL_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "report.h"

#ifndef __x86_64__
#error "poisonctl is for x86-64: its pages, machine checks and accesses are"
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define SECTOR		UINT64_C(512)		/* unit of badblocks and namespace blocks */
#define PAGE		UINT64_C(4096)		/* x86-64 base page: unit of PG_hwpoison */

/*
 * Prefix for every path below /sys, /proc, /dev/kmsg and /run: empty in the
 * product, a directory with a captured tree in the unit tests.
 */
extern const char *sysroot;

/**
 * parse_size() - read a number with an optional suffix
 * @text: decimal or 0x hexadecimal digits, then K, M, G or T (powers of 1024, lower
 *	case too), also as KiB and so on.  Digits that begin with 0 are refused.
 * @value: where it goes, unchanged on failure
 *
 * Return: 0, -EINVAL if @text is not such a number, -ERANGE if it needs more
 * than 64 bits.
 */
int parse_size(const char *text, uint64_t *value);

/**
 * now_ns() - CLOCK_MONOTONIC
 *
 * Return: it, in nanoseconds.
 */
int64_t now_ns(void);

/* A moment of CLOCK_MONOTONIC; every wait takes one. */
struct deadline {
	struct timespec at;
	unsigned int nap_ms;
};

/**
 * deadline_in() - a moment from now on
 * @seconds: how far away
 */
struct deadline deadline_in(unsigned int seconds);

/**
 * deadline_left() - time to go
 *
 * Return: milliseconds, 0 if the moment has passed or a signal came (intr.h).
 */
int deadline_left(const struct deadline *d);

/**
 * deadline_nap() - pause between two looks at a state
 * @d: the deadline of the wait; the pause doubles from 1 to 64 ms
 *
 * Return: true to look again, false if the deadline has passed or a signal came.
 */
bool deadline_nap(struct deadline *d);

/**
 * deadline_sleep() - the same for what has to be finished after a signal as well
 */
bool deadline_sleep(struct deadline *d);

/**
 * read_text() - read a small file below the sysroot
 * @buf: receives the text, terminated, without the last newline
 * @size: of @buf
 * @fmt: path
 *
 * Return: length, or -errno of open(2) or read(2).
 */
int read_text(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * read_whole() - read a file of any size below the sysroot
 * @path: the file
 *
 * Return: terminated text that the caller frees, NULL with errno set.
 */
char *read_whole(const char *path);

/**
 * read_bytes() - the same of a file that may have any bytes in it
 * @size: receives the number of bytes, without the terminating zero
 */
char *read_bytes(const char *path, size_t *size);

/**
 * write_text() - give a file below the sysroot a line of text, in one write(2)
 * @path: the file; it is not made if it is not there
 * @fmt: what is written
 *
 * Files of sysfs and debugfs take one value a write, so nothing is retried.
 *
 * Return: 0; -errno of open(2) or write(2); -EIO if less was taken.
 */
int write_text(const char *path, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * file_access() - access(2) below the sysroot
 * @mode: R_OK, W_OK, F_OK
 *
 * Return: 0 or -errno.
 */
int file_access(const char *path, int mode);

/**
 * is_absent() - does an error say that there is no such file?
 * @rc: -errno of one of these
 *
 * Whatever else keeps a file from being read does not say what is in it.
 */
bool is_absent(int rc);

/**
 * open_folder() - opendir(3) below the sysroot
 *
 * Return: the folder, which the caller closes; NULL with errno set.
 */
DIR *open_folder(const char *path);

/**
 * copy_name() - copy a name into a fixed field
 *
 * A name that does not fit is cut off; device names never are that long.
 */
void copy_name(char *to, size_t size, const char *from);

/**
 * xrealloc() - realloc() that does not return when memory is out
 */
void *xrealloc(void *p, size_t size);

static inline uint64_t round_down64(uint64_t v, uint64_t unit)
{
	return v - v % unit;
}

/* The caller makes sure that @v + @unit does not wrap. */
static inline uint64_t round_up64(uint64_t v, uint64_t unit)
{
	return round_down64(v + unit - 1, unit);
}

#endif
