/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: the DIMMs of the machine and their lists
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "hw/mem/pc-dimm.h"
#include "qapi/error.h"
#include "qemu/bitmap.h"
#include "qemu/error-report.h"
#include "qemu/lockable.h"
#include "qemu/nvdimm-utils.h"
#include "qemu/units.h"
#include "nvdimm-poison.h"
#include "poison-trace.h"

/* a list that lies nowhere but in our memory has this many slots */
#define VOLATILE_SLOTS      16384

#define GRANULES_MAX        (1ull << 32)    /* what 32-bit registers reach */
#define SCRAMBLE_BYTE       0xde

QEMU_BUILD_BUG_ON(TARGET_PAGE_SIZE % 256);  /* no line spans two pages */
/* nor has a page lines of two DIMMs of a set */
QEMU_BUILD_BUG_ON(POISON_SET_LINE % TARGET_PAGE_SIZE);

/* ---- page filter -------------------------------------------------------- */

static uint64_t page_of(uint64_t granule)
{
    return granule >> (TARGET_PAGE_BITS - POISON_GRANULE_SHIFT);
}

static void filter_set(PoisonDimm *d, uint32_t start, uint32_t count)
{
    uint64_t first = page_of(start);

    bitmap_set_atomic(d->filter, first,
                      page_of((uint64_t)start + count - 1) - first + 1);
}

/* the range was cleared; pages at its ends may hold poison beside it */
static void filter_clear(PoisonDimm *d, uint32_t start, uint32_t count)
{
    const uint32_t per_page = TARGET_PAGE_SIZE / POISON_GRANULE;
    uint64_t first = page_of(start);
    uint64_t last = page_of((uint64_t)start + count - 1);
    uint32_t window, n;

    window = first * per_page;
    n = per_page;
    if (poison_list_find(d->list, &window, &n) == POISON_ST_OK) {
        first++;
    }
    window = last * per_page;
    n = per_page;
    if (last >= first &&
        poison_list_find(d->list, &window, &n) == POISON_ST_OK) {
        last--;
    }
    if (last + 1 > first) {
        bitmap_clear(d->filter, first, last + 1 - first);
    }
}

static void filter_load(PoisonDimm *d)
{
    uint64_t pos = 0;
    uint32_t start, count;

    while (poison_list_next(d->list, &pos, &start, &count)) {
        filter_set(d, start, count);
    }
}

/* ---- one DIMM ----------------------------------------------------------- */

static void media_stored(void *opaque, size_t offset, size_t size)
{
    PoisonDimm *d = opaque;

    memory_region_set_dirty(d->mr, d->mr_offset + offset, size);
}

/* take up the list in the label area, or a volatile one where none fits */
static bool dimm_open(PoisonDimm *d, Error **errp)
{
    uint64_t label = d->nvdimm ? d->nvdimm->label_size : 0;
    PoisonStored *stored = NULL;
    void *media = NULL;
    size_t size = POISON_HDR_SIZE + VOLATILE_SLOTS * POISON_SLOT_SIZE;
    char why[POISON_WHY_MAX];

    if (label >= POISON_LIST_OFFSET + POISON_HDR_SIZE + POISON_SLOT_SIZE) {
        MemoryRegion *mr = host_memory_backend_get_memory(
            PC_DIMM(d->nvdimm)->hostmem);

        media = d->nvdimm->label_data + POISON_LIST_OFFSET;
        size = label - POISON_LIST_OFFSET;
        if (memory_region_is_rom(mr)) {
            d->copy = media = g_memdup2(media, size);
        } else {
            d->mr = mr;
            d->mr_offset = memory_region_size(mr) - size;
            stored = media_stored;
        }
    }
    if (poison_list_open(&d->list, media, size, d->size / POISON_GRANULE,
                         stored, d, why) != POISON_OPEN_OK) {
        error_setg(errp, "nvdimm-poison: the poison list of nvdimm '%s' is "
                   "refused: %s", d->name, why);
        return false;
    }
    return true;
}

static void dimm_free(PoisonDimm *d)
{
    poison_list_close(d->list);
    g_free(d->placed);
    g_free(d->copy);
    g_free(d->filter);
    g_free(d->name);
    g_free(d);
}

