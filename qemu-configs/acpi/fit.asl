// SPDX-License-Identifier: GPL-2.0
/*
 * The NFIT: had from QEMU, and read for where each DIMM lies.
 *
 * A DIMM is known by its NFIT device handle, which is also its index in the
 * tables below.  Addresses are two dwords, low and high.
 */

// NFIT structures, ACPI 6.5 section 5.2.26 (5.2.25 before 6.5): type, length, then
#define NFIT_HEADER		4
// 5.2.26.2, System Physical Address (SPA) Range Structure
#define NFIT_SPA		0
#define NFIT_SPA_SIZE		56
#define SPA_INDEX		4
#define SPA_GUID		16
#define SPA_BASE		32
#define SPA_LENGTH		40
// 5.2.26.3, NVDIMM Region Mapping Structure
#define NFIT_MAP		1
#define NFIT_MAP_SIZE		48
#define MAP_HANDLE		4
#define MAP_SPA_INDEX		12
#define MAP_CONTROL		14
#define MAP_OFFSET		24
#define MAP_DPA			32
#define MAP_STATE		44
// its table "NVDIMM State Flags"
#define NFIT_SAVE_FAILED	0x01
#define NFIT_RESTORE_FAILED	0x02
#define NFIT_FLUSH_FAILED	0x04
#define NFIT_NOT_ARMED		0x08
#define NFIT_HEALTH_OBSERVED	0x10
#define NFIT_MAP_FAILED		0x40
// 5.2.26.5, NVDIMM Control Region Structure; that of a DIMM without block windows
#define NFIT_CONTROL		4
#define NFIT_CONTROL_SIZE	32
#define CONTROL_INDEX		4

// ACPI 6.5 section 5.6.6, table "NVDIMM Root Device Notification Values": NFIT update
#define NOTIFY_UPDATE		0x80

// highest handle in use, 0 as long as no NFIT was read
Name (NDIM, 0)
// base of its region's system physical addresses (set.asl); length of that, of a set the
// head's alone has it
Name (DBLO, Package (HANDLES) {})
Name (DBHI, Package (HANDLES) {})
Name (DLLO, Package (HANDLES) {})
Name (DLHI, Package (HANDLES) {})
// granules of it that a list can name
Name (DGRN, Package (HANDLES) {})
// DIMM physical address of its first byte
Name (DPLO, Package (HANDLES) {})
Name (DPHI, Package (HANDLES) {})

// index of its range structure, NONE if there is no such DIMM
Name (DSPA, Package (HANDLES) {})

// the range structures found: index, byte offset in the NFIT
Name (FITI, Package (HANDLES) {})
Name (FITO, Package (HANDLES) {})

/*
 * Hot-plug.  QEMU raises general-purpose event 4, and its handler notifies the
 * device that is hidden, for which no driver listens.  Nothing can be had from
 * that but by a handler that notifies ours, and ACPICA takes the first one that
 * it finds for an event.  So ours is copied over QEMU's, once and at run time:
 * an operation on the object, no second definition of it.
 */
Method (HOTP)
{
	Notify (\_SB.NVDX, NOTIFY_UPDATE)
}

Method (_INI)
{
	If (CondRefOf (\_GPE._E04)) { CopyObject (DerefOf (RefOf (HOTP)), \_GPE._E04) }
}

/*
 * The NFIT, as Linux and others ask for it (ACPI 6.5 section 6.5.9): QEMU's, as the settings
 * want it.
 */
Method (_FIT, 0, Serialized)
{
	Acquire (STMX, 0xFFFF)
	Local0 = FITR ()
	Release (STMX)
	Return (Local0)
}

/*
 * Read QEMU's NFIT and what is where; STMX is held.
 *
 * Return: the NFIT as it is with interleave sets (set.asl) and marks (marks.asl).
 */
