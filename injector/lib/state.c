// SPDX-License-Identifier: GPL-2.0
/* What the kernel and the firmware say about poison, each with its source. */
#include <errno.h>
#include <inttypes.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "badblocks.h"
#include "cxl.h"
#include "fw.h"
#include "intr.h"
#include "journal.h"
#include "kmsg.h"
#include "memmap.h"
#include "pageflags.h"
#include "state.h"

#define QUIET_S	2	/* after a scrub: no other notification is on its way */

static int read_list(const struct nsinfo *ns, const char *path,
		     struct ranges *set, bool *cut)
{
	char *text = read_whole(path);
	int rc;

	if (!text)
		return -errno;
	rc = badblocks_parse(ns, text, set, cut);
	free(text);
	return rc;
}

/* The kernel shows a list from its lowest sector on. */
static uint64_t end_of(const struct ranges *set)
{
	const struct range *last = set->n ? &set->v[set->n - 1] : NULL;

	return last ? last->start + last->len : 0;
}

int state_badblocks_shown(const struct nsinfo *ns, struct ranges *set,
			  uint64_t *end)
{
	struct ranges list = { 0 };
	char path[128];
	size_t i;
	bool cut;
	int rc;

	/* badblocks are those of an NVDIMM bus */
	if (!*ns->bus) {
		*end = UINT64_MAX;
		return 0;
	}
	badblocks_path(ns, path, sizeof(path));
	rc = read_list(ns, path, &list, &cut);
	*end = !rc && cut ? end_of(&list) : UINT64_MAX;
	for (i = 0; i < list.n; i++)
		ranges_add(set, list.v[i].start, list.v[i].len);
	ranges_free(&list);
	return rc;
}

int state_badblocks_cut(const struct nsinfo *ns, struct ranges *set, bool *cut)
{
	uint64_t end;
	int rc = state_badblocks_shown(ns, set, &end);

	*cut = end != UINT64_MAX;
	return rc;
}

int state_badblocks(const struct nsinfo *ns, struct ranges *set)
{
	uint64_t end;
	int rc = state_badblocks_shown(ns, set, &end);

	if (!rc && end != UINT64_MAX)
		note("sysfs does not show all badblocks of '%s', only those "
		     "below block %" PRIu64, ns->name,
		     end > ns->data_base ? (end - ns->data_base) / SECTOR : 0);
	return rc;
}

int state_list_badblock(const struct nsinfo *ns, const struct range *r,
			bool *some)
{
	uint64_t pos = r->start, end = r->start + r->len, n;
	char path[128];
	int rc = 0;

	snprintf(path, sizeof(path), "/sys/block/%s/badblocks", ns->blockdev);
	for (; pos < end && !rc; pos += n) {
		if (interrupted())
			return -EINTR;
		n = end - pos < LISTED_RUN_MAX ? end - pos : LISTED_RUN_MAX;
		rc = write_text(path, "%" PRIu64 " %" PRIu64 "\n",
				(pos - ns->data_base) / SECTOR, n / SECTOR);
		*some = *some || !rc;
	}
	return rc;
}

int state_injected(const struct nsinfo *ns, struct ranges *set)
{
	struct ranges all = { 0 };
	int rc = cxl_poisoned(ns->data_base, ns->size, set);

	if (rc != -ENODEV)
		return rc;
	rc = fw_can_inject(ns->bus);
	if (rc <= 0)
		return rc ? rc : -EOPNOTSUPP;
	rc = fw_injected(ns->bus, &all);
	if (!rc)
		ranges_clip(set, &all, ns->data_base, ns->size);
	ranges_free(&all);
	return rc;
}

bool state_page_flags(uint64_t pfn, uint64_t *flags)
{
	return !memmap_flags(pfn, flags) && !memmap_hidden(*flags);
}

enum page_state state_page(uint64_t pfn)
{
	uint64_t flags;

	if (!state_page_flags(pfn, &flags))
		return PAGE_HIDDEN;
	return flags >> KPF_HWPOISON & 1 ? PAGE_POISONED : PAGE_GOOD;
}

/*
 * The log tells of poisoning, not of repair; what this tool repaired after the
 * report is known from the journal.
 */
static bool seen_good(const struct cleared *v, size_t n,
		      const struct kmsg_page *page)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[mid].spa <= page->spa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && page->spa - v[lo - 1].spa < v[lo - 1].len &&
	       v[lo - 1].kmsg >= page->seq;
}

