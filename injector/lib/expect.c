// SPDX-License-Identifier: GPL-2.0
/* The truth table's logic: find the row, make an outcome of what it says. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

#define PAGE_BYTES	4096
#define FLUSH_UNIT	64	/* __copy_user_nocache() copies so much a turn */

const char * const access_names[] = {
	[ACCESS_LOAD] = "load",
	[ACCESS_COPY] = "copy",
	[ACCESS_ATOMIC] = "atomic",
	[ACCESS_EXEC] = "exec",
	[ACCESS_STORE] = "store",
	[ACCESS_READ] = "read",
	[ACCESS_READ_DIRECT] = "read-direct",
	[ACCESS_WRITE] = "write",
	[ACCESS_WRITE_DIRECT] = "write-direct",
	[ACCESS_WRITE_PART] = "write-part",
	[ACCESS_WRITE_FROM] = "write-from",
	[ACCESS_DIRECT_FROM] = "direct-from",
	[ACCESS_MSYNC] = "msync",
	[ACCESS_FSYNC] = "fsync",
	[ACCESS_NONE] = "none",
	[ACCESS_COUNT] = NULL,
};
const char * const map_names[] = { "shared", "private", "copied", NULL };
const char * const policy_names[] = {
	"handler", "default", "early", "late", "ignore", NULL
};
const char * const when_names[] = { "before", "after", NULL };
static const struct {
	const char *from;
	unsigned long first;
} families[] = {
#define RELEASE(major, minor) ((major) * 1000UL + (minor))
#define FAMILY(c, name, from, major, minor) { from, RELEASE(major, minor) },
#define FAMILY_KNOWN(major, minor)
#include "families.def"
#undef FAMILY
};

const char * const family_names[] = {
#define FAMILY(c, name, from, major, minor) name,
#include "families.def"
	NULL
};

bool access_maps(enum access_kind access)
{
	switch (access) {
	case ACCESS_READ:
	case ACCESS_READ_DIRECT:
	case ACCESS_WRITE:
	case ACCESS_WRITE_DIRECT:
	case ACCESS_WRITE_PART:
		return false;
	default:
		return true;
	}
}

bool access_calls(enum access_kind access)
{
	return !access_maps(access) || access == ACCESS_WRITE_FROM ||
	       access == ACCESS_DIRECT_FROM || access == ACCESS_MSYNC ||
	       access == ACCESS_FSYNC;
}

/* memory_failure() on behalf of another process than the consumer. */
static bool flagged_by_other(const struct situation *s)
{
	return s->poison == POISON_FLAGGED && !s->by_consumer;
}

static bool mapped_at_planting(const struct situation *s)
{
	return s->maps && s->when == WHEN_BEFORE;
}

/*
 * A fork does not copy the page tables of a file's mapping that has no
 * anonymous page (vma_needs_copy()).  memory_failure() on DAX unmaps the page
 * from all if there is anybody to be told.
 */
enum reach expect_reach(const struct situation *s)
{
	if (!mapped_at_planting(s))
		return REACH_FAULT;
	if (s->map != MAP_IS_COPIED) {
		if (s->forked)
			return REACH_FAULT;
		if (s->by_consumer || (flagged_by_other(s) && s->early))
			return REACH_FAULT;
	}
	return s->dirty ? REACH_DIRTY : REACH_CLEAN;
}

bool expect_fits(const struct row *r, const struct situation *s)
{
	return r->devs & BIT(s->dev) && r->poisons & BIT(s->poison) &&
	       r->reaches & BIT(expect_reach(s)) &&
	       r->accesses & BIT(s->access) && r->maps & BIT(s->map) &&
	       r->families & BIT(s->family);
}

/*
 * Since 6.15 an fsdax page of 2 MiB is one folio, and mf_generic_kill_procs()
 * looks for where that is mapped; mf_dax_kill_procs() goes by the page's index.
 */
static int64_t lost_from(const struct situation *s)
{
	bool folio = s->dev == DEV_FILE && !s->by_index &&
		     family_is(s->family, FAMILY_615);

	return folio ? -(int64_t)s->into_map : 0;
}

/* memory_failure() reports the start of what was mapped, and its size. */
static struct signal_info mf_signal(const struct situation *s, int code)
{
	return (struct signal_info){
		.code = code,
		.lsb = s->map_shift,
		.off = lost_from(s),
		.thread = s->threads < 2 ? WHO_ONLY :
			  code == BUS_MCEERR_AO ? WHO_MAIN : WHO_ACCESSOR,
	};
}

