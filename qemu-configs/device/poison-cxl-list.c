/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of CXL type-3 devices: long lists of poison, QEMU 10.0
 *
 * QEMU answers Get Poison List (CXL r3.1 8.2.9.9.4.1) with all entries of the
 * range that is asked for, and ends with a failed assertion where they have no room
 * in the mailbox: 126 have, and a device takes 256.  A guest that injects and asks
 * does that, so it is kept from it here.
 *
 * The command is shown no more entries than have room.  What is left goes as that
 * section has it: the answer says that there is more, and who asks the same again
 * gets it.  For that, the MemoryRegionOps of a mailbox are replaced by a copy; the
 * table of commands would not do, for each reset of the device writes it anew.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "hw/cxl/cxl.h"
#include "qapi/error.h"
#include "qemu/range.h"
#include "poison-cxl.h"

/* CXL r3.1 8.2.9.9.4.1, Get Poison List */
#define OP_SET              0x43
#define OP_GET_POISON_LIST  0x00
#define IN_LENGTH           16
#define OUT_HEADER          32
#define OUT_RECORD          16
#define OUT_MORE            0x01        /* flags: More Media Error Records */

#define ROOM ((CXL_MAILBOX_MAX_PAYLOAD_SIZE - OUT_HEADER) / OUT_RECORD)

/* where the answers to one question are */
typedef struct Talk {
    uint64_t start, length;             /* DPA, bytes */
    unsigned given;                     /* entries; 0: the next is the first */
} Talk;

static const MemoryRegionOps *real_ops;
static MemoryRegionOps mailbox_ops;
static GHashTable *talks;               /* of CXLType3Dev */

/* the list becomes @n of the entries, from @first on, in their order */
static void relist(CXLPoisonList *list, GPtrArray *entries, unsigned first,
                   unsigned n)
{
    QLIST_INIT(list);
    for (unsigned i = first + n; i-- > first;) {
        CXLPoison *p = g_ptr_array_index(entries, i);

        QLIST_INSERT_HEAD(list, p, node);
    }
}

static Talk *talk_of(CXLType3Dev *t, uint64_t start, uint64_t length)
{
    Talk *talk = g_hash_table_lookup(talks, t);

    if (!talk) {
        talk = g_new0(Talk, 1);
        g_hash_table_insert(talks, t, talk);
    }
    if (talk->start != start || talk->length != length) {
        *talk = (Talk) { .start = start, .length = length };
    }
    return talk;
}

static bool asks_for_list(CXLDeviceState *cs, hwaddr offset, uint64_t value)
{
    uint64_t cmd = cs->mbox_reg_state64[R_CXL_DEV_MAILBOX_CMD];

    return offset == A_CXL_DEV_MAILBOX_CTRL &&
           FIELD_EX32(value, CXL_DEV_MAILBOX_CTRL, DOORBELL) &&
           FIELD_EX64(cmd, CXL_DEV_MAILBOX_CMD, COMMAND_SET) == OP_SET &&
           FIELD_EX64(cmd, CXL_DEV_MAILBOX_CMD, COMMAND) ==
               OP_GET_POISON_LIST &&
           FIELD_EX64(cmd, CXL_DEV_MAILBOX_CMD, LENGTH) == IN_LENGTH;
}

static bool succeeded(CXLDeviceState *cs)
{
    return FIELD_EX64(cs->mbox_reg_state64[R_CXL_DEV_MAILBOX_STS],
                      CXL_DEV_MAILBOX_STS, ERRNO) == CXL_MBOX_SUCCESS;
}

static void mailbox_write(void *opaque, hwaddr offset, uint64_t value,
                          unsigned size)
{
    CXLType3Dev *t = CXL_TYPE3(((CXLCCI *)opaque)->d);
    uint8_t *payload = t->cxl_dstate.mbox_reg_state + A_CXL_DEV_CMD_PAYLOAD;
    g_autoptr(GPtrArray) all = NULL, asked = NULL;
    unsigned n;
    CXLPoison *p;
    Talk *talk;

    if (!asks_for_list(&t->cxl_dstate, offset, value)) {
        real_ops->write(opaque, offset, value, size);
        return;
    }
    talk = talk_of(t, ldq_le_p(payload),
                   ldq_le_p(payload + 8) * CXL_CACHE_LINE_SIZE);
    all = g_ptr_array_new();
    asked = g_ptr_array_new();
    QLIST_FOREACH(p, &t->poison_list, node) {
        g_ptr_array_add(all, p);
        if (ranges_overlap(p->start, p->length, talk->start, talk->length)) {
            g_ptr_array_add(asked, p);
        }
    }
    if (talk->given >= asked->len) {    /* it has become shorter */
        talk->given = 0;
    }
    n = MIN(asked->len - talk->given, ROOM);
    relist(&t->poison_list, asked, talk->given, n);
    real_ops->write(opaque, offset, value, size);
    relist(&t->poison_list, all, 0, all->len);
    if (!succeeded(&t->cxl_dstate) || talk->given + n == asked->len) {
        talk->given = 0;
    } else {
        talk->given += n;
        payload[0] |= OUT_MORE;
    }
}

/* ---- taking hold of the mailboxes ------------------------------------------ */

static int take(Object *obj, void *opaque)
{
    MemoryRegion *mr;

    if (!object_dynamic_cast(obj, TYPE_CXL_TYPE3)) {
        return 0;
    }
    mr = &CXL_TYPE3(obj)->cxl_dstate.mailbox;
    if (!real_ops) {
        real_ops = mr->ops;
        mailbox_ops = *real_ops;
        mailbox_ops.write = mailbox_write;
    }
    if (mr->ops != real_ops || !real_ops->write ||
        mr->opaque != &CXL_TYPE3(obj)->cci) {
        error_setg((Error **)opaque, "nvdimm-poison: cxl=on, and the mailbox of "
                   "a CXL device is not as QEMU 10.0 has it");
        return 1;
    }
    mr->ops = &mailbox_ops;
    return 0;
}

/* one that is plugged in later is made as those before it */
static void device_came(DeviceListener *listener, DeviceState *dev)
{
    take(OBJECT(dev), NULL);
}

static void device_gone(DeviceListener *listener, DeviceState *dev)
{
    g_hash_table_remove(talks, dev);
}

static DeviceListener device_listener = {
    .realize = device_came,
    .unrealize = device_gone,
};

bool poison_cxl_take_mailboxes(Error **errp)
{
    talks = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    if (object_child_foreach_recursive(object_get_root(), take, errp)) {
        return false;
    }
    device_listener_register(&device_listener);
    return true;
}
