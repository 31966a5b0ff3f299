// SPDX-License-Identifier: GPL-2.0
/*
 * The truth table: what must happen when poison is met, as data.
 *
 * Sources are functions of Linux 6.1, and commits for later behaviour.  A
 * combination without a row is refused before anything is planted: either it
 * makes no sense, or the kernel would not survive it (a private store copies
 * the latent poison with a plain copy, and the machine check hits the kernel).
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

#define BIT(n)		(1U << (n))
#define ANY		(~0U)
#define MAPPED_BEFORE	BIT(WHEN_BEFORE)
#define MAPPED_AFTER	BIT(WHEN_AFTER)
#define LOADS		BIT(ACCESS_LOAD)
#define STORES		BIT(ACCESS_STORE)
#define STOCK		BIT(FAMILY_61)
#define OURS		BIT(FAMILY_61_OURS)
#define LATER		BIT(FAMILY_65)
#define SHARED		BIT(MAP_IS_SHARED)

const char * const access_names[] = {
	"load", "store", "read", "write", "write-part", "none", NULL
};
const char * const map_names[] = { "shared", "private", NULL };
const char * const policy_names[] = { "handler", "default", "early", NULL };
const char * const when_names[] = { "before", "after", NULL };
const char * const family_names[] = { "6.1", "6.1-ours", "6.5", NULL };

enum result {
	RES_CONSUMED,		/* #MC, memory_failure(): AR to the consumer */
	RES_REFUSED_ADRERR,	/* the fault fails, as any I/O error does */
	RES_REFUSED_AR,		/* the fault fails with VM_FAULT_HWPOISON */
	RES_QUIET,		/* no signal, nothing said about the data */
	RES_OLD_DATA,		/* no signal, and the data is as before */
	RES_EIO_AT_ONCE,	/* nothing of the extent comes back */
	RES_EIO_AT_PAGE,	/* the good pages in front come back */
	RES_EIO_AT_LINE,	/* all good bytes in front come back */
	RES_EFAULT_AT_LINE,	/* same, but EFAULT until it is listed */
	RES_ALL_OLD,		/* all bytes, as before */
	RES_WRITTEN,		/* all bytes */
	RES_REPAIRED,		/* all bytes, and the poison is gone */
	RES_EFAULT_AT_ONCE,	/* nothing written */
	RES_NOTHING,		/* no access was asked for */
};

struct row {
	enum device_kind dev;
	enum poison_state poison;
	unsigned int when, access, maps, families;
	enum result result;
	const char *source;
};

