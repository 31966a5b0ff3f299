/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers on which the ACPI overlay, the poison device and their tests agree.
 *
 * The overlay includes this file through iasl's preprocessor, so it holds
 * nothing but comments and macros that are plain integers.
 *
 * Unit: a granule is 64 bytes.  A range is (start, count) in granules from the
 * start of its DIMM, both 32 bits wide because AML integers are (QEMU's DSDT
 * has revision 1): a DIMM may be up to 256 GiB large.
 */
#ifndef POISON_H
#define POISON_H

#define POISON_GRANULE_SHIFT	6
/* interleave sets: bytes of a line */
#define POISON_SET_LINE		4096
/* what Query ARS Capabilities reports as the clear unit, in bytes */
#define POISON_CLEAR_UNIT	256

/*
 * The poison list on media
 * ------------------------
 * It lies in the DIMM's label area, behind the first 128 KiB (which is all
 * that the guest's OS is told of), and so in the backing file of the NVDIMM.
 * All values are little endian dwords.  A header of 64 bytes is followed by
 * CAPACITY slots of 16 bytes.
 *
 * A slot is free (all zero) or holds one range.  Ranges may overlap: the list
 * is the union of its slots.
 *
 * Whoever changes a slot first stores its number plus one in INTENT, changes
 * it, then stores zero in INTENT.  A slot whose check word is wrong is
 * - a torn write, and free, if INTENT names it (the writer died),
 * - damage otherwise: the list is refused and never overwritten.
 * A change is at any moment either not begun or done: what replaces a slot is
 * written before the slot is freed.  Slots from HIGH on are free whatever they
 * hold.  The order of stores for a new slot is INTENT, slot, HIGH, INTENT = 0.
 *
 * MAGIC0 is stored last when a list is made.  An area that is all zero but for
 * as many bytes of a new header as a writer who died has left has no list yet;
 * anything else is foreign or damaged, is refused, and stays as it is.
 */
#define POISON_LIST_OFFSET	0x20000

#define POISON_HDR_SIZE		64
#define POISON_HDR_MAGIC0	0	/* POISON_MAGIC0 */
#define POISON_HDR_MAGIC1	4	/* POISON_MAGIC1 */
#define POISON_HDR_VERSION	8	/* POISON_VERSION */
#define POISON_HDR_CAPACITY	12	/* slots that fit behind the header */
#define POISON_HDR_CHECK	16	/* sum of the four dwords above, mod 2^32 */
#define POISON_HDR_HIGH		20	/* slots that were ever in use */
#define POISON_HDR_INTENT	24	/* slot being changed, plus one; or 0 */
#define POISON_HDR_HEALTH	28	/* what lasts of a DIMM's health, see there */
#define POISON_HDR_FIRMWARE	44	/* its firmware, see there */

#define POISON_MAGIC0		0x53494f50	/* "POIS" */
#define POISON_MAGIC1		0x5453494c	/* "LIST" */
#define POISON_VERSION		1

#define POISON_SLOT_SIZE	16
#define POISON_SLOT_START	0	/* granules from the start of the DIMM */
#define POISON_SLOT_COUNT	4	/* granules, not 0 in a slot in use */
#define POISON_SLOT_CHECK	8	/* see POISON_CHECK_* */
#define POISON_SLOT_ZERO	12	/* 0 */

/*
 * Health, in the header from POISON_HDR_HEALTH on: written by the overlay, in one
 * piece, only when MAGIC0 says that the header is whole, and no part of the list: whoever
 * makes a list leaves zeros there, and whoever changes one leaves it alone.  A wrong
 * check word stands for a DIMM as it leaves the factory.  Units are those of
 * the DIMM's functions (smart.asl).
 */
#define POISON_HEALTH_SIZE	16
#define POISON_HEALTH_CHECK	0	/* sum of the three dwords below and ADD */
#define POISON_HEALTH_COUNT	4	/* unsafe shutdowns */
#define POISON_HEALTH_ALARMS	8	/* word: alarms that are enabled */
#define POISON_HEALTH_SPARES	10	/* byte: threshold */
#define POISON_HEALTH_FLAGS	11	/* byte: POISON_HEALTH_DUE, _LATCH */
#define POISON_HEALTH_MEDIA	12	/* word: threshold */
#define POISON_HEALTH_CTRL	14	/* word: threshold */
#define POISON_HEALTH_ADD	0x48504f53
#define POISON_HEALTH_DUE	1	/* the next shutdown will have been unsafe */
#define POISON_HEALTH_LATCH	2	/* so it is unless the OS or the machine ends it well */
/* as it leaves the factory: all alarms enabled, percent, sixteenths of a degree Celsius */
#define POISON_FACTORY_ALARMS	7
#define POISON_FACTORY_SPARES	10
#define POISON_FACTORY_MEDIA	1312	/* 82 */
#define POISON_FACTORY_CTRL	1568	/* 98 */

