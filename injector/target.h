/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Targets: from what the user names to every view of the same bytes.  All
 * address arithmetic of the program is in target.c.
 *
 * Glossary: "off" is in the target's own bytes (file offset, device offset,
 * or data-area offset of a namespace); "ns_off" counts from the start of the
 * namespace's data area, of which a 512-byte part is an LBA of /dev/pmemN and
 * a namespace block alike; SPA is the system physical address.
 */
#ifndef POISONCTL_TARGET_H
#define POISONCTL_TARGET_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform.h"
#include "ranges.h"

enum target_kind {
	TARGET_NAMESPACE,
	TARGET_BLOCK,
	TARGET_DEVDAX,
	TARGET_FILE,
};

/* The place as given on the command line. */
struct place {
	bool block_set, count_set, offset_set, length_set;
	uint64_t block;		/* 512-byte units */
	uint64_t count;
	uint64_t offset;	/* bytes */
	uint64_t length;
};

/* Bytes that follow each other in the target and in the SPA space. */
struct extent {
	uint64_t off;
	uint64_t ns_off;
	uint64_t spa;
	uint64_t len;
	bool shared;		/* the block belongs to another file too */
};

struct target {
	enum target_kind kind;
	const char *name;	/* as given */
	const struct nsinfo *ns;
	uint64_t off;		/* the place asked for */
	uint64_t len;
	uint64_t size;		/* of the whole target */
	uint64_t part_start;	/* bytes: partition that it lies in */
	struct extent *v;	/* the place, in order of off */
	size_t n;
};

/**
 * target_resolve() - find the bytes that a name and a place stand for
 * @name: namespaceX.Y, a block device, a device-dax node, or a file
 * @place: where
 * @whole: if no place is given, take the whole target, of a file without its
 *	holes and unwritten extents; else take the first 512 bytes
 * @t: the result; target_free() it
 *
 * Refuses a place not wholly inside the target; a namespace that is disabled
 * or in sector mode; of a file holes, unwritten, delayed and inline extents,
 * files that are not really DAX (STATX_ATTR_DAX), and realtime files.
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int target_resolve(const char *name, const struct place *place, bool whole,
		   struct target *t);

/**
 * target_widen() - round a target out to a unit of its media
 * @t: resolved target
 * @unit: bytes, a power of two
 * @why: the unit's name, for the note on stderr; NULL for silence
 *
 * Return: EXIT_OK; EXIT_UNSUPPORTED after a complaint if an extent would have
 * to grow beyond the bytes that are known to belong to the target.
 */
int target_widen(struct target *t, uint64_t unit, const char *why);

/**
 * target_free() - release what target_resolve() made
 */
void target_free(struct target *t);

/**
 * target_ns() - find a namespace by its own or a device's name
 * @name: namespace0.0, pmem0 or dax0.0
 *
 * Return: the namespace, NULL if there is none.
 */
const struct nsinfo *target_ns(const char *name);

/**
 * target_ns_at() - find the namespace whose data area holds an address
 */
const struct nsinfo *target_ns_at(uint64_t spa);

/**
 * target_dpa() - DIMM and DPA of a system physical address
 * @ns: the namespace that holds it
 * @dpa: bytes
 *
 * The NFIT gives it directly where a region is not interleaved.
 *
 * Return: the DIMM; NULL if the region is interleaved or has no DIMM.
 */
const struct dimm_part *target_dpa(const struct nsinfo *ns, uint64_t spa,
				   uint64_t *dpa);

/**
 * target_spa() - the SPA ranges of a target as a set
 */
void target_spa(const struct target *t, struct ranges *to);

/**
 * target_map_align() - bytes that one mapping of the target covers
 *
 * Return: the alignment of a device-dax instance, else the page size.
 */
uint64_t target_map_align(const struct target *t);

/**
 * target_json() - every view of a target
 *
 * Return: {target, kind, namespace, ..., extents: [{offset, length, block,
 * lba, spa, pfn, dimm, dpa}]}.
 */
json_object *target_json(const struct target *t);

/**
 * target_kind_name(), ns_mode_name() - names as in ndctl's output
 */
const char *target_kind_name(enum target_kind kind);
const char *ns_mode_name(enum ns_mode mode);

/**
 * target_devnode() - path through which the target's bytes are reached
 * @buf: receives the file's own name, /dev/pmemN or /dev/daxX.Y
 *
 * For a namespace and a partition it is the whole device, and offsets are
 * ns_off; target_dev_off() gives the matching offset.
 */
void target_devnode(const struct target *t, char *buf, size_t size);

/**
 * target_dev_off() - offset of an extent in target_devnode()
 */
uint64_t target_dev_off(const struct target *t, const struct extent *e);

#endif
