// SPDX-License-Identifier: GPL-2.0
/*
 * Health of a DIMM: SMART, its thresholds and alarms, and injection (NVDIMM DSM
 * Interface, the functions named below, by what Linux and libndctl have of it).  Layouts
 * are those of their struct nd_intel_smart, nd_intel_smart_threshold,
 * nd_intel_smart_set_threshold and nd_intel_smart_inject.
 *
 * What lasts, as on hardware, is a record in the header of the list of poison
 * (poison.h): thresholds, alarms that are enabled, the count of unsafe shutdowns, and
 * that one is due.  What is injected lasts until the guest is reset; so does all of it
 * where there is no list.
 *
 * No list is made for a record, but where the OS asks for what is of no use unless it
 * lasts (SMART_LATCH), and by whoever has the list (SMKL).  With the device that would be a second writer of the
 * header: the device knows of no list until it makes one, and it would be torn over
 * ours if it died in that, which nobody could tell from a list that is foreign.  The
 * record is written only behind a header that is whole, which nobody writes again.
 *
 * STMX is held in all of this.
 */

#define SMART_INFO		1	/* Get SMART and Health Info */
#define SMART_THRESHOLD		2	/* Get SMART Threshold */
#define SMART_LATCH		10	/* Enable Latch System Shutdown Status */
#define SMART_SET_THRESHOLD	17	/* Set SMART Threshold */
#define SMART_INJECT		18	/* Inject Error */

#define SMART_INFO_SIZE		132
#define SMART_THRESHOLD_SIZE	12
// bytes of input
#define SMART_LATCH_SIZE	1
#define SMART_SET_SIZE		7
#define SMART_INJECT_SIZE	15

// SMART_INFO: valid are health, spares, temperatures of media and controller, count of
// unsafe shutdowns, alarms, last shutdown; not "percentage used"
#define SMART_VALID		0x63B
#define SMART_FATAL		4	/* in health */
// alarms, in SMART_INFO (tripped) and in thresholds (enabled)
#define SMART_SPARES		1
#define SMART_MEDIA		2
#define SMART_CTRL		4
#define SMART_ALARMS		7
// what is injected
#define SMART_INJ_MEDIA		1
#define SMART_INJ_SPARES	2
#define SMART_INJ_FATAL		4
#define SMART_INJ_UNSAFE	8

// a DIMM from the factory; temperatures in sixteenths of a degree Celsius, bit 15 is
// the sign
#define SMART_NEW_SPARES	100
#define SMART_NEW_MEDIA		480	/* 30 */
#define SMART_NEW_CTRL		560	/* 35 */

// where the record of a DIMM is: not looked for yet; no label functions; no room for
// it; a list that is not ours; in a list; no list yet; here, until there is a list
#define HST_UNKNOWN		0
#define HST_BARE		1
#define HST_VOLATILE		2
#define HST_REFUSED		3
#define HST_MEDIA		4
#define HST_BLANK		5
#define HST_WAITS		6

// by device handle: HST_*, the record, what does not last
Name (HSTA, Buffer (HANDLES) {})
Name (HREC, Package (HANDLES) {})
Name (HNOW, Package (HANDLES) {})

// the record of the DIMM that is worked on
Name (HRCB, Buffer (POISON_HEALTH_SIZE) {})
CreateDWordField (HRCB, POISON_HEALTH_CHECK, HRCK)
CreateDWordField (HRCB, POISON_HEALTH_COUNT, HRCN)
CreateWordField (HRCB, POISON_HEALTH_ALARMS, HRAL)
CreateByteField (HRCB, POISON_HEALTH_SPARES, HRSP)
CreateByteField (HRCB, POISON_HEALTH_FLAGS, HRFL)
CreateWordField (HRCB, POISON_HEALTH_MEDIA, HRMT)
CreateWordField (HRCB, POISON_HEALTH_CTRL, HRCT)

// what does not last, of that DIMM
Name (HNWB, Buffer (8) {})
CreateByteField (HNWB, 0, HNHE)		// health
CreateByteField (HNWB, 1, HNSP)		// spares
CreateByteField (HNWB, 2, HNTR)		// alarms tripped
CreateByteField (HNWB, 3, HNSS)		// the last shutdown was unsafe
CreateWordField (HNWB, 4, HNMT)		// temperature of the media
CreateWordField (HNWB, 6, HNCT)		// of the controller

