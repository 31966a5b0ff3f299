/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel does if somebody consumes bytes. */
#ifndef POISONCTL_WHO_FATE_H
#define POISONCTL_WHO_FATE_H

#include "expect.h"
#include "platform.h"

/* All static; NULL: does not happen, or is not known. */
struct fate {
	const char *page_type;	/* as memory_failure() calls it */
	const char *result;	/* and what it says of its work */
	const char *load;	/* code of the SIGBUS, "none", or "panic" */
	const char *read;	/* errno of read(2) */
};

enum early { EARLY_UNKNOWN, EARLY_NO, EARLY_YES };

/* What of the kernel decides; the same for all bytes. */
struct fate_rules {
	bool read;
	bool known;		/* @family is */
	enum family family;
	enum early early;	/* vm.memory_failure_early_kill */
};

/**
 * who_rules() - look at the kernel, unless that was done
 */
void who_rules(struct fate_rules *rules);

/**
 * who_fate() - what happens to who consumes bytes
 * @rules: of who_rules()
 * @ns: where they are; NULL: in System RAM
 * @o: who has them
 * @spa: of the first one; of System RAM its page's flags decide
 */
void who_fate(const struct fate_rules *rules, const struct nsinfo *ns,
	      const struct owner *o, uint64_t spa, struct fate *f);

/**
 * who_early() - is a process told when another one consumes a page that it maps?
 * @pid: as in /proc
 *
 * PR_MCE_KILL of each of its threads, or vm.memory_failure_early_kill.
 */
enum early who_early(const struct fate_rules *rules, const char *pid);

#endif
