/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: the device, its registers and properties
 *
 * See nvdimm-poison.rst.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "qemu/lockable.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/nvdimm-utils.h"
#include "nvdimm-poison.h"
#include "poison-cxl.h"
#include "poison-ras.h"
#include "poison-trace.h"

bool poison_tracing;

static NvdimmPoison *only_one;

/* ---- keeping the table of DIMMs up to date ------------------------------ */

/* Nobody is there to be told by an error, except on the console. */
void nvdimm_poison_refresh(NvdimmPoison *s)
{
    Error *err = NULL;

    if (!runstate_check(RUN_STATE_INMIGRATE) &&
        !poison_dimm_refresh(s, &err)) {
        error_report_err(err);
    }
}

static void refresh_bh(void *opaque)
{
    nvdimm_poison_refresh(opaque);
}

static void memory_changed(NvdimmPoison *s, MemoryRegionSection *section)
{
    if (s->ready && section->nonvolatile && !s->stale) {
        s->stale = true;
        aio_bh_schedule_oneshot(qemu_get_aio_context(), refresh_bh, s);
    }
}

static void region_add(MemoryListener *listener, MemoryRegionSection *section)
{
    memory_changed(container_of(listener, NvdimmPoison, listener), section);
}

static void vm_state_change(void *opaque, bool running, RunState state)
{
    if (running) {
        nvdimm_poison_refresh(opaque);
    }
}

static void machine_done(Notifier *n, void *unused)
{
    NvdimmPoison *s = container_of(n, NvdimmPoison, machine_done);
    GSList *nvdimms = nvdimm_get_device_list();
    Error *err = NULL;

    if (!nvdimms && !s->ram && !s->cxl) {
        error_report("nvdimm-poison: there is no nvdimm, and ram is off");
        exit(EXIT_FAILURE);
    }
    g_slist_free(nvdimms);
    if (s->cxl && !poison_cxl_take(s, &err)) {
        error_report_err(err);
        exit(EXIT_FAILURE);
    }
    if (!runstate_check(RUN_STATE_INMIGRATE) &&
        !poison_dimm_refresh(s, &err)) {
        error_report_err(err);
        exit(EXIT_FAILURE);
    }
}

/* ---- registers ---------------------------------------------------------- */

static unsigned command(NvdimmPoison *s, uint32_t cmd)
{
    PoisonDimm *d;

    nvdimm_poison_refresh(s);
    if (cmd < POISON_CMD_PLANT || cmd > POISON_CMD_LOCK) {
        return POISON_ST_COMMAND;
    }
    d = poison_dimm_by_handle(s, s->reg_dimm);
    if (!d) {
        return POISON_ST_DIMM;
    }
    if (cmd == POISON_CMD_PLACE) {
        return poison_set_place(s, d, s->reg_start >> 16,
                                s->reg_start & 0xffff, s->reg_count);
    }
    if (cmd == POISON_CMD_LOCK) {
        return poison_lock_set(s, d, s->reg_start);
    }
    if (!d->list) {
        return POISON_ST_DAMAGED;
    }
    switch (cmd) {
    case POISON_CMD_PLANT:
        return poison_dimm_plant(s, d, s->reg_start, s->reg_count);
    case POISON_CMD_CLEAR:
        return poison_dimm_clear(s, d, s->reg_start, s->reg_count);
    case POISON_CMD_MAKE:
        return poison_dimm_make_list(s, d);
    case POISON_CMD_ERASE:
        return poison_dimm_erase(d, &s->reg_start, &s->reg_count);
    default:
        return poison_list_find(d->list, &s->reg_start, &s->reg_count);
    }
}

static uint32_t ranges(NvdimmPoison *s)
{
    PoisonDimm *d;

    nvdimm_poison_refresh(s);
    d = poison_dimm_by_handle(s, s->reg_dimm);
    return d && d->list ? poison_list_ranges(d->list) : 0;
}

