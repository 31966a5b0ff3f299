/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of ../acpi/poison.h that stand for the others being whole
 */
#ifndef POISON_FORMAT_H
#define POISON_FORMAT_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "poison.h"

/* of the header: POISON_HDR_CHECK */
static inline uint32_t poison_header_sum(uint32_t magic0, uint32_t magic1,
                                         uint32_t version, uint32_t capacity)
{
    return magic0 + magic1 + version + capacity;
}

/* of a slot: POISON_SLOT_CHECK */
static inline uint32_t poison_check_word(uint32_t slot, uint32_t start,
                                         uint32_t count)
{
    return (start * POISON_CHECK_MUL + count) * POISON_CHECK_MUL + slot +
           POISON_CHECK_ADD;
}

/* is there a record of security, of the two that may be?  Dword aligned */
static inline bool poison_security_is_at(const uint8_t *at)
{
    for (int copy = 0; copy < 2; copy++) {
        const uint32_t *word = (const uint32_t *)at +
                               copy * (POISON_SECURITY_SIZE / 4);
        uint32_t sum = POISON_SECURITY_ADD;

        for (size_t i = POISON_SECURITY_SEQUENCE / 4;
             i < POISON_SECURITY_SIZE / 4; i++) {
            sum += le32toh(word[i]);
        }
        if (le32toh(word[POISON_SECURITY_CHECK / 4]) == sum) {
            return true;
        }
    }
    return false;
}

#endif /* POISON_FORMAT_H */