// by device handle: an alarm is to be given
Name (HALM, Buffer (HANDLES) {})

// output of SMART_INFO and SMART_THRESHOLD
Name (HOUT, Buffer (SMART_INFO_SIZE) {})
CreateDWordField (HOUT, 4, HOFL)
CreateByteField (HOUT, 12, HOHE)
CreateByteField (HOUT, 13, HOSP)
CreateByteField (HOUT, 15, HOTR)
CreateWordField (HOUT, 16, HOMT)
CreateWordField (HOUT, 18, HOCT)
CreateDWordField (HOUT, 20, HOCN)
CreateByteField (HOUT, 35, HOSS)
Name (HOTH, Buffer (SMART_THRESHOLD_SIZE) {})
CreateWordField (HOTH, 4, HTAL)
CreateByteField (HOTH, 6, HTSP)
CreateWordField (HOTH, 7, HTMT)
CreateWordField (HOTH, 9, HTCT)

/*
 * A function of the DIMM with handle Arg0.  HLOD was called.
 *
 * Arg1: function
 * Arg2: input
 * Return: output.
 */
Method (HDSM, 3)
{
	HAFT (Arg0)
	HRCB = DerefOf (HREC [Arg0])
	HNWB = DerefOf (HNOW [Arg0])
	If (Arg1 == SMART_INFO) { Return (HINF ()) }
	If (Arg1 == SMART_THRESHOLD) { Return (HTHR ()) }
	Local0 = DST_INVALID
	If (Arg1 == SMART_LATCH)
	{
		If (SizeOf (Arg2) >= SMART_LATCH_SIZE) { Local0 = HLAT (Arg0, Arg2) }
	}
	ElseIf (Arg1 == SMART_SET_THRESHOLD)
	{
		If (SizeOf (Arg2) >= SMART_SET_SIZE) { Local0 = HSET (Arg0, Arg2) }
	}
	Else
	{
		If (SizeOf (Arg2) >= SMART_INJECT_SIZE) { Local0 = HINJ (Arg0, Arg2) }
	}
	If (Local0 == DST_OK)
	{
		HTRP (Arg0)
		HREC [Arg0] = HRCB
		HNOW [Arg0] = HNWB
	}
	CMSB = Local0
	Local1 = CMSK
	Return (Local1)
}

/*
 * Get SMART and Health Info.  Errors of the media are no part of it: of the reasons for a
 * health status in ipmctl's manual none is one, and ARS is what has them.
 */
Method (HINF)
{
	HOFL = SMART_VALID
	HOHE = HNHE
	HOSP = HNSP
	HOTR = HNTR
	HOMT = HNMT
	HOCT = HNCT
	HOCN = HRCN
	HOSS = HNSS
	Local0 = HOUT
	Return (Local0)
}

/*
 * Get SMART Threshold.
 */
Method (HTHR)
{
	HTAL = HRAL
	HTSP = HRSP
	HTMT = HRMT
	HTCT = HRCT
	Local0 = HOTH
	Return (Local0)
}

/*
 * Set SMART Threshold.
 *
 * Arg0: device handle
 * Arg1: alarms to enable (a word), spares, temperatures of media and controller
 * Return: status: 3 for spares of more than 100 percent, 4 if it cannot be written.
 */
Method (HSET, 2)
{
	Local0 = ToInteger (Mid (Arg1, 2, 1))
	If (Local0 > 100) { Return (DST_INVALID) }
	HRAL = ToInteger (Mid (Arg1, 0, 2)) & SMART_ALARMS
	HRSP = Local0
	HRMT = ToInteger (Mid (Arg1, 3, 2))
	HRCT = ToInteger (Mid (Arg1, 5, 2))
	Return (HSAV (Arg0))
}

