/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: the machine check
 *
 * One place raises it, whoever found out that a vCPU has read poison: at the
 * instruction that reads, or, for what nobody has consumed, between two of them.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "qapi/qapi-events-run-state.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/units.h"
#include "nvdimm-poison.h"
#include "poison-ras.h"
#include "poison-trace.h"

/* Intel SDM volume 3B, 16.9.2: compound codes "data load" and "fetch" */
#define MCACOD_DATA_LOAD    0x134
#define MCACOD_FETCH        0x150

static NvdimmPoison *poison_dev;

/* by index of a vCPU, for as many as there may be */
static unsigned max_cpus;

/*
 * A machine check is queued for it: set under the BQL, and cleared by the vCPU
 * itself when its registers tell.  Its work goes when it is unplugged.
 */
static bool *queued;

/*
 * For each vCPU that took its last machine check in the kernel and on a stack
 * that only machine checks use: where this stack was left to the handler.  Else
 * 0.  Written by the vCPU itself, read by all.
 */
static vaddr *handler_sp;

#define HANDLER_STACK_MAX   (16 * KiB)

/* ---- the machine check -------------------------------------------------- */

static void broadcast_mce(CPUState *cs, run_on_cpu_data unused)
{
    CPUX86State *env = &X86_CPU(cs)->env;

    if (env->cr[4] & CR4_MCE_MASK) {        /* else not up, as far as we care */
        env->mcg_status = MCG_STATUS_MCIP | MCG_STATUS_RIPV;
        cpu_interrupt(cs, CPU_INTERRUPT_MCE);
    }
    qatomic_store_release(&queued[cs->cpu_index], false);
}

/*
 * Is the last broadcast still being handled?  A guest leaves its handler on one
 * vCPU after the other.  The next broadcast must reach none that has not left
 * yet: it would find MCIP set; or, where the handler has cleared MCIP and is on
 * its way out, begin at the top of the same stack (the IDT names a fixed one)
 * and overwrite what the first needs to return.
 *
 * The stack pointer of a running vCPU may be read late, never early: to leave
 * the handler's stack takes an IRET, and TCG stores what that changes.
 */
static bool others_busy(CPUState *self)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        CPUX86State *env = &X86_CPU(cs)->env;
        unsigned i = qatomic_read(&cs->cpu_index);
        vaddr top;

        if (i >= max_cpus) {                    /* it was just unplugged */
            continue;
        }
        if (qatomic_load_acquire(&queued[i])) {
            return true;
        }
        if (cs == self) {
            continue;
        }
        top = qatomic_read(&handler_sp[i]);
        if ((qatomic_read(&env->mcg_status) & MCG_STATUS_MCIP) ||
            (top && top - qatomic_read(&env->regs[R_ESP]) <
                    HANDLER_STACK_MAX)) {
            return true;
        }
    }
    return false;
}

/* leave the execution loop and come back to the same instruction */
static G_NORETURN void try_again(NvdimmPoison *s, CPUState *cs, uintptr_t ra)
{
    qatomic_inc(&s->waits);
    cs->exception_index = EXCP_INTERRUPT;
    cpu_loop_exit_restore(cs, ra);
}

/* as do_inject_x86_mce() does it; does not return */
static G_NORETURN void shut_down(CPUState *cs, hwaddr pa, bool mcip,
                                 uintptr_t ra)
{
    MemoryFailureFlags flags = { .action_required = true, .recursive = mcip };

    qapi_event_send_memory_failure(MEMORY_FAILURE_RECIPIENT_GUEST,
                                   MEMORY_FAILURE_ACTION_RESET, &flags);
    error_report("nvdimm-poison: CPU %d reads poison at 0x%" HWADDR_PRIx " %s: "
                 "reset", cs->cpu_index, pa,
                 mcip ? "while it handles a machine check" :
                        "with machine checks disabled");
    qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
    cs->halted = 1;
    cs->exception_index = EXCP_HLT;
    cpu_loop_exit_restore(cs, ra);
}

