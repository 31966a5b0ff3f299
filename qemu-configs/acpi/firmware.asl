// SPDX-License-Identifier: GPL-2.0
/*
 * Firmware of a DIMM, and how it is updated (NVDIMM DSM Interface, the functions named
 * below, by what Linux and libndctl have of it).  Layouts are those of their struct
 * nd_intel_fw_info, nd_intel_fw_start, nd_intel_fw_send_data, nd_intel_fw_finish_update and
 * nd_intel_fw_finish_query; statuses those of ndctl/lib/intel.h, and where that leaves
 * open which is due, of Linux's nfit_test (tools/testing/nvdimm/test/nfit.c).
 *
 * An update is begun (UFW_SEND), its image sent in order, and finished (UFW_CHECK).  The
 * DIMM verifies it, for FIRMWARE_TIME, and either refuses it (UFW_BAD) or has it staged
 * (UFW_DONE).  What is staged runs from the next start of the guest on, or when
 * it is activated (activate.asl).
 *
 * What lasts, as on hardware, is a record in the header of the list of poison
 * (poison.h): the revision that runs, and the one that is staged.  To begin makes a list,
 * as SMART_LATCH does (smart.asl), and where there can be none these functions are not
 * there.  An update that is not finished ends with a reset.
 *
 * The image itself is not kept.  Its header, whose layout is ours (poison.h), says which
 * revision it is; of all of it a sum is made as it comes.
 *
 * STMX is held in all of this.
 */

#define FW_INFO			12	/* Get Firmware Info */
#define FW_START		13	/* Start Update */
#define FW_SEND			14	/* Send Data */
#define FW_FINISH		15	/* Finish Update */
#define FW_QUERY		16	/* Finish Query */
#define FW_ACT_INFO		29	/* see activate.asl */
#define FW_ACT_ARM		30

#define FW_INFO_SIZE		44
#define FW_ACT_INFO_SIZE	14
// bytes of input, of FW_SEND before the data
#define FW_SEND_SIZE		12
#define FW_FINISH_SIZE		8
#define FW_QUERY_SIZE		4

// extended statuses: context that is none (of FW_START: another update is in
// progress); finished before, or still being verified (of FW_QUERY); bad image; aborted, or
// out of order (of FW_QUERY)
#define FWS_CONTEXT		0x00010007
#define FWS_DONE		0x00020007
#define FWS_BAD			0x00030007
#define FWS_ABORTED		0x00040007

// output of FW_INFO: what a DIMM has room for, the most that one FW_SEND takes (its sum
// takes a third of a second on a busy machine), how often to ask and for how long (us),
// version of the firmware's interface
#define FW_STORAGE		0x20000
#define FW_SEND_MAX		0x1000
#define FW_INTERVAL		50000
#define FW_TIMEOUT		5000000
#define FW_INTERFACE		0x0105
// revision of the factory
#define FW_FACTORY		0x00010000

// state of an update: none, or its context is no more; image being sent; being verified;
// refused; staged
#define UFW_NONE		0
#define UFW_SEND		1
#define UFW_CHECK		2
#define UFW_BAD			3
#define UFW_DONE		4

// by device handle: what lasts; what does not
Name (UREC, Package (HANDLES) {})
Name (UNOW, Package (HANDLES) {})

// what lasts of the DIMM that is worked on
Name (URCB, Buffer (POISON_FIRMWARE_SIZE) {})
CreateDWordField (URCB, POISON_FIRMWARE_CHECK, URCK)
CreateDWordField (URCB, POISON_FIRMWARE_RUN, URRL)
CreateDWordField (URCB, POISON_FIRMWARE_RUN + 4, URRH)
CreateDWordField (URCB, POISON_FIRMWARE_NEXT, URNL)
CreateDWordField (URCB, POISON_FIRMWARE_NEXT + 4, URNH)

