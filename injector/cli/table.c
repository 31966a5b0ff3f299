// SPDX-License-Identifier: GPL-2.0
/* A document as a table on stdout. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "table.h"
#include "text.h"
#include "util.h"

#define GAP		2	/* columns between cells */
#define NARROW		12	/* a cell is not broken into less */
#define TERMINAL	80	/* of one that does not say its width */
#define COLUMN_NAME	32	/* of a column */

/* All cells, the titles first. */
struct grid {
	const struct column **columns;	/* those that are shown, in order; owned */
	size_t n, rows;
	char **cell;		/* rows of n, owned */
	unsigned int *width;
	bool raw;
	size_t first;		/* row that is printed first: 1 without titles */
};

/* Follow a dotted key; NULL if a step of it is not there. */
static json_object *member(json_object *o, const char *key)
{
	const char *dot = strchr(key, '.');
	char part[64];
	json_object *next;

	if (!dot)
		return json_object_object_get(o, key);
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

/* What "-" is if it is no sign of absence. */
static char *raw_text(const char *s)
{
	if (!*s)
		return text_clean("-", true);
	return !strcmp(s, "-") ? text_clean("\\x2d", true) : text_raw(s);
}

static char *cell_text(json_object *row, const struct column *col, bool raw)
{
	json_object *v = member(row, col->key);
	char number[32];

	if (!v)
		return text_clean("-", true);
	switch (col->kind) {
	case COL_HEX:
		snprintf(number, sizeof(number), "%#" PRIx64,
			 json_object_get_uint64(v));
		break;
	case COL_SIZE:
		if (raw)
			return raw_text(json_object_get_string(v));
		size_text(number, sizeof(number), json_object_get_uint64(v));
		break;
	case COL_COUNT:
		snprintf(number, sizeof(number), "%zu",
			 json_object_array_length(v));
		break;
	default:
		return raw ? raw_text(json_object_get_string(v)) :
			     text_clean(json_object_get_string(v), true);
	}
	return text_clean(number, true);
}

static json_object *row_at(json_object *doc, size_t i)
{
	if (json_object_is_type(doc, json_type_array))
		return json_object_array_get_idx(doc, i);
	return doc;
}

static void fill(struct grid *g, json_object *doc)
{
	size_t i, j;

	g->cell = xrealloc(NULL, g->rows * g->n * sizeof(*g->cell));
	g->width = xrealloc(NULL, g->n * sizeof(*g->width));
	for (j = 0; j < g->n; j++) {
		g->width[j] = 0;
		for (i = 0; i < g->rows; i++) {
			const struct column *col = g->columns[j];
			char *text = i ? cell_text(row_at(doc, i - 1), col, g->raw) :
				     g->raw ? raw_text(col->title) :
				     text_clean(col->title, true);

			g->cell[i * g->n + j] = text;
			if (i >= g->first && text_width(text) > g->width[j])
				g->width[j] = text_width(text);
		}
	}
}

/* Columns of the terminal that stdout is, 0 if it is none. */
static unsigned int terminal_width(void)
{
	const char *env = getenv("COLUMNS");
	struct winsize w;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_col)
		return w.ws_col;
	return env && atoi(env) > 0 ? (unsigned int)atoi(env) : TERMINAL;
}

/* Take from the widest cells of text what is too much. */
static void fit(struct grid *g, unsigned int room)
{
	unsigned int total = 0;
	size_t j, widest;

	for (j = 0; j < g->n; j++)
		total += g->width[j] + (j ? GAP : 0);
	for (; room && total > room; total--) {
		widest = g->n;
		for (j = 0; j < g->n; j++)
			if (g->columns[j]->kind == COL_TEXT &&
			    g->width[j] > NARROW &&
			    (widest == g->n || g->width[j] > g->width[widest]))
				widest = j;
		if (widest == g->n)
			return;
		g->width[widest]--;
	}
}

static void print_part(const char *text, size_t bytes, const struct column *col,
		       unsigned int width, bool last)
{
	char *part = xrealloc(NULL, bytes + 1);
	int pad;

	memcpy(part, text, bytes);
	part[bytes] = '\0';
	pad = (int)(width - text_width(part));
	if (col->kind != COL_TEXT)
		printf("%*s%s", pad, "", part);
	else
		printf("%s%*s", part, last ? 0 : pad, "");
	if (!last)
		printf("%*s", GAP, "");
	free(part);
}

