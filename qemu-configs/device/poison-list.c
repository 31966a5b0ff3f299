/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The list of poisoned ranges of one DIMM, see poison-list.h
 *
 * How a change stays whole if the writer dies: a slot is only ever in one of
 * three states on media, valid, free (all zero, or not below HIGH), or torn
 * with INTENT naming it, which reads as free.  Taking a slot turns free into
 * torn and, with the store of its check word (or of HIGH, for a slot that was
 * never in use), into valid.  Freeing it turns valid into torn with the first
 * store that changes it.  So each of the two has one store at which it happens,
 * and a range that grows or shrinks is first taken anew and then freed.
 */
#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "poison-format.h"
#include "poison-index.h"
#include "poison-list.h"

struct PoisonList {
    uint8_t *media;
    void *heap;                 /* what media points to, when there is none */
    PoisonStored *stored;
    void *opaque;
    uint64_t granules;
    uint32_t room;              /* slots behind the header */
    uint32_t capacity;          /* as the header says */
    uint32_t high;
    uint32_t used;
    uint32_t free;              /* first of the free slots below high */
    bool formatted;
    PoisonIndex ix;
};

static uint32_t load(const PoisonList *p, size_t offset)
{
    return le32toh(__atomic_load_n((uint32_t *)(p->media + offset),
                                   __ATOMIC_ACQUIRE));
}

/* release: no store moves across another, by compiler or processor */
static void store(PoisonList *p, size_t offset, uint32_t value)
{
    __atomic_store_n((uint32_t *)(p->media + offset), htole32(value),
                     __ATOMIC_RELEASE);
    if (p->stored) {
        p->stored(p->opaque, offset, sizeof(value));
    }
}

static size_t slot_offset(uint32_t slot)
{
    return POISON_HDR_SIZE + (size_t)slot * POISON_SLOT_SIZE;
}

/* slots that ranges may take: none of those that hold the overlay's record */
static uint32_t usable(const PoisonList *p)
{
    uint32_t rest = p->capacity - POISON_SECURITY_SLOTS;

    bool kept = p->formatted && p->capacity >= POISON_SECURITY_SLOTS + 2 &&
                p->high <= rest &&
                poison_security_is_at(p->media + slot_offset(rest));

    return kept ? rest : p->capacity;
}

/* ---- opening ------------------------------------------------------------ */

/* the header of a new list, without MAGIC0 */
static void new_header(const PoisonList *p, uint32_t made[POISON_HDR_SIZE / 4])
{
    memset(made, 0, POISON_HDR_SIZE);
    made[POISON_HDR_MAGIC1 / 4] = POISON_MAGIC1;
    made[POISON_HDR_VERSION / 4] = POISON_VERSION;
    made[POISON_HDR_CAPACITY / 4] = p->room;
    made[POISON_HDR_CHECK / 4] = poison_header_sum(
        POISON_MAGIC0, POISON_MAGIC1, POISON_VERSION, p->room);
}

/* empty, but for as many bytes of a new header as its writer left who died */
static bool is_blank(const PoisonList *p, size_t size)
{
    uint32_t made[POISON_HDR_SIZE / 4];
    size_t i = 0;

    new_header(p, made);
    while (i < POISON_HDR_SIZE &&
           p->media[i] == (uint8_t)(made[i / 4] >> i % 4 * 8)) {
        i++;
    }
    while (i < size && p->media[i] == 0) {
        i++;
    }
    return i == size;
}

