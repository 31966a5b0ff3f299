/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine that is not there: namespaces, devices, files and a firmware for
 * the tests of the injector.  Below sysroot lie its /sys, /proc and /run.
 *
 * What the firmware holds is in SYSROOT/fw, one "SPA LENGTH" a line; with
 * notification it adds the sectors to the badblocks of pmem0.  The environment
 * variable FAKE_DSM makes it misbehave:
 *
 *   refuse   status 1, not supported
 *   invalid  status 2, invalid parameters
 *   forget   success, but nothing is recorded
 *   silent   recorded, but the kernel never lists it
 *   overlap  a scrub of the kernel ends, and lists the first sector alone
 *   short    an answer without a status
 *   liar     function 9 announces more records than it returns
 *
 * A scrub of the bus takes 0.3 s, then what the firmware holds is listed for
 * pmem0.  FAKE_SCRUB:
 *
 *   busy     the kernel refuses: all regions have a request pending
 *   stuck    never ends
 *   next     another one starts as soon as it has ended
 *   overlap  lists nothing of what the firmware holds
 *
 * A scrub of a range by the firmware takes no time.  FAKE_ARS:
 *
 *   none     the range cannot be scrubbed
 *   kernel   the kernel keeps the first two requests back, -EBUSY
 *   busy     the firmware refuses the first two, status 6
 *   slow     in progress when asked for the first two times
 *   endless  always in progress
 *   other    the first two results are of another range
 *   full     room for one record a time
 *   liar     announces more records than it returns
 *
 * FAKE_FILE=moves: each look at a file after the first finds its blocks one page
 * further.
 *
 * FAKE_NAMESPACES=ERRNO: namespaces cannot be listed.
 *
 * FAKE_RAW=1: namespace0.0 is raw.  FAKE_HIDDEN=1: its address is for root alone.  FAKE_SIGNAL=1: SIGINT comes when the namespaces are
 * looked at, which is before anything is planted.
 *
 * namespace0.0  fsdax   pmem0   one emulated DIMM
 * namespace1.0  devdax  dax1.0  one emulated DIMM, 2 MiB mappings
 * namespace2.0  sector  pmem2s
 * namespace3.0  raw     pmem3   disabled
 * namespace4.0  fsdax   pmem4   two DIMMs, interleaved, of a real maker
 */
#ifndef INJECTOR_FAKE_H
#define INJECTOR_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct nsinfo;
struct ranges;

#define FAKE_REGION0	UINT64_C(0x100000000)
#define FAKE_DATA0	(FAKE_REGION0 + UINT64_C(0x600000))
#define FAKE_SIZE0	UINT64_C(0x4000000)
#define FAKE_DPA0	UINT64_C(0x2000)
#define FAKE_REGION1	UINT64_C(0x140000000)
#define FAKE_DATA1	(FAKE_REGION1 + UINT64_C(0x200000))
#define FAKE_SIZE1	UINT64_C(0x2000000)
#define FAKE_REGION4	UINT64_C(0x180000000)
#define FAKE_DATA4	UINT64_C(0x180200000)
#define FAKE_CLEAR_UNIT	256
#define FAKE_PART_START	UINT64_C(0x100000)	/* of /dev/pmem0p1 */
#define FAKE_PART_SIZE	UINT64_C(0x800000)

/* extents of /mnt/file, 10 pages and 100 bytes long */
#define FAKE_EXT0	UINT64_C(0x80000)	/* pages 0 to 3 */
#define FAKE_EXT1	UINT64_C(0x20000)	/* pages 4 to 10, elsewhere */

/* Little endian fields of @bytes bytes, in buffers of the firmware. */
uint64_t fake_le(const uint8_t *p, unsigned int bytes);
void fake_put_le(uint8_t *p, uint64_t v, unsigned int bytes);

/* What the firmware holds is added to @r. */
void fake_fw_load(struct ranges *r);

/* The same for storing it; @r is released. */
void fake_fw_store(struct ranges *r);

/* The number of an errno's name; EPROTO if there is none. */
int fake_errno(const char *name);

/* One of the namespaces below. */
const struct nsinfo *fake_ns(const char *name);

/* What owners and stat have as the inode of a file. */
uint64_t fake_inode(const char *path);

/* injector-fake-media.c: something is about to happen, or fails: -errno; size of /mnt/file. */
int fake_step(const char *what, uint64_t off);
uint64_t fake_file_size(void);

struct file_map;
struct media_stat;

/* injector-fake-media.c, injector-fake-files.c and injector-writes.c: struct machine_ops */
pid_t fake_fork(void);
pid_t fake_wait(pid_t pid, int *status, int options);
int fake_open(const char *path, int flags);
int fake_stat(int fd, struct media_stat *st);
int fake_alone(int fd);
int fake_freeze(int fd);
int fake_thaw(void);
int fake_map(int fd, uint64_t off, uint64_t len, struct file_map *map);
ssize_t fake_read(int fd, void *to, size_t len, uint64_t off);
ssize_t fake_write(int fd, const void *from, size_t len, uint64_t off);
void *fake_mmap(void *at, size_t len, int prot, int flags, int fd, uint64_t off);
int fake_poison(void *page, bool soft);
int fake_punch(int fd, uint64_t off, uint64_t len);
int fake_sync(int fd);
int fake_msync(void *at, size_t len);
int fake_scratch(const char *path, uint64_t len);
int fake_open_file(const char *path, int flags);
int fake_access_file(const char *path, int mode);
int fake_write_file(const char *path, const void *data, size_t len);

/* injector-fake-scrub.c: struct machine_ops, one that ended, functions 1 to 3. */
int fake_start_scrub(const char *bus);
void fake_scrub_ended(const char *bus);
int fake_ars(unsigned int func, const void *in, size_t in_size, void *out,
	     size_t out_size, size_t *got);

#endif
