/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of fsx share: operations on a few files, what the files must hold,
 * and the mappings that they are seen through.
 *
 * Conventions: "file" is a number below FILES; "at" and "len" are bytes, "page" is a
 * number of pages.  What a difference is found by ends the process, by check().
 */
#ifndef TESTS_DAX_FSX_H
#define TESTS_DAX_FSX_H

#include <stdio.h>
#include "dax.h"

#define FILES	3
#define MOST	(3 * PMD)	/* bytes of a file */
#define PAGES	(MOST / PAGE)
#define VIEWS	5

/**
 * struct op - an operation
 * @kind: row of the table of kinds
 * @file: that is changed or looked at
 * @other: that is copied or shared from
 * @at: where in @file
 * @len: how much
 * @from: where in @other
 * @arg: what is written, which way is taken
 *
 * What it does depends on nothing else but what the files hold, so that any part of a
 * list of operations is a list that can be played.
 */
struct op {
	unsigned int kind, file, other, at, len, from, arg;
};

/* What a case does besides. */
enum fsx_with {
	WITH_POISON	= 1,
	WITH_SHARE	= 2,
};

/**
 * struct range - part of a file
 * @at: its first byte
 * @len: how many
 */
struct range {
	size_t at, len;
};

static inline struct range range_of(const struct op *op)
{
	return (struct range){ op->at, op->len };
}

/* fsx-list.c: lists of operations */
const char *op_text(const struct op *op);
bool op_parse(const char *line, struct op *op);
void ops_draw(struct op *ops, size_t count, unsigned long seed,
		unsigned int with);

/* fsx-file.c: the files */
void files_open(bool refused);
void files_check(bool mapped);
int file_fd(unsigned int file, bool direct);
bool told_late(bool failed);
void late_to_tell(void);
unsigned char *bytes_of(const struct op *op);
void file_write(const struct op *op);
void file_read(const struct op *op);
void file_copy(const struct op *op);
void file_punch(const struct op *op);
void file_zero(const struct op *op);
void file_alloc(const struct op *op);
void file_unshare(const struct op *op);
void file_truncate(const struct op *op);
void file_clone(const struct op *op);
void file_dedupe(const struct op *op);

/* fsx-ops.c: what the operations do */
extern const unsigned int kinds;
const char *kind_name(unsigned int kind);
unsigned int kind_weight(unsigned int kind, unsigned int with);
int kind_find(const char *name);
void op_run(const struct op *op);

/* fsx-view.c: the mappings of the files */
void views_open(unsigned int file, int fd);
void views_cut(unsigned int file);
void *view_at(unsigned int file, unsigned int view, size_t at);
bool view_shows(const void *p, unsigned int file, size_t page);
bool view_private(unsigned int view);
void view_load(unsigned int file, unsigned int view, struct range range);
void view_store(unsigned int file, unsigned int view, struct range range,
		const unsigned char *bytes);
void view_forget(unsigned int file, unsigned int view, struct range range);
void view_renew(unsigned int file, unsigned int view, int fd);
void view_move(unsigned int file, unsigned int view);

/* fsx-model.c: what the files must hold */
void model_open(bool refused);
size_t model_size(unsigned int file);
const unsigned char *model_bytes(unsigned int file, size_t at);
bool model_has_block(unsigned int file, size_t page);
bool model_bad(unsigned int file, size_t page);
bool model_bad_part(unsigned int file, size_t at);
size_t model_good(unsigned int file, struct range range);
bool model_bad_edge(unsigned int file, struct range *range);
unsigned int model_bad_blocks(void);
void model_write(unsigned int file, struct range range,
		const unsigned char *bytes);
void model_zero(unsigned int file, struct range range);
void model_unshare(unsigned int file, struct range range);
bool model_shares(unsigned int file, size_t page);
bool model_same_block(unsigned int file, size_t page, unsigned int other,
		size_t of);

void model_resize(unsigned int file, size_t size);
void model_share(unsigned int from, size_t source, unsigned int file,
		struct range range);
void model_poison(unsigned int file, size_t page);
void model_keep(void);
void model_put_back(void);

static inline size_t pages_up(size_t bytes)
{
	return (bytes + PAGE - 1) / PAGE;
}

static inline size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static inline size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

#endif
