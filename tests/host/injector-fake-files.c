// SPDX-License-Identifier: GPL-2.0
/*
 * The files of the machine that is not there, as far as they are read: those below
 * SYSROOT.
 *
 * FAKE_UNREADABLE="ERRNO:PATTERN..."  opening what fits (fnmatch(3), of which * takes
 *                   slashes too) fails so; EIO: it opens, and reading fails
 * FAKE_READS=FILE   has a line for each that was opened
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector-fake.h"
#include "util.h"

#define TRACE_INSTANCE	"/sys/kernel/tracing/instances/poisonctl"

static void note_read(const char *path)
{
	const char *name = getenv("FAKE_READS");
	FILE *f = name ? fopen(name, "a") : NULL;

	if (!f)
		return;
	fprintf(f, "%s\n", path);
	fclose(f);
}

/* Return: the errno, 0 if it can be read. */
static int unreadable(const char *path)
{
	const char *given = getenv("FAKE_UNREADABLE");
	char *text = given ? strdup(given) : NULL, *word, *pattern, *rest;
	int err = 0;

	for (word = text ? strtok_r(text, " ", &rest) : NULL; word && !err;
	     word = strtok_r(NULL, " ", &rest)) {
		pattern = strchr(word, ':');
		if (!pattern)
			abort();
		*pattern++ = '\0';
		if (!fnmatch(pattern, path, 0))
			err = fake_errno(word);
	}
	free(text);
	return err;
}

/* What is in a folder of tracefs does not keep it from being removed: not so here. */
static void file_path(char *full, size_t size, const char *path)
{
	bool traced = !strncmp(path, TRACE_INSTANCE, strlen(TRACE_INSTANCE));

	snprintf(full, size, "%s%s%s", sysroot, traced ? "/instance" : "",
		 path + (traced ? strlen(TRACE_INSTANCE) : 0));
}

int fake_open_file(const char *path, int flags)
{
	int err = unreadable(path), fd;
	char full[512];

	note_read(path);
	file_path(full, sizeof(full), path);
	/* nothing is mapped at zero, which is what reading it says */
	if (err == EIO && !(flags & O_DIRECTORY) && !access(full, F_OK))
		return open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	if (err)
		return -err;
	fd = open(full, O_RDONLY | O_CLOEXEC | flags);
	return fd < 0 ? -errno : fd;
}

int fake_access_file(const char *path, int mode)
{
	int err = mode == F_OK ? 0 : unreadable(path);
	char full[512];

	if (err && err != EIO)
		return -err;
	snprintf(full, sizeof(full), "%s%s", sysroot, path);
	return access(full, mode) ? -errno : 0;
}