static void fill_bank(CPUX86State *env, unsigned n, uint64_t status, hwaddr pa)
{
    uint64_t *bank = &env->mce_banks[4 * n];

    if (bank[1] & MCI_STATUS_VAL) {
        status |= MCI_STATUS_OVER;
    }
    bank[2] = pa;
    bank[3] = MCM_ADDR_PHYS << 6 | ctz32(poison_dev->line_size);
    bank[1] = status | MCI_STATUS_VAL | MCI_STATUS_EN | MCI_STATUS_MISCV |
              MCI_STATUS_ADDRV;
}

/* what goes to the vCPUs other than @self */
static void broadcast(CPUState *self)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        if (cs != self) {
            qatomic_set(&queued[cs->cpu_index], true);
            async_run_on_cpu(cs, broadcast_mce, RUN_ON_CPU_NULL);
        }
    }
}

static bool is_local(NvdimmPoison *s, CPUX86State *env)
{
    return s->force_lmce || (env->mcg_ext_ctl & MCG_EXT_CTL_LMCE_EN);
}

/* the cache reports what is consumed, the memory controller what it gave up */
static unsigned bank_of(const NvdimmPoison *s, PoisonConsumed what)
{
    return what == POISON_FATAL ? POISON_RAS_BANK : s->bank;
}

static void fill_consumed(NvdimmPoison *s, CPUX86State *env, hwaddr pa,
                          PoisonConsumed what, bool local)
{
    const uint64_t action_required = MCI_STATUS_UC | MCI_STATUS_S |
                                     MCI_STATUS_AR;
    const uint64_t status[] = {
        [POISON_DATA_LOAD] = action_required | MCACOD_DATA_LOAD,
        [POISON_FETCH] = action_required | MCACOD_FETCH,
        [POISON_FATAL] = MCI_STATUS_UC | MCI_STATUS_PCC | MCACOD_MEMORY_READ,
    };

    fill_bank(env, bank_of(s, what), status[what], pa);
    env->mcg_status = MCG_STATUS_MCIP | MCG_STATUS_EIPV |
                      (what == POISON_FATAL ? 0 : MCG_STATUS_RIPV) |
                      (local ? MCG_STATUS_LMCE : 0);
}

void poison_mce_raise(NvdimmPoison *s, CPUState *cs, hwaddr pa,
                      PoisonConsumed what, uintptr_t ra)
{
    CPUX86State *env = &X86_CPU(cs)->env;
    MemoryFailureFlags flags = { .action_required = true };
    bool fetch = what == POISON_FETCH;
    bool mcip = env->mcg_status & MCG_STATUS_MCIP;
    bool fatal = mcip || !(env->cr[4] & CR4_MCE_MASK);
    bool local = is_local(s, env);

    if (env->mce_banks[4 * bank_of(s, what)] != ~0ull ||
        ((env->mcg_cap & MCG_CTL_P) && env->mcg_ctl != ~0ull)) {
        trace_nvdimm_poison_hit(cs->cpu_index, pa, fetch, "disabled");
        return;
    }
    if (!fatal && !local && others_busy(cs)) {  /* our share comes first */
        try_again(s, cs, ra);
    }
    /* whoever catches our jump unlocks the BQL, if it is held then */
    if (!bql_locked()) {
        bql_lock();
    }
    if (fatal) {
        trace_nvdimm_poison_hit(cs->cpu_index, pa, fetch, "reset");
        shut_down(cs, pa, mcip, ra);
    }
    if (!local && others_busy(cs)) {            /* somebody was faster */
        try_again(s, cs, ra);
    }
    s->hits++;
    trace_nvdimm_poison_hit(cs->cpu_index, pa, fetch,
                            local ? "local" : "broadcast");
    qapi_event_send_memory_failure(MEMORY_FAILURE_RECIPIENT_GUEST,
                                   MEMORY_FAILURE_ACTION_INJECT, &flags);
    fill_consumed(s, env, pa, what, local);
    if (!local) {
        broadcast(cs);
    }
    cs->exception_index = EXCP12_MCHK;
    env->error_code = 0;
    env->exception_is_int = 0;
    cpu_loop_exit_restore(cs, ra);
}

/* ---- what nobody has consumed ------------------------------------------- */

