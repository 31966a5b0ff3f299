// SPDX-License-Identifier: GPL-2.0
/*
 * The list on media (poison.h): how it is changed, and how it is read.
 *
 * STMX is held in all of this.
 */

// a slot to be written
Name (LSLB, Buffer (POISON_SLOT_SIZE) {})
CreateDWordField (LSLB, POISON_SLOT_START, LSST)
CreateDWordField (LSLB, POISON_SLOT_COUNT, LSCO)
CreateDWordField (LSLB, POISON_SLOT_CHECK, LSCH)

// HIGH and INTENT, neighbours in the header, to be written
Name (LHIB, Buffer (8) {})
CreateDWordField (LHIB, 0, LHHI)
CreateDWordField (LHIB, 4, LHIN)

// a number of a slot to be added to LFRE
Name (LFRB, Buffer (4) {})
CreateDWordField (LFRB, 0, LFRN)

// slots of a list that is in memory only
#define VOLATILE_SLOTS		1024
// slots read at once; QEMU transfers at most 4076 bytes
#define CHUNK_SLOTS		254

/*
 * The check word of slot Arg0 with start Arg1 and count Arg2.  Here a value may
 * need more than 32 bits: only the low ones count, whatever becomes of the others.
 */
Method (LCHK, 3)
{
	Local0 = (Arg1 * POISON_CHECK_MUL + Arg2) & LO32
	Return ((Local0 * POISON_CHECK_MUL + Arg0 + POISON_CHECK_ADD) & LO32)
}

/*
 * Slots that can be taken on the DIMM with handle Arg0.
 */
Method (LAVL, 1)
{
	Local0 = DerefOf (LSLT [Arg0]) - DerefOf (LHIG [Arg0])
	Return (Local0 + (SizeOf (DerefOf (LFRE [Arg0])) >> 2))
}

/*
 * Write a slot that was free, and leave its entry in LNEB.  LAVL has said that
 * there is one; LEND is to follow.
 *
 * Arg0: device handle
 * Arg1: first granule
 * Arg2: behind the last granule
 * Return: LABEL_ST_OK or what QEMU said.
 */
Method (LNEW, 3)
{
	If (DerefOf (LSTA [Arg0]) == LST_NONE)
	{
		Local0 = LMAK (Arg0)
		If (Local0) { Return (Local0) }
	}
	Local2 = DerefOf (LHIG [Arg0])
	Local3 = SizeOf (DerefOf (LFRE [Arg0]))
	If (Local3)
	{
		Local3 -= 4
		Local1 = LDWD (DerefOf (LFRE [Arg0]), Local3)
		LFRE [Arg0] = Mid (DerefOf (LFRE [Arg0]), 0, Local3)
	}
	Else
	{
		Local1 = Local2
		Local2++
	}
	LNST = Arg1
	LNEN = Arg2
	LNSL = Local1
	LSST = Arg1
	LSCO = Arg2 - Arg1
	LSCH = LCHK (Local1, Arg1, Arg2 - Arg1)
	Local0 = LSET (Arg0, Local1)
	LHIG [Arg0] = Local2
	Return (Local0)
}

/*
 * Free the slots of entries; LEND is to follow.
 *
 * Arg0: device handle
 * Arg1, Arg2: byte offsets of the first entry, and behind the last
 * Return: LABEL_ST_OK or what QEMU said.
 */
Method (LDEL, 3)
{
	LSST = 0
	LSCO = 0
	LSCH = 0
	Local0 = Arg1
	While (Local0 < Arg2)
	{
		Local1 = LDWD (DerefOf (LENT [Arg0]), Local0 + LE_SLOT)
		Local2 = LSET (Arg0, Local1)
		If (Local2) { Return (Local2) }
		LFRN = Local1
		LFRE [Arg0] = Concatenate (DerefOf (LFRE [Arg0]), LFRB)
		Local0 += LE_SIZE
	}
	Return (LABEL_ST_OK)
}

