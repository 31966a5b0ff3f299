// SPDX-License-Identifier: GPL-2.0
/*
 * Poison by page frame number through debugfs, hwpoison/corrupt-pfn
 * (mm/hwpoison-inject.c): memory_failure(), as hard_offline_page does it, from
 * a module that kernels without memory hotplug have as well.
 */
#include <inttypes.h>

#include "hwpoison.h"
#include "machine.h"

static void corrupt_here(struct here *h)
{
	here_file(h, CORRUPT_PFN, "load the module hwpoison-inject");
}

static int corrupt_page(uint64_t spa)
{
	return write_text(CORRUPT_PFN, "%#" PRIx64 "\n", spa / PAGE);
}

static int corrupt_plant(struct planting *p)
{
	return hwpoison_pages(p, corrupt_page);
}

static const struct mech mech_corrupt_pfn = {
	.name = "corrupt-pfn",
	.rank = 70,
	.kinds = TARGET_ANY,
	.ram = true,
	.once = true,
	.good_only = true,
	.admin = true,
	.may_panic = true,
	.tried = true,
	.poison = POISON_FLAGGED,
	.acts_on = "any target",
	.leaves = "PG_hwpoison; processes that map the page are signalled",
	.undo = "DAX: clear; System RAM: unpoison-pfn once nobody holds it",
	.here = corrupt_here,
	.usable = hwpoison_usable,
	.unit = hwpoison_unit,
	.plant = corrupt_plant,
};

MECHANISM(mech_corrupt_pfn)
