// SPDX-License-Identifier: GPL-2.0
/*
 * Store, first back end: the list on media (poison.h), kept in the DIMM's
 * label area through QEMU's label functions, or in memory only when that area
 * is too small.
 *
 * The list is read once, and held here: nobody else changes it while a guest
 * runs.  It is held twice, sorted and disjoint, in buffers of
 * - entries of 16 bytes (start, end, slot on media, 0), to search and change,
 * - records as Query ARS Status returns them, to be copied in one piece.  An
 *   opcode of AML takes the better part of 10 us under TCG; a loop of 30 for
 *   each of 1000 records would be a quarter of a second.
 *
 * STMX is held in all of this.  Statuses are POISON_ST_*.
 */

// an entry
#define LE_SIZE			16
#define LE_SHIFT		4
#define LE_END			4
#define LE_SLOT			8

// state of a list: not read yet, no list on media yet, on media, in memory
// only, refused; being read, being changed: where LLOD finds one of these, the
// interpreter gave up on the way
#define LST_UNKNOWN		0
#define LST_NONE		1
#define LST_MEDIA		2
#define LST_VOLATILE		3
#define LST_REFUSED		4
#define LST_READING		5
#define LST_CHANGING		6

// by device handle
Name (LSTA, Buffer (HANDLES) {})	// LST_*
Name (LENT, Package (HANDLES) {})	// entries
Name (LREC, Package (HANDLES) {})	// records
Name (LFRE, Package (HANDLES) {})	// free slots below LHIG, a dword each
Name (LSLT, Package (HANDLES) {})	// slots there are
Name (LHIG, Package (HANDLES) {})	// slots ever in use

// an entry to be inserted
Name (LNEB, Buffer (LE_SIZE) {})
CreateDWordField (LNEB, 0, LNST)
CreateDWordField (LNEB, LE_END, LNEN)
CreateDWordField (LNEB, LE_SLOT, LNSL)

// records of what LCLR leaves
Name (LCUT, Package (1) {})

/*
 * The dword at byte Arg1 of the buffer Arg0.
 */
Method (LDWD, 2)
{
	Return (ToInteger (Mid (Arg0, Arg1, 4)))
}

/*
 * First entry that ends behind a granule.
 *
 * Arg0: entries
 * Arg1: granule
 * Return: its byte offset; SizeOf (Arg0) if there is none.
 */
Method (LSRC, 2)
{
	Local1 = SizeOf (Arg0)
	If (Local1)
	{
		// behind all of them: the most frequent case
		If (ToInteger (Mid (Arg0, Local1 - LE_SIZE + LE_END, 4)) <= Arg1) { Return (Local1) }
	}
	Local0 = 0
	Local1 >>= LE_SHIFT
	While (Local0 < Local1)
	{
		Local2 = (Local0 + Local1) >> 1
		If (ToInteger (Mid (Arg0, (Local2 << LE_SHIFT) + LE_END, 4)) > Arg1) { Local1 = Local2 }
		Else { Local0 = Local2 + 1 }
	}
	Return (Local0 << LE_SHIFT)
}

/*
 * Behind the last entry that starts before a granule.
 *
 * Arg0: entries
 * Arg1: granule, not 0
 * Return: byte offset.
 */
Method (LBEF, 2)
{
	Local0 = LSRC (Arg0, Arg1 - 1)
	If (Local0 < SizeOf (Arg0))
	{
		If (ToInteger (Mid (Arg0, Local0, 4)) < Arg1) { Local0 += LE_SIZE }
	}
	Return (Local0)
}

/*
 * A buffer with some of its bytes replaced.
 *
 * Arg0: buffer
 * Arg1, Arg2: offsets of the first byte to go, and behind the last
 * Arg3: bytes in their place
 */
Method (LSPL, 4)
{
	Return (Concatenate (Concatenate (Mid (Arg0, 0, Arg1), Arg3), Mid (Arg0, Arg2, SizeOf (Arg0))))
}

/*
 * Turn state Arg1 of the list of the DIMM with handle Arg0 into Arg2; any other
 * stays.
 */
Method (LCHG, 3)
{
	If (DerefOf (LSTA [Arg0]) == Arg1) { LSTA [Arg0] = Arg2 }
}

/*
 * As SMKL.
 */
