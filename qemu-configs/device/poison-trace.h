/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace points
 *
 * They have the form that QEMU's tracetool generates from a trace-events file,
 * which an object built outside of QEMU's tree cannot have.  The property
 * trace=on switches them all on; they go where QEMU's log goes (-D).
 */
#ifndef POISON_TRACE_H
#define POISON_TRACE_H

#include "qemu/log.h"

extern bool poison_tracing;

static inline void trace_nvdimm_poison_plant(uint32_t dimm, uint64_t offset,
                                             uint64_t length, unsigned status)
{
    if (unlikely(poison_tracing)) {
        qemu_log("nvdimm_poison_plant dimm=%u offset=0x%" PRIx64
                 " length=0x%" PRIx64 " status=%u\n", dimm, offset, length,
                 status);
    }
}

static inline void trace_nvdimm_poison_clear(uint32_t dimm, uint64_t offset,
                                             uint64_t length, unsigned status)
{
    if (unlikely(poison_tracing)) {
        qemu_log("nvdimm_poison_clear dimm=%u offset=0x%" PRIx64
                 " length=0x%" PRIx64 " status=%u\n", dimm, offset, length,
                 status);
    }
}

static inline void trace_nvdimm_poison_hit(int cpu, uint64_t address,
                                           bool fetch, const char *result)
{
    if (unlikely(poison_tracing)) {
        qemu_log("nvdimm_poison_hit cpu=%d address=0x%" PRIx64
                 " fetch=%d result=%s\n", cpu, address, fetch, result);
    }
}

static inline void trace_nvdimm_poison_inject(uint32_t type, uint64_t address,
                                              unsigned status)
{
    if (unlikely(poison_tracing)) {
        qemu_log("nvdimm_poison_inject type=0x%x address=0x%" PRIx64
                 " status=%u\n", type, address, status);
    }
}

static inline void trace_nvdimm_poison_report(int cpu, uint64_t address,
                                              uint64_t status)
{
    if (unlikely(poison_tracing)) {
        qemu_log("nvdimm_poison_report cpu=%d address=0x%" PRIx64
                 " status=0x%" PRIx64 "\n", cpu, address, status);
    }
}

#endif /* POISON_TRACE_H */
