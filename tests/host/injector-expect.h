/* SPDX-License-Identifier: GPL-2.0 */
/* Situations of the truth table, and what it says of them, for its tests. */
#ifndef INJECTOR_EXPECT_H
#define INJECTOR_EXPECT_H

#include "expect.h"

/* Poison 0x100 into a page, one page of lead before it. */
static inline struct situation base(enum device_kind dev, enum poison_state poison,
			     enum access_kind access, enum map_when when,
			     enum family family)
{
	return (struct situation){
		.dev = dev,
		.poison = poison,
		.by_consumer = poison == POISON_FLAGGED &&
			       when == WHEN_BEFORE,
		.access = access,
		.when = when,
		.family = family,
		.maps = access_maps(access) || (poison == POISON_FLAGGED &&
						when == WHEN_BEFORE),
		.others = dev != DEV_BLOCK,
		.threads = 1,
		.map_shift = dev == DEV_DEVDAX ? 21 : 12,
		.access_off = 0x100,
		.lead = 4096,
		.line = 0x100,
		.request = access == ACCESS_READ ? 8192 :
			   access == ACCESS_WRITE_PART ? 512 : 4096,
	};
}

static inline void text_of(const struct situation *s, char *buf, size_t size)
{
	struct outcome o;
	const char *source;

	if (expect_outcome(s, &o, &source))
		outcome_text(&o, buf, size);
	else
		snprintf(buf, size, "no row");
}

static inline void says(const struct situation *s, const char *want)
{
	char buf[256];

	text_of(s, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

#endif
