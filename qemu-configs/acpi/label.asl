// SPDX-License-Identifier: GPL-2.0
/*
 * The label area: QEMU's label functions, for the OS and for the list of
 * poison.  The OS is told of the first POISON_LIST_OFFSET bytes and can reach
 * nothing behind them.
 *
 * Functions and statuses are those of the NVDIMM DSM interface that QEMU
 * implements (NVDIMM DSM Interface V1.8, sections 3.4 to 3.6).
 */

#define LABEL_SIZE		4
#define LABEL_READ		5
#define LABEL_WRITE		6
#define LABEL_ST_OK		0
#define LABEL_ST_INVALID	3
// of ours, not of QEMU's: not in this security state; of LABEL_SIZE, the extended status that
// Linux knows as ND_CONFIG_LOCKED (drivers/acpi/nfit/core.c)
#define LABEL_ST_STATE		10
#define LABEL_ST_LOCKED		0x00010000
// bytes of input before the data: offset, length
#define LABEL_HEADER		8
// bytes of output before the data: status
#define LABEL_STATUS		4
// bytes that LERA writes at once; QEMU transfers at most 4076
#define LABEL_ERASE		2048

// the input package that NCAL takes
Name (LARG, Package (1) { 0 })

/*
 * Call a label function of QEMU's.
 *
 * Arg0: device handle
 * Arg1: function
 * Arg2: input buffer
 * Return: output buffer, LABEL_STATUS bytes at least.
 */
Method (LCAL, 3, Serialized)
{
	LARG [0] = Arg2
	Local0 = \_SB.NVDR.NCAL (ToUUID ("4309AC30-0D11-11E4-9191-0800200C9A66"), 1, Arg1, LARG, Arg0)
	If (ObjectType (Local0) == OT_BUFFER)
	{
		If (SizeOf (Local0) >= LABEL_STATUS) { Return (Local0) }
	}
	Return (Buffer (LABEL_STATUS) { LABEL_ST_INVALID })
}

/*
 * Does a range lie in the OS's part of the label area?
 *
 * Arg0: offset
 * Arg1: length
 */
Method (LOUR, 2)
{
	If (Arg0 > POISON_LIST_OFFSET) { Return (0) }
	Return (Arg1 <= POISON_LIST_OFFSET - Arg0)
}

/*
 * Label functions of a DIMM's _DSM: forwarded to QEMU, but for what concerns our part
 * of the label area; STMX is held.  QEMU reads its input from where the output of the
 * last call lies, so input that is missing or short must not get that far.  Labels of a DIMM
 * that is locked can be read, and its size says so.
 *
 * Arg0: device handle
 * Arg1: function
 * Arg2: input
 * Return: output.
 */
Method (LDSM, 3)
{
	If (Arg1 != LABEL_SIZE)
	{
		Local0 = 0
		If (SizeOf (Arg2) >= LABEL_HEADER)
		{
			Local1 = LDWD (Arg2, 4)
			Local0 = LOUR (LDWD (Arg2, 0), Local1)
			If (Arg1 == LABEL_WRITE && Local1 > SizeOf (Arg2) - LABEL_HEADER) { Local0 = 0 }
		}
		If (Local0 == 0) { Return (Buffer (LABEL_STATUS) { LABEL_ST_INVALID }) }
		If (Arg1 == LABEL_WRITE)
		{
			If (KLKD (Arg0)) { Return (Buffer (LABEL_STATUS) { LABEL_ST_STATE }) }
		}
		Return (LCAL (Arg0, Arg1, Arg2))
	}
	Local0 = LCAP (LCAL (Arg0, Arg1, Buffer (LABEL_HEADER) {}))
	If (KLKD (Arg0)) { CMSB = LABEL_ST_LOCKED }
	Else { CMSB = LABEL_ST_OK }
	If (LDWD (Local0, 0) != LABEL_ST_OK) { Return (Local0) }
	Return (Concatenate (CMSK, Mid (Local0, LABEL_STATUS, SizeOf (Local0))))
}

/*
 * Output of LABEL_SIZE as the OS may see it.
 *
 * Arg0: QEMU's: status, size of the area, longest transfer
 */
Method (LCAP, 1, Serialized)
{
	If (ObjectType (Arg0) != OT_BUFFER) { Return (Arg0) }
	If (SizeOf (Arg0) < 12) { Return (Arg0) }
	Local0 = Arg0
	CreateDWordField (Local0, 4, SIZE)
	If (SIZE > POISON_LIST_OFFSET) { SIZE = POISON_LIST_OFFSET }
	Return (Local0)
}

/*
 * _LSI, _LSR, _LSW of a DIMM (ACPI 6.5 sections 6.5.10.1 to 6.5.10.3): the same functions
 * without UUID.  Statuses, in the tables "_LSI Return Package Values" and "_LSR Return
 * Package Values": 0 success, 1 failure, 2 invalid parameters, 3 locked, by which, and not
 * by the size, an OS that has these alone knows that the DIMM is (Linux's
 * xlat_nvdimm_status(), drivers/acpi/nfit/core.c).
 */
