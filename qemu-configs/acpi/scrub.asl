// SPDX-License-Identifier: GPL-2.0
/*
 * Ranges of addresses, and the functions that look through them.
 *
 * STMX is held in all of this.
 */

// range of granules of a region: result of RONE and WNXT
Name (RSTA, 0)
Name (REND, 0)

// where a walk through a range is: address, bytes left
Name (WALO, 0)
Name (WAHI, 0)
Name (WLLO, 0)
Name (WLHI, 0)

// the last ARS: done since boot; its range
Name (ADON, 0)
Name (ASAL, 0)
Name (ASAH, 0)
Name (ASLL, 0)
Name (ASLH, 0)

/*
 * The granule of a byte, LO32 if a list cannot name it.
 *
 * Arg0, Arg1: offset in the DIMM, low and high dword
 */
Method (GRAN, 2)
{
	If (Arg1 >> POISON_GRANULE_SHIFT) { Return (LO32) }
	Return ((Arg1 << (32 - POISON_GRANULE_SHIFT)) | (Arg0 >> POISON_GRANULE_SHIFT))
}

/*
 * The granule behind a range, LO32 if a list cannot name it.
 *
 * Arg0, Arg1: offset in the DIMM, low and high dword
 * Arg2, Arg3: length
 */
Method (GEND, 4)
{
	Local0 = (Arg0 + Arg2) & LO32
	Local1 = Arg1 + Arg3
	If (Local0 < Arg0) { Local1++ }
	Local2 = GRAN (Local0, Local1)
	If ((Local0 & ((1 << POISON_GRANULE_SHIFT) - 1)) && Local2 != LO32) { Local2++ }
	Return (Local2)
}

/*
 * The range of the input, which has to lie in one region.
 *
 * Arg0: granules, a power of two, to which it is rounded outward
 * Return: the region, and RSTA and REND are set; NONE if it is empty, not
 *	in a region, in more than one, wraps, or cannot be named.
 */
Method (RONE, 1)
{
	If (INLL == 0 && INLH == 0) { Return (NONE) }
	Local0 = LOOK (INAL, INAH)
	If (Local0 == NONE) { Return (NONE) }
	If (INLH > RMHI || (INLH == RMHI && INLL > RMLO)) { Return (NONE) }
	RSTA = GRAN (OFLO, OFHI) & (LO32 - Arg0 + 1)
	Local1 = GEND (OFLO, OFHI, INLL, INLH)
	If (Local1 > LO32 - Arg0) { Return (NONE) }
	REND = (Local1 + Arg0 - 1) & (LO32 - Arg0 + 1)
	Return (Local0)
}

/*
 * Begin to walk through a range: address and length, low and high dwords.
 */
Method (WBEG, 4)
{
	WALO = Arg0
	WAHI = Arg1
	WLLO = Arg2
	WLHI = Arg3
}

/*
 * Walk on to the next region.
 *
 * Return: the region, and RSTA and REND say which granules of it are in the
 *	range; NONE at the end of the range, or where it leaves the DIMMs (then
 *	WLxx is not 0).
 */
Method (WNXT)
{
	If (WLLO == 0 && WLHI == 0) { Return (NONE) }
	Local0 = LOOK (WALO, WAHI)
	If (Local0 == NONE) { Return (NONE) }
	RSTA = GRAN (OFLO, OFHI)
	REND = RGRN (Local0)
	If (WLHI < RMHI || (WLHI == RMHI && WLLO <= RMLO))
	{
		Local1 = GEND (OFLO, OFHI, WLLO, WLHI)
		If (Local1 < REND) { REND = Local1 }
		WLLO = 0
		WLHI = 0
		Return (Local0)
	}
	If (WLLO < RMLO) { WLHI-- }
	WLLO = (WLLO - RMLO) & LO32
	WLHI -= RMHI
	Local1 = (WALO + RMLO) & LO32
	WAHI += RMHI
	If (Local1 < RMLO) { WAHI++ }
	WALO = Local1
	Return (Local0)
}

/*
 * Can the range of the input be scrubbed?  It may go through adjacent regions.
 *
 * Return: status: 2 for a range that is empty or leaves the DIMMs, 3 for a list that is
 *	damaged.
 */
Method (RALL)
{
	WBEG (INAL, INAH, INLL, INLH)
	Local0 = WNXT ()
	If (Local0 == NONE) { Return (ST_INVALID) }
	While (Local0 != NONE)
	{
		Local1 = SMAP (RRUN (Local0, RUN_READY))
		If (Local1) { Return (Local1) }
		Local0 = WNXT ()
	}
	If (WLLO || WLHI) { Return (ST_INVALID) }
	Return (ST_OK)
}

/*
 * Query ARS Capabilities, section 9.19.7.4.
 *
 * Input: "Query ARS Capabilities - Input Buffer": address, length.
 * Output: "Query ARS Capabilities - Output Buffer": status and extended status, longest
 *	output of Query ARS Status, clear unit, flags.
 * Status: RALL's.
 */