/*
 * Inject Error.  The temperature of the controller cannot be injected: the input has no
 * place for it.  An unsafe shutdown is that of the next power down.
 *
 * Arg0: device handle
 * Arg1: what is given (8 bytes); of media temperature and of spares whether and what; of
 *	fatal and of unsafe shutdown whether
 * Return: status: 3 for spares of more than 100 percent, 1 for an unsafe shutdown where
 *	there is no list, so that it could not last, 4 if it cannot be written.
 */
Method (HINJ, 2)
{
	Local0 = LDWD (Arg1, 0)
	Local1 = ToInteger (Mid (Arg1, 11, 1))
	Local2 = ToInteger (Mid (Arg1, 12, 1))
	If ((Local0 & SMART_INJ_SPARES) && Local1 && Local2 > 100) { Return (DST_INVALID) }
	If (Local0 & SMART_INJ_UNSAFE)
	{
		HRFL &= POISON_HEALTH_LATCH
		If (ToInteger (Mid (Arg1, 14, 1))) { HRFL |= POISON_HEALTH_DUE }
		Local3 = HSAV (Arg0)
		If (Local3) { Return (Local3) }
		If ((HRFL & POISON_HEALTH_DUE) && DerefOf (HSTA [Arg0]) != HST_MEDIA) { Return (DST_NOT_SUPPORTED) }
	}
	If (Local0 & SMART_INJ_MEDIA)
	{
		HNMT = SMART_NEW_MEDIA
		If (ToInteger (Mid (Arg1, 8, 1))) { HNMT = ToInteger (Mid (Arg1, 9, 2)) }
	}
	If (Local0 & SMART_INJ_SPARES)
	{
		HNSP = SMART_NEW_SPARES
		If (Local1) { HNSP = Local2 }
	}
	If (Local0 & SMART_INJ_FATAL)
	{
		Local3 = 0
		If (ToInteger (Mid (Arg1, 13, 1))) { Local3 = SMART_FATAL }
		If (Local3 > HNHE) { HALM [Arg0] = 1 }
		HNHE = Local3
	}
	Return (DST_OK)
}

/*
 * Enable Latch System Shutdown Status: the OS is about to use the DIMM.  From now on an
 * end of QEMU is an unsafe shutdown, as a loss of power without a flush is; what the
 * OS announces (HOFF) and a reset, in which the machine flushes, are none.  A reset
 * ends it, too.
 *
 * Arg0: device handle
 * Arg1: 1, enable
 * Return: status: 3 for anything else, 1 where it could not last, 4 if it cannot be written.
 */
Method (HLAT, 2)
{
	If (ToInteger (Mid (Arg1, 0, 1)) != 1) { Return (DST_INVALID) }
	Local0 = HMAK (Arg0)
	If (Local0) { Return (Local0) }
	HRFL |= POISON_HEALTH_LATCH
	\_SB.PCI0.NVON |= 1 << (Arg0 - 1)
	Return (HSAV (Arg0))
}

/*
 * Have a list on the media of the DIMM with handle Arg0, for what is of no use unless it
 * lasts.
 *
 * Return: DST_OK; DST_NOT_SUPPORTED: there is no room for one; DST_HARDWARE: what is there
 *	is not ours, or it cannot be written.
 */
Method (HMAK, 1)
{
	If (DerefOf (HSTA [Arg0]) == HST_REFUSED) { Return (DST_HARDWARE) }
	Local0 = SMKL (Arg0)
	If (Local0 == POISON_ST_NONE) { Return (DST_NOT_SUPPORTED) }
	If (Local0) { Return (DST_HARDWARE) }
	Return (DST_OK)
}

/*
 * The same, with the record of its health in that list.
 *
 * Return: as HMAK.
 */
Method (HHAV, 1)
{
	Local0 = HMAK (Arg0)
	If (Local0) { Return (Local0) }
	If (DerefOf (HSTA [Arg0]) == HST_MEDIA) { Return (DST_OK) }
	HRCB = DerefOf (HREC [Arg0])
	Return (HSAV (Arg0))
}

/*
 * The machine is about to lose its power, as the OS says: no latched shutdown of a DIMM
 * is an unsafe one.  Handles from Arg0 on.
 */