Method (LHAV, 1)
{
	Local0 = LLOD (Arg0)
	If (Local0) { Return (Local0) }
	Local1 = DerefOf (LSTA [Arg0])
	If (Local1 == LST_VOLATILE) { Return (POISON_ST_NONE) }
	If (Local1 == LST_NONE)
	{
		If (LMAK (Arg0)) { Return (LERR (Arg0)) }
		LCHG (Arg0, LST_CHANGING, LST_MEDIA)
	}
	Return (POISON_ST_OK)
}

/*
 * Put entries, and their records, in the place of others.
 *
 * Arg0: device handle
 * Arg1, Arg2: byte offsets of the first entry to go, and behind the last
 * Arg3: new entries
 * Arg4: their records
 */
Method (LPUT, 5)
{
	LENT [Arg0] = LSPL (DerefOf (LENT [Arg0]), Arg1, Arg2, Arg3)
	Local0 = Arg1 * ARS_RECORD / LE_SIZE
	Local1 = Arg2 * ARS_RECORD / LE_SIZE
	LREC [Arg0] = LSPL (DerefOf (LREC [Arg0]), Local0, Local1, Arg4)
}

/*
 * Add the records of a range to those of SBEG.
 *
 * Arg0: device handle
 * Arg1: first granule
 * Arg2: behind the last granule, which is not Arg1
 * Return: POISON_ST_OK or _DAMAGED.
 */
Method (LRNG, 3)
{
	Local0 = LLOD (Arg0)
	If (Local0) { Return (Local0) }
	Local0 = LSRC (DerefOf (LENT [Arg0]), Arg1)
	Local1 = LBEF (DerefOf (LENT [Arg0]), Arg2)
	Local2 = (Local1 - Local0) >> LE_SHIFT
	If (Local2 > ARS_RECORDS - SNUM)
	{
		Local2 = ARS_RECORDS - SNUM
		Local1 = Local0 + (Local2 << LE_SHIFT)
		SOVR = 1
		SRST = LDWD (DerefOf (LENT [Arg0]), Local1)
		If (SRST < Arg1) { SRST = Arg1 }
	}
	If (Local2 == 0) { Return (POISON_ST_OK) }
	SNUM += Local2
	Local3 = Mid (DerefOf (LREC [Arg0]), Local0 * ARS_RECORD / LE_SIZE, Local2 * ARS_RECORD)

	// the first and the last may reach out of the range
	Local4 = LDWD (DerefOf (LENT [Arg0]), Local0)
	Local5 = LDWD (DerefOf (LENT [Arg0]), Local1 - LE_SIZE + LE_END)
	Local6 = (Local2 - 1) * ARS_RECORD
	If (Local5 > Arg2)
	{
		SMAK (Arg0, LDWD (DerefOf (LENT [Arg0]), Local1 - LE_SIZE), Arg2)
		Local3 = Concatenate (Mid (Local3, 0, Local6), RECB)
		Local5 = Arg2
	}
	If (Local4 < Arg1)
	{
		If (Local6) { Local5 = LDWD (DerefOf (LENT [Arg0]), Local0 + LE_END) }
		SMAK (Arg0, Arg1, Local5)
		Local3 = Concatenate (RECB, Mid (Local3, ARS_RECORD, Local6))
	}
	SREC [0] = Concatenate (DerefOf (SREC [0]), Local3)
	Return (POISON_ST_OK)
}

/*
 * As SFND.
 */
Method (LFND, 3)
{
	Local0 = LLOD (Arg0)
	If (Local0) { Return (Local0) }
	Local0 = LSRC (DerefOf (LENT [Arg0]), Arg1)
	If (LLAP (DerefOf (LENT [Arg0]), Local0, Arg2) == 0) { Return (POISON_ST_NONE) }
	SFST = LDWD (DerefOf (LENT [Arg0]), Local0)
	SFEN = LDWD (DerefOf (LENT [Arg0]), Local0 + LE_END)
	If (SFST < Arg1) { SFST = Arg1 }
	If (SFEN > Arg2) { SFEN = Arg2 }
	Return (POISON_ST_OK)
}

/*
 * Poison a range.
 *
 * Arg0: device handle
 * Arg1: first granule
 * Arg2: behind the last granule
 * Return: POISON_ST_OK, _FULL or _DAMAGED.
 */
Method (LPLT, 3)
{
	Local0 = LLOD (Arg0)
	If (Local0) { Return (Local0) }
	Return (LADD (Arg0, Arg1, Arg2))
}

/*
 * Poison a range of a list that is here.  It becomes one slot together with the
 * entries that it overlaps or touches, which are freed when that slot is there.
 *
 * Arg0: device handle
 * Arg1: first granule
 * Arg2: behind the last granule
 * Return: POISON_ST_OK, _FULL or _DAMAGED.
 */
