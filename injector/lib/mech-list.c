// SPDX-License-Identifier: GPL-2.0
/* The list of mechanisms, which enter themselves before main() runs. */
#include <stdio.h>
#include <string.h>

#include "mech-list.h"

static const struct mech *list[MECHS_MAX + 1];
static size_t count;

const char *mechanism_names[MECHS_MAX + 1];
const char *error_names[MECHS_MAX + 2];
char error_help[160];

/* From the last one on, as they came into the manual. */
static void name_errors(void)
{
	const char *word = "kind of error, for ";
	size_t n = 0, at = 0, i, k;

	error_names[n++] = "default";
	for (i = count; i-- > 0;) {
		if (!list[i]->errors || at >= sizeof(error_help))
			continue;
		for (k = 0; list[i]->errors[k].name && n <= MECHS_MAX; k++)
			error_names[n++] = list[i]->errors[k].name;
		at += (size_t)snprintf(error_help + at, sizeof(error_help) - at,
				       "%s%s", word, list[i]->name);
		word = " and ";
	}
	error_names[n] = NULL;
}

void mech_register(const struct mech *m)
{
	size_t at = count, i;

	if (count == MECHS_MAX)
		return;
	for (; at && list[at - 1]->rank > m->rank; at--)
		list[at] = list[at - 1];
	list[at] = m;
	count++;
	for (i = 0; i < count; i++)
		mechanism_names[i] = list[i]->name;
	name_errors();
}

const struct mech *mech_at(size_t i)
{
	return i < count ? list[i] : NULL;
}

const struct mech *mech_find(const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(list[i]->name, name))
			return list[i];
	return NULL;
}

const struct mech_flag *mech_flag_at(size_t i)
{
	const struct mech_flag *f;
	size_t m;

	for (m = 0; m < count; m++)
		for (f = list[m]->flags; f && f->name; f++)
			if (!i--)
				return f;
	return NULL;
}

bool mech_has_flag(const struct mech *m, const char *flag)
{
	const struct mech_flag *f = m->flags;

	while (f && f->name && strcmp(f->name, flag))
		f++;
	return f && f->name;
}

const struct mech *mech_of_flag(const char *flag)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (mech_has_flag(list[i], flag))
			return list[i];
	return NULL;
}

bool mech_given(const struct planting *p, const char *flag)
{
	size_t i;

	for (i = 0; p->o.given[i]; i++)
		if (!strcmp(p->o.given[i], flag))
			return true;
	return false;
}
