// SPDX-License-Identifier: GPL-2.0
/*
 * Poison by address through the memory hotplug files of sysfs, hard_offline_page
 * and soft_offline_page (drivers/base/memory.c).
 *
 * Hard: memory_failure(), with its signals.  Soft: the page's content moves
 * elsewhere first and nobody notices; that wants a page of online System RAM,
 * so on ZONE_DEVICE the kernel must say EIO (soft_offline_page in
 * mm/memory-failure.c), and this is what is reported then.
 */
#include <inttypes.h>

#include "hwpoison.h"
#include "machine.h"

#define MISSING	"the kernel lacks CONFIG_MEMORY_FAILURE or CONFIG_MEMORY_HOTPLUG"

static void hard_here(struct here *h)
{
	here_file(h, HARD_OFFLINE, MISSING);
}

static void soft_here(struct here *h)
{
	here_file(h, SOFT_OFFLINE, MISSING);
}

static int hard_page(uint64_t spa)
{
	return write_text(HARD_OFFLINE, "%#" PRIx64 "\n", spa);
}

static int soft_page(uint64_t spa)
{
	return write_text(SOFT_OFFLINE, "%#" PRIx64 "\n", spa);
}

static int hard_plant(struct planting *p)
{
	return hwpoison_pages(p, hard_page);
}

static int soft_plant(struct planting *p)
{
	return hwpoison_pages(p, soft_page);
}

static const struct mech mech_hard_offline = {
	.name = "hard-offline-page",
	.rank = 50,
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
	.here = hard_here,
	.usable = hwpoison_usable,
	.unit = hwpoison_unit,
	.plant = hard_plant,
};

MECHANISM(mech_hard_offline)

static const struct mech mech_soft_offline = {
	.name = "soft-offline-page",
	.rank = 60,
	.kinds = TARGET_ANY,
	.ram = true,
	.once = true,
	.good_only = true,
	.admin = true,
	.acts_on = "System RAM; must fail on DAX",
	.leaves = "PG_hwpoison on an empty page; its content moved",
	.undo = "unpoison-pfn",
	.here = soft_here,
	.usable = hwpoison_usable,
	.unit = hwpoison_unit,
	.plant = soft_plant,
};

MECHANISM(mech_soft_offline)
