// SPDX-License-Identifier: GPL-2.0
/*
 * NVDIMM root device with address range scrub and error injection, for QEMU.
 *
 * Given to an unmodified QEMU with -acpitable.  QEMU's own root device, which
 * answers label functions only, is hidden; the one published here answers the
 * functions of ACPI 6.5 section 9.19.7 (9.20.7 in ACPI 6.2), and forwards
 * _FIT and the label functions to it.  Nothing of QEMU's is defined anew.
 *
 * What a line in front of this file can define (iasl -D takes no value, and what
 * includes this file compiles to nothing):
 *
 *	ARS_RECORDS	error records that one Query ARS Status returns
 *			(default 10240; Linux 6.1 drops what comes after an
 *			overflow, see README.md)
 *	LATENT_MAX	ranges injected without notification that are remembered
 *			as not yet found by a scrub, a DIMM (default 32)
 *	FIRMWARE_TIME	how long a DIMM takes to verify an image of firmware, in
 *			units of 100 ns (default: a quarter of a second)
 *	OVERWRITE_TIME	how long one is overwritten, in the same units (default: two
 *			seconds)
 *
 * Rules that hold in every file included here:
 *
 * - Integers are 32 bits wide, because the revision of QEMU's DSDT is 1 and
 *   that of this table does not count; acpiexec runs the same code with 64
 *   bits.  So no value may need more than 32 bits, and whatever may have
 *   carried or borrowed is cut with LO32.
 * - && and || evaluate both sides: a guard is an If around what it guards.
 * - A Buffer stored to a Name keeps the length of that Name; a Local or an
 *   element of a Package takes the length of what is stored.
 * - A Local copies what is stored in it.  An argument does not: long lists are
 *   passed as arguments, and a Name that is one changes with its argument.
 * - The files are parts of one device scope; README.md lists the names.
 */

#include "poison.h"

#ifndef ARS_RECORDS
#define ARS_RECORDS	10240
#endif
#ifndef LATENT_MAX
#define LATENT_MAX	32
#endif
#ifndef FIRMWARE_TIME
#define FIRMWARE_TIME	2500000
#endif
#ifndef OVERWRITE_TIME
#define OVERWRITE_TIME	20000000
#endif

// the low 32 bits, whatever the width of an Integer
#define LO32		0xFFFFFFFF
// no DIMM, no slot, no end
#define NONE		0xFFFFFFFF

// NFIT device handles that are known: 1..MAX_HANDLE (QEMU: slot + 1)
#define MAX_HANDLE	32
#define HANDLES		33

// ObjectType()
#define OT_INTEGER	1
#define OT_BUFFER	3
#define OT_PACKAGE	4

DefinitionBlock (
	"",			// name of the output file: iasl -p
	"SSDT",
	2,			// revision: 0xFFFFFFFF is no synonym of Ones
	"POISON",		// OEM ID
	"NVDIMMER",		// OEM table ID
	1			// OEM revision
)
{
	External (\_SB.PCI0, DeviceObj)
	External (\_SB.NVDR, DeviceObj)
	// (UUID, revision, function, input package, device handle) -> buffer
	External (\_SB.NVDR.NCAL, MethodObj)
	External (\_SB.NVDR._FIT, MethodObj)
	// a method; called an integer, because iasl would take the name of a method
	// for a call (see HOTP)
	External (\_GPE._E04, IntObj)

	Scope (\_SB.NVDR)
	{
		// neither present nor functional, its methods stay callable
		Method (_STA) { Return (0) }
	}

	Scope (\_SB.PCI0)
	{
		/*
		 * The host bridge's scratchpad data, SKPD of Intel's datasheets of such
		 * bridges: 32 bits that do nothing.  QEMU begins with zeros there; a reset
		 * leaves them, so they tell it from a QEMU that was started anew.  Bit N: the
		 * latch of the DIMM with handle N + 1 was enabled in this one (smart.asl).
		 */
		OperationRegion (NVSK, PCI_Config, 0xDC, 4)
		Field (NVSK, DWordAcc, NoLock, Preserve) { NVON, 32 }
	}

	// prepare to sleep: nothing of QEMU's wants to know
	Method (\_PTS, 1) { \_SB.NVDX.HOFF (Arg0) }

	/*
	 * The ports of the poison device, which no table of QEMU's names: the OS gives them
	 * to nobody else.
	 */
	Device (\_SB.NVPD)
	{
		Name (_HID, EisaId ("PNP0C02"))
		Name (_UID, "nvdimm-poison")
		Name (_CRS, ResourceTemplate ()
		{
			IO (Decode16, POISON_PORT, POISON_PORT, 4, POISON_PORT_SIZE)
		})
		// there, or not there
		Method (_STA)
		{
			If (\_SB.NVDX.PSID == POISON_ID) { Return (0x0B) }
			Return (0)
		}
	}

	Device (\_SB.NVDX)
	{
		Name (_HID, "ACPI0012")

		/*
		 * Every entry from outside (_FIT, _DSM, _LSI, _LSR, _LSW) holds
		 * STMX from its first access to shared state to its last:
		 * 1. check the types of the arguments
		 * 2. Acquire
		 * 3. work, through methods that do not acquire
		 * 4. Release, on every path
		 * 5. return a copy held in a Local
		 */
		Mutex (STMX, 0)

		#include "fit.asl"
		#include "marks.asl"
		#include "set.asl"
		#include "fwcfg.asl"
		#include "clock.asl"
		#include "busy.asl"
		#include "settings.asl"
		#include "label.asl"
		#include "store.asl"
		#include "store-label.asl"
		#include "list.asl"
		#include "store-device.asl"
		#include "latent.asl"
		#include "region.asl"
		#include "dsm.asl"
		#include "scrub.asl"
		#include "dimm.asl"
		#include "smart.asl"
		#include "firmware.asl"
		#include "activate.asl"
		#include "security.asl"
		#include "dimms.asl"
	}
}
