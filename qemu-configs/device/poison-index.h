/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Index of the slots of a poison list, ordered by the start of their ranges
 *
 * A treap (a search tree whose shape comes from pseudo-random priorities, so
 * that its depth is O(log n) whatever the order of insertion), in which every
 * node knows the highest end below it.  Ranges may overlap.
 */
#ifndef POISON_INDEX_H
#define POISON_INDEX_H

#include <stdint.h>

#define POISON_NIL UINT32_MAX   /* no slot; a list never has that many */

typedef struct PoisonNode {
    uint32_t start;             /* granules */
    uint32_t count;             /* 0: the slot is free */
    uint32_t left, right;       /* slots; a free slot's left is the next one */
    uint64_t max_end;           /* of the tree below this node */
} PoisonNode;

typedef struct PoisonIndex {
    PoisonNode *node;           /* by slot number */
    uint32_t *found;            /* room for poison_index_collect() */
    uint32_t room;              /* slots that node and found can hold */
    uint32_t root;
} PoisonIndex;

static inline uint64_t poison_end(const PoisonNode *n)
{
    return (uint64_t)n->start + n->count;
}

/**
 * poison_index_init - make an empty index
 * @ix: the index
 */
void poison_index_init(PoisonIndex *ix);

/**
 * poison_index_free - free what the index holds
 * @ix: the index
 */
void poison_index_free(PoisonIndex *ix);

/**
 * poison_index_reserve - make room for slots
 * @ix: the index
 * @slots: all slot numbers to come are below this
 *
 * Return: 0, or -1 if there is no memory; then nothing was changed.
 */
int poison_index_reserve(PoisonIndex *ix, uint32_t slots);

/**
 * poison_index_insert - add a slot
 * @ix: the index, with room for @slot
 * @slot: not in the index
 * @start: granules
 * @count: granules, not 0
 */
void poison_index_insert(PoisonIndex *ix, uint32_t slot, uint32_t start,
                         uint32_t count);

/**
 * poison_index_remove - take a slot out
 * @ix: the index
 * @slot: in the index; its count becomes 0
 */
void poison_index_remove(PoisonIndex *ix, uint32_t slot);

/**
 * poison_index_max_end - how far slots reach that start at or before a point
 * @ix: the index
 * @x: granules
 *
 * Return: the highest end of all slots with start <= @x, or 0.
 */
uint64_t poison_index_max_end(const PoisonIndex *ix, uint64_t x);

/**
 * poison_index_from - first slot that starts at or after a point
 * @ix: the index
 * @x: granules
 *
 * Return: the slot, or POISON_NIL.
 */
uint32_t poison_index_from(const PoisonIndex *ix, uint64_t x);

/**
 * poison_index_reaching - first slot that ends at or after a point
 * @ix: the index
 * @x: granules
 *
 * Return: among the slots with end >= @x the one with the lowest start, or
 * POISON_NIL.
 */
uint32_t poison_index_reaching(const PoisonIndex *ix, uint64_t x);

/**
 * poison_index_collect - all slots that touch a range
 * @ix: the index
 * @from: granules
 * @to: granules
 *
 * Return: how many slots there are with start < @to and end > @from; they are
 * in @ix->found, lowest start first, until the next call.
 */
uint32_t poison_index_collect(PoisonIndex *ix, uint64_t from, uint64_t to);

#endif /* POISON_INDEX_H */
