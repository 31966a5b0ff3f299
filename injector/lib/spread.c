// SPDX-License-Identifier: GPL-2.0
/* Some of the blocks of a target, by a rule that is the same everywhere. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "spread.h"

/* Whole blocks of an extent: addresses count, as for target_widen(). */
static uint64_t blocks_in(const struct extent *e, uint64_t unit, uint64_t *skip)
{
	*skip = round_up64(e->spa, unit) - e->spa;
	return *skip < e->len ? (e->len - *skip) / unit : 0;
}

/* SplitMix64, of Steele, Lea and Flood, "Fast splittable pseudorandom number generators". */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Return: false if it is a member already. */
static bool put_new(struct spread *s, uint64_t index)
{
	size_t at = (size_t)(index * UINT64_C(0x9e3779b97f4a7c15)) & (s->room - 1);

	for (; s->set[at]; at = (at + 1) & (s->room - 1))
		if (s->set[at] == index + 1)
			return false;
	s->set[at] = index + 1;
	return true;
}

static void make_set(struct spread *s)
{
	for (s->room = 16; s->room / 2 < s->want; s->room *= 2)
		;
	s->set = xrealloc(NULL, s->room * sizeof(*s->set));
	memset(s->set, 0, s->room * sizeof(*s->set));
}

static int choose(struct spread *s, const struct spread_rule *rule)
{
	uint64_t skip;
	size_t i;

	s->stride = rule->stride ? rule->stride : 1;
	s->state = rule->seed;
	for (i = 0; i < s->t.n; i++)
		s->all += blocks_in(&s->t.v[i], s->unit, &skip);
	s->all = s->all / s->stride + !!(s->all % s->stride);
	s->drawn = rule->random || rule->percent;
	s->want = rule->random ? rule->random :
		  rule->percent ? s->all / 100 * rule->percent +
				  s->all % 100 * rule->percent / 100 : s->all;
	/* a part of something is something */
	if (!s->want)
		s->want = 1;
	if (s->want > s->all)
		return complain(EXIT_USAGE,
			"%" PRIu64 " blocks of %" PRIu64 " bytes were asked for: '%s' has %" PRIu64 " of them there",
			s->want, s->unit, s->t.name, s->all);
	if (s->drawn)
		make_set(s);
	return EXIT_OK;
}

int spread_start(struct spread *s, struct injection *in, const struct spread_rule *rule)
{
	const char *why;
	int rc;

	*s = (struct spread){ 0 };
	rc = target_resolve(in->name, &in->place, true, &s->t);
	if (rc)
		return rc;
	rc = mech_fits(in->mech, &s->t, &in->o, &s->unit, &why);
	if (!rc) {
		s->unit = s->unit > SECTOR ? s->unit : SECTOR;
		rc = choose(s, rule);
	}
	if (rc)
		spread_end(s);
	return rc;
}

bool spread_next(struct spread *s, struct place *place)
{
	uint64_t index = s->given, skip = 0, n;
	size_t i;

	if (s->given == s->want)
		return false;
	s->given++;
	if (s->drawn)
		do
			index = draw(&s->state) % s->all;
		while (!put_new(s, index));
	index *= s->stride;
	for (i = 0; i < s->t.n; i++, index -= n) {
		n = blocks_in(&s->t.v[i], s->unit, &skip);
		if (index < n)
			break;
	}
	*place = (struct place){
		.offset_set = true,
		.offset = s->t.v[i].off + skip + index * s->unit,
		.length_set = true,
		.length = s->unit,
	};
	return true;
}

void spread_end(struct spread *s)
{
	free(s->set);
	s->set = NULL;
	target_free(&s->t);
}
