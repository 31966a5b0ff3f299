// SPDX-License-Identifier: GPL-2.0
/*
 * A scrub that takes time: whether one goes on, and where it is.  It goes through its range from the
 * start to the end, as fast as the settings say.
 *
 * STMX is held in all of this.
 */

// ms that a scrub takes at most: what is over is counted whenever somebody asks, Linux does after
// 256 s at the latest if it goes on for 400 s, and the clock goes around after 429
#define ARS_LONGEST		400000

// ms a GiB
Name (AMSG, 0)
// the scrub: ms that it takes, 0 if none goes on; ms that are over; the clock then
Name (ATOT, 0)
Name (AOVR, 0)
Name (ALST, 0)

/*
 * MiB of a length or distance, low and high dword.
 */
Method (AMIB, 2)
{
	Return (((Arg1 << 12) | (Arg0 >> 20)) & LO32)
}

/*
 * A scrub of the range of the last Start ARS begins.
 */
Method (ABEG)
{
	ATOT = 0
	If (AMSG == 0) { Return }
	Local0 = AMIB (ASLL, ASLH)
	If ((Local0 >> 10) >= ARS_LONGEST / AMSG) { ATOT = ARS_LONGEST }
	Else { ATOT = (Local0 >> 10) * AMSG + (((Local0 & 0x3FF) * AMSG) >> 10) }
	AOVR = 0
	ALST = ACLK ()
}

/*
 * Does a scrub go on?
 */
Method (ABSY)
{
	If (ATOT == 0) { Return (0) }
	Local0 = ((ACLK () - ALST) & LO32) / 10000
	ALST = (ALST + Local0 * 10000) & LO32
	AOVR += Local0
	If (AOVR < ATOT) { Return (1) }
	ATOT = 0
	Return (0)
}

/*
 * Seconds until the scrub that goes on ends, rounded up.
 */
Method (ALFT)
{
	If (ATOT == 0) { Return (0) }
	Return ((ATOT - AOVR + 999) / 1000)
}

/*
 * Will the scrub that goes on come to the range of the input?
 */
Method (AWIL)
{
	If (ABSY () == 0) { Return (0) }
	If (INAH < ASAH || (INAH == ASAH && INAL < ASAL)) { Return (0) }
	Local0 = (INAL - ASAL) & LO32
	Local1 = INAH - ASAH
	If (INAL < ASAL) { Local1-- }
	If (Local1 > ASLH || (Local1 == ASLH && Local0 >= ASLL)) { Return (0) }
	Local2 = AMIB (Local0, Local1)
	Local3 = AMIB (ASLL, ASLH)
	// how much of it is over, in units of 1/1024, so that no product needs more than 32 bits
	Local4 = (AOVR << 10) / ATOT
	Return (Local2 > (Local3 >> 10) * Local4 + (((Local3 & 0x3FF) * Local4) >> 10))
}
