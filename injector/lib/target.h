/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Targets: from what the user names to every view of the same bytes.  All
 * address arithmetic of the program is in target.c; target-view.c shows the
 * result and answers questions about it.
 *
 * Glossary: "off" is in the target's own bytes (file offset, device offset,
 * data-area offset of a namespace, virtual address, SPA or DPA, by kind);
 * "ns_off" counts from the start of the namespace's data area, of which a
 * 512-byte part is an LBA of /dev/pmemN and a namespace block alike; SPA is the
 * system physical address.
 *
 * A target lies in one namespace (t->ns), or in System RAM (t->ns is NULL):
 * ask target_is_ram() before t->ns is used.
 */
#ifndef POISONCTL_TARGET_H
#define POISONCTL_TARGET_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform.h"
#include "ranges.h"
#include "util.h"

enum target_kind {
	TARGET_NAMESPACE,
	TARGET_BLOCK,
	TARGET_DEVDAX,
	TARGET_FILE,
	TARGET_PROCESS,		/* off is a virtual address */
	TARGET_SPA,		/* off is the SPA */
	TARGET_DIMM,		/* off is the DPA */
	TARGET_MEMDEV,		/* off is the DPA */
	TARGET_REGION,		/* off is in the region */
};

/* Masks for tables: kinds by what reaches their bytes. */
#define TARGET_ANY	((1U << (TARGET_REGION + 1)) - 1)

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
	uint64_t ns_off;	/* 0 in System RAM */
	uint64_t spa;
	uint64_t len;
	uint64_t file_off;	/* process: byte of the mapped file */
	uint64_t map_size;	/* bytes of one page table entry that maps it
				 * (4K, 2M, 1G); 0: not mapped, or unknown
				 */
	bool shared;		/* the block belongs to another file too */
	bool hugetlb;
};

struct target {
	enum target_kind kind;
	const char *name;	/* as given */
	char key[NAME_LEN];	/* see target_key() */
	const struct nsinfo *ns;	/* NULL: System RAM */
	uint64_t off;		/* the place asked for */
	uint64_t len;
	uint64_t size;		/* of the whole target */
	uint64_t part_start;	/* bytes: partition that it lies in */
	struct device_runs runs;	/* device mapper: instead of part_start */
	uint64_t pid;		/* process */
	uint64_t start_time;	/* process: of the one that was looked at */
	char node[64];		/* process: a path to the mapped file */
	struct extent *v;	/* the place, in order of off */
	size_t n;
};

/**
 * target_resolve() - find the bytes that a name and a place stand for
 * @name: namespaceX.Y, pid:PID[:ADDRESS], spa[:ADDRESS], pfn:NUMBER,
 *	nmemN[:ADDRESS], memN[:ADDRESS], regionN[:OFFSET], or the path of a block
 *	device, device-dax node or file
 * @place: where; an address in the name is added to its offset
 * @whole: if no place is given, take the whole target, of a file without its
 *	holes and unwritten extents; else take the first 512 bytes.  A process,
 *	the SPA space and a DIMM are never meant as a whole: they need an address
 * @t: the result; target_free() it.  @name must live as long
 *
 * Refuses a place not wholly inside the target; a namespace that is disabled
 * or in sector mode; of a file holes, unwritten, delayed and inline extents,
 * files that are not really DAX (STATX_ATTR_DAX), and realtime files; of a
 * process what process_map() refuses; addresses that are neither System RAM nor
 * in the data area of a namespace, or partly; a DPA of an interleaved region that the
 * firmware does not translate, or of a CXL device that no region has.
 *
 * Return: EXIT_OK, or an exit code after a complaint.
 */
int target_resolve(const char *name, const struct place *place, bool whole,
		   struct target *t);

/**
 * target_blocks() - all blocks that a file has
 * @name: its path
 * @spa: where they are is added to it; nothing for a file of holes
 *
 * Those too that were not written yet, or lie behind its end: poison in them is found
 * once they are used.
 *
 * Return: EXIT_OK, or an exit code after a complaint, as of target_resolve().
 */
int target_blocks(const char *name, struct ranges *spa);

/**
 * target_key() - the name to resolve a target by its off again
 *
 * Differs from t->name where that has an address in it, which is part of off:
 * of "pid:77:0x1000" it is "pid:77".
 */
