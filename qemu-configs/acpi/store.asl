// SPDX-License-Identifier: GPL-2.0
/*
 * The store: which granules of which DIMM are poisoned.  Its two back ends are
 * in store-label.asl and store-device.asl; the device's is used if there is
 * one.
 *
 * STMX is held in all of this.  Statuses are POISON_ST_*.
 */

// SINI was called; the device is there
Name (SRUN, 0)
Name (SDEV, 0)
// NDIM when SOPN was called last
Name (SOPD, 0)

// records asked for: the records, their number; there are more than
// ARS_RECORDS, and the next one is at this granule of this DIMM
Name (SREC, Package (1) {})
Name (SNUM, 0)
Name (SOVR, 0)
Name (SRST, 0)
// bytes of records that are added at once: adding to a long buffer copies it
#define SREC_SIZE		3072

// ACPI 6.5 section 9.19.7.6, table "ARS Error Record Format"
#define ARS_RECORD		24
Name (RECB, Buffer (ARS_RECORD) {})
CreateDWordField (RECB, 0, RHDL)	// device handle
CreateDWordField (RECB, 8, RSLO)	// address
CreateDWordField (RECB, 12, RSHI)
CreateDWordField (RECB, 16, RLLO)	// length
CreateDWordField (RECB, 20, RLHI)

/*
 * Begin: choose the back end.
 */
Method (SINI)
{
	If (SRUN) { Return }
	SRUN = 1
	If (PSID == POISON_ID) { SDEV = 1 }
	ZINI ()
}

/*
 * Have all lists here, before a loop needs one: ACPICA ends a loop after 30 s, what is
 * called from it included.
 */
Method (SOPN)
{
	SOPD = NDIM
	SINI ()
	If (SDEV == 0) { SOPL (1) }
}

/*
 * The lists from the DIMM with handle Arg0 on.
 */
Method (SOPL, 1)
{
	If (Arg0 > NDIM) { Return }
	If (DerefOf (DGRN [Arg0])) { LLOD (Arg0) }
	SOPL (Arg0 + 1)
}

/*
 * Granules that an injection is rounded to.  Without the device a line is
 * never consumed, and what can be cleared is the natural unit.
 */
Method (SUNI)
{
	If (SDEV) { Return (1) }
	Return (POISON_CLEAR_UNIT >> POISON_GRANULE_SHIFT)
}

/*
 * Can the list of the DIMM with handle Arg0 be used?
 */
Method (SRDY, 1)
{
	If (SDEV) { Return (PRDY (Arg0)) }
	Return (LLOD (Arg0))
}

/*
 * Have a list on the media of the DIMM with handle Arg0, if without poison.
 *
 * Return: POISON_ST_OK; _NONE if it has no media for one; _DAMAGED.
 */
Method (SMKL, 1)
{
	If (SDEV) { Return (PCMD (POISON_CMD_MAKE, Arg0, 0, 0)) }
	Return (LHAV (Arg0))
}

/*
 * Poison a range: device handle, first granule, behind the last.
 */
Method (SPLT, 3)
{
	If (SDEV) { Local0 = PCMD (POISON_CMD_PLANT, Arg0, Arg1, Arg2) }
	Else { Local0 = LPLT (Arg0, Arg1, Arg2) }
	HAFT (Arg0)
	Return (Local0)
}

/*
 * Clear a range, whatever of it is poisoned: device handle, first granule,
 * behind the last.
 */
Method (SCLR, 3)
{
	If (SDEV) { Return (PCMD (POISON_CMD_CLEAR, Arg0, Arg1, Arg2)) }
	Return (LCLR (Arg0, Arg1, Arg2))
}

/*
 * Begin to ask for records.
 */
Method (SBEG)
{
	SREC [0] = Buffer (0) {}
	SNUM = 0
	SOVR = 0
}

/*
 * Find the poison in a range, in ascending order, clipped to the range, and add
 * its records: device handle, first granule, behind the last.  Nothing is added
 * behind ARS_RECORDS; then SOVR and SRST are set.
 */
Method (SRNG, 3)
{
	If (SOVR || Arg1 >= Arg2) { Return (POISON_ST_OK) }
	If (SDEV) { Return (PRNG (Arg0, Arg1, Arg2)) }
	Return (LRNG (Arg0, Arg1, Arg2))
}

// what SFND found: first granule, behind the last
Name (SFST, 0)
Name (SFEN, 0)

/*
 * Find the first poison in a range, clipped to it.
 *
 * Arg0: device handle
 * Arg1: first granule
 * Arg2: behind the last granule
 * Return: POISON_ST_OK, and SFST and SFEN are set; _NONE; _DAMAGED.
 */
Method (SFND, 3)
{
	If (SDEV) { Return (PFND (Arg0, Arg1, Arg2)) }
	Return (LFND (Arg0, Arg1, Arg2))
}

/*
 * Make a record, in RECB: device handle, first granule, behind the last.  (Of a set: its head,
 * and granules of the region; region.asl puts the handle in its place.)
 */
Method (SMAK, 3)
{
	RHDL = Arg0
	Local0 = (Arg1 << POISON_GRANULE_SHIFT) & LO32
	Local1 = (DerefOf (DBLO [Arg0]) + Local0) & LO32
	Local2 = DerefOf (DBHI [Arg0]) + (Arg1 >> (32 - POISON_GRANULE_SHIFT))
	If (Local1 < Local0) { Local2++ }
	RSLO = Local1
	RSHI = Local2
	Local0 = Arg2 - Arg1
	RLLO = (Local0 << POISON_GRANULE_SHIFT) & LO32
	RLHI = Local0 >> (32 - POISON_GRANULE_SHIFT)
}
