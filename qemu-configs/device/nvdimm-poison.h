/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs for x86 guests under TCG: what the parts share
 *
 * Locks
 * - BQL: everything that changes a list, the table of DIMMs or a register.
 * - NvdimmPoison.lock: taken inside the BQL around each change of a list, and
 *   without the BQL by a vCPU that looks a page up that may hold poison.
 *   Nothing is taken inside it.
 * - RCU: NvdimmPoison.map and all that it points to, except the media.  A vCPU
 *   looks at the map, and at the page filter in it, without any lock.
 */
#ifndef NVDIMM_POISON_H
#define NVDIMM_POISON_H

#include "poison-compat.h"
#include "hw/mem/nvdimm.h"
#include "qemu/notify.h"
#include "qemu/rcu.h"
#include "qom/object.h"
#include "poison.h"
#include "poison-einj.h"
#include "poison-list.h"
#include "poison-place.h"

#define TYPE_NVDIMM_POISON "nvdimm-poison"
OBJECT_DECLARE_SIMPLE_TYPE(NvdimmPoison, NVDIMM_POISON)

#define POISON_GRANULE      (1 << POISON_GRANULE_SHIFT)
#define POISON_RAM_HANDLE   0       /* names ordinary RAM, see "ram" */

/* bytes: what is overwritten at once, with the BQL held; some 50 ms */
#define POISON_SCRAMBLE_MAX (64u << 20)
#define POISON_ERASE_MAX    POISON_SCRAMBLE_MAX

typedef struct PoisonPlaced {
    struct rcu_head rcu;
    PoisonPlace at;
    uint32_t first;                 /* handle of the DIMM at the set's base */
} PoisonPlaced;

typedef struct PoisonDimm {
    struct rcu_head rcu;
    uint32_t handle;                /* NFIT device handle: slot + 1 */
    hwaddr base;                    /* guest physical address of its memory */
    PoisonPlaced *placed;           /* which addresses are its own */
    uint64_t size;                  /* bytes */
    unsigned long *filter;          /* a bit for each page: may hold poison */
    PoisonList *list;               /* NULL: the list on media was refused */
    NVDIMMDevice *nvdimm;           /* NULL: RAM; a reference is held */
    MemoryRegion *mr;               /* of the media; NULL: nothing persists */
    uint64_t mr_offset;             /* of the media in mr */
    void *copy;                     /* the media, when it is read-only */
    bool locked;                    /* all of it bites; atomic */
    char *name;                     /* for messages */
} PoisonDimm;

typedef struct PoisonMap {
    struct rcu_head rcu;
    unsigned n;
    PoisonDimm *dimm[];             /* RAM, if any, is the last */
} PoisonMap;

struct NvdimmPoison {
    DeviceState parent_obj;

    /* properties */
    uint32_t iobase;
    uint32_t line_size;             /* bytes: 64 or 256 */
    uint32_t bank;
    bool force_lmce;
    bool scramble;
    bool ram;
    bool has_einj;
    bool cxl;
    bool trace;

    QemuMutex lock;
    PoisonMap *map;
    uint32_t ranges;                /* of all lists */
    uint32_t bites;                 /* ranges and locks; atomic: 0 skips it all */
    bool stale;                     /* the NVDIMMs may be others by now */
    bool reload;                    /* the media may hold another list */
    bool ready;                     /* lists are loaded */

    MemoryRegion io;
    MemoryListener listener;
    Notifier machine_done;
    uint32_t reg_dimm, reg_start, reg_count, reg_status;

    /* injection by way of EINJ, see poison-ras.c; BQL, if not said otherwise */
    MemoryRegion einj_mr;
    PoisonEinj einj;
    uint32_t latent;                /* POISON_EINJ_MEM_* or 0; atomic */
    uint64_t latent_line;           /* address; atomic, good if latent is not 0 */
    uint32_t report;                /* POISON_EINJ_MEM_* to be reported, or 0 */
    uint32_t report_cpu;
    uint64_t report_address;
    QEMUTimer *report_timer;

    /* places that came by migration, or went; see poison-set.c; BQL */
    uint32_t *places;
    uint32_t places_n;

    /* handles of DIMMs whose lock came by migration, or went; see poison-lock.c; BQL */
    uint32_t *locks;
    uint32_t locks_n;

    /* lists that came by migration, or went; see poison-migrate.c; BQL */
    uint32_t *moved;
    uint32_t moved_n;

