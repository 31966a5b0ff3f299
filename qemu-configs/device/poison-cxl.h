/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of CXL type-3 devices: what of them the other parts see
 *
 * Where this QEMU's CXL is not known to the device, poison-cxl-none.c stands in
 * for poison-cxl.c.
 */
#ifndef POISON_CXL_H
#define POISON_CXL_H

#include "nvdimm-poison.h"

/**
 * poison_cxl_known - can the poison of CXL devices bite in this QEMU?
 * @errp: set if not
 *
 * Context: BQL.
 * Return: false if @errp was set.
 */
bool poison_cxl_known(Error **errp);

/**
 * poison_cxl_take - from now on, reads of poison in the machine's CXL windows fail
 * @s: the device
 * @errp: set if there is no window, or if one is not as it is expected to be
 *
 * Context: BQL; the machine is complete.
 * Return: false if @errp was set; no window is changed then.
 */
bool poison_cxl_take(NvdimmPoison *s, Error **errp);

/**
 * poison_cxl_meets - does a read meet poison of a CXL device?
 * @pa: guest physical address
 * @size: bytes
 * @hit: set to the first byte of the access that lies in a poisoned line
 *
 * Context: BQL.
 */
bool poison_cxl_meets(hwaddr pa, unsigned size, hwaddr *hit);

/* poison-cxl-list.c */

/**
 * poison_cxl_take_mailboxes - lists of poison that are too long are given in parts
 * @errp: set if a mailbox is not as it is expected to be
 *
 * Context: BQL; the machine is complete.
 * Return: false if @errp was set.
 */
bool poison_cxl_take_mailboxes(Error **errp);

#endif /* POISON_CXL_H */
