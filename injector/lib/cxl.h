/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CXL memory as the kernel describes it (Documentation/ABI/testing/sysfs-bus-cxl):
 * regions of the host's physical address space, the memory devices that have their
 * bytes, and the lists of poison of these.
 *
 * Glossary: HPA, the host's physical address, is an SPA here; DPA is a device's own;
 * a region is spread over "ways" devices by granules: granule k of a region is in the
 * device at position k % ways, where it is granule k / ways.
 */
#ifndef POISONCTL_CXL_H
#define POISONCTL_CXL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform.h"
#include "ranges.h"

struct target;

#define CXL_WAYS_MAX	16	/* CXL 3.1, 8.2.4.20.7: Interleave Ways */
#define CXL_LINE	UINT64_C(64)	/* a device's unit of poison, 8.2.9.9.4.2 */

/* What one device has of a region; the index in the region is its position. */
struct cxl_share {
	char memdev[NAME_LEN];	/* mem0 */
	char decoder[NAME_LEN];	/* decoder2.0 */
	uint64_t serial;
	uint64_t dpa;		/* of its first byte */
};

struct cxl_region {
	char name[NAME_LEN];	/* region0 */
	uint64_t spa;
	uint64_t size;		/* of all ways */
	uint64_t granularity;	/* bytes */
	size_t ways;
	struct cxl_share v[CXL_WAYS_MAX];
};

/* A memory device. */
struct cxl_memdev {
	char name[NAME_LEN];
	uint64_t serial;
	uint64_t size;		/* volatile and persistent, bytes */
};

/* An entry of a device's list of poison. */
struct cxl_poison {
	uint64_t dpa;
	uint64_t len;
	char source[16];	/* Injected, Internal, External, Vendor, Unknown */
};

/**
 * cxl_regions() - all regions that are committed, and whose address this user may see
 * @v: belongs to this file, and lives until exit
 *
 * Return: 0; -errno if what is there cannot be read.  Without CXL there is none.
 */
int cxl_regions(const struct cxl_region **v, size_t *n);

/**
 * cxl_region_at() - the region that has an address
 *
 * Return: it; NULL if there is none, or regions cannot be read.
 */
const struct cxl_region *cxl_region_at(uint64_t spa);

/**
 * cxl_dpa() - which device has a byte, and where
 * @r: the region that has @spa
 * @dpa: receives the device's address
 *
 * Return: the device's part.
 */
const struct cxl_share *cxl_dpa(const struct cxl_region *r, uint64_t spa, uint64_t *dpa);

/**
 * cxl_spa() - where a byte of a device is for the host
 * @r: a region
 * @position: of the device in it
 * @dpa: the device's address
 * @spa: receives the host's
 * @run: receives the bytes from there on that follow each other for both
 *
 * Return: false if the region does not have that byte of the device.
 */
bool cxl_spa(const struct cxl_region *r, size_t position, uint64_t dpa, uint64_t *spa,
	     uint64_t *run);

/**
 * cxl_host() - the region that has a byte of a device
 * @memdev: the device's name
 * @dpa: its address
 * @spa: receives the host's
 * @run: as of cxl_spa()
 *
 * Return: the region; NULL if none has it, or regions cannot be read.
 */
const struct cxl_region *cxl_host(const char *memdev, uint64_t dpa, uint64_t *spa,
				  uint64_t *run);

/**
 * cxl_daxes() - device-dax instances of volatile regions, as namespaces of no bus
 * @v: appended to, reallocated
 *
 * Return: 0 or -errno.
 */
int cxl_daxes(struct nsinfo **v, size_t *n);

/**
 * cxl_memdevs() - all memory devices, in the order of their names
 * @v: receives an array that the caller frees
 *
 * Return: 0 or -errno.
 */
int cxl_memdevs(struct cxl_memdev **v, size_t *n);

/**
 * cxl_emulated() - are all devices of a region QEMU's?
 *
 * By the PCI subsystem vendor, which is that of QEMU for its own models alone: a
 * device that it is handed through keeps its own.
 */
bool cxl_emulated(const struct cxl_region *r);

/**
 * cxl_put_place() - where bytes are in CXL memory devices
 * @o: gets region, and of the first byte memdev, serial, decoder, position and dpa;
 *	of an interleaved region also shares, what each device has of @len
 *
 * Adds nothing if no region has @spa.
 */
void cxl_put_place(json_object *o, uint64_t spa, uint64_t len);

/**
 * cxl_put_host() - where a byte of a device is for the host
 * @o: gets region and spa, if a region has it
 */
void cxl_put_host(json_object *o, const char *memdev, uint64_t dpa);

/* cxl-list.c */

/**
 * cxl_poison_list() - ask a device for its list
 * @memdev: its name
 * @v: receives an array that the caller frees
 *
 * The list comes as trace events, in an instance of tracefs of our own, under the
 * lock of once.h, which is taken for it.
 *
 * Return: 0; -EOPNOTSUPP if the kernel or this machine has no such question; another
 * -errno.
 */
int cxl_poison_list(const char *memdev, struct cxl_poison **v, size_t *n);

/**
 * cxl_poisoned() - what the devices list of an address range
 * @set: receives SPA ranges
 *
 * Return: 0; -ENODEV if no region has @spa; as cxl_poison_list().
 */
int cxl_poisoned(uint64_t spa, uint64_t len, struct ranges *set);

/**
 * cxl_poisoned_target() - the same of all extents of a target that are in regions
 *
 * Return: 0; as cxl_poison_list().
 */
int cxl_poisoned_target(const struct target *t, struct ranges *set);

/**
 * cxl_clear() - have the device take a line for good; what was in it is zero
 * @spa: of its first byte
 *
 * Clear Poison of CXL 3.1, 8.2.9.9.4.3, by debugfs cxl/memN/clear_poison.
 *
 * Return: 0; -ENODEV if no region has it; another -errno.
 */
int cxl_clear(uint64_t spa);

#endif
