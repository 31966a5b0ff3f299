// SPDX-License-Identifier: GPL-2.0
/*
 * Security of a DIMM: passphrases, the lock, erasure (NVDIMM DSM Interface, the functions
 * named below, by what Linux has of it: drivers/acpi/nfit/intel.h, whose layouts, states and
 * statuses these are).  Which status is due where that leaves it open is as in Linux's
 * nfit_test (tools/testing/nvdimm/test/nfit.c), and where that has no such thing (the limit
 * of tries, what a locked DIMM refuses) as in the security feature set of ATA, which has
 * the same states, and to which Linux's Documentation/driver-api/nvdimm/security.rst points.
 *
 * What lasts is a record of its own, for which the list of poison gives up its last slots
 * (poison.h): the passphrases.  To set one makes a list, as SMART_LATCH does (smart.asl);
 * where there can be none, or it is too short, these functions are not there.  A start of
 * the guest, a reset or a new QEMU, locks a DIMM that has a passphrase, and ends all else.
 *
 * AML is too slow to erase a DIMM.  The device does it, and without the device the
 * functions that erase are not there.
 *
 * STMX is held in all of this.
 */

#define SEC_STATE		19	/* Get Security State */
#define SEC_SET			20	/* Set Passphrase */
#define SEC_DISABLE		21	/* Disable Passphrase */
#define SEC_UNLOCK		22	/* Unlock Unit */
#define SEC_FREEZE		23	/* Freeze Lock */
#define SEC_ERASE		24	/* Secure Erase, with user passphrase */
#define SEC_OVERWRITE		25	/* Overwrite */
#define SEC_QUERY		26	/* Query Overwrite Status */
#define SEC_MASTER_SET		27	/* Set Master Passphrase */
#define SEC_MASTER_ERASE	28	/* Secure Erase, with master passphrase */

#define SEC_PASS		32	/* bytes of a passphrase */
#define SEC_STATE_SIZE		12

// statuses: not in this state; wrong passphrase.  Extended ones of SEC_QUERY: it goes on;
// there was none
#define SECS_STATE		10
#define SECS_PASS		11
#define SECS_BUSY		0x00010007
#define SECS_SEQUENCE		0x00020007

// states of SEC_STATE; extended ones
#define SEC_ENABLED		0x02
#define SEC_LOCKED		0x04
#define SEC_FROZEN		0x08
#define SEC_LIMIT		0x10
#define SEC_OVERWRITES		0x40
#define SEC_E_ENABLED		0x01
#define SEC_E_LIMIT		0x02

// wrong passphrases until none is taken: those of ATA's SECURITY UNLOCK
#define SEC_TRIES		5

// by device handle: offset of the records in the label area, or 0; what lasts; what
// does not
Name (KOFF, Package (HANDLES) {})
Name (KREC, Package (HANDLES) {})
Name (KNOW, Package (HANDLES) {})

// what lasts of the DIMM that is worked on; the factory's is all zero
Name (KRCB, Buffer (POISON_SECURITY_SIZE) {})
CreateDWordField (KRCB, POISON_SECURITY_CHECK, KRCK)
CreateDWordField (KRCB, POISON_SECURITY_SEQUENCE, KRSQ)
CreateDWordField (KRCB, POISON_SECURITY_FLAGS, KRFL)
CreateField (KRCB, POISON_SECURITY_USER * 8, SEC_PASS * 8, KRUS)
CreateField (KRCB, POISON_SECURITY_MASTER * 8, SEC_PASS * 8, KRMA)

// what does not, of that DIMM
Name (KNWB, Buffer (12) {})
CreateByteField (KNWB, 0, KNLK)			// locked
CreateByteField (KNWB, 1, KNFR)			// frozen
CreateByteField (KNWB, 2, KNUS)			// wrong user passphrases
CreateByteField (KNWB, 3, KNMA)			// wrong master passphrases
CreateByteField (KNWB, 4, KNOV)			// an overwrite was begun
CreateDWordField (KNWB, 8, KNTM)		// and when

// output
Name (KOUT, Buffer (SEC_STATE_SIZE) {})
CreateDWordField (KOUT, 0, KO00)
CreateDWordField (KOUT, 4, KO04)
CreateDWordField (KOUT, 8, KO08)

/*
 * Which of these functions has the DIMM with handle Arg0, as bits of function 0?  HLOD was
 * called.
 */
