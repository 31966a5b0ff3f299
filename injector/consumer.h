/* SPDX-License-Identifier: GPL-2.0 */
/* What runs inside a child process. */
#ifndef POISONCTL_CONSUMER_H
#define POISONCTL_CONSUMER_H

#include "child.h"

/**
 * consumer_main() - body of a child process
 * @plan: what to do
 * @go: read end of the pipe from the parent
 * @report: write end of the pipe to the parent
 *
 * Does not return.
 */
void consumer_main(const struct child_plan *plan, int go, int report)
	__attribute__((noreturn));

#endif