/*
 * Write LSLB to slot Arg1 of the DIMM with handle Arg0, announced by INTENT.
 * HIGH, as far as slots were written before, goes with it.
 *
 * Return: LABEL_ST_OK or what QEMU said.
 */
Method (LSET, 2)
{
	If (DerefOf (LSTA [Arg0]) == LST_VOLATILE) { Return (LABEL_ST_OK) }
	Local0 = LINT (Arg0, Arg1 + 1)
	If (Local0) { Return (Local0) }
	Return (LWRT (Arg0, POISON_LIST_OFFSET + POISON_HDR_SIZE + Arg1 * POISON_SLOT_SIZE, LSLB))
}

/*
 * Complete what LSET did on the DIMM with handle Arg0.
 *
 * Return: LABEL_ST_OK or what QEMU said.
 */
Method (LEND, 1)
{
	If (DerefOf (LSTA [Arg0]) == LST_VOLATILE) { Return (LABEL_ST_OK) }
	Return (LINT (Arg0, 0))
}

/*
 * Write HIGH and INTENT of the DIMM with handle Arg0, in one piece.
 *
 * Arg1: INTENT
 * Return: LABEL_ST_OK or what QEMU said.
 */
Method (LINT, 2)
{
	LHHI = DerefOf (LHIG [Arg0])
	LHIN = Arg1
	Return (LWRT (Arg0, POISON_LIST_OFFSET + POISON_HDR_HIGH, LHIB))
}

/*
 * Make a list on the DIMM with handle Arg0: all of the header but the first
 * dword, then that.
 *
 * Return: LABEL_ST_OK or what QEMU said.
 */
Method (LMAK, 1)
{
	Local0 = LWRT (Arg0, POISON_LIST_OFFSET, LHEA (Arg0, 0))
	If (Local0) { Return (Local0) }
	Local0 = LWRT (Arg0, POISON_LIST_OFFSET, Mid (LHEA (Arg0, POISON_MAGIC0), POISON_HDR_MAGIC0, 4))
	If (Local0 == LABEL_ST_OK) { LSTA [Arg0] = LST_CHANGING }
	Return (Local0)
}

/*
 * The header of a new list on the DIMM with handle Arg0, with Arg1 as first dword.
 */
Method (LHEA, 2, Serialized)
{
	Name (HEAD, Buffer (POISON_HDR_SIZE) {})
	CreateDWordField (HEAD, POISON_HDR_MAGIC0, HMA0)
	CreateDWordField (HEAD, POISON_HDR_MAGIC1, HMA1)
	CreateDWordField (HEAD, POISON_HDR_VERSION, HVER)
	CreateDWordField (HEAD, POISON_HDR_CAPACITY, HCAP)
	CreateDWordField (HEAD, POISON_HDR_CHECK, HCHK)
	HMA0 = Arg1
	HMA1 = POISON_MAGIC1
	HVER = POISON_VERSION
	HCAP = DerefOf (LSLT [Arg0])
	HCHK = LSUM (POISON_MAGIC0, POISON_MAGIC1, POISON_VERSION, HCAP)
	Return (HEAD)
}

/*
 * Sum of four dwords: the check word of a header.
 */
Method (LSUM, 4)
{
	Local0 = (Arg0 + Arg1) & LO32
	Local0 = (Local0 + Arg2) & LO32
	Return ((Local0 + Arg3) & LO32)
}

/*
 * A label function has failed: read the list anew when it is used next.
 */
Method (LERR, 1)
{
	Debug = Concatenate ("nvdimm: label area cannot be written, DIMM ", ToHexString (Arg0))
	LSTA [Arg0] = LST_UNKNOWN
	Return (POISON_ST_DAMAGED)
}

/*
 * Have the list of the DIMM with handle Arg0 here.
 *
 * Return: POISON_ST_OK or _DAMAGED.
 */
