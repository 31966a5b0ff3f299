// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for qemu-configs/acpi/store-device.asl where a test wants the poison device
 * (acpi_with_device in acpi.bash): a device without registers, which keeps its poison by
 * the first back end, and which counts what it erases.
 *
 *	PERN		erased handles, a bit for each
 *	PLKN		locked handles, a bit for each
 *	PERF		what the next PERA returns if it is not 0, and erases nothing
 */

Name (PSID, POISON_ID)
Name (PERN, 0)
Name (PLKN, 0)
Name (PERF, 0)
Name (PSNP, 0)

Method (PCMD, 4)
{
	If (Arg0 == POISON_CMD_PLANT) { Return (LPLT (Arg1, Arg2, Arg3)) }
	If (Arg0 == POISON_CMD_CLEAR) { Return (LCLR (Arg1, Arg2, Arg3)) }
	If (Arg0 == POISON_CMD_PLACE)
	{
		PSNP++
		Return (POISON_ST_OK)
	}
	Return (LHAV (Arg1))
}

Method (PRDY, 1) { Return (LLOD (Arg0)) }
Method (PFND, 3) { Return (LFND (Arg0, Arg1, Arg2)) }
Method (PRNG, 3) { Return (LRNG (Arg0, Arg1, Arg2)) }

Method (PLCK, 2)
{
	PLKN &= ~(1 << Arg0)
	PLKN |= Arg1 << Arg0
}

Method (PERA, 1)
{
	If (PERF) { Return (PERF) }
	PERN |= 1 << Arg0
	Return (POISON_ST_OK)
}