// what does not, of that DIMM: its update
#define UNW_REST		17
#define UNW_IMAGE		20
#define UNW_SIZE		52
Name (UNWB, Buffer (UNW_SIZE) {})
CreateByteField (UNWB, 0, UNST)			// UFW_*
CreateByteField (UNWB, 1, UNAR)			// armed (activate.asl)
CreateWordField (UNWB, 2, UNRS)			// result of its last activation
CreateDWordField (UNWB, 4, UNCX)		// context
CreateDWordField (UNWB, 8, UNRX)		// bytes received; then when it was finished
CreateDWordField (UNWB, 12, UNSM)		// sum of their dwords
CreateByteField (UNWB, 16, UNRC)		// bytes that made no dword, UNRB
CreateField (UNWB, UNW_REST * 8, 24, UNRB)
CreateField (UNWB, UNW_IMAGE * 8, POISON_IMAGE_SIZE * 8, UNHD)
CreateDWordField (UNWB, UNW_IMAGE + POISON_IMAGE_MAGIC0, UIM0)
CreateDWordField (UNWB, UNW_IMAGE + POISON_IMAGE_MAGIC1, UIM1)
CreateDWordField (UNWB, UNW_IMAGE + POISON_IMAGE_REVISION, UIRL)
CreateDWordField (UNWB, UNW_IMAGE + POISON_IMAGE_REVISION + 4, UIRH)
CreateDWordField (UNWB, UNW_IMAGE + POISON_IMAGE_LENGTH, UILN)
CreateWordField (UNWB, UNW_IMAGE + POISON_IMAGE_FINISH, UIFN)
CreateWordField (UNWB, UNW_IMAGE + POISON_IMAGE_QUERY, UIQU)
CreateWordField (UNWB, UNW_IMAGE + POISON_IMAGE_ACTIVATE, UIAC)

// output of FW_INFO; of FW_START and FW_QUERY; of activate.asl's
Name (UOUT, Buffer (FW_INFO_SIZE) {})
CreateDWordField (UOUT, 0, UO00)
CreateDWordField (UOUT, 4, UO04)
CreateDWordField (UOUT, 8, UO08)
CreateDWordField (UOUT, 12, UO12)
CreateDWordField (UOUT, 16, UO16)
CreateDWordField (UOUT, 24, UO24)
CreateDWordField (UOUT, 28, UO28)
CreateDWordField (UOUT, 32, UO32)
CreateDWordField (UOUT, 36, UO36)
CreateDWordField (UOUT, 40, UO40)

/*
 * A function of the DIMM with handle Arg0.  HLOD was called, and there is room for what
 * lasts of it.
 *
 * Arg1: function
 * Arg2: input
 * Return: output.
 */
Method (UDSM, 3)
{
	UGET (Arg0)
	UOUT = Buffer (FW_INFO_SIZE) {}
	Local0 = 4			// bytes of output
	If (Arg1 == FW_INFO)
	{
		UINF ()
		Local0 = FW_INFO_SIZE
	}
	ElseIf (Arg1 == FW_START)
	{
		UO00 = UBEG (Arg0)
		If (UO00 == DST_OK) { UO04 = UNCX }
		Local0 = 8
	}
	ElseIf (Arg1 == FW_QUERY)
	{
		UO00 = UQRY (Arg2)
		Local0 = 12
	}
	ElseIf (Arg1 == FW_ACT_INFO)
	{
		UAIN ()
		Local0 = FW_ACT_INFO_SIZE
	}
	ElseIf (Arg1 == FW_SEND) { UO00 = USND (Arg2) }
	ElseIf (Arg1 == FW_FINISH) { UO00 = UFIN (Arg0, Arg2) }
	Else { UO00 = UARM (Arg2) }
	UPUT (Arg0)
	Return (Mid (UOUT, 0, Local0))
}

/*
 * Have the firmware of the DIMM with handle Arg0 in URCB and UNWB: is it verified by now?
 */
Method (UGET, 1)
{
	URCB = DerefOf (UREC [Arg0])
	UNWB = DerefOf (UNOW [Arg0])
	If (UNST == UFW_CHECK)
	{
		// Timer counts 100 ns, of which a dword keeps the last 7 minutes
		Local0 = (Timer - UNRX) & LO32
		If (Local0 >= FIRMWARE_TIME)
		{
			UNST = UFW_BAD
			If (URNL || URNH) { UNST = UFW_DONE }
		}
	}
}

/*
 * Put them back.
 */
Method (UPUT, 1)
{
	UREC [Arg0] = URCB
	UNOW [Arg0] = UNWB
}

