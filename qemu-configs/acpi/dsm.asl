// SPDX-License-Identifier: GPL-2.0
/*
 * The functions of an NVDIMM root device, ACPI 6.5 section 9.19.7.
 *
 * Each function names the tables that it follows by their titles: every release of
 * the specification numbers them anew (9.17 to 9.37 in 6.6), and titles stay.
 *
 * A buffer is returned in full, zeros behind the status, also when a function
 * failed: Linux takes a short one for a broken firmware.
 */

// table "NVDIMM Root Device Function Index"; behind each, its section, 9.19.7.x
#define FN_CAPABILITIES		1	/* .4 Query ARS Capabilities */
#define FN_START		2	/* .5 Start ARS */
#define FN_STATUS		3	/* .6 Query ARS Status */
#define FN_CLEAR		4	/* .7 Clear Uncorrectable Error */
#define FN_TRANSLATE		5	/* .8 Translate SPA */
#define FN_INJECT		7	/* .9 ARS Error Inject */
#define FN_INJECT_CLEAR		8	/* .10 ARS Error Inject Clear */
#define FN_INJECT_STATUS	9	/* .11 ARS Error Inject Status Query */

// table "Status and Extended Status Field Generic Interpretations": the low word; 4, "retry
// suggested", never happens
#define ST_OK			0
#define ST_NOT_SUPPORTED	1
#define ST_INVALID		2
#define ST_HARDWARE		3
#define ST_UNKNOWN		5
// of Start ARS: one is in progress already
#define ST_BUSY			6
// extended status, the high word, as the table of each function's output has it.
// "Query ARS Capabilities - Output Buffer": scrub of persistent memory supported
#define EXT_CAP_PM		0x00020000
// "Query ARS Status - Output Buffer": in progress, no ARS since boot, stopped prematurely
#define EXT_ARS_BUSY		0x00010000
#define EXT_ARS_NONE		0x00020000
#define EXT_ARS_STOPPED		0x00030000
// flags of "Query ARS Capabilities - Output Buffer": unconsumed errors are notified
#define CAP_NOTIFY		1
// type of "Start ARS - Input Buffer" and "ARS Data"
#define ARS_PM			2
// flags of "Start ARS - Input Buffer": return what the previous scrub found
#define ARS_PREVIOUS		2
// flags of "ARS Data" (the upper word of type and flags): overflow
#define ARS_OVERFLOW		0x00010000
// options of "ARS Error Inject - Input Format": notify
#define INJECT_NOTIFY		1
// section 5.6.6, table "NVDIMM Root Device Notification Values": unconsumed
// uncorrectable memory error
#define NOTIFY_ERROR		0x81

// bytes of "Query ARS Status - Output Buffer" and "ARS Data" before the records
#define ARS_HEADER		48

// output, dwords named after their offset
Name (OBUF, Buffer (ARS_HEADER) {})
CreateDWordField (OBUF, 0, OD00)
CreateDWordField (OBUF, 4, OD04)
CreateDWordField (OBUF, 8, OD08)
CreateDWordField (OBUF, 12, OD12)
CreateDWordField (OBUF, 16, OD16)
CreateDWordField (OBUF, 20, OD20)
CreateDWordField (OBUF, 24, OD24)
CreateDWordField (OBUF, 28, OD28)
CreateDWordField (OBUF, 32, OD32)
CreateDWordField (OBUF, 36, OD36)
CreateDWordField (OBUF, 40, OD40)
CreateDWordField (OBUF, 44, OD44)

// range of the input: address, length
Name (INAL, 0)
Name (INAH, 0)
Name (INLL, 0)
Name (INLH, 0)

/*
 * _DSM of the NVDIMM root device, for Linux's nfit driver and libndctl: section
 * 9.19.7.1 has the arguments, 9.1.1 the output of index 0.
 *
 * Arg0: UUID 2f10e7a4-9e91-11e4-89d3-123b93f75cba; that of the Intel family's own functions
 *	goes to activate.asl
 * Arg1: revision, 1
 * Arg2: function index
 * Arg3: package of one buffer, as the function wants it
 * Return: buffer: what is supported for index 0 (nothing: wrong UUID or
 *	revision), else status and output of the function.
 */
