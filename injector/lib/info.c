// SPDX-License-Identifier: GPL-2.0
/* What poisonctl can say of this machine, each with its source. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cxl.h"
#include "emulation.h"
#include "expect.h"
#include "fw.h"
#include "info.h"
#include "machine.h"
#include "mech.h"
#include "pageflags.h"
#include "put.h"
#include "spaces.h"
#include "state.h"

#define OSRELEASE	"/proc/sys/kernel/osrelease"
#define CPUINFO		"/proc/cpuinfo"
#define MSR		"/dev/cpu/0/msr"

struct fact {
	json_object *value;	/* NULL: not seen */
	char source[160];
};

static void not_seen(struct fact *f, const char *path, int err)
{
	f->value = NULL;
	snprintf(f->source, sizeof(f->source), "%s: %s", path, strerror(err));
}

static void seen(struct fact *f, json_object *value, const char *source)
{
	f->value = value;
	copy_name(f->source, sizeof(f->source), source);
}

/* A file with one number. */
static void number_fact(struct fact *f, const char *path)
{
	char text[32];
	int rc = read_text(text, sizeof(text), "%s", path);

	if (rc < 0)
		not_seen(f, path, -rc);
	else
		seen(f, json_object_new_int64(strtoll(text, NULL, 0)), path);
}

static int release(char *buf, size_t size)
{
	return read_text(buf, size, OSRELEASE);
}

static void release_fact(struct fact *f)
{
	char text[128];
	int rc = release(text, sizeof(text));

	if (rc < 0)
		not_seen(f, OSRELEASE, -rc);
	else
		seen(f, json_object_new_string(text), OSRELEASE);
}

static bool own_core(const char *text)
{
	return strstr(text, "-poisonctl-ours");
}

static void core_fact(struct fact *f)
{
	char text[128];
	int rc = release(text, sizeof(text));

	if (rc < 0)
		not_seen(f, OSRELEASE, -rc);
	else
		seen(f, json_object_new_string(own_core(text) ?
			"kernel/dax of poisonctl" : "fs/dax.c of Linux"),
		     "local version in " OSRELEASE);
}

static void family_fact(struct fact *f)
{
	const char *env = getenv("POISONCTL_FAMILY");
	char text[128];
	int rc = release(text, sizeof(text));

	if (env && *env)
		seen(f, json_object_new_string(env), "POISONCTL_FAMILY");
	else if (rc < 0)
		not_seen(f, OSRELEASE, -rc);
	else
		seen(f, json_object_new_string(family_names[expect_family(text)]),
		     OSRELEASE);
}

static void virtual_fact(struct fact *f)
{
	int rc = file_access(CPUINFO, R_OK);

	if (rc && !emulation_here())
		not_seen(f, CPUINFO, -rc);
	else
		seen(f, json_object_new_boolean(emulation_virtual()),
		     "hypervisor flag in " CPUINFO);
}

static void own_fact(struct fact *f)
{
	static const char tables[] = "/sys/firmware/acpi/tables";
	int rc = file_access(tables, R_OK);

	if (rc || !machine_is_admin())
		not_seen(f, tables, rc ? -rc : EACCES);
	else
		seen(f, json_object_new_boolean(emulation_here()),
		     "SSDT of POISON NVDIMMER in /sys/firmware/acpi/tables");
}

static void admin_fact(struct fact *f)
{
	int rc = file_access("/proc/self/status", 4);

	if (rc)
		not_seen(f, "/proc/self/status", -rc);
	else
		seen(f, json_object_new_boolean(machine_is_admin()),
		     "CapEff in /proc/self/status");
}

static void recovery_fact(struct fact *f)
{
	number_fact(f, "/proc/sys/vm/memory_failure_recovery");
}

static void early_fact(struct fact *f)
{
	number_fact(f, "/proc/sys/vm/memory_failure_early_kill");
}

static void filter_fact(struct fact *f)
{
	number_fact(f, DEBUGFS "/hwpoison/corrupt-filter-enable");
}