static int remembered_hwpoison(uint64_t spa, uint64_t end, struct ranges *set)
{
	struct kmsg_page *page;
	struct cleared *good;
	size_t npages, ngood, n = 0, i;
	int rc;

	rc = kmsg_hwpoison(&page, &npages);
	if (rc)
		return rc;
	for (i = 0; i < npages; i++)
		if (page[i].spa >= spa && page[i].spa < end)
			page[n++] = page[i];
	if (!n || journal_cleared(&good, &ngood)) {
		good = NULL;
		ngood = 0;
	}
	for (i = 0; i < n; i++)
		if (!seen_good(good, ngood, &page[i]))
			ranges_add(set, page[i].spa, PAGE);
	free(page);
	free(good);
	return 0;
}

/*
 * Whether the kernel shows the first page decides for the whole window: all
 * of a namespace is ZONE_DEVICE alike.
 */
int state_hwpoison(uint64_t spa, uint64_t len, struct ranges *set,
		   bool *certain)
{
	uint64_t end = round_up64(spa + len, PAGE);

	spa = round_down64(spa, PAGE);
	*certain = state_page(spa / PAGE) != PAGE_HIDDEN;
	if (!*certain)
		return remembered_hwpoison(spa, end, set);
	return pageflags_poisoned(spa, end - spa, set);
}

int state_scrub_wait(const char *bus, struct deadline d)
{
	char text[32];
	int rc;

	for (;;) {
		rc = read_text(text, sizeof(text),
			       "/sys/bus/nd/devices/%s/nfit/scrub", bus);
		if (rc < 0 && !is_absent(rc))
			return complain(EXIT_SETUP, "cannot see whether '%s' scrubs: %s",
					bus, strerror(-rc));
		if (rc < 0 || !strchr(text, '+'))
			return EXIT_OK;
		if (!deadline_nap(&d))
			return complain(EXIT_TIMEOUT,
				"'%s' still scrubs after the deadline", bus);
	}
}

/* Is a part of it where a list that is cut shows nothing? */
static bool is_hidden(const struct ranges *want, uint64_t end)
{
	return want->n && end_of(want) > end;
}

static bool are_listed(const struct ranges *have, const struct ranges *want,
		       bool all)
{
	size_t i;

	for (i = 0; i < want->n; i++) {
		const struct range *w = &want->v[i];

		if (all && !ranges_cover(have, w->start, w->len))
			return false;
		if (!all && ranges_touch(have, w->start, w->len))
			return true;
	}
	return all;
}

/*
 * Have all scrubs that a notification starts ended?  Of several notifications the
 * last may come after the first one's scrub, hence the quiet time.
 */
static bool has_settled(const char *bus, const struct scrub_state *since,
			struct scrub_state *last, struct deadline *quiet)
{
	struct scrub_state now;

	if (!since || scrub_look(bus, &now))
		return false;
	if (now.active || now.count <= since->count ||
	    now.count != last->count) {
		*last = now;
		*quiet = deadline_in(QUIET_S);
		return false;
	}
	return !deadline_left(quiet);
}

int state_listed(const struct nsinfo *ns, const struct ranges *want, bool all,
		 const struct scrub_state *since, struct deadline d)
{
	struct deadline quiet = deadline_in(QUIET_S);
	struct scrub_state last = { 0 };
	bool there, settled;
	uint64_t end;
	int rc;

	do {
		struct ranges have = { 0 };

		settled = has_settled(ns->bus, since, &last, &quiet);
		rc = state_badblocks_shown(ns, &have, &end);
		there = !rc && are_listed(&have, want, all);
		ranges_free(&have);
		if (rc)
			return rc;
		if (there)
			return 0;
		if (is_hidden(want, end))
			return -EOVERFLOW;
		if (settled && !interrupted())
			return -EUCLEAN;
	} while (deadline_nap(&d));
	return -ETIMEDOUT;
}

uint64_t state_diskseq(const struct nsinfo *ns)
{
	char text[32];
	uint64_t v = 0;

	if (*ns->blockdev &&
	    read_text(text, sizeof(text), "/sys/block/%s/diskseq",
		      ns->blockdev) > 0)
		parse_size(text, &v);
	return v;
}
