/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The list of poisoned ranges of one DIMM
 *
 * Knows the format of ../acpi/poison.h and nothing of QEMU.  The media is
 * memory (a mapped file, or a copy of one); every change is made there with
 * single aligned dword stores in an order that leaves a valid list whichever
 * of them is the last one made.  An index in memory makes every operation cost
 * O(log n), so the media is read only once, when the list is opened.
 *
 * Not thread safe: the caller serialises all calls for one list.
 *
 * Unit: granules of 64 bytes from the start of the DIMM.
 */
#ifndef POISON_LIST_H
#define POISON_LIST_H

#include <stddef.h>
#include <stdint.h>

typedef struct PoisonList PoisonList;

typedef enum PoisonOpen {
    POISON_OPEN_OK,         /* also when no list was ever written there */
    POISON_OPEN_SMALL,      /* no room for one slot, or not dword aligned */
    POISON_OPEN_FOREIGN,    /* not a list, or of another version */
    POISON_OPEN_DAMAGED,    /* a list that contradicts itself */
} PoisonOpen;

#define POISON_WHY_MAX 120

/**
 * PoisonStored - called after each store to the media
 * @opaque: what poison_list_open() was given
 * @offset: bytes from the start of the media
 * @size: bytes stored, always 4
 *
 * For dirty tracking; the unit tests end the writer's life in it.
 */
typedef void PoisonStored(void *opaque, size_t offset, size_t size);

/**
 * poison_list_open - take up the list of a DIMM
 * @list: where the list goes; NULL is stored there unless it can be used
 * @media: the part of the label area from POISON_LIST_OFFSET, dword aligned;
 *         must outlive the list.  NULL for a list that is forgotten when closed
 * @size: bytes of @media; without @media, the slots wanted times
 *        POISON_SLOT_SIZE plus POISON_HDR_SIZE
 * @granules: length of the DIMM, 1 to 2^32
 * @stored: called after each store, or NULL
 * @opaque: for @stored
 * @why: buffer of POISON_WHY_MAX bytes; says what is wrong unless OK is
 *       returned
 *
 * Media where no list was ever written stays untouched until the first
 * range is planted, or poison_list_make().  A slot that its writer left half written (INTENT
 * names it) is freed on media; nothing else is ever repaired.
 *
 * Return: POISON_OPEN_*.
 */
PoisonOpen poison_list_open(PoisonList **list, void *media, size_t size,
                            uint64_t granules, PoisonStored *stored,
                            void *opaque, char *why);

/**
 * poison_list_close - forget the list; the media keeps it
 * @list: may be NULL
 *
 * Does not access the media, which may be gone.
 */
void poison_list_close(PoisonList *list);

/**
 * poison_list_make - write a list without poison to the media, if it has none yet
 * @list: the list
 */
void poison_list_make(PoisonList *list);

/**
 * poison_list_plant - poison a range
 * @list: the list
 * @start: first granule
 * @count: granules
 *
 * The range and all that it overlaps or adjoins become one slot.  One slot
 * is kept free for changes that replace a slot by another.
 *
 * Return: POISON_ST_OK; POISON_ST_RANGE if the range is empty, wraps or leaves
 * the DIMM; POISON_ST_FULL if it needs a slot and there is none, then nothing
 * was changed.
 */
unsigned poison_list_plant(PoisonList *list, uint32_t start, uint32_t count);

/**
 * poison_list_clear - clear whatever of a range is poisoned
 * @list: the list
 * @start: first granule
 * @count: granules
 *
 * Each slot that the range touches is cleared in one step; a writer that dies
 * may leave some of them done and the others not begun.
 *
 * Return: as poison_list_plant(); clearing the middle of a slot needs another.
 */
unsigned poison_list_clear(PoisonList *list, uint32_t start, uint32_t count);

/**
 * poison_list_find - first poison in a window
 * @list: the list
 * @start: first granule of the window; on success, of the poison in it
 * @count: granules of the window; on success, of the poison in it
 *
 * What is found ends where the poison or the window does.
 *
 * Return: POISON_ST_OK, POISON_ST_NONE, or POISON_ST_RANGE as above.
 */
unsigned poison_list_find(const PoisonList *list, uint32_t *start,
                          uint32_t *count);

/**
 * poison_list_next - walk through all poison
 * @list: the list
 * @pos: granule to go on from, 0 at first; updated
 * @start: first granule of the next range
 * @count: its granules
 *
 * Return: 1, or 0 when there is no more.
 */
int poison_list_next(const PoisonList *list, uint64_t *pos, uint32_t *start,
                     uint32_t *count);

/**
 * poison_list_ranges - slots in use
 * @list: the list
 *
 * Return: their number.
 */
uint32_t poison_list_ranges(const PoisonList *list);

/**
 * poison_list_capacity - slots that the list has for ranges
 * @list: the list
 *
 * Return: their number, in use or not; fewer once the overlay has put its record of
 * security there.
 */
uint32_t poison_list_capacity(const PoisonList *list);

#endif /* POISON_LIST_H */
