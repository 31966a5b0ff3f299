// SPDX-License-Identifier: GPL-2.0
/*
 * The clock, in a file of its own: a test has its own time.
 */

/*
 * Return: what Timer counts, 100 ns, of which a dword keeps the last 7 minutes.
 */
Method (ACLK) { Return (Timer) }
