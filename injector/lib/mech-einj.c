// SPDX-License-Identifier: GPL-2.0
/*
 * Poison by the platform's firmware: ACPI error injection (ACPI 6.5, 18.6)
 * through debugfs apei/einj (drivers/acpi/apei/einj.c), at an address.
 *
 * What is planted is real on real machines: a corrected error is counted, an
 * uncorrected one bites whoever loads the line, a fatal one resets the machine.
 * The trigger makes the firmware signal the error at once, as its scrubber
 * would; without it the error waits for the first access.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "mech.h"
#include "once.h"

#define EINJ		DEBUGFS "/apei/einj"
#define LINE		UINT64_C(64)
#define FLAG_MEMORY	2	/* SETWA_FLAGS_MEM: param1 and param2 are valid */

enum { CORRECTED, UNCORRECTED, FATAL, KINDS };

static const struct mech_error errors[] = {
	[CORRECTED] = { .name = "corrected" },
	[UNCORRECTED] = { .name = "uncorrected" },
	[FATAL] = { .name = "fatal", .fatal = true },
	[KINDS] = { .name = NULL },
};

/* EINJ error types, ACPI 6.5, table 18.32. */
static const uint32_t types[] = {
	[CORRECTED] = 0x08,
	[UNCORRECTED] = 0x10,
	[FATAL] = 0x20,
};

static const struct mech_flag flags[] = {
	{ "no-trigger", "einj: leave the error for the first access" },
	{ NULL },
};

/* Lines of "0x00000010<tab>Memory Uncorrectable non-fatal". */
static int available_types(uint32_t *mask)
{
	char *text = read_whole(EINJ "/available_error_type");
	char *line, *next;

	*mask = 0;
	if (!text)
		return -errno;
	for (line = strtok_r(text, "\n", &next); line;
	     line = strtok_r(NULL, "\n", &next))
		*mask |= (uint32_t)strtoul(line, NULL, 0);
	free(text);
	return 0;
}

static void einj_here(struct here *h)
{
	uint32_t mask;
	char list[64] = "";
	size_t i;
	int rc;

	here_file(h, EINJ "/error_inject",
		  "the firmware has no EINJ table, or load the module einj");
	if (h->is != AVAIL_YES)
		return;
	here_file(h, EINJ "/param1", "the EINJ table takes no address");
	if (h->is != AVAIL_YES)
		return;
	rc = available_types(&mask);
	if (rc) {
		here_hidden(h, "cannot read " EINJ "/available_error_type: %s",
			    strerror(-rc));
		return;
	}
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (mask & types[i]) {
			strcat(list, *list ? ", " : "");
			strcat(list, errors[i].name);
		}
	if (*list)
		here_yes(h, EINJ "/available_error_type: %s", list);
	else
		here_no(h, EINJ "/available_error_type names no memory error");
}

static int einj_usable(const struct planting *p)
{
	uint32_t mask;
	int rc = available_types(&mask);

	if (rc)
		return complain(EXIT_SETUP, "cannot read '" EINJ "/available_error_type': %s",
				strerror(-rc));
	if (mask & types[p->o.kind])
		return EXIT_OK;
	return complain(EXIT_UNSUPPORTED,
		"the firmware injects no memory error of kind '%s' "
		"(" EINJ "/available_error_type)", errors[p->o.kind].name);
}

static int einj_unit(const struct target *t, uint64_t *unit, const char **why)
{
	(void)t;
	*unit = LINE;
	*why = "the cache line";
	return EXIT_OK;
}

static int set(const char *file, uint64_t value)
{
	return write_text(file, "%#" PRIx64 "\n", value);
}

/*
 * The registers keep their values, so that a later injection of somebody else
 * would take them: what changes the meaning of a write is put back afterwards.
 */
static int set_registers(const struct planting *p)
{
	/* the firmware would tell the kernel before the access of a trial does */
	bool quiet = p->mapped || mech_given(p, flags[0].name);
	int rc = set(EINJ "/error_type", types[p->o.kind]);

	if (!rc)
		rc = once_set(EINJ "/flags", "%#x", FLAG_MEMORY);
	if (!rc)
		rc = once_set(EINJ "/notrigger", "%#x", quiet);
	if (!rc)
		rc = set(EINJ "/param2", ~(LINE - 1));
	return rc;
}

/* -EBUSY is any command status but success (__einj_error_inject). */
static int einj_failed(uint64_t spa, int rc, bool first)
{
	static const struct {
		int err;
		const char *what;
	} known[] = {
		{ EBUSY, "the firmware reports a failure" },
		{ EINVAL, "the kernel takes neither this address nor type" },
		{ EADDRINUSE, "the kernel protects its zero page" },
		{ EIO, "the firmware does not answer in time" },
	};
	const char *what = strerror(-rc);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].err == -rc)
			what = known[i].what;
	return complain(first ? EXIT_SETUP : EXIT_PARTLY,
		"'" EINJ "' did not inject at %#" PRIx64 ": %s (%s)", spa, what,
		strerrorname_np(-rc));
}

static int inject_line(struct planting *p, const struct mech_unit *u, void *arg)
{
	int rc = set(EINJ "/param1", u->spa);

	(void)arg;
	if (!rc)
		rc = set(EINJ "/error_inject", 1);
	if (rc)
		return einj_failed(u->spa, rc, !mech_some(p));
	mech_done(p, u->spa, LINE);
	return EXIT_OK;
}

static int einj_plant(struct planting *p)
{
	int rc = set_registers(p), back;

	rc = rc ? einj_failed(p->t->v[0].spa, rc, true) :
		  mech_each_unit(p, LINE, inject_line, NULL);
	back = once_restore();
	if (back)
		note("'" EINJ "' keeps flags or notrigger: %s", strerror(-back));
	/* nobody shows what lies in the memory controller */
	if (!rc)
		p->seen_by = "command status of the firmware";
	return rc;
}

static const struct mech mech_einj = {
	.name = "einj",
	.rank = 100,
	.kinds = TARGET_ANY,
	.errors = errors,
	.error = UNCORRECTED,
	.flags = flags,
	.tried = true,
	.poison = POISON_LATENT,
	.ram = true,
	.machine = true,
	.once = true,
	.admin = true,
	.may_panic = true,
	.acts_on = "any target",
	.leaves = "an error in the memory itself, one a cache line",
	.undo = "clear on an NVDIMM; System RAM: a store to the line, or a reset",
	.here = einj_here,
	.usable = einj_usable,
	.unit = einj_unit,
	.plant = einj_plant,
};

MECHANISM(mech_einj)