static PoisonDimm *dimm_new(NVDIMMDevice *nvdimm)
{
    PoisonDimm *d = g_new0(PoisonDimm, 1);

    d->nvdimm = nvdimm;
    d->size = GRANULES_MAX * POISON_GRANULE;
    d->handle = POISON_RAM_HANDLE;
    if (nvdimm) {
        uint64_t size = memory_region_size(nvdimm->nvdimm_mr);

        object_ref(OBJECT(nvdimm));
        d->name = DEVICE(nvdimm)->id ? g_strdup(DEVICE(nvdimm)->id) :
                  g_strdup_printf("slot %d", PC_DIMM(nvdimm)->slot);
        d->handle = PC_DIMM(nvdimm)->slot + 1;
        d->base = PC_DIMM(nvdimm)->addr;
        if (size > d->size) {
            warn_report("nvdimm-poison: nvdimm '%s' has %" PRIu64 " GiB, the "
                        "first 256 can be poisoned", d->name,
                        size / GiB);
        }
        d->size = MIN(size, d->size);
    }
    d->filter = bitmap_new(d->size / TARGET_PAGE_SIZE);
    poison_set_new_dimm(d);
    return d;
}

/* ---- all DIMMs ---------------------------------------------------------- */

void poison_dimm_count(NvdimmPoison *s)
{
    uint32_t n = 0, locked = 0;

    for (unsigned i = 0; i < s->map->n; i++) {
        if (s->map->dimm[i]->list) {
            n += poison_list_ranges(s->map->dimm[i]->list);
        }
        locked += s->map->dimm[i]->locked;
    }
    s->ranges = n;
    qatomic_set(&s->bites, n + locked);
}

/* what of the old map is still true is taken out of it */
static PoisonDimm *map_take(PoisonMap *map, NVDIMMDevice *nvdimm)
{
    for (unsigned i = 0; map && i < map->n; i++) {
        PoisonDimm *d = map->dimm[i];

        if (d && d->nvdimm == nvdimm) {
            map->dimm[i] = NULL;
            return d;
        }
    }
    return NULL;
}

static void map_add(NvdimmPoison *s, PoisonMap *map, PoisonMap *old,
                    NVDIMMDevice *nvdimm, Error **errp)
{
    PoisonDimm *d = s->reload ? NULL : map_take(old, nvdimm);

    if (!d) {
        Error *err = NULL;

        d = dimm_new(nvdimm);
        if (dimm_open(d, &err)) {
            if (s->reload) {
                poison_lists_take(s, d);
            }
            filter_load(d);
        } else {
            error_propagate(errp, err);     /* keeps the first one */
        }
    }
    map->dimm[map->n++] = d;
}

static gint by_slot(gconstpointer a, gconstpointer b, gpointer unused)
{
    return PC_DIMM(a)->slot - PC_DIMM(b)->slot;
}

bool poison_dimm_refresh(NvdimmPoison *s, Error **errp)
{
    ERRP_GUARD();
    GSList *list, *l;
    PoisonMap *map, *shown = s->map, *old = NULL;

    if (s->ready && !s->stale && !s->reload) {
        return true;
    }
    list = g_slist_sort_with_data(nvdimm_get_device_list(), by_slot, NULL);
    map = g_malloc0(sizeof(*map) +
                    (g_slist_length(list) + 1) * sizeof(map->dimm[0]));
    if (shown) {                            /* vCPUs may be reading it */
        old = g_memdup2(shown, sizeof(*shown) +
                        shown->n * sizeof(shown->dimm[0]));
    }
    for (l = list; l; l = l->next) {
        NVDIMMDevice *nvdimm = NVDIMM(l->data);

        if (DEVICE(nvdimm)->realized) {
            map_add(s, map, old, nvdimm, errp);
        }
    }
    g_slist_free(list);
    if (s->ram) {
        map_add(s, map, old, NULL, errp);
    }
    qatomic_rcu_set(&s->map, map);
    for (unsigned i = 0; old && i < old->n; i++) {
        if (old->dimm[i]) {
            object_unref(OBJECT(old->dimm[i]->nvdimm));
            call_rcu(old->dimm[i], dimm_free, rcu);
        }
    }
    g_free(old);
    if (shown) {
        g_free_rcu(shown, rcu);
    }
    if (s->reload) {
        poison_lists_forget(s);
        poison_set_take(s);
        poison_lock_take(s);
    }
    s->ready = true;
    s->stale = s->reload = false;
    poison_dimm_count(s);
    poison_cpu_flush();
    return !*errp;
}