/* A row is as many lines as its tallest cell. */
static void print_row(const struct grid *g, size_t row)
{
	const char **rest = xrealloc(NULL, g->n * sizeof(*rest));
	bool more = true;
	size_t j;

	for (j = 0; j < g->n; j++)
		rest[j] = g->cell[row * g->n + j];
	while (more) {
		more = false;
		for (j = 0; j < g->n; j++) {
			size_t take = text_break(rest[j], g->width[j]);

			print_part(rest[j], take, g->columns[j], g->width[j],
				   j + 1 == g->n);
			rest[j] += take;
			rest[j] += strspn(rest[j], " ");
			more = more || *rest[j];
		}
		putchar('\n');
	}
	free(rest);
}

static void print_raw(const struct grid *g, size_t row)
{
	size_t j;

	for (j = 0; j < g->n; j++)
		printf("%s%s", j ? " " : "", g->cell[row * g->n + j]);
	putchar('\n');
}

static void name_of(const struct column *col, char *name)
{
	size_t i;

	for (i = 0; col->title[i] && i < COLUMN_NAME - 1; i++)
		name[i] = col->title[i] == ' ' ? '-' : (char)tolower((unsigned char)col->title[i]);
	name[i] = '\0';
}

static const struct column *find(const struct table *t, const char *name, size_t len)
{
	char known[COLUMN_NAME];
	size_t i;

	for (i = 0; i < t->n; i++) {
		name_of(&t->columns[i], known);
		if (strlen(known) == len && !strncasecmp(known, name, len))
			return &t->columns[i];
	}
	return NULL;
}

/* The next name of a list; NULL behind the last one. */
static const char *next_name(const char **list, size_t *len)
{
	const char *name = *list;

	if (!name)
		return NULL;
	*len = strcspn(name, ",");
	*list = name[*len] ? name + *len + 1 : NULL;
	return name;
}

bool table_is_styled(const struct table_style *style)
{
	return style->columns || style->no_headings || style->raw;
}

bool table_unknown(const char *list, const struct table *tables, size_t n, char *name,
		   size_t size)
{
	const char *word;
	size_t len, i;

	while ((word = next_name(&list, &len))) {
		for (i = 0; i < n && !find(&tables[i], word, len); i++)
			;
		if (i < n)
			continue;
		snprintf(name, size, "%.*s", (int)len, word);
		return true;
	}
	return false;
}

void table_names(const struct table *tables, size_t n, char *buf, size_t size)
{
	char name[COLUMN_NAME];
	size_t i, j, at = 0, k;

	*buf = '\0';
	for (i = 0; i < n; i++)
		for (j = 0; j < tables[i].n && at < size; j++) {
			name_of(&tables[i].columns[j], name);
			for (k = 0; k < i && !find(&tables[k], name, strlen(name)); k++)
				;
			if (k == i)
				at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? "," : "",
						       name);
		}
}

/* Those that are wanted, in the order in which they are named. */
static void choose(struct grid *g, const struct table *t, const char *list)
{
	const struct column *col;
	const char *word;
	size_t len, i;

	g->columns = xrealloc(NULL, (t->n + (list ? strlen(list) : 0) + 1) * sizeof(*g->columns));
	for (i = 0; i < t->n && !list; i++)
		g->columns[g->n++] = &t->columns[i];
	while ((word = next_name(&list, &len))) {
		col = find(t, word, len);
		if (col)
			g->columns[g->n++] = col;
	}
}

bool table_has(const struct table *t, const struct table_style *style)
{
	struct grid g = { 0 };

	choose(&g, t, style->columns);
	free(g.columns);
	return g.n;
}

void table_print(json_object *doc, const struct table *t, const struct table_style *style)
{
	struct grid g = {
		.rows = 1 + (json_object_is_type(doc, json_type_array) ?
			     json_object_array_length(doc) : 1),
		.raw = style->raw,
		.first = style->no_headings ? 1 : 0,
	};
	size_t i;

	choose(&g, t, style->columns);
	if (g.n) {
		fill(&g, doc);
		fit(&g, terminal_width());
	}
	for (i = g.first; i < g.rows && g.n; i++)
		(g.raw ? print_raw : print_row)(&g, i);
	for (i = 0; i < g.rows * g.n; i++)
		free(g.cell[i]);
	free(g.cell);
	free(g.width);
	free(g.columns);
}