Method (LLOD, 1)
{
	LCHG (Arg0, LST_CHANGING, LST_UNKNOWN)
	LCHG (Arg0, LST_READING, LST_REFUSED)
	If (DerefOf (LSTA [Arg0]) == LST_UNKNOWN)
	{
		If (LINI (Arg0))
		{
			LSTA [Arg0] = LST_REFUSED
			Debug = Concatenate ("nvdimm: list of poison refused, DIMM ", ToHexString (Arg0))
		}
	}
	If (DerefOf (LSTA [Arg0]) == LST_REFUSED) { Return (POISON_ST_DAMAGED) }
	Return (POISON_ST_OK)
}

/*
 * Read the list of the DIMM with handle Arg0.
 *
 * Return: 0, or 1 if what is there is no list of ours, or a damaged one.
 */
Method (LINI, 1)
{
	LENT [Arg0] = Buffer (0) {}
	LREC [Arg0] = Buffer (0) {}
	LFRE [Arg0] = Buffer (0) {}
	LHIG [Arg0] = 0
	LSLT [Arg0] = VOLATILE_SLOTS
	LSTA [Arg0] = LST_VOLATILE
	Local0 = LCAL (Arg0, LABEL_SIZE, Buffer (LABEL_HEADER) {})
	If (SizeOf (Local0) < 12) { Return (0) }
	If (LDWD (Local0, 0) != LABEL_ST_OK) { Return (0) }
	Local1 = LDWD (Local0, 4)
	If (Local1 < POISON_LIST_OFFSET + POISON_HDR_SIZE + POISON_SLOT_SIZE) { Return (0) }
	LSLT [Arg0] = (Local1 - POISON_LIST_OFFSET - POISON_HDR_SIZE) / POISON_SLOT_SIZE

	Local0 = LRED (Arg0, POISON_LIST_OFFSET, POISON_HDR_SIZE)
	If (SizeOf (Local0) != LABEL_STATUS + POISON_HDR_SIZE) { Return (1) }
	Local0 = Mid (Local0, LABEL_STATUS, POISON_HDR_SIZE)
	LSTA [Arg0] = LST_NONE
	Local1 = LDWD (Local0, POISON_HDR_MAGIC0)
	If (Local1 == 0) { Return (LBLK (Arg0, Local0)) }
	LSTA [Arg0] = LST_READING
	Local2 = LDWD (Local0, POISON_HDR_MAGIC1)
	Local3 = LDWD (Local0, POISON_HDR_VERSION)
	Local4 = LDWD (Local0, POISON_HDR_CAPACITY)
	If (Local1 != POISON_MAGIC0 || Local2 != POISON_MAGIC1 || Local3 != POISON_VERSION) { Return (1) }
	If (LDWD (Local0, POISON_HDR_CHECK) != LSUM (Local1, Local2, Local3, Local4)) { Return (1) }
	Local1 = LDWD (Local0, POISON_HDR_HIGH)
	Local2 = LDWD (Local0, POISON_HDR_INTENT)
	If (Local4 > DerefOf (LSLT [Arg0]) || Local1 > Local4 || Local2 > Local4) { Return (1) }
	LSLT [Arg0] = Local4
	LHIG [Arg0] = Local1
	If (SizeOf (KRED (Arg0, Local4, Local1))) { LSLT [Arg0] = Local4 - POISON_SECURITY_SLOTS }
	If (LALL (Arg0, Local1, Local2)) { Return (1) }
	LSTA [Arg0] = LST_MEDIA
	Return (0)
}

/*
 * Is a list area without the mark of a list anything but empty?  LMAK may have
 * died in its first write: so much of the header may be there.
 *
 * Arg0: device handle
 * Arg1: what is in the place of the header
 * Return: 0, or 1 if there is something that is not ours.
 */