/* do_sigbus(): lsb is PAGE_SHIFT, or nothing for an ordinary error. */
static struct signal_info fault_signal(const struct situation *s, int code)
{
	return (struct signal_info){
		.code = code,
		.lsb = code == BUS_MCEERR_AR ? 12 : 0,
		.off = (int64_t)s->access_off,
		.thread = s->threads < 2 ? WHO_ONLY : WHO_ACCESSOR,
	};
}

static void set_bytes(struct outcome *o, uint64_t bytes, int err, int other)
{
	o->syscall = true;
	o->counted = true;
	o->bytes = bytes;
	o->err[0] = err;
	o->err[1] = other;
}

/* A machine check in a copy from user memory: kill_me_never(). */
static void set_copyin(const struct situation *s, uint64_t bytes,
		       struct outcome *o)
{
	set_bytes(o, bytes, bytes ? 0 : EFAULT, 0);
	o->access = mf_signal(s, BUS_MCEERR_AR);
	o->badblock = LISTING_YES;
	o->failures++;
}

static void apply_call(const struct situation *s, enum result r,
		       struct outcome *o)
{
	switch (r) {
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
	case RES_ALL_COPIED:
		set_bytes(o, s->request, 0, 0);
		o->data = r == RES_ALL_OLD ? DATA_OLD : DATA_NEW;
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
	case RES_EFAULT_AND_AR:
		set_copyin(s, 0, o);
		break;
	case RES_SHORT_AND_AR:
		set_copyin(s, s->line - s->line % FLUSH_UNIT, o);
		break;
	case RES_SYNCED:
	case RES_SYNC_EIO:
		o->syscall = true;
		o->err[0] = r == RES_SYNCED ? 0 : EIO;
		break;
	default:
		break;
	}
}

/* The blocks are of other files too, with fs/dax.c of 6.5 and later. */
static bool stock_split(const struct situation *s)
{
	return s->dev == DEV_FILE && s->split &&
	       family_is(s->family, FAMILY_65);
}

/* dax_iomap_copy_around() makes EIO of what it finds in badblocks. */
static bool copies_around(const struct situation *s)
{
	return stock_split(s) && s->map == MAP_IS_SHARED &&
	       s->poison != POISON_LATENT &&
	       (s->access == ACCESS_STORE || s->access == ACCESS_ATOMIC);
}

/*
 * dax_insert_entry() unmaps the page from all who map the file at each fault on
 * blocks that are shared, and the consumer's is the last one.  Those who map
 * another file fault there one after the other, and __add_to_kill() passes over
 * whom the page is not mapped by.
 */
static bool others_unmapped(const struct situation *s)
{
	return stock_split(s) && !s->other_file;
}

static bool last_mapped_only(const struct situation *s)
{
	return stock_split(s) && s->other_file && s->others > 1;
}

/* page->mapping is one file's, and nobody knows of the others. */
static bool others_unknown(const struct situation *s)
{
	return s->dev == DEV_FILE && s->other_file && !s->by_index &&
	       !family_is(s->family, FAMILY_61_OURS);
}

static void apply(const struct situation *s, enum result r, struct outcome *o)
{
	o->accessed = r != RES_NOTHING;
	o->counted = s->access == ACCESS_COPY;
	switch (r) {
	case RES_CONSUMED:
		o->access = mf_signal(s, BUS_MCEERR_AR);
		o->badblock = LISTING_YES;
		o->failures++;
		if (s->access == ACCESS_COPY)
			o->bytes = s->line;
		break;
	case RES_REFUSED_ADRERR:
		o->access = fault_signal(s, BUS_ADRERR);
		break;
	case RES_REFUSED_AR:
		o->access = fault_signal(s, copies_around(s) ? BUS_ADRERR :
					 BUS_MCEERR_AR);
		if (s->poison == POISON_LATENT)
			o->badblock = LISTING_YES;
		break;
	case RES_NOT_COPIED:
		/* memory_failure_queue() */
		o->access = fault_signal(s, BUS_MCEERR_AR);
		o->badblock = LISTING_YES;
		o->failures++;
		break;
	case RES_OLD_DATA:
	case RES_COPIED_DATA:
		o->data = r == RES_OLD_DATA ? DATA_OLD : DATA_NEW;
		if (s->access == ACCESS_COPY)
			o->bytes = PAGE_BYTES;
		break;
	case RES_ZEROED:
		o->data = DATA_ZERO;
		o->badblock = LISTING_YES;
		o->failures++;
		break;
	default:
		apply_call(s, r, o);
		break;
	}
}

