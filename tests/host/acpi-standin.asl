// SPDX-License-Identifier: GPL-2.0
/*
 * What the ACPI overlay finds in QEMU, for acpiexec: the root device NVDR with
 * the method NCAL, which does label functions (here on a buffer for each DIMM),
 * and _FIT; and the handler of the hot-plug event.
 *
 * A line in front of this file defines REVISION: 1 for Integers of 32 bits, as
 * in QEMU, or 2 for 64.
 *
 * For the tests, in the root scope:
 *
 *	POKE (handle, offset, bytes)	change a label area; not across 128 KiB
 *	PEEK (handle, offset, length)	look at one
 *	DIES (n, bytes)		the machine dies in the label write after the
 *				next n: of that, only the first bytes are done
 *	GIVE (n)		the interpreter gives up in the label call after the
 *				next n, as it does where a loop takes too long
 *	RDON (1 or 0)		label areas cannot be written, or can
 *	BOOT ()			the overlay knows nothing any more, as after a
 *				reset; the label areas live on
 *	KILL ()			the same of a QEMU that is started anew
 *	PLUG ()			general-purpose event 4
 *	LATE (ms)		that much time goes by, where a test has its own
 *	FITX (bytes)		append to the NFIT
 *	DOOP (function, start, count)   call the root device for granules of DIMM 1
 *	CUTS (before, op, n, bytes)   on an empty DIMM 1 do what is in before (9
 *				bytes each: function, start, count), then op with
 *				DIES (n, bytes), BOOT, poison granules 0x8000 to
 *				0x8003, BOOT, and return the injection status
 *	SEND (context, offset, length, n)   send n pieces of zeros of that length to
 *				NV00, as of firmware; the last status
 *	ERAS ()			handles that the stand-in of the device has erased, a bit for
 *				each; ERAF (n): its next erasures fail with n
 *	LCKD ()			handles that it has locked, a bit for each
 *	FILL (n, step)		poison the first 4 granules of n pages of DIMM 1, in
 *				steps of step pages, modulo n
 */
