// SPDX-License-Identifier: GPL-2.0
/* Targets that are an address: of the host, of a DIMM or CXL device, of a region. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cxl.h"
#include "spaces.h"
#include "target-name.h"
#include "target-runs.h"

static bool memdev_is_there(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/cxl/devices/%s", name);
	return !file_access(path, F_OK);
}

/* From @r->off on; @r->len is what follows each other. */
static int memdev_run(const struct target *t, struct target_run *r)
{
	const struct cxl_region *v;
	size_t n;
	int rc = cxl_regions(&v, &n);

	if (rc)
		return complain(EXIT_SETUP, "cannot read the CXL regions: %s", strerror(-rc));
	if (cxl_host(t->key, r->off, &r->spa, &r->len))
		return EXIT_OK;
	if (!memdev_is_there(t->key))
		return complain(EXIT_USAGE, "no CXL memory device '%s'", t->key);
	return complain(EXIT_UNSUPPORTED,
		"'%s' at DPA %#" PRIx64 " is in no committed region: make one that has it "
		"(cxl create-region)", t->key, r->off);
}

/* NVDIMMs have regions as well; their names are of one numbering with those of CXL. */
static int find_region(const char *name, uint64_t *spa, uint64_t *size)
{
	const struct cxl_region *v;
	const struct nsinfo *ns;
	size_t n, i;
	int rc = cxl_regions(&v, &n);

	*size = 0;
	if (rc)
		return complain(EXIT_SETUP, "cannot read the CXL regions: %s", strerror(-rc));
	for (i = 0; i < n; i++)
		if (!strcmp(v[i].name, name)) {
			*spa = v[i].spa;
			*size = v[i].size;
			return EXIT_OK;
		}
	rc = spaces_find(&ns, &n);
	for (i = 0; i < n && !rc && !*size; i++)
		if (!strcmp(ns[i].region, name) && ns[i].region_base) {
			*spa = ns[i].region_base;
			*size = ns[i].region_size;
		}
	if (rc || *size)
		return rc;
	return complain(EXIT_USAGE, "no region '%s' that is committed and has a known address",
			name);
}

static int region_run(const struct target *t, struct target_run *r)
{
	uint64_t spa, size;
	int rc = find_region(t->key, &spa, &size);

	if (rc)
		return rc;
	if (t->off >= size || t->len > size - t->off)
		return complain(EXIT_USAGE, "bytes %" PRIu64 "+%" PRIu64
				" are not inside '%s', which has %" PRIu64, t->off, t->len,
				t->key, size);
	r->spa = spa + t->off;
	return EXIT_OK;
}

static int one_run(const struct target *t, struct target_run *r)
{
	switch (t->kind) {
	case TARGET_DIMM:
		return target_spa_of_dpa(t, &r->spa);
	case TARGET_MEMDEV:
		return memdev_run(t, r);
	case TARGET_REGION:
		return region_run(t, r);
	default:
		r->spa = t->off;
		return EXIT_OK;
	}
}

int target_runs(const struct target *t, struct target_run **v, size_t *n)
{
	uint64_t done = 0;
	int rc = EXIT_OK;

	*v = NULL;
	*n = 0;
	while (done < t->len && !rc) {
		struct target_run r = { .off = t->off + done, .len = t->len - done };

		rc = one_run(t, &r);
		if (r.len > t->len - done)
			r.len = t->len - done;
		if (!(*n & (*n - 1)))	/* full at each power of two */
			*v = xrealloc(*v, (*n ? 2 * *n : 1) * sizeof(**v));
		(*v)[(*n)++] = r;
		done += r.len;
	}
	return rc;
}