Method (FITR)
{
	SINI ()
	YGET ()
	Local0 = \_SB.NVDR._FIT ()
	FITP (Local0)
	XAPP ()
	If (XNUM == 0 && NANY == 0) { Return (Local0) }
	Return (FITW (Local0))
}

/*
 * The NFIT, Arg0, with each structure as it is to be.
 */
Method (FITW, 1)
{
	Local1 = SizeOf (Arg0)
	Local2 = Buffer (0) {}
	Local0 = 0
	While (Local0 + NFIT_HEADER <= Local1)
	{
		Local3 = ToInteger (Mid (Arg0, Local0, 2))
		Local4 = ToInteger (Mid (Arg0, Local0 + 2, 2))
		If (Local4 < NFIT_HEADER || Local4 > Local1 - Local0) { Break }
		Local5 = Mid (Arg0, Local0, Local4)
		If (Local3 == NFIT_SPA && Local4 >= NFIT_SPA_SIZE)
		{
			Local5 = NSPA (Local5)
			If (SizeOf (Local5)) { Local5 = XSPA (Local5) }
		}
		ElseIf (Local3 == NFIT_MAP && Local4 >= NFIT_MAP_SIZE)
		{
			Local5 = NMAP (XMAP (Local5))
		}
		ElseIf (Local3 == NFIT_CONTROL && Local4 >= NFIT_CONTROL_SIZE)
		{
			Local5 = NCNT (Local5)
		}
		Local2 = Concatenate (Local2, Local5)
		Local0 += Local4
	}
	Local2 = Concatenate (Local2, XINT ())
	Return (Concatenate (Local2, Mid (Arg0, Local0, Local1)))
}

/*
 * Find the DIMMs in an NFIT.  A range that is no persistent memory, is not
 * whole, or is mapped by other than one DIMM with a handle up to MAX_HANDLE
 * (QEMU knows no interleave sets; set.asl makes them afterwards) stays unknown.
 *
 * Arg0: buffer of NFIT structures
 */
Method (FITP, 1, Serialized)
{
	Local0 = 0
	While (Local0 < HANDLES)
	{
		DBLO [Local0] = 0
		DBHI [Local0] = 0
		DLLO [Local0] = 0
		DLHI [Local0] = 0
		DGRN [Local0] = 0
		FITI [Local0] = NONE
		DSPA [Local0] = NONE
		NCTL [Local0] = NONE
		Local0++
	}
	NDIM = 0

	Local1 = SizeOf (Arg0)
	Local2 = 0			// ranges found
	Local0 = 0
	While (Local0 + NFIT_HEADER <= Local1)
	{
		Local3 = ToInteger (Mid (Arg0, Local0, 2))
		Local4 = ToInteger (Mid (Arg0, Local0 + 2, 2))
		If (Local4 < NFIT_HEADER || Local4 > Local1 - Local0) { Break }
		If (Local3 == NFIT_SPA && Local4 >= NFIT_SPA_SIZE && Local2 < HANDLES)
		{
			FITI [Local2] = ToInteger (Mid (Arg0, Local0 + SPA_INDEX, 2))
			FITO [Local2] = Local0
			Local2++
		}
		Local0 += Local4
	}

	Local0 = 0
	While (Local0 + NFIT_HEADER <= Local1)
	{
		Local3 = ToInteger (Mid (Arg0, Local0, 2))
		Local4 = ToInteger (Mid (Arg0, Local0 + 2, 2))
		If (Local4 < NFIT_HEADER || Local4 > Local1 - Local0) { Break }
		If (Local3 == NFIT_MAP && Local4 >= NFIT_MAP_SIZE)
		{
			Local5 = ToInteger (Mid (Arg0, Local0 + MAP_SPA_INDEX, 2))
			Local6 = Match (FITI, MEQ, Local5, MTR, 0, 0)
			If (Local6 != Ones)
			{
				FITM (Arg0, DerefOf (FITO [Local6]), Local0)
			}
		}
		Local0 += Local4
	}
}