/*
 * badblocks are entered by nfit_handle_mce(), which knows the ranges of the NFIT alone
 * (drivers/acpi/nfit/mce.c); and a CXL device keeps a line in its list until it is told
 * to clear it, whatever is written there (CXL 3.1, 8.2.9.9.4.3).
 */
static void apply_cxl(const struct situation *s, struct outcome *o)
{
	if (o->badblock == LISTING_YES && s->poison == POISON_LATENT)
		o->badblock = LISTING_NO;
	if (s->poison == POISON_LATENT)
		o->record = LISTING_YES;
}

/* What those who map the page besides the consumer get. */
static void apply_others(const struct situation *s, struct outcome *o)
{
	o->others_live = true;
	o->bystander = s->others > 0 && s->early;
	if (o->bystander && o->failures > 0 && s->map != MAP_IS_COPIED &&
	    !others_unmapped(s) && !others_unknown(s)) {
		o->other = mf_signal(s, BUS_MCEERR_AO);
		o->last_only = last_mapped_only(s);
	}
}

static void die(struct outcome *o)
{
	o->killed = SIGBUS;
	o->data = DATA_UNKNOWN;
	o->syscall = o->counted = false;
	o->bytes = 0;
	o->err[0] = o->err[1] = 0;
	if (o->plant.code)
		o->accessed = false;
	o->plant = o->access = (struct signal_info){ 0 };
}

/*
 * The default action ends the consumer at the first signal.  Who ignores
 * SIGBUS is ended by a forced one (force_sig_info_to_task()), and never sees
 * one that is not.
 */
static void apply_policy(const struct situation *s, struct outcome *o)
{
	if (s->policy == POLICY_IGNORE && o->plant.code == BUS_MCEERR_AO)
		o->plant = (struct signal_info){ 0 };
	if ((s->policy == POLICY_DEFAULT || s->policy == POLICY_IGNORE) &&
	    (o->plant.code || o->access.code))
		die(o);
}

bool expect_outcome(const struct situation *s, struct outcome *o,
		    const char **source)
{
	const struct row *r;

	for (r = expect_rows; r < expect_rows + expect_nrows; r++)
		if (expect_fits(r, s))
			break;
	if (r == expect_rows + expect_nrows)
		return false;
	*o = (struct outcome){
		.planted = s->by_consumer ||
			   (flagged_by_other(s) && mapped_at_planting(s)),
		.failures = s->poison == POISON_FLAGGED,
	};
	*source = r->source;
	if (s->poison == POISON_FLAGGED)
		o->badblock = LISTING_NO;
	else if (s->poison != POISON_LATENT)
		o->badblock = LISTING_YES;
	if (s->by_consumer)
		o->plant = mf_signal(s, BUS_MCEERR_AR);
	else if (o->planted && s->early && s->map != MAP_IS_COPIED)
		o->plant = mf_signal(s, BUS_MCEERR_AO);
	apply(s, r->result, o);
	if (s->unlisted)
		apply_cxl(s, o);
	apply_others(s, o);
	apply_policy(s, o);
	return true;
}

static bool named_ours(const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash && !strcmp(dash, "-ours");
}

enum family expect_family(const char *release)
{
	bool ours = strstr(release, "-poisonctl-ours");
	char *end;
	unsigned long major = strtoul(release, &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	enum family f, found = FAMILY_AUTO;

	for (f = 0; f < FAMILY_COUNT; f++)
		if (named_ours(family_names[f]) == ours &&
		    (found == FAMILY_AUTO ||
		     families[f].first <= RELEASE(major, minor)))
			found = f;
	return found;
}

bool expect_marks_other(const struct situation *s)
{
	bool by_folio = family_is(s->family, FAMILY_615);

	return s->dev == DEV_FILE && s->into_map &&
	       !family_is(s->family, FAMILY_61_OURS) &&
	       (s->by_index || by_folio);
}

bool family_is(enum family family, enum family from)
{
	enum family f = family;

	while (f != from && *families[f].from) {
		const char *name = families[f].from;

		for (f = 0; strcmp(family_names[f], name); f++)
			;
	}
	return f == from;
}
