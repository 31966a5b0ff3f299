// SPDX-License-Identifier: GPL-2.0
/* A range of addresses that somebody named, in the terms of its namespace. */
#include "put.h"
#include "target.h"
#include "view.h"

json_object *view_range(uint64_t spa, uint64_t len)
{
	json_object *o = json_object_new_object();
	const struct dimm_part *dimm;
	const struct nsinfo *ns;
	uint64_t first, dpa;

	target_ns_at(spa, &ns);
	if (ns) {
		first = (spa - ns->data_base) / SECTOR;
		put_str(o, "dev", ns->name);
		put_u64(o, "block", first);
		put_u64(o, "count", (spa - ns->data_base + len + SECTOR - 1) /
				    SECTOR - first);
	}
	put_u64(o, "spa", spa);
	put_u64(o, "length", len);
	put_u64(o, "pfn", spa / PAGE);
	dimm = ns ? target_dpa(ns, spa, &dpa) : NULL;
	if (dimm) {
		put_str(o, "dimm", dimm->name);
		put_u64(o, "dpa", dpa);
	}
	return o;
}
