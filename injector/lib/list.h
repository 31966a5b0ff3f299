/* SPDX-License-Identifier: GPL-2.0 */
/* Namespaces, and the poison in them by source. */
#ifndef POISONCTL_LIST_H
#define POISONCTL_LIST_H

#include <json-c/json.h>
#include <stdbool.h>

struct list_what {
	bool badblocks;		/* the kernel's list */
	bool injected;		/* the firmware's */
	bool hwpoison;		/* page flags, of System RAM too */
	bool files;		/* who has what these show, in a namespace */
};

/**
 * list_json() - namespaces, as ndctl lists them, and their poison
 * @name: the one that this is or lies on; NULL: all of them, and System RAM
 * @list: receives an array
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int list_json(const char *name, const struct list_what *what,
	      json_object **list);

#endif