PoisonDimm *poison_dimm_by_handle(NvdimmPoison *s, uint32_t handle)
{
    PoisonMap *map = qatomic_rcu_read(&s->map);

    for (unsigned i = 0; map && i < map->n; i++) {
        if (map->dimm[i]->handle == handle) {
            return map->dimm[i];
        }
    }
    return NULL;
}

PoisonDimm *poison_dimm_by_address(NvdimmPoison *s, hwaddr pa,
                                   uint64_t *offset)
{
    PoisonMap *map = qatomic_rcu_read(&s->map);

    for (unsigned i = 0; map && i < map->n; i++) {
        PoisonPlaced *placed = qatomic_rcu_read(&map->dimm[i]->placed);

        if (poison_place_offset(&placed->at, pa, offset)) {
            return map->dimm[i];
        }
    }
    return NULL;
}

PoisonDimm *poison_dimm_by_id(NvdimmPoison *s, const char *id)
{
    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        PoisonDimm *d = s->map->dimm[i];

        if (d->nvdimm && !g_strcmp0(DEVICE(d->nvdimm)->id, id)) {
            return d;
        }
    }
    return NULL;
}

/* ---- plant and clear ---------------------------------------------------- */

typedef bool SectionFn(MemoryRegionSection *sec);

/* stops, and returns false, at the first section for which @fn does */
static bool for_each_section(hwaddr pa, uint64_t len, SectionFn *fn)
{
    while (len) {
        MemoryRegionSection sec = memory_region_find(get_system_memory(), pa,
                                                     len);
        uint64_t n;
        bool ok;

        if (!sec.mr) {
            return false;
        }
        ok = sec.offset_within_address_space == pa && fn(&sec);
        n = int128_get64(sec.size);
        memory_region_unref(sec.mr);
        if (!ok) {
            return false;
        }
        pa += n;
        len -= n;
    }
    return true;
}

static bool section_is_plain_ram(MemoryRegionSection *sec)
{
    return memory_region_is_ram(sec->mr) && !sec->readonly &&
           !sec->nonvolatile && !memory_region_is_ram_device(sec->mr);
}

/* translated code was fetched before the poison came */
static bool section_drop_code(MemoryRegionSection *sec)
{
    ram_addr_t ram, len = int128_get64(sec->size);

    if (memory_region_is_ram(sec->mr)) {
        ram = memory_region_get_ram_addr(sec->mr) + sec->offset_within_region;
        if (poison_tb_may_be(ram, len)) {
            poison_tb_invalidate(ram, len);
        }
    }
    return true;
}

bool poison_dimm_is_memory(PoisonDimm *d, hwaddr pa, uint64_t len)
{
    uint64_t offset;

    if (d->nvdimm) {
        return poison_place_offset(&d->placed->at, pa, &offset) &&
               len <= d->size - offset;
    }
    return for_each_section(pa, len, section_is_plain_ram);
}

/* of one that is in a set, the lines of others that lie between its own go with them */
void poison_dimm_drop_code(PoisonDimm *d, uint64_t offset, uint64_t len)
{
    hwaddr from = poison_place_address(&d->placed->at, offset);

    for_each_section(from, poison_place_address(&d->placed->at,
                                                offset + len - 1) + 1 - from,
                     section_drop_code);
}

void poison_dimm_set_bytes(PoisonDimm *d, uint64_t offset, uint64_t len,
                           uint8_t value)
{
    uint64_t n;

    for (; len; offset += n, len -= n) {
        n = len;
        if (d->placed->at.ways > 1) {
            n = MIN(n, POISON_SET_LINE - offset % POISON_SET_LINE);
        }
        address_space_set(&address_space_memory,
                          poison_place_address(&d->placed->at, offset), value,
                          n, MEMTXATTRS_UNSPECIFIED);
    }
}

