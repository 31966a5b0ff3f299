// SPDX-License-Identifier: GPL-2.0
/*
 * Interleave sets: DIMMs that are one range of addresses, whose lines of POISON_SET_LINE bytes are
 * on each of them in turn.
 *
 * A set is made of the address ranges that QEMU gives its DIMMs, which are next to each
 * other and equally long.  QEMU keeps the data of each range in one backing file; whatever has to do with
 * an error (lists, records, translation, labels) goes by the line: a list has DIMM
 * physical addresses, wherever its DIMM is.
 *
 * A region is a DIMM on its own or a set.  It is named by the handle of the DIMM that has its first line,
 * its head, and a granule in it is counted from its start; a set is no longer than
 * 32 bits can say of these.
 *
 * STMX is held in all of this.
 */

#define SETS_MAX		16
// of a line, which is a page, so a page is in one DIMM
#define SET_SHIFT		12
// granules of a line
#define LINE_SHIFT		6
#define LINE_GRANULES		64

// NFIT structures, ACPI 6.5 section 5.2.26.3: of a mapping
#define MAP_INTERLEAVE		40
#define MAP_WAYS		42
// 5.2.26.4, Interleave Structure: type, length, index, reserved, lines, bytes of a line, and
// for each line its offset
#define NFIT_INTERLEAVE		2
#define INTERLEAVE_INDEX	1

// sets: as set, until XAPP has tried them; how many
Name (XLST, Package (SETS_MAX + 1) {})	// handles, a byte each, in the order of their lines
Name (XNUM, 0)
// XAPP was called
Name (XRUN, 0)
// a byte to be added to XLST
Name (XONE, Buffer (1) {})
CreateByteField (XONE, 0, XBYT)

// by handle, if there are sets: ways, 1 for a DIMM on its own; its place; its head; the DIMM
// whose memory is the lowest
Name (XWAY, Package (HANDLES) {})
Name (XPOS, Package (HANDLES) {})
Name (XHED, Package (HANDLES) {})
Name (XLOW, Package (HANDLES) {})
// by head, if it is one of a set: handles as in XLST
Name (XMEM, Package (HANDLES) {})

// the one interleave structure: a line, at offset 0 of where the mapping begins
Name (XILB, Buffer (20) { NFIT_INTERLEAVE, 0, 20, 0, INTERLEAVE_INDEX, 0, 0, 0, 1 })
CreateDWordField (XILB, 12, XILS)

// a quadword and a word, to be put into a structure
Name (XQWB, Buffer (8) {})
CreateDWordField (XQWB, 0, XQLO)
CreateDWordField (XQWB, 4, XQHI)
Name (XWDB, Buffer (2) {})
CreateWordField (XWDB, 0, XWRD)

/*
 * No set yet.
 */
Method (XNON)
{
	Local0 = 0
	While (Local0 <= SETS_MAX)
	{
		XLST [Local0] = Buffer (0) {}
		Local0++
	}
	XNUM = 0
}

/*
 * The DIMMs were found, each on its own: make sets of them.  Which there are is found out
 * once: an OS knows no range that changes.
 */
Method (XAPP)
{
	If (XRUN == 0)
	{
		XRUN = 1
		XTRY ()
	}
	If (XNUM == 0) { Return }
	Local0 = 0
	While (Local0 < HANDLES)
	{
		XWAY [Local0] = 1
		Local0++
	}
	Local0 = 0
	While (Local0 < XNUM)
	{
		Local1 = XCHK (DerefOf (XLST [Local0]))
		If (Local1 != NONE) { XPUT (DerefOf (XLST [Local0]), Local1) }
		Local0++
	}
}

/*
 * Keep the sets that can be; the device is told of them.
 */
Method (XTRY)
{
	Local0 = XNUM
	Local1 = 0
	XNUM = 0
	While (Local1 < Local0)
	{
		Local2 = DerefOf (XLST [Local1])
		Local3 = XCHK (Local2)
		Local4 = POISON_ST_RANGE
		If (Local3 != NONE) { Local4 = XTEL (Local2, Local3) }
		If (Local4 == POISON_ST_OK)
		{
			XLST [XNUM] = Local2
			XNUM++
		}
		Else
		{
			Debug = Concatenate ("nvdimm: no interleave set, DIMM ",
				ToHexString (ToInteger (Mid (Local2, 0, 1))))
		}
		Local1++
	}
}

/*
 * The handle at place Arg1 of a set, Arg0.
 */
Method (XNTH, 2)
{
	Return (ToInteger (Mid (Arg0, Arg1, 1)))
}

/*
 * Can these DIMMs be a set?  They must all be there, equally long, and next to each other,
 * in whatever order.
 *
 * Arg0: set
 * Return: the handle of the one whose memory is the lowest, or NONE.
 */
Method (XCHK, 1)
{
	Local7 = SizeOf (Arg0)
	Local1 = XNTH (Arg0, 0)
	Local2 = DerefOf (DGRN [Local1])
	If (Local2 == 0 || Local2 > LO32 / Local7 || (Local2 & (LINE_GRANULES - 1))) { Return (NONE) }
	Local0 = 1
	While (Local0 < Local7)
	{
		Local3 = XNTH (Arg0, Local0)
		If (DerefOf (DGRN [Local3]) != Local2) { Return (NONE) }
		If (DerefOf (DBHI [Local3]) < DerefOf (DBHI [Local1]) ||
			(DerefOf (DBHI [Local3]) == DerefOf (DBHI [Local1]) &&
			DerefOf (DBLO [Local3]) < DerefOf (DBLO [Local1])))
		{
			Local1 = Local3
		}
		Local0++
	}
	// as many as there are ways, each where the last one ends
	Local3 = DerefOf (DBLO [Local1])
	Local4 = DerefOf (DBHI [Local1])
	Local0 = 1
	While (Local0 < Local7)
	{
		Local5 = (Local3 + (Local2 << POISON_GRANULE_SHIFT)) & LO32
		Local4 += Local2 >> (32 - POISON_GRANULE_SHIFT)
		If (Local5 < Local3) { Local4++ }
		Local3 = Local5
		If (XFND (Arg0, Local3, Local4) == 0) { Return (NONE) }
		Local0++
	}
	Return (Local1)
}

