// SPDX-License-Identifier: GPL-2.0
/*
 * Poison by a CXL memory device: its Inject Poison command (CXL 3.0,
 * 8.2.9.8.4.2) through debugfs cxl/memN/inject_poison of Linux 6.4, which takes
 * a DPA, 64 bytes at a time (Documentation/ABI/testing/debugfs-cxl).
 *
 * What the device holds afterwards comes as trace events when it is asked for
 * its poison list; an instance of tracefs of our own, under the lock of
 * once.h, catches them.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine.h"
#include "mech.h"
#include "once.h"

#define CXL		DEBUGFS "/cxl"
#define INSTANCE	"/sys/kernel/tracing/instances/poisonctl"
#define LINE		UINT64_C(64)

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

/*
 * The cxl_pmem driver (6.2) says as a DIMM's provider which device on the CXL bus it
 * is, pmemN; the memory device is its parent (drivers/cxl/core/pmem.c,
 * cxl_nvdimm_alloc()).
 */
static int parent_of(const char *provider, char *name, size_t size)
{
	char path[512], link[512], *last;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/sys/bus/cxl/devices/%s", sysroot, provider);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = '\0';
	last = strrchr(link, '/');
	if (!last)
		return -ENODEV;
	*last = '\0';
	last = strrchr(link, '/');
	copy_name(name, size, last ? last + 1 : link);
	return 0;
}

/* The memory device behind a DIMM. */
static int memdev_of(const struct target *t, const struct extent *e,
		     char *name, size_t size, uint64_t *dpa)
{
	const struct dimm_part *dimm;
	char provider[NAME_LEN];
	int rc;

	dimm = target_dpa(t->ns, e->spa, dpa);
	if (!dimm)
		return -ENODEV;
	rc = read_text(provider, sizeof(provider), "/sys/bus/nd/devices/%s/cxl/provider", dimm->name);
	if (rc > 0)
		rc = parent_of(provider, name, size) ?: 1;
	if (rc > 0)
		return 0;
	return !rc || is_absent(rc) ? -ENODEV : rc;
}

static int no_memdev(const struct target *t, int rc)
{
	if (rc != -ENODEV)
		return complain(EXIT_SETUP,
			"cannot read which CXL memory device '%s' is in: %s", t->name,
			strerror(-rc));
	return complain(EXIT_UNSUPPORTED,
		"'%s' has no address in one CXL memory device", t->name);
}

static int cxl_usable(const struct planting *p)
{
	char name[NAME_LEN], path[512];
	uint64_t dpa;
	size_t i;
	int rc;

	for (i = 0; i < p->t->n; i++) {
		rc = memdev_of(p->t, &p->t->v[i], name, sizeof(name), &dpa);
		if (rc)
			return no_memdev(p->t, rc);
		snprintf(path, sizeof(path), CXL "/%s/inject_poison", name);
		rc = file_access(path, W_OK);
		if (rc)
			return complain(is_absent(rc) ? EXIT_UNSUPPORTED : EXIT_SETUP,
				"the CXL device '%s' takes no poison: %s", name,
				strerror(-rc));
	}
	return EXIT_OK;
}

static int cxl_unit(const struct target *t, uint64_t *unit, const char **why)
{
	(void)t;
	*unit = LINE;
	*why = "the device's unit of poison";
	return EXIT_OK;
}

/* Where an extent is in a memory device. */
struct memdev {
	const struct extent *e;
	char name[NAME_LEN];
	uint64_t dpa;		/* of its first byte */
};

static int cxl_line(struct planting *p, const struct mech_unit *u, void *arg)
{
	struct memdev *m = arg;
	char path[512];
	int rc = 0;

	if (m->e != u->e)
		rc = memdev_of(p->t, u->e, m->name, sizeof(m->name), &m->dpa);
	if (rc)
		return complain(mech_some(p) ? EXIT_PARTLY : EXIT_SETUP,
			"the CXL memory device of '%s' is gone: %s", p->t->name,
			strerror(-rc));
	m->e = u->e;
	snprintf(path, sizeof(path), CXL "/%s/inject_poison", m->name);
	rc = write_text(path, "%#" PRIx64 "\n", m->dpa + u->skip);
	if (rc)
		return complain(mech_some(p) ? EXIT_PARTLY : EXIT_SETUP,
			"'%s' did not take the poison at DPA %#" PRIx64 ": %s",
			m->name, m->dpa + u->skip, strerror(-rc));
	mech_done(p, u->spa, LINE);
	return EXIT_OK;
}

static int cxl_plant(struct planting *p)
{
	struct memdev m = { NULL };

	return mech_each_unit(p, LINE, cxl_line, &m);
}

/*
 * Ask the device for its list.  Return: the trace's text, which the caller
 * frees, NULL if the list cannot be had here.
 */
static char *poison_list(const char *name)
{
	char path[512], *text = NULL;

	snprintf(path, sizeof(path), "%s" INSTANCE, sysroot);
	/* what a killed command left is full of its own answers */
	rmdir(path);
	if (once_folder(INSTANCE) || mkdir(path, 0700))
		return NULL;
	if (!write_text(INSTANCE "/events/cxl/cxl_poison/enable", "1\n")) {
		char trigger[256];

		snprintf(trigger, sizeof(trigger),
			 "/sys/bus/cxl/devices/%s/trigger_poison_list", name);
		if (!write_text(trigger, "1\n"))
			text = read_whole(INSTANCE "/trace");
	}
	once_restore();
	return text;
}

/* cxl_poison of drivers/cxl/core/trace.h: "... dpa=0x... dpa_length=0x..." */
static bool list_has(const char *text, uint64_t dpa)
{
	unsigned long long start, len;
	const char *at;

	for (at = strstr(text, " dpa=0x"); at; at = strstr(at + 1, " dpa=0x"))
		if (sscanf(at, " dpa=%llx dpa_length=%llx", &start, &len) == 2 &&
		    dpa >= start && dpa - start < len)
			return true;
	return false;
}

static int verify_extent(struct planting *p, const struct extent *e)
{
	char name[NAME_LEN], *text;
	uint64_t dpa, end;
	int rc = EXIT_OK;

	if (memdev_of(p->t, e, name, sizeof(name), &dpa))
		return EXIT_SETUP;
	text = poison_list(name);
	if (!text) {
		p->seen_by = "completion of the device's command";
		return EXIT_OK;
	}
	for (end = dpa + e->len; dpa < end && !rc; dpa += LINE)
		if (!list_has(text, dpa))
			rc = complain(EXIT_UNSEEN,
				"'%s' took the poison, but its list has no DPA %#"
				PRIx64, name, dpa);
	free(text);
	p->seen_by = "poison list of the device";
	return rc;
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
	.machine = true,
	.once = true,
	.admin = true,
	.acts_on = "persistent memory on a CXL memory device",
	.leaves = "a record in the device's poison list",
	.undo = "clear_poison of the same folder, which writes zeroes",
	.here = cxl_here,
	.usable = cxl_usable,
	.unit = cxl_unit,
	.plant = cxl_plant,
	.verify = cxl_verify,
};

MECHANISM(mech_cxl)
