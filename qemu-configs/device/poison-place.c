/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: where a DIMM is in an interleave set
 */
#include "poison.h"
#include "poison-place.h"

bool poison_place_offset(const PoisonPlace *p, uint64_t pa, uint64_t *offset)
{
    uint64_t in = pa - p->base, line = in / POISON_SET_LINE;

    if (p->ways == 1) {
        *offset = in;
        return in < p->size;
    }
    *offset = line / p->ways * POISON_SET_LINE + in % POISON_SET_LINE;
    return line % p->ways == p->index && *offset < p->size;
}

uint64_t poison_place_address(const PoisonPlace *p, uint64_t offset)
{
    uint64_t line = offset / POISON_SET_LINE;

    if (p->ways == 1) {
        return p->base + offset;
    }
    return p->base + (line * p->ways + p->index) * POISON_SET_LINE +
           offset % POISON_SET_LINE;
}
