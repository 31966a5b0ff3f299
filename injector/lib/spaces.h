/* SPDX-License-Identifier: GPL-2.0 */
/* What targets lie in: namespaces of NVDIMM buses, and device-dax of CXL regions. */
#ifndef POISONCTL_SPACES_H
#define POISONCTL_SPACES_H

#include "platform.h"

/**
 * spaces_all() - the machine's namespaces, and device-dax of CXL regions behind them
 * @v: lives until exit; what is of no NVDIMM bus has the name of its device, and no
 *	name of a bus
 *
 * Return: 0 or -errno.
 */
int spaces_all(const struct nsinfo **v, size_t *n);

/**
 * spaces_find() - the same, and what is wrong is said
 *
 * Return: EXIT_OK, or EXIT_SETUP after a complaint.
 */
int spaces_find(const struct nsinfo **v, size_t *n);

#endif