#define LS_OK			0
#define LS_FAILED		1
#define LS_INVALID		2
#define LS_LOCKED		3

/*
 * The status for a status of QEMU's.
 */
Method (LSTS, 1)
{
	If (Arg0 == LABEL_ST_OK) { Return (LS_OK) }
	If (Arg0 == LABEL_ST_INVALID) { Return (LS_INVALID) }
	Return (LS_FAILED)
}

/*
 * Arg0: device handle
 * Return: package of status, size, longest transfer.
 */
Method (CLSI, 1, Serialized)
{
	Acquire (STMX, 0xFFFF)
	Local0 = LCAP (LCAL (Arg0, LABEL_SIZE, Buffer (LABEL_HEADER) {}))
	Release (STMX)
	Local1 = Package (3) { LS_FAILED, 0, 0 }
	If (SizeOf (Local0) >= 12)
	{
		Local1 [0] = LSTS (LDWD (Local0, 0))
		Local1 [1] = LDWD (Local0, 4)
		Local1 [2] = LDWD (Local0, 8)
	}
	Return (Local1)
}

// offset and length for LABEL_READ and LABEL_WRITE
Name (LHDR, Buffer (LABEL_HEADER) {})
CreateDWordField (LHDR, 0, LOFF)
CreateDWordField (LHDR, 4, LLEN)

/*
 * Arg0: device handle
 * Arg1: offset
 * Arg2: length
 * Return: package of status, data.
 */
Method (CLSR, 3, Serialized)
{
	Local1 = Package (2) { LS_INVALID, Buffer (0) {} }
	If (ObjectType (Arg1) != OT_INTEGER || ObjectType (Arg2) != OT_INTEGER) { Return (Local1) }
	If (LOUR (Arg1, Arg2) == 0) { Return (Local1) }
	Acquire (STMX, 0xFFFF)
	If (KLKD (Arg0)) { Local2 = LS_LOCKED }
	Else
	{
		Local0 = LRED (Arg0, Arg1, Arg2)
		Local2 = LSTS (LDWD (Local0, 0))
	}
	Release (STMX)
	Local1 [0] = Local2
	If (Local2) { Return (Local1) }
	If (SizeOf (Local0) == Arg2 + LABEL_STATUS)
	{
		Local1 [1] = Mid (Local0, LABEL_STATUS, Arg2)
	}
	Return (Local1)
}

/*
 * Arg0: device handle
 * Arg1: offset
 * Arg2: length
 * Arg3: data
 * Return: status.
 */
Method (CLSW, 4, Serialized)
{
	If (ObjectType (Arg1) != OT_INTEGER || ObjectType (Arg2) != OT_INTEGER ||
		ObjectType (Arg3) != OT_BUFFER)
	{
		Return (LS_INVALID)
	}
	If (LOUR (Arg1, Arg2) == 0) { Return (LS_INVALID) }
	If (SizeOf (Arg3) < Arg2) { Return (LS_INVALID) }
	Acquire (STMX, 0xFFFF)
	Local0 = LS_LOCKED
	If (KLKD (Arg0) == 0) { Local0 = LSTS (LWRT (Arg0, Arg1, Mid (Arg3, 0, Arg2))) }
	Release (STMX)
	Return (Local0)
}

/*
 * Zero all that the OS has of the label area of the DIMM with handle Arg0; STMX is held.
 *
 * Return: LABEL_ST_OK or what QEMU said.
 */
Method (LERA, 1)
{
	Local0 = 0
	While (Local0 < POISON_LIST_OFFSET)
	{
		Local1 = LWRT (Arg0, Local0, Buffer (LABEL_ERASE) {})
		If (Local1) { Return (Local1) }
		Local0 += LABEL_ERASE
	}
	Return (LABEL_ST_OK)
}

/*
 * Read the label area; STMX is held.
 *
 * Arg0: device handle
 * Arg1: offset
 * Arg2: length
 * Return: LABEL_STATUS bytes, then the data; shorter if it failed.
 */
Method (LRED, 3)
{
	LOFF = Arg1
	LLEN = Arg2
	Local0 = LCAL (Arg0, LABEL_READ, LHDR)
	If (LDWD (Local0, 0) != LABEL_ST_OK) { Return (Mid (Local0, 0, 4)) }
	Return (Local0)
}

/*
 * Write the label area; STMX is held.
 *
 * Arg0: device handle
 * Arg1: offset
 * Arg2: data
 * Return: LABEL_ST_OK or what QEMU said.
 */
Method (LWRT, 3)
{
	LOFF = Arg1
	LLEN = SizeOf (Arg2)
	Local0 = LCAL (Arg0, LABEL_WRITE, Concatenate (LHDR, Arg2))
	Return (LDWD (Local0, 0))
}