static uint64_t io_read(void *opaque, hwaddr addr, unsigned size)
{
    NvdimmPoison *s = opaque;

    switch (addr) {
    case POISON_REG_ID:
        return POISON_ID;
    case POISON_REG_STATUS:
        return s->reg_status;
    case POISON_REG_DIMM:
        return s->reg_dimm;
    case POISON_REG_START:
        return s->reg_start;
    case POISON_REG_COUNT:
        return s->reg_count;
    case POISON_REG_RANGES:
        return ranges(s);
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "nvdimm-poison: read of register 0x%"
                      HWADDR_PRIx "\n", addr);
        return 0;
    }
}

static void io_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    NvdimmPoison *s = opaque;

    switch (addr) {
    case POISON_REG_COMMAND:
        s->reg_status = command(s, value);
        break;
    case POISON_REG_DIMM:
        s->reg_dimm = value;
        break;
    case POISON_REG_START:
        s->reg_start = value;
        break;
    case POISON_REG_COUNT:
        s->reg_count = value;
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "nvdimm-poison: write of register 0x%"
                      HWADDR_PRIx "\n", addr);
        break;
    }
}

static const MemoryRegionOps io_ops = {
    .read = io_read,
    .write = io_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 4 },
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

/* ---- properties for the host -------------------------------------------- */

/* "DIMM:OFFSET+LENGTH", bytes; DIMM is a handle or the id of an nvdimm */
static PoisonDimm *parse(NvdimmPoison *s, const char *text, bool plant,
                         uint32_t *start, uint32_t *count, Error **errp)
{
    g_autofree char *name = NULL;
    const char *colon = strchr(text, ':'), *p;
    uint64_t offset, length;
    unsigned handle;
    PoisonDimm *d;

    if (!colon || qemu_strtosz(colon + 1, &p, &offset) || *p != '+' ||
        qemu_strtosz(p + 1, &p, &length) || *p) {
        error_setg(errp, "'%s' is not DIMM:OFFSET+LENGTH", text);
        return NULL;
    }
    name = g_strndup(text, colon - text);
    d = qemu_strtoui(name, NULL, 0, &handle) ? poison_dimm_by_id(s, name) :
                                               poison_dimm_by_handle(s, handle);
    if (!d) {
        error_setg(errp, "no nvdimm has the id or handle '%s'", name);
        return NULL;
    }
    if (offset % POISON_GRANULE || length % POISON_GRANULE) {
        error_setg(errp, "offset 0x%" PRIx64 " and length 0x%" PRIx64 " must "
                   "be multiples of %d", offset, length, POISON_GRANULE);
        return NULL;
    }
    if (!length || offset >= d->size || length > d->size - offset ||
        length / POISON_GRANULE > UINT32_MAX) {
        error_setg(errp, "0x%" PRIx64 "+0x%" PRIx64 " is empty or not within "
                   "the 0x%" PRIx64 " bytes of '%s'", offset, length, d->size,
                   d->name);
        return NULL;
    }
    if (plant && s->scramble && length > POISON_SCRAMBLE_MAX) {
        error_setg(errp, "0x%" PRIx64 " bytes are too many to be overwritten at "
                   "once, must be 0x%x at most with scramble=on", length,
                   POISON_SCRAMBLE_MAX);
        return NULL;
    }
    *start = offset / POISON_GRANULE;
    *count = length / POISON_GRANULE;
    return d;
}

static void change(Object *obj, const char *text, bool plant, Error **errp)
{
    NvdimmPoison *s = NVDIMM_POISON(obj);
    uint32_t start, count;
    PoisonDimm *d;
    unsigned st;

    nvdimm_poison_refresh(s);
    if (!s->ready) {
        error_setg(errp, "the machine is not ready");
        return;
    }
    d = parse(s, text, plant, &start, &count, errp);
    if (!d) {
        return;
    }
    st = plant ? poison_dimm_plant(s, d, start, count) :
                 poison_dimm_clear(s, d, start, count);
    switch (st) {
    case POISON_ST_OK:
        break;
    case POISON_ST_FULL:
        error_setg(errp, "the poison list of '%s' is full: %u of %u ranges",
                   d->name, poison_list_ranges(d->list),
                   poison_list_capacity(d->list));
        break;
    case POISON_ST_DAMAGED:
        error_setg(errp, "the poison list of '%s' was refused", d->name);
        break;
    default:
        error_setg(errp, "'%s' is not all RAM", text);
        break;
    }
}

