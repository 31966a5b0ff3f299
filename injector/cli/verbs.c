// SPDX-License-Identifier: GPL-2.0
/* The list of verbs, which enter themselves before main() runs. */
#include <string.h>

#include "verbs.h"

#define VERBS_MAX	32

static const struct verb *list[VERBS_MAX];
static size_t count;

void verb_register(const struct verb *verb)
{
	size_t at = count;

	if (count == VERBS_MAX)
		return;
	for (; at && strcmp(list[at - 1]->name, verb->name) > 0; at--)
		list[at] = list[at - 1];
	list[at] = verb;
	count++;
}

const struct verb *verb_at(size_t i)
{
	return i < count ? list[i] : NULL;
}

const struct verb *verb_find(const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(list[i]->name, name))
			return list[i];
	return NULL;
}
