// SPDX-License-Identifier: GPL-2.0
/* Sets of byte ranges: what is bad, what was asked for, what is left. */
#include <stdlib.h>
#include <string.h>

#include "ranges.h"
#include "util.h"

static uint64_t range_end(const struct range *r)
{
	return r->start + r->len;
}

static void insert_at(struct ranges *r, size_t i, uint64_t start, uint64_t len)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 8;
		r->v = xrealloc(r->v, r->cap * sizeof(*r->v));
	}
	memmove(r->v + i + 1, r->v + i, (r->n - i) * sizeof(*r->v));
	r->v[i] = (struct range){ .start = start, .len = len };
	r->n++;
}

static void remove_at(struct ranges *r, size_t i, size_t count)
{
	memmove(r->v + i, r->v + i + count,
		(r->n - i - count) * sizeof(*r->v));
	r->n -= count;
}

/* Index of the first range that ends at or behind @pos. */
static size_t first_ending(const struct ranges *r, uint64_t pos)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (range_end(&r->v[mid]) < pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void ranges_add(struct ranges *r, uint64_t start, uint64_t len)
{
	size_t i, j;
	uint64_t end;

	if (len > UINT64_MAX - start)
		len = UINT64_MAX - start;
	if (!len)
		return;
	end = start + len;
	i = first_ending(r, start);
	for (j = i; j < r->n && r->v[j].start <= end; j++) {
		if (r->v[j].start < start)
			start = r->v[j].start;
		if (range_end(&r->v[j]) > end)
			end = range_end(&r->v[j]);
	}
	if (j > i)
		remove_at(r, i, j - i);
	insert_at(r, i, start, end - start);
}

void ranges_sub(struct ranges *r, uint64_t start, uint64_t len)
{
	size_t i = first_ending(r, start);
	uint64_t end = len > UINT64_MAX - start ? UINT64_MAX : start + len;

	if (!len)
		return;
	while (i < r->n && r->v[i].start < end) {
		struct range old = r->v[i];

		if (range_end(&old) <= start) {
			i++;
			continue;
		}
		remove_at(r, i, 1);
		if (old.start < start)
			insert_at(r, i++, old.start, start - old.start);
		if (range_end(&old) > end)
			insert_at(r, i++, end, range_end(&old) - end);
	}
}

void ranges_clip(struct ranges *to, const struct ranges *r, uint64_t start,
		 uint64_t len)
{
	uint64_t end = len > UINT64_MAX - start ? UINT64_MAX : start + len;
	size_t i;

	for (i = first_ending(r, start); i < r->n; i++) {
		uint64_t s = r->v[i].start, e = range_end(&r->v[i]);

		if (s >= end)
			break;
		if (s < start)
			s = start;
		if (e > end)
			e = end;
		if (e > s)
			ranges_add(to, s, e - s);
	}
}

void ranges_widen(struct ranges *to, const struct ranges *r, uint64_t unit)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		uint64_t s = round_down64(r->v[i].start, unit);

		ranges_add(to, s, round_up64(range_end(&r->v[i]), unit) - s);
	}
}

bool ranges_cover(const struct ranges *r, uint64_t start, uint64_t len)
{
	size_t i;

	if (!len)
		return true;
	i = first_ending(r, start + 1);
	return i < r->n && r->v[i].start <= start &&
	       range_end(&r->v[i]) - start >= len;
}

bool ranges_touch(const struct ranges *r, uint64_t start, uint64_t len)
{
	size_t i;

	if (!len)
		return false;
	i = first_ending(r, start + 1);
	return i < r->n && r->v[i].start < start + len;
}

uint64_t ranges_total(const struct ranges *r)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < r->n; i++)
		sum += r->v[i].len;
	return sum;
}

void ranges_free(struct ranges *r)
{
	free(r->v);
	*r = (struct ranges){ 0 };
}
