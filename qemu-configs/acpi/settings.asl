// SPDX-License-Identifier: GPL-2.0
/*
 * What the settings (fwcfg.asl) say, words with spaces between them, of which each is a key,
 * an equals sign and a value:
 *
 *	ars=1000	a scrub takes 1000 ms a GiB
 *	set=1+2		the DIMMs with handles 1 and 2 are an interleave set, in this order
 *	not_armed=1+2	the state of these DIMMs has that flag; so with the others (YMRK)
 *	serial=1:0xcafe	the serial number of DIMM 1; so with the other parts of who it is (YWHO)
 *
 * A word that is not understood makes all of them void, and the machine is what it is
 * without settings: half of what was asked for would be a machine that nobody asked for.
 *
 * STMX is held in all of this.
 */

#define SPACE			0x20
#define PLUS			0x2B
#define DIGIT_0			0x30
#define COLON			0x3A
#define EQUALS			0x3D
#define LETTER_A		0x61
#define LETTER_X		0x78

// marks of a DIMM (marks.asl), by the names that Linux has for them in nfit/flags, and their
// values
#define MARKS			6
Name (YMRK, Package (MARKS * 2)
{
	"save_fail", NFIT_SAVE_FAILED,
	"restore_fail", NFIT_RESTORE_FAILED,
	"flush_fail", NFIT_FLUSH_FAILED,
	"not_armed", NFIT_NOT_ARMED,
	"smart_event", NFIT_HEALTH_OBSERVED,
	"map_fail", NFIT_MAP_FAILED
})

// who it is: where that is in its control region structure (5.2.26.5), and its bytes
#define WHOS			4
Name (YWHO, Package (WHOS * 3)
{
	"vendor", 6, 2,
	"device", 8, 2,
	"revision", 10, 2,
	"serial", 24, 4
})

// a number: result of YNUM, and where it ends
Name (YVAL, 0)
Name (YEND, 0)

// a list of handles, a byte each: result of YHDL
Name (YLST, Package (1) {})

// YGET was called
Name (YRUN, 0)

/*
 * Read the settings, once.
 */
