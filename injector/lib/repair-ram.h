/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Repair of System RAM: PG_hwpoison is taken off the page, which is all that
 * software has put there.  Its bytes are what they were; a media error that the
 * hardware has stays.
 */
#ifndef POISONCTL_REPAIR_RAM_H
#define POISONCTL_REPAIR_RAM_H

#include "repair.h"

/**
 * repair_ram() - unpoison every page of r->found.hwp
 *
 * Goes on behind a page that the kernel does not give back, so that as much as
 * possible is repaired.
 *
 * Return: EXIT_OK; the code of the first failure after a complaint:
 * EXIT_UNSUPPORTED where the kernel unpoisons nothing, EXIT_PARTLY for a page
 * that is still in use.
 */
int repair_ram(struct repair *r);

#endif