Method (HEND, 1)
{
	If (Arg0 > MAX_HANDLE) { Return }
	If (DerefOf (HSTA [Arg0]) == HST_MEDIA)
	{
		HRCB = DerefOf (HREC [Arg0])
		If (HRFL & POISON_HEALTH_LATCH)
		{
			HRFL &= POISON_HEALTH_DUE
			HSAV (Arg0)
			HREC [Arg0] = HRCB
		}
	}
	HEND (Arg0 + 1)
}

/*
 * The OS prepares for sleep state Arg0: does memory lose its power in it?
 */
Method (HOFF, 1)
{
	If (Arg0 < 4) { Return }
	Acquire (STMX, 0xFFFF)
	HEND (1)
	Release (STMX)
}

/*
 * A temperature as a number that grows with it.
 */
Method (HTMP, 1)
{
	If (Arg0 & 0x8000) { Return (0x10000 - Arg0) }
	Return (0x8000 + Arg0)
}

/*
 * Which of the enabled alarms of the DIMM with handle Arg0 trip?  One that did not is
 * given.
 */
Method (HTRP, 1)
{
	Local0 = 0
	If (HNSP <= HRSP) { Local0 |= SMART_SPARES }
	If (HTMP (HNMT) >= HTMP (HRMT)) { Local0 |= SMART_MEDIA }
	If (HTMP (HNCT) >= HTMP (HRCT)) { Local0 |= SMART_CTRL }
	Local0 &= HRAL
	If (Local0 & (SMART_ALARMS - HNTR)) { HALM [Arg0] = 1 }
	HNTR = Local0
}

/*
 * Is an alarm of the DIMM with handle Arg0 to be given?  It then is.
 */
Method (HGIV, 1)
{
	If (DerefOf (HALM [Arg0]) == 0) { Return (0) }
	HALM [Arg0] = 0
	Return (1)
}

/*
 * The check word of HRCB.
 */
Method (HCHK)
{
	Local0 = LDWD (HRCB, POISON_HEALTH_COUNT) + LDWD (HRCB, POISON_HEALTH_ALARMS)
	Return ((Local0 + LDWD (HRCB, POISON_HEALTH_MEDIA) + POISON_HEALTH_ADD) & LO32)
}

/*
 * Have the health of the DIMM with handle Arg0 here.
 */
Method (HLOD, 1)
{
	If (DerefOf (HSTA [Arg0]) != HST_UNKNOWN) { Return }
	If (NDIM == 0) { FITR () }
	SINI ()
	Local0 = HOPN (Arg0)
	If (HRCK != HCHK ())
	{
		HRCN = 0
		HRAL = POISON_FACTORY_ALARMS
		HRSP = POISON_FACTORY_SPARES
		HRFL = 0
		HRMT = POISON_FACTORY_MEDIA
		HRCT = POISON_FACTORY_CTRL
	}
	HNHE = 0
	HNSP = SMART_NEW_SPARES
	HNTR = 0
	HNSS = 0
	HNMT = SMART_NEW_MEDIA
	HNCT = SMART_NEW_CTRL
	HSTA [Arg0] = Local0
	Local1 = 1 << (Arg0 - 1)
	If ((HRFL & POISON_HEALTH_DUE) ||
		((HRFL & POISON_HEALTH_LATCH) && (\_SB.PCI0.NVON & Local1) == 0))
	{
		HNSS = 1
		HRCN++
	}
	If (HRFL)
	{
		HRFL = 0
		HSAV (Arg0)
		\_SB.PCI0.NVON &= LO32 ^ Local1
	}
	// what is so from the start is no event
	HTRP (Arg0)
	HALM [Arg0] = 0
	HREC [Arg0] = HRCB
	HNOW [Arg0] = HNWB
	ULOD (Arg0)
}

/*
 * Has the DIMM with handle Arg0 label functions?  HLOD was called.
 */
Method (HLBL, 1)
{
	Return (DerefOf (HSTA [Arg0]) != HST_BARE)
}

/*
 * Can the record of the DIMM with handle Arg0 last, or could it if the list were ours?
 * HLOD was called.
 */
Method (HLST, 1)
{
	Return (HLBL (Arg0) && DerefOf (HSTA [Arg0]) != HST_VOLATILE)
}

