// SPDX-License-Identifier: GPL-2.0
/*
 * A badblock without poison: sectors are written to the badblocks file of the
 * block device (block/badblocks.c, badblocks_store).  The kernel refuses them
 * from then on; the firmware knows nothing, and no load raises a machine check.
 *
 * The list of Linux 6.1 has 512 entries of at most 512 sectors each; a longer
 * run is given in pieces, because the kernel would enter it in disorder.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "intr.h"
#include "mech.h"
#include "state.h"

static void list_path(const struct target *t, char *path, size_t size)
{
	snprintf(path, size, "/sys/block/%s/badblocks", t->ns->blockdev);
}

static void badblocks_here(struct here *h)
{
	const struct nsinfo *v;
	char path[128];
	size_t n, i;
	int rc = machine->namespaces(&v, &n);

	if (rc) {
		here_hidden(h, "cannot list the namespaces: %s", strerror(-rc));
		return;
	}
	here_no(h, "no block device of persistent memory");
	for (i = 0; i < n; i++) {
		if (!*v[i].blockdev || v[i].mode == NS_SECTOR)
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/badblocks",
			 v[i].blockdev);
		here_file(h, path, "the driver keeps no list");
		if (h->is == AVAIL_YES)
			return;
	}
}

static int badblocks_usable(const struct planting *p)
{
	char path[128];
	int rc;

	if (!*p->t->ns->blockdev)
		return complain(EXIT_UNSUPPORTED,
			"'%s' has no block device, and only its badblocks can "
			"be written", p->t->name);
	list_path(p->t, path, sizeof(path));
	rc = file_access(path, W_OK);
	if (rc)
		return complain(EXIT_UNSUPPORTED, "cannot write '%s': %s", path,
				strerror(-rc));
	return EXIT_OK;
}

static int badblocks_unit(const struct target *t, uint64_t *unit,
			  const char **why)
{
	(void)t;
	*unit = SECTOR;
	*why = "the sector";
	return EXIT_OK;
}

static int badblocks_plant(struct planting *p)
{
	struct ranges spa = { 0 };
	char path[128];
	int rc = 0;
	size_t i;

	list_path(p->t, path, sizeof(path));
	target_spa(p->t, &spa);
	for (i = 0; i < spa.n && !rc; i++) {
		bool some = false;

		rc = state_list_badblock(p->t->ns, &spa.v[i], &some);
		if (some)
			mech_done(p, spa.v[i].start, spa.v[i].len);
	}
	ranges_free(&spa);
	if (rc == -EINTR)
		return complain(EXIT_TIMEOUT, "interrupted");
	if (!rc)
		return EXIT_OK;
	return complain(mech_some(p) ? EXIT_PARTLY : EXIT_SETUP,
		"'%s' did not take the badblock: %s%s", path, strerror(-rc),
		rc == -ENOSPC ? " (the list has 512 entries)" : "");
}

static int badblocks_verify(struct planting *p)
{
	struct ranges want = { 0 };
	int rc;

	target_spa(p->t, &want);
	rc = state_listed(p->t->ns, &want, true, NULL, p->d);
	ranges_free(&want);
	if (rc == -ETIMEDOUT)
		return complain(EXIT_UNSEEN,
			"'%s' took the badblock, but does not list it",
			p->t->ns->blockdev);
	if (rc)
		return complain(EXIT_SETUP, "cannot read the badblocks of '%s': %s",
				p->t->ns->name, strerror(-rc));
	p->seen_by = "badblocks";
	return EXIT_OK;
}

static const struct mech mech_badblocks = {
	.name = "badblocks",
	.rank = 80,
	.kinds = TARGET_ANY,
	.badblock = true,
	.tried = true,
	.poison = POISON_NOTED,
	.acts_on = "namespaces with a block device",
	.leaves = "a badblock; the media is good",
	.undo = "clear",
	.here = badblocks_here,
	.usable = badblocks_usable,
	.unit = badblocks_unit,
	.plant = badblocks_plant,
	.verify = badblocks_verify,
};

MECHANISM(mech_badblocks)
