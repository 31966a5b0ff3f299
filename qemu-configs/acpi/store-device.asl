// SPDX-License-Identifier: GPL-2.0
/*
 * Store, second back end: the registers of the poison device (poison.h), which
 * has the list and makes it bite.
 *
 * STMX is held: a command is several accesses.
 */

OperationRegion (PSRG, SystemIO, POISON_PORT, POISON_PORT_SIZE)
Field (PSRG, DWordAcc, NoLock, Preserve)
{
	Offset (POISON_REG_ID),
	PSID, 32,		// POISON_ID, all ones if there is no device
	Offset (POISON_REG_COMMAND),
	PSCM, 32,		// POISON_CMD_*, done when the store returns
	Offset (POISON_REG_STATUS),
	PSST, 32,		// POISON_ST_* of the last command
	Offset (POISON_REG_DIMM),
	PSDI, 32,		// NFIT device handle
	Offset (POISON_REG_START),
	PSGR, 32,		// first granule
	Offset (POISON_REG_COUNT),
	PSCO, 32		// granules
}

/*
 * Run a command.
 *
 * Arg0: POISON_CMD_*
 * Arg1: device handle
 * Arg2: first granule
 * Arg3: behind the last granule
 * Return: POISON_ST_*
 */
Method (PCMD, 4)
{
	PSDI = Arg1
	PSGR = Arg2
	PSCO = Arg3 - Arg2
	PSCM = Arg0
	Return (PSST)
}

/*
 * Can the list of the DIMM with handle Arg0 be used?
 */
Method (PRDY, 1)
{
	Local0 = PCMD (POISON_CMD_FIND, Arg0, 0, 1)
	If (Local0 == POISON_ST_NONE) { Return (POISON_ST_OK) }
	Return (Local0)
}

/*
 * Every load from the DIMM with handle Arg0 bites, Arg1 is 1, or not, 0.  A device from before
 * that knows no such command has loads as ever.
 */
Method (PLCK, 2)
{
	PCMD (POISON_CMD_LOCK, Arg0, Arg1, 0)
}

/*
 * Erase all data of the DIMM with handle Arg0.
 *
 * Return: POISON_ST_*
 */
Method (PERA, 1)
{
	PSDI = Arg0
	PSGR = 0
	PSCO = DerefOf (DGRN [Arg0])
	While (PSCO)
	{
		PSCM = POISON_CMD_ERASE
		Local0 = PSST
		If (Local0) { Return (Local0) }
	}
	Return (POISON_ST_OK)
}

/*
 * As SFND.
 */
Method (PFND, 3)
{
	Local0 = PCMD (POISON_CMD_FIND, Arg0, Arg1, Arg2)
	SFST = PSGR
	SFEN = SFST + PSCO
	Return (Local0)
}

/*
 * Add the records of a range to those of SBEG.
 *
 * Arg0: device handle
 * Arg1: first granule
 * Arg2: behind the last granule
 * Return: POISON_ST_OK or what the device said.
 */
Method (PRNG, 3)
{
	PSDI = Arg0
	Local0 = Arg1
	Local1 = POISON_ST_OK
	Local2 = Buffer (0) {}
	While (Local0 < Arg2)
	{
		PSGR = Local0
		PSCO = Arg2 - Local0
		PSCM = POISON_CMD_FIND
		Local1 = PSST
		If (Local1) { Break }
		Local3 = PSGR
		Local0 = Local3 + PSCO
		If (SNUM == ARS_RECORDS)
		{
			SOVR = 1
			SRST = Local3
			Break
		}
		SNUM++
		SMAK (Arg0, Local3, Local0)
		Local2 = Concatenate (Local2, RECB)
		If (SizeOf (Local2) >= SREC_SIZE)
		{
			SREC [0] = Concatenate (DerefOf (SREC [0]), Local2)
			Local2 = Buffer (0) {}
		}
	}
	SREC [0] = Concatenate (DerefOf (SREC [0]), Local2)
	If (Local1 == POISON_ST_NONE) { Return (POISON_ST_OK) }
	Return (Local1)
}