Method (KBIT, 1)
{
	If (DerefOf (KOFF [Arg0]) == 0) { Return (0) }
	// a DIMM that is longer than granules can name cannot be erased
	If (SDEV == 0 || DerefOf (DGRN [Arg0]) == LO32) { Return (SECURITY_BITS) }
	Return (SECURITY_BITS | ERASE_BITS)
}

/*
 * A function of the DIMM with handle Arg0.  HLOD was called.
 *
 * Arg1: function
 * Arg2: input
 * Return: output.
 */
Method (KDSM, 3)
{
	KRCB = DerefOf (KREC [Arg0])
	KNWB = DerefOf (KNOW [Arg0])
	KOUT = Buffer (SEC_STATE_SIZE) {}
	Local0 = 4			// bytes of output
	If (Arg1 == SEC_STATE)
	{
		KSTA ()
		Local0 = SEC_STATE_SIZE
	}
	ElseIf (Arg1 == SEC_QUERY) { KO00 = KQRY () }
	ElseIf (Arg1 == SEC_FREEZE) { KO00 = KFRZ () }
	ElseIf (Arg1 == SEC_MASTER_SET || Arg1 == SEC_MASTER_ERASE) { KO00 = KMAS (Arg0, Arg1, Arg2) }
	Else { KO00 = KUSR (Arg0, Arg1, Arg2) }
	KREC [Arg0] = KRCB
	KNOW [Arg0] = KNWB
	Return (Mid (KOUT, 0, Local0))
}

/*
 * Is the DIMM in KNWB being overwritten?
 */
Method (KBSY)
{
	If (KNOV == 0) { Return (0) }
	// Timer counts 100 ns, of which a dword keeps the last 7 minutes
	Local0 = (Timer - KNTM) & LO32
	Return (Local0 < OVERWRITE_TIME)
}

/*
 * Get Security State.  The master passphrase is always enabled; the factory's is all
 * zero.
 */
Method (KSTA)
{
	KO04 = SEC_E_ENABLED
	If (KNMA >= SEC_TRIES) { KO04 = SEC_E_ENABLED | SEC_E_LIMIT }
	If (KBSY ())
	{
		KO08 = SEC_OVERWRITES
		Return
	}
	Local0 = 0
	If (KRFL & POISON_SECURITY_ENABLED) { Local0 |= SEC_ENABLED }
	If (KNLK) { Local0 |= SEC_LOCKED }
	If (KNFR) { Local0 |= SEC_FROZEN }
	If (KNUS >= SEC_TRIES) { Local0 |= SEC_LIMIT }
	KO08 = Local0
}

/*
 * Freeze Lock, until the next start.
 *
 * Return: status: SECS_STATE without a passphrase, or while it is overwritten.
 */
Method (KFRZ)
{
	If ((KRFL & POISON_SECURITY_ENABLED) == 0) { Return (SECS_STATE) }
	If (KBSY ()) { Return (SECS_STATE) }
	KNFR = 1
	Return (DST_OK)
}

/*
 * Query Overwrite Status.
 *
 * Return: status: DST_OK, once; SECS_BUSY; SECS_SEQUENCE if nothing was begun.
 */
Method (KQRY)
{
	If (KNOV == 0) { Return (SECS_SEQUENCE) }
	If (KBSY ()) { Return (SECS_BUSY) }
	KNOV = 0
	Return (DST_OK)
}

/*
 * Functions that take the user passphrase.
 *
 * Arg0: device handle
 * Arg1: function
 * Arg2: passphrase; of SEC_SET the old one, all zero where there is none, and the new one
 * Return: status: 3 for input that is short; SECS_STATE if it is frozen or overwritten,
 *	locked (but for SEC_UNLOCK, and what erases), not locked (SEC_UNLOCK), without a
 *	passphrase (SEC_UNLOCK, SEC_DISABLE), or SEC_TRIES were wrong; SECS_PASS; of what
 *	changes it, those of KSAV, and of what erases, 4 if that fails.
 */
