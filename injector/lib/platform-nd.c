// SPDX-License-Identifier: GPL-2.0
/*
 * The machine as libndctl and libdaxctl know it, and the firmware behind
 * /dev/ndctlN.
 */
#include <daxctl/libdaxctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ndctl.h>
#include <ndctl/libndctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "dm.h"
#include "files.h"
#include "freeze.h"
#include "media.h"
#include "owners.h"
#include "platform.h"
#include "util.h"

static struct ndctl_ctx *nd;
static struct nsinfo *spaces;
static size_t nspaces;

/* sysfs hides addresses from all but root: libndctl says 0 or all ones. */
static uint64_t known_address(unsigned long long spa)
{
	return spa == ~0ULL ? 0 : spa;
}

static void fill_dimms(struct ndctl_region *region, struct nsinfo *ns)
{
	struct ndctl_mapping *m;

	ndctl_mapping_foreach(region, m) {
		struct ndctl_dimm *dimm = ndctl_mapping_get_dimm(m);
		struct dimm_part *part = &ns->dimms[ns->ndimms];

		if (ns->ndimms == DIMMS_MAX)
			return;
		copy_name(part->name, NAME_LEN, ndctl_dimm_get_devname(dimm));
		part->handle = ndctl_dimm_get_handle(dimm);
		part->vendor = ndctl_dimm_get_vendor(dimm);
		part->device = ndctl_dimm_get_device(dimm);
		part->dpa_base = ndctl_mapping_get_offset(m);
		ns->ndimms++;
	}
}

static void fill_devdax(struct ndctl_dax *dax, struct nsinfo *ns)
{
	struct daxctl_region *region = ndctl_dax_get_daxctl_region(dax);
	struct daxctl_dev *dev = region ? daxctl_dev_get_first(region) : NULL;

	ns->mode = NS_DEVDAX;
	ns->data_base = known_address(ndctl_dax_get_resource(dax));
	ns->size = ndctl_dax_get_size(dax);
	ns->align = ndctl_dax_get_align(dax);
	if (dev)
		copy_name(ns->daxdev, NAME_LEN, daxctl_dev_get_devname(dev));
}

/* The identity that "ndctl list" shows is that of the mode's own metadata. */
static void fill_uuid(struct ndctl_namespace *ndns, struct nsinfo *ns)
{
	struct ndctl_btt *btt = ndctl_namespace_get_btt(ndns);
	struct ndctl_pfn *pfn = ndctl_namespace_get_pfn(ndns);
	struct ndctl_dax *dax = ndctl_namespace_get_dax(ndns);
	uuid_t uuid;

	if (dax)
		ndctl_dax_get_uuid(dax, uuid);
	else if (pfn)
		ndctl_pfn_get_uuid(pfn, uuid);
	else if (btt)
		ndctl_btt_get_uuid(btt, uuid);
	else
		ndctl_namespace_get_uuid(ndns, uuid);
	if (!uuid_is_null(uuid))
		uuid_unparse(uuid, ns->uuid);
}

static void fill_mode(struct ndctl_namespace *ndns, struct nsinfo *ns)
{
	struct ndctl_btt *btt = ndctl_namespace_get_btt(ndns);
	struct ndctl_pfn *pfn = ndctl_namespace_get_pfn(ndns);
	struct ndctl_dax *dax = ndctl_namespace_get_dax(ndns);
	const char *bdev = NULL;

	if (dax) {
		fill_devdax(dax, ns);
	} else if (pfn) {
		ns->mode = NS_FSDAX;
		ns->data_base = known_address(ndctl_pfn_get_resource(pfn));
		ns->size = ndctl_pfn_get_size(pfn);
		bdev = ndctl_pfn_get_block_device(pfn);
	} else if (btt) {
		ns->mode = NS_SECTOR;
		ns->size = ndctl_btt_get_size(btt);
		bdev = ndctl_btt_get_block_device(btt);
	} else {
		ns->mode = NS_RAW;
		ns->data_base =
			known_address(ndctl_namespace_get_resource(ndns));
		bdev = ndctl_namespace_get_block_device(ndns);
	}
	copy_name(ns->blockdev, NAME_LEN, bdev);
}