Method (LBLK, 2)
{
	Local0 = POISON_HDR_CHECK + 4
	Local1 = LHEA (Arg0, 0)
	While (Arg1 != Concatenate (Mid (Local1, 0, Local0), Buffer (POISON_HDR_SIZE - Local0) {}))
	{
		If (Local0 == 0) { Return (1) }
		Local0--
	}
	Local0 = 0
	Local1 = DerefOf (LSLT [Arg0])
	While (Local0 < Local1)
	{
		Local2 = Local1 - Local0
		If (Local2 > CHUNK_SLOTS) { Local2 = CHUNK_SLOTS }
		Local3 = LRED (Arg0, POISON_LIST_OFFSET + POISON_HDR_SIZE + Local0 * POISON_SLOT_SIZE,
			Local2 * POISON_SLOT_SIZE)
		If (Local3 != Buffer (LABEL_STATUS + Local2 * POISON_SLOT_SIZE) {}) { Return (1) }
		Local0 += Local2
	}
	Return (0)
}

// a slot that is free
Name (LNUL, Buffer (POISON_SLOT_SIZE) {})

// what LCHU finds: entries in ascending order and disjoint, the end of the last, their
// records, free slots
Name (LCHE, Package (1) {})
Name (LCHL, 0)
Name (LCHR, Package (1) {})
Name (LCHF, Package (1) {})

// what LMRG makes: entries, records
Name (LMGE, Package (1) {})
Name (LMGR, Package (1) {})
// bytes of entries that are put there at once: adding to a long buffer copies it
#define LMRG_SIZE		8192

// what LALL leaves for later: a torn slot plus one; entries that overlap others
Name (LTRN, 0)
Name (LOVL, Package (1) {})

/*
 * Read all slots of a list, and tidy up behind a writer that died: free the
 * slot that it was changing, then make one of what overlaps.
 *
 * Arg0: device handle
 * Arg1: HIGH
 * Arg2: INTENT
 * Return: 0, or 1 if a slot is damaged or the list cannot be read or tidied.
 */
Method (LALL, 3)
{
	LTRN = 0
	LOVL [0] = Buffer (0) {}
	If (LREA (Arg0, 0, Arg1, Arg2)) { Return (1) }
	If (LTRN)
	{
		LSST = 0
		LSCO = 0
		LSCH = 0
		If (LSET (Arg0, LTRN - 1)) { Return (1) }
		LFRN = LTRN - 1
		LFRE [Arg0] = Concatenate (DerefOf (LFRE [Arg0]), LFRB)
	}
	If (Arg2)
	{
		If (LEND (Arg0)) { Return (1) }
	}

	Local0 = 0
	Local1 = SizeOf (DerefOf (LOVL [0]))
	While (Local0 < Local1)
	{
		If (LONE (Arg0, Mid (DerefOf (LOVL [0]), Local0, LE_SIZE))) { Return (1) }
		Local0 += LE_SIZE
	}
	Return (0)
}

/*
 * Read slots.  By halves, not in a loop: ACPICA ends one after 30 s, which a long
 * list may take on a slow machine.  And with a sleep: nothing else in the interpreter
 * lets Linux's RCU go on.
 *
 * Arg0: device handle
 * Arg1, Arg2: number of the first, and behind the last
 * Arg3: INTENT
 * Return: 0, or 1 if a slot is damaged or cannot be read.
 */
Method (LREA, 4)
{
	If (Arg1 == Arg2) { Return (0) }
	Local0 = Arg2 - Arg1
	If (Local0 > CHUNK_SLOTS)
	{
		Local0 = Arg1 + (Local0 >> 1)
		If (LREA (Arg0, Arg1, Local0, Arg3)) { Return (1) }
		Return (LREA (Arg0, Local0, Arg2, Arg3))
	}
	Local1 = LRED (Arg0, POISON_LIST_OFFSET + POISON_HDR_SIZE + Arg1 * POISON_SLOT_SIZE,
		Local0 * POISON_SLOT_SIZE)
	If (SizeOf (Local1) != LABEL_STATUS + Local0 * POISON_SLOT_SIZE) { Return (1) }
	If (LCHU (Arg0, Local1, Arg1, Local0, Arg3)) { Return (1) }
	LFRE [Arg0] = Concatenate (DerefOf (LFRE [Arg0]), DerefOf (LCHF [0]))
	LMRG (Arg0)
	If (Local0 * 2 > CHUNK_SLOTS) { Sleep (1) }
	Return (0)
}