/*
 * Firmware, in the header from POISON_HDR_FIRMWARE on, by the same rules.  All values
 * are dwords.  A wrong check word stands for the firmware of the factory.
 */
#define POISON_FIRMWARE_SIZE	20
#define POISON_FIRMWARE_CHECK	0	/* sum of the four dwords below and ADD */
#define POISON_FIRMWARE_RUN	4	/* revision that runs: low, high */
#define POISON_FIRMWARE_NEXT	12	/* revision from the next start on, or 0 */
#define POISON_FIRMWARE_ADD	0x57464f53

/*
 * Security, in the last POISON_SECURITY_SLOTS slots that CAPACITY counts, and theirs once a
 * record was written there by the overlay, in one piece: from then on no slot is taken among
 * them.  They take a record only while HIGH leaves them out, and what a list has there whose
 * HIGH does not is no record.  There are two, written in turn, the one with an odd SEQUENCE
 * behind the other.  Valid is one whose check word is right, and of two the one with the
 * higher SEQUENCE.  Without a valid one the DIMM is as it leaves the factory, and the slots are
 * like any others.  So the header says nothing of it; who knows lists of this version but not
 * the record overwrites it in a list that is nearly full, and never otherwise.
 */
#define POISON_SECURITY_SLOTS	10
#define POISON_SECURITY_SIZE	80
#define POISON_SECURITY_CHECK	0	/* sum of the 19 dwords below and ADD */
#define POISON_SECURITY_SEQUENCE	4	/* dword: how many were written */
#define POISON_SECURITY_FLAGS	8	/* dword: POISON_SECURITY_ENABLED */
#define POISON_SECURITY_USER	16	/* 32 bytes: passphrase */
#define POISON_SECURITY_MASTER	48	/* 32 bytes: master passphrase */
#define POISON_SECURITY_ADD	0x43455350
#define POISON_SECURITY_ENABLED	1	/* the user passphrase is set */

/*
 * An image of firmware, as tools/nvdimm-firmware makes it.  All values are little
 * endian dwords, what is behind the header may be anything.
 */
#define POISON_IMAGE_SIZE	32	/* of the header */
#define POISON_IMAGE_MAGIC0	0	/* POISON_FW_MAGIC0 */
#define POISON_IMAGE_MAGIC1	4	/* POISON_FW_MAGIC1 */
#define POISON_IMAGE_REVISION	8	/* not 0: low, high */
#define POISON_IMAGE_LENGTH	16	/* bytes of the image, the header included */
#define POISON_IMAGE_SUM	20	/* makes the sum of all dwords 0 */
#define POISON_IMAGE_FINISH	24	/* word: status of Finish Update, or 0 */
#define POISON_IMAGE_QUERY	26	/* word: status of the query after it, or 0 */
#define POISON_IMAGE_ACTIVATE	28	/* word: result of an activation, or 0 */
#define POISON_FW_MAGIC0	0x53494f50	/* "POIS" */
#define POISON_FW_MAGIC1	0x57465453	/* "STFW" */

/* check = (start * MUL + count) * MUL + slot number + ADD, mod 2^32 */
#define POISON_CHECK_MUL	0x9e3779b1
#define POISON_CHECK_ADD	0x50534e21

/*
 * The registers of the poison device
 * ----------------------------------
 * Eight dwords at I/O port POISON_PORT, 32-bit accesses only.  Store DIMM,
 * START and COUNT, then COMMAND; the command is done when the store returns
 * and STATUS says how it went.
 */
#define POISON_PORT		0xa40
#define POISON_PORT_SIZE	32

#define POISON_REG_ID		0x00	/* RO: POISON_ID */
#define POISON_REG_COMMAND	0x04	/* WO: POISON_CMD_* */
#define POISON_REG_STATUS	0x08	/* RO: POISON_ST_* of the last command */
#define POISON_REG_DIMM		0x0c	/* RW: NFIT device handle */
#define POISON_REG_START	0x10	/* RW: granules; after FIND what was found */
#define POISON_REG_COUNT	0x14	/* RW: granules; after FIND what was found */
#define POISON_REG_RANGES	0x18	/* RO: slots in use on the DIMM named */