Method (FCAP)
{
	OD00 = RALL ()
	If (OD00 != ST_OK) { Return }
	OD00 = EXT_CAP_PM
	OD04 = ARS_HEADER + ARS_RECORDS * ARS_RECORD
	OD08 = POISON_CLEAR_UNIT
	OD12 = CAP_NOTIFY
}

/*
 * Start ARS, section 9.19.7.5.  The list is looked at when the status is queried.  The scrub
 * takes the time that the settings say (busy.asl), or none, and is complete when this returns
 * then.  What is injected where it has been is not found by it.
 *
 * Input: "Start ARS - Input Buffer": address, length, type, flags, 5 bytes reserved.
 * Output: "Start ARS - Output Buffer": status, seconds that it takes, or that the one in progress
 *	still takes.
 * Arg0: type
 * Arg1: flags
 * Return: status: 2 for a type other than persistent memory, or RALL's; 6 while one is in progress.
 */
Method (FSTR, 2)
{
	If (Arg0 != ARS_PM) { Return (ST_INVALID) }
	Local0 = RALL ()
	If (Local0) { Return (Local0) }
	If (ABSY ())
	{
		OD04 = ALFT ()
		Return (ST_BUSY)
	}
	ASAL = INAL
	ASAH = INAH
	ASLL = INLL
	ASLH = INLH
	ADON = 1
	If (Arg1 & ARS_PREVIOUS) { Return (ST_OK) }
	WBEG (ASAL, ASAH, ASLL, ASLH)
	Local0 = WNXT ()
	While (Local0 != NONE)
	{
		RRUN (Local0, RUN_FOUND)
		Local0 = WNXT ()
	}
	ABEG ()
	OD04 = ALFT ()
	Return (ST_OK)
}

/*
 * Put the range and the type of the last Start ARS into the output.
 */
Method (ARNG)
{
	OD08 = ASAL
	OD12 = ASAH
	OD16 = ASLL
	OD20 = ASLH
	OD40 = ARS_PM
}

/*
 * Query ARS Status, section 9.19.7.6.
 *
 * Output: "Query ARS Status - Output Buffer": status and extended status, length of what
 *	follows it; "ARS Data": range scrubbed, where to start again and what is left
 *	from there, type and flags, number of records; "ARS Error Record Format":
 *	handle, 0, address, length.
 * Extended status: 1 while it is in progress, and no records; 2 for none since boot; 3 for an
 *	overflow.
 * Status: 3 for a list that is damaged since.
 */
Method (FARS)
{
	OD04 = ARS_HEADER - 4
	If (ADON == 0)
	{
		OD00 = EXT_ARS_NONE
		Return (OBUF)
	}
	If (ABSY ())
	{
		ARNG ()
		OD00 = EXT_ARS_BUSY
		Return (OBUF)
	}
	SBEG ()
	WBEG (ASAL, ASAH, ASLL, ASLH)
	Local0 = WNXT ()
	While (Local0 != NONE)
	{
		OD00 = SMAP (RREC (Local0, RSTA, REND, 1))
		If (OD00) { Return (OBUF) }
		If (SOVR) { Break }
		Local0 = WNXT ()
	}
	ARNG ()
	OD04 = ARS_HEADER - 4 + SNUM * ARS_RECORD
	OD44 = SNUM
	If (SOVR)
	{
		// to be started again at the record that found no room
		SMAK (Local0, SRST, SRST)
		Local2 = (RSLO - ASAL) & LO32
		Local3 = RSHI - ASAH
		If (RSLO < ASAL) { Local3-- }
		OD00 = EXT_ARS_STOPPED
		OD24 = RSLO
		OD28 = RSHI
		OD32 = (ASLL - Local2) & LO32
		If (ASLL < Local2) { Local3++ }
		OD36 = ASLH - Local3
		OD40 = ARS_PM | ARS_OVERFLOW
	}
	Return (Concatenate (OBUF, DerefOf (SREC [0])))
}

/*
 * ARS Error Inject Status Query, section 9.19.7.11: all there is, as far as there is
 * room.
 *
 * Output: "ARS Error Inject Status Query - Output Format": status, number of records;
 *	"ARS Error Inject Status Query - Error Record Format": address, length.
 * Status: 3 if any list is damaged; the records are those of the others.
 */
Method (FINQ)
{
	SBEG ()
	Local0 = 1
	While (Local0 <= NDIM)
	{
		// of a set, the head has all
		If (DerefOf (DLLO [Local0]) || DerefOf (DLHI [Local0]))
		{
			Local1 = SMAP (RREC (Local0, 0, RGRN (Local0), 0))
			If (Local1) { OD00 = Local1 }
		}
		Local0++
	}
	OD04 = SNUM
	Local1 = Mid (OBUF, 0, 8)
	Local2 = 0
	Local3 = SNUM * ARS_RECORD
	Local4 = Buffer (0) {}
	While (Local2 < Local3)
	{
		Local4 = Concatenate (Local4, Mid (DerefOf (SREC [0]), Local2 + 8, ARS_RECORD - 8))
		Local2 += ARS_RECORD
		If (SizeOf (Local4) >= SREC_SIZE || Local2 == Local3)
		{
			Local1 = Concatenate (Local1, Local4)
			Local4 = Buffer (0) {}
		}
	}
	Return (Local1)
}
