// SPDX-License-Identifier: GPL-2.0
/*
 * What is done to a range of a region (set.asl): to one DIMM, or to all of a set that have
 * a part of it.  A range of addresses that has no gap is one on each of them, too.
 *
 * STMX is held in all of this.
 */

// what RRUN does
#define RUN_READY		0	/* can the list be used? */
#define RUN_PLANT		1
#define RUN_CLEAR		2
#define RUN_FOUND		3	/* nothing of it is latent */
#define RUN_LATENT		4	/* all of it is latent */

// where a DIMM's part of it is, by place in the set: what was not looked at, and its end; the poison
// that was found next, and its end; NONE if there is none
Name (MCUR, Package (HANDLES) {})
Name (MEND, Package (HANDLES) {})
Name (MFST, Package (HANDLES) {})
Name (MFEN, Package (HANDLES) {})

/*
 * Ways of the region Arg0.
 */
Method (RWAY, 1)
{
	If (XNUM == 0) { Return (1) }
	Return (DerefOf (XWAY [Arg0]))
}

/*
 * Granules of the region Arg0, LO32 if there are more.
 */
Method (RGRN, 1)
{
	Return (DerefOf (DGRN [Arg0]) * RWAY (Arg0))
}

/*
 * How many granules of a DIMM are in front of one of its set?
 *
 * Arg0: granule of the region
 * Arg1: ways
 * Arg2: place of the DIMM
 */
Method (RCUT, 3)
{
	Local0 = Arg0 >> LINE_SHIFT
	Local1 = (Local0 / Arg1) << LINE_SHIFT
	Local2 = Local0 % Arg1
	If (Arg2 < Local2) { Return (Local1 + LINE_GRANULES) }
	If (Arg2 == Local2) { Return (Local1 + (Arg0 & (LINE_GRANULES - 1))) }
	Return (Local1)
}

/*
 * Do something to the granules from RSTA to REND of a region.  Of a set, if one list cannot be
 * used, nothing is changed.  If one is full, what was done to the DIMMs before it stays.
 *
 * Arg0: region
 * Arg1: RUN_*
 * Return: POISON_ST_*.
 */
Method (RRUN, 2)
{
	// most machines have no sets, and a call costs as much as ten opcodes
	If (XNUM == 0) { Return (RDIM (Arg0, Arg1, RSTA, REND)) }
	Local7 = RWAY (Arg0)
	If (Local7 == 1) { Return (RDIM (Arg0, Arg1, RSTA, REND)) }
	Local6 = DerefOf (XMEM [Arg0])
	If (Arg1 == RUN_PLANT || Arg1 == RUN_CLEAR)
	{
		Local0 = RRUN (Arg0, RUN_READY)
		If (Local0) { Return (Local0) }
	}
	Local0 = 0
	While (Local0 < Local7)
	{
		Local1 = RCUT (RSTA, Local7, Local0)
		Local2 = RCUT (REND, Local7, Local0)
		If (Local1 < Local2)
		{
			Local3 = RDIM (XNTH (Local6, Local0), Arg1, Local1, Local2)
			If (Local3) { Return (Local3) }
		}
		Local0++
	}
	Return (POISON_ST_OK)
}

/*
 * Do something to granules of a DIMM.
 *
 * Arg0: device handle
 * Arg1: RUN_*
 * Arg2: first granule
 * Arg3: behind the last granule
 * Return: POISON_ST_*.
 */
Method (RDIM, 4)
{
	If (Arg1 == RUN_PLANT) { Return (SPLT (Arg0, Arg2, Arg3)) }
	If (Arg1 == RUN_CLEAR) { Return (SCLR (Arg0, Arg2, Arg3)) }
	If (Arg1 == RUN_READY) { Return (SRDY (Arg0)) }
	If (Arg1 == RUN_FOUND) { ZDRP (Arg0, Arg2, Arg3) }
	If (Arg1 == RUN_LATENT) { ZADD (Arg0, Arg2, Arg3) }
	Return (POISON_ST_OK)
}

/*
 * Add the records of a range of a region to those of SBEG, in ascending order.
 *
 * Arg0: region
 * Arg1: first granule
 * Arg2: behind the last granule
 * Arg3: 1 to leave out what is latent
 * Return: POISON_ST_*; of a set where one list cannot be used none are added.
 */
Method (RREC, 4)
{
	If (RWAY (Arg0) != 1) { Return (RMRG (Arg0, Arg1, Arg2, Arg3)) }
	If (Arg3) { Return (ZRNG (Arg0, Arg1, Arg2)) }
	Return (SRNG (Arg0, Arg1, Arg2))
}

/*
 * RREC of a set: a record for each line that has an error, because a record names one DIMM.
 */