static void set_plant(Object *obj, const char *text, Error **errp)
{
    change(obj, text, true, errp);
}

static void set_clear(Object *obj, const char *text, Error **errp)
{
    change(obj, text, false, errp);
}

static char *get_list(Object *obj, Error **errp)
{
    NvdimmPoison *s = NVDIMM_POISON(obj);
    GString *out = g_string_new(NULL);

    nvdimm_poison_refresh(s);
    for (unsigned i = 0; s->map && i < s->map->n; i++) {
        PoisonDimm *d = s->map->dimm[i];
        uint64_t pos = 0;
        uint32_t start, count;

        while (d->list && poison_list_next(d->list, &pos, &start, &count)) {
            g_string_append_printf(out, "%u:0x%" PRIx64 "+0x%" PRIx64 "\n",
                                   d->handle,
                                   (uint64_t)start << POISON_GRANULE_SHIFT,
                                   (uint64_t)count << POISON_GRANULE_SHIFT);
        }
    }
    return g_string_free(out, false);
}

static char *get_stats(Object *obj, Error **errp)
{
    NvdimmPoison *s = NVDIMM_POISON(obj);
    uint64_t lookups;

    nvdimm_poison_refresh(s);
    WITH_QEMU_LOCK_GUARD(&s->lock) {
        lookups = s->lookups;
    }
    return g_strdup_printf("ranges=%u locked=%u plants=%" PRIu64 " clears=%" PRIu64
                           " hits=%" PRIu64 " waits=%u lookups=%" PRIu64
                           " injections=%" PRIu64 " corrected=%u reports=%"
                           PRIu64, s->ranges, s->bites - s->ranges, s->plants,
                           s->clears, s->hits,
                           qatomic_read(&s->waits), lookups, s->injections,
                           qatomic_read(&s->corrected), s->reports);
}

/* ---- QOM ---------------------------------------------------------------- */

/*
 * Memory that firmware initialises anew has no poison then; an NVDIMM keeps
 * its own.
 */
static void reset_ram(NvdimmPoison *s)
{
    PoisonDimm *d = s->ready ? poison_dimm_by_handle(s, POISON_RAM_HANDLE) :
                               NULL;
    uint32_t start, count;
    uint64_t pos = 0;

    while (d && d->list && poison_list_next(d->list, &pos, &start, &count)) {
        poison_dimm_clear(s, d, start, count);
    }
}

static void reset(void *opaque)
{
    NvdimmPoison *s = opaque;

    reset_ram(s);
    poison_set_reset(s);
    poison_lock_reset(s);
    s->reg_dimm = s->reg_start = s->reg_count = 0;
    s->reg_status = POISON_ST_OK;
    poison_ras_reset(s);
}

static bool settings_are_good(NvdimmPoison *s, Error **errp)
{
    if (only_one) {
        error_setg(errp, "nvdimm-poison: there is one already");
        return false;
    }
    if (s->line_size != 64 && s->line_size != 256) {
        error_setg(errp, "nvdimm-poison: line-size is %u, must be 64 or 256",
                   s->line_size);
        return false;
    }
    if (s->iobase % 4 || s->iobase > 0x10000 - POISON_PORT_SIZE) {
        error_setg(errp, "nvdimm-poison: iobase is 0x%x, must be a multiple of "
                   "4 below 0x%x", s->iobase, 0x10001 - POISON_PORT_SIZE);
        return false;
    }
    return true;
}