static void corrupted_fact(struct fact *f)
{
	uint64_t bytes;
	int rc = pageflags_corrupted(&bytes);

	if (!rc)
		seen(f, json_object_new_uint64(bytes / 1024),
		     "HardwareCorrupted in /proc/meminfo, kB");
	else
		not_seen(f, "HardwareCorrupted in /proc/meminfo", -rc);
}

/* The kernel's copies recover from a machine check with ERMS only (6.1). */
static void erms_fact(struct fact *f)
{
	char *text = read_whole(CPUINFO), *at;

	at = text ? strstr(text, "\nflags") : NULL;
	if (at) {
		*strchrnul(at + 1, '\n') = '\0';
		seen(f, json_object_new_boolean(!!strstr(at, " erms")),
		     "flags in " CPUINFO);
	} else {
		not_seen(f, "flags in " CPUINFO, text ? ENOENT : errno);
	}
	free(text);
}

static void vendor_fact(struct fact *f)
{
	int rc = file_access(CPUINFO, R_OK);
	char name[64];

	if (!rc && machine_cpu_vendor(name, sizeof(name)))
		seen(f, json_object_new_string(name), "vendor_id in " CPUINFO);
	else
		not_seen(f, "vendor_id in " CPUINFO, rc ? -rc : ENOENT);
}

static void mcg_fact(struct fact *f, unsigned int bit, const char *name)
{
	int rc = file_access(MSR, 4);
	uint64_t cap;
	char source[96];

	if (machine_recovery(&cap) == AVAIL_HIDDEN) {
		not_seen(f, MSR, rc ? -rc : EIO);
		return;
	}
	snprintf(source, sizeof(source), "%s, bit %u of IA32_MCG_CAP in " MSR,
		 name, bit);
	seen(f, json_object_new_boolean(cap >> bit & 1), source);
}

static void ser_fact(struct fact *f)
{
	mcg_fact(f, 24, "MCG_SER_P");
}

static void lmce_fact(struct fact *f)
{
	mcg_fact(f, 27, "MCG_LMCE_P");
}

static const struct {
	const char *name;
	void (*find)(struct fact *f);
} facts[] = {
	{ "kernel_release", release_fact },
	{ "family", family_fact },
	{ "dax_core", core_fact },
	{ "virtual_machine", virtual_fact },
	{ "poisonctl_emulation", own_fact },
	{ "cap_sys_admin", admin_fact },
	{ "memory_failure_recovery", recovery_fact },
	{ "memory_failure_early_kill", early_fact },
	{ "hwpoison_filter", filter_fact },
	{ "hardware_corrupted", corrupted_fact },
	{ "cpu_vendor", vendor_fact },
	{ "erms", erms_fact },
	{ "error_recovery", ser_fact },
	{ "local_machine_check", lmce_fact },
};

int info_facts(json_object *list)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(facts); i++) {
		json_object *o = json_object_new_object();
		struct fact f = { 0 };

		facts[i].find(&f);
		put_str(o, "name", facts[i].name);
		json_object_object_add(o, "value", f.value);
		put_str(o, "source", f.source);
		json_object_array_add(list, o);
	}
	return EXIT_OK;
}

/* What is wrong with all of a list is a row of it, which says why. */
static int no_list(json_object *list, const char *what, const char *key, int err)
{
	int rc = complain(EXIT_SETUP, "cannot list the %s: %s", what, strerror(err));
	json_object *o = json_object_new_object();

	put_str(o, key, complaint());
	put_error(o, rc);
	json_object_array_add(list, o);
	return rc;
}

/* "1-5, 7-9" of a mask; function 0 is there if any is. */
static void mask_text(uint64_t mask, char *buf, size_t size)
{
	unsigned int first, last;

	*buf = '\0';
	for (first = 1; first < 64; first = last + 1) {
		size_t n = strlen(buf);

		last = first;
		if (!(mask >> first & 1))
			continue;
		while (last < 63 && mask >> (last + 1) & 1)
			last++;
		snprintf(buf + n, size - n, last > first ? "%s%u-%u" : "%s%u",
			 n ? ", " : "", first, last);
	}
}

