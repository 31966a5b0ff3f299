// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of the truth table: what must happen when poison is met.
 *
 * Sources are functions of Linux 6.1, and commits for later behaviour.  A
 * combination without a row is refused before anything is planted: either it
 * makes no sense, or the kernel would not survive it.  Those are
 *
 *	a store to a private mapping that is not there yet, latent poison, Linux's
 *	own core: copy_cow_page_dax() copies the page with a plain copy_user_page()
 *
 *	write(2) from the mapping to a block device with O_DIRECT: write_pmem()
 *	copies from the pinned page with memcpy_flushcache()
 *
 * An atomic on a page that is mapped read-only has none either if the media is
 * bad: whether its load meets the poison before its store meets the page table
 * is for hardware to say, and TCG with one vCPU makes them one after the other.
 */
#include "expect.h"

#define FILES		BIT(DEV_FILE)
#define DEVDAX		BIT(DEV_DEVDAX)
#define BLOCK		BIT(DEV_BLOCK)

#define LATENT		BIT(POISON_LATENT)
#define LISTED		BIT(POISON_LISTED)
#define FLAGGED		BIT(POISON_FLAGGED)
#define NOTED		BIT(POISON_NOTED)

#define ANY		(~0U)
#define CLEAN		BIT(REACH_CLEAN)
#define DIRTY		BIT(REACH_DIRTY)
#define MAPPED		(CLEAN | DIRTY)
#define FAULT		BIT(REACH_FAULT)

#define STORE		BIT(ACCESS_STORE)
#define ATOMIC		BIT(ACCESS_ATOMIC)
#define LOADS		(BIT(ACCESS_LOAD) | BIT(ACCESS_COPY) | BIT(ACCESS_EXEC))
#define READS		(BIT(ACCESS_READ) | BIT(ACCESS_READ_DIRECT))
#define WRITES		(BIT(ACCESS_WRITE) | BIT(ACCESS_WRITE_DIRECT))
#define WRITE_PART	BIT(ACCESS_WRITE_PART)
#define TO_PIPE		BIT(ACCESS_WRITE_FROM)
#define TO_DAX		BIT(ACCESS_DIRECT_FROM)
#define SYNCS		(BIT(ACCESS_MSYNC) | BIT(ACCESS_FSYNC))
#define NONE		BIT(ACCESS_NONE)

#define SHARED		BIT(MAP_IS_SHARED)
#define PRIVATE		BIT(MAP_IS_PRIVATE)
#define COPIED		BIT(MAP_IS_COPIED)
#define PAGES		(SHARED | PRIVATE)	/* the file's own page */

#define STOCK		BIT(FAMILY_61)
#define OURS		(BIT(FAMILY_61_OURS) | BIT(FAMILY_612_OURS))
#define LATER		(~0U << FAMILY_65)
#define FOLIOS		(~0U << FAMILY_615)

