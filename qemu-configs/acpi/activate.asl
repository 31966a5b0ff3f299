// SPDX-License-Identifier: GPL-2.0
/*
 * Activation of firmware while the OS runs: two functions of a DIMM, and two of the root
 * device under a UUID of the Intel family (NVDIMM DSM Interface, by what Linux has of it:
 * drivers/acpi/nfit/intel.h, whose layouts, statuses and results these are).
 *
 * DIMMs are armed, then all that are armed are activated by one call.  That takes no time
 * here, and no access to memory has to wait for it.  But a DIMM is said to
 * take a second, and the machine to allow for three, as in Linux's nfit_test, so that
 * four that are armed are too many, as on hardware with as many.
 */

// of the DIMM: FW_ACT_INFO and FW_ACT_ARM (firmware.asl)
#define FW_ACT_ARM_SIZE		1
// state
#define FWA_IDLE		0
#define FWA_ARMED		1
// result of the last activation: none, nothing was staged, it runs, it could not be
// written; an image may ask for others
#define FWA_NONE		0
#define FWA_NOT_STAGED		1
#define FWA_SUCCESS		2
#define FWA_ABORT		5
#define FWA_ERROR		7

// of the root device
#define BUS_ACT_INFO		1	/* Get Firmware Activation Info */
#define BUS_ACTIVATE		2	/* Activate Firmware */
#define BUS_ACT_INFO_SIZE	40
#define BUS_ACTIVATE_SIZE	1
// can be activated with the OS running, or by a reset; that the machine has to be idle
// for it, bit 0, is not so
#define BUS_CAPABILITY		6
// statuses: none is armed, nothing is staged, it would take too long, aborted
#define BUS_NO_ARMED		0x00010006
#define BUS_NO_FIRMWARE		0x00030006
#define BUS_TOO_LONG		0x00040006
#define BUS_ABORTED		0x00060006
// us, for each DIMM, and that the machine allows for
#define BUS_TIME		1000000
#define BUS_TIME_MAX		3000000

// output of BUS_ACT_INFO, dwords named after their offset
Name (UBOU, Buffer (BUS_ACT_INFO_SIZE) {})
CreateByteField (UBOU, 6, UB06)
CreateByteField (UBOU, 7, UB07)
CreateDWordField (UBOU, 8, UB08)
CreateDWordField (UBOU, 16, UB16)
CreateDWordField (UBOU, 24, UB24)
CreateDWordField (UBOU, 32, UB32)

/*
 * Get Firmware Activation Info of the DIMM in UNWB: result of its last activation,
 * state.  STMX is held.
 */
Method (UAIN)
{
	UO04 = UNRS
	If (UNAR) { UO04 = UNRS | (FWA_ARMED << 16) }
}

/*
 * Arm, or disarm, the DIMM in UNWB; STMX is held.
 *
 * Arg0: 1, arm; 0, disarm
 * Return: status: 3 for anything else.
 */
Method (UARM, 1)
{
	If (SizeOf (Arg0) < FW_ACT_ARM_SIZE) { Return (DST_INVALID) }
	Local0 = ToInteger (Mid (Arg0, 0, 1))
	If (Local0 > 1) { Return (DST_INVALID) }
	UNAR = Local0
	If (Local0) { UNRS = FWA_NONE }
	Return (DST_OK)
}

/*
 * _DSM of the root device under the UUID c7d8acd4-2df8-4b82-9f65-a325335af149.
 *
 * Arg0: function
 * Arg1: input
 * Return: output.  Statuses are those of ACPI's root device, and of them 6, specific to
 *	the function.
 */
Method (UBUS, 2)
{
	If (Arg0 == 0) { Return (Buffer (1) { 7 }) }
	Local0 = Buffer (4) { ST_NOT_SUPPORTED }
	Acquire (STMX, 0xFFFF)
	If (Arg0 == BUS_ACT_INFO)
	{
		Local1 = UARD () * BUS_TIME
		UB06 = FWA_IDLE
		If (Local1) { UB06 = FWA_ARMED }
		UB07 = BUS_CAPABILITY
		UB08 = Local1
		UB16 = Local1
		UB24 = Local1
		UB32 = BUS_TIME_MAX
		Local0 = UBOU
	}
	ElseIf (Arg0 == BUS_ACTIVATE)
	{
		CMSB = UBAC (Arg1)
		Local0 = CMSK
	}
	Release (STMX)
	Return (Local0)
}

/*
 * How many DIMMs are armed?
 */
Method (UARD)
{
	Local0 = 0
	Local1 = 1
	While (Local1 <= MAX_HANDLE)
	{
		If (DerefOf (HSTA [Local1]) != HST_UNKNOWN)
		{
			UGET (Local1)
			If (UNAR) { Local0++ }
		}
		Local1++
	}
	Return (Local0)
}

/*
 * Activate Firmware, of all DIMMs that are armed.  Then none is.
 *
 * Arg0: 0, the machine may be made idle for it; 1, it may not
 * Return: status: BUS_NO_ARMED; BUS_TOO_LONG, and nothing is changed; BUS_NO_FIRMWARE if
 *	none of them had any staged; BUS_ABORTED if that is the result of one; 2 for other
 *	input.
 */
Method (UBAC, 1)
{
	If (SizeOf (Arg0) < BUS_ACTIVATE_SIZE) { Return (ST_INVALID) }
	If (ToInteger (Mid (Arg0, 0, 1)) > 1) { Return (ST_INVALID) }
	Local0 = UARD ()
	If (Local0 == 0) { Return (BUS_NO_ARMED) }
	If (Local0 * BUS_TIME > BUS_TIME_MAX) { Return (BUS_TOO_LONG) }
	Local0 = BUS_NO_FIRMWARE
	Local1 = 1
	While (Local1 <= MAX_HANDLE)
	{
		If (DerefOf (HSTA [Local1]) != HST_UNKNOWN)
		{
			UGET (Local1)
			UNRS = UDAC (Local1)
			UNAR = 0
			UPUT (Local1)
			If (UNRS == FWA_ABORT) { Local0 = BUS_ABORTED }
			ElseIf (UNRS > FWA_NOT_STAGED && Local0 == BUS_NO_FIRMWARE) { Local0 = ST_OK }
		}
		Local1++
	}
	Return (Local0)
}

/*
 * Activate the DIMM with handle Arg0, which is in URCB and UNWB, if it is armed.
 *
 * Return: FWA_*, or what the image asks for; it stays staged but for FWA_SUCCESS.
 */
Method (UDAC, 1)
{
	If (UNAR == 0) { Return (FWA_NONE) }
	If (UNST != UFW_DONE) { Return (FWA_NOT_STAGED) }
	If (UIAC) { Return (UIAC) }
	UNXT ()
	If (USAV (Arg0)) { Return (FWA_ERROR) }
	UNST = UFW_NONE
	Return (FWA_SUCCESS)
}