static int put_functions(json_object *o, const char *bus)
{
	char mask[32], text[96];
	int rc = read_text(mask, sizeof(mask), "/sys/bus/nd/devices/%s/nfit/dsm_mask",
			   bus);

	put_str(o, "dsm_mask", rc < 0 ? NULL : mask);
	if (rc >= 0)
		mask_text(strtoull(mask, NULL, 16), text, sizeof(text));
	put_str(o, "functions", rc < 0 ? NULL : text);
	json_object_object_add(o, "error_injection", rc < 0 ? NULL :
			       json_object_new_boolean(fw_can_inject(bus) > 0));
	return rc;
}

static int put_clear_unit(json_object *o, const struct nsinfo *ns)
{
	uint64_t unit = 0;
	int rc = machine->clear_unit(ns->bus, ns->region_base, ns->region_size,
				      &unit);

	json_object_object_add(o, "clear_unit",
			       rc ? NULL : json_object_new_uint64(unit));
	return rc;
}

static void put_bus(json_object *o, const struct nsinfo *ns)
{
	char source[192];
	int mask, unit;

	put_str(o, "bus", ns->bus);
	put_str(o, "provider", ns->provider);
	mask = put_functions(o, ns->bus);
	unit = put_clear_unit(o, ns);
	snprintf(source, sizeof(source), "nfit/dsm_mask%s%s; DSM function 1%s%s",
		 mask < 0 ? ": " : "", mask < 0 ? strerror(-mask) : "",
		 unit < 0 ? ": " : "", unit < 0 ? strerror(-unit) : "");
	put_str(o, "source", source);
}

int info_buses(json_object *list)
{
	const struct nsinfo *v;
	size_t n, i, k;
	int rc = machine->namespaces(&v, &n);

	if (rc)
		return no_list(list, "buses", "source", -rc);
	for (i = 0; i < n; i++) {
		json_object *o;

		for (k = 0; k < i && strcmp(v[k].bus, v[i].bus); k++)
			;
		if (k < i)
			continue;
		o = json_object_new_object();
		put_bus(o, &v[i]);
		json_object_array_add(list, o);
	}
	return EXIT_OK;
}

int info_namespaces(json_object *list)
{
	const struct nsinfo *v;
	const char *why;
	size_t n, i;
	int rc = spaces_all(&v, &n);

	if (rc)
		return no_list(list, "namespaces", "reason", -rc);
	for (i = 0; i < n; i++) {
		json_object *o = json_object_new_object();
		bool real = emulation_real_media(&v[i], &why);

		put_str(o, "dev", v[i].name);
		put_str(o, "bus", v[i].bus);
		put_str(o, "mode", ns_mode_name(v[i].mode));
		put_bool(o, "emulated", !real);
		put_str(o, "reason", real ? why :
			cxl_region_at(v[i].data_base) ?
			"PCI subsystem ids of its CXL devices" :
			"NFIT ids of its DIMMs, and this machine is virtual");
		json_object_array_add(list, o);
	}
	return EXIT_OK;
}

static void put_errors(json_object *o, const struct mech *m)
{
	json_object *list = json_object_new_array();
	const struct mech_error *e;

	for (e = m->errors; e && e->name; e++)
		json_object_array_add(list, json_object_new_string(e->name));
	json_object_object_add(o, "errors", list);
}

int info_mechanisms(json_object *list)
{
	const struct mech *m;
	size_t i;

	for (i = 0; (m = mech_at(i)); i++) {
		json_object *o = json_object_new_object();
		struct here h = { .is = AVAIL_NO };

		m->here(&h);
		if (h.is == AVAIL_YES && m->admin && !machine_is_admin()) {
			h.is = AVAIL_NO;
			copy_name(h.why, sizeof(h.why), "needs CAP_SYS_ADMIN");
		}
		put_str(o, "mechanism", m->name);
		json_object_object_add(o, "usable", h.is == AVAIL_HIDDEN ? NULL :
			json_object_new_boolean(h.is == AVAIL_YES));
		put_str(o, "reason", h.why);
		put_str(o, "targets", m->acts_on);
		put_errors(o, m);
		put_str(o, "leaves", m->leaves);
		put_str(o, "undo", m->undo);
		json_object_array_add(list, o);
	}
	return EXIT_OK;
}
