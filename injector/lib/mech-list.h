/* SPDX-License-Identifier: GPL-2.0 */
/* The list of mechanisms: who has which flag. */
#ifndef POISONCTL_MECH_LIST_H
#define POISONCTL_MECH_LIST_H

#include "mech.h"

/**
 * mech_has_flag() - is it one of its own?
 */
bool mech_has_flag(const struct mech *m, const char *flag);

/**
 * mech_of_flag() - whose flag is it?
 *
 * Return: the back end, NULL if it is nobody's.
 */
const struct mech *mech_of_flag(const char *flag);

#endif