Method (_DSM, 4, Serialized)
{
	If (ObjectType (Arg0) != OT_BUFFER || ObjectType (Arg1) != OT_INTEGER ||
		ObjectType (Arg2) != OT_INTEGER)
	{
		Return (Buffer (1) { 0 })
	}
	If (Arg0 == ToUUID ("C7D8ACD4-2DF8-4B82-9F65-A325335AF149") && Arg1)
	{
		Return (UBUS (Arg2, INPT (Arg3)))
	}
	If (Arg0 != ToUUID ("2F10E7A4-9E91-11E4-89D3-123B93F75CBA") || Arg1 == 0)
	{
		Return (Buffer (1) { 0 })
	}
	If (Arg2 == 0)
	{
		// bits 0-5 and 7-9
		Return (Buffer (2) { 0xBF, 0x03 })
	}
	Local1 = INPT (Arg3)
	Acquire (STMX, 0xFFFF)
	If (NDIM == 0) { FITR () }
	If (SOPD != NDIM) { SOPN () }
	OBUF = Buffer (ARS_HEADER) {}
	Local0 = RDSM (Arg2, Local1)
	Release (STMX)
	Return (Local0)
}

/*
 * The buffer in the input package of a _DSM, an empty one if there is none.
 */
Method (INPT, 1)
{
	If (ObjectType (Arg0) == OT_PACKAGE)
	{
		If (SizeOf (Arg0))
		{
			If (ObjectType (Arg0 [0]) == OT_BUFFER) { Return (DerefOf (Arg0 [0])) }
		}
	}
	Return (Buffer (0) {})
}

/*
 * Input of less than a function's table has is "invalid input parameters"; what comes
 * behind it is not looked at.
 *
 * Arg0: function index
 * Arg1: input
 * Return: output.
 */
Method (RDSM, 2)
{
	Local0 = SizeOf (Arg1)
	If (Local0 >= 16)
	{
		INAL = LDWD (Arg1, 0)
		INAH = LDWD (Arg1, 4)
		INLL = LDWD (Arg1, 8)
		INLH = LDWD (Arg1, 12)
	}
	If (Arg0 == FN_CAPABILITIES)
	{
		OD00 = ST_INVALID
		If (Local0 >= 16) { FCAP () }
		Return (Mid (OBUF, 0, 16))
	}
	If (Arg0 == FN_START)
	{
		OD00 = ST_INVALID
		If (Local0 >= 24)
		{
			OD00 = FSTR (ToInteger (Mid (Arg1, 16, 2)), ToInteger (Mid (Arg1, 18, 1)))
		}
		Return (Mid (OBUF, 0, 8))
	}
	If (Arg0 == FN_STATUS) { Return (FARS ()) }
	If (Arg0 == FN_CLEAR)
	{
		OD00 = ST_INVALID
		If (Local0 >= 16) { FCLR () }
		Return (Mid (OBUF, 0, 16))
	}
	If (Arg0 == FN_TRANSLATE)
	{
		OD00 = ST_INVALID
		If (Local0 >= 8) { FXLT (LDWD (Arg1, 0), LDWD (Arg1, 4)) }
		Return (Mid (OBUF, 0, 36))
	}
	If (Arg0 == FN_INJECT)
	{
		OD00 = ST_INVALID
		If (Local0 >= 17) { OD00 = FINJ (ToInteger (Mid (Arg1, 16, 1))) }
		Return (Mid (OBUF, 0, 4))
	}
	If (Arg0 == FN_INJECT_CLEAR)
	{
		OD00 = ST_INVALID
		If (Local0 >= 16) { OD00 = FUNJ () }
		Return (Mid (OBUF, 0, 4))
	}
	If (Arg0 == FN_INJECT_STATUS) { Return (FINQ ()) }
	OD00 = ST_NOT_SUPPORTED
	Return (Mid (OBUF, 0, 4))
}

/*
 * Status of a function, by "Status and Extended Status Field Generic Interpretations",
 * for a status of the store: a range that cannot be is invalid input, a list that is
 * damaged a hardware error.
 *
 * A list that is full: "not supported", because 1 and 2 are the only failures
 * that libndctl 76 knows of an injection; it takes all others for success.
 */
