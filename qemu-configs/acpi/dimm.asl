// SPDX-License-Identifier: GPL-2.0
/*
 * The functions of a DIMM: those of the Intel family (NVDIMM DSM Interface), as Linux
 * and libndctl have them; the interface's own text was not at hand.
 *
 * A group of functions has a file, which has a method for all of them and the bits that
 * they are in function 0; here is which function goes to which.  Linux asks for 11 and
 * what follows with revision 2, for the others with 1 (drivers/acpi/nfit/core.c,
 * nfit_dsm_revid()); what a revision has, the next one has, too.
 */

// statuses of the interface, as libndctl and Linux know them (ndctl/lib/intel.h)
#define DST_OK			0
#define DST_NOT_SUPPORTED	1
#define DST_INVALID		3
#define DST_HARDWARE		4

#define DIMM_REVISIONS		2
// bits in function 0: itself; label.asl; smart.asl, from revision 1 and from 2
#define DIMM_BIT_0		0x00000001
#define LABEL_BITS		0x00000070
#define SMART_BITS_1		0x00000006
#define SMART_BITS_2		0x00060000
// where what lasts of a DIMM can last: of smart.asl; of firmware.asl and activate.asl, 12-16
// and 29, 30, from revision 2
#define LATCH_BITS		0x00000400
#define FIRMWARE_BITS		0x6001F000
// of security.asl, where it has room, from revision 2: 19-23 and 27; what erases, 24-26 and
// 28, with the device
#define SECURITY_BITS		0x08F80000
#define ERASE_BITS		0x17000000

// ACPI 6.5 section 5.6.6, table "NVDIMM Device Notification Values": health event
#define NOTIFY_HEALTH		0x81

// the output of function 0
Name (CMSK, Buffer (4) {})
CreateDWordField (CMSK, 0, CMSB)

/*
 * _DSM of a DIMM, which sends the notification that HGIV says is due.
 *
 * Arg0: device handle
 * Arg1: UUID 4309ac30-0d11-11e4-9191-0800200c9a66
 * Arg2: revision, 1 or 2
 * Arg3: function
 * Arg4: package of one buffer, as the function wants it
 * Return: buffer: what is supported for function 0 (nothing: wrong UUID or revision),
 *	else status and output of the function.
 */
Method (CDSM, 5, Serialized)
{
	If (ObjectType (Arg1) != OT_BUFFER || ObjectType (Arg2) != OT_INTEGER ||
		ObjectType (Arg3) != OT_INTEGER)
	{
		Return (Buffer (1) { 0 })
	}
	If (Arg1 != ToUUID ("4309AC30-0D11-11E4-9191-0800200C9A66") || Arg2 == 0 ||
		Arg2 > DIMM_REVISIONS)
	{
		Return (Buffer (1) { 0 })
	}
	Local1 = INPT (Arg4)
	Acquire (STMX, 0xFFFF)
	Local0 = CRUN (Arg0, Arg2, Arg3, Local1)
	Release (STMX)
	Return (Local0)
}

/*
 * Which function is where; STMX is held.
 *
 * Arg0: device handle
 * Arg1: revision
 * Arg2: function
 * Arg3: input
 * Return: output.
 */
Method (CRUN, 4)
{
	Local0 = DIMM_BIT_0 | SMART_BITS_1
	If (Arg1 > 1) { Local0 |= SMART_BITS_2 }
	HLOD (Arg0)
	If (HLBL (Arg0)) { Local0 |= LABEL_BITS }
	If (HLST (Arg0))
	{
		Local0 |= LATCH_BITS
		If (Arg1 > 1) { Local0 |= FIRMWARE_BITS }
	}
	If (Arg1 > 1) { Local0 |= KBIT (Arg0) }
	If (Arg2 == 0)
	{
		CMSB = Local0
		Local1 = CMSK
		Return (Local1)
	}
	If (Arg2 < 32)
	{
		// QEMU says itself of a DIMM without labels that it has none
		Local1 = (Local0 | LABEL_BITS) & (1 << Arg2)
		If (Local1 & LABEL_BITS) { Return (LDSM (Arg0, Arg2, Arg3)) }
		If (Local1 & (SMART_BITS_1 | SMART_BITS_2 | LATCH_BITS)) { Return (HDSM (Arg0, Arg2, Arg3)) }
		If (Local1 & (SECURITY_BITS | ERASE_BITS)) { Return (KDSM (Arg0, Arg2, Arg3)) }
		If (Local1) { Return (UDSM (Arg0, Arg2, Arg3)) }
	}
	Return (Buffer (4) { DST_NOT_SUPPORTED })
}
