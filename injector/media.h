/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The data side of a repair's door to the machine: what is read, written and
 * punched.  The product has one set of operations (media.c); the host tests
 * put a fake in its place, which fails, waits and dies between any two of them.
 */
#ifndef POISONCTL_MEDIA_H
#define POISONCTL_MEDIA_H

#include <stdint.h>
#include <sys/types.h>

#include "platform.h"

struct media_stat {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;		/* bytes */
};

/* Errors are -errno; offsets and lengths are bytes. */
struct media_ops {
	int (*open)(const char *path, int flags);
	int (*stat)(int fd, struct media_stat *st);
	/* Nobody else has the file open, nor gets it opened until close(2). */
	int (*alone)(int fd);
	/* Nobody changes anything on its filesystem until thaw(): freeze.h. */
	int (*freeze)(int fd);
	int (*thaw)(void);
	int (*map)(int fd, uint64_t off, uint64_t len, struct file_map *map);
	ssize_t (*read)(int fd, void *to, size_t len, uint64_t off);
	ssize_t (*write)(int fd, const void *from, size_t len, uint64_t off);
	int (*punch)(int fd, uint64_t off, uint64_t len);
	int (*sync)(int fd);
};

extern const struct media_ops *media;

#endif