/*
 * Look for the record of the DIMM with handle Arg0.
 *
 * Return: HST_*, and HRCB is what is there, or zero; so is the record of its firmware, URCB,
 *	and KLOD was told.
 */
Method (HOPN, 1)
{
	HRCB = Buffer (POISON_HEALTH_SIZE) {}
	URCB = Buffer (POISON_FIRMWARE_SIZE) {}
	KLOD (Arg0, 0, 0, 0)
	Local0 = LCAL (Arg0, LABEL_SIZE, Buffer (LABEL_HEADER) {})
	If (SizeOf (Local0) < 12) { Return (HST_BARE) }
	If (LDWD (Local0, 0) != LABEL_ST_OK) { Return (HST_BARE) }
	Local1 = LDWD (Local0, 4)
	If (Local1 < POISON_LIST_OFFSET + POISON_HDR_SIZE + POISON_SLOT_SIZE) { Return (HST_VOLATILE) }
	Local1 = (Local1 - POISON_LIST_OFFSET - POISON_HDR_SIZE) / POISON_SLOT_SIZE
	Local0 = LRED (Arg0, POISON_LIST_OFFSET, POISON_HDR_SIZE)
	If (SizeOf (Local0) != LABEL_STATUS + POISON_HDR_SIZE) { Return (HST_REFUSED) }
	Local0 = Mid (Local0, LABEL_STATUS, POISON_HDR_SIZE)
	If (LDWD (Local0, POISON_HDR_MAGIC0) == 0)
	{
		KLOD (Arg0, Local1, 0, 0)
		Return (HST_BLANK)
	}
	If (LDWD (Local0, POISON_HDR_MAGIC0) != POISON_MAGIC0 ||
		LDWD (Local0, POISON_HDR_MAGIC1) != POISON_MAGIC1 ||
		LDWD (Local0, POISON_HDR_VERSION) != POISON_VERSION)
	{
		Return (HST_REFUSED)
	}
	HRCB = Mid (Local0, POISON_HDR_HEALTH, POISON_HEALTH_SIZE)
	URCB = Mid (Local0, POISON_HDR_FIRMWARE, POISON_FIRMWARE_SIZE)
	Local2 = LDWD (Local0, POISON_HDR_CAPACITY)
	If (Local2 <= Local1) { KLOD (Arg0, Local2, LDWD (Local0, POISON_HDR_HIGH), 1) }
	Return (HST_MEDIA)
}

/*
 * Write the record of the DIMM with handle Arg0, if there is a list that has a place
 * for it.
 *
 * Return: DST_OK, or DST_HARDWARE: the list is foreign or damaged, and stays as it is, or
 *	cannot be written.
 */
Method (HSAV, 1)
{
	HRCK = HCHK ()
	Local0 = DerefOf (HSTA [Arg0])
	If (Local0 == HST_BARE || Local0 == HST_VOLATILE) { Return (DST_OK) }
	If (Local0 == HST_REFUSED) { Return (DST_HARDWARE) }
	If (SRDY (Arg0)) { Return (DST_HARDWARE) }
	If (Local0 != HST_MEDIA)
	{
		// the device may have made one since; its first dword is the last to be stored
		Local1 = LRED (Arg0, POISON_LIST_OFFSET, 4)
		If (SizeOf (Local1) != LABEL_STATUS + 4) { Return (DST_HARDWARE) }
		If (LDWD (Local1, LABEL_STATUS) != POISON_MAGIC0)
		{
			HSTA [Arg0] = HST_WAITS
			Return (DST_OK)
		}
	}
	If (LWRT (Arg0, POISON_LIST_OFFSET + POISON_HDR_HEALTH, HRCB)) { Return (DST_HARDWARE) }
	HSTA [Arg0] = HST_MEDIA
	Return (DST_OK)
}

/*
 * Write the record of the DIMM with handle Arg0 if it waits for a list, and there is one
 * now.  It waits on if not.
 */
Method (HAFT, 1)
{
	If (DerefOf (HSTA [Arg0]) != HST_WAITS) { Return }
	HRCB = DerefOf (HREC [Arg0])
	HSAV (Arg0)
}