/*
 * Look at slots, for LMRG to enter them.
 *
 * Arg0: device handle
 * Arg1: LABEL_STATUS bytes, then the slots
 * Arg2: number of the first
 * Arg3: how many
 * Arg4: INTENT
 * Return: 0, or 1 if a slot is damaged.
 */
Method (LCHU, 5)
{
	LCHE [0] = Buffer (0) {}
	LCHL = 0
	LCHR [0] = Buffer (0) {}
	LCHF [0] = Buffer (0) {}
	Local7 = DerefOf (DGRN [Arg0])
	Local0 = 0
	While (Local0 < Arg3)
	{
		Local1 = Mid (Arg1, LABEL_STATUS + Local0 * POISON_SLOT_SIZE, POISON_SLOT_SIZE)
		Local2 = Arg2 + Local0
		Local0++
		If (Local1 == LNUL)
		{
			LFRN = Local2
			LCHF [0] = Concatenate (DerefOf (LCHF [0]), LFRB)
			Continue
		}
		Local3 = ToInteger (Mid (Local1, POISON_SLOT_START, 4))
		Local4 = ToInteger (Mid (Local1, POISON_SLOT_COUNT, 4))
		// LCHK and LDWD without a call: there may be thousands of slots
		Local5 = (Local3 * POISON_CHECK_MUL + Local4) & LO32
		Local5 = (Local5 * POISON_CHECK_MUL + Local2 + POISON_CHECK_ADD) & LO32
		Local6 = 0
		If (Local5 == ToInteger (Mid (Local1, POISON_SLOT_CHECK, 4)) && Local4 && Local3 < Local7)
		{
			If (Local4 <= Local7 - Local3 && ToInteger (Mid (Local1, POISON_SLOT_ZERO, 4)) == 0)
			{
				Local6 = 1
			}
		}
		If (Local6)
		{
			LENR (Arg0, Local2, Local3, Local3 + Local4)
			Continue
		}
		If (Arg4 != Local2 + 1) { Return (1) }
		LTRN = Arg4
	}
	Return (0)
}

/*
 * Does a range overlap an entry?
 *
 * Arg0: entries
 * Arg1: offset of the first that ends behind the start of the range
 * Arg2: end of the range
 */
Method (LLAP, 3)
{
	If (Arg1 >= SizeOf (Arg0)) { Return (0) }
	Return (LDWD (Arg0, Arg1) < Arg2)
}

/*
 * Take a slot into LCHE, or into LOVL if it overlaps one there.
 *
 * Arg0: device handle
 * Arg1: slot
 * Arg2: first granule
 * Arg3: behind the last granule
 */
Method (LENR, 4)
{
	LNSL = Arg1
	LNST = Arg2
	LNEN = Arg3
	If (Arg2 >= LCHL)
	{
		LCHL = Arg3
		SMAK (Arg0, Arg2, Arg3)
		LCHE [0] = Concatenate (DerefOf (LCHE [0]), LNEB)
		LCHR [0] = Concatenate (DerefOf (LCHR [0]), RECB)
		Return
	}
	Local0 = LSRC (DerefOf (LCHE [0]), Arg2)
	If (LLAP (DerefOf (LCHE [0]), Local0, Arg3))
	{
		LOVL [0] = Concatenate (DerefOf (LOVL [0]), LNEB)
		Return
	}
	SMAK (Arg0, Arg2, Arg3)
	LCHE [0] = LSPL (DerefOf (LCHE [0]), Local0, Local0, LNEB)
	Local0 = Local0 * ARS_RECORD / LE_SIZE
	LCHR [0] = LSPL (DerefOf (LCHR [0]), Local0, Local0, RECB)
}

