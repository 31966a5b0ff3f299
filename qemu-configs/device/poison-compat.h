/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: what differs between QEMU 7.2, 10 and 11
 *
 * The device is written for all of them; what is not the same in them is here, so
 * that no other file asks for a version.  A header that has moved is taken from
 * where it is.
 */
#ifndef POISON_COMPAT_H
#define POISON_COMPAT_H

#include "config-host.h"
#include "hw/core/cpu.h"

#define POISON_QEMU \
    (QEMU_VERSION_MAJOR * 10000 + QEMU_VERSION_MINOR * 100 + QEMU_VERSION_MICRO)

#if __has_include("hw/core/qdev.h")
#include "hw/core/boards.h"
#include "hw/core/qdev.h"
#include "hw/core/qdev-properties.h"
#else
#include "hw/boards.h"
#include "hw/qdev-core.h"
#include "hw/qdev-properties.h"
#endif

#if __has_include("qemu/aio.h")
#include "qemu/aio.h"
#else
#include "block/aio.h"
#endif

#if __has_include("plugins/qemu-plugin.h")
#include "plugins/qemu-plugin.h"
#else
#include "qemu/qemu-plugin.h"
#endif

#if __has_include("system/memory.h")
#include "system/address-spaces.h"
#include "system/memory.h"
#else
#include "exec/address-spaces.h"
#include "exec/memory.h"
#endif

#if __has_include("system/physmem.h")
#include "system/physmem.h"
#include "system/ramblock.h"
#elif __has_include("system/ram_addr.h")
#include "system/ram_addr.h"
#elif __has_include("exec/ram_addr.h")
#include "exec/ram_addr.h"
#endif

#if __has_include("system/runstate.h")
#include "system/hostmem.h"
#include "system/reset.h"
#include "system/runstate.h"
#include "system/system.h"
#include "system/tcg.h"
#else
#include "sysemu/hostmem.h"
#include "sysemu/reset.h"
#include "sysemu/runstate.h"
#include "sysemu/sysemu.h"
#include "sysemu/tcg.h"
#endif

#if __has_include("accel/tcg/cpu-ops.h")
#include "accel/tcg/cpu-ops.h"
#else
#include "hw/core/tcg-cpu-ops.h"
#endif

#if __has_include("accel/tcg/cpu-loop.h")
#include "accel/tcg/cpu-loop.h"
#endif
#if __has_include("exec/cpu_ldst.h")
#include "exec/cpu_ldst.h"
#endif
#if __has_include("exec/exec-all.h")
#include "exec/exec-all.h"
#endif
#if __has_include("exec/cputlb.h")
#include "exec/cputlb.h"
#endif
#if __has_include("exec/translation-block.h")
#include "exec/translation-block.h"
#endif
#if __has_include("exec/tlb-flags.h")
#include "exec/tlb-flags.h"
#endif
#if __has_include("exec/target_page.h")
#include "exec/target_page.h"
#endif

#if POISON_QEMU < 90000

#define bql_locked()            qemu_mutex_iothread_locked()
#define bql_lock()              qemu_mutex_lock_iothread()
#define poison_cpu_env(cs)      ((CPUArchState *)(cs)->env_ptr)
#define poison_tlb(cs)          env_tlb(poison_cpu_env(cs))
#define poison_tlb_index(cs, mmu_idx, addr) \
    tlb_index(poison_cpu_env(cs), mmu_idx, addr)
#define poison_tlb_entry(cs, mmu_idx, addr) \
    tlb_entry(poison_cpu_env(cs), mmu_idx, addr)

#else

#define poison_cpu_env(cs)      cpu_env(cs)
#define poison_tlb(cs)          (&(cs)->neg.tlb)

/* 10.2: the tables of the modes lie in descending order */
static inline CPUTLBDescFast *poison_tlb_fast(CPUState *cs, int mmu_idx)
{
#if POISON_QEMU < 100200
    return &cs->neg.tlb.f[mmu_idx];
#else
    return cpu_tlb_fast(cs, mmu_idx);
#endif
}

/* cputlb.c keeps these two to itself */
static inline uintptr_t poison_tlb_index(CPUState *cs, int mmu_idx, vaddr addr)
{
    return (addr >> TARGET_PAGE_BITS) &
           (poison_tlb_fast(cs, mmu_idx)->mask >> CPU_TLB_ENTRY_BITS);
}

static inline CPUTLBEntry *poison_tlb_entry(CPUState *cs, int mmu_idx,
                                            vaddr addr)
{
    return &poison_tlb_fast(cs, mmu_idx)->table[
        poison_tlb_index(cs, mmu_idx, addr)];
}

#endif

