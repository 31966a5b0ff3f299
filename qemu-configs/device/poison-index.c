/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Index of the slots of a poison list, see poison-index.h
 */
#include <stdlib.h>
#include "poison-index.h"

void poison_index_init(PoisonIndex *ix)
{
    *ix = (PoisonIndex) { .root = POISON_NIL };
}

void poison_index_free(PoisonIndex *ix)
{
    free(ix->node);
    free(ix->found);
    poison_index_init(ix);
}

int poison_index_reserve(PoisonIndex *ix, uint32_t slots)
{
    uint64_t room = ix->room ? ix->room : 64;
    void *p;

    if (slots <= ix->room) {
        return 0;
    }
    while (room < slots) {
        room *= 2;
    }
    p = realloc(ix->node, room * sizeof(*ix->node));
    if (!p) {
        return -1;
    }
    ix->node = p;
    p = realloc(ix->found, room * sizeof(*ix->found));
    if (!p) {
        return -1;
    }
    ix->found = p;
    ix->room = room > UINT32_MAX ? UINT32_MAX : room;
    return 0;
}

/*
 * The finalizer of MurmurHash3: neighbouring slot numbers get unrelated
 * priorities, and no two the same (it is a bijection).
 */
static uint32_t priority(uint32_t slot)
{
    slot ^= slot >> 16;
    slot *= 0x85ebca6b;
    slot ^= slot >> 13;
    slot *= 0xc2b2ae35;
    return slot ^ slot >> 16;
}

/* equal starts are told apart by slot number */
static uint64_t key(const PoisonIndex *ix, uint32_t slot)
{
    return (uint64_t)ix->node[slot].start << 32 | slot;
}

static void update(PoisonIndex *ix, uint32_t t)
{
    PoisonNode *n = &ix->node[t];
    uint64_t max = poison_end(n);

    if (n->left != POISON_NIL && ix->node[n->left].max_end > max) {
        max = ix->node[n->left].max_end;
    }
    if (n->right != POISON_NIL && ix->node[n->right].max_end > max) {
        max = ix->node[n->right].max_end;
    }
    n->max_end = max;
}

/* keys below @k go to @l, the others to @r */
static void split(PoisonIndex *ix, uint32_t t, uint64_t k, uint32_t *l,
                  uint32_t *r)
{
    if (t == POISON_NIL) {
        *l = *r = POISON_NIL;
    } else if (key(ix, t) < k) {
        split(ix, ix->node[t].right, k, &ix->node[t].right, r);
        *l = t;
        update(ix, t);
    } else {
        split(ix, ix->node[t].left, k, l, &ix->node[t].left);
        *r = t;
        update(ix, t);
    }
}

/* every key of @l is below every key of @r */
static uint32_t merge(PoisonIndex *ix, uint32_t l, uint32_t r)
{
    if (l == POISON_NIL || r == POISON_NIL) {
        return l == POISON_NIL ? r : l;
    }
    if (priority(l) > priority(r)) {
        ix->node[l].right = merge(ix, ix->node[l].right, r);
        update(ix, l);
        return l;
    }
    ix->node[r].left = merge(ix, l, ix->node[r].left);
    update(ix, r);
    return r;
}

void poison_index_insert(PoisonIndex *ix, uint32_t slot, uint32_t start,
                         uint32_t count)
{
    uint32_t l, r;

    ix->node[slot] = (PoisonNode) {
        .start = start, .count = count,
        .left = POISON_NIL, .right = POISON_NIL,
    };
    update(ix, slot);
    split(ix, ix->root, key(ix, slot), &l, &r);
    ix->root = merge(ix, merge(ix, l, slot), r);
}

void poison_index_remove(PoisonIndex *ix, uint32_t slot)
{
    uint32_t l, self, r;

    split(ix, ix->root, key(ix, slot), &l, &r);
    split(ix, r, key(ix, slot) + 1, &self, &r);
    ix->root = merge(ix, l, r);
    ix->node[slot].count = 0;
}

uint64_t poison_index_max_end(const PoisonIndex *ix, uint64_t x)
{
    uint64_t max = 0;
    uint32_t t = ix->root;

    while (t != POISON_NIL) {
        const PoisonNode *n = &ix->node[t];

        if (n->start > x) {
            t = n->left;
            continue;
        }
        if (poison_end(n) > max) {
            max = poison_end(n);
        }
        if (n->left != POISON_NIL && ix->node[n->left].max_end > max) {
            max = ix->node[n->left].max_end;
        }
        t = n->right;
    }
    return max;
}

uint32_t poison_index_from(const PoisonIndex *ix, uint64_t x)
{
    uint32_t best = POISON_NIL, t = ix->root;

    while (t != POISON_NIL) {
        if (ix->node[t].start >= x) {
            best = t;
            t = ix->node[t].left;
        } else {
            t = ix->node[t].right;
        }
    }
    return best;
}

uint32_t poison_index_reaching(const PoisonIndex *ix, uint64_t x)
{
    uint32_t t = ix->root;

    if (t == POISON_NIL || ix->node[t].max_end < x) {
        return POISON_NIL;
    }
    for (;;) {
        const PoisonNode *n = &ix->node[t];

        if (n->left != POISON_NIL && ix->node[n->left].max_end >= x) {
            t = n->left;
        } else if (poison_end(n) >= x) {
            return t;
        } else {
            t = n->right;       /* max_end says that one is there */
        }
    }
}

static uint32_t collect(PoisonIndex *ix, uint32_t t, uint64_t from,
                        uint64_t to, uint32_t n)
{
    if (t == POISON_NIL || ix->node[t].max_end <= from) {
        return n;
    }
    n = collect(ix, ix->node[t].left, from, to, n);
    if (ix->node[t].start < to) {
        if (poison_end(&ix->node[t]) > from) {
            ix->found[n++] = t;
        }
        n = collect(ix, ix->node[t].right, from, to, n);
    }
    return n;
}

uint32_t poison_index_collect(PoisonIndex *ix, uint64_t from, uint64_t to)
{
    return collect(ix, ix->root, from, to, 0);
}
