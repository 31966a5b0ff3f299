/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: interception of accesses
 *
 * TCGCPUOps.tlb_fill is wrapped.  A page that holds poison is never left valid
 * in the softmmu TLB: TLB_INVALID_MASK, QEMU's own device for pages whose parts
 * have different permissions, sends every access to it through tlb_fill, with
 * its exact address, size, kind and host return address.  RAM stays RAM and
 * the memory map stays as it is.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "qapi/error.h"
#include "qemu/accel.h"
#include "tcg/helper-tcg.h"
#include "nvdimm-poison.h"
#include "poison-cxl.h"
#include "poison-ras.h"

static NvdimmPoison *poison_dev;
static const struct TCGCPUOps *real_ops;
static struct TCGCPUOps poison_ops;

/* ---- a vCPU touches memory ---------------------------------------------- */

/* the entry serves this access only */
static void invalidate_entry(CPUState *cs, int mmu_idx, vaddr addr)
{
    CPUTLBEntry *entry = poison_tlb_entry(cs, mmu_idx, addr);
    CPUTLBEntryFull *full = poison_tlb_full(cs, mmu_idx, addr);
    CPUTLB *tlb = poison_tlb(cs);

    /* other threads change addr_write; -1, no permission, has the bit set */
    qemu_spin_lock(&tlb->c.lock);
    entry->addr_read |= TLB_INVALID_MASK;
    qatomic_set(&entry->addr_write, entry->addr_write | TLB_INVALID_MASK);
    entry->addr_code |= TLB_INVALID_MASK;
    poison_tlb_not_ram(entry, full);
    qemu_spin_unlock(&tlb->c.lock);
}

/*
 * A vCPU executes in a read-side critical section of RCU; but not in
 * cpu_exec_step_atomic().
 */
static bool page_is_poisoned(NvdimmPoison *s, hwaddr pa, int size, hwaddr *hit)
{
    PoisonDimm *d;
    uint64_t offset;

    RCU_READ_LOCK_GUARD();
    d = poison_dimm_suspect(s, pa, &offset);
    return unlikely(d) && poison_dimm_page(s, d, pa, offset, size, hit);
}

static bool poison_tlb_fill(CPUState *cs, vaddr addr, int size,
                            MMUAccessType type, int mmu_idx, bool probe,
                            uintptr_t ra)
{
    NvdimmPoison *s = poison_dev;
    CPUTLBEntryFull *full;
    hwaddr pa, hit;

    if (!real_ops->tlb_fill(cs, addr, size, type, mmu_idx, probe, ra)) {
        return false;
    }
    if (likely(!qatomic_read(&s->bites) && !qatomic_read(&s->latent))) {
        return true;
    }
    full = poison_tlb_full(cs, mmu_idx, addr);
    pa = (full->phys_addr & TARGET_PAGE_MASK) | (addr & ~TARGET_PAGE_MASK);
    if (unlikely(poison_ras_watches(s, pa))) {
        invalidate_entry(cs, mmu_idx, addr);
        if (type != MMU_DATA_STORE && !probe &&
            poison_ras_meet(s, cs, pa, size, &hit)) {
            poison_mce_raise(s, cs, hit, POISON_FATAL, ra);
        }
    }
    if (likely(!page_is_poisoned(s, pa, size, &hit))) {
        return true;
    }
    invalidate_entry(cs, mmu_idx, addr);
    if (hit != HWADDR_MAX && type != MMU_DATA_STORE && !probe) {
        poison_mce_raise(s, cs, hit, type == MMU_INST_FETCH ? POISON_FETCH :
                         POISON_DATA_LOAD, ra);
    }
    return true;
}

/*
 * An access to what is not RAM has failed.  x86 has no such hook of its own: what
 * failed for another reason goes on as it does without us.
 */
static void poison_transaction_failed(CPUState *cs, hwaddr pa, vaddr addr,
                                      unsigned size, MMUAccessType type,
                                      int mmu_idx, MemTxAttrs attrs,
                                      MemTxResult response, uintptr_t ra)
{
    hwaddr hit;

    if (type != MMU_DATA_STORE && poison_cxl_meets(pa, size, &hit)) {
        poison_mce_raise(poison_dev, cs, hit, type == MMU_INST_FETCH ?
                         POISON_FETCH : POISON_DATA_LOAD, ra);
    }
}