static const struct row rows[] = {
/* files on a DAX filesystem, latent poison */
{ DEV_FILE, POISON_LATENT, ANY, LOADS, ANY, ANY, RES_CONSUMED,
  "kill_me_maybe, memory_failure_dev_pagemap, kill_proc" },
{ DEV_FILE, POISON_LATENT, ANY, STORES, SHARED, ANY, RES_QUIET,
  "a store reads nothing: no machine check" },
{ DEV_FILE, POISON_LATENT, ANY, BIT(ACCESS_READ), ANY, STOCK | LATER,
  RES_EFAULT_AT_LINE, "dax_iomap_iter: nothing moved is EFAULT" },
{ DEV_FILE, POISON_LATENT, ANY, BIT(ACCESS_READ), ANY, OURS,
  RES_EIO_AT_LINE, "kernel/dax: poison is EIO" },
{ DEV_FILE, POISON_LATENT, ANY, BIT(ACCESS_WRITE) | BIT(ACCESS_WRITE_PART),
  ANY, ANY, RES_WRITTEN, "pmem clears only what is in badblocks" },

/* files on a DAX filesystem, poison in badblocks */
{ DEV_FILE, POISON_LISTED, MAPPED_BEFORE, LOADS, ANY, ANY, RES_CONSUMED,
  "badblocks do not unmap anything" },
{ DEV_FILE, POISON_LISTED, MAPPED_AFTER, LOADS | STORES, ANY, STOCK,
  RES_REFUSED_ADRERR, "dax_fault_return: EIO is VM_FAULT_SIGBUS" },
{ DEV_FILE, POISON_LISTED, MAPPED_BEFORE, STORES, SHARED, STOCK,
  RES_REFUSED_ADRERR, "write-protected until the write fault" },
{ DEV_FILE, POISON_LISTED, MAPPED_AFTER, LOADS | STORES, ANY, OURS | LATER,
  RES_REFUSED_AR, "VM_FAULT_HWPOISON, as Linux since 1ea7ca1b0901" },
{ DEV_FILE, POISON_LISTED, MAPPED_BEFORE, STORES, SHARED, OURS | LATER,
  RES_REFUSED_AR, "write-protected until the write fault" },
{ DEV_FILE, POISON_LISTED, ANY, BIT(ACCESS_READ), ANY, STOCK | LATER,
  RES_EIO_AT_ONCE, "dax_iomap_iter: direct_access of the range fails" },
{ DEV_FILE, POISON_LISTED, ANY, BIT(ACCESS_READ), ANY, OURS,
  RES_EIO_AT_PAGE, "kernel/dax: a short read, then EIO" },
{ DEV_FILE, POISON_LISTED, ANY, BIT(ACCESS_WRITE), ANY, ANY, RES_REPAIRED,
  "pmem_recovery_write" },
{ DEV_FILE, POISON_LISTED, ANY, BIT(ACCESS_WRITE_PART), ANY, STOCK | LATER,
  RES_EFAULT_AT_ONCE, "pmem_recovery_write takes whole pages only" },
{ DEV_FILE, POISON_LISTED, ANY, BIT(ACCESS_WRITE_PART), ANY, OURS,
  RES_EIO_AT_ONCE, "kernel/dax: poison is EIO" },

/* files on a DAX filesystem, PG_hwpoison without a badblock */
{ DEV_FILE, POISON_FLAGGED, ANY, LOADS, ANY, STOCK | LATER, RES_OLD_DATA,
  "fs/dax.c never looks at PG_hwpoison" },
{ DEV_FILE, POISON_FLAGGED, ANY, STORES, ANY, STOCK | LATER, RES_QUIET,
  "fs/dax.c never looks at PG_hwpoison" },
{ DEV_FILE, POISON_FLAGGED, ANY, LOADS | STORES, ANY, OURS, RES_REFUSED_AR,
  "kernel/dax: a poisoned page is not handed out" },
{ DEV_FILE, POISON_FLAGGED, ANY, BIT(ACCESS_READ), ANY, STOCK | LATER,
  RES_ALL_OLD, "fs/dax.c never looks at PG_hwpoison" },
{ DEV_FILE, POISON_FLAGGED, ANY, BIT(ACCESS_READ), ANY, OURS,
  RES_EIO_AT_PAGE, "kernel/dax: a poisoned page is not handed out" },
{ DEV_FILE, POISON_FLAGGED, ANY, BIT(ACCESS_WRITE), ANY, ANY, RES_WRITTEN,
  "the whole content is new" },
{ DEV_FILE, POISON_FLAGGED, ANY, BIT(ACCESS_WRITE_PART), ANY, STOCK | LATER,
  RES_WRITTEN, "fs/dax.c never looks at PG_hwpoison" },
{ DEV_FILE, POISON_FLAGGED, ANY, BIT(ACCESS_WRITE_PART), ANY, OURS,
  RES_EIO_AT_ONCE, "kernel/dax: poison is EIO" },
{ DEV_FILE, POISON_FLAGGED, ANY, BIT(ACCESS_NONE), ANY, ANY, RES_NOTHING,
  "kill_proc" },

/* device-dax never looks at badblocks or PG_hwpoison */
{ DEV_DEVDAX, POISON_LATENT, ANY, LOADS, SHARED, ANY, RES_CONSUMED,
  "kill_me_maybe, memory_failure_dev_pagemap, kill_proc" },
{ DEV_DEVDAX, POISON_LISTED, ANY, LOADS, SHARED, ANY, RES_CONSUMED,
  "dev_dax_huge_fault asks for no badblocks" },
{ DEV_DEVDAX, POISON_LATENT, ANY, STORES, SHARED, ANY, RES_QUIET,
  "a store reads nothing: no machine check" },
{ DEV_DEVDAX, POISON_LISTED, ANY, STORES, SHARED, ANY, RES_QUIET,
  "dev_dax_huge_fault asks for no badblocks" },
{ DEV_DEVDAX, POISON_FLAGGED, ANY, LOADS, SHARED, ANY, RES_OLD_DATA,
  "dev_dax_huge_fault never looks at PG_hwpoison" },
{ DEV_DEVDAX, POISON_FLAGGED, ANY, BIT(ACCESS_NONE), SHARED, ANY, RES_NOTHING,
  "kill_proc" },

/* the block device, O_DIRECT */
{ DEV_BLOCK, POISON_LATENT, ANY, BIT(ACCESS_READ), ANY, ANY, RES_EIO_AT_ONCE,
  "pmem_do_read: copy_mc_to_kernel" },
{ DEV_BLOCK, POISON_LISTED, ANY, BIT(ACCESS_READ), ANY, ANY, RES_EIO_AT_ONCE,
  "pmem_do_read: is_bad_pmem" },
{ DEV_BLOCK, POISON_LATENT, ANY, BIT(ACCESS_WRITE), ANY, ANY, RES_WRITTEN,
  "pmem clears only what is in badblocks" },
{ DEV_BLOCK, POISON_LISTED, ANY, BIT(ACCESS_WRITE), ANY, ANY, RES_REPAIRED,
  "pmem_do_write: pmem_clear_poison" },
};

