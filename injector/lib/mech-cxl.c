// SPDX-License-Identifier: GPL-2.0
/*
 * Poison by a CXL memory device: its Inject Poison command (CXL 3.0,
 * 8.2.9.8.4.2) through debugfs cxl/memN/inject_poison of Linux 6.4, which takes
 * a DPA, 64 bytes at a time (Documentation/ABI/testing/debugfs-cxl).
 *
 * What the device holds afterwards is what it says when it is asked for its list
 * (cxl-list.c), line by line.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cxl.h"
#include "machine.h"
#include "mech.h"

#define CXL		DEBUGFS "/cxl"

/* Calls @fn for each memN that takes poison, until it says stop. */
static bool each_memdev(bool (*fn)(const char *name, void *arg), void *arg)
{
	char path[512];
	struct dirent *e;
	bool stop = false;
	DIR *dir;

	dir = open_folder(CXL);
	if (!dir)
		return false;
	while (!stop && (e = readdir(dir))) {
		snprintf(path, sizeof(path), CXL "/%.40s/inject_poison",
			 e->d_name);
		if (!strncmp(e->d_name, "mem", 3) && !file_access(path, W_OK))
			stop = fn(e->d_name, arg);
	}
	closedir(dir);
	return stop;
}

static bool say_memdev(const char *name, void *arg)
{
	here_yes(arg, CXL "/%s/inject_poison", name);
	return true;
}

static void cxl_here(struct here *h)
{
	int rc = file_access(CXL, R_OK | X_OK);

	here_no(h, "no " CXL "/memN/inject_poison: no CXL memory device, or "
		"Linux before 6.4");
	if (rc == -EACCES) {
		here_no(h, CXL " is not open to this user");
		h->is = AVAIL_HIDDEN;
	} else if (rc && !machine_has_debugfs()) {
		here_no(h, "no debugfs on " DEBUGFS);
	}
	each_memdev(say_memdev, h);
}

/* Each device of a region that an extent lies in must take poison. */
static int check_devices(const struct cxl_region *r)
{
	char path[512];
	size_t i;
	int rc;

	for (i = 0; i < r->ways; i++) {
		snprintf(path, sizeof(path), CXL "/%s/inject_poison", r->v[i].memdev);
		rc = file_access(path, W_OK);
		if (rc)
			return complain(is_absent(rc) ? EXIT_UNSUPPORTED : EXIT_SETUP,
				"the CXL device '%s' takes no poison: %s", r->v[i].memdev,
				strerror(-rc));
	}
	return EXIT_OK;
}

static int cxl_usable(const struct planting *p)
{
	const struct cxl_region *v, *r;
	size_t n, i;
	int rc = cxl_regions(&v, &n);

	if (rc)
		return complain(EXIT_SETUP,
			"cannot read which CXL memory device '%s' is in: %s", p->t->name,
			strerror(-rc));
	for (i = 0; i < p->t->n && !rc; i++) {
		const struct extent *e = &p->t->v[i];

		r = cxl_region_at(e->spa);
		if (!r || e->len > r->size - (e->spa - r->spa))
			return complain(EXIT_UNSUPPORTED,
				"'%s' is not in a CXL region", p->t->name);
		rc = check_devices(r);
	}
	return rc;
}

static int cxl_unit(const struct target *t, uint64_t *unit, const char **why)
{
	(void)t;
	*unit = CXL_LINE;
	*why = "the device's unit of poison";
	return EXIT_OK;
}

static int cxl_line(struct planting *p, const struct mech_unit *u, void *arg)
{
	const struct cxl_region *r = cxl_region_at(u->spa);
	const struct cxl_share *s;
	char path[512];
	uint64_t dpa;
	int rc;

	(void)arg;
	s = cxl_dpa(r, u->spa, &dpa);
	snprintf(path, sizeof(path), CXL "/%s/inject_poison", s->memdev);
	rc = write_text(path, "%#" PRIx64 "\n", dpa);
	if (rc)
		return complain(mech_some(p) ? EXIT_PARTLY : EXIT_SETUP,
			"'%s' did not take the poison at DPA %#" PRIx64 ": %s",
			s->memdev, dpa, strerror(-rc));
	mech_done(p, u->spa, CXL_LINE);
	return EXIT_OK;
}

static int cxl_plant(struct planting *p)
{
	return mech_each_unit(p, CXL_LINE, cxl_line, NULL);
}

static int verify_extent(struct planting *p, const struct extent *e)
{
	struct ranges have = { 0 };
	uint64_t pos, dpa;
	int rc = cxl_poisoned(e->spa, e->len, &have);

	p->seen_by = rc ? "completion of the device's command" : "poison list of the device";
	for (pos = e->spa; !rc && pos < e->spa + e->len; pos += CXL_LINE) {
		const struct cxl_share *s = cxl_dpa(cxl_region_at(pos), pos, &dpa);

		if (!ranges_cover(&have, pos, CXL_LINE))
			rc = complain(EXIT_UNSEEN,
				"'%s' took the poison, but its list has no DPA %#"
				PRIx64, s->memdev, dpa);
	}
	ranges_free(&have);
	return rc < 0 ? EXIT_OK : rc;
}

static int cxl_verify(struct planting *p)
{
	size_t i;
	int rc = EXIT_OK;

	for (i = 0; i < p->t->n && !rc; i++)
		rc = verify_extent(p, &p->t->v[i]);
	return rc;
}

static const struct mech mech_cxl = {
	.name = "cxl",
	.rank = 110,
	.kinds = TARGET_ANY,
	.ram = true,
	.tried = true,
	.poison = POISON_LATENT,
	.once = true,
	.admin = true,
	.acts_on = "memory on CXL devices: persistent, device-dax, System RAM (kmem)",
	.leaves = "a record in the device's poison list",
	.undo = "clear, which has the device write zeroes",
	.here = cxl_here,
	.usable = cxl_usable,
	.unit = cxl_unit,
	.plant = cxl_plant,
	.verify = cxl_verify,
};

MECHANISM(mech_cxl)
