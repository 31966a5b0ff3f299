/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest test of the poison device: who plants and clears the poison
 *
 * For NVDIMMs and RAM, the registers of the device do.  For a CXL device, its own
 * mailbox does, by the kernel's debugfs; where on it a byte is, is the distance from
 * the first byte of its region.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>
#include "poison.h"
#include "test-access.h"

#define POISON_RAM  0           /* the device's handle for ordinary memory */
#define CXL_LINE    64          /* CXL r3.1 8.2.9.9.4.2 */

Media media;
uint64_t media_page = PAGE;
bool media_zeroes;
static char debugfs[128];       /* of the CXL device */
static uint64_t base;           /* address of its first byte */

static uint64_t read_u64(const char *path)
{
    unsigned long long value = 0;
    FILE *f = fopen(path, "r");

    if (!f || fscanf(f, "%lli", (long long *)&value) != 1) {
        die(path);
    }
    fclose(f);
    return value;
}

/* guest physical address behind a touched page, by /proc/self/pagemap */
static uint64_t physical(const void *page)
{
    uint64_t entry = 0;
    int fd = open("/proc/self/pagemap", O_RDONLY);

    if (fd < 0 || pread(fd, &entry, sizeof(entry),
                        (uintptr_t)page / PAGE * sizeof(entry)) !=
                  sizeof(entry)) {
        die("/proc/self/pagemap");
    }
    close(fd);
    entry &= (1ull << 55) - 1;
    if (!entry) {
        errno = EFAULT;
        die("physical address of a page");
    }
    return entry * PAGE;
}

static void command(unsigned cmd, uint32_t granule)
{
    outl(media == MEDIA_RAM ? POISON_RAM :
         read_u64("/sys/bus/nd/devices/nmem0/nfit/handle"),
         POISON_PORT + POISON_REG_DIMM);
    outl(granule, POISON_PORT + POISON_REG_START);
    outl(line_size >> POISON_GRANULE_SHIFT, POISON_PORT + POISON_REG_COUNT);
    outl(cmd, POISON_PORT + POISON_REG_COMMAND);
    if (inl(POISON_PORT + POISON_REG_STATUS) != POISON_ST_OK) {
        errno = EIO;
        die("the device refused a command");
    }
}

static void cxl_command(const char *name, uint64_t dpa)
{
    char path[192];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s_poison", debugfs, name);
    for (unsigned i = 0; i < line_size; i += CXL_LINE) {
        f = fopen(path, "w");
        if (!f || fprintf(f, "0x%llx\n", (unsigned long long)dpa + i) < 0 ||
            fclose(f)) {
            die(path);
        }
    }
}

bool media_open(const char *file, const char *mem)
{
    char path[192];

    if (mem) {
        media = MEDIA_CXL;
        media_zeroes = true;    /* the kernel has it zeroed, 8.2.9.9.4.3 */
        snprintf(debugfs, sizeof(debugfs), "/sys/kernel/debug/cxl/%s", mem);
        file = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
        snprintf(path, sizeof(path), "/sys/bus/dax/devices/%s/resource", file);
        base = read_u64(path);
        snprintf(path, sizeof(path), "/sys/bus/dax/devices/%s/align", file);
        media_page = read_u64(path);
        return true;
    }
    media = strcmp(file, "ram") ? MEDIA_NVDIMM : MEDIA_RAM;
    if (iopl(3)) {
        die("iopl");
    }
    if (inl(POISON_PORT + POISON_REG_ID) != POISON_ID) {
        printf("1..0 # SKIP no poison device at port 0x%x\n", POISON_PORT);
        return false;
    }
    if (media == MEDIA_NVDIMM) {
        base = read_u64("/sys/bus/nd/devices/region0/resource");
    }
    return true;
}

uint64_t media_plant(const uint8_t *at)
{
    const void *page = (const void *)((uintptr_t)at & -PAGE);
    uint64_t where = physical(page) + (uintptr_t)at % PAGE - base;

    if (media == MEDIA_CXL) {
        cxl_command("inject", where);
    } else {
        command(POISON_CMD_PLANT, where >> POISON_GRANULE_SHIFT);
    }
    return where;
}

void media_clear(uint64_t where)
{
    if (media == MEDIA_CXL) {
        cxl_command("clear", where);
    } else {
        command(POISON_CMD_CLEAR, where >> POISON_GRANULE_SHIFT);
    }
}
