/* SPDX-License-Identifier: GPL-2.0 */
/* Repair of a file by punching: it gives up the blocks that hold poison. */
#ifndef POISONCTL_PUNCH_H
#define POISONCTL_PUNCH_H

#include "repair.h"

/**
 * punch_pages() - punch every page of r->pages out of the file
 * @r: the target is reached by a file; r->lost and r->punched are filled
 *
 * The pages read as zeroes then, and a later write gets new blocks.  The blocks
 * that were given up keep their poison until the filesystem zeroes or writes
 * them for somebody.
 *
 * Return: EXIT_OK if the file maps none of the pages any more; EXIT_PARTLY or
 * EXIT_SETUP after a complaint.
 */
int punch_pages(struct repair *r);

#endif