unsigned poison_dimm_plant(NvdimmPoison *s, PoisonDimm *d, uint32_t start,
                           uint32_t count)
{
    uint64_t offset = (uint64_t)start * POISON_GRANULE;
    uint64_t len = (uint64_t)count * POISON_GRANULE;
    unsigned st = POISON_ST_DAMAGED;

    if (d->list && ((s->scramble && len > POISON_SCRAMBLE_MAX) ||
                    (!d->nvdimm && !poison_dimm_is_memory(d, offset, len)))) {
        st = POISON_ST_RANGE;
    } else if (d->list) {
        WITH_QEMU_LOCK_GUARD(&s->lock) {
            st = poison_list_plant(d->list, start, count);
        }
    }
    trace_nvdimm_poison_plant(d->handle, offset, len, st);
    if (st != POISON_ST_OK) {
        return st;
    }
    s->plants++;
    filter_set(d, start, count);
    poison_dimm_count(s);
    if (s->scramble) {
        poison_dimm_set_bytes(d, offset, len, SCRAMBLE_BYTE);
    }
    poison_cpu_flush();
    poison_dimm_drop_code(d, offset, len);
    return st;
}

unsigned poison_dimm_clear(NvdimmPoison *s, PoisonDimm *d, uint32_t start,
                           uint32_t count)
{
    unsigned st = POISON_ST_DAMAGED;

    if (d->list) {
        WITH_QEMU_LOCK_GUARD(&s->lock) {
            st = poison_list_clear(d->list, start, count);
        }
    }
    trace_nvdimm_poison_clear(d->handle, (uint64_t)start * POISON_GRANULE,
                              (uint64_t)count * POISON_GRANULE, st);
    if (st == POISON_ST_OK) {
        s->clears++;
        filter_clear(d, start, count);
        poison_dimm_count(s);
    }
    return st;
}

unsigned poison_dimm_make_list(NvdimmPoison *s, PoisonDimm *d)
{
    if (!d->mr) {
        return POISON_ST_NONE;
    }
    WITH_QEMU_LOCK_GUARD(&s->lock) {
        poison_list_make(d->list);
    }
    return POISON_ST_OK;
}

/* ---- what a vCPU asks --------------------------------------------------- */

PoisonDimm *poison_dimm_suspect(NvdimmPoison *s, hwaddr pa, uint64_t *offset)
{
    PoisonDimm *d = poison_dimm_by_address(s, pa, offset);
    uint64_t page;

    if (!d) {
        return NULL;
    }
    if (unlikely(qatomic_read(&d->locked))) {
        return d;
    }
    page = *offset >> TARGET_PAGE_BITS;
    return qatomic_read(&d->filter[BIT_WORD(page)]) & BIT_MASK(page) ? d : NULL;
}

bool poison_dimm_page(NvdimmPoison *s, PoisonDimm *d, hwaddr pa,
                      uint64_t offset, unsigned size, hwaddr *hit)
{
    uint64_t page = ROUND_DOWN(offset, TARGET_PAGE_SIZE);
    uint64_t from = ROUND_DOWN(offset, s->line_size);
    uint64_t to = MIN(ROUND_UP(offset + MAX(size, 1), s->line_size),
                      page + TARGET_PAGE_SIZE);
    uint32_t start = page / POISON_GRANULE;
    uint32_t count = TARGET_PAGE_SIZE / POISON_GRANULE;

    if (unlikely(qatomic_read(&d->locked))) {
        *hit = pa;
        return true;
    }
    QEMU_LOCK_GUARD(&s->lock);
    *hit = HWADDR_MAX;
    s->lookups++;
    if (!d->list ||
        poison_list_find(d->list, &start, &count) != POISON_ST_OK) {
        return false;
    }
    start = from / POISON_GRANULE;
    count = (to - from) / POISON_GRANULE;
    if (poison_list_find(d->list, &start, &count) == POISON_ST_OK) {
        uint64_t line = ROUND_DOWN((uint64_t)start * POISON_GRANULE,
                                   s->line_size);

        *hit = pa + MAX(offset, line) - offset;
    }
    return true;
}