const struct row expect_rows[] = {
/* files on a DAX filesystem, latent poison */
{ FILES, LATENT, ANY, LOADS, PAGES, ANY, RES_CONSUMED,
  "kill_me_maybe, memory_failure_dev_pagemap, kill_proc" },
{ FILES, LATENT, ANY, ATOMIC, SHARED, ANY, RES_CONSUMED,
  "the load of it: kill_me_maybe, kill_proc" },
{ FILES, LATENT, ANY, STORE, SHARED, ANY, RES_QUIET,
  "a store reads nothing: no machine check" },
{ FILES, LATENT, FAULT, STORE, PRIVATE, OURS, RES_REFUSED_AR,
  "kernel/dax: a private copy is made with copy_mc_to_kernel" },
{ FILES, LATENT, ANY, READS, ANY, STOCK | LATER, RES_EFAULT_AT_LINE,
  "dax_iomap_iter: nothing moved is EFAULT" },
{ FILES, LATENT, ANY, READS, ANY, OURS, RES_EIO_AT_LINE,
  "kernel/dax: poison is EIO" },
{ FILES, LATENT, ANY, WRITES | WRITE_PART, ANY, ANY, RES_WRITTEN,
  "pmem clears only what is in badblocks" },
{ FILES, LATENT, ANY, TO_PIPE, PAGES, ANY, RES_EFAULT_AND_AR,
  "is_copy_from_user, kill_me_never; pipe_write" },
{ FILES, LATENT, ANY, TO_DAX, PAGES, ANY, RES_SHORT_AND_AR,
  "is_copy_from_user, kill_me_never; __copy_user_nocache" },
{ FILES, LATENT, ANY, SYNCS, SHARED, ANY, RES_SYNCED,
  "dax_writeback_one: dax_flush reads nothing" },

/*
 * A private page that is mapped without a struct page is copied through the
 * user's address, and what cannot be copied becomes zeroes.
 */
{ FILES, LATENT | LISTED, CLEAN, STORE, PRIVATE, ~FOLIOS,
  RES_ZEROED, "__wp_page_copy_user: clear_page; kill_me_never" },
{ FILES, LATENT | LISTED, CLEAN, STORE, PRIVATE, FOLIOS,
  RES_NOT_COPIED, "copy_mc_user_highpage: there is a struct page" },
{ FILES, FLAGGED | NOTED, MAPPED, STORE | ATOMIC, PRIVATE, ANY, RES_QUIET,
  "__wp_page_copy_user: the media is good" },

/* files on a DAX filesystem, poison in badblocks */
{ FILES, LISTED, MAPPED, LOADS, PAGES, ANY, RES_CONSUMED,
  "badblocks do not unmap anything" },
{ FILES, LISTED, DIRTY, ATOMIC, SHARED, ANY, RES_CONSUMED,
  "badblocks do not unmap anything" },
{ FILES, NOTED, MAPPED, LOADS, PAGES, ANY, RES_OLD_DATA,
  "badblocks do not unmap anything, and the media is good" },
{ FILES, NOTED, DIRTY, ATOMIC, SHARED, ANY, RES_OLD_DATA,
  "badblocks do not unmap anything, and the media is good" },
{ FILES, LISTED | NOTED, DIRTY, STORE, SHARED, ANY, RES_QUIET,
  "mapped for writing: no fault, and a store reads nothing" },
{ FILES, LISTED | NOTED, FAULT, LOADS | STORE | ATOMIC, PAGES, STOCK,
  RES_REFUSED_ADRERR, "dax_fault_return: EIO is VM_FAULT_SIGBUS" },
{ FILES, LISTED | NOTED, CLEAN, STORE, SHARED, STOCK,
  RES_REFUSED_ADRERR, "write-protected until the write fault" },
{ FILES, NOTED, CLEAN, ATOMIC, SHARED, STOCK,
  RES_REFUSED_ADRERR, "write-protected until the write fault" },
{ FILES, LISTED | NOTED, FAULT, LOADS | STORE | ATOMIC, PAGES, OURS | LATER,
  RES_REFUSED_AR, "VM_FAULT_HWPOISON, as Linux since 1ea7ca1b0901" },
{ FILES, LISTED | NOTED, CLEAN, STORE, SHARED, OURS | LATER,
  RES_REFUSED_AR, "write-protected until the write fault" },
{ FILES, NOTED, CLEAN, ATOMIC, SHARED, OURS | LATER,
  RES_REFUSED_AR, "write-protected until the write fault" },
{ FILES, LISTED | NOTED, ANY, READS, ANY, STOCK | LATER, RES_EIO_AT_ONCE,
  "dax_iomap_iter: direct_access of the range fails" },
{ FILES, LISTED | NOTED, ANY, READS, ANY, OURS, RES_EIO_AT_PAGE,
  "kernel/dax: a short read, then EIO" },
{ FILES, LISTED | NOTED, ANY, WRITES, ANY, ANY, RES_REPAIRED,
  "pmem_recovery_write" },
{ FILES, LISTED | NOTED, ANY, WRITE_PART, ANY, STOCK | LATER,
  RES_EFAULT_AT_ONCE, "pmem_recovery_write takes whole pages only" },
{ FILES, LISTED | NOTED, ANY, WRITE_PART, ANY, OURS, RES_EIO_AT_ONCE,
  "kernel/dax: poison is EIO" },
{ FILES, LISTED, MAPPED, TO_PIPE, PAGES, ANY, RES_EFAULT_AND_AR,
  "is_copy_from_user, kill_me_never; pipe_write" },
{ FILES, LISTED, MAPPED, TO_DAX, PAGES, ANY, RES_SHORT_AND_AR,
  "is_copy_from_user, kill_me_never; __copy_user_nocache" },
{ FILES, NOTED, MAPPED, TO_PIPE | TO_DAX, PAGES, ANY, RES_ALL_OLD,
  "badblocks do not unmap anything, and the media is good" },
{ FILES, LISTED | NOTED, FAULT, TO_PIPE | TO_DAX, PAGES, ANY,
  RES_EFAULT_AT_ONCE, "do_sigbus: a fault of the kernel's is its own" },
{ FILES, LISTED | NOTED, ANY, SYNCS, SHARED, ANY, RES_SYNCED,
  "dax_writeback_one: dax_flush asks for no badblocks" },

/* files on a DAX filesystem, PG_hwpoison without a badblock */
{ FILES, FLAGGED, MAPPED, LOADS, PAGES, ANY, RES_OLD_DATA,
  "unmap_and_kill unmaps only where somebody is told" },
{ FILES, FLAGGED, DIRTY, ATOMIC, SHARED, ANY, RES_OLD_DATA,
  "unmap_and_kill unmaps only where somebody is told" },
{ FILES, FLAGGED, DIRTY, STORE, SHARED, ANY, RES_QUIET,
  "unmap_and_kill unmaps only where somebody is told" },
{ FILES, FLAGGED, FAULT, LOADS, PAGES, STOCK | LATER, RES_OLD_DATA,
  "fs/dax.c never looks at PG_hwpoison" },
{ FILES, FLAGGED, CLEAN | FAULT, ATOMIC, SHARED, STOCK | LATER, RES_OLD_DATA,
  "fs/dax.c never looks at PG_hwpoison" },
{ FILES, FLAGGED, CLEAN | FAULT, STORE, SHARED, STOCK | LATER, RES_QUIET,
  "fs/dax.c never looks at PG_hwpoison" },
{ FILES, FLAGGED, FAULT, STORE | ATOMIC, PRIVATE, STOCK | LATER, RES_QUIET,
  "copy_cow_page_dax never looks at PG_hwpoison" },
{ FILES, FLAGGED, FAULT, LOADS | STORE | ATOMIC, PAGES, OURS, RES_REFUSED_AR,
  "kernel/dax: a poisoned page is not handed out" },
{ FILES, FLAGGED, CLEAN, STORE | ATOMIC, SHARED, OURS, RES_REFUSED_AR,
  "write-protected until the write fault" },
{ FILES, FLAGGED, ANY, READS, ANY, STOCK | LATER, RES_ALL_OLD,
  "fs/dax.c never looks at PG_hwpoison" },
{ FILES, FLAGGED, ANY, READS, ANY, OURS, RES_EIO_AT_PAGE,
  "kernel/dax: a poisoned page is not handed out" },
{ FILES, FLAGGED, ANY, WRITES, ANY, ANY, RES_WRITTEN,
  "the whole content is new" },
{ FILES, FLAGGED, ANY, WRITE_PART, ANY, STOCK | LATER, RES_WRITTEN,
  "fs/dax.c never looks at PG_hwpoison" },
{ FILES, FLAGGED, ANY, WRITE_PART, ANY, OURS, RES_EIO_AT_ONCE,
  "kernel/dax: poison is EIO" },
{ FILES, FLAGGED, MAPPED, TO_PIPE | TO_DAX, PAGES, ANY, RES_ALL_OLD,
  "unmap_and_kill unmaps only where somebody is told" },
{ FILES, FLAGGED, FAULT, TO_PIPE | TO_DAX, PAGES, STOCK | LATER, RES_ALL_OLD,
  "fs/dax.c never looks at PG_hwpoison" },
{ FILES, FLAGGED, FAULT, TO_PIPE | TO_DAX, PAGES, OURS, RES_EFAULT_AT_ONCE,
  "do_sigbus: a fault of the kernel's is its own" },
{ FILES, FLAGGED, ANY, SYNCS, SHARED, STOCK | LATER, RES_SYNCED,
  "fs/dax.c never looks at PG_hwpoison" },
{ FILES, FLAGGED, ANY, SYNCS, SHARED, OURS, RES_SYNC_EIO,
  "kernel/dax: what is dirty and poisoned is lost, which fsync says" },
{ FILES, FLAGGED, ANY, NONE, PAGES, ANY, RES_NOTHING,
  "kill_proc" },

/* a private copy, made before, is not the file's page */
{ FILES, ANY, MAPPED, BIT(ACCESS_LOAD) | BIT(ACCESS_COPY) | ATOMIC, COPIED,
  ANY, RES_COPIED_DATA, "an anonymous page is mapped" },
{ FILES, ANY, MAPPED, STORE, COPIED, ANY, RES_QUIET,
  "an anonymous page is mapped" },
{ FILES, ANY, MAPPED, TO_PIPE | TO_DAX, COPIED, ANY, RES_ALL_COPIED,
  "an anonymous page is mapped" },
{ FILES, FLAGGED, ANY, NONE, COPIED, ANY, RES_NOTHING,
  "dev_pagemap_mapping_shift: it is not mapped" },

/* device-dax never looks at badblocks or PG_hwpoison */
{ DEVDAX, LATENT, ANY, LOADS | ATOMIC, SHARED, ANY, RES_CONSUMED,
  "kill_me_maybe, memory_failure_dev_pagemap, kill_proc" },
{ DEVDAX, LISTED, ANY, LOADS | ATOMIC, SHARED, ANY, RES_CONSUMED,
  "dev_dax_huge_fault asks for no badblocks" },
{ DEVDAX, LATENT, ANY, STORE, SHARED, ANY, RES_QUIET,
  "a store reads nothing: no machine check" },
{ DEVDAX, LISTED, ANY, STORE, SHARED, ANY, RES_QUIET,
  "dev_dax_huge_fault asks for no badblocks" },
{ DEVDAX, LATENT | LISTED, ANY, TO_PIPE, SHARED, ANY, RES_EFAULT_AND_AR,
  "is_copy_from_user, kill_me_never; pipe_write" },
{ DEVDAX, FLAGGED, ANY, LOADS | ATOMIC, SHARED, ANY, RES_OLD_DATA,
  "dev_dax_huge_fault never looks at PG_hwpoison" },
{ DEVDAX, FLAGGED, ANY, STORE, SHARED, ANY, RES_QUIET,
  "dev_dax_huge_fault never looks at PG_hwpoison" },
{ DEVDAX, FLAGGED, ANY, TO_PIPE, SHARED, ANY, RES_ALL_OLD,
  "dev_dax_huge_fault never looks at PG_hwpoison" },
{ DEVDAX, FLAGGED, ANY, NONE, SHARED, ANY, RES_NOTHING,
  "kill_proc" },

/* the block device, through the page cache and with O_DIRECT */
{ BLOCK, LATENT, ANY, READS, ANY, ANY, RES_EIO_AT_ONCE,
  "pmem_do_read: copy_mc_to_kernel" },
{ BLOCK, LISTED | NOTED, ANY, READS, ANY, ANY, RES_EIO_AT_ONCE,
  "pmem_do_read: is_bad_pmem" },
{ BLOCK, LATENT, ANY, WRITES, ANY, ANY, RES_WRITTEN,
  "pmem clears only what is in badblocks" },
{ BLOCK, LISTED | NOTED, ANY, WRITES, ANY, ANY, RES_REPAIRED,
  "pmem_do_write: pmem_clear_poison" },
{ BLOCK, LATENT | LISTED | NOTED, ANY, WRITE_PART, ANY, ANY, RES_EIO_AT_ONCE,
  "__block_write_begin_int: the rest of the block is read first" },
};

const size_t expect_nrows = sizeof(expect_rows) / sizeof(expect_rows[0]);