/*
 * Enter one DIMM.
 *
 * Arg0: buffer of NFIT structures
 * Arg1: offset of the address range structure
 * Arg2: offset of the mapping structure
 */
Method (FITM, 3, Serialized)
{
	If (Mid (Arg0, Arg1 + SPA_GUID, 16) != ToUUID ("66F0D379-B4F3-4074-AC43-0D3318B78CDB"))
	{
		Return
	}
	Local0 = ToInteger (Mid (Arg0, Arg2 + MAP_HANDLE, 4))
	If (Local0 == 0 || Local0 > MAX_HANDLE) { Return }

	NCTL [Local0] = ToInteger (Mid (Arg0, Arg2 + MAP_CONTROL, 2))
	Local1 = ToInteger (Mid (Arg0, Arg1 + SPA_LENGTH, 4))
	Local2 = ToInteger (Mid (Arg0, Arg1 + SPA_LENGTH + 4, 4))
	DSPA [Local0] = ToInteger (Mid (Arg0, Arg1 + SPA_INDEX, 2))
	DBLO [Local0] = ToInteger (Mid (Arg0, Arg1 + SPA_BASE, 4))
	DBHI [Local0] = ToInteger (Mid (Arg0, Arg1 + SPA_BASE + 4, 4))
	DLLO [Local0] = Local1
	DLHI [Local0] = Local2
	If (Local2 < 64) { DGRN [Local0] = (Local2 << 26) | (Local1 >> POISON_GRANULE_SHIFT) }
	Else { DGRN [Local0] = LO32 }

	// the region's DPA base plus the mapping's offset into the region
	Local3 = ToInteger (Mid (Arg0, Arg2 + MAP_DPA, 4))
	Local4 = (Local3 + ToInteger (Mid (Arg0, Arg2 + MAP_OFFSET, 4))) & LO32
	Local5 = ToInteger (Mid (Arg0, Arg2 + MAP_DPA + 4, 4))
	Local5 += ToInteger (Mid (Arg0, Arg2 + MAP_OFFSET + 4, 4))
	If (Local4 < Local3) { Local5++ }
	DPLO [Local0] = Local4
	DPHI [Local0] = Local5 & LO32

	If (Local0 > NDIM) { NDIM = Local0 }
	// it has its granules and no address: LOOK does not find it, and no set is next to it
	If (NHAS (Local0, NFIT_MAP_FAILED))
	{
		DBLO [Local0] = LO32
		DBHI [Local0] = LO32
		DLLO [Local0] = 0
		DLHI [Local0] = 0
	}
}

// results of LOOK: offset in the region, bytes from there to its end
Name (OFLO, 0)
Name (OFHI, 0)
Name (RMLO, 0)
Name (RMHI, 0)

/*
 * Which region holds an address?
 *
 * Arg0, Arg1: system physical address, low and high dword
 * Return: the handle of its head, and OFxx and RMxx are set; or NONE.
 */
Method (LOOK, 2)
{
	Local0 = 1
	While (Local0 <= NDIM)
	{
		Local1 = DerefOf (DBLO [Local0])
		Local2 = DerefOf (DBHI [Local0])
		If (Arg1 > Local2 || (Arg1 == Local2 && Arg0 >= Local1))
		{
			OFLO = (Arg0 - Local1) & LO32
			OFHI = Arg1 - Local2
			If (Arg0 < Local1) { OFHI-- }
			Local1 = DerefOf (DLLO [Local0])
			Local2 = DerefOf (DLHI [Local0])
			If (OFHI < Local2 || (OFHI == Local2 && OFLO < Local1))
			{
				RMLO = (Local1 - OFLO) & LO32
				RMHI = Local2 - OFHI
				If (Local1 < OFLO) { RMHI-- }
				Return (Local0)
			}
		}
		Local0++
	}
	Return (NONE)
}
