// SPDX-License-Identifier: GPL-2.0
/* The output layer: one JSON document, or a table of the same. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out.h"
#include "text.h"
#include "util.h"

static bool json_mode;
static struct table_style style;
static bool printed;
static bool by_line;
static int failed;

void out_set_json(bool json)
{
	json_mode = json;
}

bool out_is_json(void)
{
	return json_mode;
}

void out_set_style(const struct table_style *wanted)
{
	style = *wanted;
}

bool out_shows(const struct column *columns, size_t n)
{
	const struct table t = { columns, n };

	return table_has(&t, &style);
}

/* Names of files are bytes, but JSON is UTF-8 (RFC 8259, 8.1). */
static void make_utf8(json_object *o)
{
	size_t i;
	char *text;

	switch (json_object_get_type(o)) {
	case json_type_string:
		if (text_is_utf8(json_object_get_string(o)))
			return;
		text = text_clean(json_object_get_string(o), false);
		json_object_set_string(o, text);
		free(text);
		return;
	case json_type_array:
		for (i = 0; i < json_object_array_length(o); i++)
			make_utf8(json_object_array_get_idx(o, i));
		return;
	case json_type_object: {
		json_object_object_foreach(o, key, v) {
			(void)key;
			make_utf8(v);
		}
		return;
	}
	default:
		return;
	}
}

void out_doc(json_object *doc, const struct column *columns, size_t n)
{
	if (json_mode) {
		make_utf8(doc);
		put_schema(doc);
		puts(json_object_to_json_string_ext(doc,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	} else {
		table_print(doc, &(struct table){ columns, n }, &style);
	}
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
	make_utf8(o);
	if (json_mode) {
		put_schema(o);
		puts(json_object_to_json_string_ext(o,
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	} else {
		print_fields(o);
	}
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
	err = error_json(code, complaint());
	if (planted)
		json_object_object_add(err, "planted", planted);
	json_object_object_add(doc, "error", err);
	if (by_line)
		out_line(doc);
	else
		out_doc(doc, NULL, 0);
}

/* Also if it was an earlier write that failed, whose errno is lost. */
static bool reader_gone(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO };

	return poll(&p, 1, 0) == 1 && p.revents & (POLLERR | POLLHUP);
}

void out_failed(int err)
{
	failed = failed ? failed : err;
}

int out_close(void)
{
	if (fflush(stdout) || ferror(stdout))
		return reader_gone() ? -EPIPE : -(errno ? errno : EIO);
	if (fclose(stdout))
		return -errno;
	return failed;
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
