/* SPDX-License-Identifier: GPL-2.0 */
/* What a command that ended early leaves behind. */
#ifndef POISONCTL_LEFTOVER_H
#define POISONCTL_LEFTOVER_H

#include <json-c/json.h>

/**
 * leftover_report() - say on stderr what is planted and not yet cleared
 *
 * Source: the journal, so it names also what earlier commands left since boot.
 *
 * Return: the same as an array of {mechanism, target, namespace, offset, spa,
 * length}; NULL if nothing is left or the journal cannot be read, which is
 * said.
 */
json_object *leftover_report(void);

#endif