Method (KUSR, 3)
{
	Local0 = SEC_PASS
	If (Arg1 == SEC_SET) { Local0 = SEC_PASS * 2 }
	If (SizeOf (Arg2) < Local0) { Return (DST_INVALID) }
	If (KNFR || KBSY ()) { Return (SECS_STATE) }
	If (KNLK && (Arg1 == SEC_SET || Arg1 == SEC_DISABLE)) { Return (SECS_STATE) }
	If (KNLK == 0 && Arg1 == SEC_UNLOCK) { Return (SECS_STATE) }
	Local0 = Mid (Arg2, 0, SEC_PASS)
	If (KRFL & POISON_SECURITY_ENABLED)
	{
		If (KNUS >= SEC_TRIES) { Return (SECS_STATE) }
		If (Local0 != Mid (KRCB, POISON_SECURITY_USER, SEC_PASS))
		{
			KNUS++
			Return (SECS_PASS)
		}
		KNUS = 0
	}
	ElseIf (Arg1 == SEC_DISABLE) { Return (SECS_STATE) }
	ElseIf (Arg1 == SEC_SET)
	{
		If (Local0 != Buffer (SEC_PASS) {}) { Return (SECS_PASS) }
	}
	If (Arg1 == SEC_UNLOCK)
	{
		KLCK (Arg0, 0)
		Return (DST_OK)
	}
	If (Arg1 == SEC_SET)
	{
		KRUS = Mid (Arg2, SEC_PASS, SEC_PASS)
		KRFL |= POISON_SECURITY_ENABLED
		Return (KSAV (Arg0))
	}
	If (Arg1 == SEC_DISABLE) { Return (KFRE (Arg0)) }
	Return (KERA (Arg0, Arg1))
}

/*
 * Functions that take the master passphrase, which never locks anything.
 *
 * Arg0: device handle
 * Arg1: function
 * Arg2: passphrase; of SEC_MASTER_SET the old one and the new one
 * Return: status: as of KUSR, but that a locked DIMM and one without user passphrase
 *	will do.
 */
Method (KMAS, 3)
{
	Local0 = SEC_PASS
	If (Arg1 == SEC_MASTER_SET) { Local0 = SEC_PASS * 2 }
	If (SizeOf (Arg2) < Local0) { Return (DST_INVALID) }
	If (KNFR || KBSY () || KNMA >= SEC_TRIES) { Return (SECS_STATE) }
	If (Mid (Arg2, 0, SEC_PASS) != Mid (KRCB, POISON_SECURITY_MASTER, SEC_PASS))
	{
		KNMA++
		Return (SECS_PASS)
	}
	KNMA = 0
	If (Arg1 == SEC_MASTER_ERASE) { Return (KERA (Arg0, Arg1)) }
	KRMA = Mid (Arg2, SEC_PASS, SEC_PASS)
	Return (KSAV (Arg0))
}

/*
 * Take the user passphrase away from the DIMM with handle Arg0.
 *
 * Return: status, of KSAV.
 */
Method (KFRE, 1)
{
	If (KRFL & POISON_SECURITY_ENABLED)
	{
		KRUS = Buffer (SEC_PASS) {}
		KRFL = 0
		Local0 = KSAV (Arg0)
		If (Local0) { Return (Local0) }
	}
	KLCK (Arg0, 0)
	KNUS = 0
	Return (DST_OK)
}

/*
 * Erase the DIMM with handle Arg0.  Of SEC_OVERWRITE, labels go, too (ndctl-sanitize-dimm's
 * manual), and the user passphrase stays; of the others it goes, when all is erased, so that
 * who dies before leaves a DIMM that is still locked.  So have it nfit_test, and ndctl, which
 * discards its key in the one case and keeps it in the other (ndctl/keys.c,
 * ndctl_dimm_secure_erase_key() and ndctl_dimm_overwrite_key()).  Poison stays where it is.
 *
 * Arg1: function
 * Return: status.
 */
Method (KERA, 2)
{
	If (PERA (Arg0)) { Return (DST_HARDWARE) }
	If (Arg1 != SEC_OVERWRITE) { Return (KFRE (Arg0)) }
	If (LERA (Arg0)) { Return (DST_HARDWARE) }
	KNOV = 1
	KNTM = Timer
	Return (DST_OK)
}

/*
 * The DIMM with handle Arg0 is locked, Arg1 is 1, or unlocked, 0; with the device its loads bite,
 * or do no more.
 */
Method (KLCK, 2)
{
	If (KNLK == Arg1) { Return }
	KNLK = Arg1
	If (SDEV) { PLCK (Arg0, Arg1) }
}

/*
 * May the OS use the DIMM with handle Arg0?
 */
Method (KLKD, 1)
{
	HLOD (Arg0)
	KNWB = DerefOf (KNOW [Arg0])
	If (KNLK) { Return (1) }
	Return (KBSY ())
}

/*
 * Look for the record of a list.
 *
 * Arg0: device handle
 * Arg1: slots of the list
 * Arg2: slots that were ever in use
 * Return: the record, or an empty buffer if there is none.
 */
