/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest test: which accesses to a poisoned line raise a machine check
 *
 *   test-access FILE [LINE-SIZE [MEM]]
 *
 * FILE lies on a DAX file system of persistent memory, is at least 1 MiB long
 * and loses its content; or it is "ram" for anonymous memory, which the
 * device poisons only with ram=on; or, with MEM, it is the device-dax of a region
 * that the CXL memory device MEM alone makes, from its first byte on.  Who plants
 * and clears the poison, test-access-media.c says; this needs root.  Prints TAP.
 *
 * Each access is made by a child, on a page of its own: a page once poisoned
 * is lost to its file until the file system has written it anew.  The child
 * must end as the kernel's contract says, SIGBUS with BUS_MCEERR_AR and the
 * address of the page, or must not notice anything.  A device-dax has pages as
 * large as its alignment.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "test-access.h"

#define PAGES       256
#define CPUS_MAX    8
#define SECONDS     60
#define DAX_LENGTH  (2ul << 20) /* a page of a device-dax, if large */

typedef struct Shared {
    volatile uint32_t ready, go;
    volatile int code;
    void *volatile addr;
} Shared;

unsigned line_size = 64;
uint8_t *scratch;
static int file = -1;
static uint8_t *map;            /* PAGES pages of it, or of nothing */
static unsigned next_page;
static Shared *shared;
static unsigned tests, failed;

void die(const char *what)
{
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(1);
}

static bool result(bool ok, const char *format, ...)
{
    va_list ap;

    printf("%sok %u - ", ok ? "" : "not ", ++tests);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    printf("\n");
    failed += !ok;
    return ok;
}

/* ---- one child, one access ---------------------------------------------- */

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
    (void)context;
    shared->code = info->si_code;
    shared->addr = info->si_addr;
    _exit(sig);
}

static pid_t start(Access *access, uint8_t *page, int cpu)
{
    struct sigaction sa = { .sa_flags = SA_SIGINFO };
    cpu_set_t set;
    pid_t pid;

    fflush(stdout);
    shared->code = 0;
    shared->addr = NULL;
    pid = fork();
    if (pid < 0) {
        die("fork");
    } else if (pid) {
        return pid;
    }
    sa.sa_sigaction = on_sigbus;
    sigaction(SIGBUS, &sa, NULL);
    alarm(SECONDS);
    if (cpu >= 0) {
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        sched_setaffinity(0, sizeof(set), &set);
    }
    access(page);
    _exit(0);
}

/* 0, or SIGBUS if that is how it ended, or -1 */
static int finish(pid_t pid)
{
    int status;

    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}

static bool bitten(int how, const uint8_t *page)
{
    if (how == SIGBUS && shared->code == BUS_MCEERR_AR &&
        ((uintptr_t)shared->addr & -PAGE) == ((uintptr_t)page & -media_page)) {
        return true;
    }
    printf("# ended with %d, si_code %d, si_addr %p, page %p\n", how,
           shared->code, shared->addr, page);
    return false;
}

/* two pages, touched: so that both have a physical address */
static uint8_t *fresh_pages(void)
{
    uint8_t *page = map + next_page * PAGE;

    if (next_page + 2 > PAGES) {
        errno = ENOSPC;
        die("pages of the file");
    }
    next_page += 2;
    memset(page, 0x77, 2 * PAGE);
    return page;
}

static void test_kind(const Kind *k)
{
    uint8_t *page = fresh_pages();
    uint64_t where;
    uint8_t *bad = page + (k->bad < 0 ? PAGE - (int)line_size : k->bad);
    int how;

    where = media_plant(bad);
    how = finish(start(k->access, page, -1));
    if (k->bites) {
        result(bitten(how, page + k->culprit * PAGE), "%s bites", k->name);
    } else {
        result(how == 0 && !shared->code, "%s does not bite", k->name);
    }
    media_clear(where);
}

/* ---- more than one access ----------------------------------------------- */

