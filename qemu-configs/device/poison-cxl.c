/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of CXL type-3 devices: the windows of QEMU 10.0
 *
 * A fixed memory window (CXL r3.1, 9.18.1.3) is I/O to QEMU: each access to it,
 * of a vCPU or a device, comes to its MemoryRegionOps, with the BQL held.  They are
 * replaced by a copy whose reads fail where they meet poison.  For a vCPU, cputlb
 * calls do_transaction_failed() then, with the instruction at hand.
 *
 * The poison is QEMU's own: the lists of CXLType3Dev are looked at in each read.
 * What the mailbox or QMP has changed is in force at once.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "hw/cxl/cxl.h"
#include "hw/i386/pc.h"
#include "hw/pci-bridge/pci_expander_bridge.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_host.h"
#include "hw/pci/pcie_port.h"
#include "qapi/error.h"
#include "poison-cxl.h"
#include "poison-hdm.h"

/* a read that fails has this value, for those who do not ask whether it has */
#define FAILED_READ         UINT64_MAX

static const MemoryRegionOps *real_ops;
static MemoryRegionOps window_ops;
static GList *windows;              /* of CXLFixedWindow */
static uint32_t line_size;

/* ---- where an access goes ------------------------------------------------ */

#define HDM_STEP    (R_CXL_HDM_DECODER1_BASE_LO - R_CXL_HDM_DECODER0_BASE_LO)

/* the low half has bits 31:28 alone, CXL r3.1 8.2.4.20.3, .5, .10 */
static uint64_t hdm_pair(const uint32_t *regs, unsigned low, unsigned high)
{
    return (ldl_le_p(regs + low) & 0xf0000000) |
           (uint64_t)ldl_le_p(regs + high) << 32;
}

/* the registers of a device's are its skip where those of others are targets */
static unsigned hdm_read(CXLComponentState *cs, PoisonHdm *hdm)
{
    const uint32_t *regs = cs->crb.cache_mem_registers;
    uint32_t cap = ldl_le_p(regs + R_CXL_HDM_DECODER_CAPABILITY);
    int n = cxl_decoder_count_dec(FIELD_EX32(cap, CXL_HDM_DECODER_CAPABILITY,
                                             DECODER_COUNT));

    n = MAX(0, MIN(n, POISON_HDM_MAX));
    for (int i = 0; i < n; i++, regs += HDM_STEP) {
        uint32_t ctrl = ldl_le_p(regs + R_CXL_HDM_DECODER0_CTRL);
        uint64_t targets =
            ldl_le_p(regs + R_CXL_HDM_DECODER0_TARGET_LIST_LO) |
            (uint64_t)ldl_le_p(regs + R_CXL_HDM_DECODER0_TARGET_LIST_HI) << 32;

        hdm[i] = (PoisonHdm) {
            .base = hdm_pair(regs, R_CXL_HDM_DECODER0_BASE_LO,
                             R_CXL_HDM_DECODER0_BASE_HI),
            .size = hdm_pair(regs, R_CXL_HDM_DECODER0_SIZE_LO,
                             R_CXL_HDM_DECODER0_SIZE_HI),
            .skip = hdm_pair(regs, R_CXL_HDM_DECODER0_DPA_SKIP_LO,
                             R_CXL_HDM_DECODER0_DPA_SKIP_HI),
            .ig = FIELD_EX32(ctrl, CXL_HDM_DECODER0_CTRL, IG),
            .iw = FIELD_EX32(ctrl, CXL_HDM_DECODER0_CTRL, IW),
            .committed = FIELD_EX32(ctrl, CXL_HDM_DECODER0_CTRL, COMMITTED),
        };
        stq_le_p(hdm[i].target, targets);
    }
    return n;
}

static PCIDevice *behind(PCIDevice *port)
{
    return port ? pci_bridge_get_sec_bus(PCI_BRIDGE(port))->devices[0] : NULL;
}

/* the device behind the port of @bus that the decoders of @cs choose */
static PCIDevice *chosen(CXLComponentState *cs, PCIBus *bus, hwaddr hpa)
{
    PoisonHdm hdm[POISON_HDM_MAX];
    uint8_t port;

    if (!cs || !poison_hdm_target(hdm, hdm_read(cs, hdm), hpa, &port)) {
        return NULL;
    }
    return behind(pcie_find_port_by_pn(bus, port));
}

/*
 * CXL r3.1 9.18.1.3: the window's interleave chooses the host bridge.  One with a
 * single root port may be without decoders (8.2.4.20, "passthrough decoder").
 * QEMU has one level of switches at most.
 */
static CXLType3Dev *device_at(CXLFixedWindow *fw, hwaddr hpa)
{
    unsigned n = (hpa / cxl_decode_ig(fw->enc_int_gran)) % fw->num_targets;
    PCIHostState *hb = PCI_HOST_BRIDGE(fw->target_hbs[n]->cxl_host_bridge);
    PCIDevice *d;

    if (!hb || !hb->bus || !pci_bus_is_cxl(hb->bus)) {
        return NULL;
    }
    if (cxl_get_hb_passthrough(hb)) {
        d = behind(pcie_find_port_first(hb->bus));
    } else {
        d = chosen(cxl_get_hb_cstate(hb), hb->bus, hpa);
    }
    if (d && object_dynamic_cast(OBJECT(d), TYPE_CXL_USP)) {
        d = chosen(cxl_usp_to_cstate(CXL_USP(d)),
                   pci_bridge_get_sec_bus(PCI_BRIDGE(d)), hpa);
    }
    if (!d || !object_dynamic_cast(OBJECT(d), TYPE_CXL_TYPE3)) {
        return NULL;
    }
    return CXL_TYPE3(d);
}

