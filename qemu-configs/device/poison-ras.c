/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: injection by way of ACPI EINJ
 *
 * An uncorrected error is poison like any other.  A corrected and a fatal one
 * are latent: one line is remembered, and the error is gone once it was met, by
 * a vCPU that reads the line or by the scrub that TRIGGER stands for.
 *
 * What a scrub finds is reported asynchronously, and only when no vCPU handles a
 * machine check: see poison_mce_signal().
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "hw/core/cpu.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "poison-ras.h"
#include "poison-trace.h"

#define RETRY_MS            1

/* ---- a latent error ----------------------------------------------------- */

bool poison_ras_watches(NvdimmPoison *s, hwaddr pa)
{
    return qatomic_load_acquire(&s->latent) &&
           (qatomic_read(&s->latent_line) ^ pa) < TARGET_PAGE_SIZE;
}

bool poison_ras_meet(NvdimmPoison *s, CPUState *cs, hwaddr pa, unsigned size,
                     hwaddr *hit)
{
    uint32_t type = qatomic_load_acquire(&s->latent);
    hwaddr line = qatomic_read(&s->latent_line);

    if (!type || pa >= line + s->line_size || pa + MAX(size, 1) <= line) {
        return false;
    }
    *hit = MAX(pa, line);
    if (type == POISON_EINJ_MEM_FATAL) {    /* the read may be tried again */
        return true;
    }
    if (qatomic_cmpxchg(&s->latent, type, 0) != type) {
        return false;                       /* another vCPU was faster */
    }
    poison_mce_log(cs, POISON_RAS_BANK, MCACOD_MEMORY_READ, *hit);
    return false;
}

/* ---- what the scrub reports --------------------------------------------- */

static CPUState *reporting_cpu(NvdimmPoison *s)
{
    return qemu_get_cpu(s->report_cpu) ?: first_cpu;
}

/* Memory that is read in vain is scrubbed no more: the report is made once. */
static void report(void *opaque)
{
    NvdimmPoison *s = opaque;
    bool fatal = s->report == POISON_EINJ_MEM_FATAL;

    if (!s->report) {
        return;
    }
    if (!poison_mce_signal(s, reporting_cpu(s), POISON_RAS_BANK, MCACOD_SCRUB,
                           s->report_address, fatal)) {
        timer_mod(s->report_timer,
                  qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + RETRY_MS);
        return;
    }
    s->report = 0;
}

static void log_corrected(CPUState *cs, run_on_cpu_data data)
{
    poison_mce_log(cs, POISON_RAS_BANK, MCACOD_SCRUB, data.target_ptr);
}

/* ---- what the window does ----------------------------------------------- */

/* as long as one error is on its way, no other can be injected */
static unsigned make_latent(NvdimmPoison *s, PoisonDimm *d, uint32_t type,
                            hwaddr address, uint64_t offset)
{
    hwaddr line = address - offset % s->line_size;

    if (!poison_dimm_is_memory(d, line, s->line_size)) {
        return POISON_EINJ_ST_INVALID;
    }
    if (s->latent) {
        return POISON_EINJ_ST_FAILED;
    }
    qatomic_set(&s->latent_line, line);
    qatomic_store_release(&s->latent, type);
    poison_cpu_flush();
    return POISON_EINJ_ST_OK;
}

static unsigned inject(void *opaque, uint32_t type, uint64_t address)
{
    NvdimmPoison *s = opaque;
    PoisonDimm *d;
    uint64_t offset;
    unsigned st;

    nvdimm_poison_refresh(s);
    d = poison_dimm_by_address(s, address, &offset);
    if (!d) {
        st = POISON_EINJ_ST_INVALID;
    } else if (s->report) {
        st = POISON_EINJ_ST_FAILED;
    } else if (type != POISON_EINJ_MEM_UC) {
        st = make_latent(s, d, type, address, offset);
    } else {
        switch (poison_dimm_plant(s, d, offset / POISON_GRANULE, 1)) {
        case POISON_ST_OK:
            st = POISON_EINJ_ST_OK;
            break;
        case POISON_ST_RANGE:
            st = POISON_EINJ_ST_INVALID;
            break;
        default:
            st = POISON_EINJ_ST_FAILED;
            break;
        }
    }
    s->injections += st == POISON_EINJ_ST_OK;
    trace_nvdimm_poison_inject(type, address, st);
    return st;
}

