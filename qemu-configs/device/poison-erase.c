/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: erasing the data of a DIMM
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "hw/mem/pc-dimm.h"
#include "nvdimm-poison.h"

/*
 * A hole costs neither time nor memory, whatever the size of the DIMM.  One in a file
 * that is mapped privately would be seen by the others who map it.
 */
static bool punch_hole(MemoryRegion *mr, uint64_t offset, uint64_t len)
{
    return memory_region_get_fd(mr) >= 0 && qemu_ram_is_shared(mr->ram_block) &&
           ram_block_discard_range(mr->ram_block, offset, len) == 0;
}

unsigned poison_dimm_erase(PoisonDimm *d, uint32_t *start, uint32_t *count)
{
    uint64_t offset = (uint64_t)*start * POISON_GRANULE;
    uint64_t len = (uint64_t)*count * POISON_GRANULE;
    MemoryRegion *mr;

    if (!d->nvdimm || !len || offset >= d->size || len > d->size - offset) {
        return POISON_ST_RANGE;
    }
    mr = host_memory_backend_get_memory(PC_DIMM(d->nvdimm)->hostmem);
    if (memory_region_is_rom(mr)) {
        return POISON_ST_NONE;
    }
    if (d->placed->at.ways > 1 || !punch_hole(mr, offset, len)) {
        len = MIN(len, POISON_ERASE_MAX);
        poison_dimm_set_bytes(d, offset, len, 0);
    } else {
        memory_region_set_dirty(mr, offset, len);
    }
    poison_cpu_flush();
    poison_dimm_drop_code(d, offset, len);
    *start += len / POISON_GRANULE;
    *count -= len / POISON_GRANULE;
    return POISON_ST_OK;
}
