// SPDX-License-Identifier: GPL-2.0
/*
 * A machine check made by software (arch/x86/kernel/cpu/mce/inject.c).  The
 * kernel's own handlers run, on values that were never in a machine check bank;
 * the media stays good, and a load of it raises nothing.
 *
 * Through /dev/mcelog (CONFIG_X86_MCELOG_LEGACY, mce_chrdev_write), with the
 * module mce-inject behind it:
 *
 *	ucna	found by polling: memory_failure() without an action, from the
 *		notifier; an NVDIMM's badblock from nfit's notifier
 *	srao	#MC, action optional: the same through do_machine_check()
 *	srar	#MC, action required, in a child that maps the page where it
 *		can: SIGBUS as if it had consumed the poison
 *
 * Through debugfs mce-inject, flags "sw", where there is no /dev/mcelog:
 *
 *	logged	mce_log() alone: the decoders see it, so nfit lists the
 *		badblock; memory_failure() is not called, for the record has no
 *		severity (uc_decode_notifier)
 *
 * "hw" of the same file writes the real banks, which processors refuse unless
 * the firmware has unlocked them, and raises int $18 in the kernel's own
 * context, where an action-required error is a panic: not offered.
 */
#include <asm/mce.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "already.h"
#include "child.h"
#include "hwpoison.h"
#include "intr.h"
#include "kmsg.h"
#include "machine.h"
#include "once.h"
#include "state.h"

#define NAME		"mce-inject"
#define MCELOG		"/dev/mcelog"
#define INJECT_DIR	DEBUGFS "/mce-inject"

/* IA32_MCi_STATUS, IA32_MCi_MISC, IA32_MCG_STATUS: SDM vol. 3, 16.3.2 */
#define MCI_VAL		(1ULL << 63)
#define MCI_UC		(1ULL << 61)
#define MCI_EN		(1ULL << 60)
#define MCI_MISCV	(1ULL << 59)
#define MCI_ADDRV	(1ULL << 58)
#define MCI_S		(1ULL << 56)
#define MCI_AR		(1ULL << 55)
#define MISC_PHYS	(2ULL << 6)	/* address mode: physical */
#define PAGE_SHIFT	12U
#define LINE_SHIFT	6U		/* least valid bit of an address: a line */
#define MCG_RIPV	(1ULL << 0)
#define MCG_EIPV	(1ULL << 1)
#define MCG_MCIP	(1ULL << 2)
#define MCG_LMCE	(1ULL << 3)
/* MCA error codes: SDM vol. 3, 16.9 */
#define COD_READ	0x009fU		/* memory controller, read, any channel */
#define COD_SCRUB	0x00c0U		/* memory scrubbing */
#define COD_DATA	0x0134U		/* data load */
/* struct mce, inject_flags: arch/x86/include/asm/mce.h */
#define MCJ_CTX_PROCESS	0x1
#define MCJ_EXCEPTION	0x8

#define BANK		1		/* bank 0 is left out on old parts */
#define USER_CS		0x33

/* The first three: SDM vol. 3, 16.6.3. */
enum kind { UCNA, SRAO, SRAR, LOGGED, KINDS };

static const struct mech_error errors[] = {
	[UCNA] = { .name = "ucna" },
	[SRAO] = { .name = "srao" },
	[SRAR] = { .name = "srar" },
	[LOGGED] = { .name = "logged" },
	[KINDS] = { .name = NULL },
};

static const struct {
	uint64_t status;		/* on top of what all have */
	uint8_t flags;
} kinds[] = {
	[UCNA] = { COD_READ, MCJ_CTX_PROCESS },
	[SRAO] = { MCI_S | COD_SCRUB, MCJ_CTX_PROCESS | MCJ_EXCEPTION },
	[SRAR] = { MCI_S | MCI_AR | COD_DATA,
		   MCJ_CTX_PROCESS | MCJ_EXCEPTION },
	[LOGGED] = { COD_READ, 0 },
};

static void mce_here(struct here *h)
{
	here_file(h, INJECT_DIR "/bank", "load the module mce-inject");
	if (h->is != AVAIL_YES)
		return;
	if (file_access(MCELOG, W_OK))
		here_yes(h, INJECT_DIR "; no " MCELOG ", so --error logged only");
	else
		here_yes(h, INJECT_DIR " and " MCELOG);
}