static PoisonOpen read_header(PoisonList *p, size_t size, char *why)
{
    uint32_t magic0 = load(p, POISON_HDR_MAGIC0);
    uint32_t magic1 = load(p, POISON_HDR_MAGIC1);
    uint32_t version = load(p, POISON_HDR_VERSION);
    uint32_t capacity = load(p, POISON_HDR_CAPACITY);
    uint32_t check = load(p, POISON_HDR_CHECK);
    uint32_t sum = poison_header_sum(magic0, magic1, version, capacity);
    uint32_t high = load(p, POISON_HDR_HIGH);
    uint32_t intent = load(p, POISON_HDR_INTENT);

    p->capacity = p->room;
    if (magic0 == 0 && is_blank(p, size)) {
        return POISON_OPEN_OK;
    }
    if (magic0 != POISON_MAGIC0 || magic1 != POISON_MAGIC1) {
        snprintf(why, POISON_WHY_MAX, "not a poison list: begins with "
                 "0x%08x 0x%08x", magic0, magic1);
        return POISON_OPEN_FOREIGN;
    }
    if (check != sum) {
        snprintf(why, POISON_WHY_MAX, "check word of the header is 0x%08x, "
                 "should be 0x%08x", check, sum);
        return POISON_OPEN_DAMAGED;
    }
    if (version != POISON_VERSION) {
        snprintf(why, POISON_WHY_MAX, "version is %u, known is %u", version,
                 POISON_VERSION);
        return POISON_OPEN_FOREIGN;
    }
    if (capacity > p->room) {
        snprintf(why, POISON_WHY_MAX, "capacity is %u, room is for %u",
                 capacity, p->room);
        return POISON_OPEN_DAMAGED;
    }
    if (high > capacity || intent > capacity) {
        snprintf(why, POISON_WHY_MAX, "high is %u and intent %u of %u slots",
                 high, intent, capacity);
        return POISON_OPEN_DAMAGED;
    }
    p->capacity = capacity;
    p->high = high;
    p->formatted = true;
    return POISON_OPEN_OK;
}

typedef struct Slot {
    uint32_t start, count, check, zero;
} Slot;

static Slot read_slot(const PoisonList *p, uint32_t slot)
{
    size_t at = slot_offset(slot);

    return (Slot) {
        .start = load(p, at + POISON_SLOT_START),
        .count = load(p, at + POISON_SLOT_COUNT),
        .check = load(p, at + POISON_SLOT_CHECK),
        .zero = load(p, at + POISON_SLOT_ZERO),
    };
}

static bool slot_is_free(const Slot *s)
{
    return !(s->start | s->count | s->check | s->zero);
}

static bool slot_is_valid(const PoisonList *p, uint32_t slot, const Slot *s)
{
    return s->count && !s->zero &&
           s->check == poison_check_word(slot, s->start, s->count) &&
           (uint64_t)s->start + s->count <= p->granules;
}

static void push_free(PoisonList *p, uint32_t slot)
{
    p->ix.node[slot].count = 0;
    p->ix.node[slot].left = p->free;
    p->free = slot;
}

static PoisonOpen read_slots(PoisonList *p, char *why)
{
    uint32_t torn = load(p, POISON_HDR_INTENT) - 1;     /* or POISON_NIL */

    for (uint32_t slot = p->high; slot-- > 0;) {
        Slot s = read_slot(p, slot);

        if (slot_is_valid(p, slot, &s)) {
            poison_index_insert(&p->ix, slot, s.start, s.count);
            p->used++;
        } else if (slot_is_free(&s) || slot == torn) {
            push_free(p, slot);
        } else {
            snprintf(why, POISON_WHY_MAX, "slot %u is damaged: 0x%x 0x%x "
                     "0x%x 0x%x", slot, s.start, s.count, s.check, s.zero);
            return POISON_OPEN_DAMAGED;
        }
    }
    return POISON_OPEN_OK;
}

/* only when all else was found in order: damaged media is left as it is */
static void recover_torn(PoisonList *p)
{
    uint32_t intent = load(p, POISON_HDR_INTENT);

    if (!intent) {
        return;
    }
    if (intent <= p->high && !p->ix.node[intent - 1].count) {
        for (size_t i = 0; i < POISON_SLOT_SIZE; i += 4) {
            store(p, slot_offset(intent - 1) + i, 0);
        }
    }
    store(p, POISON_HDR_INTENT, 0);
}

