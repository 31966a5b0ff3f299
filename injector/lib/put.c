// SPDX-License-Identifier: GPL-2.0
/* Members of a result, which is a JSON document wherever it is made. */
#include "put.h"
#include "report.h"

void put_u64(json_object *o, const char *key, uint64_t v)
{
	json_object_object_add(o, key, json_object_new_uint64(v));
}

void put_str(json_object *o, const char *key, const char *v)
{
	json_object_object_add(o, key, v ? json_object_new_string(v) : NULL);
}

void put_bool(json_object *o, const char *key, bool v)
{
	json_object_object_add(o, key, json_object_new_boolean(v));
}

json_object *json_ranges(const struct ranges *r, uint64_t base, uint64_t unit)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < r->n; i++) {
		json_object *o = json_object_new_object();

		put_u64(o, "offset", (r->v[i].start - base) / unit);
		put_u64(o, "length", r->v[i].len / unit);
		json_object_array_add(list, o);
	}
	return list;
}

json_object *error_json(int code, const char *message)
{
	json_object *err = json_object_new_object();

	put_u64(err, "code", (uint64_t)code);
	put_str(err, "name", exit_name(code));
	put_str(err, "message", message);
	return err;
}

void put_error(json_object *o, int code)
{
	json_object_object_add(o, "error", error_json(code, complaint()));
}

/*
 * Rows are what ndctl's and util-linux's users take by their keys out of an array that
 * is all there is, so an array stays one, and each row has the number.
 */
void put_schema(json_object *doc)
{
	size_t i;

	if (json_object_is_type(doc, json_type_object))
		put_str(doc, "json_schema", JSON_SCHEMA);
	if (!json_object_is_type(doc, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(doc); i++)
		put_schema(json_object_array_get_idx(doc, i));
}
