/* SPDX-License-Identifier: GPL-2.0 */
/* Files of a tree that stands for /sys and /proc.  After cmocka.h. */
#ifndef INJECTOR_TREE_H
#define INJECTOR_TREE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/**
 * tree_file() - a file with bytes, and all folders above it
 * @root: the tree
 * @path: of the file in it, from its own root
 * @bytes: all that will be in it
 * @len: how many
 */
static inline void tree_file(const char *root, const char *path,
			     const void *bytes, size_t len)
{
	char full[600], *p;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

/**
 * tree_remove() - remove a tree
 * @root: the tree
 *
 * Return: 0, or the status of rm(1).
 */
static inline int tree_remove(const char *root)
{
	char cmd[600];

	snprintf(cmd, sizeof(cmd), "rm -rf -- '%s'", root);
	return system(cmd);
}

#endif
