/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: errors that are injected by way of ACPI EINJ, and
 * what the memory controller reports of them
 */
#ifndef POISON_RAS_H
#define POISON_RAS_H

#include "nvdimm-poison.h"

/* the bank of the memory controller; that of NvdimmPoison.bank is a cache's */
#define POISON_RAS_BANK     9

/* Intel SDM volume 3B, 16.9.2: compound codes of a memory controller */
#define MCACOD_MEMORY_READ  0x90
#define MCACOD_SCRUB        0xc0

/**
 * poison_ras_realize - make the window
 * @s: the device
 * @errp: set if the bank of the memory controller is in use
 *
 * Does nothing unless einj=on.
 *
 * Context: BQL.
 * Return: false if @errp was set.
 */
bool poison_ras_realize(NvdimmPoison *s, Error **errp);

/**
 * poison_ras_reset - forget the operation, and what was not met or reported
 * @s: the device
 *
 * Context: BQL.
 */
void poison_ras_reset(NvdimmPoison *s);

/**
 * poison_ras_watches - is there a latent error in this page?
 * @s: the device
 * @pa: guest physical address
 *
 * Context: a vCPU thread; takes no lock.
 */
bool poison_ras_watches(NvdimmPoison *s, hwaddr pa);

/**
 * poison_ras_meet - a vCPU reads; is it the line with the latent error?
 * @s: the device
 * @cs: the vCPU
 * @pa: guest physical address of the access
 * @size: its bytes
 * @hit: set to the first byte of the access that lies in the line
 *
 * A corrected error is latent no more then, and is in the bank of @cs.  A fatal
 * one stays, until reset.
 *
 * Context: the thread of @cs; takes no lock.
 * Return: true if the error is fatal to the reader.
 */
bool poison_ras_meet(NvdimmPoison *s, CPUState *cs, hwaddr pa, unsigned size,
                     hwaddr *hit);

extern const VMStateDescription poison_ras_vmstate;

#endif /* POISON_RAS_H */