Method (LADD, 3)
{
	Local2 = Arg1
	Local3 = Arg2
	If (Local2) { Local2-- }
	Local0 = LSRC (DerefOf (LENT [Arg0]), Local2)
	Local1 = LBEF (DerefOf (LENT [Arg0]), Arg2 + 1)
	Local2 = Arg1
	If (Local0 < Local1)
	{
		Local4 = LDWD (DerefOf (LENT [Arg0]), Local0)
		Local5 = LDWD (DerefOf (LENT [Arg0]), Local1 - LE_SIZE + LE_END)
		If (Local4 < Local2) { Local2 = Local4 }
		If (Local5 > Local3) { Local3 = Local5 }
		If (Local0 + LE_SIZE == Local1 && Local4 == Local2 && Local5 == Local3)
		{
			Return (POISON_ST_OK)
		}
	}
	// the last slot is kept for what replaces another
	Local4 = 1
	If (Local0 == Local1) { Local4 = 2 }
	If (LAVL (Arg0) < Local4) { Return (POISON_ST_FULL) }
	LCHG (Arg0, LST_MEDIA, LST_CHANGING)
	Local4 = LNEW (Arg0, Local2, Local3)
	If (Local4 == 0) { Local4 = LDEL (Arg0, Local0, Local1) }
	If (Local4 == 0) { Local4 = LEND (Arg0) }
	If (Local4) { Return (LERR (Arg0)) }
	SMAK (Arg0, Local2, Local3)
	LPUT (Arg0, Local0, Local1, LNEB, RECB)
	LCHG (Arg0, LST_CHANGING, LST_MEDIA)
	Return (POISON_ST_OK)
}

/*
 * Clear a range.  Entries that lie in it are freed first, and lend their slots
 * to what stays of those that reach out of it, which is written before they are
 * freed.
 *
 * Arg0: device handle
 * Arg1: first granule
 * Arg2: behind the last granule
 * Return: POISON_ST_OK, _FULL (nothing was changed) or _DAMAGED.
 */
Method (LCLR, 3)
{
	Local0 = LLOD (Arg0)
	If (Local0) { Return (Local0) }
	Local0 = LSRC (DerefOf (LENT [Arg0]), Arg1)
	Local1 = LBEF (DerefOf (LENT [Arg0]), Arg2)
	If (Local0 == Local1) { Return (POISON_ST_OK) }
	Local2 = LDWD (DerefOf (LENT [Arg0]), Local0)
	Local3 = LDWD (DerefOf (LENT [Arg0]), Local1 - LE_SIZE + LE_END)

	// whole ones are from Local4 to Local5
	Local4 = Local0
	Local5 = Local1
	Local6 = 0
	If (Local2 < Arg1)
	{
		Local4 += LE_SIZE
		Local6++
	}
	If (Local3 > Arg2)
	{
		If (Local4 < Local5) { Local5 -= LE_SIZE }
		Local6++
	}
	If (Local6 > LAVL (Arg0) + ((Local5 - Local4) >> LE_SHIFT)) { Return (POISON_ST_FULL) }

	LCHG (Arg0, LST_MEDIA, LST_CHANGING)
	Local7 = LDEL (Arg0, Local4, Local5)
	Local6 = Buffer (0) {}
	LCUT [0] = Buffer (0) {}
	If (Local2 < Arg1 && Local7 == 0)
	{
		Local7 = LNEW (Arg0, Local2, Arg1)
		SMAK (Arg0, Local2, Arg1)
		Local6 = LNEB
		LCUT [0] = RECB
	}
	If (Local3 > Arg2 && Local7 == 0)
	{
		Local7 = LNEW (Arg0, Arg2, Local3)
		SMAK (Arg0, Arg2, Local3)
		Local6 = Concatenate (Local6, LNEB)
		LCUT [0] = Concatenate (DerefOf (LCUT [0]), RECB)
	}
	If (Local7 == 0) { Local7 = LDEL (Arg0, Local0, Local4) }
	If (Local7 == 0) { Local7 = LDEL (Arg0, Local5, Local1) }
	If (Local7 == 0) { Local7 = LEND (Arg0) }
	If (Local7) { Return (LERR (Arg0)) }
	LPUT (Arg0, Local0, Local1, Local6, DerefOf (LCUT [0]))
	LCHG (Arg0, LST_CHANGING, LST_MEDIA)
	Return (POISON_ST_OK)
}
