/* SPDX-License-Identifier: GPL-2.0 */
#define trace_dax_writeback_range(inode, first, last)		do { } while (0)
#define trace_dax_writeback_range_done(inode, first, last)	do { } while (0)
#define trace_dax_writeback_one(inode, index, pages)		do { } while (0)
