/* SPDX-License-Identifier: GPL-2.0 */
/* Some of the blocks of a target, by a rule that is the same everywhere. */
#ifndef POISONCTL_SPREAD_H
#define POISONCTL_SPREAD_H

#include "inject.h"

struct spread_rule {
	uint64_t stride;	/* only every so many blocks, from the first; 0: every */
	uint64_t random;	/* so many of those; 0: not by number */
	uint64_t percent;	/* such a part of those; 0: not by part */
	uint64_t seed;
};

struct spread {
	struct target t;
	uint64_t unit;		/* bytes of a block */
	uint64_t stride;
	uint64_t all;		/* blocks that the rule may take */
	uint64_t want, given;	/* blocks to take, and how many were */
	bool drawn;		/* in an order of chance */
	uint64_t state;		/* of the generator */
	uint64_t *set;		/* what was drawn: index plus 1, 0 is free */
	size_t room;		/* of the set, a power of two */
};

/**
 * spread_start() - find the blocks of a place that can be planted one by one
 * @in: target, place and mechanism; without a place the whole target is meant
 * @rule: which of them
 *
 * A block has 512 bytes, or the mechanism's unit if that is more, and lies wholly
 * inside the place: it is never rounded out.  All that is wrong with the target, the
 * mechanism or safety is said here.
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int spread_start(struct spread *s, struct injection *in, const struct spread_rule *rule);

/**
 * spread_next() - the next of them
 * @place: receives it; of target_key(&s->t)
 *
 * Return: false if there is none.
 */
bool spread_next(struct spread *s, struct place *place);

/**
 * spread_end() - release what spread_start() made
 */
void spread_end(struct spread *s);

#endif
