/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The window for error injection: registers and the order of operations
 *
 * ACPI 6.5, 18.6: the OS begins an operation, sets the type of the error and
 * where it is to be, executes, asks how it went, runs the trigger table and ends
 * the operation.  No types of QEMU are used here; what an error is, is up to the
 * caller.
 */
#ifndef POISON_EINJ_H
#define POISON_EINJ_H

#include <stdbool.h>
#include <stdint.h>
#include "poison.h"

typedef struct PoisonEinjOps {
    /*
     * Bring an error of @type (POISON_EINJ_MEM_*) to the line of @address.
     * Return: POISON_EINJ_ST_*; nothing was changed unless it is _OK.
     */
    unsigned (*inject)(void *opaque, uint32_t type, uint64_t address);
    /* Set off what inject() brought there last.  May be done late. */
    void (*trigger)(void *opaque, uint32_t type, uint64_t address);
} PoisonEinjOps;

typedef struct PoisonEinj {
    const PoisonEinjOps *ops;
    void *opaque;
    uint8_t params[POISON_EINJ_PARAMS_SIZE];
    uint32_t open;              /* an operation was begun and not ended */
    uint32_t status;
    uint32_t armed;             /* the type that TRIGGER sets off, or 0 */
    uint64_t address;           /* and where */
} PoisonEinj;

/**
 * poison_einj_init - make a window
 * @e: the window
 * @ops: what EXECUTE and TRIGGER do
 * @opaque: for @ops
 */
void poison_einj_init(PoisonEinj *e, const PoisonEinjOps *ops, void *opaque);

/**
 * poison_einj_reset - forget the operation and its parameters
 * @e: the window
 */
void poison_einj_reset(PoisonEinj *e);

/**
 * poison_einj_read - a load from the window
 * @e: the window
 * @offset: bytes
 * @size: bytes, 1 to 8; the access does not cross a multiple of 8
 *
 * Return: the value; 0 where there is no register.
 */
uint64_t poison_einj_read(const PoisonEinj *e, uint64_t offset, unsigned size);

/**
 * poison_einj_write - a store to the window
 * @e: the window
 * @offset: bytes
 * @value: what is stored
 * @size: bytes, 1 to 8; the access does not cross a multiple of 8
 *
 * Return: false if no register takes the store; it was ignored then.
 */
bool poison_einj_write(PoisonEinj *e, uint64_t offset, uint64_t value,
                       unsigned size);

#endif /* POISON_EINJ_H */
