// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's settings, as whoever started QEMU gave them: the file
 * opt/org.poisonctl/nvdimm of QEMU's firmware configuration device (fw_cfg; QEMU,
 * docs/specs/fw_cfg.rst).
 *
 * STMX is held in all of this, and it is read once, before the OS has drivers.
 */

// keys: "QEMU"; the directory of files
#define FW_CFG_SIGNATURE	0x0000
#define FW_CFG_FILE_DIR		0x0019
// an entry of the directory: size and key, big endian; 2 bytes reserved; name
#define FW_CFG_ENTRY		64
#define FW_CFG_NAME		8
// bytes of settings that are read
#define SETTINGS_MAX		256

OperationRegion (YFRG, SystemIO, 0x510, 2)
Field (YFRG, WordAcc, NoLock, Preserve) { YSEL, 16 }	// the key, which begins its data
Field (YFRG, ByteAcc, NoLock, Preserve)
{
	Offset (1),
	YDAT, 8			// the next byte of them
}

/*
 * The data of a key come a byte a read, and a loop in AML takes some 40 us for each.  An
 * index field is such a loop in the interpreter: it stores the number of a byte in the
 * index, then reads the data.  So the index is a port that takes what it is given and does nothing
 * with it, that of the power-on self test.
 */
OperationRegion (YIRG, SystemIO, 0x80, 1)
Field (YIRG, ByteAcc, NoLock, Preserve) { YIDX, 8 }
IndexField (YIDX, YDAT, ByteAcc, NoLock, Preserve)
{
	YBLK, 512,		// the next FW_CFG_ENTRY bytes
	YCNT, 32		// the next 4
}

Name (YNAM, Buffer () { "opt/org.poisonctl/nvdimm" })

/*
 * Return: buffer of the settings' text, empty if there is none.
 */
Method (YTXT)
{
	YSEL = FW_CFG_SIGNATURE
	// "QEMU"
	If (YCNT != 0x554D4551) { Return (Buffer (0) {}) }
	YSEL = FW_CFG_FILE_DIR
	Local0 = YCNT
	Local0 = ((Local0 >> 24) & 0xFF) | ((Local0 >> 8) & 0xFF00)
	While (Local0)
	{
		Local1 = YBLK
		If (Mid (Local1, FW_CFG_NAME, SizeOf (YNAM)) == YNAM)
		{
			Local2 = (ToInteger (Mid (Local1, 2, 1)) << 8) | ToInteger (Mid (Local1, 3, 1))
			If (ToInteger (Mid (Local1, 0, 2)) || Local2 > SETTINGS_MAX)
			{
				Debug = "nvdimm: the settings are too long"
				Return (Buffer (0) {})
			}
			YSEL = (ToInteger (Mid (Local1, 4, 1)) << 8) | ToInteger (Mid (Local1, 5, 1))
			Local3 = Buffer (0) {}
			While (SizeOf (Local3) < Local2) { Local3 = Concatenate (Local3, YBLK) }
			Return (Mid (Local3, 0, Local2))
		}
		Local0--
	}
	Return (Buffer (0) {})
}
