/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: migration of lists that no media has
 *
 * A list in a label area goes with the label area, or stays in the shared file.
 * That of ordinary RAM goes here, and that of an NVDIMM that has no room for one or
 * that is read-only.  A list is (handle, 0, 0), then (handle, start, count) for
 * each of its ranges.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "migration/vmstate.h"
#include "qemu/error-report.h"
#include "nvdimm-poison.h"

#define DWORDS              3       /* a range, as it goes */

static bool has_no_media(const PoisonDimm *d)
{
    return d->list && !d->mr;
}

void poison_lists_forget(NvdimmPoison *s)
{
    g_clear_pointer(&s->moved, g_free);
    s->moved_n = 0;
}

static void clear_all(PoisonList *list)
{
    uint32_t start, count;
    uint64_t pos = 0;

    while (poison_list_next(list, &pos, &start, &count)) {
        poison_list_clear(list, start, count);
    }
}

void poison_lists_take(NvdimmPoison *s, PoisonDimm *d)
{
    for (uint32_t i = 0; i + DWORDS <= s->moved_n; i += DWORDS) {
        const uint32_t *range = &s->moved[i];

        if (range[0] != d->handle || !has_no_media(d)) {
            continue;
        }
        if (!range[2]) {
            clear_all(d->list);
        } else if (poison_list_plant(d->list, range[1], range[2]) !=
                   POISON_ST_OK) {
            warn_report("nvdimm-poison: a range of the poison list of %s is "
                        "lost", d->name ? d->name : "RAM");
        }
    }
}

static bool needed(void *opaque)
{
    NvdimmPoison *s = opaque;

    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        PoisonDimm *d = s->map->dimm[i];

        if (has_no_media(d) && (d->copy || poison_list_ranges(d->list))) {
            return true;
        }
    }
    return false;
}

static void add_list(GArray *out, PoisonDimm *d)
{
    uint32_t range[DWORDS] = { d->handle };
    uint64_t pos = 0;

    do {
        g_array_append_vals(out, range, DWORDS);
    } while (poison_list_next(d->list, &pos, &range[1], &range[2]));
}

static int pre_save(void *opaque)
{
    NvdimmPoison *s = opaque;
    GArray *out = g_array_new(false, false, sizeof(uint32_t));

    poison_lists_forget(s);
    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        if (has_no_media(s->map->dimm[i])) {
            add_list(out, s->map->dimm[i]);
        }
    }
    s->moved_n = out->len;
    s->moved = (uint32_t *)g_array_free(out, false);
    return 0;
}

const VMStateDescription poison_lists_vmstate = {
    .name = TYPE_NVDIMM_POISON "/lists",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = needed,
    .pre_save = pre_save,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32(moved_n, NvdimmPoison),
        VMSTATE_VARRAY_UINT32_ALLOC(moved, NvdimmPoison, moved_n, 1,
                                    vmstate_info_uint32, uint32_t),
        VMSTATE_END_OF_LIST()
    },
};