    /* statistics */
    uint64_t injections;            /* BQL */
    unsigned corrected;             /* atomic */
    uint64_t reports;               /* BQL */
    uint64_t plants, clears;        /* BQL */
    uint64_t hits;                  /* BQL */
    unsigned waits;                 /* atomic */
    uint64_t lookups;               /* lock */
};

/* poison-dimm.c */

/**
 * poison_dimm_refresh - take note of plugged, unplugged and reloaded NVDIMMs
 * @s: the device
 * @errp: set if a list was refused that was not known before
 *
 * A refused list is never written to; commands for its DIMM fail.
 *
 * Context: BQL.
 * Return: false if @errp was set; the other DIMMs can be used nevertheless.
 */
bool poison_dimm_refresh(NvdimmPoison *s, Error **errp);

/**
 * poison_dimm_by_handle - find a DIMM
 * @s: the device
 * @handle: NFIT device handle, or POISON_RAM_HANDLE
 *
 * Context: BQL, or a vCPU thread under RCU.
 * Return: the DIMM or NULL.
 */
PoisonDimm *poison_dimm_by_handle(NvdimmPoison *s, uint32_t handle);

/**
 * poison_dimm_by_id - find an NVDIMM
 * @s: the device
 * @id: of its -device option
 *
 * Context: BQL.
 * Return: the DIMM or NULL.
 */
PoisonDimm *poison_dimm_by_id(NvdimmPoison *s, const char *id);

/**
 * poison_dimm_by_address - find the DIMM that an address belongs to
 * @s: the device
 * @pa: guest physical address
 * @offset: set to where in the DIMM it is
 *
 * Context: BQL, or a vCPU thread under RCU.
 * Return: the DIMM, which is that of RAM for all addresses below 256 GiB that
 * are no NVDIMM's, if RAM can be poisoned; or NULL.
 */
PoisonDimm *poison_dimm_by_address(NvdimmPoison *s, hwaddr pa,
                                   uint64_t *offset);

/**
 * poison_dimm_is_memory - is there memory of this DIMM in all of a range?
 * @d: the DIMM
 * @pa: guest physical address in the DIMM
 * @len: bytes, of one line if the DIMM is one of a set
 *
 * Context: BQL.
 * Return: false if the range leaves an NVDIMM, or if ordinary RAM is meant and
 * some of it is a device's, a ROM's, an NVDIMM's or nobody's.
 */
bool poison_dimm_is_memory(PoisonDimm *d, hwaddr pa, uint64_t len);

/**
 * poison_dimm_count - take note of how much there is that bites
 * @s: the device
 *
 * Whoever changes that calls it before poison_cpu_flush().
 *
 * Context: BQL.
 */
void poison_dimm_count(NvdimmPoison *s);

/**
 * poison_dimm_plant - poison a range and make it bite on all vCPUs
 * @s: the device
 * @d: one of its DIMMs
 * @start: granules
 * @count: granules
 *
 * Context: BQL.
 * Return: POISON_ST_*; POISON_ST_RANGE also if RAM is meant and any of the
 * range is not ordinary RAM, or if the range is longer than POISON_SCRAMBLE_MAX
 * and would be scrambled.
 */
unsigned poison_dimm_plant(NvdimmPoison *s, PoisonDimm *d, uint32_t start,
                           uint32_t count);

/**
 * poison_dimm_clear - clear a range
 * @s: the device
 * @d: one of its DIMMs
 * @start: granules
 * @count: granules
 *
 * Context: BQL.
 * Return: POISON_ST_*.
 */
unsigned poison_dimm_clear(NvdimmPoison *s, PoisonDimm *d, uint32_t start,
                           uint32_t count);

/**
 * poison_dimm_make_list - have a list on media, if without poison
 * @s: the device
 * @d: one of its DIMMs, whose list was not refused
 *
 * Context: BQL.
 * Return: POISON_ST_OK; POISON_ST_NONE if its list lies on no media.
 */
unsigned poison_dimm_make_list(NvdimmPoison *s, PoisonDimm *d);

/**
 * poison_dimm_set_bytes - overwrite data
 * @d: the DIMM
 * @offset: bytes from its start
 * @len: bytes
 * @value: of each
 *
 * Context: BQL.
 */
void poison_dimm_set_bytes(PoisonDimm *d, uint64_t offset, uint64_t len,
                           uint8_t value);

/**
 * poison_dimm_drop_code - no code that was translated from there is run again
 * @d: the DIMM
 * @offset: bytes from its start
 * @len: bytes, not 0
 *
 * Context: BQL.
 */
