/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest test of the poison device: the kinds of accesses
 */
#include <stddef.h>
#include "test-access.h"

uint64_t load8(const volatile uint8_t *at)
{
    uint64_t v;

    asm volatile("movq %1, %0" : "=r"(v) : "m"(*(const uint64_t *)at));
    return v;
}

static void load_byte(uint8_t *page)
{
    uint8_t v;

    asm volatile("movb %1, %0" : "=q"(v) : "m"(page[BAD + line_size - 1]));
}

void load_qword(uint8_t *page)
{
    load8(page + BAD);
}

static void load_into(uint8_t *page)
{
    load8(page + BAD - 7);
}

static void load_out_of(uint8_t *page)
{
    load8(page + BAD + line_size - 1);
}

static void load_before(uint8_t *page)
{
    load8(page + BAD - 8);
}

static void load_behind(uint8_t *page)
{
    load8(page + BAD + line_size);
}

static void load_byte_before(uint8_t *page)
{
    asm volatile("cmpb $0, %0" : : "m"(page[BAD - 1]) : "cc");
}

static void load_across_pages(uint8_t *page)
{
    load8(page + PAGE - 4);
}

static void movdqu(uint8_t *page)
{
    asm volatile("movdqu %0, %%xmm0" : : "m"(page[BAD - 15]) : "xmm0");
}

static void movdqu_before(uint8_t *page)
{
    asm volatile("movdqu %0, %%xmm0" : : "m"(page[BAD - 16]) : "xmm0");
}

static void vmovdqu(uint8_t *page)
{
    asm volatile("vmovdqu %0, %%ymm0" : : "m"(page[BAD - 31]) : "xmm0");
}

static void vmovdqu_behind(uint8_t *page)
{
    asm volatile("vmovdqu %0, %%ymm0" : : "m"(page[BAD + line_size]) : "xmm0");
}

void rep_movsb(uint8_t *page)
{
    uint8_t *from = page + BAD - COPIED, *to = scratch;
    size_t n = 2 * COPIED + line_size;

    asm volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(n) : : "memory");
}

static void rep_movsb_before(uint8_t *page)
{
    uint8_t *from = page + BAD - COPIED, *to = scratch;
    size_t n = COPIED;

    asm volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(n) : : "memory");
}

static void rep_scasb(uint8_t *page)
{
    uint8_t *at = page + BAD - COPIED;
    size_t n = 2 * COPIED;

    asm volatile("repe scasb" : "+D"(at), "+c"(n) : "a"(0x77) : "cc", "memory");
}

static void lock_xadd(uint8_t *page)
{
    uint64_t one = 1;

    asm volatile("lock xaddq %0, %1"
                 : "+r"(one), "+m"(*(uint64_t *)(page + BAD)) : : "cc");
}

static void lock_cmpxchg(uint8_t *page)
{
    asm volatile("lock cmpxchgq %1, %0"
                 : "+m"(*(uint64_t *)(page + BAD + 8))
                 : "r"(0ull), "a"(0ull) : "cc");
}

static void cmpxchg16b(uint8_t *page)
{
    uint64_t a = 0, d = 0;

    asm volatile("lock cmpxchg16b %0"
                 : "+m"(*(uint8_t (*)[16])(page + BAD + 16)), "+a"(a), "+d"(d)
                 : "b"(0ull), "c"(0ull) : "cc");
}

static void xchg(uint8_t *page)
{
    uint64_t v = 1;

    asm volatile("xchgq %0, %1"
                 : "+r"(v), "+m"(*(uint64_t *)(page + BAD + 8)));
}

static void lock_add_unaligned(uint8_t *page)
{
    asm volatile("lock addq $1, %0"
                 : "+m"(*(uint64_t *)(page + BAD - 3)) : : "cc");
}

static void add_to_memory(uint8_t *page)
{
    asm volatile("addq $1, %0" : "+m"(*(uint64_t *)(page + BAD)) : : "cc");
}

static void store_then_load(uint8_t *page)
{
    asm volatile("movb $1, %0" : "=m"(page[BAD]));
    load8(page + BAD + 8);
}

void stores(uint8_t *page)
{
    uint8_t *to = page + BAD;
    size_t n = line_size;

    asm volatile("movb $1, %0" : "=m"(page[BAD + 1]));
    asm volatile("movq %1, %0"
                 : "=m"(*(uint64_t *)(page + BAD + 3)) : "r"(2ull));
    asm volatile("movq %1, %0"
                 : "=m"(*(uint64_t *)(page + BAD - 4)) : "r"(3ull));
    asm volatile("movntiq %1, %0"
                 : "=m"(*(uint64_t *)(page + BAD + 8)) : "r"(4ull));
    asm volatile("movdqu %%xmm0, %0"
                 : "=m"(*(uint8_t (*)[16])(page + BAD + 5)));
    asm volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(0x5a) : "memory");
}

static void prefetch_and_flush(uint8_t *page)
{
    asm volatile("prefetcht0 %0" : : "m"(page[BAD]));
    asm volatile("prefetchnta %0" : : "m"(page[BAD]));
    asm volatile("clflush %0" : "+m"(page[BAD]));
    asm volatile("sfence" : : : "memory");
}

void run_line(uint8_t *page)
{
    ((void (*)(void))(page + BAD))();
}

void run_line_behind(uint8_t *page)
{
    ((void (*)(void))(page + BAD + line_size))();
}

/* the last byte of the instruction is the first of the poisoned line */
void run_into_line(uint8_t *page)
{
    ((void (*)(void))(page + BAD - 4))();
}
const Kind kinds[] = {
    { "load of the last byte of the line", load_byte, true, BAD, 0 },
    { "load of 8 bytes", load_qword, true, BAD, 0 },
    { "load of 8 bytes of which the last is bad", load_into, true, BAD, 0 },
    { "load of 8 bytes of which the first is bad", load_out_of, true, BAD, 0 },
    { "load across pages, first one bad", load_across_pages, true, -1, 0 },
    { "load across pages, second one bad", load_across_pages, true, PAGE, 1 },
    { "movdqu of which the last byte is bad", movdqu, true, BAD, 0 },
    { "vmovdqu of which the last byte is bad", vmovdqu, true, BAD, 0 },
    { "repe scasb", rep_scasb, true, BAD, 0 },
    { "lock xadd", lock_xadd, true, BAD, 0 },
    { "lock cmpxchg", lock_cmpxchg, true, BAD, 0 },
    { "lock cmpxchg16b", cmpxchg16b, true, BAD, 0 },
    { "xchg", xchg, true, BAD, 0 },
    { "lock add, unaligned, half bad", lock_add_unaligned, true, BAD, 0 },
    { "add to memory", add_to_memory, true, BAD, 0 },
    { "load after a store to part of the line", store_then_load, true, BAD, 0 },
    { "load of the byte before", load_byte_before, false, BAD, 0 },
    { "load of the 8 bytes before", load_before, false, BAD, 0 },
    { "load of the 8 bytes behind", load_behind, false, BAD, 0 },
    { "movdqu of the 16 bytes before", movdqu_before, false, BAD, 0 },
    { "vmovdqu of the 32 bytes behind", vmovdqu_behind, false, BAD, 0 },
    { "rep movsb up to the line", rep_movsb_before, false, BAD, 0 },
    { "stores of all kinds", stores, false, BAD, 0 },
    { "prefetch and clflush", prefetch_and_flush, false, BAD, 0 },
    { 0 }
};