void poison_mce_log(CPUState *cs, unsigned bank, unsigned mcacod, hwaddr pa)
{
    CPUX86State *env = &X86_CPU(cs)->env;
    uint64_t *status = &env->mce_banks[4 * bank + 1];

    if (env->mce_banks[4 * bank] != ~0ull) {
        trace_nvdimm_poison_report(cs->cpu_index, pa, 0);
        return;
    }
    if (*status & MCI_STATUS_VAL) {
        *status |= MCI_STATUS_OVER;
    } else {
        fill_bank(env, bank, mcacod, pa);
    }
    qatomic_inc(&poison_dev->corrected);
    trace_nvdimm_poison_report(cs->cpu_index, pa, *status);
}

/* of the machine check that is on its way; BQL */
static struct {
    unsigned bank;
    uint64_t status;
    hwaddr pa;
} on_its_way;

static void signal_mce(CPUState *cs, run_on_cpu_data unused)
{
    CPUX86State *env = &X86_CPU(cs)->env;
    bool fatal = on_its_way.status & MCI_STATUS_PCC;

    fill_bank(env, on_its_way.bank, on_its_way.status, on_its_way.pa);
    env->mcg_status = MCG_STATUS_MCIP | (fatal ? 0 : MCG_STATUS_RIPV) |
                      (is_local(poison_dev, env) ? MCG_STATUS_LMCE : 0);
    cpu_interrupt(cs, CPU_INTERRUPT_MCE);
    trace_nvdimm_poison_report(cs->cpu_index, on_its_way.pa, on_its_way.status);
    qatomic_store_release(&queued[cs->cpu_index], false);
}

bool poison_mce_signal(NvdimmPoison *s, CPUState *cs, unsigned bank,
                       unsigned mcacod, hwaddr pa, bool fatal)
{
    CPUX86State *env = &X86_CPU(cs)->env;
    const uint64_t *status = &env->mce_banks[4 * bank + 1];
    MemoryFailureFlags flags = { .action_required = fatal };

    /* a corrected error gives way: fill_bank() sets OVER */
    if (others_busy(NULL) || !(env->cr[4] & CR4_MCE_MASK) ||
        env->mce_banks[4 * bank] != ~0ull ||
        ((*status & MCI_STATUS_VAL) && (*status & MCI_STATUS_UC))) {
        return false;
    }
    s->reports++;
    qapi_event_send_memory_failure(MEMORY_FAILURE_RECIPIENT_GUEST,
                                   MEMORY_FAILURE_ACTION_INJECT, &flags);
    on_its_way.bank = bank;
    on_its_way.pa = pa;
    on_its_way.status = mcacod | MCI_STATUS_UC |
                        (fatal ? MCI_STATUS_PCC : MCI_STATUS_S);
    qatomic_set(&queued[cs->cpu_index], true);
    async_run_on_cpu(cs, signal_mce, RUN_ON_CPU_NULL);
    if (!is_local(s, env)) {
        broadcast(cs);
    }
    return true;
}

/* ---- the handler's stack ------------------------------------------------ */

void poison_mce_note_handler(CPUState *cs, int cpl, vaddr sp)
{
    vaddr top = X86_CPU(cs)->env.regs[R_ESP];

    /* on the stack in use, a frame and its alignment take less than 64 bytes */
    qatomic_set(&handler_sp[cs->cpu_index],
                cpl == 0 && sp - top >= 64 ? top : 0);
}

/* ---- vCPUs that go ------------------------------------------------------ */

/*
 * The thread of a vCPU that is unplugged ends before the vCPU leaves the list, and
 * what is queued for it between the two is never done.  Another vCPU may have
 * its index later.
 */
static void device_gone(DeviceListener *listener, DeviceState *dev)
{
    if (!object_dynamic_cast(OBJECT(dev), TYPE_CPU)) {
        return;
    }
    for (unsigned i = 0; i < max_cpus; i++) {
        if (!qemu_get_cpu(i)) {
            qatomic_set(&queued[i], false);
            qatomic_set(&handler_sp[i], 0);
        }
    }
}

static DeviceListener device_listener = {
    .unrealize = device_gone,
};

void poison_mce_init(NvdimmPoison *s)
{
    poison_dev = s;
    max_cpus = MACHINE(qdev_get_machine())->smp.max_cpus;
    queued = g_new0(bool, max_cpus);
    handler_sp = g_new0(vaddr, max_cpus);
    device_listener_register(&device_listener);
}
