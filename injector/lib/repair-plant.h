/* SPDX-License-Identifier: GPL-2.0 */
/* What a repair plants and takes back so that a write repairs. */
#ifndef POISONCTL_REPAIR_PLANT_H
#define POISONCTL_REPAIR_PLANT_H

#include "repair.h"

/**
 * repair_latent() - records of the firmware that nothing consumed or listed
 * @back: they are added, as SPA ranges; whole pages of them, so no page that is
 *	listed or PG_hwpoison besides
 */
void repair_latent(const struct repair *r, struct ranges *back);

/**
 * repair_uninject() - take records back in the firmware
 *
 * Return: EXIT_OK; EXIT_SETUP after a note, and the records are planted then.
 */
int repair_uninject(const struct repair *r, const struct ranges *back);

/**
 * repair_unlisted() - what must be planted before a write repairs
 * @plant: receives it: the firmware's record of each page that is not listed,
 *	of a page that is PG_hwpoison alone its first sector
 */
void repair_unlisted(const struct repair *r, struct ranges *plant);

/**
 * repair_plant() - plant it, and wait until it is listed
 * @plant: of repair_unlisted(); the pages are kept already
 * @skip: receives the pages that were not listed in time.  What was planted in
 *	them is taken back, so that their data is where it was
 *
 * r->planted has the pages that are listed because of it and must be written,
 * also after a failure.
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int repair_plant(struct repair *r, const struct ranges *plant,
		 struct ranges *skip, struct deadline d);

#endif
