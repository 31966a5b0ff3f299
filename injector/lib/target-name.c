// SPDX-License-Identifier: GPL-2.0
/*
 * The grammar of targets.
 *
 *	target  = namespaceX.Y | device | space [":" address] | path
 *	device  = "pmem" digits | "dax" digits "." digits, as the kernel names them
 *	space   = "pid:" digits | "nmem" digits | "mem" digits | "region" digits |
 *		  "spa" | "pfn"
 *	address = a number with an optional suffix, in bytes; of "pfn" in pages
 *
 * A word without a slash is a path only if it is nothing else; "./spa" is
 * always one.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target-name.h"

static int check_ns(const struct nsinfo *ns)
{
	if (!ns->active)
		return complain(EXIT_UNSUPPORTED, "'%s' is disabled", ns->name);
	if (ns->mode == NS_SECTOR)
		return complain(EXIT_UNSUPPORTED,
			"'%s' is in sector mode: its blocks move", ns->name);
	if (!ns->data_base)
		return complain(EXIT_UNSUPPORTED,
			"the physical address of '%s' is hidden: not root?",
			ns->name);
	return EXIT_OK;
}

/* The address that a name has in it. */
struct address {
	bool given;
	uint64_t base;
};

static int complain_ident(const char *name, int rc)
{
	switch (rc) {
	case -ENOENT:
		return complain(EXIT_USAGE, "no such target '%s'", name);
	case -ENOTBLK:
		return complain(EXIT_UNSUPPORTED,
			"'%s' is no namespace, pmem or dax device, nor a file "
			"on one", name);
	default:
		return complain(EXIT_SETUP, "cannot look at '%s': %s", name,
				strerror(-rc));
	}
}

int target_read_path(struct target *t)
{
	struct ident id;
	int rc = machine->identify(t->name, &id);

	if (rc)
		return complain_ident(t->name, rc);
	rc = target_ns(id.dev, &t->ns);
	if (rc)
		return rc;
	if (!t->ns)
		return complain(EXIT_UNSUPPORTED,
			"'%s' is on '%s', which is not persistent memory",
			t->name, id.dev);
	t->kind = id.kind == IDENT_FILE ? TARGET_FILE :
		  id.kind == IDENT_BLOCK ? TARGET_BLOCK : TARGET_DEVDAX;
	t->part_start = id.part_start;
	t->runs = id.runs;
	t->size = id.kind == IDENT_DEVDAX ? t->ns->size : id.size;
	return check_ns(t->ns);
}

/* A device by its bare name, which needs no path because ndctl has it so. */
static int classify_device(struct target *t)
{
	t->kind = t->ns->mode == NS_DEVDAX ? TARGET_DEVDAX : TARGET_BLOCK;
	t->size = t->ns->size;
	return check_ns(t->ns);
}

static int classify_namespace(struct target *t)
{
	int rc = target_ns(t->name, &t->ns);

	t->kind = TARGET_NAMESPACE;
	if (rc)
		return rc;
	if (!t->ns)
		return complain(EXIT_USAGE, "no namespace '%s'", t->name);
	t->size = t->ns->size;
	return check_ns(t->ns);
}

/* Names that stand for an address space: PREFIX, digits, perhaps :ADDRESS. */
static const struct {
	const char *prefix;
	enum target_kind kind;
	bool numbered;		/* digits follow the prefix */
	uint64_t unit;		/* bytes that one count of ADDRESS stands for */
	uint64_t size;		/* architectural limit, Intel SDM vol. 3A, 4.1 */
} spaces[] = {
	{ "pid:", TARGET_PROCESS, true, 1, UINT64_C(1) << 56 },
	{ "nmem", TARGET_DIMM, true, 1, UINT64_C(1) << 52 },
	{ "mem", TARGET_MEMDEV, true, 1, UINT64_C(1) << 52 },
	{ "region", TARGET_REGION, true, 1, UINT64_C(1) << 52 },
	{ "spa", TARGET_SPA, false, 1, UINT64_C(1) << 52 },
	{ "pfn", TARGET_SPA, false, PAGE, UINT64_C(1) << 52 },
};