static int mce_usable(const struct planting *p)
{
	char vendor[64];
	uint64_t cap;
	int rc;

	if (!machine_cpu_vendor(vendor, sizeof(vendor)))
		return complain(EXIT_SETUP,
			"cannot tell who made the processor: no vendor_id in "
			"/proc/cpuinfo, or it cannot be read");
	if (strcmp(vendor, "GenuineIntel"))
		return complain(EXIT_UNSUPPORTED,
			"'%s' writes the machine check banks of Intel processors, "
			"which this is not", NAME);
	if (p->o.kind == LOGGED) {
		if (!target_is_ram(p->t))
			return EXIT_OK;
		return complain(EXIT_UNSUPPORTED,
			"--error logged reaches nobody but the NVDIMM driver, "
			"and '%s' is not on an NVDIMM", p->t->name);
	}
	rc = file_access(MCELOG, W_OK);
	if (rc)
		return complain(EXIT_UNSUPPORTED,
			"--error %s needs '" MCELOG "' "
			"(CONFIG_X86_MCELOG_LEGACY): %s; 'logged' does not",
			errors[p->o.kind].name, strerror(-rc));
	if (machine_recovery(&cap) == AVAIL_NO)
		return complain(EXIT_UNSUPPORTED,
			"the processor has no software error recovery "
			"(MCG_SER_P is clear in IA32_MCG_CAP): the kernel would "
			"drop the error");
	rc = mech_check_pages(p->t);
	if (!rc)
		rc = hwpoison_usable(p);
	return rc ? rc : already_poisoned(p->t, 0);
}

static uint64_t status_of(enum kind kind, uint8_t *flags)
{
	*flags = kinds[kind].flags;
	return MCI_VAL | MCI_UC | MCI_EN | MCI_MISCV | MCI_ADDRV |
	       kinds[kind].status;
}

/* One machine check: a naturally aligned power of two of bytes in a page. */
struct shot {
	uint64_t spa;
	unsigned int shift;
	enum kind kind;
};

/* Runs in the child: the CPU that is told must be the one that tells. */
static int shoot(void *arg)
{
	const struct shot *s = arg;
	struct mce m = { .addr = s->spa, .bank = BANK, .cs = USER_CS };
	int cpu = sched_getcpu();
	cpu_set_t one;

	if (cpu < 0)
		return -errno;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return -errno;
	m.status = status_of(s->kind, &m.inject_flags);
	m.misc = MISC_PHYS | s->shift;
	m.extcpu = (uint32_t)cpu;
	m.cpu = (uint8_t)cpu;
	/* local: no other CPU is to be waited for (do_machine_check) */
	if (m.inject_flags & MCJ_EXCEPTION)
		m.mcgstatus = MCG_MCIP | MCG_RIPV | MCG_EIPV | MCG_LMCE;
	return machine->write_file(MCELOG, &m, sizeof(m));
}

/* The module takes its registers one file each; the bank pulls the trigger. */
static int log_only(const struct shot *s)
{
	uint8_t flags;
	const struct {
		const char *file;
		uint64_t value;
	} regs[] = {
		{ INJECT_DIR "/cpu", 0 },
		{ INJECT_DIR "/status", status_of(s->kind, &flags) },
		{ INJECT_DIR "/misc", MISC_PHYS | s->shift },
		{ INJECT_DIR "/addr", s->spa },
		{ INJECT_DIR "/bank", BANK },
	};
	size_t i;
	int rc = once_set(INJECT_DIR "/flags", "sw");

	for (i = 0; i < ARRAY_SIZE(regs) && !rc; i++)
		rc = write_text(regs[i].file, "%#" PRIx64 "\n", regs[i].value);
	return rc;
}

static int by_child(struct planting *p, struct shot *s, uint64_t dev_off)
{
	const struct target *t = p->t;
	bool mapped = mech_maps(t);
	struct child_plan plan = {
		.t = t,
		.dev_off = dev_off,
		.map_len = mapped ? target_map_align(t) : 0,
		.unmapped = !mapped,
		.plant_by = shoot,
		.plant_arg = s,
		.access = ACCESS_NONE,
		.policy = POLICY_HANDLER,
	};
	struct child_report rep;
	int rc = child_once(&plan, p->d, &rep);

	if (rc)
		return rc;
	if (!rep.plant_errno)
		mech_done(p, s->spa, 1ULL << s->shift);
	if (rep.plant_errno)
		return complain(EXIT_SETUP, "'" MCELOG "' did not take the machine "
				"check at %#" PRIx64 ": %s", s->spa,
				strerror(rep.plant_errno));
	if (s->kind == SRAR && mapped && rep.plant.code != BUS_MCEERR_AR)
		return complain(EXIT_UNSEEN,
			"the child that maps '%s' got signal %d, code %d where "
			"BUS_MCEERR_AR was expected", t->name, rep.plant.signo,
			rep.plant.code);
	return EXIT_OK;
}

static int one_shot(struct planting *p, struct shot *s, uint64_t dev_off)
{
	int rc;

	if (s->kind != LOGGED)
		return by_child(p, s, dev_off);
	rc = log_only(s);
	if (!rc)
		mech_done(p, s->spa, 1ULL << s->shift);
	if (rc)
		return complain(EXIT_SETUP, "'" INJECT_DIR "' did not take the "
				"machine check at %#" PRIx64 ": %s", s->spa,
				strerror(-rc));
	return EXIT_OK;
}

/* The most that one record can say of what starts at @spa. */
static unsigned int shift_at(uint64_t spa, uint64_t left)
{
	unsigned int shift = LINE_SHIFT;

	while (shift < PAGE_SHIFT && !(spa & ((2ULL << shift) - 1)) &&
	       left >= 2ULL << shift)
		shift++;
	return shift;
}

