/* SPDX-License-Identifier: GPL-2.0 */
/* The data side of a repair: keep what can be read, write whole pages. */
#ifndef POISONCTL_REWRITE_H
#define POISONCTL_REWRITE_H

#include "repair.h"

/**
 * rewrite_prepare() - open the target and salvage its pages into memory
 * @r: found and pages are filled
 *
 * Reads through the block device, sector by sector, and only sectors that are
 * not known to be bad.  Must come before anything is planted for the repair.
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int rewrite_prepare(struct repair *r);

/**
 * rewrite_pages() - write every page of r->pages, and make it durable
 *
 * Return: EXIT_OK; EXIT_PARTLY or EXIT_SETUP after a complaint.
 */
int rewrite_pages(struct repair *r);

/**
 * rewrite_end() - close what rewrite_prepare() opened
 */
void rewrite_end(struct repair *r);

/**
 * rewrite_devdax() - store zeroes into the cleared ranges of a device-dax
 *
 * Return: EXIT_OK, or EXIT_SETUP after a complaint.
 */
int rewrite_devdax(struct repair *r);

#endif
