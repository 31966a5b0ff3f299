/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The output layer.  A verb builds one JSON document; it is printed as it is
 * (--json), or as a table whose columns are data.  Results go to stdout, talk
 * goes to stderr.
 */
#ifndef POISONCTL_OUT_H
#define POISONCTL_OUT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "put.h"
#include "table.h"

/**
 * out_set_json() - choose between one JSON document and a table
 */
void out_set_json(bool json);

/**
 * out_is_json() - which of the two was chosen?
 */
bool out_is_json(void);

/**
 * out_set_style() - what of a table is wanted, and how
 */
void out_set_style(const struct table_style *wanted);

/**
 * out_shows() - does a table have a column that is wanted?
 */
bool out_shows(const struct column *columns, size_t n);

/**
 * out_doc() - print the result of a verb
 * @doc: the document; an object, or an array of rows.  Released here.  In JSON mode it,
 *	or each row, gets the number of the schema.
 * @columns: how a row looks in the table
 * @n: number of columns
 */
void out_doc(json_object *doc, const struct column *columns, size_t n);

/**
 * out_line() - print one row of a result that has no end, at once
 * @o: an object without nested ones.  Released here.
 *
 * In JSON mode one object a line, with the number of the schema; the error document
 * is a line as well then.
 * Else the values of timestamp, event and source, and the others as KEY=VALUE.
 *
 * Return: 0; -errno of writing it, -EPIPE if the reader went away.
 */
int out_line(json_object *o);

/**
 * out_drop() - forget what could not be written, because nobody wants it
 */
void out_drop(void);

/**
 * out_error() - print the error document, in JSON mode, if nothing was printed
 * @code: exit code
 * @planted: what is left behind, becomes its member "planted"; may be NULL.
 *	Released here.
 */
void out_error(int code, json_object *planted);

/**
 * out_failed() - a result that does not go to stdout could not be written
 * @err: -errno; 0: it could
 */
void out_failed(int err);

/**
 * out_close() - flush stdout
 *
 * A full disk or a closed pipe must not look like success.
 *
 * Return: 0, or -errno, also one of out_failed().
 */
int out_close(void);

/**
 * out_rows() - one table row for each element of a list in a document
 * @doc: released here
 * @key: the list
 * @shared: members of @doc that every row repeats
 * @n: their number
 *
 * Return: an array for out_doc().
 */
json_object *out_rows(json_object *doc, const char *key,
		      const char * const *shared, size_t n);

#endif
