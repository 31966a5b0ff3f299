/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine's EINJ table, ACPI 6.5, 18.6: error injection by the poison
 * device's window, whose registers poison.h has.
 *
 * As Linux 6.1 wants it (drivers/acpi/apei/einj.c): injection header of 12 bytes;
 * action 8 is WRITE_REGISTER to system memory, because there and nowhere else
 * Linux looks for the structure with the address; access widths of 1 to 4.
 * Instructions: 0 READ_REGISTER, 1 READ_REGISTER_VALUE, 2 WRITE_REGISTER, 3
 * WRITE_REGISTER_VALUE.
 */
#include "poison.h"

[0004] Signature : "EINJ"
[0004] Table Length : 00000000
[0001] Revision : 01
[0001] Checksum : 00
[0006] Oem ID : "POISON"
[0008] Oem Table ID : "EINJ"
[0004] Oem Revision : 00000001
[0004] Asl Compiler ID : "INTL"
[0004] Asl Compiler Revision : 00000000

[0004] Injection Header Length : 0000000C
[0001] Flags : 00
[0003] Reserved : 000000
[0004] Injection Entry Count : 00000009

/* begin an operation */
[0001] Action : 00
[0001] Instruction : 03
[0001] Flags (decoded below) : 00
       Preserve Register Bits : 0
[0001] Reserved : 00
[0012] Register Region : [Generic Address Structure]
[0001] Space ID : 00
[0001] Bit Width : 20
[0001] Bit Offset : 00
[0001] Encoded Access Width : 03
[0008] Address : POISON_EINJ_BASE + POISON_EINJ_BEGIN
[0008] Value : 0000000000000001
[0008] Mask : 00000000FFFFFFFF

/* get trigger error action table */
[0001] Action : 01
[0001] Instruction : 00
[0001] Flags (decoded below) : 00
       Preserve Register Bits : 0
[0001] Reserved : 00
[0012] Register Region : [Generic Address Structure]
[0001] Space ID : 00
[0001] Bit Width : 40
[0001] Bit Offset : 00
[0001] Encoded Access Width : 04
[0008] Address : POISON_EINJ_BASE + POISON_EINJ_TABLE_AT
[0008] Value : 0000000000000000
[0008] Mask : FFFFFFFFFFFFFFFF

/* set error type */
[0001] Action : 02
[0001] Instruction : 02
[0001] Flags (decoded below) : 00
       Preserve Register Bits : 0
[0001] Reserved : 00
[0012] Register Region : [Generic Address Structure]
[0001] Space ID : 00
[0001] Bit Width : 20
[0001] Bit Offset : 00
[0001] Encoded Access Width : 03
[0008] Address : POISON_EINJ_BASE + POISON_EINJ_TYPE
[0008] Value : 0000000000000000
[0008] Mask : 00000000FFFFFFFF

/* get error type */
[0001] Action : 03
[0001] Instruction : 00
[0001] Flags (decoded below) : 00
       Preserve Register Bits : 0
[0001] Reserved : 00
[0012] Register Region : [Generic Address Structure]
[0001] Space ID : 00
[0001] Bit Width : 20
[0001] Bit Offset : 00
[0001] Encoded Access Width : 03
[0008] Address : POISON_EINJ_BASE + POISON_EINJ_TYPES
[0008] Value : 0000000000000000
[0008] Mask : 00000000FFFFFFFF

/* end the operation */
[0001] Action : 04
[0001] Instruction : 03
[0001] Flags (decoded below) : 00
       Preserve Register Bits : 0
[0001] Reserved : 00
[0012] Register Region : [Generic Address Structure]
[0001] Space ID : 00
[0001] Bit Width : 20
[0001] Bit Offset : 00
[0001] Encoded Access Width : 03
[0008] Address : POISON_EINJ_BASE + POISON_EINJ_END
[0008] Value : 0000000000000001
[0008] Mask : 00000000FFFFFFFF

/* execute */
[0001] Action : 05
[0001] Instruction : 03
[0001] Flags (decoded below) : 00
       Preserve Register Bits : 0
[0001] Reserved : 00
[0012] Register Region : [Generic Address Structure]
[0001] Space ID : 00
[0001] Bit Width : 20
[0001] Bit Offset : 00
[0001] Encoded Access Width : 03
[0008] Address : POISON_EINJ_BASE + POISON_EINJ_EXECUTE
[0008] Value : 0000000000000001
[0008] Mask : 00000000FFFFFFFF

/* check busy status */
[0001] Action : 06
[0001] Instruction : 01
[0001] Flags (decoded below) : 00
       Preserve Register Bits : 0
[0001] Reserved : 00
[0012] Register Region : [Generic Address Structure]
[0001] Space ID : 00
[0001] Bit Width : 20
[0001] Bit Offset : 00
[0001] Encoded Access Width : 03
[0008] Address : POISON_EINJ_BASE + POISON_EINJ_BUSY
[0008] Value : 0000000000000001
[0008] Mask : 0000000000000001

/* get command status */
[0001] Action : 07
[0001] Instruction : 00
[0001] Flags (decoded below) : 00
       Preserve Register Bits : 0
[0001] Reserved : 00
[0012] Register Region : [Generic Address Structure]
[0001] Space ID : 00
[0001] Bit Width : 20
[0001] Bit Offset : 00
[0001] Encoded Access Width : 03
[0008] Address : POISON_EINJ_BASE + POISON_EINJ_STATUS
[0008] Value : 0000000000000000
[0008] Mask : 00000000000000FF

/* set error type with address */
[0001] Action : 08
[0001] Instruction : 02
[0001] Flags (decoded below) : 00
       Preserve Register Bits : 0
[0001] Reserved : 00
[0012] Register Region : [Generic Address Structure]
[0001] Space ID : 00
[0001] Bit Width : 20
[0001] Bit Offset : 00
[0001] Encoded Access Width : 03
[0008] Address : POISON_EINJ_BASE + POISON_EINJ_PARAMS
[0008] Value : 0000000000000000
[0008] Mask : 00000000FFFFFFFF