/*
 * Enter what LCHU has found on the DIMM with handle Arg0; in LOVL what overlaps
 * an entry.
 */
Method (LMRG, 1)
{
	Local1 = SizeOf (DerefOf (LCHE [0]))
	If (Local1 == 0) { Return }
	LMGE [0] = Buffer (0) {}
	LMGR [0] = Buffer (0) {}
	Local0 = 0	// in LCHE
	Local2 = 0	// in LENT, of which all in front is in its new place
	Local6 = Buffer (0) {}
	Local7 = Buffer (0) {}
	If (LSRC (DerefOf (LENT [Arg0]), LDWD (DerefOf (LCHE [0]), 0)) == SizeOf (DerefOf (LENT [Arg0])))
	{
		// behind all entries, and the most frequent case
		Local0 = Local1
		Local2 = SizeOf (DerefOf (LENT [Arg0]))
		LMGE [0] = Concatenate (DerefOf (LENT [Arg0]), DerefOf (LCHE [0]))
		LMGR [0] = Concatenate (DerefOf (LREC [Arg0]), DerefOf (LCHR [0]))
	}
	While (Local0 < Local1)
	{
		Local3 = LSRC (DerefOf (LENT [Arg0]), LDWD (DerefOf (LCHE [0]), Local0))
		Local4 = Mid (DerefOf (LCHE [0]), Local0, LE_SIZE)
		If (LLAP (DerefOf (LENT [Arg0]), Local3, LDWD (Local4, LE_END)))
		{
			LOVL [0] = Concatenate (DerefOf (LOVL [0]), Local4)
		}
		Else
		{
			Local5 = Local2 * ARS_RECORD / LE_SIZE
			Local6 = Concatenate (Local6, Mid (DerefOf (LENT [Arg0]), Local2, Local3 - Local2))
			Local6 = Concatenate (Local6, Local4)
			Local7 = Concatenate (Local7, Mid (DerefOf (LREC [Arg0]), Local5,
				(Local3 - Local2) * ARS_RECORD / LE_SIZE))
			Local7 = Concatenate (Local7, Mid (DerefOf (LCHR [0]),
				Local0 * ARS_RECORD / LE_SIZE, ARS_RECORD))
			Local2 = Local3
		}
		Local0 += LE_SIZE
		If (SizeOf (Local6) >= LMRG_SIZE || Local0 == Local1)
		{
			LMGE [0] = Concatenate (DerefOf (LMGE [0]), Local6)
			LMGR [0] = Concatenate (DerefOf (LMGR [0]), Local7)
			Local6 = Buffer (0) {}
			Local7 = Buffer (0) {}
		}
	}
	Local3 = SizeOf (DerefOf (LENT [Arg0])) - Local2
	Local5 = Local2 * ARS_RECORD / LE_SIZE
	LENT [Arg0] = Concatenate (DerefOf (LMGE [0]), Mid (DerefOf (LENT [Arg0]), Local2, Local3))
	LREC [Arg0] = Concatenate (DerefOf (LMGR [0]), Mid (DerefOf (LREC [Arg0]), Local5,
		Local3 * ARS_RECORD / LE_SIZE))
}

/*
 * Make an entry that overlaps others one with them, and free its slot.
 *
 * Arg0: device handle
 * Arg1: entry
 * Return: 0, or 1 if that failed (as with a list that is full).
 */
Method (LONE, 2)
{
	If (LADD (Arg0, LDWD (Arg1, 0), LDWD (Arg1, LE_END))) { Return (1) }
	LFRN = LDWD (Arg1, LE_SLOT)
	LSST = 0
	LSCO = 0
	LSCH = 0
	If (LSET (Arg0, LFRN)) { Return (1) }
	LFRE [Arg0] = Concatenate (DerefOf (LFRE [Arg0]), LFRB)
	Return (LEND (Arg0))
}