PoisonOpen poison_list_open(PoisonList **list, void *media, size_t size,
                            uint64_t granules, PoisonStored *stored,
                            void *opaque, char *why)
{
    PoisonOpen how = POISON_OPEN_SMALL;
    PoisonList *p = NULL;
    uint64_t room;

    *list = NULL;
    snprintf(why, POISON_WHY_MAX, "no memory");
    if (size < POISON_HDR_SIZE + POISON_SLOT_SIZE) {
        snprintf(why, POISON_WHY_MAX, "%zu bytes hold no list", size);
        goto fail;
    }
    if ((uintptr_t)media % sizeof(uint32_t)) {
        snprintf(why, POISON_WHY_MAX, "it is not aligned to dwords");
        goto fail;
    }
    p = calloc(1, sizeof(*p));
    if (!p) {
        goto fail;
    }
    poison_index_init(&p->ix);
    p->heap = media ? NULL : calloc(1, size);
    p->media = media ? media : p->heap;
    if (!p->media) {
        goto fail;
    }
    room = (size - POISON_HDR_SIZE) / POISON_SLOT_SIZE;
    p->room = room < POISON_NIL ? room : POISON_NIL;
    p->granules = granules;
    p->stored = stored;
    p->opaque = opaque;
    p->free = POISON_NIL;
    how = read_header(p, size, why);
    if (how != POISON_OPEN_OK) {
        goto fail;
    }
    if (poison_index_reserve(&p->ix, p->high)) {
        how = POISON_OPEN_SMALL;
        goto fail;
    }
    how = p->formatted ? read_slots(p, why) : POISON_OPEN_OK;
    if (how != POISON_OPEN_OK) {
        goto fail;
    }
    *list = p;
    if (p->formatted) {
        recover_torn(p);
    }
    return POISON_OPEN_OK;

fail:
    poison_list_close(p);
    return how;
}

void poison_list_close(PoisonList *p)
{
    if (p) {
        poison_index_free(&p->ix);
        free(p->heap);
        free(p);
    }
}

/* ---- changing ----------------------------------------------------------- */

void poison_list_make(PoisonList *p)
{
    uint32_t made[POISON_HDR_SIZE / 4];

    if (p->formatted) {
        return;
    }
    new_header(p, made);
    for (size_t i = 0; i < POISON_HDR_SIZE; i += 4) {
        store(p, i, made[i / 4]);
    }
    store(p, POISON_HDR_MAGIC0, POISON_MAGIC0);
    p->formatted = true;
}

/* the caller has seen that a slot is left and that the index has room */
static void take_slot(PoisonList *p, uint64_t start, uint64_t end)
{
    uint32_t slot = p->free != POISON_NIL ? p->free : p->high;
    size_t at = slot_offset(slot);

    store(p, POISON_HDR_INTENT, slot + 1);
    store(p, at + POISON_SLOT_START, start);
    store(p, at + POISON_SLOT_COUNT, end - start);
    store(p, at + POISON_SLOT_ZERO, 0);
    store(p, at + POISON_SLOT_CHECK, poison_check_word(slot, start, end - start));
    if (slot == p->high) {
        store(p, POISON_HDR_HIGH, ++p->high);
    } else {
        p->free = p->ix.node[slot].left;
    }
    store(p, POISON_HDR_INTENT, 0);
    poison_index_insert(&p->ix, slot, start, end - start);
    p->used++;
}

static void free_slot(PoisonList *p, uint32_t slot)
{
    store(p, POISON_HDR_INTENT, slot + 1);
    for (size_t i = 0; i < POISON_SLOT_SIZE; i += 4) {
        store(p, slot_offset(slot) + i, 0);
    }
    store(p, POISON_HDR_INTENT, 0);
    poison_index_remove(&p->ix, slot);
    push_free(p, slot);
    p->used--;
}

static bool range_is_bad(const PoisonList *p, uint32_t start, uint32_t count)
{
    return !count || (uint64_t)start + count > p->granules;
}

/* are @want slots free, and is there memory to use them? */
static bool have_slots(PoisonList *p, uint32_t want)
{
    uint64_t high = (uint64_t)p->high + want;
    uint32_t slots = usable(p);

    if (slots - p->used < want) {
        return false;
    }
    return !poison_index_reserve(&p->ix, high < slots ? high : slots);
}

/* end of the poison that covers or adjoins @x from below; at least @x */
static uint64_t run_end(const PoisonList *p, uint64_t x)
{
    uint64_t end;

    while ((end = poison_index_max_end(&p->ix, x)) > x) {
        x = end;
    }
    return x;
}

