/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says about a path: its kind, and a file's extents. */
#ifndef POISONCTL_FILES_H
#define POISONCTL_FILES_H

#include "platform.h"

/**
 * files_identify() - find out what a path is, by its device number
 * @path: an absolute or relative path
 * @id: filled on success
 *
 * Return: 0; -ENOTBLK if it is neither a block device, a device-dax node nor a
 * regular file on a block device; -errno of stat(2) and the like.
 */
int files_identify(const char *path, struct ident *id);

/**
 * files_map() - extents of a file, by FIEMAP
 * @path: a regular file
 * @off, @len: bytes of it that matter
 * @map: filled on success; the caller frees map->v
 *
 * Return: 0 or -errno.
 */
int files_map(const char *path, uint64_t off, uint64_t len,
	      struct file_map *map);

/**
 * files_map_fd() - the same of an open file
 *
 * Return: as files_map().
 */
int files_map_fd(int fd, uint64_t off, uint64_t len, struct file_map *map);

#endif
