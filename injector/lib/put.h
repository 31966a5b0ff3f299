/* SPDX-License-Identifier: GPL-2.0 */
/* Members of a result, which is a JSON document wherever it is made. */
#ifndef POISONCTL_PUT_H
#define POISONCTL_PUT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "ranges.h"

/* Of poisonctl.schema.json, which says when it changes. */
#define JSON_SCHEMA	"2.1"

/**
 * put_u64(), put_str(), put_bool() - add a member to an object
 */
void put_u64(json_object *o, const char *key, uint64_t v);
void put_str(json_object *o, const char *key, const char *v);
void put_bool(json_object *o, const char *key, bool v);

/**
 * json_ranges() - a set of ranges as an array of {offset, length}
 * @base: subtracted from each start
 * @unit: bytes that one count of offset and length stands for
 */
json_object *json_ranges(const struct ranges *r, uint64_t base, uint64_t unit);

/**
 * error_json() - the problem that ended a call
 * @code: exit code
 * @message: what was said of it; see complaint()
 *
 * Return: {code, name, message}.
 */
json_object *error_json(int code, const char *message);

/**
 * put_error() - add it to a result that is not a success, as its member "error"
 * @code: exit code; the message is that of complaint()
 */
void put_error(json_object *o, int code);

/**
 * put_schema() - add the number of the schema to a document that is complete
 * @doc: an object; or an array, whose rows get it
 */
void put_schema(json_object *doc);

#endif