static inline CPUTLBEntryFull *poison_tlb_full(CPUState *cs, int mmu_idx,
                                               vaddr addr)
{
    return &poison_tlb(cs)->d[mmu_idx].fulltlb[
        poison_tlb_index(cs, mmu_idx, addr)];
}

/*
 * Flags that cputlb takes for "not RAM", for what is fetched and what is read of
 * a page that holds poison.
 *
 * A translation block would be fetched once and executed often.  Any such flag
 * makes TCG translate each instruction anew, without a cache; TLB_DISCARD_WRITE
 * means nothing more for a fetch, nor for a load.
 *
 * Since 8.0, an atomic access is looked up for writing alone, and its entry of
 * the moment serves it: nothing is filled for the read that it makes, too.  But
 * such a flag in the entry for reading sends an atomic to cpu_exec_step_atomic(),
 * where it is a load and a store.  A guest with one vCPU never gets there: its
 * atomics are translated to loads and stores anyway.
 *
 * 10.2: the flag lies beside the entry, which has one that says so.
 *
 * Context: the thread of the vCPU, with its TLB's lock held.
 */
static inline void poison_tlb_not_ram(CPUTLBEntry *entry, CPUTLBEntryFull *full)
{
#if POISON_QEMU < 80000
    entry->addr_code |= TLB_DISCARD_WRITE;
#elif POISON_QEMU < 100200
    entry->addr_code |= TLB_DISCARD_WRITE;
    entry->addr_read |= TLB_DISCARD_WRITE;
#else
    entry->addr_code |= TLB_FORCE_SLOW;
    entry->addr_read |= TLB_FORCE_SLOW;
    full->slow_flags[MMU_INST_FETCH] |= TLB_DISCARD_WRITE;
    full->slow_flags[MMU_DATA_LOAD] |= TLB_DISCARD_WRITE;
#endif
}

/* may there be translated code of the range? */
static inline bool poison_tb_may_be(ram_addr_t ram, ram_addr_t len)
{
#if POISON_QEMU < 100200
    return !cpu_physical_memory_all_dirty(ram, len, DIRTY_MEMORY_CODE);
#else
    return physical_memory_range_includes_clean(ram, len,
                                                1 << DIRTY_MEMORY_CODE);
#endif
}

/*
 * The range ends behind @len, or (8.0) with its last byte.  10.2 wants to know
 * whose store it is, if it is a vCPU's.
 */
static inline void poison_tb_invalidate(ram_addr_t ram, ram_addr_t len)
{
#if POISON_QEMU < 80000
    tb_invalidate_phys_range(ram, ram + len);
#elif POISON_QEMU < 100200
    tb_invalidate_phys_range(ram, ram + len - 1);
#else
    tb_invalidate_phys_range(NULL, ram, ram + len - 1);
#endif
}

/*
 * 9.0 took the part of tlb_flush() that sends itself to the thread of another
 * vCPU; what is left changes that vCPU's table under its hands.
 */
#if POISON_QEMU < 90000
#define poison_tlb_flush(cs)    tlb_flush(cs)
#else
static inline void poison_tlb_flush_own(CPUState *cs, run_on_cpu_data unused)
{
    tlb_flush(cs);
}

static inline void poison_tlb_flush(CPUState *cs)
{
    if (cs->created && !qemu_cpu_is_self(cs)) {
        async_run_on_cpu(cs, poison_tlb_flush_own, RUN_ON_CPU_NULL);
    } else {
        tlb_flush(cs);
    }
}
#endif

/* 10.0: a list of properties ends with its last one, and is constant */
#ifdef DEFINE_PROP_END_OF_LIST
#define POISON_PROP_END         DEFINE_PROP_END_OF_LIST(),
typedef Property PoisonProperty;
#else
#define POISON_PROP_END
typedef const Property PoisonProperty;
#endif

/* 10.2: what a type gives its class's initialiser is constant */
#if POISON_QEMU < 100200
typedef void PoisonClassData;
#else
typedef const void PoisonClassData;
#endif

/* bytes of an object of a type, 0 if that cannot be told */
static inline size_t poison_instance_size(const char *type)
{
#if POISON_QEMU < 100000
    return object_type_get_instance_size(type);
#else
    /*
     * No function says it any more: a class begins with a pointer to its type
     * (qom/object.c, TypeImpl), and that with its name and sizes.
     */
    const struct {
        const char *name;
        size_t class_size, instance_size;
    } *impl;
    ObjectClass *oc = object_class_by_name(type);

    impl = oc ? *(void **)oc : NULL;
    return impl && impl->name == object_class_get_name(oc) ?
           impl->instance_size : 0;
#endif
}

#endif /* POISON_COMPAT_H */
