/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media errors of CXL type-3 devices: the HDM decoders' arithmetic
 *
 * Words of the CXL specification, revision 3.1 (8.2.4.20, CXL HDM Decoder
 * Capability Structure): HPA and DPA are a host's and a device's physical address,
 * IG and IW the encoded interleave granularity and ways.  No QEMU types.
 */
#ifndef POISON_HDM_H
#define POISON_HDM_H

#include <stdbool.h>
#include <stdint.h>

#define POISON_HDM_MAX      10      /* decoders of a device, 8.2.4.20.1 */
#define POISON_HDM_TARGETS  8       /* of a decoder, 8.2.4.20.8 and .9 */

typedef struct PoisonHdm {
    uint64_t base, size;            /* HPA, bytes; 8.2.4.20.3 to .6 */
    uint64_t skip;                  /* DPA, bytes; a device's, 8.2.4.20.10, .11 */
    uint8_t target[POISON_HDM_TARGETS]; /* port numbers; not a device's */
    uint8_t ig, iw;                 /* 8.2.4.20.7 */
    bool committed;                 /* the same */
} PoisonHdm;

/**
 * poison_hdm_ways - decode IW
 * @iw: as in a decoder's control register
 *
 * Return: ways, or 0 if it is reserved.
 */
unsigned poison_hdm_ways(unsigned iw);

/**
 * poison_hdm_target - which port does a host bridge or switch send an access to?
 * @hdm: its decoders, in the order of their registers
 * @n: how many
 * @hpa: of the access
 * @port: set to the number of the port
 *
 * Return: false if no committed decoder has a target for it.
 */
bool poison_hdm_target(const PoisonHdm *hdm, unsigned n, uint64_t hpa,
                       uint8_t *port);

/**
 * poison_hdm_dpa - where in a device does an access go?
 * @hdm: its decoders, in the order of their registers
 * @n: how many
 * @hpa: of the access, which has come to this device
 * @dpa: set to where
 *
 * Return: false if no committed decoder maps it.
 */
bool poison_hdm_dpa(const PoisonHdm *hdm, unsigned n, uint64_t hpa,
                    uint64_t *dpa);

#endif /* POISON_HDM_H */
