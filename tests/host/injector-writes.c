// SPDX-License-Identifier: GPL-2.0
/*
 * What poisonctl writes into files of the kernel, against a script: SYSROOT/writes
 * has a line for each write that is to come, in order, its fields apart by tabs:
 *
 *	PATH TEXT RESULT [EFFECT...]
 *
 * TEXT is without its newline; a struct mce is spelled out as below.  RESULT is
 * "ok" or the name of an errno.  An EFFECT is what the kernel would do then:
 *
 *	kmsg:TEXT	a record in /dev/kmsg
 *	flag:PFN	KPF_HWPOISON in /proc/kpageflags
 *	good:PFN	no flag there any more
 *	file:PATH=TEXT	a line more in a file
 *	set:PATH=TEXT	a file that holds this now
 *	wait:MS		the kernel takes its time
 *	signal:N	this process is sent signal N meanwhile
 *
 * SYSROOT/writes.at counts the lines that were met.  A write that differs fails
 * with EPROTO, and SYSROOT/writes.bad tells of it.  Without a script nothing is
 * expected: every write is one too many.
 */
#include <asm/mce.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kernel-page-flags.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector-fake.h"
#include "util.h"

static void root_path(char *buf, size_t size, const char *path)
{
	snprintf(buf, size, "%s%s", sysroot, path);
}

static unsigned long script_at(void)
{
	char text[32];

	return read_text(text, sizeof(text), "/writes.at") > 0 ?
		strtoul(text, NULL, 10) : 0;
}

static void put_line(const char *path, const char *mode, const char *text)
{
	char full[512];
	FILE *f;

	root_path(full, sizeof(full), path);
	f = fopen(full, mode);
	if (!f)
		return;
	fprintf(f, "%s\n", text);
	fclose(f);
}

static void set_flags(uint64_t pfn, uint64_t flags)
{
	char full[512];
	int fd;

	root_path(full, sizeof(full), "/proc/kpageflags");
	fd = open(full, O_WRONLY | O_CREAT, 0600);
	if (pwrite(fd, &flags, sizeof(flags), (off_t)(pfn * sizeof(flags))) < 0)
		perror(full);
	close(fd);
}

static void take_effect(char *effect)
{
	char record[512], *value;

	if (!strncmp(effect, "kmsg:", 5)) {
		snprintf(record, sizeof(record), "3,%lu,1,-;%s",
			 script_at() + 1, effect + 5);
		put_line("/dev/kmsg", "a", record);
	} else if (!strncmp(effect, "flag:", 5)) {
		set_flags(strtoull(effect + 5, NULL, 0),
			  UINT64_C(1) << KPF_HWPOISON);
	} else if (!strncmp(effect, "good:", 5)) {
		set_flags(strtoull(effect + 5, NULL, 0), 0);
	} else if (!strncmp(effect, "file:", 5)) {
		value = strchr(effect, '=');
		*value++ = '\0';
		put_line(effect + 5, "a", value);
	} else if (!strncmp(effect, "set:", 4)) {
		value = strchr(effect, '=');
		*value++ = '\0';
		put_line(effect + 4, "w", value);
	} else if (!strncmp(effect, "wait:", 5)) {
		poll(NULL, 0, atoi(effect + 5));
	} else if (!strncmp(effect, "signal:", 7)) {
		raise(atoi(effect + 7));
	}
}

int fake_errno(const char *name)
{
	int err;

	for (err = 1; err < 256; err++)
		if (strerrorname_np(err) && !strcmp(strerrorname_np(err), name))
			return err;
	return EPROTO;
}

static int result_of(const char *name)
{
	return strcmp(name, "ok") ? -fake_errno(name) : 0;
}

/* The script's line number @n, NULL behind its end; the caller frees *text. */
static char *script_line(unsigned long n, char **text)
{
	char *line, *next;

	*text = read_whole("/writes");
	if (!*text)
		return NULL;
	line = strtok_r(*text, "\n", &next);
	while (line && n--)
		line = strtok_r(NULL, "\n", &next);
	return line;
}

static int meet(char *line, const char *path, const char *data)
{
	char *next, *field = strtok_r(line, "\t", &next), at[32];
	int rc;

	if (!field || strcmp(field, path))
		return -EPROTO;
	field = strtok_r(NULL, "\t", &next);
	if (!field || strcmp(field, data))
		return -EPROTO;
	snprintf(at, sizeof(at), "%lu", script_at() + 1);
	put_line("/writes.at", "w", at);
	rc = result_of(strtok_r(NULL, "\t", &next));
	while ((field = strtok_r(NULL, "\t", &next)))
		take_effect(field);
	return rc;
}

static void spell(char *buf, size_t size, const void *data, size_t len)
{
	const struct mce *m = data;

	if (len == sizeof(*m))
		snprintf(buf, size, "status=%#llx misc=%#llx addr=%#llx "
			 "mcgstatus=%#llx flags=%#x cs=%#x bank=%u",
			 m->status, m->misc, m->addr, m->mcgstatus,
			 m->inject_flags, m->cs, m->bank);
	else
		snprintf(buf, size, "%.*s", (int)len - 1, (const char *)data);
}

int fake_write_file(const char *path, const void *data, size_t len)
{
	char text[256], bad[512], *script, *line;
	int rc;

	spell(text, sizeof(text), data, len);
	line = script_line(script_at(), &script);
	snprintf(bad, sizeof(bad), "%s '%s' where this was expected: %s", path,
		 text, line ? line : "nothing");
	rc = line ? meet(line, path, text) : -EPROTO;
	if (rc == -EPROTO)
		put_line("/writes.bad", "a", bad);
	free(script);
	return rc;
}