/*
 * Get Firmware Info.
 */
Method (UINF)
{
	UO04 = FW_STORAGE
	UO08 = FW_SEND_MAX
	UO12 = FW_INTERVAL
	UO16 = FW_TIMEOUT
	UO24 = FW_INTERFACE
	UO28 = URRL
	UO32 = URRH
	If (UNST == UFW_DONE)
	{
		UO36 = URNL
		UO40 = URNH
	}
}

/*
 * Start Update.
 *
 * Arg0: device handle
 * Return: status: FWS_CONTEXT if there is another, which may be staged; 4 where what is in
 *	the label area is not ours, or it cannot be written.
 */
Method (UBEG, 1)
{
	If (UNST == UFW_SEND || UNST == UFW_CHECK || UNST == UFW_DONE) { Return (FWS_CONTEXT) }
	Local0 = HHAV (Arg0)
	If (Local0) { Return (Local0) }
	UNST = UFW_SEND
	UNCX++
	UNRX = 0
	UNSM = 0
	UNRC = 0
	Return (DST_OK)
}

/*
 * Send Data: the next bytes of the image.
 *
 * Arg0: context, offset, length, data
 * Return: status: FWS_CONTEXT if there is no such update; 3 for more than FW_SEND_MAX
 *	bytes, or than there is room for, or than were given, and for an offset that is not
 *	where the bytes before it ended.
 */
Method (USND, 1)
{
	If (SizeOf (Arg0) < FW_SEND_SIZE) { Return (DST_INVALID) }
	If (UNST != UFW_SEND || LDWD (Arg0, 0) != UNCX) { Return (FWS_CONTEXT) }
	Local0 = LDWD (Arg0, 8)
	If (Local0 > FW_SEND_MAX || Local0 > SizeOf (Arg0) - FW_SEND_SIZE) { Return (DST_INVALID) }
	If (LDWD (Arg0, 4) != UNRX || Local0 > FW_STORAGE - UNRX) { Return (DST_INVALID) }
	Local1 = Mid (Arg0, FW_SEND_SIZE, Local0)
	If (UNRX < POISON_IMAGE_SIZE)
	{
		UNHD = Mid (Concatenate (Mid (UNWB, UNW_IMAGE, UNRX), Local1), 0, POISON_IMAGE_SIZE)
	}
	UNRX += Local0
	USUM (Concatenate (Mid (UNWB, UNW_REST, UNRC), Local1))
	Return (DST_OK)
}

/*
 * Add the dwords of the buffer Arg0 to UNSM, and keep what makes none.
 */
Method (USUM, 1)
{
	Local0 = 0
	Local1 = SizeOf (Arg0)
	UNRC = Local1 & 3
	Local1 -= UNRC
	Local2 = UNSM
	While (Local0 < Local1)
	{
		Local2 += ToInteger (Mid (Arg0, Local0, 4))
		Local0 += 4
	}
	UNSM = Local2 & LO32
	UNRB = Mid (Arg0, Local1, 3)
}

/*
 * Finish Update: begin to verify the image, or abort.  To abort asks for no context, as
 * "ndctl update-firmware --force" has none of the update of another.
 *
 * Arg0: device handle
 * Arg1: 0, or 1 to abort (and 3 bytes), context
 * Return: status: FWS_DONE if it was finished before, FWS_ABORTED, FWS_CONTEXT if there is
 *	no such update, FWS_BAD if what was sent is no image, and that is its end; what the
 *	image asks for; 4 if it cannot be written, and neither ends it; 3 for other
 *	flags.
 */
