// SPDX-License-Identifier: GPL-2.0
/* From a device to the one below, and back. */
#include <errno.h>

#include "device-runs.h"

static void cut(uint64_t *len, uint64_t most)
{
	if (*len > most)
		*len = most;
}

bool device_down(const struct device_runs *r, uint64_t first, uint64_t off,
		 uint64_t *len, uint64_t *at)
{
	size_t i;

	*at = first + off;
	for (i = 0; i < r->n; i++) {
		const struct device_run *v = &r->v[i];

		if (off < v->start || off - v->start >= v->len)
			continue;
		*at = v->at + (off - v->start);
		cut(len, v->len - (off - v->start));
		return true;
	}
	return !r->n;
}

bool device_up(const struct device_runs *r, uint64_t first, uint64_t at,
	       uint64_t *len, uint64_t *off)
{
	size_t i;

	*off = at - first;
	for (i = 0; i < r->n; i++) {
		const struct device_run *v = &r->v[i];

		if (at < v->at || at - v->at >= v->len)
			continue;
		*off = v->start + (at - v->at);
		cut(len, v->len - (at - v->at));
		return true;
	}
	return !r->n && at >= first;
}

int device_runs_add(struct device_runs *r, const struct device_run *run)
{
	struct device_run *last = r->n ? &r->v[r->n - 1] : NULL;

	if (last && last->start + last->len == run->start &&
	    last->at + last->len == run->at) {
		last->len += run->len;
		return 0;
	}
	if (r->n == DEVICE_RUNS_MAX)
		return -E2BIG;
	r->v[r->n++] = *run;
	return 0;
}
