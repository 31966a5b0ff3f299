/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of byte ranges: what is bad, what was asked for, what is left.
 *
 * A set is sorted, its ranges are not empty, do not touch and do not overlap.
 */
#ifndef POISONCTL_RANGES_H
#define POISONCTL_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	uint64_t start;		/* bytes */
	uint64_t len;		/* bytes; start + len does not wrap */
};

struct ranges {
	struct range *v;
	size_t n;
	size_t cap;
};

/**
 * ranges_add() - put a range into a set
 *
 * What overlaps or touches is merged.  An empty range changes nothing; one
 * that would wrap is cut off at the end of the address space.
 */
void ranges_add(struct ranges *r, uint64_t start, uint64_t len);

/**
 * ranges_sub() - take a range out of a set
 */
void ranges_sub(struct ranges *r, uint64_t start, uint64_t len);

/**
 * ranges_clip() - the part of a set that lies in a window
 * @to: set that the clipped ranges are added to
 */
void ranges_clip(struct ranges *to, const struct ranges *r, uint64_t start,
		 uint64_t len);

/**
 * ranges_widen() - round every range of a set out to a unit
 * @to: empty set
 * @unit: bytes, not 0
 */
void ranges_widen(struct ranges *to, const struct ranges *r, uint64_t unit);

/**
 * ranges_cover() - is a window wholly inside a set?
 *
 * Return: true if every byte of it is; an empty window always is.
 */
bool ranges_cover(const struct ranges *r, uint64_t start, uint64_t len);

/**
 * ranges_touch() - does a window share a byte with a set?
 */
bool ranges_touch(const struct ranges *r, uint64_t start, uint64_t len);

/**
 * ranges_total() - bytes in a set
 */
uint64_t ranges_total(const struct ranges *r);

/**
 * ranges_free() - make a set empty and release its memory
 */
void ranges_free(struct ranges *r);

#endif