static void realize(DeviceState *dev, Error **errp)
{
    NvdimmPoison *s = NVDIMM_POISON(dev);

    if (!settings_are_good(s, errp) || (s->cxl && !poison_cxl_known(errp)) ||
        !poison_cpu_hook(s, errp) || !poison_ras_realize(s, errp)) {
        return;
    }
    if (s->trace) {
        poison_tracing = true;
        if (!qemu_set_log(qemu_loglevel | LOG_TRACE, errp)) {
            return;
        }
    }
    only_one = s;
    memory_region_init_io(&s->io, OBJECT(s), &io_ops, s, TYPE_NVDIMM_POISON,
                          POISON_PORT_SIZE);
    memory_region_add_subregion(get_system_io(), s->iobase, &s->io);
    qemu_register_reset(reset, s);
    qemu_add_vm_change_state_handler(vm_state_change, s);
    s->listener = (MemoryListener) {
        .name = TYPE_NVDIMM_POISON,
        .region_add = region_add,
        .region_del = region_add,
    };
    memory_listener_register(&s->listener, &address_space_memory);
    s->machine_done.notify = machine_done;
    qemu_add_machine_init_done_notifier(&s->machine_done);
}

static void instance_init(Object *obj)
{
    qemu_mutex_init(&NVDIMM_POISON(obj)->lock);
}

static void instance_finalize(Object *obj)
{
    qemu_mutex_destroy(&NVDIMM_POISON(obj)->lock);
}

static int pre_load(void *opaque)
{
    poison_lists_forget(opaque);
    poison_set_forget(opaque);
    poison_lock_forget(opaque);
    return 0;
}

/*
 * The lists came with the label areas, if they did not stay in a shared file, or
 * in the subsection.
 */
static int post_load(void *opaque, int version_id)
{
    NvdimmPoison *s = opaque;

    s->reload = true;
    return 0;
}

static const VMStateDescription vmstate = {
    .name = TYPE_NVDIMM_POISON,
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = pre_load,
    .post_load = post_load,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32(reg_dimm, NvdimmPoison),
        VMSTATE_UINT32(reg_start, NvdimmPoison),
        VMSTATE_UINT32(reg_count, NvdimmPoison),
        VMSTATE_UINT32(reg_status, NvdimmPoison),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *[]) {
        &poison_ras_vmstate, &poison_lists_vmstate, &poison_set_vmstate,
        &poison_lock_vmstate, NULL
    },
};

static PoisonProperty properties[] = {
    DEFINE_PROP_UINT32("iobase", NvdimmPoison, iobase, POISON_PORT),
    DEFINE_PROP_UINT32("line-size", NvdimmPoison, line_size, 64),
    DEFINE_PROP_UINT32("bank", NvdimmPoison, bank, 1),
    DEFINE_PROP_BOOL("force-lmce", NvdimmPoison, force_lmce, false),
    DEFINE_PROP_BOOL("scramble", NvdimmPoison, scramble, false),
    DEFINE_PROP_BOOL("ram", NvdimmPoison, ram, false),
    DEFINE_PROP_BOOL("einj", NvdimmPoison, has_einj, false),
    DEFINE_PROP_BOOL("cxl", NvdimmPoison, cxl, false),
    DEFINE_PROP_BOOL("trace", NvdimmPoison, trace, false),
    POISON_PROP_END
};

static void class_init(ObjectClass *oc, PoisonClassData *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->desc = "media errors of NVDIMMs (TCG)";
    dc->realize = realize;
    dc->vmsd = &vmstate;
    dc->hotpluggable = false;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, properties);
    object_class_property_add_str(oc, "plant", NULL, set_plant);
    object_class_property_add_str(oc, "clear", NULL, set_clear);
    object_class_property_add_str(oc, "list", get_list, NULL);
    object_class_property_add_str(oc, "stats", get_stats, NULL);
}

static const TypeInfo type_info = {
    .name = TYPE_NVDIMM_POISON,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(NvdimmPoison),
    .instance_init = instance_init,
    .instance_finalize = instance_finalize,
    .class_init = class_init,
};

void nvdimm_poison_register_type(void)
{
    type_register_static(&type_info);
}

type_init(nvdimm_poison_register_type)