static void add_namespace(struct ndctl_bus *bus, struct ndctl_region *region,
			  struct ndctl_namespace *ndns)
{
	struct nsinfo *ns;

	if (!ndctl_namespace_get_size(ndns))
		return;		/* the seed of a region */
	spaces = xrealloc(spaces, (nspaces + 1) * sizeof(*spaces));
	ns = &spaces[nspaces++];
	*ns = (struct nsinfo){
		.size = ndctl_namespace_get_size(ndns),
		.region_base = known_address(ndctl_region_get_resource(region)),
		.region_size = ndctl_region_get_size(region),
		.active = ndctl_namespace_is_active(ndns),
		.align = PAGE,
	};
	copy_name(ns->name, NAME_LEN, ndctl_namespace_get_devname(ndns));
	copy_name(ns->bus, NAME_LEN, ndctl_bus_get_devname(bus));
	copy_name(ns->provider, NAME_LEN, ndctl_bus_get_provider(bus));
	copy_name(ns->region, NAME_LEN, ndctl_region_get_devname(region));
	fill_dimms(region, ns);
	fill_mode(ndns, ns);
	fill_uuid(ndns, ns);
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct nsinfo *)a)->name,
			  ((const struct nsinfo *)b)->name);
}

/*
 * libndctl takes a folder that cannot be read for an empty one.  Without /sys/class/nd the
 * kernel has no NVDIMMs, if there is a sysfs to say so.
 */
static int check_sysfs(void)
{
	int rc = file_access("/sys/class", R_OK | X_OK);

	if (rc)
		return rc;
	rc = file_access("/sys/class/nd", R_OK | X_OK);
	return rc == -ENOENT ? 0 : rc;
}

static int open_library(void)
{
	struct ndctl_bus *bus;
	struct ndctl_region *region;
	struct ndctl_namespace *ndns;
	int rc;

	if (nd)
		return 0;
	rc = check_sysfs();
	if (!rc)
		rc = ndctl_new(&nd);
	if (rc)
		return rc;
	ndctl_bus_foreach(nd, bus)
		ndctl_region_foreach(bus, region)
			ndctl_namespace_foreach(region, ndns)
				add_namespace(bus, region, ndns);
	if (nspaces)
		qsort(spaces, nspaces, sizeof(*spaces), by_name);
	return 0;
}

static int nd_namespaces(const struct nsinfo **v, size_t *n)
{
	int rc = open_library();

	if (rc)
		return rc;
	*v = spaces;
	*n = nspaces;
	return 0;
}

static struct ndctl_bus *find_bus(const char *name, int *rc)
{
	struct ndctl_bus *bus;

	*rc = open_library();
	if (*rc)
		return NULL;
	ndctl_bus_foreach(nd, bus)
		if (!strcmp(ndctl_bus_get_devname(bus), name))
			return bus;
	*rc = -ENODEV;
	return NULL;
}

/*
 * libndctl has no public call for functions 7 to 9 with a range of one's own,
 * so the envelope of ND_CMD_CALL is filled here.  The answer of the firmware
 * follows the input in the payload.
 */