static void trigger(void *opaque, uint32_t type, uint64_t address)
{
    NvdimmPoison *s = opaque;
    CPUState *cs = current_cpu ?: first_cpu;

    if (type != POISON_EINJ_MEM_UC &&
        qatomic_cmpxchg(&s->latent, type, 0) != type) {
        return;                             /* a vCPU has met it meanwhile */
    }
    if (type == POISON_EINJ_MEM_CE) {
        async_run_on_cpu(cs, log_corrected, RUN_ON_CPU_TARGET_PTR(address));
        return;
    }
    s->report = type;
    s->report_address = address;
    s->report_cpu = cs->cpu_index;
    report(s);
}

static const PoisonEinjOps einj_ops = {
    .inject = inject,
    .trigger = trigger,
};

static uint64_t window_read(void *opaque, hwaddr addr, unsigned size)
{
    NvdimmPoison *s = opaque;

    return poison_einj_read(&s->einj, addr, size);
}

static void window_write(void *opaque, hwaddr addr, uint64_t value,
                         unsigned size)
{
    NvdimmPoison *s = opaque;

    if (!poison_einj_write(&s->einj, addr, value, size)) {
        qemu_log_mask(LOG_GUEST_ERROR, "nvdimm-poison: store of 0x%" PRIx64
                      " to 0x%" HWADDR_PRIx " of the injection window\n", value,
                      addr);
    }
}

static const MemoryRegionOps window_ops = {
    .read = window_read,
    .write = window_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

/* ---- life --------------------------------------------------------------- */

bool poison_ras_realize(NvdimmPoison *s, Error **errp)
{
    if (!s->has_einj) {
        return true;
    }
    if (s->bank == POISON_RAS_BANK) {
        error_setg(errp, "nvdimm-poison: bank is %u, which reports for the "
                   "memory controller with einj=on", s->bank);
        return false;
    }
    poison_einj_init(&s->einj, &einj_ops, s);
    s->report_timer = timer_new_ms(QEMU_CLOCK_VIRTUAL, report, s);
    memory_region_init_io(&s->einj_mr, OBJECT(s), &window_ops, s,
                          "nvdimm-poison-einj", POISON_EINJ_SIZE);
    memory_region_add_subregion(get_system_memory(), POISON_EINJ_BASE,
                                &s->einj_mr);
    return true;
}

void poison_ras_reset(NvdimmPoison *s)
{
    if (!s->has_einj) {
        return;
    }
    poison_einj_reset(&s->einj);
    qatomic_set(&s->latent, 0);
    s->report = 0;
    timer_del(s->report_timer);
}

static bool einj_needed(void *opaque)
{
    NvdimmPoison *s = opaque;

    return s->has_einj;
}

/* the machine does not run yet, so the report is made when it does */
static int einj_post_load(void *opaque, int version_id)
{
    NvdimmPoison *s = opaque;

    if (s->report) {
        timer_mod(s->report_timer,
                  qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + RETRY_MS);
    }
    return 0;
}

const VMStateDescription poison_ras_vmstate = {
    .name = TYPE_NVDIMM_POISON "/einj",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = einj_needed,
    .post_load = einj_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_UINT8_ARRAY(einj.params, NvdimmPoison, POISON_EINJ_PARAMS_SIZE),
        VMSTATE_UINT32(einj.open, NvdimmPoison),
        VMSTATE_UINT32(einj.status, NvdimmPoison),
        VMSTATE_UINT32(einj.armed, NvdimmPoison),
        VMSTATE_UINT64(einj.address, NvdimmPoison),
        VMSTATE_UINT32(latent, NvdimmPoison),
        VMSTATE_UINT64(latent_line, NvdimmPoison),
        VMSTATE_UINT32(report, NvdimmPoison),
        VMSTATE_UINT32(report_cpu, NvdimmPoison),
        VMSTATE_UINT64(report_address, NvdimmPoison),
        VMSTATE_END_OF_LIST()
    },
};
