// SPDX-License-Identifier: GPL-2.0
/* What may be destroyed without a further word. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cxl.h"
#include "emulation.h"
#include "util.h"

#define TABLES		"/sys/firmware/acpi/tables"
#define TABLE_HEADER	36	/* System Description Table Header, ACPI 6.5, 5.2.6 */
#define OEM_ID		10	/* offset, 6 bytes; the table's own id follows, 8 bytes */

/*
 * NFIT ids of emulated DIMMs, as Linux shows them: JEDEC ids are big endian
 * there, and QEMU stores 8086 and 0001 little endian.
 */
static const struct {
	uint16_t vendor, device;
	const char *who;
} emulated_dimms[] = {
	{ 0x8680, 0x0100, "QEMU nvdimm (hw/acpi/nvdimm.c)" },
};

static bool is_own_table(const char *name)
{
	char header[TABLE_HEADER + 1];

	return read_text(header, sizeof(header), TABLES "/%.32s", name) >=
		       TABLE_HEADER - 1 &&
	       !memcmp(header + OEM_ID, "POISONNVDIMMER", 14);
}

static bool unreadable;		/* so that it is not known */

bool emulation_here(void)
{
	struct dirent *e;
	bool found = false;
	DIR *dir = open_folder(TABLES);

	unreadable = !dir && !is_absent(-errno);
	if (!dir)
		return false;
	while (!found && (e = readdir(dir)))
		found = !strncmp(e->d_name, "SSDT", 4) &&
			is_own_table(e->d_name);
	closedir(dir);
	return found;
}

bool emulation_virtual(void)
{
	char *cpu;
	bool flag;

	if (emulation_here())
		return true;
	cpu = read_whole("/proc/cpuinfo");
	flag = cpu && strstr(cpu, " hypervisor");
	free(cpu);
	return flag;
}

bool emulation_real_machine(const char **why)
{
	*why = emulation_here() ? NULL : unreadable ?
	       TABLES " cannot be read, so this machine may not be poisonctl's emulation" :
	       "no SSDT of POISON NVDIMMER: this machine is not poisonctl's emulation";
	return *why;
}

static bool dimm_is_emulated(const struct dimm_part *dimm)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(emulated_dimms); i++)
		if (dimm->vendor == emulated_dimms[i].vendor &&
		    dimm->device == emulated_dimms[i].device)
			return true;
	return false;
}

static bool cxl_is_real(const struct cxl_region *r, const char **why)
{
	*why = cxl_emulated(r) ? NULL : "a CXL device of its region is not one of QEMU's own";
	return *why;
}

bool emulation_real_media(const struct nsinfo *ns, const char **why)
{
	const struct cxl_region *r;
	size_t i;

	*why = NULL;
	if (!ns)
		return emulation_real_machine(why);
	r = cxl_region_at(ns->data_base);
	if (r)
		return cxl_is_real(r, why);
	if (!strncmp(ns->provider, "nfit_test.", 10))
		return false;
	if (!ns->ndimms)
		*why = "it has no DIMM that could be identified";
	for (i = 0; i < ns->ndimms; i++)
		if (!dimm_is_emulated(&ns->dimms[i]))
			*why = "its DIMM is not a known emulated one";
	if (!*why && !emulation_virtual())
		*why = "this machine is not virtual";
	return *why;
}

bool emulation_real_target(const struct target *t, const char **why)
{
	const struct cxl_region *r;
	size_t i;

	for (i = 0; i < t->n; i++) {
		r = cxl_region_at(t->v[i].spa);
		if (!r)
			return emulation_real_media(t->ns, why);
		if (cxl_is_real(r, why))
			return true;
	}
	*why = NULL;
	return false;
}
