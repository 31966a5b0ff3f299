/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: DIMMs that are locked
 *
 * What a locked DIMM has cannot be read.  The firmware knows which is, and says so
 * after each reset.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "migration/vmstate.h"
#include "nvdimm-poison.h"

unsigned poison_lock_set(NvdimmPoison *s, PoisonDimm *d, uint32_t value)
{
    if (!d->nvdimm || value > 1) {
        return POISON_ST_RANGE;
    }
    qatomic_set(&d->locked, value);
    poison_dimm_count(s);
    poison_cpu_flush();
    if (value) {
        poison_dimm_drop_code(d, 0, d->size);
    }
    return POISON_ST_OK;
}

void poison_lock_reset(NvdimmPoison *s)
{
    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        if (s->map->dimm[i]->locked) {
            poison_lock_set(s, s->map->dimm[i], 0);
        }
    }
}

/* ---- migration ---------------------------------------------------------- */

void poison_lock_forget(NvdimmPoison *s)
{
    g_clear_pointer(&s->locks, g_free);
    s->locks_n = 0;
}

void poison_lock_take(NvdimmPoison *s)
{
    for (uint32_t i = 0; i < s->locks_n; i++) {
        PoisonDimm *d = poison_dimm_by_handle(s, s->locks[i]);

        if (d) {
            poison_lock_set(s, d, 1);
        }
    }
    poison_lock_forget(s);
}

static bool needed(void *opaque)
{
    NvdimmPoison *s = opaque;

    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        if (s->map->dimm[i]->locked) {
            return true;
        }
    }
    return false;
}

static int pre_save(void *opaque)
{
    NvdimmPoison *s = opaque;
    GArray *out = g_array_new(false, false, sizeof(uint32_t));

    poison_lock_forget(s);
    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        if (s->map->dimm[i]->locked) {
            g_array_append_val(out, s->map->dimm[i]->handle);
        }
    }
    s->locks_n = out->len;
    s->locks = (uint32_t *)g_array_free(out, false);
    return 0;
}

const VMStateDescription poison_lock_vmstate = {
    .name = TYPE_NVDIMM_POISON "/locks",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = needed,
    .pre_save = pre_save,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32(locks_n, NvdimmPoison),
        VMSTATE_VARRAY_UINT32_ALLOC(locks, NvdimmPoison, locks_n, 1,
                                    vmstate_info_uint32, uint32_t),
        VMSTATE_END_OF_LIST()
    },
};
