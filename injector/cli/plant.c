// SPDX-License-Identifier: GPL-2.0
/* What verbs that plant poison are told about a planting. */
#include "plant.h"

struct injection plant_injection(const struct plant_request *req)
{
	struct injection in = {
		.name = req->r.target,
		.place = req->r.place,
		.mech = mech_at((size_t)req->mechanism),
		.o = {
			.real_ok = req->r.yes_real_media,
			.fatal_ok = req->yes_fatal,
			.shared_ok = req->shared,
			.dry = req->r.dry_run,
			/* the first of the names is "default" */
			.error = req->error ? error_names[req->error] : NULL,
		},
		.d = deadline_in((unsigned int)req->r.deadline),
	};

	opts_mech_flags(req->mech_flag, in.o.given);
	return in;
}