#define POISON_ID		0x314e5350	/* "PSN1" */

#define POISON_CMD_PLANT	1	/* poison START..START+COUNT */
#define POISON_CMD_CLEAR	2	/* clear it, whatever of it is poisoned */
#define POISON_CMD_FIND		3	/* first poison in it, clipped to it */
#define POISON_CMD_MAKE		4	/* have a list on media, if without poison */
/*
 * Zero the data of START..START+COUNT, as much as can be done at once; what is left is in
 * START and COUNT, and 0 in COUNT when it is done.  Poison stays.
 */
#define POISON_CMD_ERASE	5
/*
 * The DIMM is one of an interleave set: START has the ways (high word) and its place, from 0 on
 * (low word), COUNT the handle of the DIMM with whose memory the set begins.  Its line
 * number N, of POISON_SET_LINE bytes, is line N * ways + place from there on.  One way: it is on its
 * own, as after a reset.
 */
#define POISON_CMD_PLACE	6
/*
 * Every load from the DIMM bites, START is 1, or what is poisoned alone, START is 0, as after a
 * reset.
 */
#define POISON_CMD_LOCK		7

#define POISON_ST_OK		0
#define POISON_ST_NONE		1	/* FIND: nothing there; MAKE, ERASE: no media */
#define POISON_ST_RANGE		2	/* empty, wraps or leaves the DIMM */
#define POISON_ST_FULL		3	/* no free slot; nothing was changed */
#define POISON_ST_DIMM		4	/* no DIMM has this handle */
#define POISON_ST_DAMAGED	5	/* list on media refused; nothing changed */
#define POISON_ST_COMMAND	6	/* no such command */

/*
 * The window of the poison device for error injection
 * ---------------------------------------------------
 * 4 KiB of physical memory that the machine's EINJ table (einj.dsl) names: ACPI
 * 6.5, 18.6.  Registers are 8 bytes apart, accesses of 1 to 8 bytes; all values
 * are little endian.
 */
#define POISON_EINJ_BASE	0xfed50000
#define POISON_EINJ_SIZE	0x1000

#define POISON_EINJ_BEGIN	0x00	/* WO: 1 begins an operation */
#define POISON_EINJ_END		0x08	/* WO: 1 ends it */
#define POISON_EINJ_TYPE	0x10	/* RW: one of POISON_EINJ_MEM_* */
#define POISON_EINJ_TYPES	0x18	/* RO: those that there are */
#define POISON_EINJ_EXECUTE	0x20	/* WO: 1 does what was set */
#define POISON_EINJ_BUSY	0x28	/* RO: 1 while it is being done */
#define POISON_EINJ_STATUS	0x30	/* RO: POISON_EINJ_ST_* of EXECUTE */
#define POISON_EINJ_TABLE_AT	0x38	/* RO: address of the trigger table */
#define POISON_EINJ_TRIGGER	0x40	/* WO: 1 sets off what was injected */

/* RW: SET_ERROR_TYPE_WITH_ADDRESS, whose first dword is TYPE */
#define POISON_EINJ_PARAMS	0x80
#define POISON_EINJ_PARAMS_SIZE	0x28
#define POISON_EINJ_P_VENDOR	0x04	/* RO: 0, no extension */
#define POISON_EINJ_P_FLAGS	0x08	/* must be POISON_EINJ_F_ADDRESS */
#define POISON_EINJ_P_ADDRESS	0x10
#define POISON_EINJ_P_MASK	0x18
#define POISON_EINJ_F_ADDRESS	2	/* ADDRESS and MASK are valid */

/* RO: the trigger error action table, a header and one entry */
#define POISON_EINJ_TABLE	0x100
#define POISON_EINJ_TABLE_SIZE	48

#define POISON_EINJ_MEM_CE	0x08	/* memory, corrected */
#define POISON_EINJ_MEM_UC	0x10	/* memory, uncorrected, not fatal */
#define POISON_EINJ_MEM_FATAL	0x20	/* memory, uncorrected, fatal */

#define POISON_EINJ_ST_OK	0
#define POISON_EINJ_ST_FAILED	1	/* not possible now; nothing was changed */
#define POISON_EINJ_ST_INVALID	2	/* parameters; nothing was changed */

#endif /* POISON_H */
