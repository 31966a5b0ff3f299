/* SPDX-License-Identifier: GPL-2.0 */
/* A document as a table on stdout. */
#ifndef POISONCTL_TABLE_H
#define POISONCTL_TABLE_H

#include <json-c/json.h>
#include <stddef.h>

struct column;

/**
 * table_print() - print rows, with a line of titles
 * @doc: an array of rows, or an object, which is one row
 * @columns: what is shown of a row
 * @n: number of columns
 *
 * What a row has not is "-".  On a terminal no line is longer than it is wide, as far
 * as cells of text can be broken; elsewhere nothing is broken.
 */
void table_print(json_object *doc, const struct column *columns, size_t n);

#endif