static int nd_dsm(const char *bus, unsigned int func, const void *in,
		  size_t in_size, void *out, size_t out_size, size_t *got)
{
	struct nd_cmd_pkg *pkg;
	char node[NAME_LEN + 8];
	int fd, rc = 0;

	/* ndbus0 is reached through /dev/ndctl0 */
	snprintf(node, sizeof(node), "/dev/ndctl%s", bus + strlen("ndbus"));
	fd = open(node, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	pkg = calloc(1, sizeof(*pkg) + in_size + out_size);
	if (!pkg) {
		close(fd);
		return -ENOMEM;
	}
	pkg->nd_family = 0;	/* the NVDIMM root device itself */
	pkg->nd_command = func;
	pkg->nd_size_in = (uint32_t)in_size;
	pkg->nd_size_out = (uint32_t)out_size;
	if (in_size)
		memcpy(pkg->nd_payload, in, in_size);
	if (ioctl(fd, ND_IOCTL_CALL, pkg) < 0)
		rc = -errno;
	*got = pkg->nd_fw_size;
	if (out_size)
		memcpy(out, pkg->nd_payload + in_size, out_size);
	free(pkg);
	close(fd);
	return rc;
}

static int nd_dimm_at(const char *bus, uint64_t spa, char *name, uint64_t *dpa)
{
	struct ndctl_dimm *dimm = NULL;
	unsigned long long at;
	unsigned int handle;
	int rc;
	struct ndctl_bus *b = find_bus(bus, &rc);

	if (!b)
		return rc;
	if (!ndctl_bus_nfit_translate_spa(b, spa, &handle, &at))
		dimm = ndctl_dimm_get_by_handle(b, handle);
	if (!dimm)
		return -EOPNOTSUPP;
	copy_name(name, NAME_LEN, ndctl_dimm_get_devname(dimm));
	*dpa = at;
	return 0;
}

static int nd_start_scrub(const char *bus)
{
	int rc;
	struct ndctl_bus *b = find_bus(bus, &rc);

	return b ? ndctl_bus_start_scrub(b) : rc;
}

static struct ndctl_cmd *ars_cap(const char *bus, uint64_t spa, uint64_t len,
				 int *rc)
{
	struct ndctl_bus *b = find_bus(bus, rc);
	struct ndctl_cmd *cap;

	if (!b)
		return NULL;
	cap = ndctl_bus_cmd_new_ars_cap(b, spa, len);
	*rc = -EOPNOTSUPP;
	if (!cap)
		return NULL;
	*rc = ndctl_cmd_submit_xlat(cap);
	if (*rc >= 0)
		return cap;
	ndctl_cmd_unref(cap);
	return NULL;
}

static int nd_clear_unit(const char *bus, uint64_t spa, uint64_t len,
			 uint64_t *unit)
{
	int rc;
	struct ndctl_cmd *cap = ars_cap(bus, spa, len, &rc);

	if (!cap)
		return rc;
	*unit = ndctl_cmd_ars_cap_get_clear_unit(cap);
	ndctl_cmd_unref(cap);
	return 0;
}

static int nd_clear_error(const char *bus, uint64_t spa, uint64_t len,
			  uint64_t *cleared)
{
	struct ndctl_cmd *cap, *clear;
	int rc;

	cap = ars_cap(bus, spa, len, &rc);
	if (!cap)
		return rc;
	clear = ndctl_bus_cmd_new_clear_error(spa, len, cap);
	if (!clear) {
		ndctl_cmd_unref(cap);
		return -EOPNOTSUPP;
	}
	rc = ndctl_cmd_submit_xlat(clear);
	*cleared = rc < 0 ? 0 : ndctl_cmd_clear_error_get_cleared(clear);
	ndctl_cmd_unref(clear);
	ndctl_cmd_unref(cap);
	return rc < 0 ? rc : 0;
}

static const struct machine_ops linux_machine = {
	.namespaces = nd_namespaces,
	.identify = files_identify,
	.file_map = files_map,
	.owners = owners_each,
	.dsm = nd_dsm,
	.dimm_at = nd_dimm_at,
	.start_scrub = nd_start_scrub,
	.clear_unit = nd_clear_unit,
	.clear_error = nd_clear_error,
	.dm_table = dm_table,
	.open_file = media_open_file,
	.access_file = media_access_file,
	.write_file = media_write_file,
	.open = media_open,
	.stat = media_stat,
	.alone = media_alone,
	.freeze = freeze_begin,
	.thaw = freeze_end,
	.map = files_map_fd,
	.read = media_read,
	.write = media_write,
	.mmap = media_mmap,
	.poison = media_poison,
	.punch = media_punch,
	.sync = media_sync,
	.msync = media_msync,
	.scratch = media_scratch,
	.fork = media_fork,
	.wait = media_wait,
};

const struct machine_ops *machine = &linux_machine;
