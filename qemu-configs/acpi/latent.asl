// SPDX-License-Identifier: GPL-2.0
/*
 * Latent poison: injected without notification, and in no scrub since.  A
 * scrub that is to return the results of the last one (ACPI 6.5 section
 * 9.19.7.5, "Start ARS - Input Buffer", flags bit 1) leaves it out.
 *
 * It is remembered for LATENT_MAX ranges a DIMM, and until the guest is reset:
 * whatever is forgotten counts as found.  What is injected again without
 * notification counts as latent again.
 *
 * STMX is held in all of this.
 */

// by device handle: entries like those of store-label.asl, without slots
Name (ZENT, Package (HANDLES) {})
Name (ZNEB, Buffer (LE_SIZE) {})
CreateDWordField (ZNEB, 0, ZNST)
CreateDWordField (ZNEB, LE_END, ZNEN)

/*
 * Begin: nothing is latent.
 */
Method (ZINI)
{
	Local0 = 0
	While (Local0 < HANDLES)
	{
		ZENT [Local0] = Buffer (0) {}
		Local0++
	}
}

/*
 * Forget what overlaps a range: device handle, first granule, behind the last.
 */
Method (ZDRP, 3)
{
	If (SizeOf (DerefOf (ZENT [Arg0])) == 0) { Return }
	Local0 = LSRC (DerefOf (ZENT [Arg0]), Arg1)
	Local1 = LBEF (DerefOf (ZENT [Arg0]), Arg2)
	ZENT [Arg0] = LSPL (DerefOf (ZENT [Arg0]), Local0, Local1, Buffer (0) {})
}

/*
 * Remember a range: device handle, first granule, behind the last.
 */
Method (ZADD, 3)
{
	ZNST = Arg1
	ZNEN = Arg2
	Local0 = LSRC (DerefOf (ZENT [Arg0]), Arg1)
	Local1 = LBEF (DerefOf (ZENT [Arg0]), Arg2)
	If (Local0 < Local1)
	{
		Local2 = LDWD (DerefOf (ZENT [Arg0]), Local0)
		If (Local2 < Arg1) { ZNST = Local2 }
		Local2 = LDWD (DerefOf (ZENT [Arg0]), Local1 - LE_SIZE + LE_END)
		If (Local2 > Arg2) { ZNEN = Local2 }
	}
	Local2 = LSPL (DerefOf (ZENT [Arg0]), Local0, Local1, ZNEB)
	If (SizeOf (Local2) > LATENT_MAX * LE_SIZE)
	{
		Local2 = Mid (Local2, LE_SIZE, LATENT_MAX * LE_SIZE)
	}
	ZENT [Arg0] = Local2
}

/*
 * SRNG, without what is latent.
 */
Method (ZRNG, 3)
{
	Local0 = Arg1
	Local1 = SizeOf (DerefOf (ZENT [Arg0]))
	Local2 = 0
	If (Local1) { Local2 = LSRC (DerefOf (ZENT [Arg0]), Arg1) }
	While (Local2 < Local1)
	{
		Local3 = LDWD (DerefOf (ZENT [Arg0]), Local2)
		If (Local3 >= Arg2) { Break }
		Local4 = SRNG (Arg0, Local0, Local3)
		If (Local4) { Return (Local4) }
		Local0 = LDWD (DerefOf (ZENT [Arg0]), Local2 + LE_END)
		Local2 += LE_SIZE
	}
	Return (SRNG (Arg0, Local0, Arg2))
}
