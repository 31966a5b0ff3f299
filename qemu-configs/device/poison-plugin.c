/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of NVDIMMs: entry of the object for an installed QEMU
 *
 * -plugin loads an object before the machine and its devices are made, and
 * that is all it is used for: no plugin callback is registered, so that no
 * guest code is instrumented.  The object uses QEMU's internal structures; it
 * refuses any build but the one whose headers it was compiled with.
 *
 * Not part of an in-tree build.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "qapi/qapi-commands-control.h"
#include "qemu/error-report.h"
#include "qemu/plugin.h"
#include "nvdimm-poison.h"

static void refuse_other_build(void)
{
    g_autoptr(VersionInfo) v = qmp_query_version(NULL);
    g_autofree char *here = g_strdup_printf(
        "%" PRId64 ".%" PRId64 ".%" PRId64 " (%s)", v->qemu->major,
        v->qemu->minor, v->qemu->micro, v->package);

    if (strcmp(here, POISON_QEMU_VERSION)) {
        error_report("nvdimm-poison: built for QEMU " POISON_QEMU_VERSION
                     ", this is %s: build it anew", here);
        exit(EXIT_FAILURE);
    }
}

/* the build's options, too, decide about the layout of structures */
static void refuse_other_layout(void)
{
    static const struct {
        const char *type;
        size_t size;
    } known[] = {
        { TYPE_DEVICE, sizeof(DeviceState) },
        { TYPE_MEMORY_REGION, sizeof(MemoryRegion) },
        { TYPE_NVDIMM, sizeof(NVDIMMDevice) },
        { TYPE_CPU, sizeof(CPUState) },
        { X86_CPU_TYPE_NAME("qemu64"), sizeof(X86CPU) },
    };

    for (int i = 0; i < ARRAY_SIZE(known); i++) {
        size_t here = poison_instance_size(known[i].type);

        if (here != known[i].size) {
            error_report("nvdimm-poison: built with other options than this "
                         "QEMU: %s has %zu bytes here, had %zu", known[i].type,
                         here, known[i].size);
            exit(EXIT_FAILURE);
        }
    }
}

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
                                           const qemu_info_t *info,
                                           int argc, char **argv)
{
    refuse_other_build();
    refuse_other_layout();
    nvdimm_poison_register_type();
    return 0;
}
