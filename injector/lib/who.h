/* SPDX-License-Identifier: GPL-2.0 */
/* Whose bytes are these: files, offsets in them, and the processes that map them. */
#ifndef POISONCTL_WHO_H
#define POISONCTL_WHO_H

#include <json-c/json.h>

#include "target.h"

/**
 * who_json() - who has the bytes of a target, and who maps them
 * @list: an array; receives an object for each part and each owner of it
 *
 * A block that several files share is there once for each.  Processes are those
 * whose mapping of the file, or of the device-dax node, has the part; nothing is
 * said of those of System RAM.
 *
 * Return: EXIT_OK, or an exit code after a complaint; what was found is in @list.
 */
int who_json(const char *name, const struct place *place, json_object *list);

/**
 * who_range() - the same of bytes of a namespace's data area
 *
 * Return: 0; -EINTR after a signal; -errno.
 */
int who_range(const struct nsinfo *ns, uint64_t off, uint64_t len, json_object *list);

/**
 * who_line() - what a line of the kernel's log, or of targets, names
 * @line: of memory_failure(), of a machine check, of a block device's error; or one
 *	word, which is a target
 * @name: receives the target
 * @place: receives the block that the line has
 *
 * Return: false if it names nothing.
 */
bool who_line(const char *line, char *name, size_t size, struct place *place);

#endif
