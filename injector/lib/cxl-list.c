// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of poison of CXL memory devices (Get Poison List, CXL 3.1, 8.2.9.9.4.1), as
 * trace events that the kernel makes when it is asked (drivers/cxl/core/trace.h,
 * cxl_poison), and taking poison off them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cxl.h"
#include "machine.h"
#include "once.h"
#include "target.h"
#include "util.h"

#define INSTANCE	"/sys/kernel/tracing/instances/poisonctl"
#define WAIT_S		10	/* for a command that has the lock */

/* Ask the device; the trace's text, which the caller frees, or NULL with errno set. */
static char *ask(const char *memdev)
{
	char path[512], *text = NULL;
	int rc;

	snprintf(path, sizeof(path), "%s" INSTANCE, sysroot);
	/* what a killed command left is full of its own answers */
	rmdir(path);
	rc = once_folder(INSTANCE);
	if (!rc && mkdir(path, 0700))
		rc = -errno;
	if (!rc)
		rc = write_text(INSTANCE "/events/cxl/cxl_poison/enable", "1\n");
	snprintf(path, sizeof(path), "/sys/bus/cxl/devices/%s/trigger_poison_list", memdev);
	if (!rc)
		rc = write_text(path, "1\n");
	if (!rc) {
		text = read_whole(INSTANCE "/trace");
		rc = text ? 0 : -errno;
	}
	once_restore();
	errno = -rc;
	return text;
}

/* The value behind a key of an event's line; NULL if it has none. */
static const char *value(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? at + strlen(key) : NULL;
}

/* "... cxl_poison: memdev=mem0 ... trace_type=List ... dpa=0x0 dpa_length=0x40 source=Injected ..." */
static bool read_event(const char *line, const char *memdev, struct cxl_poison *p)
{
	const char *dev = value(line, " memdev="), *dpa = value(line, " dpa=");
	const char *len = value(line, " dpa_length="), *source = value(line, " source=");
	size_t n = strlen(memdev);

	if (!dev || strncmp(dev, memdev, n) || dev[n] != ' ' || !strstr(line, " trace_type=List") ||
	    !dpa || !len)
		return false;
	*p = (struct cxl_poison){ .dpa = strtoull(dpa, NULL, 16), .len = strtoull(len, NULL, 16) };
	if (source)
		snprintf(p->source, sizeof(p->source), "%.*s", (int)strcspn(source, " \n"), source);
	return p->len && p->dpa <= UINT64_MAX - p->len;
}

static void read_events(char *text, const char *memdev, struct cxl_poison **v, size_t *n)
{
	struct cxl_poison p;
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!read_event(line, memdev, &p))
			continue;
		if (!(*n & (*n - 1)))	/* full at each power of two */
			*v = xrealloc(*v, (*n ? 2 * *n : 1) * sizeof(**v));
		(*v)[(*n)++] = p;
	}
}

int cxl_poison_list(const char *memdev, struct cxl_poison **v, size_t *n)
{
	bool held = once_held();
	char *text;
	int rc = 0;

	*v = NULL;
	*n = 0;
	if (once_lock(deadline_in(WAIT_S)))
		return -EBUSY;
	text = ask(memdev);
	if (text)
		read_events(text, memdev, v, n);
	else
		rc = is_absent(-errno) ? -EOPNOTSUPP : -errno;
	free(text);
	if (!held)
		once_unlock();
	return rc;
}

/* An entry of the device at a position, as far as the region has it. */
static void add_entry(const struct cxl_region *r, size_t position, const struct cxl_poison *p,
		      struct ranges *set)
{
	uint64_t share = r->size / r->ways, dpa = p->dpa, end = p->dpa + p->len, spa, run;

	if (dpa < r->v[position].dpa)
		dpa = r->v[position].dpa;
	if (end - r->v[position].dpa > share)
		end = r->v[position].dpa + share;
	for (; dpa < end && cxl_spa(r, position, dpa, &spa, &run); dpa += run) {
		if (run > end - dpa)
			run = end - dpa;
		ranges_add(set, spa, run);
	}
}

static int poisoned_region(const struct cxl_region *r, struct ranges *set)
{
	struct cxl_poison *v;
	size_t n, i, k;
	int rc = 0;

	for (i = 0; i < r->ways && !rc; i++) {
		rc = cxl_poison_list(r->v[i].memdev, &v, &n);
		for (k = 0; k < n; k++)
			if (v[k].dpa + v[k].len > r->v[i].dpa)
				add_entry(r, i, &v[k], set);
		free(v);
	}
	return rc;
}

int cxl_poisoned(uint64_t spa, uint64_t len, struct ranges *set)
{
	const struct cxl_region *r = cxl_region_at(spa);
	struct ranges all = { 0 };
	int rc;

	if (!r)
		return -ENODEV;
	rc = poisoned_region(r, &all);
	if (!rc)
		ranges_clip(set, &all, spa, len);
	ranges_free(&all);
	return rc;
}

/* A target may have many extents in one region: each device is asked once. */
int cxl_poisoned_target(const struct target *t, struct ranges *set)
{
	const struct cxl_region *v;
	struct ranges all = { 0 };
	size_t n, i, k;
	int rc = cxl_regions(&v, &n);

	for (i = 0; i < n && !rc; i++)
		for (k = 0; k < t->n; k++)
			if (cxl_region_at(t->v[k].spa) == &v[i]) {
				rc = poisoned_region(&v[i], &all);
				break;
			}
	for (k = 0; k < t->n && !rc && all.n; k++)
		ranges_clip(set, &all, t->v[k].spa, t->v[k].len);
	ranges_free(&all);
	return rc;
}

int cxl_clear(uint64_t spa)
{
	const struct cxl_region *r = cxl_region_at(spa);
	uint64_t dpa;
	char path[512];

	if (!r)
		return -ENODEV;
	snprintf(path, sizeof(path), DEBUGFS "/cxl/%s/clear_poison",
		 cxl_dpa(r, spa, &dpa)->memdev);
	return write_text(path, "%#" PRIx64 "\n", dpa);
}
