// SPDX-License-Identifier: GPL-2.0
/*
 * Who else has the pages of a file that are going to be repaired.
 *
 * A write through any of the files would move that one to a new block (copy on write)
 * and leave the poison to the others.  A repair writes the block in place, so it is good
 * for all of them: with what can be read of it, the same for each.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sharers.h"

#define NAMES_MAX	4	/* in a message; the document has them all */

static bool is_same(const struct owner *a, const struct owner *b)
{
	return a->ino == b->ino && !a->path == !b->path &&
	       (!a->path || !strcmp(a->path, b->path));
}

/* "'A', 'B' and 2 others": each once, however many pages it has. */
static void names(const struct who_list *w, char *text, size_t size)
{
	size_t i, k, n = 0, more = 0;

	*text = '\0';
	for (i = 0; i < w->n; i++) {
		const struct owner *o = &w->v[i].is;

		for (k = 0; k < i && !is_same(o, &w->v[k].is); k++)
			;
		if (k < i || !o->ino)
			continue;
		if (n == NAMES_MAX || strlen(text) + (o->path ? strlen(o->path) : 0) + 64 > size) {
			more++;
			continue;
		}
		k = strlen(text);
		if (o->path)
			snprintf(text + k, size - k, "%s'%s'", n++ ? ", " : "", o->path);
		else
			snprintf(text + k, size - k, "%sinode %" PRIu64, n++ ? ", " : "",
				 o->ino);
	}
	k = strlen(text);
	if (more)
		snprintf(text + k, size - k, " and %zu others", more);
	else if (!n)
		snprintf(text, size, "files that cannot be found");
}

static int find(struct repair *r, const struct ranges *pages)
{
	const struct nsinfo *ns = r->t->ns;
	size_t i;
	int err = 0;

	for (i = 0; i < pages->n && !err; i++)
		err = who_range(ns, pages->v[i].start - ns->data_base, pages->v[i].len,
				&r->sharers);
	if (err)
		return complain(EXIT_SETUP, "cannot find out who has the blocks of '%s': %s",
				r->t->name, strerror(-err));
	return EXIT_OK;
}

static int judge(const struct repair *r, bool ok)
{
	char who[1024];

	names(&r->sharers, who, sizeof(who));
	if (!ok)
		return complain(EXIT_REFUSED,
			"'%s' has poison in blocks that it shares: %s; --shared is required",
			r->t->name, who);
	if (r->zero)
		return complain(EXIT_USAGE,
			"--zero would take what can be read from others: %s", who);
	note("'%s' has poison in blocks that it shares, and they are repaired for all: %s",
	     r->t->name, who);
	return EXIT_OK;
}

int sharers_check(struct repair *r, bool ok)
{
	struct ranges pages = { 0 };
	size_t i;
	int rc = EXIT_OK;

	for (i = 0; i < r->t->n && !r->punch; i++)
		if (r->t->v[i].shared)
			ranges_clip(&pages, &r->pages, r->t->v[i].spa, r->t->v[i].len);
	if (pages.n)
		rc = find(r, &pages);
	if (pages.n && !rc)
		rc = judge(r, ok);
	ranges_free(&pages);
	return rc;
}

bool sharers_have(const struct repair *r, uint64_t spa, uint64_t ino, uint64_t off)
{
	size_t i;

	for (i = 0; i < r->sharers.n; i++) {
		const struct who_row *row = &r->sharers.v[i];

		if (row->is.ino == ino && spa >= row->spa &&
		    spa - row->spa < row->is.len && row->is.off + (spa - row->spa) == off)
			return true;
	}
	return false;
}
