/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: which DIMMs are interleave sets
 *
 * The firmware says so, by the command PLACE: here, the ACPI overlay.  It moves no data;
 * it moves what is poisoned, which is counted from the start of a DIMM.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "migration/vmstate.h"
#include "nvdimm-poison.h"

#define DWORDS              4       /* a place, as it goes by migration */

/* vCPUs may be reading the old one */
static void put(PoisonDimm *d, unsigned ways, unsigned index,
                PoisonDimm *first)
{
    PoisonPlaced *old = d->placed, *placed = g_new0(PoisonPlaced, 1);

    placed->at = (PoisonPlace) {
        .base = first->base, .size = d->size, .ways = ways, .index = index,
    };
    placed->first = first->handle;
    qatomic_rcu_set(&d->placed, placed);
    if (old) {
        g_free_rcu(old, rcu);
    }
}

void poison_set_new_dimm(PoisonDimm *d)
{
    put(d, 1, 0, d);
}

unsigned poison_set_place(NvdimmPoison *s, PoisonDimm *d, unsigned ways,
                          unsigned index, uint32_t first_handle)
{
    PoisonDimm *first = poison_dimm_by_handle(s, first_handle);

    if (!first || !first->nvdimm) {
        return POISON_ST_DIMM;
    }
    if (!d->nvdimm || index >= ways || d->size % POISON_SET_LINE ||
        (ways == 1 && first != d)) {
        return POISON_ST_RANGE;
    }
    put(d, ways, index, first);
    poison_cpu_flush();
    return POISON_ST_OK;
}

void poison_set_reset(NvdimmPoison *s)
{
    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        put(s->map->dimm[i], 1, 0, s->map->dimm[i]);
    }
    poison_cpu_flush();
}

/* ---- migration ---------------------------------------------------------- */

void poison_set_forget(NvdimmPoison *s)
{
    g_clear_pointer(&s->places, g_free);
    s->places_n = 0;
}

void poison_set_take(NvdimmPoison *s)
{
    for (uint32_t i = 0; i + DWORDS <= s->places_n; i += DWORDS) {
        const uint32_t *p = &s->places[i];
        PoisonDimm *d = poison_dimm_by_handle(s, p[0]);

        if (d) {
            poison_set_place(s, d, p[1], p[2], p[3]);
        }
    }
    poison_set_forget(s);
}

static bool needed(void *opaque)
{
    NvdimmPoison *s = opaque;

    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        if (s->map->dimm[i]->placed->at.ways > 1) {
            return true;
        }
    }
    return false;
}

static int pre_save(void *opaque)
{
    NvdimmPoison *s = opaque;
    GArray *out = g_array_new(false, false, sizeof(uint32_t));

    poison_set_forget(s);
    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        PoisonDimm *d = s->map->dimm[i];
        uint32_t place[DWORDS] = {
            d->handle, d->placed->at.ways, d->placed->at.index,
            d->placed->first,
        };

        if (d->placed->at.ways > 1) {
            g_array_append_vals(out, place, DWORDS);
        }
    }
    s->places_n = out->len;
    s->places = (uint32_t *)g_array_free(out, false);
    return 0;
}

const VMStateDescription poison_set_vmstate = {
    .name = TYPE_NVDIMM_POISON "/sets",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = needed,
    .pre_save = pre_save,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32(places_n, NvdimmPoison),
        VMSTATE_VARRAY_UINT32_ALLOC(places, NvdimmPoison, places_n, 1,
                                    vmstate_info_uint32, uint32_t),
        VMSTATE_END_OF_LIST()
    },
};