Method (SMAP, 1)
{
	If (Arg0 == POISON_ST_OK) { Return (ST_OK) }
	If (Arg0 == POISON_ST_RANGE || Arg0 == POISON_ST_DIMM) { Return (ST_INVALID) }
	If (Arg0 == POISON_ST_FULL) { Return (ST_NOT_SUPPORTED) }
	If (Arg0 == POISON_ST_DAMAGED) { Return (ST_HARDWARE) }
	Return (ST_UNKNOWN)
}

/*
 * Clear Uncorrectable Error, section 9.19.7.7.  The range is in units of
 * FN_CAPABILITIES and of one region; what is not poisoned in it is no error.
 *
 * Input: "Clear Uncorrectable Error - Input Buffer": address, length.
 * Output: "Clear Uncorrectable Error - Output Buffer": status, 0, length cleared.
 * Status: 2 for a range that is empty, not in units, or not in one region; 3 for a list
 *	that is damaged; 1 for one that is full (half a range is a range).
 */
Method (FCLR)
{
	If ((INAL | INLL) & (POISON_CLEAR_UNIT - 1)) { Return }
	Local0 = RONE (1)
	If (Local0 == NONE) { Return }
	OD00 = SMAP (RRUN (Local0, RUN_CLEAR))
	If (OD00 != ST_OK) { Return }
	OD08 = INLL
	OD12 = INLH
}

/*
 * Translate SPA, section 9.19.7.8.  A DIMM on its own has all from the address to its end, one
 * of a set all to the end of the line.
 *
 * Arg0, Arg1: "Translate SPA - Input Payload Format": address, low and high dword
 * Output: "Translate SPA - Output Payload Format": status, flags (bit 0, mirrored: no),
 *	length translated, NVDIMMs; of the one, "Translate SPA - Translated NVDIMM
 *	Device List Output Payload Format": handle, 0, DPA.
 * Status: 2 for an address in no DIMM.
 */
Method (FXLT, 2)
{
	Local0 = LOOK (Arg0, Arg1)
	If (Local0 == NONE) { Return }
	Local0 = RWHO (Local0)
	OD00 = ST_OK
	OD08 = RMLO
	OD12 = RMHI
	OD16 = 1
	OD20 = Local0
	Local1 = DerefOf (DPLO [Local0])
	Local2 = (Local1 + OFLO) & LO32
	Local3 = DerefOf (DPHI [Local0]) + OFHI
	If (Local2 < Local1) { Local3++ }
	OD28 = Local2
	OD32 = Local3
}

/*
 * ARS Error Inject, section 9.19.7.9: the range, rounded outward to what can be injected.
 * Section 9.19.7.3 has what a notification is for.
 *
 * Input: "ARS Error Inject - Input Format": address, length, options.
 * Arg0: options
 * Return: "ARS Error Inject - Output Format": status; 2 for a range that is empty or not
 *	in one region, 3 for a list that is damaged, 1 for one that is full.
 */
Method (FINJ, 1)
{
	Local0 = RONE (SUNI ())
	If (Local0 == NONE) { Return (ST_INVALID) }
	Local1 = SMAP (RRUN (Local0, RUN_PLANT))
	If (Local1) { Return (Local1) }
	If (Arg0 & INJECT_NOTIFY)
	{
		RRUN (Local0, RUN_FOUND)
		Notify (\_SB.NVDX, NOTIFY_ERROR)
	}
	Else
	{
		// a scrub that is still to come there finds it
		Local1 = RUN_LATENT
		If (ATOT)
		{
			If (AWIL ()) { Local1 = RUN_FOUND }
		}
		RRUN (Local0, Local1)
	}
	Return (ST_OK)
}

/*
 * ARS Error Inject Clear, section 9.19.7.10.  The range is in units of an injection.
 *
 * Input: "ARS Error Inject Clear - Input Format": address, length.
 * Return: "ARS Error Inject Clear - Output Format": status, as of FCLR.
 */
Method (FUNJ)
{
	If ((INAL | INLL) & ((SUNI () << POISON_GRANULE_SHIFT) - 1)) { Return (ST_INVALID) }
	Local0 = RONE (1)
	If (Local0 == NONE) { Return (ST_INVALID) }
	Return (SMAP (RRUN (Local0, RUN_CLEAR)))
}
