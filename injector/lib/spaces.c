// SPDX-License-Identifier: GPL-2.0
/* What targets lie in. */
#include <stdlib.h>
#include <string.h>

#include "cxl.h"
#include "spaces.h"
#include "util.h"

/* Targets point into it, so it is made once; where CXL has nothing, that is found out once. */
int spaces_all(const struct nsinfo **v, size_t *n)
{
	static struct nsinfo *all;
	static size_t nall;
	static bool none;
	const struct nsinfo *own = NULL;
	size_t nown = 0;
	int rc;

	if (!all) {
		rc = machine->namespaces(&own, &nown);
		if (!rc && !none)
			rc = cxl_daxes(&all, &nall);
		if (rc || !nall) {
			free(all);
			all = NULL;
			none = !rc;
			*v = own;
			*n = rc ? 0 : nown;
			return rc;
		}
		all = xrealloc(all, (nall + nown) * sizeof(*all));
		memmove(all + nown, all, nall * sizeof(*all));
		if (nown)
			memcpy(all, own, nown * sizeof(*all));
		nall += nown;
	}
	*v = all;
	*n = nall;
	return 0;
}

int spaces_find(const struct nsinfo **v, size_t *n)
{
	int rc = spaces_all(v, n);

	return rc ? complain(EXIT_SETUP, "cannot list the namespaces: %s",
			     strerror(-rc)) : EXIT_OK;
}