void poison_dimm_drop_code(PoisonDimm *d, uint64_t offset, uint64_t len);

/**
 * poison_dimm_suspect - may this page hold poison?
 * @s: the device
 * @pa: guest physical address
 * @offset: set to where in the DIMM it is
 *
 * Context: a vCPU thread under RCU; takes no lock.
 * Return: the DIMM if so, or NULL.
 */
PoisonDimm *poison_dimm_suspect(NvdimmPoison *s, hwaddr pa, uint64_t *offset);

/**
 * poison_dimm_page - does this page hold poison, and does an access touch it?
 * @s: the device
 * @d: what poison_dimm_suspect() returned for this page
 * @pa: guest physical address of the access
 * @offset: what poison_dimm_suspect() said of it
 * @size: its bytes; those beyond the end of the page are ignored
 * @hit: set to the first byte of the access that lies in a poisoned line, or
 *       to HWADDR_MAX
 *
 * Context: a vCPU thread under RCU; takes NvdimmPoison.lock.
 * Return: true if any line of the page is poisoned.
 */
bool poison_dimm_page(NvdimmPoison *s, PoisonDimm *d, hwaddr pa,
                      uint64_t offset, unsigned size, hwaddr *hit);

/* poison-erase.c */

/**
 * poison_dimm_erase - zero the data of a range, or as much of it as can be at once
 * @d: the DIMM
 * @start: granules; set to the first one that is left
 * @count: granules; set to those that are left
 *
 * All of it where holes can be punched in the backing file, else POISON_ERASE_MAX
 * bytes.  Poison stays.
 *
 * Context: BQL.
 * Return: POISON_ST_OK; POISON_ST_RANGE if the range leaves the DIMM, or that is RAM;
 * POISON_ST_NONE if it is read-only.
 */
unsigned poison_dimm_erase(PoisonDimm *d, uint32_t *start, uint32_t *count);

/* poison-set.c */

extern const VMStateDescription poison_set_vmstate;

/**
 * poison_set_new_dimm - a DIMM is on its own
 * @d: in no map yet
 *
 * Context: BQL.
 */
void poison_set_new_dimm(PoisonDimm *d);

/**
 * poison_set_place - make a DIMM one of an interleave set, or none
 * @s: the device
 * @d: one of its DIMMs
 * @ways: of the set; 1: the DIMM is on its own
 * @index: of its first line in the set
 * @first: handle of the DIMM with whose memory the set begins
 *
 * Until the machine is reset.
 *
 * Context: BQL.
 * Return: POISON_ST_OK; POISON_ST_DIMM if there is no NVDIMM @first;
 * POISON_ST_RANGE if @d is none or has no whole lines, or @index is not of @ways.
 */
unsigned poison_set_place(NvdimmPoison *s, PoisonDimm *d, unsigned ways,
                          unsigned index, uint32_t first);

/**
 * poison_set_reset - no DIMM is one of a set
 * @s: the device
 *
 * Context: BQL.
 */
void poison_set_reset(NvdimmPoison *s);

/**
 * poison_set_forget - no place has come by migration
 * @s: the device
 *
 * Context: BQL.
 */
void poison_set_forget(NvdimmPoison *s);

/**
 * poison_set_take - put the DIMMs where they were on the machine that was left
 * @s: the device
 *
 * Context: BQL.
 */
void poison_set_take(NvdimmPoison *s);

/* poison-lock.c */

extern const VMStateDescription poison_lock_vmstate;

/**
 * poison_lock_set - every load from a DIMM bites, or what is poisoned alone
 * @s: the device
 * @d: one of its DIMMs
 * @value: 1 or 0
 *
 * Until the machine is reset.  Stores go on.
 *
 * Context: BQL.
 * Return: POISON_ST_OK; POISON_ST_RANGE if @d is RAM, or @value another one.
 */
unsigned poison_lock_set(NvdimmPoison *s, PoisonDimm *d, uint32_t value);

/**
 * poison_lock_reset - no DIMM is locked
 * @s: the device
 *
 * Context: BQL.
 */
void poison_lock_reset(NvdimmPoison *s);

/**
 * poison_lock_forget - no lock has come by migration
 * @s: the device
 *
 * Context: BQL.
 */
void poison_lock_forget(NvdimmPoison *s);

/**
 * poison_lock_take - lock the DIMMs that were locked on the machine that was left
 * @s: the device
 *
 * Context: BQL.
 */
