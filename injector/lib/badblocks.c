// SPDX-License-Identifier: GPL-2.0
/* The text of a badblocks file in sysfs. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "badblocks.h"
#include "util.h"

void badblocks_path(const struct nsinfo *ns, char *path, size_t size)
{
	if (ns->mode == NS_DEVDAX)
		snprintf(path, size, "/sys/bus/nd/devices/%s/badblocks",
			 ns->region);
	else
		snprintf(path, size, "/sys/block/%s/badblocks", ns->blockdev);
}

/* One number and what must follow it.  Return: behind that, NULL if not so. */
static const char *number(const char *text, char then, uint64_t *v)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return NULL;
	*v = strtoull(text, &end, 10);
	return *end == then ? end + 1 : NULL;
}

int badblocks_parse(const struct nsinfo *ns, const char *text,
		    struct ranges *set, bool *cut)
{
	uint64_t base = ns->mode == NS_DEVDAX ? ns->region_base : ns->data_base;
	struct ranges all = { 0 };
	uint64_t sector, count;
	bool half = false;

	while (text && *text) {
		half = !strchr(text, '\n');
		if (half)
			break;
		text = number(text, ' ', &sector);
		if (text)
			text = number(text, '\n', &count);
		if (text)
			ranges_add(&all, base + sector * SECTOR,
				   count * SECTOR);
	}
	if (text)
		ranges_clip(set, &all, ns->data_base, ns->size);
	ranges_free(&all);
	if (cut)
		*cut = half;
	return text ? 0 : -EPROTO;
}
