// SPDX-License-Identifier: GPL-2.0
/* What is poisoned before anything is planted. */
#include <errno.h>
#include <linux/kernel-page-flags.h>
#include <string.h>

#include "already.h"
#include "cxl.h"
#include "intr.h"
#include "pageflags.h"
#include "state.h"

int complain_poisoned(const struct target *t)
{
	return complain(EXIT_SETUP,
		"'%s' is poisoned there already: clear it first", t->name);
}

static int known_lists(const struct target *t, struct ranges *bad)
{
	int rc;

	if (target_is_ram(t)) {
		rc = cxl_poisoned_target(t, bad);
		return rc == -EOPNOTSUPP ? 0 : rc;
	}
	rc = state_badblocks(t->ns, bad);
	if (!rc)
		rc = state_injected(t->ns, bad);
	return rc == -EOPNOTSUPP ? 0 : rc;
}

static bool is_poisoned(uint64_t pfn, uint64_t flags, void *arg)
{
	bool *dirty = arg;

	(void)pfn;
	*dirty = flags >> KPF_HWPOISON & 1;
	return *dirty;
}

/* Return: 0 and whether a page of it is, or -EINTR. */
static int poisoned(const struct ranges *bad, uint64_t start, uint64_t len, bool *dirty)
{
	*dirty = ranges_touch(bad, start, len);
	if (!*dirty && len && pageflags_each(start, len, is_poisoned, dirty) == -EINTR)
		return -EINTR;
	return 0;
}

int already_poisoned(const struct target *t, uint64_t lead)
{
	struct ranges bad = { 0 };
	bool before = false, dirty = false;
	size_t i;
	int rc = known_lists(t, &bad);

	for (i = 0; i < t->n && !rc && !dirty; i++) {
		const struct extent *e = &t->v[i];
		uint64_t start = round_down64(e->spa, PAGE);

		rc = poisoned(&bad, start, round_up64(e->spa + e->len, PAGE) - start, &dirty);
	}
	if (!rc && !dirty)
		rc = poisoned(&bad, round_down64(t->v[0].spa, PAGE) - lead, lead, &before);
	ranges_free(&bad);
	if (rc == -EINTR)
		return intr_check();
	if (rc)
		return complain(EXIT_SETUP, "cannot read the state of '%s': %s",
				target_where(t), strerror(-rc));
	if (dirty)
		return complain_poisoned(t);
	if (before)
		return complain(EXIT_SETUP,
			"the page in front of it in '%s' is poisoned, and a read begins there: clear it first",
			t->name);
	return EXIT_OK;
}
