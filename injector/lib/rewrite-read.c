// SPDX-License-Identifier: GPL-2.0
/* What can still be read of a page that is repaired, without meeting poison. */
#include <string.h>

#include "rewrite-read.h"
#include "state.h"

/*
 * After a machine check the kernel has no mapping of the whole page, so a page
 * that is both listed and PG_hwpoison is not even tried.
 */
bool page_is_lost(const struct repair *r, uint64_t spa)
{
	return ranges_touch(&r->work.bad, spa, PAGE) &&
	       ranges_touch(&r->work.hwp, spa, PAGE);
}

static bool read_sector(const struct repair *r, uint64_t spa, uint8_t *to)
{
	uint64_t at = spa - r->t->ns->data_base;

	return machine->read(r->bdev, to, SECTOR, at) == (ssize_t)SECTOR;
}

/*
 * A page that is listed may be tried: the driver refuses it by its list and does
 * not touch the media (is_bad_pmem()), and if it does not refuse, somebody has
 * repaired it.  A sector that only the firmware knows is bad would be consumed.
 */
static unsigned int may_read(const struct repair *r, uint64_t spa)
{
	unsigned int mask = 0, i;

	for (i = 0; i < SECTORS; i++) {
		uint64_t pos = spa + i * SECTOR;

		if (!ranges_touch(&r->work.fw, pos, SECTOR) ||
		    ranges_touch(&r->work.bad, pos, SECTOR))
			mask |= 1U << i;
	}
	return mask;
}

/* What the driver would refuse now, so that nobody has to try each. */
static unsigned int listed_now(const struct repair *r, uint64_t spa)
{
	struct ranges now = { 0 };
	unsigned int mask = 0, i;
	uint64_t end;

	if (!state_badblocks_shown(r->t->ns, &now, &end))
		for (i = 0; i < SECTORS; i++)
			if (ranges_touch(&now, spa + i * SECTOR, SECTOR))
				mask |= 1U << i;
	ranges_free(&now);
	return mask;
}

void read_page(const struct repair *r, uint64_t spa, struct content *c)
{
	uint8_t sector[SECTOR] __attribute__((aligned(4096)));
	unsigned int mask = may_read(r, spa), i;
	struct ranges bad = { 0 };

	memset(c, 0, sizeof(*c));
	ranges_clip(&bad, &r->work.bad, spa, PAGE);
	if (page_is_lost(r, spa) &&
	    !read_sector(r, round_down64(bad.v[0].start, SECTOR), sector))
		mask = 0;
	ranges_free(&bad);
	if (mask == ALL_SECTORS &&
	    machine->read(r->bdev, c->data, PAGE, spa - r->t->ns->data_base) ==
	    (ssize_t)PAGE) {
		c->known = c->read = ALL_SECTORS;
		return;
	}
	memset(c->data, 0, PAGE);
	if (mask)
		mask &= ~listed_now(r, spa);
	for (i = 0; i < SECTORS; i++) {
		if (!(mask & 1U << i) ||
		    !read_sector(r, spa + i * SECTOR, sector))
			continue;
		memcpy(c->data + i * SECTOR, sector, SECTOR);
		c->known |= 1U << i;
	}
	c->read = c->known;
}