DefinitionBlock ("", "DSDT", REVISION, "POISON", "STANDIN", 1)
{
	External (\_SB.NVDX.LSTA, BuffObj)
	External (\_SB.NVDX.SOPD, IntObj)
	External (\_SB.NVDX.HSTA, BuffObj)
	External (\_SB.NVDX._DSM, MethodObj)
	External (\_SB.NVDX.NV00._DSM, MethodObj)
	External (\_SB.PCI0.NVON, IntObj)
	External (\_SB.NVDX.PERN, IntObj)
	External (\_SB.NVDX.PERF, IntObj)
	External (\_SB.NVDX.PLKN, IntObj)
	External (\_SB.NVDX.TICK, IntObj)

	Device (\_SB.PCI0) { Name (_HID, EisaId ("PNP0A08")) }

	Scope (\_GPE)
	{
		Method (_E04) { Notify (\_SB.NVDR, 0x80) }
	}

	Method (PLUG) { \_GPE._E04 () }
	Method (LATE, 1) { \_SB.NVDX.TICK += Arg0 * 10000 }
	Method (IDLE) { Sleep (300) }

	/*
	 * The DIMMs: handle, address and length (low, high dword), size of the
	 * label area.
	 * 1, 2: adjacent, above 4 GiB
	 * 3: above 1 TiB, a list of 4 slots
	 * 4: longer than a list can name, no list behind its labels
	 * 5: begins at DPA 0xF8000000 + 0xF0000000
 * 5, 8: adjacent at and across boundaries of 4 GiB, above 1 TiB
	 * 6: no label area
	 * 7: header of a list, but room for no slot
	 * 32: the last handle that is known; 33 is not
	 */
	Name (DIMM, Package ()
	{
		Package () { 1, 0x00000000, 0x001, 0x10000000, 0x00, 0x24000 },
		Package () { 2, 0x10000000, 0x001, 0x10000000, 0x00, 0x40000 },
		Package () { 3, 0x00000000, 0x140, 0x00000000, 0x10, 0x20080 },
		Package () { 4, 0x00000000, 0x200, 0x00000000, 0x80, 0x20000 },
		Package () { 5, 0xF0000000, 0x300, 0x20000000, 0x00, 0x40000 },
		Package () { 6, 0x00000000, 0x310, 0x10000000, 0x00, 0 },
		Package () { 7, 0x00000000, 0x320, 0x10000000, 0x00, 0x20040 },
		Package () { 8, 0x10000000, 0x301, 0x20000000, 0x01, 0x40000 },
		Package () { 32, 0x00000000, 0x400, 0x01000000, 0x00, 0x40000 },
		Package () { 33, 0x00000000, 0x500, 0x10000000, 0x00, 0x40000 },
	})

	// label areas, by handle: the first 128 KiB, and what is behind them
	Name (AREA, Package (34) {})
	Name (BACK, Package (34) {})
	// life of the machine: label writes left, bytes of the one that kills it
	Name (LIFE, 0xFFFFFFFF)
	Name (LAST, 0)
	// label calls left before the interpreter gives up
	Name (GIVN, 0xFFFFFFFF)
	// label areas cannot be written
	Name (READ, 0)
	// input of the last call: QEMU takes it again if there is none
	Name (OLDI, Package (1) {})
	// what FITX appended
	Name (MORE, Package (1) {})

	Method (_INI)
	{
		OLDI [0] = Buffer (8) {}
		MORE [0] = Buffer (0) {}
		Local0 = 0
		While (Local0 < SizeOf (DIMM))
		{
			Local1 = DerefOf (DerefOf (DIMM [Local0]) [5])
			Local2 = DerefOf (DerefOf (DIMM [Local0]) [0])
			BACK [Local2] = Buffer (0) {}
			If (Local1 > 0x20000)
			{
				Local1 -= 0x20000
				BACK [Local2] = Buffer (Local1) {}
				Local1 = 0x20000
			}
			AREA [Local2] = Buffer (Local1) {}
			Local0++
		}
	}

	// a buffer with bytes at an offset replaced
	Method (REPL, 3)
	{
		Local0 = Concatenate (Mid (Arg0, 0, Arg1), Arg2)
		Return (Concatenate (Local0, Mid (Arg0, Arg1 + SizeOf (Arg2), SizeOf (Arg0))))
	}

	Method (POKE, 3)
	{
		If (Arg1 >= 0x20000) { BACK [Arg0] = REPL (DerefOf (BACK [Arg0]), Arg1 - 0x20000, Arg2) }
		Else { AREA [Arg0] = REPL (DerefOf (AREA [Arg0]), Arg1, Arg2) }
	}

	Method (PEEK, 3)
	{
		If (Arg1 >= 0x20000) { Return (Mid (DerefOf (BACK [Arg0]), Arg1 - 0x20000, Arg2)) }
		Return (Mid (DerefOf (AREA [Arg0]), Arg1, Arg2))
	}

	Method (DIES, 2)
	{
		LIFE = Arg0
		LAST = Arg1
	}

	Method (GIVE, 1) { GIVN = Arg0 }

	Method (RDON, 1) { READ = Arg0 }

	Method (BOOT)
	{
		LIFE = 0xFFFFFFFF
		\_SB.NVDX.LSTA = Buffer (33) {}
		\_SB.NVDX.SOPD = 0
		\_SB.NVDX.HSTA = Buffer (33) {}
	}

	Method (KILL)
	{
		\_SB.PCI0.NVON = 0
		BOOT ()
	}

	Method (ERAS) { Return (\_SB.NVDX.PERN) }
	Method (LCKD) { Return (\_SB.NVDX.PLKN) }
	Method (ERAF, 1) { \_SB.NVDX.PERF = Arg0 }

	Method (FITX, 1)
	{
		MORE [0] = Concatenate (DerefOf (MORE [0]), Arg0)
	}

	// input of DOOP, no options
	Name (OPIN, Buffer (17) {})
	CreateDWordField (OPIN, 0, OPAL)
	CreateDWordField (OPIN, 4, OPAH)
	CreateDWordField (OPIN, 8, OPLE)
	Name (OPAR, Package (1) {})

	Method (DOOP, 3)
	{
		OPAL = Arg1 << 6
		OPAH = 1
		OPLE = Arg2 << 6
		OPAR [0] = OPIN
		Return (\_SB.NVDX._DSM (ToUUID ("2F10E7A4-9E91-11E4-89D3-123B93F75CBA"), 1, Arg0, OPAR))
	}

	// what Send Data has in front of its data
	Name (SNIN, Buffer (12) {})
	CreateDWordField (SNIN, 0, SNCX)
	CreateDWordField (SNIN, 4, SNOF)
	CreateDWordField (SNIN, 8, SNLN)

	Method (SEND, 4)
	{
		SNCX = Arg0
		SNOF = Arg1
		SNLN = Arg2
		Local0 = Arg3
		While (Local0)
		{
			OPAR [0] = Concatenate (SNIN, Buffer (Arg2) {})
			Local1 = \_SB.NVDX.NV00._DSM (ToUUID ("4309AC30-0D11-11E4-9191-0800200C9A66"), 2, 14, OPAR)
			SNOF += Arg2
			Local0--
		}
		Return (Local1)
	}

	Method (DOER, 2)
	{
		DOOP (ToInteger (Mid (Arg0, Arg1, 1)), ToInteger (Mid (Arg0, Arg1 + 1, 4)),
			ToInteger (Mid (Arg0, Arg1 + 5, 4)))
	}

	Method (FILL, 2)
	{
		Local0 = 0
		While (Local0 < Arg0)
		{
			DOOP (7, ((Local0 * Arg1) % Arg0) << 6, 4)
			Local0++
		}
	}

	Method (CUTS, 4)
	{
		BACK [1] = Buffer (0x4000) {}
		BOOT ()
		Local0 = 0
		While (Local0 < SizeOf (Arg0))
		{
			DOER (Arg0, Local0)
			Local0 += 9
		}
		If (ToInteger (PEEK (1, 0x20000, 4)))
		{
			// what is behind the last slot in use may be anything
			Local0 = 0x20040 + (ToInteger (PEEK (1, 0x20014, 4)) << 4)
			Local1 = Local0 + 128
			While (Local0 < Local1)
			{
				POKE (1, Local0, Buffer () { 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5,
					 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5 })
				Local0 += 16
			}
		}
		DIES (Arg2, Arg3)
		DOER (Arg1, 0)
		BOOT ()
		DOOP (7, 0x8000, 4)
		BOOT ()
		Return (DOOP (9, 0, 0))
	}

	Device (\_SB.NVDR)
	{
		Name (_HID, "ACPI0012")

		/*
		 * Arg0: UUID
		 * Arg1: revision
		 * Arg2: function
		 * Arg3: package of an input buffer; else the last one is taken
		 * Arg4: device handle
		 */
		Method (NCAL, 5)
		{
			If (Arg0 != ToUUID ("4309AC30-0D11-11E4-9191-0800200C9A66"))
			{
				If (Arg2 == 0) { Return (Buffer (1) { 0 }) }
				Return (Buffer (1) { 1 })
			}
			If (ObjectType (Arg3) == 4)
			{
				If (SizeOf (Arg3) == 1) { OLDI [0] = DerefOf (Arg3 [0]) }
			}
			If (Arg1 != 1) { Return (Buffer (4) { 1 }) }
			Local0 = SizeOf (DerefOf (AREA [Arg4])) + SizeOf (DerefOf (BACK [Arg4]))
			If (Local0 == 0)
			{
				If (Arg2 == 0) { Return (Buffer (4) {}) }
				Return (Buffer (4) { 1 })
			}
			If (Arg2 == 0) { Return (Buffer (4) { 0x71 }) }
			If (Arg2 == 4) { Return (SIZE (Local0)) }
			If (Arg2 != 5 && Arg2 != 6) { Return (Buffer (4) { 1 }) }
			If (GIVN == 0)
			{
				Local3 = GIVN
				GIVN = 0xFFFFFFFF
				Local3 = 1 % Local3
			}
			If (GIVN != 0xFFFFFFFF) { GIVN-- }

			Local1 = ToInteger (Mid (DerefOf (OLDI [0]), 0, 4))
			Local2 = ToInteger (Mid (DerefOf (OLDI [0]), 4, 4))
			If (Local1 > Local0 || Local2 > 4076) { Return (Buffer (4) { 3 }) }
			If (Local2 > Local0 - Local1) { Return (Buffer (4) { 3 }) }
			If (Arg2 == 5)
			{
				Return (Concatenate (Buffer (4) {}, PEEK (Arg4, Local1, Local2)))
			}
			If (READ) { Return (Buffer (4) { 3 }) }
			WRIT (Arg4, Local1, Mid (Concatenate (DerefOf (OLDI [0]), Buffer (4084) {}), 8, Local2))
			Return (Buffer (4) {})
		}

		/*
		 * Output of function 4 for an area of Arg0 bytes.
		 */
		Method (SIZE, 1, Serialized)
		{
			Name (OUTB, Buffer (12) { 0, 0, 0, 0, 0, 0, 0, 0, 0xEC, 0x0F, 0, 0 })
			CreateDWordField (OUTB, 4, OUTS)
			OUTS = Arg0
			Return (OUTB)
		}

		/*
		 * A label write: handle, offset, bytes.
		 */
		Method (WRIT, 3)
		{
			If (LIFE == 0xFFFFFFFF)
			{
				POKE (Arg0, Arg1, Arg2)
			}
			ElseIf (LIFE)
			{
				LIFE--
				POKE (Arg0, Arg1, Arg2)
			}
			ElseIf (LAST)
			{
				POKE (Arg0, Arg1, Mid (Arg2, 0, LAST))
				LAST = 0
			}
		}

		Method (_FIT, 0, Serialized)
		{
			// range structure: index 4, base 32, length 40
			Name (SPAB, Buffer (56) { 0, 0, 56, 0 })
			CreateWordField (SPAB, 4, SPAI)
			CreateField (SPAB, 128, 128, SPAG)
			CreateDWordField (SPAB, 32, SPAL)
			CreateDWordField (SPAB, 36, SPAH)
			CreateDWordField (SPAB, 40, SPLL)
			CreateDWordField (SPAB, 44, SPLH)
			// mapping structure: handle 4, range index 12, offset 24, DPA base 32
			Name (MAPB, Buffer (48) { 1, 0, 48, 0 })
			CreateDWordField (MAPB, 4, MAPH)
			CreateWordField (MAPB, 12, MAPI)
			CreateDWordField (MAPB, 24, MAPO)
			CreateDWordField (MAPB, 32, MAPD)
			SPAG = ToUUID ("66F0D379-B4F3-4074-AC43-0D3318B78CDB")
			Local0 = 0
			Local1 = Buffer (0) {}
			While (Local0 < SizeOf (DIMM))
			{
				MAPH = DerefOf (DerefOf (DIMM [Local0]) [0])
				SPAI = MAPH + 1
				MAPI = MAPH + 1
				MAPO = 0
				MAPD = 0
				If (MAPH == 5)
				{
					MAPO = 0xF0000000
					MAPD = 0xF8000000
				}
				SPAL = DerefOf (DerefOf (DIMM [Local0]) [1])
				SPAH = DerefOf (DerefOf (DIMM [Local0]) [2])
				SPLL = DerefOf (DerefOf (DIMM [Local0]) [3])
				SPLH = DerefOf (DerefOf (DIMM [Local0]) [4])
				Local1 = Concatenate (Local1, SPAB)
				Local1 = Concatenate (Local1, MAPB)
				Local0++
			}
			Return (Concatenate (Local1, DerefOf (MORE [0])))
		}
	}
}
