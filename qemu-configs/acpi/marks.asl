// SPDX-License-Identifier: GPL-2.0
/*
 * What the settings make of a DIMM beside where it is: its state in the NFIT, who it is.
 *
 * STMX is held in all of this.
 */

// by handle: marks, which are state flags; index of its control region
Name (NMKS, Buffer (HANDLES) {})
Name (NCTL, Package (HANDLES) {})

// parts of who a DIMM is: how many; of each the handle, offset in the control region, bytes, value
#define WHO_MAX			32
Name (NWHN, 0)
Name (NWHH, Buffer (WHO_MAX) {})
Name (NWHF, Buffer (WHO_MAX) {})
Name (NWHB, Buffer (WHO_MAX) {})
Name (NWHV, Package (WHO_MAX) {})

// any of that
Name (NANY, 0)

// a value to be put into a structure, the first byte first
Name (NBEB, Buffer (4) {})
CreateByteField (NBEB, 0, NBE0)
CreateByteField (NBEB, 1, NBE1)
CreateByteField (NBEB, 2, NBE2)
CreateByteField (NBEB, 3, NBE3)

/*
 * No DIMM is marked.
 */
Method (NNON)
{
	NMKS = Buffer (HANDLES) {}
	NWHN = 0
	NANY = 0
}

/*
 * The DIMM with handle Arg0 gets the mark Arg1.
 */
Method (NMRK, 2)
{
	NMKS [Arg0] = DerefOf (NMKS [Arg0]) | Arg1
	NANY = 1
}

/*
 * Has the DIMM with handle Arg0 the mark Arg1?
 */
Method (NHAS, 2)
{
	Return ((DerefOf (NMKS [Arg0]) & Arg1) != 0)
}

/*
 * A part of who a DIMM is.
 *
 * Arg0: handle
 * Arg1: offset in its control region
 * Arg2: bytes
 * Arg3: value
 * Return: 0, or 1 if there is no room for it.
 */
Method (NWHO, 4)
{
	If (NWHN == WHO_MAX) { Return (1) }
	NWHH [NWHN] = Arg0
	NWHF [NWHN] = Arg1
	NWHB [NWHN] = Arg2
	NWHV [NWHN] = Arg3
	NWHN++
	NANY = 1
	Return (0)
}

/*
 * A range structure, Arg0, as it is with the marks; nothing, if its DIMM is not mapped.
 */
Method (NSPA, 1)
{
	Local0 = Match (DSPA, MEQ, ToInteger (Mid (Arg0, SPA_INDEX, 2)), MTR, 0, 0)
	If (Local0 == Ones) { Return (Arg0) }
	If (NHAS (Local0, NFIT_MAP_FAILED)) { Return (Buffer (0) {}) }
	Return (Arg0)
}

/*
 * A mapping structure, Arg0, as it is with the marks: the state of its DIMM, and no range, if
 * that is not mapped (5.2.26.3, "SPA Range Structure Index": 0).
 */
Method (NMAP, 1)
{
	Local0 = ToInteger (Mid (Arg0, MAP_HANDLE, 4))
	If (Local0 == 0 || Local0 > MAX_HANDLE) { Return (Arg0) }
	XWRD = ToInteger (Mid (Arg0, MAP_STATE, 2)) | DerefOf (NMKS [Local0])
	Local1 = LSPL (Arg0, MAP_STATE, MAP_STATE + 2, XWDB)
	If (NHAS (Local0, NFIT_MAP_FAILED)) { Local1 = LSPL (Local1, MAP_SPA_INDEX, MAP_SPA_INDEX + 2, Buffer (2) {}) }
	Return (Local1)
}

/*
 * A control region structure, Arg0, as it is with who its DIMM is.  What consists of
 * several bytes begins with the first one of the DIMM's own data, as Linux shows it (nfit/vendor, nfit/serial).
 */
Method (NCNT, 1)
{
	Local0 = Match (NCTL, MEQ, ToInteger (Mid (Arg0, CONTROL_INDEX, 2)), MTR, 0, 1)
	If (Local0 == Ones) { Return (Arg0) }
	Local1 = 0
	Local5 = Arg0
	While (Local1 < NWHN)
	{
		If (DerefOf (NWHH [Local1]) == Local0)
		{
			Local2 = DerefOf (NWHF [Local1])
			Local3 = DerefOf (NWHB [Local1])
			Local4 = DerefOf (NWHV [Local1]) << (32 - 8 * Local3)
			NBE0 = (Local4 >> 24) & 0xFF
			NBE1 = (Local4 >> 16) & 0xFF
			NBE2 = (Local4 >> 8) & 0xFF
			NBE3 = Local4 & 0xFF
			Local5 = LSPL (Local5, Local2, Local2 + Local3, Mid (NBEB, 0, Local3))
		}
		Local1++
	}
	Return (Local5)
}