Method (UFIN, 2)
{
	If (SizeOf (Arg1) < FW_FINISH_SIZE) { Return (DST_INVALID) }
	Local0 = ToInteger (Mid (Arg1, 0, 1))
	If (Local0 > 1) { Return (DST_INVALID) }
	If (UNST == UFW_DONE) { Return (FWS_DONE) }
	If (Local0) { Return (UABO (Arg0)) }
	If (UNST == UFW_CHECK) { Return (FWS_DONE) }
	If (UNST != UFW_SEND || LDWD (Arg1, 4) != UNCX) { Return (FWS_CONTEXT) }
	If (UNRX < POISON_IMAGE_SIZE || UIM0 != POISON_FW_MAGIC0 || UIM1 != POISON_FW_MAGIC1 ||
		UILN != UNRX || (UIRL == 0 && UIRH == 0))
	{
		UNST = UFW_NONE
		Return (FWS_BAD)
	}
	If (UIFN) { Return (UIFN) }
	Local0 = UNSM
	If (UNRC) { Local0 = (Local0 + ToInteger (Mid (UNWB, UNW_REST, UNRC))) & LO32 }
	If (Local0 == 0 && UIQU == 0)
	{
		URNL = UIRL
		URNH = UIRH
		If (USAV (Arg0)) { Return (DST_HARDWARE) }
	}
	UNST = UFW_CHECK
	UNRX = Timer
	Return (DST_OK)
}

/*
 * End an update that is not staged.
 *
 * Arg0: device handle
 * Return: FWS_ABORTED, also if there is none; 4 if it cannot be written.
 */
Method (UABO, 1)
{
	If (URNL || URNH)
	{
		URNL = 0
		URNH = 0
		If (USAV (Arg0)) { Return (DST_HARDWARE) }
	}
	UNST = UFW_NONE
	Return (FWS_ABORTED)
}

/*
 * Finish Query: what came of an update?
 *
 * Arg0: context
 * Return: status, and UO04 and UO08 are the revision that is staged; FWS_CONTEXT if there
 *	is no such update, FWS_ABORTED if it was not finished, FWS_DONE while it is
 *	verified; FWS_BAD if the sum is wrong, or what the image asks for; 3.
 */
Method (UQRY, 1)
{
	If (SizeOf (Arg0) < FW_QUERY_SIZE) { Return (DST_INVALID) }
	If (UNST == UFW_NONE || LDWD (Arg0, 0) != UNCX) { Return (FWS_CONTEXT) }
	If (UNST == UFW_SEND) { Return (FWS_ABORTED) }
	If (UNST == UFW_CHECK) { Return (FWS_DONE) }
	If (UNST == UFW_BAD)
	{
		If (UIQU) { Return (UIQU) }
		Return (FWS_BAD)
	}
	UO04 = URNL
	UO08 = URNH
	Return (DST_OK)
}

/*
 * The DIMM with handle Arg0 starts: HOPN has read what lasts, and what is staged runs.
 */
Method (ULOD, 1)
{
	If (URCK != UCHK ())
	{
		URRL = FW_FACTORY
		URRH = 0
		URNL = 0
		URNH = 0
	}
	UNWB = Buffer (UNW_SIZE) {}
	Local0 = URNL | URNH
	If (Local0) { UNXT () }
	UPUT (Arg0)
	If (Local0) { USAV (Arg0) }
}

/*
 * Run what is staged, in URCB.
 */
Method (UNXT)
{
	URRL = URNL
	URRH = URNH
	URNL = 0
	URNH = 0
}

/*
 * The check word of URCB.
 */
Method (UCHK)
{
	Local0 = LDWD (URCB, POISON_FIRMWARE_RUN) + LDWD (URCB, POISON_FIRMWARE_RUN + 4)
	Local0 += LDWD (URCB, POISON_FIRMWARE_NEXT) + LDWD (URCB, POISON_FIRMWARE_NEXT + 4)
	Return ((Local0 + POISON_FIRMWARE_ADD) & LO32)
}

/*
 * Write what lasts of the DIMM with handle Arg0.
 *
 * Return: DST_OK; or DST_HARDWARE, and URCB is as it was: the list is not ours any more, or
 *	cannot be written.
 */
Method (USAV, 1)
{
	URCK = UCHK ()
	Local0 = DST_HARDWARE
	If (DerefOf (HSTA [Arg0]) == HST_MEDIA)
	{
		If (SRDY (Arg0) == POISON_ST_OK)
		{
			Local0 = LWRT (Arg0, POISON_LIST_OFFSET + POISON_HDR_FIRMWARE, URCB)
		}
	}
	If (Local0 == DST_OK) { Return (DST_OK) }
	URCB = DerefOf (UREC [Arg0])
	Return (DST_HARDWARE)
}