Method (KRED, 3)
{
	If (Arg1 < POISON_SECURITY_SLOTS + 2) { Return (Buffer (0) {}) }
	Local0 = Arg1 - POISON_SECURITY_SLOTS
	If (Arg2 > Local0) { Return (Buffer (0) {}) }
	Local1 = LRED (Arg0, POISON_LIST_OFFSET + POISON_HDR_SIZE + Local0 * POISON_SLOT_SIZE,
		POISON_SECURITY_SIZE * 2)
	If (SizeOf (Local1) != LABEL_STATUS + POISON_SECURITY_SIZE * 2) { Return (Buffer (0) {}) }
	If (Local1 == Buffer (LABEL_STATUS + POISON_SECURITY_SIZE * 2) {}) { Return (Buffer (0) {}) }
	Local2 = Mid (Local1, LABEL_STATUS, POISON_SECURITY_SIZE)
	Local3 = Mid (Local1, LABEL_STATUS + POISON_SECURITY_SIZE, POISON_SECURITY_SIZE)
	If (LDWD (Local2, POISON_SECURITY_CHECK) != KSUM (Local2)) { Local2 = Buffer (0) {} }
	If (LDWD (Local3, POISON_SECURITY_CHECK) != KSUM (Local3)) { Return (Local2) }
	If (SizeOf (Local2) == 0) { Return (Local3) }
	If (LDWD (Local2, POISON_SECURITY_SEQUENCE) > LDWD (Local3, POISON_SECURITY_SEQUENCE))
	{
		Return (Local2)
	}
	Return (Local3)
}

/*
 * The check word of the record Arg0.
 */
Method (KSUM, 1)
{
	Local0 = POISON_SECURITY_ADD
	Local1 = POISON_SECURITY_SEQUENCE
	While (Local1 < POISON_SECURITY_SIZE)
	{
		Local0 += ToInteger (Mid (Arg0, Local1, 4))
		Local1 += 4
	}
	Return (Local0 & LO32)
}

/*
 * The DIMM with handle Arg0 starts, and HOPN has seen its list.
 *
 * Arg1: slots that the list has, or would have; fewer if it has none
 * Arg2: slots that were ever in use
 * Arg3: there is a list
 */
Method (KLOD, 4)
{
	KOFF [Arg0] = 0
	KRCB = Buffer (POISON_SECURITY_SIZE) {}
	KNWB = Buffer (12) {}
	If (Arg1 >= POISON_SECURITY_SLOTS + 2)
	{
		KOFF [Arg0] = POISON_LIST_OFFSET + POISON_HDR_SIZE +
			(Arg1 - POISON_SECURITY_SLOTS) * POISON_SLOT_SIZE
		If (Arg3)
		{
			Local0 = KRED (Arg0, Arg1, Arg2)
			If (SizeOf (Local0)) { KRCB = Local0 }
		}
	}
	If (KRFL & POISON_SECURITY_ENABLED) { KLCK (Arg0, 1) }
	KREC [Arg0] = KRCB
	KNOW [Arg0] = KNWB
}

/*
 * Write what lasts of the DIMM with handle Arg0, in the place of the older of its two
 * records.
 *
 * Return: DST_OK; else KRCB is as it was: DST_NOT_SUPPORTED, poison is in those slots, or
 *	was; DST_HARDWARE, the list is not ours, or cannot be written.
 */
Method (KSAV, 1)
{
	Local0 = HHAV (Arg0)
	If (Local0 == DST_OK)
	{
		Local0 = DST_HARDWARE
		If (SRDY (Arg0) == POISON_ST_OK) { Local0 = KPUT (Arg0) }
	}
	If (Local0) { KRCB = DerefOf (KREC [Arg0]) }
	Return (Local0)
}

/*
 * As KSAV, of a list that is there.
 */
Method (KPUT, 1)
{
	Local0 = LRED (Arg0, POISON_LIST_OFFSET, POISON_HDR_SIZE)
	If (SizeOf (Local0) != LABEL_STATUS + POISON_HDR_SIZE) { Return (DST_HARDWARE) }
	Local1 = LDWD (Local0, LABEL_STATUS + POISON_HDR_CAPACITY) - POISON_SECURITY_SLOTS
	If (LDWD (Local0, LABEL_STATUS + POISON_HDR_HIGH) > Local1) { Return (DST_NOT_SUPPORTED) }
	KRSQ++
	KRCK = KSUM (KRCB)
	If (LWRT (Arg0, DerefOf (KOFF [Arg0]) + (KRSQ & 1) * POISON_SECURITY_SIZE, KRCB))
	{
		Return (DST_HARDWARE)
	}
	If (SDEV == 0) { LSLT [Arg0] = Local1 }
	Return (DST_OK)
}