Method (YGET)
{
	If (YRUN) { Return }
	YRUN = 1
	XNON ()
	Local0 = YTXT ()
	If (YPAR (Local0))
	{
		Debug = "nvdimm: the settings are not understood"
		AMSG = 0
		XNON ()
		NNON ()
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
	Local0 = 0
	Local1 = SizeOf (Arg0)
	While (Local0 < Local1)
	{
		If (ToInteger (Mid (Arg0, Local0, 1)) == EQUALS) { Break }
		Local0++
	}
	If (Local0 == Local1) { Return (1) }
	Local1 = ToString (Mid (Arg0, 0, Local0))
	Local0++
	If (Local1 == "ars") { Return (YARS (Arg0, Local0)) }
	If (Local1 == "set") { Return (YSET (Arg0, Local0)) }
	Local2 = 0
	While (Local2 < MARKS * 2)
	{
		If (Local1 == DerefOf (YMRK [Local2])) { Return (YMAR (Arg0, Local0, DerefOf (YMRK [Local2 + 1]))) }
		Local2 += 2
	}
	Local2 = 0
	While (Local2 < WHOS * 3)
	{
		If (Local1 == DerefOf (YWHO [Local2])) { Return (YIDE (Arg0, Local0, Local2)) }
		Local2 += 3
	}
	Return (1)
}

/*
 * A number: up to nine decimal digits, or 0x and up to eight hexadecimal ones.
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
	Local3 = 10			// base
	Local4 = 9			// digits at most
	If (Local0 + 2 < Local1)
	{
		If (ToInteger (Mid (Arg0, Local0, 1)) == DIGIT_0 && ToInteger (Mid (Arg0, Local0 + 1, 1)) == LETTER_X)
		{
			Local0 += 2
			Local3 = 16
			Local4 = 8
		}
	}
	Local5 = Local0
	If (Local1 > Local0 + Local4) { Local1 = Local0 + Local4 }
	While (Local0 < Local1)
	{
		Local2 = ToInteger (Mid (Arg0, Local0, 1))
		If (Local3 == 16 && Local2 >= LETTER_A) { Local2 -= LETTER_A - DIGIT_0 - 10 }
		ElseIf (Local2 > DIGIT_0 + 9) { Break }
		Local2 = (Local2 - DIGIT_0) & LO32
		If (Local2 >= Local3) { Break }
		YVAL = YVAL * Local3 + Local2
		Local0++
	}
	YEND = Local0
	Return (Local0 == Local5)
}

/*
 * The handle of a DIMM, there or not; as YNUM.
 */
Method (YHAN, 2)
{
	If (YNUM (Arg0, Arg1)) { Return (1) }
	Return (YVAL == 0 || YVAL > MAX_HANDLE)
}

/*
 * A list of handles, to the end of the word, with a plus between them.
 *
 * Arg0: buffer of the word
 * Arg1: where it begins
 * Return: 0, and YLST has them; or 1 if it is not understood.
 */
Method (YHDL, 2)
{
	YLST [0] = Buffer (0) {}
	Local0 = Arg1
	While (1)
	{
		If (YHAN (Arg0, Local0)) { Return (1) }
		XBYT = YVAL
		YLST [0] = Concatenate (DerefOf (YLST [0]), XONE)
		If (YEND == SizeOf (Arg0)) { Return (0) }
		If (ToInteger (Mid (Arg0, YEND, 1)) != PLUS) { Return (1) }
		Local0 = YEND + 1
	}
	Return (1)
}

/*
 * What a scrub takes.
 *
 * Arg0: buffer of the word
 * Arg1: where its value begins
 * Return: 0, or 1 if it is not understood.
 */
Method (YARS, 2)
{
	If (YNUM (Arg0, Arg1)) { Return (1) }
	If (YEND != SizeOf (Arg0) || YVAL > ARS_LONGEST) { Return (1) }
	AMSG = YVAL
	Return (0)
}

/*
 * Arg2, a mark, of the DIMMs in a list; as YARS.
 */
Method (YMAR, 3)
{
	If (YHDL (Arg0, Arg1)) { Return (1) }
	Local0 = DerefOf (YLST [0])
	Local1 = SizeOf (Local0)
	While (Local1)
	{
		Local1--
		NMRK (XNTH (Local0, Local1), Arg2)
	}
	Return (0)
}

/*
 * A part of who a DIMM is, Arg2 in YWHO: handle, colon, number; as YARS.
 */
Method (YIDE, 3)
{
	If (YHAN (Arg0, Arg1)) { Return (1) }
	Local0 = YVAL
	If (YEND == SizeOf (Arg0)) { Return (1) }
	If (ToInteger (Mid (Arg0, YEND, 1)) != COLON) { Return (1) }
	If (YNUM (Arg0, YEND + 1)) { Return (1) }
	If (YEND != SizeOf (Arg0)) { Return (1) }
	Local1 = DerefOf (YWHO [Arg2 + 2])
	If (Local1 == 2 && YVAL > 0xFFFF) { Return (1) }
	Return (NWHO (Local0, DerefOf (YWHO [Arg2 + 1]), Local1, YVAL))
}

/*
 * An interleave set: two handles at least, each in no other set; as YARS.
 */
Method (YSET, 2)
{
	If (XNUM == SETS_MAX) { Return (1) }
	If (YHDL (Arg0, Arg1)) { Return (1) }
	XLST [XNUM] = Buffer (0) {}
	Local0 = DerefOf (YLST [0])
	Local1 = SizeOf (Local0)
	If (Local1 < 2) { Return (1) }
	Local2 = 0
	While (Local2 < Local1)
	{
		XBYT = XNTH (Local0, Local2)
		If (XHAS (XBYT)) { Return (1) }
		XLST [XNUM] = Concatenate (DerefOf (XLST [XNUM]), XONE)
		Local2++
	}
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
