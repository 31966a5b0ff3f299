// SPDX-License-Identifier: GPL-2.0
/* The output layer: one JSON document, or a table of the same. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "util.h"

#define CELL_MAX	160

static bool json_mode;
static bool printed;
static bool by_line;

void out_set_json(bool json)
{
	json_mode = json;
}

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

json_object *out_ranges(const struct ranges *r, uint64_t base, uint64_t unit)
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

/* Follow a dotted key; NULL if a step of it is not there. */
static json_object *member(json_object *o, const char *key)
{
	const char *dot = strchr(key, '.');
	char part[64];
	json_object *next;

	if (!dot)
		return json_object_object_get(o, key);
	copy_name(part, sizeof(part), "");
	snprintf(part, sizeof(part), "%.*s", (int)(dot - key), key);
	next = json_object_object_get(o, part);
	return next ? member(next, dot + 1) : NULL;
}

static void size_text(char *buf, size_t size, uint64_t v)
{
	static const char suffixes[] = " KMGT";
	unsigned int i = 0;

	while (v && i < 4 && v % 1024 == 0) {
		v /= 1024;
		i++;
	}
	if (i)
		snprintf(buf, size, "%" PRIu64 "%c", v, suffixes[i]);
	else
		snprintf(buf, size, "%" PRIu64, v);
}

static void cell_text(char *buf, size_t size, json_object *row,
		      const struct column *col)
{
	json_object *v = member(row, col->key);

	if (!v && col->kind != COL_COUNT) {
		copy_name(buf, size, "-");
		return;
	}
	switch (col->kind) {
	case COL_TEXT:
	case COL_NUMBER:
		copy_name(buf, size, json_object_get_string(v));
		break;
	case COL_HEX:
		snprintf(buf, size, "%#" PRIx64, json_object_get_uint64(v));
		break;
	case COL_SIZE:
		size_text(buf, size, json_object_get_uint64(v));
		break;
	case COL_COUNT:
		snprintf(buf, size, "%zu", v ? json_object_array_length(v) : 0);
		break;
	}
}

static json_object *row_at(json_object *doc, size_t i)
{
	if (json_object_is_type(doc, json_type_array))
		return json_object_array_get_idx(doc, i);
	return doc;
}

static void print_cell(const char *text, const struct column *col,
		       unsigned int width, bool last)
{
	int w = (int)width;

	if (col->kind != COL_TEXT)
		printf("%*s", w, text);
	else
		printf("%-*s", last ? 0 : w, text);
	fputs(last ? "\n" : "  ", stdout);
}

static void table(json_object *doc, const struct column *cols, size_t n)
{
	size_t rows = json_object_is_type(doc, json_type_array) ?
			json_object_array_length(doc) : 1;
	unsigned int *width = xrealloc(NULL, n * sizeof(*width));
	char cell[CELL_MAX];
	size_t i, j;

	for (j = 0; j < n; j++) {
		width[j] = (unsigned int)strlen(cols[j].title);
		for (i = 0; i < rows; i++) {
			cell_text(cell, sizeof(cell), row_at(doc, i), &cols[j]);
			if (strlen(cell) > width[j])
				width[j] = (unsigned int)strlen(cell);
		}
	}
	for (j = 0; j < n; j++)
		print_cell(cols[j].title, &cols[j], width[j], j + 1 == n);
	for (i = 0; i < rows; i++)
		for (j = 0; j < n; j++) {
			cell_text(cell, sizeof(cell), row_at(doc, i), &cols[j]);
			print_cell(cell, &cols[j], width[j], j + 1 == n);
		}
	free(width);
}

void out_doc(json_object *doc, const struct column *columns, size_t n)
{
	if (json_mode)
		puts(json_object_to_json_string_ext(doc,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		table(doc, columns, n);
	printed = true;
	json_object_put(doc);
}

static void print_fields(json_object *o)
{
	json_object_object_foreach(o, key, v) {
		bool hex = !strcmp(key, "spa") || !strcmp(key, "pfn") ||
			   !strcmp(key, "dpa");

		if (!strcmp(key, "timestamp"))
			printf("%s", json_object_get_string(v));
		else if (!strcmp(key, "event"))
			printf("  %-14s", json_object_get_string(v));
		else if (!strcmp(key, "source"))
			printf("  %s", json_object_get_string(v));
		else if (hex)
			printf("  %s=%#" PRIx64, key, json_object_get_uint64(v));
		else
			printf("  %s=%s", key, json_object_get_string(v));
	}
	putchar('\n');
}

int out_line(json_object *o)
{
	int rc = 0;

	by_line = true;
	errno = 0;
	if (json_mode)
		puts(json_object_to_json_string_ext(o,
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		print_fields(o);
	if (fflush(stdout) || ferror(stdout))
		rc = -(errno ? errno : EIO);
	json_object_put(o);
	return rc;
}

void out_drop(void)
{
	__fpurge(stdout);
	clearerr(stdout);
}

void out_error(int code, json_object *planted)
{
	json_object *doc, *err;

	if (!json_mode || printed) {
		json_object_put(planted);
		return;
	}
	doc = json_object_new_object();
	err = json_object_new_object();
	put_u64(err, "code", (uint64_t)code);
	put_str(err, "name", exit_name(code));
	put_str(err, "message", complaint());
	if (planted)
		json_object_object_add(err, "planted", planted);
	json_object_object_add(doc, "error", err);
	if (by_line)
		out_line(doc);
	else
		out_doc(doc, NULL, 0);
}

int out_close(void)
{
	if (fflush(stdout) || ferror(stdout))
		return -(errno ? errno : EIO);
	if (fclose(stdout))
		return -errno;
	return 0;
}

json_object *out_rows(json_object *doc, const char *key,
		      const char * const *shared, size_t n)
{
	json_object *list = json_object_object_get(doc, key);
	size_t i, k;

	json_object_get(list);
	for (i = 0; i < json_object_array_length(list); i++)
		for (k = 0; k < n; k++)
			json_object_object_add(
				json_object_array_get_idx(list, i), shared[k],
				json_object_get(json_object_object_get(doc,
							shared[k])));
	json_object_put(doc);
	return list;
}