/* ---- what is poisoned there ---------------------------------------------- */

/* the first byte in @dpa + @size that is in a line of the list, or UINT64_MAX */
static uint64_t first_bad(const CXLPoisonList *list, uint64_t dpa,
                          unsigned size)
{
    uint64_t first = UINT64_MAX;
    CXLPoison *p;

    QLIST_FOREACH(p, list, node) {
        uint64_t start = ROUND_DOWN(p->start, line_size);
        uint64_t end = ROUND_UP(p->start + p->length, line_size);

        if (dpa < end && dpa + size > start) {
            first = MIN(first, MAX(dpa, start));
        }
    }
    return first;
}

/*
 * What did not fit into the list (CXL r3.1 8.2.9.9.4.1, "Poison List Overflow") is
 * no less poisoned.
 */
static bool window_meets(CXLFixedWindow *fw, hwaddr hpa, unsigned size,
                         hwaddr *hit)
{
    CXLType3Dev *t = device_at(fw, hpa);
    PoisonHdm hdm[POISON_HDM_MAX];
    uint64_t dpa, bad;

    if (!t || (QLIST_EMPTY(&t->poison_list) &&
               QLIST_EMPTY(&t->poison_list_bkp)) ||
        !poison_hdm_dpa(hdm, hdm_read(&t->cxl_cstate, hdm), hpa, &dpa)) {
        return false;
    }
    bad = MIN(first_bad(&t->poison_list, dpa, size),
              first_bad(&t->poison_list_bkp, dpa, size));
    if (bad == UINT64_MAX) {
        return false;
    }
    *hit = hpa + (bad - dpa);
    return true;
}

bool poison_cxl_meets(hwaddr pa, unsigned size, hwaddr *hit)
{
    for (GList *i = windows; i; i = i->next) {
        CXLFixedWindow *fw = i->data;

        if (pa - fw->base < fw->size) {
            return window_meets(fw, pa, size, hit);
        }
    }
    return false;
}

static MemTxResult window_read(void *opaque, hwaddr addr, uint64_t *data,
                               unsigned size, MemTxAttrs attrs)
{
    MemTxResult r = real_ops->read_with_attrs(opaque, addr, data, size, attrs);
    CXLFixedWindow *fw = opaque;
    hwaddr hit;

    if (r == MEMTX_OK && window_meets(fw, fw->base + addr, size, &hit)) {
        *data = FAILED_READ;
        return MEMTX_ERROR;
    }
    return r;
}

/* ---- taking hold of the windows ------------------------------------------- */

bool poison_cxl_known(Error **errp)
{
    return true;
}

/* as far as it shows; no type of QOM says how large a window is */
static bool layout_is_known(void)
{
    return poison_instance_size(TYPE_CXL_TYPE3) == sizeof(CXLType3Dev) &&
           poison_instance_size(TYPE_PXB_CXL_DEV) == sizeof(PXBCXLDev) &&
           poison_instance_size(TYPE_PC_MACHINE) == sizeof(PCMachineState);
}

/* an alias of RAM over it would keep reads from it */
static bool window_is_known(CXLFixedWindow *fw)
{
    return fw->mr.ops && fw->mr.ops->read_with_attrs &&
           fw->mr.opaque == fw && !memory_region_is_ram(&fw->mr) &&
           memory_region_size(&fw->mr) == fw->size &&
           QTAILQ_EMPTY(&fw->mr.subregions);
}

bool poison_cxl_take(NvdimmPoison *s, Error **errp)
{
    Object *machine = object_dynamic_cast(qdev_get_machine(), TYPE_PC_MACHINE);
    GList *list, *i;

    if (!machine || !layout_is_known()) {
        error_setg(errp, "nvdimm-poison: cxl=on, and built for another QEMU: "
                   "its CXL devices differ");
        return false;
    }
    list = PC_MACHINE(machine)->cxl_devices_state.fixed_windows;
    if (!list) {
        error_setg(errp, "nvdimm-poison: cxl=on, and the machine has no CXL "
                   "window: add cxl=on and cxl-fmw to -machine");
        return false;
    }
    for (i = list; i; i = i->next) {
        CXLFixedWindow *fw = i->data;

        if (!window_is_known(fw) ||
            fw->mr.ops != ((CXLFixedWindow *)list->data)->mr.ops) {
            error_setg(errp, "nvdimm-poison: cxl=on, and a CXL window is no "
                       "I/O as QEMU 10.0 has it");
            return false;
        }
        real_ops = fw->mr.ops;
    }
    if (!poison_cxl_take_mailboxes(errp)) {
        return false;
    }
    line_size = s->line_size;
    window_ops = *real_ops;
    window_ops.read_with_attrs = window_read;
    windows = list;
    for (i = list; i; i = i->next) {
        ((CXLFixedWindow *)i->data)->mr.ops = &window_ops;
    }
    return true;
}