/* Length of the name without its address, 0 if the row does not fit. */
static size_t match_space(const char *name, size_t row)
{
	size_t n = strlen(spaces[row].prefix), digits;

	if (strncmp(name, spaces[row].prefix, n))
		return 0;
	digits = strspn(name + n, "0123456789");
	if (spaces[row].numbered != !!digits)
		return 0;
	n += digits;
	return n < NAME_LEN && (!name[n] || name[n] == ':') ? n : 0;
}

static int classify_space(size_t row, size_t n, struct target *t,
			  struct address *a)
{
	const char *text = t->name + n;
	int rc;

	t->kind = spaces[row].kind;
	t->size = spaces[row].size;
	snprintf(t->key, sizeof(t->key), "%.*s", (int)n, t->name);
	if (t->kind == TARGET_PROCESS) {
		rc = parse_size(t->key + strlen("pid:"), &t->pid);
		if (rc || t->pid > INT32_MAX)
			return complain(EXIT_USAGE, "no process '%s'",
					t->key + strlen("pid:"));
	} else if (t->kind == TARGET_SPA) {
		copy_name(t->key, sizeof(t->key), "spa");
	}
	if (!*text)
		return EXIT_OK;
	rc = parse_size(text + 1, &a->base);
	if (rc || a->base > UINT64_MAX / spaces[row].unit)
		return complain(EXIT_USAGE, "'%s': '%s' is %s", t->name,
				text + 1, rc == -EINVAL ? "no number" :
							  "too large");
	a->base *= spaces[row].unit;
	a->given = true;
	return EXIT_OK;
}

/* Decide what the name is; sets kind, size, and what is known of ns. */
static int classify(struct target *t, struct address *a)
{
	size_t i, n;
	int rc;

	if (strchr(t->name, '/'))
		return target_read_path(t);
	if (!strncmp(t->name, "namespace", 9))
		return classify_namespace(t);
	for (i = 0; i < ARRAY_SIZE(spaces); i++) {
		n = match_space(t->name, i);
		if (n)
			return classify_space(i, n, t, a);
	}
	rc = target_ns(t->name, &t->ns);
	if (rc)
		return rc;
	return t->ns ? classify_device(t) : target_read_path(t);
}

bool target_is_space(const struct target *t)
{
	return *t->key;
}

const char *target_key(const struct target *t)
{
	return target_is_space(t) ? t->key : t->name;
}

/* What may be said about the place, before its numbers are looked at. */
static int check_place(const struct place *p, const struct address *a,
		       const struct target *t)
{
	if (p->block_set && (t->kind == TARGET_FILE || target_is_space(t)))
		return complain(EXIT_USAGE,
			"--block is for devices: give --offset in '%s'",
			t->name);
	if (target_is_space(t) && !a->given && !p->offset_set)
		return complain(EXIT_USAGE,
			"'%s' needs an address: '%s:ADDRESS' or --offset",
			t->name, t->name);
	if (p->length_set && !p->offset_set && !a->given)
		return complain(EXIT_USAGE, "--length needs --offset");
	return EXIT_OK;
}

static int set_place(const struct place *p, const struct address *a, bool whole,
		     struct target *t)
{
	uint64_t off = p->offset, len = p->length;

	if (p->block_set) {
		len = p->count_set ? p->count : 1;
		if (p->block > UINT64_MAX / SECTOR ||
		    len > UINT64_MAX / SECTOR)
			return complain(EXIT_USAGE,
				"block %" PRIu64 " is beyond '%s'",
				p->block, t->name);
		off = p->block * SECTOR;
		len *= SECTOR;
	} else if (!p->length_set) {
		len = SECTOR;
		if (whole && !p->offset_set && !target_is_space(t))
			len = t->size;
	}
	if (a->given && off > UINT64_MAX - a->base)
		return complain(EXIT_USAGE,
			"--offset '%" PRIu64 "' is too large for '%s'", off,
			t->name);
	off += a->base;
	if (!len || off >= t->size || len > t->size - off)
		return complain(EXIT_USAGE,
			"bytes %" PRIu64 "+%" PRIu64
			" are not inside '%s', which has %" PRIu64,
			off, len, t->name, t->size);
	t->off = off;
	t->len = len;
	return EXIT_OK;
}

int target_read_name(const struct place *place, bool whole, struct target *t)
{
	struct address a = { 0 };
	int rc = classify(t, &a);

	if (!rc)
		rc = check_place(place, &a, t);
	if (!rc)
		rc = set_place(place, &a, whole, t);
	return rc;
}
