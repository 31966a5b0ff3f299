// SPDX-License-Identifier: GPL-2.0
/*
 * Targets: addresses of DIMMs.  Of a region of one DIMM the NFIT says where they are; of an
 * interleaved one, the firmware has to.
 */
#include <inttypes.h>
#include <string.h>

#include "spaces.h"
#include "target-name.h"
#include "util.h"

const struct dimm_part *target_dpa(const struct nsinfo *ns, uint64_t spa,
				   uint64_t *dpa)
{
	char name[NAME_LEN];
	size_t i;

	if (ns->ndimms == 1) {
		*dpa = ns->dimms[0].dpa_base + (spa - ns->region_base);
		return &ns->dimms[0];
	}
	if (!ns->ndimms || machine->dimm_at(ns->bus, spa, name, dpa))
		return NULL;
	for (i = 0; i < ns->ndimms; i++)
		if (!strcmp(ns->dimms[i].name, name))
			return &ns->dimms[i];
	return NULL;
}

/*
 * The firmware translates SPA alone.  So each place that a DPA can have in a set is tried,
 * with lines as long as those of memory controllers are; what the firmware says counts.
 */
static bool spa_in_set(const struct nsinfo *ns, const struct dimm_part *d,
		       uint64_t dpa, uint64_t *spa)
{
	static const unsigned int lines[] = { 4096, 256 };
	const struct dimm_part *has;
	uint64_t in = dpa - d->dpa_base, at;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		for (k = 0; k < ns->ndimms; k++) {
			*spa = ns->region_base + in % lines[i] +
			       (in / lines[i] * ns->ndimms + k) * lines[i];
			has = target_dpa(ns, *spa, &at);
			if (has == d && at == dpa)
				return true;
		}
	return false;
}

static bool spa_in_region(const struct nsinfo *ns, const struct dimm_part *d,
			  uint64_t dpa, uint64_t *spa)
{
	if (!ns->region_base || dpa < d->dpa_base ||
	    dpa - d->dpa_base >= ns->region_size / ns->ndimms)
		return false;
	if (ns->ndimms > 1)
		return spa_in_set(ns, d, dpa, spa);
	*spa = ns->region_base + (dpa - d->dpa_base);
	return true;
}

int target_spa_of_dpa(const struct target *t, uint64_t *spa)
{
	const struct nsinfo *v;
	bool known = false;
	size_t n, i, k;
	int rc = spaces_find(&v, &n);

	if (rc)
		return rc;
	for (i = 0; i < n; i++)
		for (k = 0; k < v[i].ndimms; k++) {
			const struct dimm_part *d = &v[i].dimms[k];

			if (strcmp(d->name, t->key))
				continue;
			known = true;
			if (spa_in_region(&v[i], d, t->off, spa))
				return EXIT_OK;
		}
	return complain(known ? EXIT_UNSUPPORTED : EXIT_USAGE, known ?
			"'%s' at %#" PRIx64 ": the firmware does not translate the "
			"addresses of its region, they are hidden, or there is none" :
			"no DIMM '%s' with a namespace", t->key, t->off);
}
