/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The truth table: what must happen when poison is met, as data.
 *
 * An expected and an actual outcome are the same structure, so that one
 * function prints both and one compares them.
 */
#ifndef POISONCTL_EXPECT_H
#define POISONCTL_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum access_kind {
	ACCESS_DEFAULT = -1,
	ACCESS_LOAD,		/* 8-byte load from a mapping */
	ACCESS_STORE,		/* 8-byte store to a mapping */
	ACCESS_READ,		/* read(2), from one page in front if it can */
	ACCESS_WRITE,		/* write(2) of the whole page */
	ACCESS_WRITE_PART,	/* write(2) of 512 bytes of it */
	ACCESS_NONE,
};

enum map_kind { MAP_IS_SHARED, MAP_IS_PRIVATE };

enum signal_policy {
	POLICY_HANDLER,
	POLICY_DEFAULT,
	POLICY_EARLY,		/* a handler, and an early-kill bystander */
};

enum map_when { WHEN_BEFORE, WHEN_AFTER };

enum family {
	FAMILY_AUTO = -1,
	FAMILY_61,		/* before Linux 6.5, with its own fs/dax */
	FAMILY_61_OURS,		/* with the DAX core of this project */
	FAMILY_65,		/* Linux 6.5 and later */
};

extern const char * const access_names[];
extern const char * const map_names[];
extern const char * const policy_names[];
extern const char * const when_names[];
extern const char * const family_names[];

/* Through what the bytes are reached. */
enum device_kind { DEV_FILE, DEV_DEVDAX, DEV_BLOCK };

/* What is known about the page when the access is made. */
enum poison_state {
	POISON_LATENT,		/* the firmware knows, the kernel does not */
	POISON_LISTED,		/* in badblocks */
	POISON_FLAGGED,		/* PG_hwpoison, in no list */
};

struct situation {
	enum device_kind dev;
	enum poison_state poison;
	bool by_consumer;	/* the consumer itself calls MADV_HWPOISON */
	enum access_kind access;
	enum map_kind map;
	enum signal_policy policy;
	enum map_when when;
	enum family family;
	int map_shift;		/* log2 of what one mapping entry covers */
	uint64_t access_off;	/* bytes from the mapped page to the access */
	uint64_t lead;		/* bytes that read(2) asks for in front */
	uint64_t line;		/* bytes of the page in front of the poison */
	uint64_t request;	/* bytes that read(2) or write(2) asks for */
};

/* A signal: code 0 means that none came. */
struct signal_info {
	int code;		/* BUS_* */
	int lsb;
	int64_t off;		/* si_addr, from the mapped page, in bytes */
};

enum data_state {
	DATA_UNKNOWN,
	DATA_OLD,		/* as before the poison */
	DATA_NEW,		/* as written */
	DATA_OTHER,
};

enum listing { LISTING_ANY, LISTING_YES, LISTING_NO };

struct outcome {
	bool planted;		/* the consumer called MADV_HWPOISON itself */
	struct signal_info plant;
	bool accessed;
	struct signal_info access;
	int killed;		/* signal number that ended it, or 0 */
	bool syscall;		/* read(2) or write(2) was used */
	uint64_t bytes;		/* that it moved */
	int err[2];		/* errno, and another one that is as good */
	enum data_state data;
	bool bystander;		/* there was one that wants early kill */
	bool others_live;
	struct signal_info other;	/* what the bystander got */
	enum listing badblock;
	enum listing record;	/* of the firmware */
};

/**
 * expect_outcome() - look a situation up in the truth table
 * @s: the situation
 * @o: the outcome; a member that the table does not decide is 0
 * @source: receives where the row comes from
 *
 * Return: true; false if the table has no row, because the combination is
 * senseless or would bring the kernel down.
 */
bool expect_outcome(const struct situation *s, struct outcome *o,
		    const char **source);

/**
 * outcome_text() - an outcome in one line
 * @buf: receives it
 */
void outcome_text(const struct outcome *o, char *buf, size_t size);

/**
 * outcome_differs() - compare an actual outcome with the expected one
 * @why: receives the first difference, in words
 *
 * Return: true if they differ.
 */
bool outcome_differs(const struct outcome *expected,
		     const struct outcome *actual, char *why, size_t size);

/**
 * expect_family() - the kernel's family by its release
 * @release: as uname -r prints it
 *
 * Return: FAMILY_65 from 6.5 on, else FAMILY_61.
 */
enum family expect_family(const char *release);

/**
 * signal_code_name() - name of a SIGBUS code
 */
const char *signal_code_name(int code);

#endif
