/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The data side of a repair as Linux has it: what is read, written and punched;
 * and files of the kernel's that are written to.  See struct machine_ops.
 */
#ifndef POISONCTL_MEDIA_H
#define POISONCTL_MEDIA_H

#include "platform.h"

pid_t media_fork(void);
pid_t media_wait(pid_t pid, int *status, int options);
int media_open(const char *path, int flags);
int media_stat(int fd, struct media_stat *st);
int media_alone(int fd);
ssize_t media_read(int fd, void *to, size_t len, uint64_t off);
ssize_t media_write(int fd, const void *from, size_t len, uint64_t off);
void *media_mmap(void *at, size_t len, int prot, int flags, int fd, uint64_t off);
int media_poison(void *page, bool soft);
int media_punch(int fd, uint64_t off, uint64_t len);
int media_sync(int fd);
int media_msync(void *at, size_t len);
int media_scratch(const char *path, uint64_t len);
int media_open_file(const char *path, int flags);
int media_access_file(const char *path, int mode);
int media_write_file(const char *path, const void *data, size_t len);

#endif
