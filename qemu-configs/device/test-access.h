/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest test of the poison device: what its two files share
 */
#ifndef TEST_ACCESS_H
#define TEST_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE        4096
#define BAD         1024        /* where in its page the poisoned line begins */
#define COPIED      128         /* good bytes that rep movsb meets first */

/* made by a child, on two pages of its own, filled with 0x77 */
typedef void Access(uint8_t *page);

typedef struct Kind {
    const char *name;
    Access *access;
    bool bites;
    int bad;                    /* where the poisoned line begins; -1: at the
                                 * end of the first page */
    int culprit;                /* page of the two that si_addr must name */
} Kind;

extern const Kind kinds[];      /* ends with a NULL name */

extern unsigned line_size;      /* bytes */

/* what holds the poison */
typedef enum Media { MEDIA_NVDIMM, MEDIA_RAM, MEDIA_CXL } Media;

extern Media media;
extern uint64_t media_page;     /* bytes that the kernel takes for one page */
extern bool media_zeroes;       /* clearing overwrites the line */

void die(const char *what) __attribute__((noreturn));

/* false, and a TAP plan that skips all, if the device is not there */
bool media_open(const char *file, const char *mem);

/*
 * Poisons the line at @at, whose page was touched; returns where on the media: a
 * page that bit has no address any more.
 */
uint64_t media_plant(const uint8_t *at);
void media_clear(uint64_t where);

extern uint8_t *scratch;        /* a page of good memory, shared */

/* accesses that need more than one step around them */
uint64_t load8(const volatile uint8_t *at);
Access rep_movsb;
Access stores;
Access run_line;
Access run_line_behind;
Access run_into_line;
Access load_qword;

#endif /* TEST_ACCESS_H */
