// SPDX-License-Identifier: GPL-2.0
/* Repair of a file by punching. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "punch.h"
#include "rewrite.h"

/* Does the file still have blocks there? */
static int check_hole(const struct target *t, int fd, uint64_t off,
		      uint64_t len)
{
	struct file_map map = { 0 };
	int rc = machine->map(fd, off, len, &map);
	bool hole = !map.n;

	free(map.v);
	if (rc)
		return complain(EXIT_SETUP, "cannot map '%s': %s", t->name,
				strerror(-rc));
	if (!hole)
		return complain(EXIT_SETUP,
			"'%s' has blocks at %" PRIu64 " in spite of the punch",
			t->name, off);
	return EXIT_OK;
}

static int punch_one(struct repair *r, int fd, const struct range *p)
{
	uint64_t off = target_dev_off_at(r->t, p->start);
	int err = rewrite_check_place(r, fd, off, p->start, p->len);

	if (err == -ESTALE)
		return complain(EXIT_SETUP,
			"'%s' moved at %" PRIu64 " while it was repaired: look "
			"again", r->t->name, off);
	if (!err)
		err = machine->punch(fd, off, p->len);
	if (err)
		return complain(EXIT_SETUP,
			"cannot punch '%s' at %" PRIu64 ": %s", r->t->name, off,
			strerror(-err));
	r->punched += p->len;
	r->lost += p->len;
	return check_hole(r->t, fd, off, p->len);
}

int punch_pages(struct repair *r)
{
	char node[512];
	int fd, err, rc = EXIT_OK;
	size_t i, k;

	target_devnode(r->t, node, sizeof(node));
	fd = machine->open(node, O_RDWR);
	if (fd < 0)
		return complain(EXIT_SETUP, "cannot open '%s': %s", node,
				strerror(-fd));
	/* two pages may follow each other on the media, but not in the file */
	for (i = 0; i < r->t->n && !rc; i++) {
		struct ranges part = { 0 };

		ranges_clip(&part, &r->pages, r->t->v[i].spa, r->t->v[i].len);
		for (k = 0; k < part.n && !rc; k++)
			rc = punch_one(r, fd, &part.v[k]);
		ranges_free(&part);
	}
	err = r->punched ? machine->sync(fd) : 0;
	if (!rc && err)
		rc = complain(EXIT_SETUP, "cannot sync '%s': %s", node,
			      strerror(-err));
	close(fd);
	return rc && r->punched ? EXIT_PARTLY : rc;
}
