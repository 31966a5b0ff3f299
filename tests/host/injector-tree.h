/* SPDX-License-Identifier: GPL-2.0 */
/* Files of a tree that stands for /sys and /proc.  After cmocka.h. */
#ifndef INJECTOR_TREE_H
#define INJECTOR_TREE_H

#include <stdio.h>

/**
 * tree_put() - a file with a text
 * @root: the tree
 * @path: of the file in it, from its own root; the folder is there
 * @text: all that will be in it
 */
static inline void tree_put(const char *root, const char *path,
			    const char *text)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

#endif