const char *target_key(const struct target *t);

/**
 * target_still_there() - resolve again just before something is planted
 *
 * A file's blocks and a process's pages may move between the first look and
 * the planting; whatever lies at the old place then is not what was named.  A
 * process must also be the same one, by its start time.
 *
 * Return: EXIT_OK if every byte of the place lies inside of @t's extents still;
 * EXIT_SETUP, or what target_resolve() returns, after a complaint.
 */
int target_still_there(const struct target *t);

/**
 * target_widen() - round a target out to a unit of its media
 * @t: resolved target
 * @unit: bytes, a power of two
 * @why: the unit's name, for the note on stderr; NULL for silence
 *
 * Return: EXIT_OK; EXIT_UNSUPPORTED after a complaint if an extent would have
 * to grow beyond the bytes that are known to belong to the target: of a file its
 * page, of an address the page or huge page around it.
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
 * @ns: receives the namespace, NULL if there is none
 *
 * Return: EXIT_OK; EXIT_SETUP after a complaint, namespaces cannot be listed then.
 */
int target_ns(const char *name, const struct nsinfo **ns);

/**
 * target_ns_at() - find the namespace whose data area holds an address
 * @ns: as target_ns()
 */
int target_ns_at(uint64_t spa, const struct nsinfo **ns);

/**
 * target_dpa() - DIMM and DPA of a system physical address
 * @ns: the namespace that holds it
 * @dpa: bytes
 *
 * The NFIT gives it directly where a region is not interleaved; else the firmware is asked
 * to translate the address.
 *
 * Return: the DIMM; NULL if the region has none, or the firmware does not say.
 */
const struct dimm_part *target_dpa(const struct nsinfo *ns, uint64_t spa,
				   uint64_t *dpa);

/**
 * target_is_ram() - does it lie in System RAM instead of a namespace?
 */
bool target_is_ram(const struct target *t);

/**
 * target_where() - the namespace's name, or "System RAM", for messages
 */
const char *target_where(const struct target *t);

/**
 * target_has_node() - can target_devnode() be opened and mapped?
 *
 * False for System RAM, and for a process that maps the namespace through more
 * than one mapping.
 */
bool target_has_node(const struct target *t);

/**
 * target_warn() - say it if a named address is a page of the kernel's own
 *
 * Only of System RAM named by SPA or PFN: in a process such a page is refused.
 */
void target_warn(const struct target *t);

/**
 * target_spa() - the SPA ranges of a target as a set
 */
void target_spa(const struct target *t, struct ranges *to);

/**
 * extent_pfn() - page frame number of an extent's first byte
 */
static inline uint64_t extent_pfn(const struct extent *e)
{
	return e->spa / PAGE;
}

/**
 * target_map_align() - bytes that one mapping of the target covers
 *
 * Return: the alignment of a device-dax instance, the size of a hugetlb page,
 * else the page size.
 */
uint64_t target_map_align(const struct target *t);

/**
 * target_json() - every view of a target
 *
 * Return: {target, kind, memory, namespace, ..., extents: [{offset, length,
 * block, lba, spa, pfn, dimm, dpa}]}.
 */
json_object *target_json(const struct target *t);

/**
 * target_kind_name(), ns_mode_name() - names as in ndctl's output
 */
const char *target_kind_name(enum target_kind kind);
const char *ns_mode_name(enum ns_mode mode);

/**
 * target_devnode() - path through which the target's bytes are reached
 * @buf: receives the file's own name, the path to the file that a process maps,
 *	/dev/pmemN or /dev/daxX.Y; empty if target_has_node() says no
 *
 * For all but files and processes it is the whole device, and offsets are
 * ns_off; target_dev_off() gives the matching offset.
 */
void target_devnode(const struct target *t, char *buf, size_t size);

/**
 * target_dev_off() - offset of an extent in target_devnode()
 */
uint64_t target_dev_off(const struct target *t, const struct extent *e);

/**
 * target_dev_off_at() - the same of an SPA inside of one of the extents
 */
uint64_t target_dev_off_at(const struct target *t, uint64_t spa);

/**
 * target_by_file() - is target_devnode() a file on a filesystem?
 *
 * A process may also map a device node, which is none.
 */
bool target_by_file(const struct target *t);

#endif