/*
 * Does a DIMM of a set, Arg0, begin at the address Arg1 (low dword), Arg2 (high dword)?
 */
Method (XFND, 3)
{
	Local0 = SizeOf (Arg0)
	While (Local0)
	{
		Local0--
		Local1 = XNTH (Arg0, Local0)
		If (DerefOf (DBLO [Local1]) == Arg1 && DerefOf (DBHI [Local1]) == Arg2) { Return (1) }
	}
	Return (0)
}

/*
 * Tell the device of a set, or it is none.
 *
 * Arg0: set
 * Arg1: handle of the DIMM whose memory is the lowest
 * Return: POISON_ST_OK or what the device said; it has none of the set then.
 */
Method (XTEL, 2)
{
	If (SDEV == 0) { Return (POISON_ST_OK) }
	Local0 = 0
	While (Local0 < SizeOf (Arg0))
	{
		Local1 = (SizeOf (Arg0) << 16) | Local0
		Local2 = PCMD (POISON_CMD_PLACE, XNTH (Arg0, Local0), Local1, Local1 + Arg1)
		If (Local2) { Break }
		Local0++
	}
	If (Local2 == POISON_ST_OK) { Return (Local2) }
	While (Local0)
	{
		Local0--
		Local1 = XNTH (Arg0, Local0)
		PCMD (POISON_CMD_PLACE, Local1, 1 << 16, (1 << 16) + Local1)
	}
	Return (Local2)
}

/*
 * Enter a set.
 *
 * Arg0: set
 * Arg1: what XCHK returned for it
 */
Method (XPUT, 2)
{
	Local7 = SizeOf (Arg0)
	Local6 = XNTH (Arg0, 0)
	Local5 = DerefOf (DBLO [Arg1])
	Local4 = DerefOf (DBHI [Arg1])
	Local3 = DerefOf (DGRN [Local6]) * Local7
	Local0 = 0
	While (Local0 < Local7)
	{
		Local1 = XNTH (Arg0, Local0)
		XWAY [Local1] = Local7
		XPOS [Local1] = Local0
		XHED [Local1] = Local6
		XLOW [Local1] = Arg1
		DBLO [Local1] = Local5
		DBHI [Local1] = Local4
		DLLO [Local1] = 0
		DLHI [Local1] = 0
		Local0++
	}
	XMEM [Local6] = Arg0
	DLLO [Local6] = (Local3 << POISON_GRANULE_SHIFT) & LO32
	DLHI [Local6] = Local3 >> (32 - POISON_GRANULE_SHIFT)
}

/*
 * What all mappings of sets refer to, as a buffer; nothing, if there are none.
 */
Method (XINT)
{
	If (XNUM == 0) { Return (Buffer (0) {}) }
	XILS = POISON_SET_LINE
	Local0 = XILB
	Return (Local0)
}

/*
 * A range structure, Arg0, as it is with the sets; nothing, if another has its range.
 */
Method (XSPA, 1)
{
	If (XNUM == 0) { Return (Arg0) }
	Local0 = Match (DSPA, MEQ, ToInteger (Mid (Arg0, SPA_INDEX, 2)), MTR, 0, 0)
	If (Local0 == Ones) { Return (Arg0) }
	If (DerefOf (XWAY [Local0]) == 1) { Return (Arg0) }
	If (DerefOf (XLOW [Local0]) != Local0) { Return (Buffer (0) {}) }
	Local1 = DerefOf (XHED [Local0])
	XQLO = DerefOf (DLLO [Local1])
	XQHI = DerefOf (DLHI [Local1])
	Return (LSPL (Arg0, SPA_LENGTH, SPA_LENGTH + 8, XQWB))
}

/*
 * A mapping structure, Arg0, as it is with the sets: the range of all, where its first
 * line is in it, which way it interleaves, and how many do.
 */
Method (XMAP, 1)
{
	If (XNUM == 0) { Return (Arg0) }
	Local0 = ToInteger (Mid (Arg0, MAP_HANDLE, 4))
	If (Local0 == 0 || Local0 > MAX_HANDLE) { Return (Arg0) }
	If (DerefOf (XWAY [Local0]) == 1) { Return (Arg0) }
	XWRD = DerefOf (DSPA [DerefOf (XLOW [Local0])])
	Local1 = LSPL (Arg0, MAP_SPA_INDEX, MAP_SPA_INDEX + 2, XWDB)
	XQLO = DerefOf (XPOS [Local0]) << SET_SHIFT
	XQHI = 0
	Local1 = LSPL (Local1, MAP_OFFSET, MAP_OFFSET + 8, XQWB)
	XWRD = INTERLEAVE_INDEX
	Local1 = LSPL (Local1, MAP_INTERLEAVE, MAP_INTERLEAVE + 2, XWDB)
	XWRD = DerefOf (XWAY [Local0])
	Return (LSPL (Local1, MAP_WAYS, MAP_WAYS + 2, XWDB))
}
