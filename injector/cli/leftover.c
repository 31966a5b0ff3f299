// SPDX-License-Identifier: GPL-2.0
/* What a command that ended early leaves behind. */
#include <inttypes.h>
#include <stdlib.h>

#include "journal.h"
#include "leftover.h"
#include "out.h"
#include "util.h"

#define LINES_MAX	20	/* on stderr; the JSON document has them all */

static json_object *planted_json(const struct planted *p)
{
	json_object *o = json_object_new_object();

	put_str(o, "mechanism", p->mechanism);
	put_str(o, "target", p->target);
	put_str(o, "namespace", *p->ns ? p->ns : NULL);
	put_u64(o, "offset", p->off);
	put_u64(o, "spa", p->spa);
	put_u64(o, "length", p->len);
	return o;
}

json_object *leftover_report(void)
{
	json_object *list;
	struct planted *v;
	size_t n, i;

	if (journal_left(&v, &n) || !n)
		return NULL;
	list = json_object_new_array();
	for (i = 0; i < n; i++) {
		json_object_array_add(list, planted_json(&v[i]));
		if (i < LINES_MAX)
			note("planted and not cleared: %s, %" PRIu64
			     " bytes at %" PRIu64 " of '%s' (spa %#" PRIx64
			     ")", v[i].mechanism, v[i].len, v[i].off,
			     v[i].target, v[i].spa);
	}
	if (n > LINES_MAX)
		note("and %zu more ranges", n - LINES_MAX);
	note("'poisonctl clear --all' undoes all of it");
	free(v);
	return list;
}
