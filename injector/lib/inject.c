// SPDX-License-Identifier: GPL-2.0
/* Plant poison, see that it is there, and say what it is in every view. */
#include "inject.h"
#include "once.h"
#include "put.h"
#include "view.h"

/* Which part of it is in, where that is not all. */
static json_object *in_json(const struct planting *p)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < p->in.n; i++)
		json_object_array_add(list,
			view_range(p->in.v[i].start, p->in.v[i].len));
	return list;
}

static json_object *result(const struct planting *p, const struct mech *m,
			   int rc, const char *state)
{
	json_object *doc = target_json(p->t);

	put_str(doc, "mechanism", m->name);
	if (m->errors)
		put_str(doc, "error_kind", m->errors[p->o.kind].name);
	put_str(doc, "state", state);
	if (p->seen_by)
		put_str(doc, "seen_by", p->seen_by);
	if (rc) {
		json_object_object_add(doc, "planted", in_json(p));
		put_error(doc, rc);
	}
	return doc;
}

int inject(struct injection *in, json_object **doc)
{
	struct target t;
	struct planting p = { .t = &t };
	int rc;

	*doc = NULL;
	rc = target_resolve(in->name, &in->place, false, &t);
	if (rc)
		return rc;
	rc = mech_prepare_with(in->mech, &t, &in->o, in->d);
	p.o = in->o;
	if (!rc && in->o.dry) {
		*doc = result(&p, in->mech, rc, "planned");
	} else if (!rc) {
		p.d = in->d;
		if (in->where)
			target_spa(&t, in->where);
		rc = mech_plant_with(in->mech, &p);
		if (!rc)
			*doc = result(&p, in->mech, rc, "planted");
		else if (rc == EXIT_UNSEEN || rc == EXIT_PARTLY)
			*doc = result(&p, in->mech, rc, exit_name(rc));
	}
	once_unlock();
	mech_planted_free(&p);
	target_free(&t);
	return rc;
}