static void test_rep_movsb(void)
{
    uint8_t *page = fresh_pages();
    uint64_t where;
    int how;

    memset(scratch, 0, PAGE);
    where = media_plant(page + BAD);
    how = finish(start(rep_movsb, page, -1));
    result(bitten(how, page) && scratch[COPIED - 1] == 0x77 &&
           scratch[COPIED] == 0, "rep movsb bites after %d good bytes", COPIED);
    media_clear(where);
}

static void test_fetch(void)
{
    static const uint8_t mov_ret[] = { 0xb8, 1, 0, 0, 0, 0xc3 };
    uint8_t *page = fresh_pages();
    uint64_t where;

    page[BAD] = page[BAD + line_size] = 0xc3;       /* ret */
    run_line(page);                     /* so that QEMU has it translated */
    run_line_behind(page);
    where = media_plant(page + BAD);
    result(finish(start(run_line_behind, page, -1)) == 0,
           "fetch from another line of the page does not bite");
    result(bitten(finish(start(run_line, page, -1)), page),
           "fetch bites, although the code was run before it was poisoned");
    media_clear(where);

    page = fresh_pages();
    memcpy(page + BAD - 4, mov_ret, sizeof(mov_ret));
    where = media_plant(page + BAD);
    result(bitten(finish(start(run_into_line, page, -1)), page),
           "fetch of an instruction that ends in the line bites");
    media_clear(where);
}

static void test_stores_last(void)
{
    uint8_t *page = fresh_pages(), kept = media_zeroes ? 0 : 0x5a;
    uint64_t where;

    where = media_plant(page + BAD);
    finish(start(stores, page, -1));
    media_clear(where);
    result(page[BAD - 4] == 3 && page[BAD] == kept &&
           page[BAD + line_size - 1] == kept && page[BAD + line_size] == 0x77,
           media_zeroes ? "the line is zero once it is cleared, what is beside "
           "it is kept" : "what was stored to the line is there once it is cleared");
}

static void test_clear(void)
{
    uint8_t *page = fresh_pages();
    uint64_t where;

    where = media_plant(page + BAD);
    media_clear(where);
    result(finish(start(load_qword, page, -1)) == 0,
           "a line that was cleared does not bite");
}

static void load_on_go(uint8_t *page)
{
    load8(page + BAD - 8);              /* the page is in the TLB */
    __atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
    while (!shared->go) {
        load8(page + BAD - 8);
    }
    load8(page + BAD);
}

static void load_until_bitten(uint8_t *page)
{
    shared->ready = 1;
    for (;;) {
        load8(page + BAD);
    }
}

static void test_running(void)
{
    uint8_t *page = fresh_pages();
    uint64_t where;
    pid_t pid;

    shared->ready = 0;
    pid = start(load_until_bitten, page, -1);
    while (!shared->ready) {
        sched_yield();
    }
    where = media_plant(page + BAD);
    result(bitten(finish(pid), page),
           "poison planted while another process reads the line bites it");
    media_clear(where);
}

/* one reader a vCPU, each with a page of its own, all at the same moment */
static void test_all_cpus(int cpus, int round)
{
    uint8_t *page[CPUS_MAX];
    uint64_t where[CPUS_MAX];
    pid_t pid[CPUS_MAX];
    int bites = 0;

    shared->ready = shared->go = 0;
    for (int i = 0; i < cpus; i++) {
        page[i] = fresh_pages();
        where[i] = media_plant(page[i] + BAD);
        pid[i] = start(load_on_go, page[i], i);
    }
    while (shared->ready < (unsigned)cpus) {
        sched_yield();
    }
    shared->go = 1;
    for (int i = 0; i < cpus; i++) {
        bites += finish(pid[i]) == SIGBUS;
        media_clear(where[i]);
    }
    result(bites == cpus && shared->code == BUS_MCEERR_AR,
           "%d vCPUs that read poison at once are all bitten, round %d", cpus,
           round);
}

/*
 * The kernel reads the poison, and must live to say so.  Of a device-dax it says
 * so to the process by SIGBUS, though it was write(2) that read: there is no other
 * page to put in its place (mm/memory-failure.c, mf_generic_kill_procs()).
 */