Method (RMRG, 4)
{
	If (SOVR || Arg1 >= Arg2) { Return (POISON_ST_OK) }
	Local7 = DerefOf (XWAY [Arg0])
	Local6 = DerefOf (XMEM [Arg0])
	Local0 = 0
	While (Local0 < Local7)
	{
		MCUR [Local0] = RCUT (Arg1, Local7, Local0)
		MEND [Local0] = RCUT (Arg2, Local7, Local0)
		Local1 = RNXT (XNTH (Local6, Local0), Local0, Arg3)
		If (Local1) { Return (Local1) }
		Local0++
	}
	Local5 = Buffer (0) {}
	Local1 = POISON_ST_OK
	While (Local1 == POISON_ST_OK)
	{
		// the place of the lowest, and which granule of the region it is
		Local2 = NONE
		Local3 = NONE
		Local0 = 0
		While (Local0 < Local7)
		{
			Local4 = DerefOf (MFST [Local0])
			If (Local4 != NONE)
			{
				Local4 = ((((Local4 >> LINE_SHIFT) * Local7 + Local0) << LINE_SHIFT) |
					(Local4 & (LINE_GRANULES - 1))) & LO32
				If (Local4 < Local3)
				{
					Local2 = Local0
					Local3 = Local4
				}
			}
			Local0++
		}
		If (Local2 == NONE) { Break }
		If (SNUM == ARS_RECORDS)
		{
			SOVR = 1
			SRST = Local3
			Break
		}
		SNUM++
		// to its end, or to the line's
		Local0 = DerefOf (MFST [Local2])
		Local4 = (Local0 | (LINE_GRANULES - 1)) + 1
		If (Local4 > DerefOf (MFEN [Local2])) { Local4 = DerefOf (MFEN [Local2]) }
		SMAK (Arg0, Local3, Local3 + Local4 - Local0)
		RHDL = XNTH (Local6, Local2)
		Local5 = Concatenate (Local5, RECB)
		If (SizeOf (Local5) >= SREC_SIZE)
		{
			SREC [0] = Concatenate (DerefOf (SREC [0]), Local5)
			Local5 = Buffer (0) {}
		}
		MFST [Local2] = Local4
		If (Local4 == DerefOf (MFEN [Local2]))
		{
			MCUR [Local2] = Local4
			Local1 = RNXT (XNTH (Local6, Local2), Local2, Arg3)
		}
	}
	SREC [0] = Concatenate (DerefOf (SREC [0]), Local5)
	Return (Local1)
}

/*
 * Find the next poison of a DIMM's part, from MCUR on: MFST and MFEN are set.
 *
 * Arg0: device handle
 * Arg1: its place
 * Arg2: 1 to leave out what is latent
 * Return: POISON_ST_*.
 */
Method (RNXT, 3)
{
	Local2 = DerefOf (MEND [Arg1])
	While (1)
	{
		MFST [Arg1] = NONE
		Local1 = DerefOf (MCUR [Arg1])
		If (Local1 >= Local2) { Return (POISON_ST_OK) }
		Local0 = SFND (Arg0, Local1, Local2)
		If (Local0 == POISON_ST_NONE) { Return (POISON_ST_OK) }
		If (Local0) { Return (Local0) }
		Local3 = SFEN
		If (Arg2 && SizeOf (DerefOf (ZENT [Arg0])))
		{
			// the first latent range that ends behind its start
			Local4 = LSRC (DerefOf (ZENT [Arg0]), SFST)
			If (Local4 < SizeOf (DerefOf (ZENT [Arg0])))
			{
				Local5 = LDWD (DerefOf (ZENT [Arg0]), Local4)
				If (Local5 <= SFST)
				{
					MCUR [Arg1] = LDWD (DerefOf (ZENT [Arg0]), Local4 + LE_END)
					Continue
				}
				If (Local5 < Local3) { Local3 = Local5 }
			}
		}
		MFST [Arg1] = SFST
		MFEN [Arg1] = Local3
		Return (POISON_ST_OK)
	}
	// iasl wants one
	Return (POISON_ST_OK)
}

/*
 * Which DIMM of a region has a byte, and where?  LOOK was just called.
 *
 * Arg0: region
 * Return: device handle; OFxx is the offset in the DIMM then, and RMxx the bytes from there
 *	that are next to each other on it.
 */
Method (RWHO, 1)
{
	Local7 = RWAY (Arg0)
	If (Local7 == 1) { Return (Arg0) }
	Local0 = GRAN (OFLO, OFHI) >> LINE_SHIFT
	Local1 = OFLO & (POISON_SET_LINE - 1)
	Local2 = Local0 / Local7
	OFLO = ((Local2 << SET_SHIFT) | Local1) & LO32
	OFHI = Local2 >> (32 - SET_SHIFT)
	RMLO = POISON_SET_LINE - Local1
	RMHI = 0
	Return (XNTH (DerefOf (XMEM [Arg0]), Local0 % Local7))
}
