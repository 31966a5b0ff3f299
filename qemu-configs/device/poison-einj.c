/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The window for error injection, see poison-einj.h
 */
#include <endian.h>
#include <string.h>
#include "poison-einj.h"

#define PAGE_BYTES      4096
#define TYPES           (POISON_EINJ_MEM_CE | POISON_EINJ_MEM_UC | \
                         POISON_EINJ_MEM_FATAL)

/* the trigger action table, ACPI 6.5, 18.6.4 */
#define HEADER_SIZE             16
#define TRIGGER_ERROR           0xff
#define WRITE_REGISTER_VALUE    3
#define ACCESS_DWORD            3

static uint32_t param32(const PoisonEinj *e, unsigned offset)
{
    uint32_t v;

    memcpy(&v, e->params + offset, sizeof(v));
    return le32toh(v);
}

static uint64_t param64(const PoisonEinj *e, unsigned offset)
{
    uint64_t v;

    memcpy(&v, e->params + offset, sizeof(v));
    return le64toh(v);
}

static void put32(uint8_t *at, uint32_t v)
{
    v = htole32(v);
    memcpy(at, &v, sizeof(v));
}

static void put64(uint8_t *at, uint64_t v)
{
    v = htole64(v);
    memcpy(at, &v, sizeof(v));
}

/* ---- operations --------------------------------------------------------- */

static void begin(PoisonEinj *e)
{
    poison_einj_reset(e);
    e->open = true;
}

static void end(PoisonEinj *e)
{
    e->open = false;
    e->armed = 0;
}

/* one type, an address, and a mask that leaves no choice beyond its page */
static bool params_are_good(const PoisonEinj *e)
{
    uint32_t type = param32(e, 0);
    uint64_t any = ~param64(e, POISON_EINJ_P_MASK);

    return type && !(type & (type - 1)) && !(type & ~TYPES) &&
           param32(e, POISON_EINJ_P_FLAGS) == POISON_EINJ_F_ADDRESS &&
           any < PAGE_BYTES && !(any & (any + 1));
}

static unsigned execute(PoisonEinj *e)
{
    uint32_t type = param32(e, 0);
    uint64_t address = param64(e, POISON_EINJ_P_ADDRESS);
    unsigned st;

    e->armed = 0;
    if (!e->open) {
        return POISON_EINJ_ST_FAILED;
    }
    if (!params_are_good(e)) {
        return POISON_EINJ_ST_INVALID;
    }
    st = e->ops->inject(e->opaque, type, address);
    if (st == POISON_EINJ_ST_OK) {
        e->armed = type;
        e->address = address;
    }
    return st;
}

static void trigger(PoisonEinj *e)
{
    uint32_t type = e->armed;

    e->armed = 0;
    if (type) {
        e->ops->trigger(e->opaque, type, e->address);
    }
}

/* as an OS of ACPI 4 does it, which can give no address */
static void set_type(PoisonEinj *e, uint32_t type)
{
    memset(e->params, 0, sizeof(e->params));
    put32(e->params, type);
}

/* ---- registers ---------------------------------------------------------- */

/* the part of [offset, offset + size) in a buffer, as a little endian number */
static uint64_t bytes_at(const uint8_t *buffer, uint64_t offset, unsigned size)
{
    uint64_t v = 0;

    memcpy(&v, buffer + offset, size);
    return le64toh(v);
}

static bool within(uint64_t offset, unsigned size, uint64_t start,
                   uint64_t length)
{
    return offset >= start && offset + size <= start + length;
}

/* one instruction: store 1 to TRIGGER */
static void trigger_table(uint8_t table[POISON_EINJ_TABLE_SIZE])
{
    uint8_t *entry = table + HEADER_SIZE;

    memset(table, 0, POISON_EINJ_TABLE_SIZE);
    put32(table, HEADER_SIZE);
    put32(table + 4, 1);                    /* revision */
    put32(table + 8, POISON_EINJ_TABLE_SIZE);
    put32(table + 12, 1);                   /* entries */
    entry[0] = TRIGGER_ERROR;
    entry[1] = WRITE_REGISTER_VALUE;
    entry[5] = 32;                          /* bits, in system memory (0) */
    entry[7] = ACCESS_DWORD;
    put64(entry + 8, POISON_EINJ_BASE + POISON_EINJ_TRIGGER);
    put64(entry + 16, 1);                   /* value */
    put64(entry + 24, UINT32_MAX);          /* mask */
}

uint64_t poison_einj_read(const PoisonEinj *e, uint64_t offset, unsigned size)
{
    uint8_t table[POISON_EINJ_TABLE_SIZE], reg[8];
    uint64_t v;

    if (within(offset, size, POISON_EINJ_PARAMS, POISON_EINJ_PARAMS_SIZE)) {
        return bytes_at(e->params, offset - POISON_EINJ_PARAMS, size);
    }
    if (within(offset, size, POISON_EINJ_TABLE, POISON_EINJ_TABLE_SIZE)) {
        trigger_table(table);
        return bytes_at(table, offset - POISON_EINJ_TABLE, size);
    }
    switch (offset & ~7ull) {
    case POISON_EINJ_TYPE:
        v = param32(e, 0);
        break;
    case POISON_EINJ_TYPES:
        v = TYPES;
        break;
    case POISON_EINJ_STATUS:
        v = e->status;
        break;
    case POISON_EINJ_TABLE_AT:
        v = POISON_EINJ_BASE + POISON_EINJ_TABLE;
        break;
    default:                                /* BUSY: EXECUTE has ended */
        return 0;
    }
    put64(reg, v);
    return bytes_at(reg, offset & 7, size);
}

bool poison_einj_write(PoisonEinj *e, uint64_t offset, uint64_t value,
                       unsigned size)
{
    if (within(offset, size, POISON_EINJ_PARAMS, POISON_EINJ_PARAMS_SIZE)) {
        uint64_t at = offset - POISON_EINJ_PARAMS;
        uint64_t v = htole64(value);

        memcpy(e->params + at, &v, size);
        put32(e->params + POISON_EINJ_P_VENDOR, 0);     /* read-only */
        return true;
    }
    if (offset == POISON_EINJ_TYPE) {
        set_type(e, value);
        return true;
    }
    if (value != 1) {
        return false;
    }
    switch (offset) {
    case POISON_EINJ_BEGIN:
        begin(e);
        return true;
    case POISON_EINJ_END:
        end(e);
        return true;
    case POISON_EINJ_EXECUTE:
        e->status = execute(e);
        return true;
    case POISON_EINJ_TRIGGER:
        trigger(e);
        return true;
    default:
        return false;
    }
}

/* ---- life --------------------------------------------------------------- */

void poison_einj_init(PoisonEinj *e, const PoisonEinjOps *ops, void *opaque)
{
    e->ops = ops;
    e->opaque = opaque;
    poison_einj_reset(e);
}

void poison_einj_reset(PoisonEinj *e)
{
    memset(e->params, 0, sizeof(e->params));
    e->open = false;
    e->status = POISON_EINJ_ST_OK;
    e->armed = 0;
    e->address = 0;
}