void poison_lock_take(NvdimmPoison *s);

/* poison-cpu.c */

/**
 * poison_cpu_hook - intercept the memory accesses of all vCPUs
 * @s: the device; there is only one
 * @errp: set if this accelerator, CPU model or QEMU build will not do
 *
 * Context: BQL.
 * Return: false if @errp was set.
 */
bool poison_cpu_hook(NvdimmPoison *s, Error **errp);

/**
 * poison_cpu_flush - make all vCPUs look pages up anew
 *
 * The calling vCPU, if it is one, does before it executes another instruction,
 * any other one before it begins its next translation block.
 *
 * Context: BQL.
 */
void poison_cpu_flush(void);

/* poison-mce.c */

/* what a vCPU reports that has read poison */
typedef enum PoisonConsumed {
    POISON_DATA_LOAD,
    POISON_FETCH,
    POISON_FATAL,
} PoisonConsumed;

/**
 * poison_mce_init - be ready for machine checks
 * @s: the device; there is only one
 *
 * Context: BQL.
 */
void poison_mce_init(NvdimmPoison *s);

/**
 * poison_mce_raise - raise a machine check at an instruction that reads poison
 * @s: the device
 * @cs: the vCPU
 * @pa: guest physical address of the first byte of the access that is bad
 * @what: was read; unless it is fatal, the machine check is software
 *        recoverable, action required (SRAR)
 * @ra: the host's return address of the access, 0 if there is none
 *
 * On all vCPUs, unless the device or the guest has it local.  Returns only if
 * the guest has turned the reporting off, and then the access goes on.
 *
 * Context: the thread of @cs, with the BQL or without.
 */
void poison_mce_raise(NvdimmPoison *s, CPUState *cs, hwaddr pa,
                      PoisonConsumed what, uintptr_t ra);

/**
 * poison_mce_note_handler - a vCPU is about to run its machine check handler
 * @cs: the vCPU
 * @cpl: privilege level that it comes from
 * @sp: stack pointer that it had there
 *
 * Context: the thread of @cs.
 */
void poison_mce_note_handler(CPUState *cs, int cpl, vaddr sp);

/**
 * poison_mce_log - report a corrected error
 * @cs: the vCPU
 * @bank: of @cs
 * @mcacod: MCi_STATUS[15:0]
 * @pa: guest physical address
 *
 * An error that is in the bank already stays there, and gets OVER set.
 *
 * Context: the thread of @cs.
 */
void poison_mce_log(CPUState *cs, unsigned bank, unsigned mcacod, hwaddr pa);

/**
 * poison_mce_signal - report an uncorrected error that nobody has consumed
 * @s: the device
 * @cs: the vCPU whose bank has it
 * @bank: of @cs
 * @mcacod: MCi_STATUS[15:0]
 * @pa: guest physical address
 * @fatal: the processor's context is corrupt (PCC); else it is software
 *         recoverable, action optional (SRAO)
 *
 * A machine check, on all vCPUs unless the device reports local ones.
 *
 * Context: BQL.
 * Return: false if that cannot be done now: the last machine check is still
 * being handled, @bank holds an uncorrected error, or @cs has machine checks
 * disabled.
 */
bool poison_mce_signal(NvdimmPoison *s, CPUState *cs, unsigned bank,
                       unsigned mcacod, hwaddr pa, bool fatal);

/* poison-migrate.c */

extern const VMStateDescription poison_lists_vmstate;

/**
 * poison_lists_forget - no list has come by migration
 * @s: the device
 *
 * Context: BQL.
 */
void poison_lists_forget(NvdimmPoison *s);

/**
 * poison_lists_take - make a list what it was on the machine that was left
 * @s: the device
 * @d: a DIMM whose list was just opened, in no map yet
 *
 * For a list that no media has; others are left as they are.
 *
 * Context: BQL.
 */
void poison_lists_take(NvdimmPoison *s, PoisonDimm *d);

/* nvdimm-poison.c */

/**
 * nvdimm_poison_refresh - poison_dimm_refresh(), errors go to the console
 * @s: the device
 *
 * Context: BQL.
 */
void nvdimm_poison_refresh(NvdimmPoison *s);

/**
 * nvdimm_poison_register_type - make the device known to QOM
 *
 * For a QEMU that has already registered the types it was built with.
 */
void nvdimm_poison_register_type(void);

#endif /* NVDIMM_POISON_H */