void poison_cpu_flush(void)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        poison_tlb_flush(cs);
    }
}

/* ---- a vCPU takes a machine check --------------------------------------- */

static void poison_do_interrupt(CPUState *cs)
{
    CPUX86State *env = &X86_CPU(cs)->env;
    bool mce = cs->exception_index == EXCP12_MCHK;
    int cpl = env->hflags & HF_CPL_MASK;
    vaddr sp = env->regs[R_ESP];

    real_ops->do_interrupt(cs);
    if (mce) {
        poison_mce_note_handler(cs, cpl, sp);
    }
}

static bool poison_cpu_exec_interrupt(CPUState *cs, int request)
{
    CPUX86State *env = &X86_CPU(cs)->env;
    bool mce = request & CPU_INTERRUPT_MCE;
    int cpl = env->hflags & HF_CPL_MASK;
    vaddr sp = env->regs[R_ESP];
    bool taken = real_ops->cpu_exec_interrupt(cs, request);

    if (mce && taken && !(cs->interrupt_request & CPU_INTERRUPT_MCE)) {
        poison_mce_note_handler(cs, cpl, sp);
    }
    return taken;
}

/* ---- taking hold of the vCPUs ------------------------------------------- */

static bool model_will_do(NvdimmPoison *s, CPUX86State *env, Error **errp)
{
    if (env->cpuid_vendor1 != CPUID_VENDOR_INTEL_1 ||
        env->cpuid_vendor2 != CPUID_VENDOR_INTEL_2 ||
        env->cpuid_vendor3 != CPUID_VENDOR_INTEL_3) {
        error_setg(errp, "nvdimm-poison: the guest's CPU is not an Intel one, "
                   "Linux recovers on no other: add vendor=GenuineIntel to "
                   "-cpu");
        return false;
    }
    if (!(env->features[FEAT_7_0_EBX] & CPUID_7_0_EBX_ERMS)) {
        error_setg(errp, "nvdimm-poison: the guest's CPU has no ERMS, without "
                   "which Linux panics when read(2) meets poison: add +erms "
                   "to -cpu");
        return false;
    }
    if ((env->mcg_cap & ~MCG_LMCE_P) != (MCE_CAP_DEF | MCE_BANKS_DEF)) {
        error_setg(errp, "nvdimm-poison: the guest's CPU has no machine "
                   "checks: its family must be 6 or higher, with mce and mca");
        return false;
    }
    if (s->bank >= (env->mcg_cap & MCG_CAP_BANKS_MASK)) {
        error_setg(errp, "nvdimm-poison: bank is %u, must be below %u",
                   s->bank, (unsigned)(env->mcg_cap & MCG_CAP_BANKS_MASK));
        return false;
    }
    return true;
}

bool poison_cpu_hook(NvdimmPoison *s, Error **errp)
{
    CPUClass *cc;

    if (!tcg_enabled() || !first_cpu) {
        error_setg(errp, "nvdimm-poison: the accelerator is %s, must be tcg",
                   current_accel_name());
        return false;
    }
    cc = CPU_GET_CLASS(first_cpu);          /* a PC has one type of CPU */
    if (first_cpu->cc != cc ||
        poison_cpu_env(first_cpu) != &X86_CPU(first_cpu)->env ||
        cc->tcg_ops->tlb_fill != x86_cpu_tlb_fill ||
        cc->tcg_ops->do_interrupt != x86_cpu_do_interrupt ||
        cc->tcg_ops->do_transaction_failed) {
        error_setg(errp, "nvdimm-poison: built for another QEMU: CPU state "
                   "differs");
        return false;
    }
    if (!model_will_do(s, &X86_CPU(first_cpu)->env, errp)) {
        return false;
    }
    poison_dev = s;
    real_ops = cc->tcg_ops;
    poison_ops = *real_ops;
    poison_ops.tlb_fill = poison_tlb_fill;
    poison_ops.do_interrupt = poison_do_interrupt;
    poison_ops.cpu_exec_interrupt = poison_cpu_exec_interrupt;
    if (s->cxl) {
        poison_ops.do_transaction_failed = poison_transaction_failed;
    }
    poison_mce_init(s);
    qatomic_set(&cc->tcg_ops, &poison_ops);
    return true;
}