static void read_on_go(uint8_t *page)
{
    char buf[PAGE];
    ssize_t n;

    __atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
    while (!shared->go) {
        sched_yield();
    }
    if (media == MEDIA_CXL) {           /* it has no read(2) */
        n = write(memfd_create("to", 0), page, PAGE);
        _exit(n > BAD);
    }
    n = pread(file, buf, PAGE, page - map);
    _exit(n == -1 ? errno == EIO : n <= BAD);
}

static void test_reads(int cpus, int round)
{
    uint64_t where[CPUS_MAX];
    pid_t pid[CPUS_MAX];
    int refused = 0;

    shared->ready = shared->go = 0;
    for (int i = 0; i < cpus; i++) {
        uint8_t *page = fresh_pages();

        where[i] = media_plant(page + BAD);
        pid[i] = start(read_on_go, page, i);
    }
    while (shared->ready < (unsigned)cpus) {
        sched_yield();
    }
    shared->go = 1;
    for (int i = 0; i < cpus; i++) {
        refused += finish(pid[i]) == (media == MEDIA_CXL ? SIGBUS : 1);
        media_clear(where[i]);
    }
    result(refused == cpus, "%d vCPUs whose kernel reads poison at once get none "
           "of it, round %d", cpus, round);
}

#define ADDS 2000

static void many_adds(uint8_t *page)
{
    for (int i = 0; i < ADDS; i++) {
        asm volatile("lock incq %0"
                     : "+m"(*(uint64_t *)(page + BAD + line_size)) : : "cc");
    }
}

static void test_atomics(int cpus)
{
    uint8_t *page = fresh_pages();
    uint64_t where;
    pid_t pid[CPUS_MAX];

    memset(page, 0, PAGE);
    where = media_plant(page + BAD);
    for (int i = 0; i < cpus; i++) {
        pid[i] = start(many_adds, page, i);
    }
    for (int i = 0; i < cpus; i++) {
        finish(pid[i]);
    }
    result(load8(page + BAD + line_size) == (uint64_t)cpus * ADDS,
           "atomic adds by %d vCPUs beside the line all count", cpus);
    media_clear(where);
}

/* ---- set-up ------------------------------------------------------------- */

static void open_file(const char *path)
{
    size_t length = PAGES * PAGE;
    int flags = MAP_SHARED | MAP_ANONYMOUS;

    if (media == MEDIA_CXL) {
        file = open(path, O_RDWR);
        if (file < 0) {
            die(path);
        }
        flags = MAP_SHARED;
        length = DAX_LENGTH;
    } else if (media == MEDIA_NVDIMM) {
        file = open(path, O_RDWR | O_CREAT, 0600);
        if (file < 0 || ftruncate(file, length)) {
            die(path);
        }
        flags = MAP_SHARED_VALIDATE | MAP_SYNC;
    }
    map = mmap(NULL, length, PROT_READ | PROT_WRITE | PROT_EXEC, flags, file,
               0);
    scratch = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || scratch == MAP_FAILED) {
        die("mmap");
    }
    shared = (Shared *)(scratch + PAGE);
}

int main(int argc, char **argv)
{
    int cpus = sysconf(_SC_NPROCESSORS_ONLN);

    if (argc < 2 || argc > 4 || (argc >= 3 && strcmp(argv[2], "64") &&
                                 strcmp(argv[2], "256"))) {
        fprintf(stderr, "usage: test-access FILE|ram [64|256 [MEM]]\n");
        return 2;
    }
    line_size = argc >= 3 ? atoi(argv[2]) : 64;
    if (!media_open(argv[1], argc == 4 ? argv[3] : NULL)) {
        return 0;
    }
    open_file(argv[1]);
    cpus = cpus < CPUS_MAX ? cpus : CPUS_MAX;
    for (int i = 0; kinds[i].name; i++) {
        test_kind(&kinds[i]);
    }
    test_rep_movsb();
    test_fetch();
    test_stores_last();
    test_clear();
    test_running();
    test_atomics(cpus);
    for (int round = 1; round <= 4; round++) {
        test_all_cpus(cpus, round);
        if (media != MEDIA_RAM) {
            test_reads(cpus, round);
        }
    }
    printf("1..%u\n", tests);
    return failed != 0;
}