static uint64_t run_start(const PoisonList *p, uint64_t x)
{
    uint32_t slot;

    while ((slot = poison_index_reaching(&p->ix, x)) != POISON_NIL &&
           p->ix.node[slot].start < x) {
        x = p->ix.node[slot].start;
    }
    return x;
}

unsigned poison_list_plant(PoisonList *p, uint32_t start, uint32_t count)
{
    uint64_t from = start, to = from + count;
    uint32_t n;

    if (range_is_bad(p, start, count)) {
        return POISON_ST_RANGE;
    }
    if (poison_index_max_end(&p->ix, from) > from && run_end(p, from) >= to) {
        return POISON_ST_OK;
    }
    from = run_start(p, from);
    to = run_end(p, to);
    if (to - from > UINT32_MAX) {       /* all of a DIMM of 256 GiB */
        from = start;
        to = from + count;
    }
    n = poison_index_collect(&p->ix, from, to);
    if (!have_slots(p, n ? 1 : 2)) {
        return POISON_ST_FULL;
    }
    poison_list_make(p);
    take_slot(p, from, to);
    for (uint32_t i = 0; i < n; i++) {
        PoisonNode *old = &p->ix.node[p->ix.found[i]];

        if (old->start >= from && poison_end(old) <= to) {
            free_slot(p, p->ix.found[i]);
        }
    }
    return POISON_ST_OK;
}

unsigned poison_list_clear(PoisonList *p, uint32_t start, uint32_t count)
{
    uint64_t from = start, to = from + count;
    uint32_t n, whole = 0, splits = 0, need;

    if (range_is_bad(p, start, count)) {
        return POISON_ST_RANGE;
    }
    n = poison_index_collect(&p->ix, from, to);
    for (uint32_t i = 0; i < n; i++) {
        const PoisonNode *old = &p->ix.node[p->ix.found[i]];

        whole += old->start >= from && poison_end(old) <= to;
        splits += old->start < from && poison_end(old) > to;
    }
    /* slots that are cleared whole come first, and lend theirs */
    need = splits ? splits + 1 : n > whole;
    if (need > whole && !have_slots(p, need - whole)) {
        return POISON_ST_FULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        const PoisonNode *old = &p->ix.node[p->ix.found[i]];

        if (old->start >= from && poison_end(old) <= to) {
            free_slot(p, p->ix.found[i]);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        PoisonNode old = p->ix.node[p->ix.found[i]];

        if (!old.count) {
            continue;
        }
        if (old.start < from) {
            take_slot(p, old.start, from);
        }
        if (poison_end(&old) > to) {
            take_slot(p, to, poison_end(&old));
        }
        free_slot(p, p->ix.found[i]);
    }
    return POISON_ST_OK;
}

/* ---- asking ------------------------------------------------------------- */

unsigned poison_list_find(const PoisonList *p, uint32_t *start,
                          uint32_t *count)
{
    uint64_t from = *start, to = from + *count, end;
    uint32_t slot;

    if (range_is_bad(p, *start, *count)) {
        return POISON_ST_RANGE;
    }
    if (poison_index_max_end(&p->ix, from) <= from) {
        slot = poison_index_from(&p->ix, from);
        if (slot == POISON_NIL || p->ix.node[slot].start >= to) {
            return POISON_ST_NONE;
        }
        from = p->ix.node[slot].start;
    }
    end = run_end(p, from);
    *start = from;
    *count = (end < to ? end : to) - from;
    return POISON_ST_OK;
}

int poison_list_next(const PoisonList *p, uint64_t *pos, uint32_t *start,
                     uint32_t *count)
{
    while (*pos < p->granules) {
        uint64_t left = p->granules - *pos;
        uint32_t window = left < UINT32_MAX ? left : UINT32_MAX;

        *start = *pos;
        *count = window;
        if (poison_list_find(p, start, count) == POISON_ST_OK) {
            *pos = (uint64_t)*start + *count;
            return 1;
        }
        *pos += window;
    }
    return 0;
}

uint32_t poison_list_ranges(const PoisonList *p)
{
    return p->used;
}

uint32_t poison_list_capacity(const PoisonList *p)
{
    return usable(p);
}
