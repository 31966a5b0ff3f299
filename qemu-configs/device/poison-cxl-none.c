/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of CXL type-3 devices: a QEMU whose CXL is not known
 *
 * 7.2 keeps no list of poison.  11.1 lays an alias of the device's RAM over a
 * window once its decoder is committed, and no read of it comes by.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "qapi/error.h"
#include "poison-cxl.h"

bool poison_cxl_known(Error **errp)
{
    error_setg(errp, "nvdimm-poison: cxl=on works with QEMU 10.0 only, this is "
               "%d.%d", QEMU_VERSION_MAJOR, QEMU_VERSION_MINOR);
    return false;
}

bool poison_cxl_take(NvdimmPoison *s, Error **errp)
{
    return poison_cxl_known(errp);
}

bool poison_cxl_meets(hwaddr pa, unsigned size, hwaddr *hit)
{
    return false;
}
