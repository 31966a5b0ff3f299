/* SPDX-License-Identifier: GPL-2.0 */
/* Whose bytes are these: files, offsets in them, and the processes that map them. */
#ifndef POISONCTL_WHO_H
#define POISONCTL_WHO_H

#include <json-c/json.h>

#include "target.h"
#include "who-fate.h"

/* A process that maps a part of the bytes. */
struct who_process {
	uint64_t pid;
	char comm[32];		/* empty: not known */
	uint64_t address;	/* of the first byte of the part that it maps */
	enum early early;	/* told when another one consumes it */
};

/* A part of the bytes, and one who has it. */
struct who_row {
	char *target;		/* as it was named; NULL: it was not */
	const struct nsinfo *ns;	/* NULL: System RAM */
	uint64_t spa;
	struct owner is;	/* is.path is owned */
	struct fate fate;	/* if somebody consumes it */
	struct who_process *v;	/* if is.ino */
	size_t n;
};

struct who_list {
	struct who_row *v;
	size_t n;
	struct fate_rules rules;	/* read with the first row */
};

/**
 * who_target() - who has the bytes of a target, and who maps them
 * @w: rows are added to it; {0} at first
 *
 * A block that several files share is there once for each.  Processes are those
 * whose mapping of the file, or of the device-dax node, has the part; nothing is
 * said of those of System RAM.
 *
 * Return: EXIT_OK, or an exit code after a complaint; what was found is in @w.
 */
int who_target(const char *name, const struct place *place, struct who_list *w);

/**
 * who_range() - the same of bytes of a namespace's data area
 *
 * Return: 0; -EINTR after a signal; -errno.
 */
int who_range(const struct nsinfo *ns, uint64_t off, uint64_t len, struct who_list *w);

/**
 * who_free() - forget what was found
 *
 * The list can be used again, and what it knows of the kernel is not read again.
 */
void who_free(struct who_list *w);

/**
 * who_json() - what was found, for people and programs
 * @list: an array; receives an object for each row
 */
void who_json(const struct who_list *w, json_object *list);

/**
 * who_line() - what a line of the kernel's log, or of targets, names
 * @line: of memory_failure(), of a machine check, of a block device's error; or one
 *	word from the line's start, which is a target: where the log has no times, one
 *	that is indented is an argument of init (init/main.c, run_init_process())
 * @name: receives the target
 * @place: receives the block that the line has
 *
 * Return: false if it names nothing.
 */
bool who_line(const char *line, char *name, size_t size, struct place *place);

#endif
