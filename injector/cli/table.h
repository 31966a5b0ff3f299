/* SPDX-License-Identifier: GPL-2.0 */
/* A document as a table on stdout. */
#ifndef POISONCTL_TABLE_H
#define POISONCTL_TABLE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

enum column_kind {
	COL_TEXT,	/* as it is */
	COL_NUMBER,	/* decimal, to the right */
	COL_HEX,	/* 0x..., to the right */
	COL_SIZE,	/* bytes with a suffix where that is exact */
	COL_COUNT,	/* number of elements of an array, "-" without one */
};

struct column {
	const char *title;
	const char *key;	/* a dot steps into an object */
	enum column_kind kind;
};

/* What rows of one kind look like. */
struct table {
	const struct column *columns;
	size_t n;
};

/* How the user wants it. */
struct table_style {
	const char *columns;	/* names with commas, see table_unknown(); NULL: all */
	bool no_headings;
	bool raw;		/* for programs: one blank between cells, see table_print() */
};

/**
 * table_is_styled() - does the user want it in another way than it is?
 */
bool table_is_styled(const struct table_style *style);

/**
 * table_unknown() - find a name that is no column's
 * @list: names with commas; a column's is its title in small letters, a dash for a blank
 * @tables: in which the columns may be
 * @n: number of tables
 * @name: receives the first unknown one
 * @size: of @name
 *
 * Return: true if there is one; an empty name is unknown as well.
 */
bool table_unknown(const char *list, const struct table *tables, size_t n, char *name,
		   size_t size);

/**
 * table_names() - all names of columns, with commas
 * @buf: receives them, cut off where it ends
 */
void table_names(const struct table *tables, size_t n, char *buf, size_t size);

/**
 * table_has() - does a table have one of the columns that are wanted?
 */
bool table_has(const struct table *t, const struct table_style *style);

/**
 * table_print() - print rows, with a line of titles
 * @doc: an array of rows, or an object, which is one row
 * @t: what can be shown of a row
 * @style: what of it is wanted, and how
 *
 * What a row has not is "-".  On a terminal no line is longer than it is wide, as far
 * as cells of text can be broken; elsewhere nothing is broken.  A table without any
 * column that is wanted is not printed.
 *
 * Raw is a row a line, whatever the terminal, one blank between cells, sizes in bytes;
 * blanks, backslashes and control characters in cells are \xNN, an empty one is '-',
 * and one that is '-' is \x2d.
 */
void table_print(json_object *doc, const struct table *t, const struct table_style *style);

#endif
