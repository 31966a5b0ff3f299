/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: where a DIMM is in an interleave set
 *
 * Lines are POISON_SET_LINE bytes (poison.h).  No QEMU types.
 */
#ifndef POISON_PLACE_H
#define POISON_PLACE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct PoisonPlace {
    uint64_t base;                  /* guest physical address of the set */
    uint64_t size;                  /* bytes of the DIMM, whole lines */
    uint32_t ways;                  /* 1: the DIMM is on its own */
    uint32_t index;                 /* of its first line in the set */
} PoisonPlace;

/**
 * poison_place_offset - where in the DIMM is an address?
 * @p: the DIMM's place
 * @pa: guest physical address
 * @offset: set to the bytes from the start of the DIMM
 *
 * Return: false if the address is not of the DIMM.
 */
bool poison_place_offset(const PoisonPlace *p, uint64_t pa, uint64_t *offset);

/**
 * poison_place_address - which address has a byte of the DIMM?
 * @p: the DIMM's place
 * @offset: bytes from the start of the DIMM
 *
 * Return: guest physical address.
 */
uint64_t poison_place_address(const PoisonPlace *p, uint64_t offset);

#endif /* POISON_PLACE_H */
