/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of CXL type-3 devices: the HDM decoders' arithmetic
 *
 * The same as QEMU's own (hw/cxl/cxl-host.c, hw/mem/cxl_type3.c), which it keeps to
 * itself: poison must be found where QEMU has the data.  What a decoder that was
 * never committed maps, and what is mapped by none, QEMU answers by itself.
 */
#include "poison-hdm.h"

/* granularities are 256 << IG, CXL r3.1 8.2.4.20.7 */
#define IG_SHIFT        8

/* IW from here on is three times a power of two, the same section */
#define IW_3            8

unsigned poison_hdm_ways(unsigned iw)
{
    if (iw <= 4) {
        return 1u << iw;
    }
    return iw >= IW_3 && iw <= IW_3 + 2 ? 3u << (iw - IW_3) : 0;
}

/*
 * The decoder's low and high target lists have eight ports, and ways are a power
 * of two, as the capability of QEMU's bridges and switches has it.
 */
bool poison_hdm_target(const PoisonHdm *hdm, unsigned n, uint64_t hpa,
                       uint8_t *port)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned ways = poison_hdm_ways(hdm[i].iw), index;

        if (hpa - hdm[i].base >= hdm[i].size) {
            continue;
        }
        if (!hdm[i].committed || !ways || ways > POISON_HDM_TARGETS) {
            return false;
        }
        index = (hpa >> (IG_SHIFT + hdm[i].ig)) % ways;
        *port = hdm[i].target[index];
        return true;
    }
    return false;
}

/*
 * CXL r3.1 8.2.4.20.13, implementation note "Device Decode Logic": the bits of the
 * offset that choose one of the devices are taken out; where ways are three times
 * a power of two, what is above them is divided by three.
 */
static uint64_t dpa_offset(const PoisonHdm *hdm, uint64_t offset)
{
    unsigned shift = IG_SHIFT + hdm->ig;
    uint64_t below = offset & ((1ull << shift) - 1), above = offset >> shift;

    if (hdm->iw < IW_3) {
        above >>= hdm->iw;
    } else {
        above = (above >> (hdm->iw - IW_3)) / 3;
    }
    return above << shift | below;
}

/*
 * The same section: decoders are committed in their order, and DPA follow each
 * other in it, each behind what its decoder skips.
 */
bool poison_hdm_dpa(const PoisonHdm *hdm, unsigned n, uint64_t hpa,
                    uint64_t *dpa)
{
    uint64_t at = 0;

    for (unsigned i = 0; i < n; i++) {
        unsigned ways = poison_hdm_ways(hdm[i].iw);

        if (!hdm[i].committed || !ways) {
            return false;
        }
        at += hdm[i].skip;
        if (hpa - hdm[i].base < hdm[i].size) {
            *dpa = at + dpa_offset(&hdm[i], hpa - hdm[i].base);
            return true;
        }
        at += hdm[i].size / ways;
    }
    return false;
}
