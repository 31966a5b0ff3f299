/* SPDX-License-Identifier: GPL-2.0 */
/* The accesses that a consumer makes, in its own process. */
#ifndef POISONCTL_ACCESS_H
#define POISONCTL_ACCESS_H

#include <stddef.h>
#include <stdint.h>

/* What is planted for ACCESS_EXEC: mov eax, 0x5afec0de; ret. */
#define ACCESS_CODE_VALUE	0x5afec0deU
#define ACCESS_CODE_LEN		6
extern const uint8_t access_code[ACCESS_CODE_LEN];

/**
 * access_prepare() - open what the access needs besides the target
 *
 * Gives up if the file that the page is to be written to is not DAX: the
 * kernel would copy from the pinned page with a plain copy then, and not
 * survive it.
 *
 * Context: in the consumer, before the poison is planted.
 */
void access_prepare(void);

/**
 * access_make() - make the access and note what came of it in the report
 *
 * A signal that comes from a load or store ends the process in its handler.
 */
void access_make(void);

#endif
