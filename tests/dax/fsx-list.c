// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of fsx's operations: drawn by the dice of a seed, written, and read again.
 */
#include <string.h>
#include "chance.h"
#include "fsx.h"

/**
 * op_text() - an operation as a line of a list
 *
 * Return: "KIND FILE AT LEN OTHER FROM ARG", numbers as op_parse() takes them; good
 * until the next call.
 */
const char *op_text(const struct op *op)
{
	static char line[128];

	snprintf(line, sizeof(line), "%s %u %#x %#x %u %#x %#x",
		 kind_name(op->kind), op->file, op->at, op->len, op->other,
		 op->from, op->arg);
	return line;
}

/**
 * op_parse() - read a line of a list
 * @line: of op_text()
 * @op: what it says
 *
 * Return: false if it is not one.
 */
bool op_parse(const char *line, struct op *op)
{
	char name[16];
	int kind;

	if (sscanf(line, "%15s %u %i %i %u %i %i", name, &op->file,
		   (int *)&op->at, (int *)&op->len, &op->other,
		   (int *)&op->from, (int *)&op->arg) != 7)
		return false;
	kind = kind_find(name);
	if (kind < 0 || op->file >= FILES || op->other >= FILES || !op->len ||
	    op->at >= MOST || op->len > MOST - op->at || op->from >= MOST ||
	    op->len > MOST - op->from)
		return false;
	op->kind = kind;
	return true;
}

/* Mostly near the edges of PMDs, so that operations meet. */
static size_t draw_place(void)
{
	static const size_t places[] = { 0, 0, PMD - 64 * KIB, 2 * PMD - 32 * KIB };

	if (!dice(4))
		return dice(MOST);
	return places[dice(4)] + dice(128 * KIB);
}

static size_t draw_len(void)
{
	unsigned long way = dice(16);

	if (way < 9)
		return 1 + dice(3 * PAGE);
	if (way < 15)
		return 1 + dice(64 * KIB);
	return 1 + dice(PMD + PMD / 2);
}

static unsigned int draw_kind(unsigned int with)
{
	unsigned int sum = 0, kind, at;

	for (kind = 0; kind < kinds; kind++)
		sum += kind_weight(kind, with);
	at = dice(sum);
	for (kind = 0; at >= kind_weight(kind, with); kind++)
		at -= kind_weight(kind, with);
	return kind;
}

static struct op draw(unsigned int with)
{
	struct op op = {
		.kind	= draw_kind(with),
		.file	= dice(FILES),
		.other	= dice(FILES),
		.at	= draw_place(),
		.len	= draw_len(),
		.from	= draw_place(),
		.arg	= dice(1UL << 30),
	};
	bool shares = kind_weight(op.kind, 0) != kind_weight(op.kind, WITH_SHARE);

	if (shares || !dice(3)) {
		/* the same place, or the same page or PMD of another */
		size_t align = dice(8) ? PAGE : PMD;

		op.at &= ~(align - 1);
		op.from = dice(2) ? op.at : op.from & ~(align - 1);
		op.len = pages_up(op.len) * PAGE;
	}
	op.len = least(op.len, MOST - most(op.at, op.from));
	return op;
}

/* A file begins anew, with blocks that are fit for PMDs. */
static size_t draw_fresh(struct op *ops, size_t room)
{
	struct op op = { .kind = kind_find("truncate"), .file = dice(FILES), .len = 1 };

	if (room < 3)
		return 0;
	ops[0] = op;
	op.kind = kind_find("alloc");
	op.len = MOST;
	op.arg = 1;
	ops[1] = op;
	op.kind = kind_find("write");
	op.len = PMD + dice(PMD);
	op.arg = dice(1UL << 30);
	ops[2] = op;
	return 3;
}

/* What is to be deduplicated is made equal first, for the most part. */
static size_t draw_equal(struct op *ops, size_t room, struct op op)
{
	if (room < 2 || strcmp(kind_name(op.kind), "dedupe") || !dice(4))
		return 0;
	ops[0] = op;
	ops[0].kind = kind_find("copy");
	ops[1] = op;
	return 2;
}

/**
 * ops_draw() - a list of operations
 * @ops: room for @count
 * @count: how many
 * @seed: of the dice: the same gives the same
 * @with: what kinds there are, enum fsx_with
 */
void ops_draw(struct op *ops, size_t count, unsigned long seed,
		unsigned int with)
{
	size_t i, n;

	dice_begin(seed * 0x9e3779b97f4a7c15UL);
	for (i = 0; i < FILES && count >= 3 * FILES; i++) {
		draw_fresh(ops + 3 * i, 3);
		for (n = 0; n < 3; n++)
			ops[3 * i + n].file = i;
	}
	for (i = count >= 3 * FILES ? 3 * FILES : 0; i < count; i += n) {
		struct op op = draw(with);

		n = dice(200) ? 0 : draw_fresh(ops + i, count - i);
		n = n ? n : draw_equal(ops + i, count - i, op);
		if (!n) {
			ops[i] = op;
			n = 1;
		}
	}
}
