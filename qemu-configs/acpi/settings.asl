// SPDX-License-Identifier: GPL-2.0
/*
 * What the settings (fwcfg.asl) say, words with spaces between them:
 *
 *	set=1+2		the DIMMs with handles 1 and 2 are an interleave set, in this order
 *	ars=1000	a scrub takes 1000 ms a GiB
 *
 * A word that is not understood makes all of them void, and the machine is what it is
 * without settings: half of what was asked for would be a machine that nobody asked for.
 *
 * STMX is held in all of this.
 */

#define SPACE			0x20
#define PLUS			0x2B
#define DIGIT_0			0x30

// "set="
Name (YKST, Buffer () { 0x73, 0x65, 0x74, 0x3D })

// "ars="
Name (YKAR, Buffer () { 0x61, 0x72, 0x73, 0x3D })

// a number: result of YNUM, and where it ends
Name (YVAL, 0)
Name (YEND, 0)

/*
 * Read the settings.
 */
Method (YGET)
{
	Local0 = YTXT ()
	If (YPAR (Local0))
	{
		Debug = "nvdimm: the settings are not understood"
		XNUM = 0
		AMSG = 0
	}
}

/*
 * Arg0: buffer of the text
 * Return: 0, or 1 if it is not understood.
 */
Method (YPAR, 1)
{
	Local0 = 0
	Local1 = SizeOf (Arg0)
	While (Local0 < Local1)
	{
		If (ToInteger (Mid (Arg0, Local0, 1)) == SPACE)
		{
			Local0++
			Continue
		}
		Local2 = Local0
		While (Local2 < Local1)
		{
			If (ToInteger (Mid (Arg0, Local2, 1)) == SPACE) { Break }
			Local2++
		}
		If (YWRD (Mid (Arg0, Local0, Local2 - Local0))) { Return (1) }
		Local0 = Local2
	}
	Return (0)
}

/*
 * Arg0: buffer of one word
 * Return: 0, or 1 if it is not understood.
 */
Method (YWRD, 1)
{
	If (Mid (Arg0, 0, 4) == YKST) { Return (YSET (Arg0)) }
	If (Mid (Arg0, 0, 4) == YKAR)
	{
		If (YNUM (Arg0, 4)) { Return (1) }
		If (YEND != SizeOf (Arg0) || YVAL > ARS_LONGEST) { Return (1) }
		AMSG = YVAL
		Return (0)
	}
	Return (1)
}

/*
 * A number of up to nine decimal digits.
 *
 * Arg0: buffer
 * Arg1: offset of its first digit
 * Return: 0, and YVAL and YEND are set; or 1 if there is none.
 */
Method (YNUM, 2)
{
	YVAL = 0
	Local0 = Arg1
	Local1 = SizeOf (Arg0)
	If (Local1 > Arg1 + 9) { Local1 = Arg1 + 9 }
	While (Local0 < Local1)
	{
		Local2 = (ToInteger (Mid (Arg0, Local0, 1)) - DIGIT_0) & LO32
		If (Local2 > 9) { Break }
		YVAL = YVAL * 10 + Local2
		Local0++
	}
	YEND = Local0
	Return (Local0 == Arg1)
}

/*
 * An interleave set: two handles at least, each in no other set.
 *
 * Arg0: buffer of the word, "set=" and the handles with a plus between them
 * Return: 0, or 1 if it is not understood.
 */
Method (YSET, 1)
{
	If (XNUM == SETS_MAX) { Return (1) }
	XLST [XNUM] = Buffer (0) {}
	Local0 = 4
	While (1)
	{
		If (YNUM (Arg0, Local0)) { Return (1) }
		If (YVAL == 0 || YVAL > MAX_HANDLE) { Return (1) }
		If (XHAS (YVAL)) { Return (1) }
		XBYT = YVAL
		XLST [XNUM] = Concatenate (DerefOf (XLST [XNUM]), XONE)
		If (YEND == SizeOf (Arg0)) { Break }
		If (ToInteger (Mid (Arg0, YEND, 1)) != PLUS) { Return (1) }
		Local0 = YEND + 1
	}
	If (SizeOf (DerefOf (XLST [XNUM])) < 2) { Return (1) }
	XNUM++
	Return (0)
}

/*
 * Is handle Arg0 in a set, the one that is being read included?
 */
Method (XHAS, 1)
{
	Local0 = 0
	While (Local0 <= XNUM)
	{
		Local1 = DerefOf (XLST [Local0])
		Local2 = 0
		While (Local2 < SizeOf (Local1))
		{
			If (ToInteger (Mid (Local1, Local2, 1)) == Arg0) { Return (1) }
			Local2++
		}
		Local0++
	}
	Return (0)
}