static bool row_fits(const struct row *r, const struct situation *s)
{
	return r->dev == s->dev && r->poison == s->poison &&
	       r->when & BIT(s->when) && r->access & BIT(s->access) &&
	       r->maps & BIT(s->map) && r->families & BIT(s->family);
}

/* memory_failure() reports the start of what was mapped, and its size. */
static struct signal_info mf_signal(const struct situation *s, int code)
{
	return (struct signal_info){ .code = code, .lsb = s->map_shift };
}

static void set_bytes(struct outcome *o, uint64_t bytes, int err, int other)
{
	o->syscall = true;
	o->bytes = bytes;
	o->err[0] = err;
	o->err[1] = other;
}

static void apply(const struct situation *s, enum result r, struct outcome *o)
{
	o->accessed = r != RES_NOTHING;
	switch (r) {
	case RES_CONSUMED:
		o->access = mf_signal(s, BUS_MCEERR_AR);
		o->badblock = LISTING_YES;
		break;
	case RES_REFUSED_ADRERR:
		o->access.code = BUS_ADRERR;
		o->access.off = (int64_t)s->access_off;
		break;
	case RES_REFUSED_AR:
		o->access.code = BUS_MCEERR_AR;
		o->access.lsb = 12;	/* do_sigbus: PAGE_SHIFT */
		o->access.off = (int64_t)s->access_off;
		break;
	case RES_QUIET:
	case RES_NOTHING:
		break;
	case RES_OLD_DATA:
		o->data = DATA_OLD;
		break;
	case RES_EIO_AT_ONCE:
		set_bytes(o, 0, EIO, 0);
		break;
	case RES_EIO_AT_PAGE:
		set_bytes(o, s->lead, EIO, 0);
		break;
	case RES_EIO_AT_LINE:
		set_bytes(o, s->lead + s->line, EIO, 0);
		o->badblock = LISTING_YES;
		break;
	case RES_EFAULT_AT_LINE:
		set_bytes(o, s->lead + s->line, EFAULT, EIO);
		o->badblock = LISTING_YES;
		break;
	case RES_ALL_OLD:
		set_bytes(o, s->request, 0, 0);
		o->data = DATA_OLD;
		break;
	case RES_WRITTEN:
		set_bytes(o, s->request, 0, 0);
		break;
	case RES_REPAIRED:
		set_bytes(o, s->request, 0, 0);
		o->data = DATA_NEW;
		o->badblock = LISTING_NO;
		o->record = LISTING_NO;
		break;
	case RES_EFAULT_AT_ONCE:
		set_bytes(o, 0, EFAULT, 0);
		break;
	}
}

/* The default action ends the consumer at the first signal. */
static void apply_policy(const struct situation *s, bool failure,
			 struct outcome *o)
{
	o->others_live = true;
	o->bystander = s->policy == POLICY_EARLY;
	if (o->bystander && failure)
		o->other = mf_signal(s, BUS_MCEERR_AO);
	if (s->policy != POLICY_DEFAULT || (!o->plant.code && !o->access.code))
		return;
	o->killed = SIGBUS;
	o->data = DATA_UNKNOWN;
	if (o->plant.code)
		o->accessed = false;
	o->plant = o->access = (struct signal_info){ 0 };
}

bool expect_outcome(const struct situation *s, struct outcome *o,
		    const char **source)
{
	const struct row *r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = &rows[i];
		if (row_fits(r, s))
			break;
	}
	if (i == sizeof(rows) / sizeof(rows[0]))
		return false;
	*o = (struct outcome){ 0 };
	*source = r->source;
	if (s->poison == POISON_FLAGGED)
		o->badblock = LISTING_NO;
	else if (s->poison == POISON_LISTED)
		o->badblock = LISTING_YES;
	if (s->by_consumer) {
		o->planted = true;
		o->plant = mf_signal(s, BUS_MCEERR_AR);
	}
	apply(s, r->result, o);
	apply_policy(s, s->by_consumer || r->result == RES_CONSUMED, o);
	return true;
}

enum family expect_family(const char *release)
{
	char *end;
	unsigned long major = strtoul(release, &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	if (major > 6 || (major == 6 && minor >= 5))
		return FAMILY_65;
	return FAMILY_61;
}
