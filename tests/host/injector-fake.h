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
 *   short    an answer without a status
 *   liar     function 9 announces more records than it returns
 *
 * namespace0.0  fsdax   pmem0   one emulated DIMM
 * namespace1.0  devdax  dax1.0  one emulated DIMM, 2 MiB mappings
 * namespace2.0  sector  pmem2s
 * namespace3.0  raw     pmem3   disabled
 * namespace4.0  fsdax   pmem4   two DIMMs, interleaved, of a real maker
 */
#ifndef INJECTOR_FAKE_H
#define INJECTOR_FAKE_H

#include <stdint.h>

#define FAKE_REGION0	UINT64_C(0x100000000)
#define FAKE_DATA0	(FAKE_REGION0 + UINT64_C(0x600000))
#define FAKE_SIZE0	UINT64_C(0x4000000)
#define FAKE_DPA0	UINT64_C(0x2000)
#define FAKE_REGION1	UINT64_C(0x140000000)
#define FAKE_DATA1	(FAKE_REGION1 + UINT64_C(0x200000))
#define FAKE_SIZE1	UINT64_C(0x2000000)
#define FAKE_DATA4	UINT64_C(0x180200000)
#define FAKE_CLEAR_UNIT	256
#define FAKE_PART_START	UINT64_C(0x100000)	/* of /dev/pmem0p1 */
#define FAKE_PART_SIZE	UINT64_C(0x800000)

/* extents of /mnt/file, 10 pages and 100 bytes long */
#define FAKE_EXT0	UINT64_C(0x80000)	/* pages 0 to 3 */
#define FAKE_EXT1	UINT64_C(0x20000)	/* pages 4 to 10, elsewhere */

#endif