struct sight {
	uint64_t kmsg;		/* newest record before */
	uint64_t spa;
};

/*
 * memory_failure() may run in a worker: look until the deadline.  Return: 1 if it was
 * seen, 0 if not; -errno if the log cannot be read.
 */
static int page_seen(struct planting *p, const struct sight *s)
{
	struct deadline d = p->d;
	struct kmsg_page *v;
	enum page_state st;
	size_t n, i;
	bool named = false;
	int rc;

	do {
		st = state_page(s->spa / PAGE);
		p->seen_by = "kpageflags";
		if (st == PAGE_POISONED)
			return 1;
		if (st != PAGE_HIDDEN)
			continue;
		p->seen_by = "kernel log";
		rc = kmsg_hwpoison(&v, &n);
		if (rc)
			return rc;
		for (i = 0; i < n && !named; i++)
			named = v[i].seq > s->kmsg &&
				v[i].spa == round_down64(s->spa, PAGE);
		free(v);
		if (named)
			return 1;
	} while (deadline_nap(&d));
	p->seen_by = NULL;
	return 0;
}

/* Where the log alone will tell, it has to be readable before anything is planted. */
static int look_before(const struct planting *p, const struct shot *s, struct sight *look)
{
	int rc;

	look->spa = s->spa;
	rc = kmsg_last(&look->kmsg);
	if (!rc || s->kind == LOGGED || state_page(s->spa / PAGE) != PAGE_HIDDEN)
		return EXIT_OK;
	return kmsg_complain(mech_some(p) ? EXIT_PARTLY : EXIT_SETUP, rc);
}

static int look_after(struct planting *p, const struct shot *s, const struct sight *look)
{
	int rc = s->kind == LOGGED ? 1 : page_seen(p, look);

	if (rc < 0)
		return kmsg_complain(EXIT_UNSEEN, rc);
	if (!rc)
		return complain(EXIT_UNSEEN,
			"the machine check at %#" PRIx64 " was taken, but "
			"frame %#" PRIx64 " was not poisoned in time",
			s->spa, s->spa / PAGE);
	return EXIT_OK;
}

static int mce_extent(struct planting *p, const struct extent *e)
{
	uint64_t end = e->spa + e->len;
	struct shot s = { .spa = e->spa, .kind = p->o.kind };
	struct sight look;
	int rc;

	for (; s.spa < end; s.spa += 1ULL << s.shift) {
		s.shift = shift_at(s.spa, end - s.spa);
		rc = intr_check();
		if (!rc)
			rc = look_before(p, &s, &look);
		if (rc)
			return rc;
		rc = one_shot(p, &s, target_is_ram(p->t) ? 0 :
			      target_dev_off(p->t, e) + (s.spa - e->spa));
		if (!rc)
			rc = look_after(p, &s, &look);
		if (rc)
			return rc;
	}
	return EXIT_OK;
}

static int mce_plant(struct planting *p)
{
	size_t i;
	int rc = EXIT_OK;

	for (i = 0; i < p->t->n && !rc; i++)
		rc = mce_extent(p, &p->t->v[i]);
	if (once_restore())
		note("'" INJECT_DIR "/flags' stays as it is");
	if (!rc && p->o.kind != LOGGED)
		note("the kernel believes in a hardware error now: unpoison-pfn "
		     "is off until the next boot");
	return rc;
}

/* nfit's notifier lists what lies in its address ranges. */
static int mce_verify(struct planting *p)
{
	struct ranges want = { 0 };
	int rc;

	if (target_is_ram(p->t))
		return EXIT_OK;
	target_spa(p->t, &want);
	rc = state_listed(p->t->ns, &want, true, NULL, p->d);
	ranges_free(&want);
	if (rc)
		return complain(rc == -ETIMEDOUT ? EXIT_UNSEEN : EXIT_SETUP,
			"the machine check was taken, but '%s' lists no badblock "
			"for it: %s", p->t->ns->name, strerror(-rc));
	p->seen_by = p->o.kind == LOGGED ? "badblocks" :
						  "kernel log and badblocks";
	return EXIT_OK;
}

static int mce_unit(const struct target *t, uint64_t *unit, const char **why)
{
	(void)t;
	*unit = 1U << LINE_SHIFT;
	*why = "the cache line";
	return EXIT_OK;
}

static const struct mech mech_mce = {
	.name = NAME,
	.rank = 90,
	.kinds = TARGET_ANY,
	.errors = errors,
	.error = SRAO,
	.ram = true,
	.badblock = true,
	.machine = true,
	.once = true,
	.admin = true,
	.may_panic = true,
	.acts_on = "any target; the machine check is the kernel's own fiction",
	.leaves = "PG_hwpoison, on an NVDIMM a badblock; the media is good",
	.undo = "clear on an NVDIMM; System RAM: not before the next boot",
	.here = mce_here,
	.usable = mce_usable,
	.unit = mce_unit,
	.plant = mce_plant,
	.verify = mce_verify,
};

MECHANISM(mech_mce)
